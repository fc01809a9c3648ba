"""Who is in the growth library, since when, and by what it leaves: full capacity held, time passed with a conclusion, or a side state.

The entry is what the lifecycle says (`growth_entry`); nothing here moves a project. Domain specification 7.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy_match.dates import add_period
from policy_match.lifecycle.events import State
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.watch import growth_entry
from policy_match.lifecycle.words import Side
from policy_match.series.rules import Exits


class Place(StrEnum):
    """Where a project stands. DUE: time has passed and a conclusion is to be drawn; LEFT: it is out."""

    IN = "in"
    DUE = "due"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Membership:
    """A project that was ever in the library. `since`: when it came to stand where it stands; `why`: in words, empty if IN."""

    entered_on: date
    event: str
    place: Place
    since: date
    why: str

    @property
    def is_in(self) -> bool:
        """Whether it is followed."""
        return self.place is not Place.LEFT


def membership(
    state: State, steps: Iterable[Milestone], exits: Exits, table: LifecycleTable, as_of: date
) -> Membership | None:
    """Where a project stands on a day; None for one that never entered. The first rule that holds ends it."""
    entry = growth_entry(state, table)
    if entry is None:
        return None
    done = {step.kind: step.actual_on for step in steps if step.actual_on is not None}
    ends = sorted(_ends(entry.entered_on, done, state, exits, table))
    past = [(on, why) for on, why in ends if on <= as_of]
    if past:
        return Membership(entry.entered_on, entry.event, Place.LEFT, *past[0])
    limit = add_period(entry.entered_on, exits.after)
    if limit <= as_of:
        why = f"列入已满{_months(exits)}，应作出结论（{table.name(exits.conclusion)}）"
        return Membership(entry.entered_on, entry.event, Place.DUE, limit, why)
    return Membership(entry.entered_on, entry.event, Place.IN, entry.entered_on, "")


def _ends(
    entered: date, done: dict[str, date], state: State, exits: Exits, table: LifecycleTable
) -> Iterable[tuple[date, str]]:
    full, concluded = done.get(exits.full), done.get(exits.conclusion)
    if full is not None:
        yield max(entered, add_period(full, exits.held)), f"{table.name(exits.full)}已满{exits.held.months}个月"
    if concluded is not None:
        why = f"列入已满{_months(exits)}，{concluded} 已作结论"
        yield max(concluded, add_period(entered, exits.after)), why
    if state.side in exits.sides:
        since = state.sides[-1].since if state.sides else entered
        yield max(entered, since), table.side_names[Side(state.side)]


def _months(exits: Exits) -> str:
    return f"{exits.after.months}个月"
