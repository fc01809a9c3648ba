"""Steps of a project with planned and actual days, and what falls due soon for whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from policy_match.lifecycle.table import LifecycleTable, MilestoneKind
from policy_match.lifecycle.words import MilestoneStatus

_OVER = (MilestoneStatus.DONE, MilestoneStatus.NOT_NEEDED)


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step of one project, as one entry tells it. `kind`: an id of the table; `applied_on`: accepted for handling
    (受理); `owner`: where another role owns it; `told_on`: the day of the entry, None where it is not kept yet."""

    kind: str
    status: MilestoneStatus = MilestoneStatus.NOT_BEGUN
    planned_on: date | None = None
    applied_on: date | None = None
    actual_on: date | None = None
    owner: str | None = None
    source: str = ""
    evidence: tuple[str, ...] = ()
    told_on: date | None = field(default=None, compare=False)

    def on_day(self, as_of: date) -> Milestone:
        """What of it had happened on a day; a plan stands whenever it was told."""
        applied, actual = (_by(day, as_of) for day in (self.applied_on, self.actual_on))
        if self._since is None or self._since <= as_of:
            return replace(self, applied_on=applied, actual_on=actual)
        status = MilestoneStatus.NOT_BEGUN if applied is None else MilestoneStatus.ACCEPTED
        return replace(self, status=status, applied_on=applied, actual_on=actual, evidence=())

    @property
    def _since(self) -> date | None:
        """The day from which the status holds; None: whenever it was told."""
        if self.status in (MilestoneStatus.NOT_BEGUN, MilestoneStatus.NOT_NEEDED):
            return None
        accepted = self.applied_on if self.status is MilestoneStatus.ACCEPTED else None
        return self.actual_on or accepted or self.told_on


def _by(day: date | None, as_of: date) -> date | None:
    return day if day is not None and day <= as_of else None


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


def merged(steps: Iterable[Milestone], table: LifecycleTable, authority: Sequence[str]) -> tuple[Milestone, ...]:
    """One milestone per kind out of what was recorded over time, in the table's order; kinds it does not hold come last.

    Of each part (status, planned, applied, actual day, owner) the last word of the best source counts; sources that
    `authority` does not name come after those it names. Evidence is gathered.
    """
    by_kind: dict[str, Milestone] = {}
    ranked = sorted(steps, key=lambda step: -_place(step.source, authority))
    for step in ranked:
        before = by_kind.get(step.kind)
        by_kind[step.kind] = step if before is None else _over(before, step)
    order = {step.id: place for place, step in enumerate(table.milestones)}
    return tuple(sorted(by_kind.values(), key=lambda step: order.get(step.kind, len(order))))


def _place(source: str, authority: Sequence[str]) -> int:
    return authority.index(source) if source in authority else len(authority)


def _over(before: Milestone, step: Milestone) -> Milestone:
    """The later or better word over the earlier one, part by part."""
    said = step.status is not MilestoneStatus.NOT_BEGUN
    return Milestone(
        kind=step.kind,
        status=step.status if said else before.status,
        planned_on=step.planned_on or before.planned_on,
        applied_on=step.applied_on or before.applied_on,
        actual_on=step.actual_on or before.actual_on,
        owner=step.owner or before.owner,
        source=step.source if said or step.actual_on else before.source,
        evidence=tuple(dict.fromkeys((*before.evidence, *step.evidence))),
    )


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
