"""The chain names the first row that was changed, taken out, rewritten or cut off."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from policy_match.store.audit import (
    Head,
    Sought,
    break_in_last,
    count,
    first_break,
    found,
    hash_of,
    head,
    newest_of_each,
    record,
)
from policy_match.store.database import Database
from policy_match.store.tables import Actor, Audit

NOW = datetime(2025, 3, 31, 2, tzinfo=UTC)
JOB = Actor(id="job", name="作业", role="job", valid_from=date(2025, 1, 1))


def chain(database: Database, rows: int) -> list[Head]:
    """A chain of that many rows, and its head after each."""
    heads = []
    with database.writing() as session:
        for number in range(rows):
            row = record(
                session,
                JOB,
                "example",
                object_kind="project",
                object_id=f"P{number}",
                at=NOW + timedelta(seconds=number),
            )
            heads.append(Head(row.seq, row.row_hash, row.at))
    return heads


def broken_at(database: Database, kept: list[Head] | None = None) -> int | None:
    with database.reading() as session:
        found = first_break(session, kept or ())
    return None if found is None else found.seq


def test_a_chain_nobody_touched_holds(database: Database) -> None:
    heads = chain(database, 20)

    assert broken_at(database, heads) is None
    with database.reading() as session:
        assert head(session) == heads[-1]


def test_an_empty_chain_holds_and_has_no_head(database: Database) -> None:
    assert broken_at(database) is None
    with database.reading() as session:
        assert head(session) is None


def test_one_byte_changed_in_a_thousand_rows_is_named(database: Database) -> None:
    chain(database, 1000)
    with database.writing() as session:
        session.execute(update(Audit).where(Audit.seq == 500).values(object_id="P498"))

    assert broken_at(database) == 500


@pytest.mark.parametrize(
    "column", ["actor", "role", "action", "object_kind", "library", "result", "reason", "trace_id", "detail"]
)
def test_no_part_of_a_row_can_be_changed_unseen(database: Database, column: str) -> None:
    chain(database, 3)
    with database.writing() as session:
        session.execute(update(Audit).where(Audit.seq == 2).values({column: "{}x"}))

    assert broken_at(database) == 2


def test_a_row_of_a_library_cannot_be_moved_to_the_other_or_to_none(database: Database) -> None:
    with database.writing() as session:
        record(session, JOB, "example", object_kind="project", object_id="P1", at=NOW, library="real")
    assert broken_at(database) is None

    for library in ("demo", None):
        with database.writing() as session:
            session.execute(update(Audit).values(library=library))
        assert broken_at(database) == 1


def test_a_row_from_before_libraries_were_noted_keeps_its_hash() -> None:
    row = Audit(
        seq=1, at=NOW, actor="job", role="job", action="example", object_kind="project", object_id="P0", result="done",
        detail="{}", prev_hash="0" * 64,
    )  # fmt: skip

    assert hash_of(row) == "0c3c4559c059f43103deefbbf8e1c1270034d6e7c9d2770b64f51d25177e7fc7"


def test_a_row_taken_out_is_named(database: Database) -> None:
    chain(database, 5)
    with database.writing() as session:
        session.execute(delete(Audit).where(Audit.seq == 3))

    assert broken_at(database) == 3


def test_rows_cut_off_at_the_end_are_found_by_a_head_kept_outside_only(database: Database) -> None:
    heads = chain(database, 5)
    with database.writing() as session:
        session.execute(delete(Audit).where(Audit.seq > 3))

    assert broken_at(database) is None
    assert broken_at(database, heads) == 4


def test_a_chain_rewritten_with_fresh_hashes_is_found_after_the_last_head_that_still_agrees(database: Database) -> None:
    heads = chain(database, 6)
    with database.writing() as session:
        before = ""
        for row in session.scalars(select(Audit).order_by(Audit.seq)):
            if row.seq >= 4:
                row.object_id, row.prev_hash = "other", before or row.prev_hash
                row.row_hash = hash_of(row)
                before = row.row_hash

    assert broken_at(database) is None
    assert broken_at(database, [heads[2], heads[5]]) == 4


def test_a_change_that_fails_leaves_no_row(database: Database) -> None:
    def fail() -> None:
        with database.writing() as session:
            record(session, JOB, "example", object_kind="project", object_id="P1", at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert broken_at(database) is None
    assert len(chain(database, 1)) == 1


def test_of_the_newest_rows_the_first_wrong_one_is_named_and_older_ones_are_not_looked_at(database: Database) -> None:
    def broken(most: int) -> int | None:
        with database.reading() as session:
            wrong = break_in_last(session, most)
        return None if wrong is None else wrong.seq

    assert broken(5) is None
    chain(database, 20)
    assert broken(5) is broken(20) is broken(100) is None
    with database.writing() as session:
        session.execute(update(Audit).where(Audit.seq == 15).values(object_id="P0"))
    assert (broken(5), broken(6), broken(100)) == (None, 15, 15)
    with database.writing() as session:
        session.execute(delete(Audit).where(Audit.seq == 18))
    assert (broken(4), broken(2), broken(1)) == (18, 18, None)
    with database.writing() as session:
        session.execute(delete(Audit).where(Audit.seq == 1))
    assert broken(100) == 1


def test_rows_are_found_newest_first_by_what_is_asked_and_wildcards_mean_themselves(database: Database) -> None:
    chain(database, 12)
    with database.writing() as session:
        record(
            session, JOB, "sign_in", object_kind="access", object_id="job", at=NOW, library="demo", result="forbidden"
        )

    with database.reading() as session:
        assert [row.seq for row in found(session, Sought(), 0, 3)] == [13, 12, 11]
        assert [row.seq for row in found(session, Sought(), 11, 9)] == [2, 1]
        assert count(session, Sought()) == 13
        assert count(session, Sought(about="P1")) == 3
        assert count(session, Sought(about="P_")) == count(session, Sought(action="exa%")) == 0
        assert count(session, Sought(actor="jo")) == 0 and count(session, Sought(actor="job")) == 13
        assert count(session, Sought(result="forbidden")) == count(session, Sought(library="demo")) == 1
        assert count(session, Sought(demo_alone=True)) == 1
        since, until = NOW + timedelta(seconds=3), NOW + timedelta(seconds=5)
        assert [row.object_id for row in found(session, Sought(since=since, until=until), 0, 9)] == ["P4", "P3"]
        assert newest_of_each(session, "example") == {"job": NOW + timedelta(seconds=11)}
        assert newest_of_each(session, "nothing") == {}
