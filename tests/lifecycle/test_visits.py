"""Weekly visits by ISO week, and entries that came late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import day, event, state

from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.visits import Visit, Week, coverage, is_late, is_required, weeks_missed

BUILD = ("P01", "P03", "P04", "P05", "P08", "P09", "P12")


def local(text: str) -> datetime:
    """An instant of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=8)


def visit(on: str, entered: str | None = None, project: str = "P01") -> Visit:
    return Visit(project, day(on), local(entered or f"{on} 18:00"))


def test_the_last_days_of_a_year_may_lie_in_the_first_week_of_the_next(table: LifecycleTable) -> None:
    week = Week.of(day("2024-12-30"))

    found = coverage(week, BUILD, [visit("2024-12-30")], table)

    assert (str(week), week.monday, week.sunday) == ("2025-W01", day("2024-12-30"), day("2025-01-05"))
    assert (found.visited, found.ratio, found.late) == (("P01",), Fraction(1, 7), ())
    assert found.missed == BUILD[1:]


def test_a_second_visit_changes_nothing_and_a_late_one_is_marked(table: LifecycleTable) -> None:
    week = Week.of(day("2024-12-30"))
    visits = [visit("2024-12-30"), visit("2025-01-03"), visit("2025-01-02", "2025-01-08 09:00", "P03")]

    found = coverage(week, BUILD, visits, table)

    assert (found.ratio, found.late) == (Fraction(1, 7), ("P03",))
    assert [is_late(one, table) for one in visits] == [False, False, True]


@pytest.mark.parametrize(
    ("entered", "late"), [("2025-01-07 12:00", False), ("2025-01-07 12:01", True), ("2025-01-06 23:59", False)]
)
def test_an_entry_is_in_time_until_tuesday_noon(entered: str, late: bool, table: LifecycleTable) -> None:
    assert is_late(visit("2025-01-05", entered), table) is late


def test_a_week_with_nothing_required_has_no_ratio(table: LifecycleTable) -> None:
    assert coverage(Week(2025, 1), (), [visit("2024-12-30")], table).ratio is None


def test_projects_being_built_with_an_agent_are_required_and_paused_ones_are_not(table: LifecycleTable) -> None:
    approved = (event("APPROVED", "2024-09-25"),)
    built, paused = state(table, *approved), state(table, *approved, event("PAUSE", "2024-10-01"))
    done = state(table, *approved, event("STARTED", "2024-10-01"), event("COMPLETED", "2025-01-01"))

    assert is_required(built, has_agent=True, table=table)
    assert not is_required(built, has_agent=False, table=table)
    assert not is_required(paused, has_agent=True, table=table)
    assert not is_required(done, has_agent=True, table=table)
    assert not is_required(state(table), has_agent=True, table=table)


@pytest.mark.parametrize(
    ("as_of", "missed"), [("2025-01-05", 0), ("2025-01-12", 0), ("2025-01-13", 1), ("2025-01-20", 2), ("2025-01-26", 2)]
)
def test_weeks_missed_are_those_that_are_over(as_of: str, missed: int) -> None:
    assert weeks_missed(day("2024-09-25"), [visit("2024-12-30")], day(as_of)) == missed


def test_a_visit_in_this_week_ends_the_run_and_a_later_one_is_not_known_yet() -> None:
    visits = [visit("2024-12-30"), visit("2025-01-22")]

    assert weeks_missed(day("2024-09-25"), visits, day("2025-01-21")) == 2
    assert weeks_missed(day("2024-09-25"), visits, day("2025-01-22")) == 0


def test_weeks_before_a_project_had_to_be_visited_are_not_missed() -> None:
    assert weeks_missed(day("2025-01-01"), [], day("2025-01-13")) == 1
    assert weeks_missed(day("2025-01-08"), [], day("2025-01-13")) == 0


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_every_day_lies_in_its_week(one: date) -> None:
    week = Week.of(one)

    assert week.monday <= one <= week.sunday
    assert (week.sunday - week.monday).days == 6 and week.monday.weekday() == 0
