"""Confirm a correction that a look-back asks for: the one who found it corrects, a second person confirms.

The correction is judged as any other (correct_event.py): by the lead of the interval and 市发改委. What a district found is
first looked at by one of these, whose own finding then holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.dispatch.look_back import Proposal
from policy_match.errors import Conflict, Forbidden, Issue
from policy_match.workflows.correct_event import Correction, correct_event
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_look_back import Drawn, Found, one_of, read_look_back
from policy_match.workflows.record_event import Recorded
from policy_match.workflows.write_entry import By


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Which finding: the look-back, the project and the point (id or name)."""

    look_back: int
    project: str
    point: str


def confirm_finding(archive: Archive, asked: Confirmation, by: By) -> Recorded:
    """Record the correction; Conflict LOOK_BACK_NOTHING where none is asked for or it was made, Forbidden LOOK_BACK_SECOND
    for the one who found it, NotFound LOOK_BACK_DRAWN, and refusals as `correct_event` gives them."""
    shown = read_look_back(archive, by.library, asked.look_back, by.now)
    drawn = one_of(shown, asked.project, asked.point)
    found = _waiting(drawn)
    if found.actor == by.actor:
        what = "提请更正的人不能自己确认"
        raise Forbidden(Issue("LOOK_BACK_SECOND", what, drawn.project, "另一人", "由牵头单位或市发改委的另一人确认"))
    reason = f"回头看第 {shown.number} 号：{drawn.point_name} {found.result.name}。{found.note}"
    on = found.true_on if found.proposal is Proposal.CORRECT else None
    correction = Correction(drawn.project, drawn.event, on, reason)
    return correct_event(
        archive, by.library, correction, by=found.actor, second=by.actor, now=by.now, seen=drawn.row_version
    )


def _waiting(drawn: Drawn) -> Found:
    if drawn.found is None or not drawn.waits:
        what = f"{drawn.point_name}没有待确认的更正"
        raise Conflict(Issue("LOOK_BACK_NOTHING", what, drawn.project, "", "已更正的不再办理；核查后才有更正"))
    return drawn.found
