"""Median, P90 and lateness: boundaries, and what is not known stays unknown."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from policy_match.entitlement.payout_days import Course, Spread, is_late, spread
from policy_match.exchange.calendars import load_calendars
from policy_match.working_days import WorkingDays

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def calendar() -> WorkingDays:
    return load_calendars(ROOT / "rules" / "calendar")


def course(paid: str | None, verified: str | None = "2025-06-03", found: str = "2025-06-03") -> Course:
    """A case of invented days."""
    days = [None if text is None else date.fromisoformat(text) for text in (verified, paid)]
    return Course("MX-2025-000001", "示范", date.fromisoformat(found), days[0], days[1], 100)


@pytest.mark.parametrize(
    ("numbers", "median", "p90"),
    [
        ([7], Fraction(7), 7),
        ([1, 2], Fraction(3, 2), 2),
        ([3, 1, 2], Fraction(2), 3),
        (range(1, 11), Fraction(11, 2), 9),
        (range(1, 12), Fraction(6), 10),
        (range(1, 21), Fraction(21, 2), 18),
    ],
)
def test_median_and_p90_by_nearest_rank(numbers: list[int], median: Fraction, p90: int) -> None:
    assert spread(numbers) == Spread(len(numbers), 0, median, p90)


def test_numbers_that_are_not_known_are_counted_and_in_no_median() -> None:
    assert spread([None, 4, None]) == Spread(1, 2, Fraction(4), 4)
    assert spread([None]) == Spread(0, 1, None, None)
    assert spread([]) == Spread(0, 0, None, None)


def test_days_from_candidate_to_paid_by_both_calendars(calendar: WorkingDays) -> None:
    paid = course("2025-06-16")

    assert (paid.days(), paid.working_days(calendar)) == (13, 9)
    assert (course(None).days(), course(None).working_days(calendar)) == (None, None)


def test_a_year_without_calendar_leaves_working_days_unknown_and_calendar_days_known(calendar: WorkingDays) -> None:
    long = course("2049-01-02")

    assert (long.days() is not None, long.working_days(calendar)) == (True, None)
    assert is_late(long, 20, calendar, date(2049, 1, 2)) is None


def test_the_last_day_of_the_term_is_in_time_and_the_next_working_day_is_late(calendar: WorkingDays) -> None:
    # Twenty working days after Tuesday 2025-06-03.
    assert [is_late(course(day), 20, calendar, date(2025, 7, 31)) for day in ("2025-07-01", "2025-07-02")] == [
        False, True,
    ]  # fmt: skip


def test_an_unpaid_case_is_late_by_the_day_that_is_asked_about(calendar: WorkingDays) -> None:
    assert [is_late(course(None), 20, calendar, day) for day in (date(2025, 7, 1), date(2025, 7, 2))] == [False, True]


def test_without_a_verification_nobody_can_tell_whether_it_is_late(calendar: WorkingDays) -> None:
    assert is_late(course("2025-06-16", verified=None), 20, calendar, date(2025, 7, 1)) is None
