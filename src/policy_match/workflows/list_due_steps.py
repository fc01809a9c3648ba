"""What falls due soon for each department over all projects: its list before it is asked (常政办发〔2024〕37号 一(三))."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from policy_match.errors import Issue, UsageError
from policy_match.identifiers import region_name
from policy_match.lifecycle.milestones import Due, upcoming
from policy_match.lifecycle.organisation import Organisation
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_organisation import open_organisation
from policy_match.workflows.print_rows import FILES, Row, Rows, print_rows
from policy_match.workflows.read_records import View

_HEADER = {
    "role_name": "责任单位", "on": "到期", "late": "已逾期", "milestone": "里程碑", "project": "项目", "name": "项目名称",
    "district": "辖市区", "unit": "对接单位",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that falls due, and the project it is of."""

    due: Due
    project: Standing


def list_due_steps(archive: Archive, library: str, view: View, *, role: str | None = None) -> list[DueStep]:
    """Steps of active projects, due within the table's days or overdue, by role in the table's order, then by day.

    `role` by id or name: only its own; UsageError ROLE_UNKNOWN for any other word.
    """
    wanted = None if role is None else _role(role, archive.table)
    with archive.database.reading() as session:
        standings = list_standings(session, archive, library, view)
    found = [
        DueStep(due, one)
        for one in standings
        if one.is_active
        for due in upcoming(one.milestones, archive.table, view.as_of)
        if wanted in (None, due.owner)
    ]
    order = {role: place for place, role in enumerate(archive.table.roles)}
    return sorted(found, key=lambda step: (order[step.due.owner], step.due.on, step.project.code, step.due.kind))


def print_due_steps(
    archive: Archive, library: str, view: View, *, role: str | None, form: str | None, out: Path | None
) -> None:
    """The list as lines, JSON, CSV, or a workbook with a sheet per department."""
    organisation = open_organisation(archive)
    found = list_due_steps(archive, library, view, role=role)
    rows = tuple(_row(step, archive.table, organisation) for step in found)
    title = f"{view.as_of} 起{archive.table.upcoming_days}天内到期"
    print_rows(Rows(title, _HEADER, rows, group="role_name"), form=form, out=out, forms=FILES)


def _role(written: str, table: LifecycleTable) -> str:
    found = next((role.id for role in table.roles.values() if written.strip() in (role.id, role.name)), None)
    if found is None:
        names = "、".join(f"{role.id} {role.name}" for role in table.roles.values())
        raise UsageError(Issue("ROLE_UNKNOWN", f"没有单位“{written[:20]}”", "--unit", names, "用列出的编号或名称"))
    return found


def _row(step: DueStep, table: LifecycleTable, organisation: Organisation) -> Row:
    due, project = step.due, step.project
    return {
        "role": due.owner,
        "role_name": table.roles[due.owner].name,
        "unit": organisation.unit_of(due.owner, project.district),
        "on": due.on.isoformat(),
        "late": due.is_late,
        "kind": due.kind,
        "milestone": due.name,
        "project": project.code,
        "name": project.name,
        "district": None if project.district is None else region_name(project.district),
    }
