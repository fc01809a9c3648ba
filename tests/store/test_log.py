"""Every sort of entry comes back as it was added, in order, and as it was known at an instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy.exc import IntegrityError

from policy_match.lifecycle.clocks import Excuse, Mark
from policy_match.lifecycle.events import Event, Evidence
from policy_match.lifecycle.handovers import Acceptance
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.pools import PoolEntry, PoolKind
from policy_match.lifecycle.quota import EnvironmentEntry, EnvironmentKind, LandEntry, LandKind
from policy_match.lifecycle.tickets import About, Action, Minutes, Need, TicketEvent, TicketMove
from policy_match.lifecycle.tours import Score, Tour
from policy_match.lifecycle.visits import Visit
from policy_match.lifecycle.words import EventKind, MilestoneStatus
from policy_match.store.database import Database
from policy_match.store.log import By, Entry, add, add_to_library, entries, of_library, sent_before
from policy_match.store.tables import Actor, Subject

DAY = date(2025, 2, 10)
NOW = datetime(2025, 2, 10, 2, 30, tzinfo=UTC)
BY = By("job", NOW, "DISTRICT")
EVENT = Event(
    "1", "P1", EventKind.POINT, DAY, NOW, "job", "DISTRICT", point="STARTED",
    evidence=(Evidence("施工许可证", "许2025-1"), Evidence("现场照片", "a.jpg")), reason="补录", second_actor="other",
)  # fmt: skip
EVERY: list[Entry] = [
    EVENT,
    Milestone("permit", MilestoneStatus.DONE, DAY, None, DAY + timedelta(days=1), "housing", "GG", ("许2025-1",)),
    Mark("update", DAY),
    Visit("P1", DAY, NOW),
    TicketEvent(
        "1", "T1", TicketMove.RESOLVE, NOW, "job", note="已办",
        minutes=Minutes("纪要1", ("供电", "资规"), (Action("供电", "送电", DAY), Action("资规", "交地", None))), evidence=("a",),
    ),
    TicketEvent(
        "1", "T2", TicketMove.OPEN, NOW, "job", about=About("土地", "二期用地", "一般", Need(Fraction(40_000), DAY)),
        lead="resources", units=("市财政局",),
    ),
    Acceptance("APPROVED", "某某", NOW),
    Excuse("start", "规划调整", "某某", DAY),
    LandEntry("1", "P1", 2025, LandKind.APPROVED, Fraction(200, 3), "苏政地〔2025〕1号"),
    PoolEntry("1", "P1", 2025, PoolKind.NEEDED, "320412", Fraction(2000, 3), reason="缺 1亩"),
    Tour("1", DAY, "武进线", ("P1",), (Score("市商务局", Fraction(185, 2)),), "雨"),
    EnvironmentEntry("1", "COD", EnvironmentKind.ALLOCATED, Fraction(5, 2), "P1", reverses="7"),
]  # fmt: skip


@pytest.fixture
def subject(database: Database) -> Subject:
    """A project of the library."""
    with database.writing() as session:
        session.add(Actor(id="job", name="作业", role="importer", valid_from=DAY))
        row = Subject(library="real", kind="project", code="P1", created_at=NOW)
        session.add(row)
    return row


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: type(entry).__name__)
def test_an_entry_comes_back_as_it_was_added(database: Database, subject: Subject, entry: Entry) -> None:
    with database.writing() as session:
        added = add(session, subject, entry, on=DAY, by=BY)
    with database.reading() as session:
        found = entries(session, type(entry), [subject])

    assert found == {subject.id: [added]}
    assert replace(added, id="1") == entry if hasattr(entry, "id") else added == entry


def test_entries_come_in_the_order_of_recording_and_by_what_was_known(database: Database, subject: Subject) -> None:
    with database.writing() as session:
        first = add(session, subject, EVENT, on=DAY, by=BY)
        later = replace(EVENT, point="COMPLETED", recorded_at=NOW + timedelta(days=9))
        second = add(session, subject, later, on=DAY, by=By("job", NOW + timedelta(days=9), "GG"))
    with database.reading() as session:
        assert entries(session, Event, [subject])[subject.id] == [first, second]
        assert entries(session, Event, [subject], known_at=NOW)[subject.id] == [first]
        assert entries(session, Visit, [subject])[subject.id] == []

    assert first.id < second.id


def test_the_log_of_a_library_holds_entries_of_its_projects_and_of_none(database: Database, subject: Subject) -> None:
    tour = Tour("", DAY, "武进线", ("P1",))
    supplied = PoolEntry("", "", 2025, PoolKind.SUPPLIED, "320412", Fraction(20))
    needed = PoolEntry("", "P1", 2025, PoolKind.NEEDED, "320412", Fraction(20))
    with database.writing() as session:
        for library in ("real", "demo"):
            add_to_library(session, library, tour, on=DAY, by=BY)
        first = add_to_library(session, "real", supplied, on=DAY, by=BY)
        second = add(session, subject, needed, on=DAY, by=BY)
    with database.reading() as session:
        assert of_library(session, PoolEntry, "real") == [first, second]
        assert [one.route for one in of_library(session, Tour, "real")] == ["武进线"]
        assert entries(session, Tour, [subject])[subject.id] == []

    assert (first.project, second.project) == ("", "P1")


def test_a_request_that_was_sent_before_is_found_and_cannot_be_added_twice(
    database: Database, subject: Subject
) -> None:
    by = By("job", NOW, "DISTRICT", key="request-1")

    def send() -> None:
        with database.writing() as session:
            add(session, subject, EVENT, on=DAY, by=by)

    send()
    with database.reading() as session:
        assert sent_before(session, "request-1") is not None
        assert sent_before(session, "request-2") is None
    with pytest.raises(IntegrityError):
        send()
