"""The hours in which nobody is disturbed (§6.4): SMS and calls go on working days from 08:30 until before 21:00."""

from __future__ import annotations

from datetime import date, datetime, time

from policy_match.push.words import Channel
from policy_match.working_days import WorkingDays

OPENS, CLOSES = time(8, 30), time(21, 0)
DISTURBING = frozenset({Channel.SMS})
"""The channels that keep to these hours; on every other one a message waits quietly until it is looked at."""


def next_open(at: datetime, calendar: WorkingDays) -> datetime:
    """The first moment from `at` on, which is local time with its zone, when somebody may be disturbed.

    FactError CALENDAR_YEAR_MISSING where it needs a year whose working days are not known.
    """
    if calendar.is_working_day(at.date()) and at.time() < CLOSES:
        return at if at.time() >= OPENS else _opening(at.date(), at)
    return _opening(calendar.next_working_day(at.date()), at)


def _opening(day: date, at: datetime) -> datetime:
    return datetime.combine(day, OPENS, at.tzinfo)
