"""Months as numbers in a row: January of the year 2025 is 2025 × 12, so that a difference is a count of months."""

from __future__ import annotations

from datetime import date, timedelta

YEAR = 12


def number_of(day: date) -> int:
    """The number of the month a day lies in."""
    return day.year * YEAR + day.month - 1


def month_text(number: int) -> str:
    """2025-03.

    >>> month_text(number_of(date(2025, 3, 31)))
    '2025-03'
    """
    return f"{number // YEAR:04d}-{number % YEAR + 1:02d}"


def first_day(number: int) -> date:
    """The first day of a month."""
    return date(number // YEAR, number % YEAR + 1, 1)


def last_day(number: int) -> date:
    """The last day of a month."""
    return first_day(number + 1) - timedelta(days=1)


def january_of(number: int) -> int:
    """The number of January of the same year."""
    return number - number % YEAR


def due_on(number: int, day: int) -> date:
    """The day of the following month up to which (included) a month is told in time."""
    return first_day(number + 1).replace(day=day)
