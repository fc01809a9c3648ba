"""Hold a case and let it go on, or cancel it, with a reason in words."""

from __future__ import annotations

from policy_match.entitlement.states import Action, State
from policy_match.errors import Conflict, Issue
from policy_match.facts.cells import Cause
from policy_match.store import objections
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.workflows.at_case import HANDLES, CaseDesk, at_case
from policy_match.workflows.examine_case import examine
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.verify_case import ended
from policy_match.workflows.write_entry import By, said


def hold_case(archive: Archive, number: str, reason: str, by: By) -> Case:
    """Hold a case before payment; Conflict MSJX_STATE."""
    return _leave(archive, number, Action.HOLD, reason, by)


def cancel_case(archive: Archive, number: str, reason: str, by: By) -> Case:
    """Cancel a case before payment: the measure was withdrawn, the project ended; Conflict MSJX_STATE."""
    return _leave(archive, number, Action.CANCEL, reason, by)


def release_case(archive: Archive, number: str, reason: str, by: By) -> Case:
    """Let a held case go on from where it was held, or end by what the data say now.

    A payment beside which the text does not say that this one may stand is let stand by whoever releases, with the reason.
    Conflict OBJECTION_OPEN while an objection is not answered, HOLD_STANDS while the data still contradict each other.
    """
    text = said(reason, "原因", "--reason")
    with at_case(archive, number, by, HANDLES) as desk:
        _require_answered(desk)
        found = examine(desk)
        conflict = [gap.text for gap in found.gaps if gap.cause is Cause.CONFLICT]
        if conflict:
            raise Conflict(Issue("HOLD_STANDS", "；".join(conflict), number, "", "请数据局核实，来源更正后再解除"))
        body: dict[str, Plain] = {"reason": text}
        if found.in_place is not None and found.in_place.is_open:
            body["beside"] = found.in_place.paid.reference
        elif ended(desk, found):
            return desk.case
        desk.move(Action.RELEASE, body, to=State(desk.case.held_from or State.CANDIDATE), reason=text)
        return desk.case


def _require_answered(desk: CaseDesk) -> None:
    waiting = objections.unanswered(desk.session, desk.case)
    if waiting:
        numbers = "、".join(str(number) for number in waiting)
        what = f"异议 {numbers} 还没有答复"
        raise Conflict(Issue("OBJECTION_OPEN", what, desk.case.number, "", "先答复：msjx answer"))


def _leave(archive: Archive, number: str, action: Action, reason: str, by: By) -> Case:
    text = said(reason, "原因", "--reason")
    with at_case(archive, number, by, HANDLES) as desk:
        desk.move(action, {"reason": text}, reason=text)
        return desk.case
