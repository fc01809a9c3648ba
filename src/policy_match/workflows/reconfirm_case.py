"""Ask a firm whose payment came back to confirm its account anew; only then is there a new attempt (`msjx reconfirm`)."""

from __future__ import annotations

from policy_match.entitlement.states import Action
from policy_match.store import cases
from policy_match.store.case_tables import Case
from policy_match.workflows.at_case import HANDLES, at_case
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.publish_notice import start_consent
from policy_match.workflows.write_entry import By


def reconfirm_case(archive: Archive, number: str, by: By) -> Case:
    """The window of consent runs again; confirmation, approval and payment follow as before. Conflict MSJX_STATE."""
    with at_case(archive, number, by, HANDLES) as desk:
        cases.require_open_to(desk.case, Action.RECONFIRM)
        desk.case.consented = False
        start_consent(desk, Action.RECONFIRM)
        return desk.case
