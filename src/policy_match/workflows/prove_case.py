"""The proof of a case as one file that a stranger can check, and the replay of it: decided again from its own text."""

from __future__ import annotations

import json
from contextlib import suppress

from sqlalchemy.orm import Session

from policy_match import verify_proof
from policy_match.entitlement.proof import Link, proof_text
from policy_match.errors import Conflict, Issue
from policy_match.salted import MARK, Salted
from policy_match.store import cases
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.units import format_money
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_release import read_texts
from policy_match.workflows.seal_value import about_case, open_salted


def proof_of(archive: Archive, library: str, number: str) -> str:
    """The proof file of a case that was verified; Conflict PROOF_NONE before that, NotFound MSJX_UNKNOWN."""
    with archive.database.reading() as session:
        case = cases.by_number(session, library, number)
        if case.proof_hash is None:
            raise Conflict(
                Issue("PROOF_NONE", f"{number} 还没有核验通过，没有证明", number, "核验通过的办件", "先核验")
            )
        return text_of(session, archive, case, case.proof_hash)


def text_of(session: Session, archive: Archive, case: Case, proof_hash: str) -> str:
    """The proof file of one verification of a case."""
    body: dict[str, Plain] = json.loads(cases.proof_body(session, proof_hash))
    release = read_texts(session, archive.shelf, str(body["release"]))
    links = [Link(cases.row_of(step), step.row_hash) for step in cases.steps_of(session, case)]
    return proof_text(body, release, links, _opened(session, archive, case))


def _opened(session: Session, archive: Archive, case: Case) -> dict[str, Salted]:
    """Salt and value of every mark in the steps, but for those that cannot be opened: the chain holds without them."""
    found = {}
    for step in cases.steps_of(session, case):
        for name, written in cases.body_of(step).items():
            if isinstance(written, str) and written.startswith(MARK):
                with suppress(Conflict):
                    found[written] = open_salted(session, archive.sealer, written, about_case(case, name))
    return found


def replay(archive: Archive, library: str, number: str) -> str:
    """What agrees, in words, when the case is decided again from its proof alone; Conflict PROOF_REFUSED where it does not."""
    proof = json.loads(proof_of(archive, library, number))
    try:
        verify_proof.verify(proof)
    except verify_proof.Refused as refused:
        raise Conflict(Issue("PROOF_REFUSED", str(refused), number, "", "停止拨付，查明是谁改的")) from None
    decision = proof["body"]["decision"]
    return f"{number}：凭证明重新判定，结论、各条件和金额都一致，兑付{format_money(decision['pay_fen'])}"
