"""Weekly visits: which projects were visited in an ISO week, and which entries came late.

A week runs from Monday to Sunday, local time, and belongs to the ISO year (2024-12-30 lies in 2025-W01). A project
counts once a week. An entry made after the table's day and hour of the following week is late: it is kept and
listed, and changes no coverage that was already told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from policy_match.lifecycle.events import State
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import Side

_LOCAL = timedelta(hours=8)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Week:
        """The week a day lies in."""
        return cls(*day.isocalendar()[:2])

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return date.fromisocalendar(self.year, self.number, 7)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: the day, the instant it was entered, who came and what was found."""

    project: str
    on: date
    recorded_at: datetime
    visitors: tuple[str, ...] = ()
    findings: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A week of a set of projects. `late`: visited by late entries only; `ratio` None where nothing was required."""

    week: Week
    required: tuple[str, ...]
    visited: tuple[str, ...]
    late: tuple[str, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """Required and not visited in time."""
        return tuple(project for project in self.required if project not in self.visited)

    @property
    def ratio(self) -> Fraction | None:
        """Share visited, by entries in time."""
        return Fraction(len(self.visited), len(self.required)) if self.required else None


def is_required(state: State, *, has_agent: bool, table: LifecycleTable) -> bool:
    """Whether a project is to be visited in the week on whose Monday it is in `state`: active, not paused, in a visited stage."""
    return (
        state.side is Side.ACTIVE and state.stage in table.visits.stages and (has_agent or not table.visits.needs_agent)
    )


def is_late(visit: Visit, table: LifecycleTable) -> bool:
    """Whether a visit was entered after the hour up to which its week may be completed."""
    rules = table.visits
    until = datetime.combine(Week.of(visit.on).sunday + timedelta(days=rules.late_days), rules.late_time)
    return visit.recorded_at.astimezone(UTC).replace(tzinfo=None) + _LOCAL > until


def coverage(week: Week, required: Iterable[str], visits: Iterable[Visit], table: LifecycleTable) -> Coverage:
    """Who was visited of those required in a week; visits of other projects and weeks are left out."""
    wanted = sorted(set(required))
    held = [visit for visit in visits if Week.of(visit.on) == week]
    in_time = {visit.project for visit in held if not is_late(visit, table)}
    late = {visit.project for visit in held} - in_time
    return Coverage(
        week=week,
        required=tuple(wanted),
        visited=tuple(project for project in wanted if project in in_time),
        late=tuple(project for project in wanted if project in late),
    )


def weeks_missed(required_from: date, visits: Iterable[Visit], as_of: date) -> int:
    """Whole weeks running, up to the last one that is over, without a visit: what the gauge of missed visits reads.

    `visits` are those of the project, late ones included; one in the week of `as_of` ends the run. Weeks count from
    the first one that begins on or after `required_from`.
    """
    visited = {Week.of(visit.on) for visit in visits if visit.on <= as_of}
    monday, missed = Week.of(as_of).monday - _WEEK, 0
    if Week.of(as_of) in visited:
        return 0
    while monday >= required_from and Week.of(monday) not in visited:
        missed, monday = missed + 1, monday - _WEEK
    return missed
