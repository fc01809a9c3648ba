"""The later points of a project: on which day each is judged, and which facts it is judged by.

Nothing is guessed. A planned day that lies ahead becomes the day of its point. A point without one (nobody planned it, the
day has passed, or it lies before that of an earlier point) has no day: it is judged on the earliest day on which it can
be, that of the point before it, else the day asked about, and its date stays as it is known. Beside stage and planned days
every fact stays: what ages by `fresh_days` is taken to be renewed, what was set aside stays set aside, and days counted
up to today go on. What somebody observed after the day asked about is not known yet, at no point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from policy_match.facts.cells import MISSING, Cause, Cell, Possible, Value
from policy_match.facts.read import usable
from policy_match.facts.vocabulary import FactSpec, Ref, Verb, Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.units import Band

STAGE = "stage"


class Dating(StrEnum):
    """What is known of the day of a later point."""

    PLANNED = "planned"
    UNDATED = "undated"
    OVERDUE = "overdue"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Ahead:
    """One later point. `on`: the day it is judged on; `told_on`: the day that was told for it, None if none was."""

    point: str
    on: date
    dating: Dating
    told_on: date | None


def present_point(cells: Mapping[str, Cell], table: LifecycleTable, as_of: date) -> str | None:
    """The point a project has reached by its facts: its stage, the least of those still possible, also one that has only
    grown old; without a stage the last point whose day has passed, None if none has."""
    stage = _known(cells.get(STAGE, MISSING))
    if isinstance(stage, Possible):
        reached = [point for option in stage.options if (point := table.point_of(option)) is not None]
        return min(reached, key=table.order, default=None)
    passed = [point for point, day in told_days(cells, table).items() if day <= as_of]
    return max(passed, key=table.order, default=None)


def told_days(cells: Mapping[str, Cell], table: LifecycleTable) -> dict[str, date]:
    """By point the day its date fact holds, of a month or year the last one; the fact may have grown old."""
    found = {}
    for point in table.points:
        value = _known(cells.get(point.fact or "", MISSING))
        if isinstance(value, Band) and value.high is not None:
            found[point.id] = date.fromordinal(int(value.high))
    return found


def _known(cell: Cell) -> Value | None:
    return cell.last_seen if cell.cause is Cause.STALE else cell.value


def points_ahead(
    present: str | None, told: Mapping[str, date], table: LifecycleTable, as_of: date
) -> tuple[Ahead, ...]:
    """The points after the present one, in their order; `told`: days by point. None after the last point."""
    found = []
    earliest = as_of
    for point in table.points[table.order(present) :]:
        told_on = told.get(point.id)
        dating = _dating(told_on, earliest, as_of)
        if told_on is not None and dating is Dating.PLANNED:
            earliest = told_on
        found.append(Ahead(point.id, earliest, dating, told_on))
    return tuple(found)


def _dating(told_on: date | None, earliest: date, as_of: date) -> Dating:
    if told_on is None:
        return Dating.UNDATED
    if told_on < as_of:
        return Dating.OVERDUE
    return Dating.PLANNED if told_on >= earliest else Dating.REVERSED


def facts_then(
    cells: Mapping[str, Cell], ahead: Sequence[Ahead], table: LifecycleTable, vocabulary: Vocabulary, *, as_of: date
) -> dict[str, Cell]:
    """The facts of a project at the last of the points `ahead`, all of which it has reached by then."""
    day = ahead[-1].on
    found = {name: _then(vocabulary[name], cell, vocabulary, as_of=as_of, day=day) for name, cell in cells.items()}
    for one in ahead:
        fact = table.point(one.point).fact
        if fact is not None and fact in vocabulary and one.dating is Dating.PLANNED:
            found[fact] = _planned(found.get(fact, MISSING), one.on)
    found[STAGE] = Cell(Possible.only(table.point(ahead[-1].point).name))
    return found


def _then(spec: FactSpec, cell: Cell, vocabulary: Vocabulary, *, as_of: date, day: date) -> Cell:
    """One fact as it may be used on `as_of`, carried to a later day."""
    known = usable(spec, cell, as_of, vocabulary)
    if known.value is None:
        return known
    if _counts_days(spec) and isinstance(known.value, Band):
        passed, value = (day - as_of).days, known.value
        ends = (None if end is None else end + passed for end in (value.low, value.high))
        known = replace(known, value=Band(*ends))
    return replace(known, observed_on=day) if spec.fresh_days is not None and known.observed_on is not None else known


def _counts_days(spec: FactSpec) -> bool:
    """Whether a figure counts the days from some date until the day asked about."""
    way = spec.derive
    return isinstance(way, Verb) and way.name == "days_between" and way.args[-1] == Ref("as_of")


def _planned(cell: Cell, on: date) -> Cell:
    """The day of a point as planned; a plan known to the month or year stays as wide as it is."""
    value, day = cell.value, on.toordinal()
    return cell if isinstance(value, Band) and value.high == day else Cell(Band(day, day))
