"""What very many rows need: insertion at once (COPY on PostgreSQL, `executemany` elsewhere), and no search for garbage."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Dialect, Table, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from psycopg import Copy


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that all name the same columns, in their order, inside the session's transaction; what is pending first.

    A row that the database refuses is an error of SQLAlchemy on either database (IntegrityError, DataError, …).
    """
    session.flush()
    connection = session.connection()
    if rows and connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    elif rows:
        connection.execute(insert(table), rows)


def new_ids(session: Session, table: Table, number: int) -> list[int]:
    """So many row ids that nobody has, in order, for rows that are to be inserted in this transaction, which has the turn."""
    if session.get_bind().dialect.name == "postgresql":
        numbers = func.nextval(func.pg_get_serial_sequence(table.name, "id"))
        return list(session.scalars(select(numbers).select_from(func.generate_series(1, number))))
    last = session.scalar(select(func.max(table.c.id))) or 0
    return [*range(last + 1, last + 1 + number)]


def _copy(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """A row of facts takes 17 µs, by `executemany` 40 (2 cores, 2026-11)."""
    columns = [*rows[0]]
    binds = [_bind(table, column, connection.dialect) for column in columns]
    with _copying(connection, table, columns, "") as copy:
        for row in rows:
            copy.write_row([bind(row[column]) for column, bind in zip(columns, binds, strict=True)])


def copy_csv(connection: Connection, table: Table, columns: Sequence[str], lines: bytes | memoryview) -> None:
    """COPY lines of CSV without a header into a table of PostgreSQL; an empty cell without quotes is null."""
    with _copying(connection, table, columns, " WITH (FORMAT csv)") as copy:
        copy.write(lines)


@contextmanager
def _copying(connection: Connection, table: Table, columns: Sequence[str], form: str) -> Iterator[Copy]:
    import psycopg  # its import takes 0.1 s, which nobody needs on SQLite
    from psycopg.sql import SQL, Identifier

    named = SQL(", ").join(map(Identifier, columns))
    statement = SQL("COPY {} ({}) FROM STDIN" + form).format(Identifier(table.name), named)
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"PostgreSQL is spoken to by psycopg, not by {type(driver).__module__}")
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            yield copy
    except psycopg.Error as error:
        raise DBAPIError.instance(
            statement.as_string(driver), None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


@contextmanager
def making_many() -> Iterator[None]:
    """No search for garbage while hundreds of thousands of objects are made that all stay: it would double the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _bind(table: Table, column: str, dialect: Dialect) -> Callable[[object], object]:
    """What the type of a column makes of a value on its way in."""
    return table.c[column].type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is


def _as_it_is(value: object) -> object:
    return value
