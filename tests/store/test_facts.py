"""Nothing that was said is lost or kept twice; today's view is what the log says."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, StatementError

from policy_match.facts.assemble import assemble, cells_of
from policy_match.facts.cells import Item, Items
from policy_match.facts.observations import Observation, Purpose
from policy_match.facts.vocabulary import Vocabulary
from policy_match.store.bulk import insert_rows
from policy_match.store.database import Database, open_database
from policy_match.store.facts import Kept, keep, known, known_cells, rebuild
from policy_match.store.tables import Actor, CurrentFacts, Fact, Subject
from policy_match.units import Band

DAY = date(2025, 6, 30)
NOW = datetime(2025, 6, 30, 4, tzinfo=UTC)
FACTS = Fact.metadata.tables["facts"]
ROOT = Path(__file__).resolve().parents[2]


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


def test_of_what_a_source_says_at_one_instant_the_later_word_counts_in_the_view_as_in_the_log(
    database: Database, vocabulary: Vocabulary
) -> None:
    subject, spec = project(database), vocabulary["total_investment"]
    kept(database, vocabulary, subject, seen(300), seen(100))
    kept(database, vocabulary, subject, seen(200))
    with database.reading() as session:
        log = known(session, [subject], vocabulary, known_at=NOW)[subject]["total_investment"]
    view = today(database, vocabulary, subject)["total_investment"]

    found = [assemble(spec, own, vocabulary, DAY, Purpose.SERVICE).cell.value for own in (log, view)]

    assert found == [Band.exact(200), Band.exact(200)]


def several(database: Database, vocabulary: Vocabulary) -> list[int]:
    """Three subjects: one of whom nothing is said, one with an only observation, one with a dispute and a stale list."""
    ids = [project(database, f"P{number}") for number in range(3)]
    lists = Observation("lists", Items((Item("市重点"),)), "PUBLIC", DAY - timedelta(days=400), NOW)
    said = {ids[1]: [seen(100)], ids[2]: [seen(100), seen(300, "SELF"), lists]}
    with database.writing() as session:
        keep(session, said, vocabulary, actor_id="job")
    return ids


@pytest.mark.parametrize("known_at", [None, NOW, NOW - timedelta(days=1)])
def test_cells_are_those_of_the_observations_of_today_and_of_an_earlier_state(
    database: Database, vocabulary: Vocabulary, known_at: datetime | None
) -> None:
    ids = several(database, vocabulary)
    with database.reading() as session:
        told = known(session, ids, vocabulary, known_at=known_at)
        cells = known_cells(session, ids, vocabulary, as_of=DAY, purpose=Purpose.SERVICE, known_at=known_at)

    assert cells == {one: cells_of(own, vocabulary, DAY, Purpose.SERVICE) for one, own in told.items()}
    assert [len(cells[one]) for one in ids] == ([0, 0, 0] if known_at and known_at < NOW else [0, 1, 2])


def test_whoever_waits_hears_of_every_subject(database: Database, vocabulary: Vocabulary) -> None:
    said = {project(database, f"P{number}"): [seen(number)] for number in range(3)}
    heard: list[int] = []
    with database.writing() as session:
        keep(session, said, vocabulary, actor_id="job", told=heard.append)

    assert sum(heard) == 3


def test_a_view_is_rebuilt_without_facts_that_the_vocabulary_no_longer_has(
    database: Database, vocabulary: Vocabulary
) -> None:
    subject = project(database)
    kept(database, vocabulary, subject, seen(100), replace(seen(1), fact="jobs_planned"))
    fewer = replace(vocabulary, facts={"jobs_planned": vocabulary["jobs_planned"]})
    with database.writing() as session:
        rebuild(session, fewer)

    assert set(today(database, vocabulary, subject)) == {"jobs_planned"}


def test_rows_that_the_database_refuses_are_the_same_error_everywhere(
    database: Database, vocabulary: Vocabulary
) -> None:
    subject = project(database)
    kept(database, vocabulary, subject, seen(100))
    with database.reading() as session:
        row = dict(session.execute(select(*FACTS.c).where(FACTS.c.subject_id == subject)).mappings().one())

    def twice() -> None:
        with database.writing() as session:
            insert_rows(session, FACTS, [row | {"id": 999}])

    with pytest.raises(IntegrityError):
        twice()


def test_an_instant_without_zone_is_refused_and_nothing_is_kept(database: Database, vocabulary: Vocabulary) -> None:
    subject = project(database)

    with pytest.raises((ValueError, StatementError), match="no time zone"):
        kept(database, vocabulary, subject, seen(100, received_at=datetime(2025, 6, 30, 4)))

    assert today(database, vocabulary, subject) == {}


IMPORT = """
import sys, time
from policy_match.store.bulk import insert_rows
from policy_match.store.database import open_database
from policy_match.store.facts import keep
from policy_match.store.tables import Fact
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, StatementError
from test_facts import NOW, seen
from policy_match.store.tables import Subject
from policy_match.workflows.open_rules import open_vocabulary
from pathlib import Path

def stop(done):
    print(session.scalar(select(func.count()).select_from(Fact)), flush=True)
    time.sleep(600)

vocabulary = open_vocabulary(Path(sys.argv[2]), Path(sys.argv[3]))
with open_database(sys.argv[1]).writing() as session:
    session.add_all(Subject(library="real", kind="project", code=f"N{n}", created_at=NOW) for n in range(900))
    session.flush()
    ids = session.scalars(select(Subject.id))
    keep(session, {subject: [seen(n + 1)] for n, subject in enumerate(ids)}, vocabulary, actor_id="job", told=stop)
"""


def test_an_import_that_is_killed_half_way_leaves_nothing(
    address: str, database: Database, vocabulary: Vocabulary
) -> None:
    subject = project(database)
    command = [sys.executable, "-c", IMPORT, address, str(ROOT / "rules"), str(ROOT / "corpus")]
    with subprocess.Popen(command, cwd=Path(__file__).parent, stdout=subprocess.PIPE, text=True) as child:
        written = int(child.stdout.readline() if child.stdout else 0)
        child.send_signal(signal.SIGKILL)

    opened = open_database(address)
    with opened.reading() as session:
        left = [session.scalar(select(func.count()).select_from(table)) for table in (Fact, CurrentFacts, Subject)]

    assert written == 500
    assert left == [0, 0, 1]
    assert kept(opened, vocabulary, subject, seen(1)) == Kept(1, 0)
    opened.close()


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


def test_a_source_that_comes_back_to_what_it_said_is_heard_each_time(
    database: Database, vocabulary: Vocabulary
) -> None:
    subject = project(database)
    said = [kept(database, vocabulary, subject, seen(amount)).new for amount in (100, 200, 100, 100, 200, 100)]

    assert said == [1, 1, 1, 0, 1, 1]
    assert today(database, vocabulary, subject)["total_investment"][-1].value == Band.exact(100)


def test_a_list_that_says_two_things_of_a_day_adds_nothing_when_it_comes_again(
    database: Database, vocabulary: Vocabulary
) -> None:
    subject = project(database)
    kept(database, vocabulary, subject, seen(100), seen(200))

    assert kept(database, vocabulary, subject, seen(100), seen(200)) == Kept(0, 2)
    assert kept(database, vocabulary, subject, seen(300), seen(100)) == Kept(2, 0)
    assert today(database, vocabulary, subject)["total_investment"][-1].value == Band.exact(100)
