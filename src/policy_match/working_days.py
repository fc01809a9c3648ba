"""Working days of mainland China: weekdays without the holidays, and the weekend days that are worked instead.

A year is answered only where its official list is at hand; any other year is refused with
CALENDAR_YEAR_MISSING and never taken as Monday to Friday. Days are local calendar days.
The first working day of a term is the first one after the day it starts from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from policy_match.dates import Period, add_period
from policy_match.errors import FactError, Issue
from policy_match.units import normal_text

_DAY = timedelta(days=1)
_SATURDAY = 5
_PART = re.compile(r"([+-]?)(\d+)(个工作日|工作日|个月|年|周|天|日)")


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """The official list of one year: weekdays off, weekend days worked, and the notice that says so."""

    year: int
    off: frozenset[date]
    worked: frozenset[date]
    published: str


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The years whose lists are at hand."""

    years: Mapping[int, CalendarYear]

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked; FactError CALENDAR_YEAR_MISSING where its year has no list."""
        year = self.years.get(day.year)
        if year is None:
            known = "、".join(str(number) for number in sorted(self.years)) or "尚无任何年份"
            what = f"没有{day.year}年的节假日安排，{day.year}年的工作日算不出来"
            hint = f"官方安排公布后，在 rules/calendar/{day.year}.yaml 中登记"
            raise FactError(Issue("CALENDAR_YEAR_MISSING", what, day.isoformat(), known, hint))
        return day in year.worked or (day.weekday() < _SATURDAY and day not in year.off)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (before it, if negative); `day` itself for 0, worked or not."""
        step = _DAY if count > 0 else -_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        return self.add_working_days(day, 1)

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`: what `add_working_days` counts; negative if `end` is earlier."""
        if end < start:
            return -self.working_days_between(end - _DAY, start - _DAY)
        return sum(self.is_working_day(day) for day in _days(start + _DAY, end))


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time in months, days and working days, taken in this order; parts may be negative."""

    period: Period = field(default_factory=lambda: Period(0, 0))
    working: int = 0

    def after(self, start: date, calendar: WorkingDays) -> date:
        """The day the term ends that starts from `start`; FactError where it needs a year without a list."""
        moved = add_period(start, self.period)
        return calendar.add_working_days(moved, self.working) if self.working else moved

    def not_before(self, start: date) -> date:
        """A day on which the term has surely not ended before, known without a calendar.

        `n` working days ahead take at least n days; back they take less than 2n + 15, since weekends are less than
        half of the days and the longest holiday is shorter than 15 days.
        """
        moved = add_period(start, self.period)
        return moved + timedelta(days=self.working if self.working >= 0 else 2 * self.working - 15)

    def __str__(self) -> str:
        months, days = self.period.months, self.period.days
        parts = [(months, "个月"), (days, "天"), (self.working, "个工作日")]
        text = "".join(f"{number:+d}{unit}" for number, unit in parts if number)
        return text.removeprefix("+") or "0天"


def parse_term(written: str) -> Term:
    """90天, 1个月, 2年, 2周, 5个工作日, and sums of them (24个月-30个工作日); FactError TERM_FORMAT otherwise."""
    text = normal_text(written)
    parts = list(_PART.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text or any(not part[1] for part in parts[1:]):
        allowed = "90天、2周、1个月、2年、5个工作日、24个月-30个工作日"
        raise FactError(Issue("TERM_FORMAT", f"“{str(written)[:20]}”不是期限", "", allowed, "写成数字加单位"))
    months = days = working = 0
    for part in parts:
        number = int(part[1] + part[2])
        match part[3]:
            case "年" | "个月":
                months += number * (12 if part[3] == "年" else 1)
            case "天" | "日" | "周":
                days += number * (7 if part[3] == "周" else 1)
            case _:
                working += number
    return Term(Period(months, days), working)
