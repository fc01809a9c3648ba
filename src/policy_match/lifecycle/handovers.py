"""Handing a project from one lead to the next.

The lead changes by the date of the point, accepted or not; the record shows who took it over and
when, which problems were open, and is red once the time for accepting is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from policy_match.dates import local_day
from policy_match.lifecycle.events import State, stays
from policy_match.lifecycle.table import LifecycleTable
from policy_match.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody of the new lead takes a project over at a point."""

    point: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Handover:
    """From one lead to another. `due_on`: last day for accepting, counted from the day the point was recorded; red after it."""

    point: str
    giver: str
    taker: str
    effective_on: date
    recorded_on: date
    due_on: date
    open_tickets: tuple[str, ...]
    accepted: Acceptance | None
    is_red: bool


def handovers(
    state: State,
    table: LifecycleTable,
    acceptances: Iterable[Acceptance],
    open_tickets: tuple[str, ...],
    as_of: date,
    calendar: WorkingDays,
) -> tuple[Handover, ...]:
    """A record at each change of lead, in time; `open_tickets` are those open now and stand with handovers not accepted.

    Acceptances after `as_of` do not count. FactError CALENDAR_YEAR_MISSING where the term needs such a year.
    """
    accepted = {a.point: a for a in acceptances if local_day(a.at) <= as_of}
    found = []
    for before, after in pairwise(stays(state, table)):
        if before.lead == after.lead or after.point is None:
            continue
        taken = accepted.get(after.point)
        due = table.handover_within.after(max(after.recorded_on, after.since), calendar)
        found.append(
            Handover(
                point=after.point,
                giver=before.lead,
                taker=after.lead,
                effective_on=after.since,
                recorded_on=after.recorded_on,
                due_on=due,
                open_tickets=() if taken else open_tickets,
                accepted=taken,
                is_red=taken is None and as_of > due,
            )
        )
    return tuple(found)
