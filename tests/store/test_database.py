"""One transaction is kept whole or leaves nothing; the schema is the one the code reads; wrong addresses are told in Chinese."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from policy_match.errors import UsageError
from policy_match.store.database import Database, migrate, open_database
from policy_match.store.posts import agents
from policy_match.store.subjects import keys_of
from policy_match.store.tables import Actor, Base, Batch, Post, Subject

NOW = datetime(2025, 3, 31, 2, tzinfo=UTC)


def actor(name: str = "job") -> Actor:
    return Actor(id=name, name="作业", role="job", valid_from=date(2025, 1, 1))


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Actor)) or 0


def test_the_migrations_lead_to_the_schema_that_the_code_reads(database: Database) -> None:
    # The index of full text is each database's own (migration 0006); FTS5 keeps tables beside it. So are partitions.
    ours = ("subject_words_fts", "roll_pairs_0", "roll_pairs_1")
    own = {"include_name": lambda name, _kind, _parents: not (name or "").startswith(ours)}
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=own), Base.metadata) == []


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


def test_transactions_that_belong_together_are_kept_together(database: Database) -> None:
    with database.together() as whole:
        for name in ("a", "b"):
            with whole.writing() as session:
                session.add(actor(name))
        seen = (count(whole), count(database))

    assert seen == (2, 0)
    assert count(database) == 2


def test_one_that_raises_among_them_takes_back_only_its_own(database: Database) -> None:
    def fail(whole: Database) -> None:
        with whole.writing() as session:
            session.add(actor("b"))
            session.flush()
            raise RuntimeError

    with database.together() as whole:
        with whole.writing() as session:
            session.add(actor("a"))
        with pytest.raises(RuntimeError):
            fail(whole)
        with whole.reading() as session:
            session.add(actor("c"))
            session.flush()

    assert count(database) == 1


def test_an_error_that_leaves_the_block_takes_all_of_them_back(database: Database) -> None:
    def fail() -> None:
        with database.together() as whole:
            with whole.writing() as session:
                session.add(actor())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

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


def test_posts_and_ended_numbers_of_an_older_archive_count_as_known_from_their_own_day(address: str) -> None:
    empty = create_engine(address)
    with empty.connect() as connection:
        migrate(connection, "0003")
        connection.execute(
            text(
                "INSERT INTO subjects (id, library, kind, code, extra, created_at, row_version)"
                " VALUES (1, 'real', 'project', 'P', '{}', '2025-01-01 00:00:00', 1)"
            )
        )
        for number, through in ((1, "'2025-03-31'"), (2, "NULL")):
            connection.execute(
                text(
                    "INSERT INTO keys (id, library, subject_id, kind, value, exclusive, source, received_at, valid_through)"
                    f" VALUES ({number}, 'real', 1, 'XMDM', 'K{number}', true, 'DEPT', '2025-01-01 00:00:00', {through})"
                )
            )
        for number, since, until in ((1, "2025-01-06", "'2025-03-31'"), (2, "2025-03-31", "NULL")):
            connection.execute(
                text(
                    "INSERT INTO posts (id, library, kind, unit, subject_id, holder, is_primary, since, until, checked_on)"
                    f" VALUES ({number}, 'real', 'agent', 'U', 1, 'H{number}', true, '{since}', {until}, '{since}')"
                )
            )
        migrate(connection)
        connection.commit()

    with Session(empty) as session:
        subject = session.get_one(Subject, 1)
        ends = {key.value: (key.valid_through, key.ended_at) for key in keys_of(session, [1])[1]}
        terms = agents(session, [subject], None)[1]
        recorded = [post.recorded_at for post in session.scalars(select(Post).order_by(Post.id))]
    assert ends == {"K1": (date(2025, 3, 31), datetime(2025, 3, 30, 16, tzinfo=UTC)), "K2": (None, None)}
    assert [(one.holder, one.since, one.until) for one in terms] == [
        ("H1", date(2025, 1, 6), date(2025, 3, 31)), ("H2", date(2025, 3, 31), None),
    ]  # fmt: skip
    empty.dispose()
    assert recorded == [datetime(2025, 1, 5, 16, tzinfo=UTC), datetime(2025, 3, 30, 16, tzinfo=UTC)]
