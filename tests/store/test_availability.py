"""Whether the database can be used: asked without a trace, told apart from faults of ours, on both databases."""

from __future__ import annotations

import errno
import shutil
import time
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from policy_match.store.availability import Outage, outage_of, reading_outage, writing_outage
from policy_match.store.database import Database, open_database, stay_open


def test_a_database_that_is_there_can_be_read_and_written(database: Database) -> None:
    assert (reading_outage(database), writing_outage(database)) == (None, None)


def test_another_schema_than_the_newest_is_an_outage(database: Database) -> None:
    with database.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    assert reading_outage(database) is Outage.OTHER_SCHEMA


def test_a_read_only_database_can_be_read_and_not_written(database: Database) -> None:
    is_file = database.engine.dialect.name == "sqlite"
    said = "PRAGMA query_only=ON" if is_file else "SET default_transaction_read_only = on"

    @event.listens_for(database.engine, "connect")
    def say(connection: object, _entry: object) -> None:
        connection.cursor().execute(said)  # type: ignore[attr-defined]
        connection.commit()  # type: ignore[attr-defined]

    database.engine.dispose()
    with pytest.raises(DBAPIError) as refused, database.writing() as session:
        session.connection().exec_driver_sql("UPDATE subjects SET name = ''")

    assert (reading_outage(database), writing_outage(database)) == (None, Outage.READ_ONLY)
    assert outage_of(refused.value) is Outage.READ_ONLY


def test_a_writer_of_a_service_waits_only_so_long_and_reading_goes_on(database: Database) -> None:
    stay_open(database, wait_seconds=0.3)

    with database.writing() as held:
        held.connection().exec_driver_sql("SELECT 1")
        begun = time.monotonic()
        with pytest.raises(DBAPIError) as refused, database.writing() as session:
            session.connection().exec_driver_sql("SELECT 1")
        waited = time.monotonic() - begun
        reading = reading_outage(database)

    assert outage_of(refused.value) is Outage.BUSY
    assert 0.2 < waited < 20
    assert reading is None
    with database.writing() as session:
        session.connection().exec_driver_sql("SELECT 1")


def test_a_fault_in_a_statement_is_no_outage(database: Database) -> None:
    with pytest.raises(DBAPIError) as wrong, database.reading() as session:
        session.connection().exec_driver_sql("SELECT nothing FROM nowhere")

    assert outage_of(wrong.value) is None


@pytest.mark.parametrize(
    ("number", "outage"),
    [(errno.ENOSPC, Outage.FULL), (errno.EDQUOT, Outage.FULL), (errno.EROFS, Outage.READ_ONLY), (errno.ENOENT, None)],
)
def test_of_files_only_a_full_or_read_only_disk_is_an_outage(number: int, outage: Outage | None) -> None:
    assert outage_of(OSError(number, "")) is outage


def test_a_file_that_was_taken_away_or_replaced_is_noticed_and_none_is_made_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    database = open_database(f"sqlite:///{path}")
    database.engine.dispose()
    shutil.copy(path, tmp_path / "other.db")
    stay_open(database, wait_seconds=0.3)
    before = reading_outage(database)

    path.rename(tmp_path / "away.db")
    gone = (reading_outage(database), writing_outage(database), path.exists())
    (tmp_path / "other.db").rename(path)
    with database.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    replaced = reading_outage(database)
    database.close()

    assert (before, gone, replaced) == (None, (Outage.GONE, Outage.GONE, False), Outage.OTHER_SCHEMA)
    away = open_database(f"sqlite:///{tmp_path / 'away.db'}")
    assert reading_outage(away) is None
    away.close()
