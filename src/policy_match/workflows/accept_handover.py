"""Take a project over at a point: the new lead says so; the lead itself changed by the date, accepted or not."""

from __future__ import annotations

from policy_match.errors import Conflict, Issue
from policy_match.lifecycle.handovers import Acceptance, Handover
from policy_match.lifecycle.table import Who
from policy_match.store.audit import Plain
from policy_match.workflows.advance_project import point_id
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, Desk, at_desk


def accept_handover(archive: Archive, project: str, point: str, by: By) -> Handover:
    """Record it and give back what was taken over.

    Conflict HANDOVER_NONE or HANDOVER_DONE, Forbidden CARE_ROLE for anybody but the new lead, UsageError for no point.
    """
    with at_desk(archive, project, by) as desk:
        handover = _waiting(desk, point_id(point, archive.table))
        desk.require_one((Who(handover.taker),))
        entry = Acceptance(handover.point, desk.who.name, by.now)
        detail: dict[str, Plain] = {"point": handover.point, "open_tickets": [*handover.open_tickets]}
        desk.write(entry, "handover.accept", on=by.today, detail=detail)
        return handover


def _waiting(desk: Desk, point: str) -> Handover:
    table, code = desk.archive.table, desk.project.code
    found = next((one for one in desk.record.handovers if one.point == point), None)
    if found is None:
        there = "、".join(table.name(one.point) for one in desk.record.handovers if one.accepted is None)
        raise Conflict(
            Issue("HANDOVER_NONE", f"在“{table.name(point)}”没有交接", code, there or "目前没有待接收的交接")
        )
    if found.accepted is not None:
        what = f"在“{table.name(point)}”的交接已由{found.accepted.by}接收"
        raise Conflict(Issue("HANDOVER_DONE", what, code))
    return found
