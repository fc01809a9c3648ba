"""Open the database: SQLite (WAL) or PostgreSQL by URL, brought to the newest schema, one transaction a use.

Only doors commit: `writing()` commits when its block ends and rolls back when it raises,
`reading()` never writes. A writer takes its turn before it reads, so that two writers wait for
each other: what one of them has read stays true until it ends.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import ArgumentError, DisconnectionError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from policy_match.errors import Issue, UsageError
from policy_match.store.audit import take_turn

MIGRATIONS = Path(__file__).parent / "migrations"
_WRITES = "policy_match_writes"
PATIENCE_SECONDS = 5
_LOCKED = "55P03"


@dataclass(frozen=True, slots=True)
class Database:
    """An open database at the newest schema. `whole`: the connection whose one transaction holds all others (`together`)."""

    engine: Engine
    whole: Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that is kept if the block ends and leaves nothing behind if it raises."""
        with self.claiming() as session:
            take_turn(session)
            yield session

    @contextmanager
    def claiming(self) -> Iterator[Session]:
        """The same for who takes rows of a queue that are locked one by one, and so needs no turn on PostgreSQL.

        Nothing of it may hang on what others write at the same time; whoever adds to the audit chain takes the turn for it
        (`take_turn`), at the end.
        """
        with self._connected() as connection:
            connection.execution_options(**{_WRITES: True})
            with (
                Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
                session.begin(),
            ):
                yield session

    def write_if_free(self, write: Callable[[Session], None]) -> bool:
        """Write something small that may as well be left out, so that a reader never waits for a long writer.

        False, and nothing is written, if another writer is at work on SQLite; PostgreSQL has writers side by side.
        """
        with self.engine.connect() as connection:
            connection.execution_options(**{_WRITES: True})
            try:
                with _not_waiting(connection), Session(connection) as session, session.begin():
                    write(session)
            except OperationalError:
                return False
        return True

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view; what the block may change is thrown away. What was read stays readable after the block."""
        with self._connected() as connection, Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """For reading: one view from the first question to the last, whatever others write meanwhile."""
        with self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with Session(connection) as session:
                yield session

    @contextmanager
    def together(self) -> Iterator[Database]:
        """This database for transactions one after the other which are all kept when the block ends, or none if it raises.

        Each sees what those before it wrote; one that raises takes back only its own, unless the error leaves the block.
        Other writers wait until the block ends.
        """
        with self.engine.connect() as connection:
            connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield Database(self.engine, connection)

    def _connected(self) -> AbstractContextManager[Connection]:
        return self.engine.connect() if self.whole is None else nullcontext(self.whole)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Connect and bring the schema to the newest state; UsageError if the address or the server is not there, or the tables
    that are to be changed are in use."""
    with _told():
        engine = _engine(url)
        try:
            if not _is_newest(engine):
                _upgrade(engine)
        except BaseException:
            engine.dispose()
            raise
    return Database(engine)


def _upgrade(engine: Engine) -> None:
    """Migrate in one transaction, once however many start at the same time. Whoever waits for a lock on a table holds up all
    who come after, readers too: on PostgreSQL it gives up soon, and the schema stays as it was."""
    with engine.connect() as connection:
        connection.execution_options(**{_WRITES: True})
        with connection.begin():
            if engine.dialect.name == "postgresql":
                take_turn(Session(connection, join_transaction_mode="rollback_only"))
                connection.execute(text(f"SET LOCAL lock_timeout = {round(PATIENCE_SECONDS * 1000)}"))
            if revision_of(connection) != revisions()[-1]:
                migrate(connection)


def connect_database(url: str) -> Database:
    """Connect and leave the schema as it is, which may be none; UsageError if the address or the server is not there."""
    with _told():
        engine = _engine(url)
        engine.connect().close()
    return Database(engine)


def stay_open(database: Database, *, wait_seconds: float) -> None:
    """Make an open database fit for a service, where many ask at once and for a long time.

    No statement waits longer than that for another writer: waiting a minute each they would hold every thread, and nobody
    could read. A SQLite file that was taken away or replaced is noticed, and no empty one is made in its place: what is
    written to a file that nobody can find any more would be lost.
    """
    engine, milliseconds = database.engine, round(wait_seconds * 1000)
    engine.dispose()
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", partial(_say, f"PRAGMA busy_timeout={milliseconds}"))
        event.listen(engine, "do_connect", _connect_to_existing)
        event.listen(engine, "connect", partial(_note_file, str(engine.url.database)))
        event.listen(engine, "checkout", partial(_same_file, str(engine.url.database)))
    else:
        event.listen(engine, "connect", partial(_say, f"SET lock_timeout = {milliseconds}"))


def _say(statement: str, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(statement)
    cursor.close()
    connection.commit()


def _connect_to_existing(
    _dialect: Dialect, _entry: ConnectionPoolEntry, arguments: list[str], _options: object
) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(arguments[0])}?mode=rw", uri=True, check_same_thread=False)


def _note_file(path: str, _connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    entry.info["file"] = _identity(path)


def _same_file(path: str, _connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
    if entry.info["file"] != _identity(path):
        raise DisconnectionError


def _identity(path: str) -> tuple[int, int] | None:
    """Device and number of a file; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _engine(url: str) -> Engine:
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
    # Asked before each use whether it is still there: a server that was started anew is no fault of the next request.
    engine = create_engine(address, hide_parameters=True, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (ArgumentError, NoSuchModuleError) as error:
        allowed = "sqlite:///var/policy_match.db 或 postgresql://用户@主机/库名"
        raise UsageError(Issue("DATABASE_URL", "数据库地址不对", "POLICY_MATCH_DATABASE_URL", allowed)) from error
    except (OperationalError, OSError) as error:
        if getattr(getattr(error, "orig", None), "sqlstate", None) == _LOCKED:
            what, hint = "要升级表结构，但别的程序正在用这些表", "停下用这个库的其他程序再启动；表结构还是原来的"
            raise UsageError(Issue("DATABASE_BUSY", what, "POLICY_MATCH_DATABASE_URL", "", hint)) from error
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        hint = "检查地址、权限，以及数据库是否在运行"
        raise UsageError(
            Issue("DATABASE", f"打不开数据库（{reason}）", "POLICY_MATCH_DATABASE_URL", "", hint)
        ) from error


def _is_newest(engine: Engine) -> bool:
    """Whether there is nothing to migrate: asked without waiting for a writer, who may be a long import."""
    with engine.connect() as connection:
        return revision_of(connection) == revisions()[-1]


def revision_of(connection: Connection) -> str | None:
    """The revision of the schema that is there; None if there is none."""
    return MigrationContext.configure(connection).get_current_revision()


def revisions() -> tuple[str, ...]:
    """The revisions of the schema that this program knows, from the first to the newest."""
    return tuple(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())[::-1]


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to a revision inside the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # Transactions are begun by us (below): the driver's own begin comes too late and only for writes.
    # A writer waits a minute for another one: a whole import, or the demonstration with its history, is one transaction.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=60000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def _not_waiting(connection: Connection) -> Iterator[None]:
    """Let SQLite refuse at once while another one writes; said to its own driver, which begins nothing by it."""
    driver = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    cursor = driver.cursor()
    patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        yield
    finally:
        cursor.execute(f"PRAGMA busy_timeout={patience}")
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
