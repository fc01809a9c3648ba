"""How long paying takes: days from candidate to paid, and working days from verified to paid against the term.

A number that is not known is counted as unknown and is in no median.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.errors import FactError
from policy_match.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Course:
    """A case that was verified or paid. Days are local; `paid_on` None: not paid yet; `verified_on` None: not known."""

    number: str
    measure: str
    found_on: date
    verified_on: date | None
    paid_on: date | None
    amount_fen: int | None

    def days(self) -> int | None:
        """Calendar days from candidate to paid."""
        return None if self.paid_on is None else (self.paid_on - self.found_on).days

    def working_days(self, calendar: WorkingDays) -> int | None:
        """Working days from candidate to paid; None, too, where a year has no calendar."""
        return None if self.paid_on is None else _between(self.found_on, self.paid_on, calendar)

    def from_verified(self, calendar: WorkingDays, as_of: date) -> int | None:
        """Working days from the second verification to the payment, or to a day while it is not paid."""
        return None if self.verified_on is None else _between(self.verified_on, self.paid_on or as_of, calendar)


@dataclass(frozen=True, slots=True)
class Spread:
    """Numbers in short: how many are known and unknown, their median, and the number that nine of ten do not exceed.

    `p90` by nearest rank: the smallest of them that at least 90 % do not exceed. Both None where none is known.
    """

    known: int
    unknown: int
    median: Fraction | None
    p90: int | None


def spread(numbers: Iterable[int | None]) -> Spread:
    """The spread of numbers, those that are None unknown."""
    every = list(numbers)
    known = sorted(number for number in every if number is not None)
    count = len(known)
    if not count:
        return Spread(0, len(every), None, None)
    median = Fraction(known[(count - 1) // 2] + known[count // 2], 2)
    return Spread(count, len(every) - count, median, known[-(-count * 9 // 10) - 1])


def is_late(course: Course, limit: int, calendar: WorkingDays, as_of: date) -> bool | None:
    """Whether more working days than the term have gone by from verified to paid, or to a day; None where nobody can tell."""
    days = course.from_verified(calendar, as_of)
    return None if days is None else days > limit


def _between(start: date, end: date, calendar: WorkingDays) -> int | None:
    try:
        return calendar.working_days_between(start, end)
    except FactError:
        return None
