"""What changed since somebody's last visit: by others, of what they see, one line a project."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from reviewing import EQ, ON, by, with_project
from rows import E2, LIBRARY, day

from policy_match.access.viewer import Means, Viewer
from policy_match.store import subjects
from policy_match.store.push_tables import PairChange
from policy_match.workflows.add_visit import NewVisit, add_visit
from policy_match.workflows.claim_review import claim_review
from policy_match.workflows.decide_review import NewDecision, decide_review
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library, open_library
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.read_records import View
from policy_match.workflows.see_library import scope_in, see_library
from policy_match.workflows.tell_changes import News, tell_changes

A = "district-320412"
DISTRICT = Viewer(A, "示范·武进区", "district", Means.SESSION, region="320412")
DEVELOPMENT = Viewer("development", "示范·市发改委", "development", Means.SESSION)


@pytest.fixture
def archive(reviewing: Archive) -> Archive:
    """An empty archive with the invented measures."""
    return reviewing


def seen(archive: Archive, viewer: Viewer) -> Library:
    with archive.database.reading() as session:
        whole = open_library(session, archive, LIBRARY, View(day(ON)), ordering=open_ordering(archive.rules))
    return see_library(whole, scope_in(LIBRARY, viewer, archive.permissions), frozenset(), archive.permissions)


def told(archive: Archive, viewer: Viewer, hour: str = "12:00") -> News:
    """As the session sees it that began at an hour."""
    return tell_changes(archive, seen(archive, viewer), viewer, by(viewer.actor, hour).now)


def lines(news: News) -> list[tuple[str | None, dict[str, int]]]:
    return [(one.code, dict(one.words)) for one in news.told]


def visited(archive: Archive, code: str, who: str, hour: str) -> None:
    add_visit(archive, NewVisit(code, day(ON), ("示范",), "在建"), by(who, hour))


def changed(archive: Archive, code: str, was: str | None, now: str | None, hour: str, measure: str = EQ) -> None:
    with archive.database.writing() as session:
        row = subjects.by_code(session, LIBRARY, code)
        assert row is not None
        session.add(
            PairChange(
                library=LIBRARY, subject_id=row.id, measure=measure, was=was, now=now, excluded=False, trigger="TR1",
                release="r", matched_on=day(ON), at=by(A, hour).now,
            )
        )  # fmt: skip


def test_who_was_never_there_is_told_of_a_week_and_later_of_what_came_after_their_last_act(archive: Archive) -> None:
    code = with_project(archive)
    visited(archive, code, "development", "09:00")
    first = told(archive, DISTRICT)
    assert first.is_first and first.since == by(A, "12:00").now - timedelta(days=7)
    assert lines(first)[0][1]["走访"] == 1

    visited(archive, code, A, "10:00")
    visited(archive, code, "development", "11:00")
    later = told(archive, DISTRICT)

    assert not later.is_first and later.since == by(A, "10:00").now
    assert lines(later) == [(code, {"走访": 1})]
    assert later.told[0].at == by(A, "11:00").now


def test_the_own_work_and_what_came_in_this_session_before_one_looks_counts_for_the_next_one_alone(
    archive: Archive,
) -> None:
    code = with_project(archive)
    visited(archive, code, A, "10:00")
    visited(archive, code, A, "13:00")
    visited(archive, code, "development", "13:30")

    assert lines(told(archive, DISTRICT, "12:00")) == [(code, {"走访": 1})]
    assert lines(told(archive, DISTRICT, "14:00")) == [(code, {"走访": 1})]
    assert lines(told(archive, DISTRICT, "12:00"))[0][1] == {"走访": 1}
    visited(archive, code, A, "15:00")
    assert lines(told(archive, DISTRICT, "16:00")) == []


def test_a_decision_and_a_verdict_are_named_and_a_claim_is_not_worth_a_word(archive: Archive) -> None:
    code = with_project(archive)
    visited(archive, code, A, "09:00")
    claim_review(archive, f"{code}/{EQ}", by("industry"))
    decide_review(archive, NewDecision(f"{code}/{EQ}", "confirm"), by("industry", "10:05"))
    for hour, was, now in (
        ("10:10", None, "eligible"), ("10:20", "eligible", "ineligible"), ("10:30", "unknown", "ineligible"),
        ("10:40", "eligible", "eligible"), ("10:50", "unknown", "eligible"),
    ):  # fmt: skip
        changed(archive, code, was, now, hour)

    assert lines(told(archive, DISTRICT)) == [
        (code, {"新符合": 2, "结论或金额有变": 2, "不再符合": 1, "审核：确认": 1})
    ]


def test_what_lies_outside_the_own_area_or_under_no_measure_of_the_rules_is_not_told(archive: Archive) -> None:
    here = with_project(archive)
    there = with_project(archive, name="示范外区项目", uscc=E2, firm="示范外区公司", district="320411")
    for code in (here, there):
        visited(archive, code, "development-2", "09:00")
        changed(archive, code, None, "eligible", "09:30")
    changed(archive, here, None, "eligible", "09:40", measure="gone")

    mine = {code: words for code, words in lines(told(archive, DISTRICT)) if code is not None}
    assert set(mine) == {here} and mine[here]["新符合"] == 1
    every = {code for code, _ in lines(told(archive, DEVELOPMENT))}
    assert {here, there} <= every


def test_the_most_that_is_looked_at_is_said(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    code = with_project(archive)
    visited(archive, code, A, "08:30")
    for hour in ("09:00", "09:10"):
        visited(archive, code, "development-2", hour)
    assert not told(archive, DISTRICT).more

    monkeypatch.setattr("policy_match.workflows.tell_changes.LOOKED_AT", 2)
    assert told(archive, DISTRICT).more
    assert told(archive, replace(DISTRICT, actor="district-320412-3")).more
