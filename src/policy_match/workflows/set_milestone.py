"""Record how far a step of a project is: planned, accepted for handling, done, with what shows it.

A tracking point has a planned day here; that it was reached is an event with its own gate (`advance_project`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.errors import Issue, UsageError
from policy_match.lifecycle.milestones import Milestone, merged, steps_of
from policy_match.lifecycle.table import LifecycleTable, MilestoneKind
from policy_match.lifecycle.words import MilestoneStatus
from policy_match.store.audit import Plain
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import AUTHORITY
from policy_match.workflows.write_entry import By, Desk, at_desk, not_in_future


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked. `kind`, `status` by id or name; what is None stays as it was."""

    project: str
    kind: str
    status: str | None = None
    planned_on: date | None = None
    applied_on: date | None = None
    actual_on: date | None = None
    evidence: tuple[str, ...] = ()


def set_milestone(archive: Archive, asked: Step, by: By) -> Milestone:
    """Record it and give back the step as it stands now.

    UsageError for a step, status or days that do not fit; Forbidden CARE_ROLE: the unit that owns the step may too.
    """
    kind = kind_named(asked.kind, archive.table)
    status = _status(asked, archive.table, kind, by.today)
    with at_desk(archive, asked.project, by) as desk:
        desk.require("milestone", also=(kind.owner,))
        desk.require_living()
        _check_variant(desk, kind)
        step = Milestone(
            kind.id, status, asked.planned_on, asked.applied_on, asked.actual_on, source=desk.source,
            evidence=asked.evidence,
        )  # fmt: skip
        detail: dict[str, Plain] = {"kind": kind.id, "status": status.value, "evidence": [*asked.evidence]}
        kept = desk.write(step, "milestone.set", on=asked.actual_on or by.today, detail=detail)
        now = merged((*desk.record.milestones, kept), archive.table, AUTHORITY)
        return next(one for one in now if one.kind == kind.id)


def kind_named(written: str, table: LifecycleTable) -> MilestoneKind:
    """A step by id or name; UsageError MILESTONE_UNKNOWN with those there are."""
    found = next((step for step in table.milestones if written.strip() in (step.id, step.name)), None)
    if found is None:
        names = "、".join(step.name for step in table.milestones)
        raise UsageError(Issue("MILESTONE_UNKNOWN", f"没有里程碑“{written[:20]}”", "里程碑", names, "用列出的名称"))
    return found


def _status(asked: Step, table: LifecycleTable, kind: MilestoneKind, today: date) -> MilestoneStatus:
    """The status asked for or that the days give; UsageError for days that do not fit it or one another."""
    if not any((asked.status, asked.planned_on, asked.applied_on, asked.actual_on, asked.evidence)):
        options = "--planned、--applied、--actual、--status、--evidence"
        raise UsageError(Issue("MILESTONE_EMPTY", "没有写要登记什么", kind.name, options, "至少写一项"))
    status = _word(asked.status)
    if table.point_of(kind.id) is not None and (asked.applied_on or asked.actual_on or asked.status):
        hint = f"到达用 project advance {asked.project} {kind.name}"
        raise UsageError(
            Issue("MILESTONE_POINT", f"“{kind.name}”是跟踪点，这里只登记计划日期", kind.name, "--planned", hint)
        )
    for option, day in (("--applied", asked.applied_on), ("--actual", asked.actual_on)):
        if day is not None:
            not_in_future(day, today, option)
    if asked.applied_on and asked.actual_on and asked.actual_on < asked.applied_on:
        what = f"办结日期 {asked.actual_on} 早于受理日期 {asked.applied_on}"
        raise UsageError(Issue("LC_DATE_ORDER", what, kind.name, "不早于受理日期", "核对两个日期"))
    if status is None:
        return (
            MilestoneStatus.DONE
            if asked.actual_on
            else MilestoneStatus.ACCEPTED
            if asked.applied_on
            else MilestoneStatus.NOT_BEGUN
        )
    if (status is MilestoneStatus.DONE) != (asked.actual_on is not None):
        raise UsageError(
            Issue("MILESTONE_DONE", "办结须写实际日期，写实际日期的就是办结", kind.name, "--status 办结 --actual 日期")
        )
    return status


def _word(written: str | None) -> MilestoneStatus | None:
    if written is None:
        return None
    try:
        return MilestoneStatus(written.strip())
    except ValueError:
        words = "、".join(MilestoneStatus)
        raise UsageError(
            Issue("MILESTONE_STATUS", f"“{written[:20]}”不是办理状态", "--status", words, "改用其中一个")
        ) from None


def _check_variant(desk: Desk, kind: MilestoneKind) -> None:
    """A step of another kind of project is refused; where the kind of project is not known every step may be told."""
    variant = desk.record.variant
    if variant is not None and kind not in steps_of(variant, desk.archive.table):
        name = desk.archive.table.variants[variant].name
        steps = "、".join(step.name for step in steps_of(variant, desk.archive.table))
        raise UsageError(
            Issue("MILESTONE_VARIANT", f"{name}项目没有“{kind.name}”", desk.project.code, steps, "核对项目类型")
        )
