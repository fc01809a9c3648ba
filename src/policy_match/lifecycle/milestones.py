"""Steps of a project with planned and actual days, and what falls due soon for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from policy_match.lifecycle.table import LifecycleTable, MilestoneKind
from policy_match.lifecycle.words import MilestoneStatus

_OVER = (MilestoneStatus.DONE, MilestoneStatus.NOT_NEEDED)


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step of one project. `kind`: an id of the table; `applied_on`: accepted for handling (受理); `owner`: where another role owns it."""

    kind: str
    status: MilestoneStatus = MilestoneStatus.NOT_BEGUN
    planned_on: date | None = None
    applied_on: date | None = None
    actual_on: date | None = None
    owner: str | None = None
    source: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """What a role has to do by a day. `is_late`: the day has passed."""

    owner: str
    kind: str
    name: str
    on: date
    is_late: bool


def steps_of(variant: str, table: LifecycleTable) -> tuple[MilestoneKind, ...]:
    """The steps of a kind of project, in their order."""
    return tuple(step for step in table.milestones if not step.variants or variant in step.variants)


def upcoming(milestones: Iterable[Milestone], table: LifecycleTable, as_of: date) -> tuple[Due, ...]:
    """Steps not yet done whose planned day lies within the table's days ahead, or has passed; the earliest first."""
    kinds = {step.id: step for step in table.milestones}
    last = as_of + timedelta(days=table.upcoming_days)
    due = [
        Due(
            step.owner or kinds[step.kind].owner,
            step.kind,
            kinds[step.kind].name,
            step.planned_on,
            step.planned_on < as_of,
        )
        for step in milestones
        if step.planned_on is not None
        and step.planned_on <= last
        and step.actual_on is None
        and step.status not in _OVER
    ]
    return tuple(sorted(due, key=lambda d: (d.on, d.owner, d.kind)))
