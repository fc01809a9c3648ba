"""Ask a firm to confirm its account anew: its payment came back, or the account can be opened no more (`msjx reconfirm`)."""

from __future__ import annotations

from policy_match.entitlement.states import Action, State
from policy_match.errors import Conflict, Issue
from policy_match.store import cases
from policy_match.store.case_tables import Case
from policy_match.workflows.at_case import HANDLES, CaseDesk, at_case
from policy_match.workflows.confirm_case import account_of
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.publish_notice import start_consent
from policy_match.workflows.write_entry import By


def reconfirm_case(archive: Archive, number: str, by: By) -> Case:
    """The window of consent runs again; confirmation, approval and payment follow as before.

    Conflict MSJX_STATE, also for an approved case whose account can be opened: there is nothing wrong with it.
    """
    with at_case(archive, number, by, HANDLES) as desk:
        cases.require_open_to(desk.case, Action.RECONFIRM)
        if desk.state is State.APPROVED and _opens(desk):
            what = f"{number} 已审批，账户没有问题"
            raise Conflict(Issue("MSJX_STATE", what, number, "退汇的，或账户打不开的", "等待拨付"))
        desk.case.consented = False
        start_consent(desk, Action.RECONFIRM)
        return desk.case


def _opens(desk: CaseDesk) -> bool:
    try:
        account_of(desk)
    except Conflict:
        return False
    return True
