"""The terms of 免申即享: how long the firm may think, who is excluded, how long a payment may take (`rules/entitlement.yaml`).

Days are working days of the calendar. The first day of a term is the first working day after the day it starts from;
the last day counts to its end, 24:00 in Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from policy_match.working_days import WorkingDays

EXCLUDES = "exclude"


@dataclass(frozen=True, slots=True)
class ExclusionKind:
    """A sort of exclusion entry. `effect`: exclude, or warn (shown to the officers, nothing more)."""

    id: str
    name: str
    effect: str


@dataclass(frozen=True, slots=True)
class Terms:
    """Every number is in working days. `sources`: the letter of the source of each term, as in lifecycle.yaml."""

    consent_days: int
    reminders: tuple[int, ...]
    objection_days: int
    payment_days: int
    exclusions_seen_days: int
    exclusions: Mapping[str, ExclusionKind]
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Window:
    """A term that runs: first and last day, both included."""

    first: date
    last: date


def window_after(start: date, days: int, calendar: WorkingDays) -> Window:
    """The term of so many working days (at least 1) that starts from a day; FactError for a year without calendar."""
    return Window(calendar.next_working_day(start), calendar.add_working_days(start, days))


def reminders_after(start: date, terms: Terms, calendar: WorkingDays) -> tuple[date, ...]:
    """The days on which a firm that has not answered is reminded."""
    return tuple(calendar.add_working_days(start, days) for days in terms.reminders)
