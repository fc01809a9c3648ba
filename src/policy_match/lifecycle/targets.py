"""The two yearly targets for major projects: starting on land handover, and service before joint acceptance.

Both count projects once, only those whose major level is known and in the table's list, and name why any other is
left out. The pace is the target × months/12 with the month of the day asked. The second target counts
completed projects that were served before they applied, not acceptances.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.table import LifecycleTable
from policy_match.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Candidate:
    """A project as the targets see it. `major_level` in the words of the fact; `completed_on`: the point reached."""

    project: str
    major_level: str | None
    milestones: tuple[Milestone, ...]
    completed_on: date | None = None


@dataclass(frozen=True, slots=True)
class LandStart:
    """From land to the first permit. `days` 0 for a permit before the land; `fallback`: the land deal stands for the contract."""

    land_on: date
    permit_on: date
    days: int
    band: str | None
    fallback: bool
    before_land: bool
    has_evidence: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One project of a target: whether it counts, with the figure and the reason in words."""

    project: str
    counts: bool
    why: str


@dataclass(frozen=True, slots=True)
class Target:
    """A target on a day. `rows` by project, those that do not count with their reason."""

    goal: int
    done: int
    pace: Fraction
    rows: tuple[Row, ...]


def land_start(milestones: Iterable[Milestone], table: LifecycleTable, calendar: WorkingDays) -> LandStart | None:
    """Days from the land contract (else the land deal) to the first permit; None while either is not known.

    FactError CALENDAR_YEAR_MISSING where a band is in working days of such a year.
    """
    rules, held = table.targets, tuple(milestones)
    lands = [(place, step) for place, kind in enumerate(rules.land_from) for step in _done(held, kind)]
    permits = [step for kind in rules.land_to for step in _done(held, kind)]
    if not lands or not permits:
        return None
    place, land = min(lands, key=lambda pair: (pair[0], pair[1].actual_on or date.max))
    permit = min(permits, key=lambda step: step.actual_on or date.max)
    land_on, permit_on = land.actual_on or date.max, permit.actual_on or date.max
    days = max(0, (permit_on - land_on).days)
    ends = ((band.name, band.within.after(land_on, calendar)) for band in rules.bands)
    return LandStart(
        land_on=land_on,
        permit_on=permit_on,
        days=days,
        band=next((name for name, end in ends if permit_on <= end), None),
        fallback=place > 0,
        before_land=permit_on < land_on,
        has_evidence=bool(permit.evidence),
    )


def land_target(candidates: Iterable[Candidate], table: LifecycleTable, as_of: date, calendar: WorkingDays) -> Target:
    """Projects of the year of `as_of` (by the day of the permit) that started within the days that count."""
    rows = []
    for one in _once(candidates):
        found = land_start(_known(one.milestones, as_of), table, calendar)
        if found is None or found.permit_on.year != as_of.year:
            continue
        rows.append(_land_row(one, found, table))
    return _target(table.targets.land_goal, rows, as_of)


def _land_row(one: Candidate, found: LandStart, table: LifecycleTable) -> Row:
    if (why := _not_major(one, table)) is not None:
        return Row(one.project, False, why)
    figure = f"{found.days}天（{found.land_on} 至 {found.permit_on}" + (
        "，以土地成交日计）" if found.fallback else "）"
    )
    if found.before_land and not found.has_evidence:
        return Row(one.project, False, f"施工许可早于土地合同，缺少佐证：{found.land_on}、{found.permit_on}")
    if found.days > table.targets.counts_within:
        return Row(one.project, False, f"{figure}，超过{table.targets.counts_within}天")
    return Row(one.project, True, f"{figure}，{found.band}" if found.band else figure)


def service_target(candidates: Iterable[Candidate], table: LifecycleTable, as_of: date) -> Target:
    """Major projects completed in the year of `as_of` with a dated service before the joint acceptance was applied for."""
    rows = []
    for one in _once(candidates):
        if one.completed_on is None or one.completed_on > as_of or one.completed_on.year != as_of.year:
            continue
        rows.append(_service_row(one, table, as_of))
    return _target(table.targets.service_goal, rows, as_of)


def _service_row(one: Candidate, table: LifecycleTable, as_of: date) -> Row:
    if (why := _not_major(one, table)) is not None:
        return Row(one.project, False, why)
    known = _known(one.milestones, as_of)
    services = [step.actual_on for step in _done(known, table.targets.service) if step.actual_on is not None]
    asked = [step.applied_on or step.actual_on for step in known if step.kind == table.targets.acceptance]
    applied = min((day for day in asked if day is not None), default=None)
    if not services:
        return Row(one.project, False, "没有提前服务记录")
    if applied is None:
        return Row(one.project, False, "没有联合竣工验收的申请日期")
    if min(services) >= applied:
        return Row(one.project, False, f"首次服务 {min(services)} 不早于验收申请 {applied}")
    return Row(one.project, True, f"首次服务 {min(services)}，验收申请 {applied}")


def _not_major(one: Candidate, table: LifecycleTable) -> str | None:
    if one.major_level in table.targets.levels:
        return None
    return "重大项目级别待核实" if one.major_level is None else "不是重大项目"


def _known(milestones: Iterable[Milestone], as_of: date) -> tuple[Milestone, ...]:
    return tuple(step for step in milestones if step.actual_on is None or step.actual_on <= as_of)


def _done(milestones: Iterable[Milestone], kind: str) -> list[Milestone]:
    return [step for step in milestones if step.kind == kind and step.actual_on is not None]


def _once(candidates: Iterable[Candidate]) -> list[Candidate]:
    return [one for _, one in sorted({one.project: one for one in candidates}.items())]


def _target(goal: int, rows: list[Row], as_of: date) -> Target:
    return Target(goal, sum(row.counts for row in rows), Fraction(goal * as_of.month, 12), tuple(rows))
