"""Whether the database can be used, asked without changing anything, and what an error says of it.

Locked, full, read-only and gone are no faults of the program: whoever asks is told to come back (BI-101).
"""

from __future__ import annotations

import errno
from enum import StrEnum
from functools import cache

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from policy_match.store.database import Database, revision_of, revisions

_TURN_MS = 1000


class Outage(StrEnum):
    """Why the database cannot be used."""

    GONE = "gone"
    BUSY = "busy"
    READ_ONLY = "read_only"
    FULL = "full"
    OTHER_SCHEMA = "other_schema"


# Primary result codes of SQLite: BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB.
_SQLITE = {
    5: Outage.BUSY,
    6: Outage.BUSY,
    8: Outage.READ_ONLY,
    10: Outage.GONE,
    11: Outage.GONE,
    13: Outage.FULL,
    14: Outage.GONE,
    26: Outage.GONE,
}
# SQLSTATE of PostgreSQL, whole or by class; what is longer goes first.
_POSTGRESQL = {
    "25006": Outage.READ_ONLY,
    "53100": Outage.FULL,
    "57014": Outage.BUSY,
    "08": Outage.GONE,
    "40": Outage.BUSY,
    "53": Outage.BUSY,
    "55": Outage.BUSY,
    "57": Outage.GONE,
    "58": Outage.GONE,
}
_FILES = {errno.ENOSPC: Outage.FULL, errno.EDQUOT: Outage.FULL, errno.EROFS: Outage.READ_ONLY}


def outage_of(error: BaseException) -> Outage | None:
    """What an error says of the database or its disk; None where it says nothing, such as a fault in a statement."""
    if isinstance(error, NoConnectionFree):
        return Outage.BUSY
    told = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(told, OSError):
        return _FILES.get(told.errno or 0)
    code = getattr(told, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE.get(code & 0xFF)
    state = getattr(told, "sqlstate", None)
    if isinstance(state, str):
        return next((found for start, found in _POSTGRESQL.items() if state.startswith(start)), None)
    return Outage.GONE if isinstance(error, OperationalError) else None


def reading_outage(database: Database) -> Outage | None:
    """Why nothing can be read; None if it can. A schema that is not the newest counts as not readable."""
    try:
        with database.engine.connect() as connection:
            return None if revision_of(connection) == _newest() else Outage.OTHER_SCHEMA
    except (DBAPIError, NoConnectionFree) as error:
        return outage_of(error) or Outage.GONE


def writing_outage(database: Database) -> Outage | None:
    """Why nothing can be written; None if it can. The turn to write is taken and given back; it waits a second for another writer."""
    try:
        if database.engine.dialect.name == "sqlite":
            _take_turn_on_file(database.engine)
            return None
        with database.engine.connect() as connection:
            read_only = connection.exec_driver_sql("SELECT current_setting('transaction_read_only')").scalar_one()
            return Outage.READ_ONLY if read_only == "on" else None
    except Exception as error:
        found = outage_of(error)
        if found is None:
            raise
        return found


def _take_turn_on_file(engine: Engine) -> None:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout={_TURN_MS}")
        try:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
        finally:
            cursor.execute(f"PRAGMA busy_timeout={patience}")
    finally:
        connection.close()


@cache
def _newest() -> str:
    return revisions()[-1]
