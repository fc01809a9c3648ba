"""One transaction is kept whole or leaves nothing; the schema is the one the code reads; wrong addresses are told in Chinese."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from policy_match.errors import UsageError
from policy_match.store.database import Database, open_database
from policy_match.store.tables import Actor, Base, Batch

NOW = datetime(2025, 3, 31, 2, tzinfo=UTC)


def actor(name: str = "job") -> Actor:
    return Actor(id=name, name="作业", role="job", valid_from=date(2025, 1, 1))


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Actor)) or 0


def test_the_migrations_lead_to_the_schema_that_the_code_reads(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_opening_an_open_database_again_changes_nothing(address: str) -> None:
    first = open_database(address)
    with first.writing() as session:
        session.add(actor())
    again = open_database(address)

    assert count(again) == 1
    first.close()
    again.close()


def test_a_block_that_raises_leaves_nothing_behind(database: Database) -> None:
    def fail() -> None:
        with database.writing() as session:
            session.add(actor())
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert count(database) == 0


def test_a_reader_writes_nothing(database: Database) -> None:
    with database.reading() as session:
        session.add(actor())
        session.flush()

    assert count(database) == 0


def test_two_writers_wait_for_each_other(database: Database) -> None:
    def add(name: str) -> None:
        with database.writing() as session:
            taken = session.scalar(select(func.count()).select_from(Actor))
            session.add(actor(f"{name}{taken}"))

    threads = [threading.Thread(target=add, args=(f"job{number}-",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert count(database) == 8


def test_an_instant_comes_back_in_utc_and_one_without_zone_is_refused(database: Database) -> None:
    with database.writing() as session:
        session.add(actor())
        session.flush()
        batch = Batch(
            library="real", source="TZXM", file_name="a.csv", file_sha256="0" * 64, actor_id="job", received_at=NOW,
            rows=1, refused=0, counts={"new": 1},
        )  # fmt: skip
        session.add(batch)
    with database.reading() as session:
        assert session.scalars(select(Batch)).one().received_at == NOW

    def unclear() -> None:
        with database.writing() as session:
            session.scalars(select(Batch)).one().received_at = NOW.replace(tzinfo=None)

    with pytest.raises(StatementError, match="no time zone"):
        unclear()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "数据库地址不对"),
        ("oracle9://x/y", "数据库地址不对"),
        ("sqlite:////proc/nowhere/a.db", "打不开数据库"),
        ("postgresql://nobody@127.0.0.1:1/nothing", "打不开数据库"),
    ],
)
def test_an_address_that_is_wrong_or_answers_nothing_is_told(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        open_database(address)
