"""The stall list: every project that counts, how long it has stood at its point, and its most urgent light.

Pure figures over rows of `standing.py`. A project for which no clock runs (it was only seen on a public page) is
never green: its shade is NONE. The tallies of the districts add up to those of the city.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy_match.lifecycle.clocks import Light
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tickets import TicketState
from policy_match.lifecycle.words import Colour, MilestoneStatus

_OVER = (MilestoneStatus.DONE, MilestoneStatus.NOT_NEEDED)
_ENDED = (TicketState.CLOSED, TicketState.REJECTED)


class Shade(StrEnum):
    """The colour of a row, the most urgent first. EXCUSED is a red with a good reason; NONE: no clock runs."""

    RED = "red"
    EXCUSED = "excused"
    YELLOW = "yellow"
    UNKNOWN = "unknown"
    GREEN = "green"
    NONE = "none"


_ORDER = {shade: place for place, shade in enumerate(Shade)}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next: the step planned first, else the next point with no day planned."""

    kind: str
    planned_on: date | None


@dataclass(frozen=True, slots=True)
class StallRow:
    """One project. `light`: the most urgent one; `interval`: the one that waits for the next point, None if none does.

    `days`: in the interval, paused days taken out; None before the first recorded point.
    """

    standing: Standing
    shade: Shade
    light: Light | None
    interval: Light | None
    open_tickets: int
    next_step: NextStep | None

    @property
    def excused_until(self) -> date | None:
        """The last day of the excuse of the light; None without one."""
        return None if self.light is None or self.light.excuse is None else self.light.excuse.until


@dataclass(frozen=True, slots=True)
class Tally:
    """How many projects of one district (None: unknown) there are, in all and by shade; every shade is there."""

    district: str | None
    projects: int
    shades: Mapping[Shade, int]


def stall_rows(standings: Iterable[Standing], table: LifecycleTable) -> tuple[StallRow, ...]:
    """A row per project that counts: red first, excused reds next, then the longest in its interval, then by code."""
    rows = (_row(one, table) for one in standings if one.is_active)
    return tuple(sorted(rows, key=_place))


def tallies(rows: Iterable[StallRow]) -> tuple[Tally, ...]:
    """A tally per district that has a row, by code, the unknown district last."""
    grouped: dict[str | None, list[StallRow]] = {}
    for row in rows:
        grouped.setdefault(row.standing.district, []).append(row)
    ordered = sorted(grouped.items(), key=lambda pair: (pair[0] is None, pair[0] or ""))
    return tuple(tally(own, district) for district, own in ordered)


def tally(rows: Iterable[StallRow], district: str | None = None) -> Tally:
    """The tally of some rows, under the name of a district."""
    shades = [row.shade for row in rows]
    return Tally(district, len(shades), {shade: shades.count(shade) for shade in Shade})


def _row(one: Standing, table: LifecycleTable) -> StallRow:
    interval = _interval_light(one, table)
    urgent = one.lights[0] if one.lights else None
    if urgent is not None and urgent.colour is Colour.GREEN:
        urgent = interval or urgent
    return StallRow(
        standing=one,
        shade=_shade(urgent),
        light=urgent,
        interval=interval,
        open_tickets=sum(ticket.state not in _ENDED for ticket in one.tickets),
        next_step=_next_step(one, table),
    )


def _shade(light: Light | None) -> Shade:
    if light is None:
        return Shade.NONE
    return Shade.EXCUSED if light.excuse is not None else Shade(light.colour.value)


def _place(row: StallRow) -> tuple[int, bool, int, str]:
    days = row.standing.days
    return _ORDER[row.shade], days is None, -(days or 0), row.standing.code


def _interval_light(one: Standing, table: LifecycleTable) -> Light | None:
    """The light of the clock that runs from the point reached to the next one."""
    following = _next_point(one, table)
    clock = next((c.id for c in table.clocks if c.starts == (one.point,) and c.stops == (following,)), None)
    return next((light for light in one.lights if light.id == clock), None)


def _next_point(one: Standing, table: LifecycleTable) -> str | None:
    place = table.order(one.point)
    return table.points[place].id if place < len(table.points) else None


def _next_step(one: Standing, table: LifecycleTable) -> NextStep | None:
    planned = [
        (step.planned_on, step.kind)
        for step in one.milestones
        if step.planned_on is not None and step.actual_on is None and step.status not in _OVER
        if step.kind not in one.reached
    ]
    if planned:
        day, kind = min(planned)
        return NextStep(kind, day)
    following = _next_point(one, table)
    return None if following is None else NextStep(following, None)
