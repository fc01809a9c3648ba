"""Nothing that was said is lost or kept twice; today's view is what the log says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from policy_match.facts.assemble import assemble
from policy_match.facts.observations import Observation, Purpose
from policy_match.facts.vocabulary import Vocabulary
from policy_match.store.database import Database, open_database
from policy_match.store.facts import Kept, keep, known, rebuild
from policy_match.store.tables import Actor, CurrentFacts, Fact, Subject
from policy_match.units import Band

DAY = date(2025, 6, 30)
NOW = datetime(2025, 6, 30, 4, tzinfo=UTC)


def seen(amount: int, source: str = "TZXM", days_ago: int = 0, **more: object) -> Observation:
    own = Observation("total_investment", Band.exact(amount), source, DAY - timedelta(days=days_ago), NOW)
    return replace(own, **more)  # type: ignore[arg-type]


def project(database: Database, code: str = "P1") -> int:
    with database.writing() as session:
        if session.get(Actor, "job") is None:
            session.add(Actor(id="job", name="作业", role="job", valid_from=date(2025, 1, 1)))
        row = Subject(library="real", kind="project", code=code, created_at=NOW)
        session.add(row)
        session.flush()
        return row.id


def kept(database: Database, vocabulary: Vocabulary, subject: int, *observations: Observation) -> Kept:
    with database.writing() as session:
        return keep(session, {subject: observations}, vocabulary, actor_id="job")


def today(database: Database, vocabulary: Vocabulary, subject: int) -> dict[str, list[Observation]]:
    with database.reading() as session:
        return known(session, [subject], vocabulary)[subject]


def test_what_was_kept_is_given_back_whole(database: Database, vocabulary: Vocabulary) -> None:
    subject = project(database)
    own = seen(
        100, record="A1", confidence=80, authorised_by="协议1", valid_from=DAY, valid_through=DAY + timedelta(days=9)
    )

    assert kept(database, vocabulary, subject, own) == Kept(1, 0)
    assert today(database, vocabulary, subject) == {"total_investment": [own]}


def test_the_same_observation_received_again_is_not_added(database: Database, vocabulary: Vocabulary) -> None:
    subject = project(database)
    kept(database, vocabulary, subject, seen(100))

    again = kept(database, vocabulary, subject, seen(100, received_at=NOW + timedelta(days=3)), seen(100), seen(101))

    assert again == Kept(1, 2)


def test_an_older_record_that_comes_later_is_kept_and_does_not_override(
    database: Database, vocabulary: Vocabulary
) -> None:
    subject = project(database)
    kept(database, vocabulary, subject, seen(200))
    kept(database, vocabulary, subject, seen(100, days_ago=5, received_at=NOW + timedelta(days=1)))

    assert [o.value for o in today(database, vocabulary, subject)["total_investment"]] == [Band.exact(200)]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Fact)) == 2


def test_what_was_known_then_is_told_without_what_came_later(database: Database, vocabulary: Vocabulary) -> None:
    subject = project(database)
    kept(database, vocabulary, subject, seen(100, days_ago=8))
    kept(database, vocabulary, subject, seen(200, received_at=NOW + timedelta(days=7)))
    with database.reading() as session:
        then = known(session, [subject], vocabulary, known_at=NOW)[subject]
        after = known(session, [subject], vocabulary, known_at=NOW + timedelta(days=7))[subject]

    assert [o.value for o in then["total_investment"]] == [Band.exact(100)]
    assert len(after["total_investment"]) == 2


def test_a_failed_block_leaves_neither_log_nor_view(database: Database, vocabulary: Vocabulary) -> None:
    subject = project(database)

    def fail() -> None:
        with database.writing() as session:
            keep(session, {subject: [seen(100)]}, vocabulary, actor_id="job")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert today(database, vocabulary, subject) == {}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Fact)) == 0


SOURCES = st.sampled_from(["TZXM", "DEPT", "SELF", "FAI"])
PERIODS = st.sampled_from([None, DAY - timedelta(days=3), DAY + timedelta(days=3)])
OBSERVATIONS = st.builds(
    seen,
    st.integers(1, 4),
    SOURCES,
    st.integers(0, 40),
    record=st.sampled_from([None, "A", "B"]),
    valid_through=PERIODS,
    received_at=st.integers(0, 5).map(lambda days: NOW - timedelta(days=days)),
)


@settings(max_examples=25)
@given(st.lists(st.lists(OBSERVATIONS, max_size=3), max_size=4))
def test_todays_view_decides_as_the_log_does_and_can_be_rebuilt(
    tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary, batches: Sequence[Sequence[Observation]]
) -> None:
    opened = open_database(f"sqlite:///{tmp_path_factory.mktemp('law') / 'library.db'}")
    subject, spec = project(opened), vocabulary["total_investment"]
    for observations in batches:
        kept(opened, vocabulary, subject, *observations)

    def decided(observations: Sequence[Observation]) -> object:
        cell = assemble(spec, observations, vocabulary, DAY, Purpose.SERVICE).cell
        return cell.value, cell.cause, cell.source

    view = today(opened, vocabulary, subject).get("total_investment", [])
    with opened.reading() as session:
        log = known(session, [subject], vocabulary, known_at=NOW + timedelta(days=9))[subject].get(
            "total_investment", []
        )
    with opened.writing() as session:
        before = session.scalars(select(CurrentFacts.observations)).all()
        rebuild(session, vocabulary)
    with opened.reading() as session:
        after = session.scalars(select(CurrentFacts.observations)).all()
    opened.close()

    assert decided(view) == decided(log)
    assert after == before
