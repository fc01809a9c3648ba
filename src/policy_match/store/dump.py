"""Every row of the database as plain values of JSON, and back into an empty one: the same for SQLite and PostgreSQL.

The tables are those that are there, whatever the revision of the schema, so that none is forgotten. Instants are UTC
with microseconds, days ISO, bytes hex, and JSON is its own text, in which the null of JSON is not the null of SQL.
The full-text index is no part of it: each database makes its own from `subject_words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Dialect,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    cast,
    event,
    func,
    select,
    text,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from policy_match.store.bulk import insert_rows

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import ReflectedColumn

PlainRow: TypeAlias = "Mapping[str, str | int | bool | None]"
_NO_TABLES = ("alembic_version", "subject_words_fts")
_CHUNK = 5_000


class _JsonText(TypeDecorator[str]):
    impl = Text
    cache_ok = True

    def column_expression(self, column: ColumnElement[str]) -> ColumnElement[str]:
        return cast(column, Text)


class _InstantText(TypeDecorator[str]):
    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return utc.isoformat(timespec="microseconds")

    def process_bind_param(self, value: str | None, dialect: Dialect) -> datetime | None:
        # SQLite keeps the figures alone, and they are UTC.
        return None if value is None else datetime.fromisoformat(value).astimezone(UTC)


class _DayText(TypeDecorator[str]):
    impl = Date
    cache_ok = True

    def process_result_value(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class _HexText(TypeDecorator[str]):
    impl = LargeBinary
    cache_ok = True

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else value.hex()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value)


_PLAIN: tuple[tuple[type[object], type[TypeDecorator[str]]], ...] = (
    (JSON, _JsonText),
    (DateTime, _InstantText),
    (Date, _DayText),
    (LargeBinary, _HexText),
)


def tables_of(connection: Connection) -> list[Table]:
    """The tables that are there, each after those to which its rows refer; their columns give and take plain values."""
    metadata = MetaData()
    event.listen(metadata, "column_reflect", _make_plain)
    left_out = (*_NO_TABLES, *_partitions(connection))
    metadata.reflect(connection, only=lambda name, _: not name.startswith(left_out))
    return metadata.sorted_tables


def _partitions(connection: Connection) -> list[str]:
    """The parts of partitioned tables: their rows are those of the whole."""
    if connection.dialect.name != "postgresql":
        return []
    return list(
        connection.execute(text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")).scalars()
    )


def _make_plain(_inspector: object, _table: Table, column: ReflectedColumn) -> None:
    for kind, plain in _PLAIN:
        if isinstance(column["type"], kind):
            column["type"] = plain()


def count(session: Session, table: Table) -> int:
    """How many rows a table has."""
    return session.scalars(select(func.count()).select_from(table)).one()


def rows_of(session: Session, table: Table) -> Iterator[PlainRow]:
    """All rows of a table in the order of its key, read as they are asked for; texts by code point on both databases."""
    asked = select(table).order_by(*(_in_order(session, column) for column in table.primary_key))
    names = [str(column.name) for column in table.c]
    with session.execute(asked, execution_options={"yield_per": _CHUNK}) as found:
        for row in found:
            yield dict(zip(names, row, strict=True))


def _in_order(session: Session, column: Column[object]) -> ColumnElement[str] | Column[object]:
    by_locale = isinstance(column.type, String) and session.get_bind().dialect.name == "postgresql"
    return column.collate("C") if by_locale else column


def filled_table(session: Session) -> str | None:
    """The name of a table that has a row; None if the database is empty."""
    for table in tables_of(session.connection()):
        if session.execute(select(1).select_from(table).limit(1)).first() is not None:
            return table.name
    return None


def fill(session: Session, table: Table, rows: Iterable[PlainRow]) -> None:
    """Insert rows that `rows_of` gave, and let the database number its own rows after them.

    A row that the database refuses is an error of SQLAlchemy, at the latest when the transaction ends.
    """
    # A row may refer to a later one of its own table: SQLite is told to ask at the end of the transaction,
    # PostgreSQL asks at the end of the statement, so that such a table goes in by one.
    on_server = session.get_bind().dialect.name == "postgresql"
    if not on_server:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
    size = None if any(key.references(table) for column in table.c for key in column.foreign_keys) else _CHUNK
    rest = iter(rows)
    while chunk := list(islice(rest, size)):
        insert_rows(session, table, chunk)
    if on_server:
        _number_after(session, table)


def _number_after(session: Session, table: Table) -> None:
    for column in table.primary_key:
        numbers = session.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        if numbers is not None:
            session.execute(select(func.setval(numbers, func.max(column))))
