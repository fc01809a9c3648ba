"""Verify a candidate: two officers, each on data read anew; the second one's reading is frozen as the proof.

Where the data say that nothing is owed, the case ends with the reason; where they do not say enough, it stays a
candidate and the officer is told what is missing. Nobody types a value in the place of one that is stale.
"""

from __future__ import annotations

from collections.abc import Mapping

from policy_match.benefits.ledger import Paid
from policy_match.eligibility.decide import VERDICT_NAMES, Verdict
from policy_match.entitlement.proof import ExclusionSeen, canonical, hash_of
from policy_match.entitlement.states import Action, State
from policy_match.errors import Conflict, Issue
from policy_match.facts.cells import Cause
from policy_match.store import cases
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.units import format_money
from policy_match.workflows.at_case import HANDLES, CaseDesk, at_case, not_the_same
from policy_match.workflows.examine_case import Examined, examine
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By


def verify_case(archive: Archive, number: str, by: By, *, seen: int | None = None) -> Case:
    """Verify as the first or as the second officer; the case may end, or be held, by what the data say.

    Conflict MSJX_EVIDENCE with every gap where the data do not prove the case, MSJX_BARRED where the measure may not be
    paid so at all, MSJX_SAME_PERSON for the second look by the first officer.
    """
    with at_case(archive, number, by, HANDLES, seen=seen) as desk:
        cases.require_open_to(desk.case, Action.CHECK)
        not_the_same(desk.who, {"第一次核验": desk.case.first_by}, "第二次核验")
        found = examine(desk)
        if not ended(desk, found):
            require_proved(desk, found)
            _sign(desk, found)
        return desk.case


def ended(desk: CaseDesk, found: Examined) -> bool:
    """Whether the data end the case or hold it; the step says why."""
    if found.excluded:
        names = "、".join(told_exclusion(desk, one) for one in found.excluded)
        desk.move(Action.EXCLUDE, {"why": names, "entries": [_entry(one) for one in found.excluded]}, reason=names)
    elif found.gone is not None:
        why = f"企业已{found.gone}"
        desk.move(Action.EXCLUDE, {"why": why, "status": found.gone}, reason=why)
    elif found.verdict in (Verdict.INELIGIBLE, Verdict.NOT_IN_FORCE):
        why = f"按现有数据{VERDICT_NAMES[found.verdict]}"
        desk.move(Action.REFUSE, {"why": why, "verdict": found.verdict.value, "facts": found.facts}, reason=why)
    elif found.in_place is not None and not _may_stand(desk, found.in_place.paid.reference):
        _give_way(desk, found.in_place.paid, found.in_place.why, is_open=found.in_place.is_open)
    elif any(gap.cause is Cause.CONFLICT for gap in found.gaps):
        why = "；".join(gap.text for gap in found.gaps if gap.cause is Cause.CONFLICT)
        desk.move(Action.HOLD, {"why": why, "cause": Cause.CONFLICT.value}, reason=why)
    else:
        return False
    return True


def _may_stand(desk: CaseDesk, reference: str | None) -> bool:
    """Whether an officer has let this case stand beside an earlier payment, by releasing its hold."""
    steps = cases.steps_of(desk.session, desk.case)
    released = (cases.body_of(step) for step in steps if step.action == Action.RELEASE)
    return reference is not None and any(body.get("beside") == reference for body in released)


def _give_way(desk: CaseDesk, paid: Paid, why: str, *, is_open: bool) -> None:
    """End for a payment that stands in this one's place; hold where nobody can say whether both may stand."""
    told = f"{why}：{paid.measure}，{paid.paid_on}，{format_money(paid.amount_fen)}（{paid.reference}）"
    body: Mapping[str, Plain] = {"why": told, "reference": paid.reference, "measure": paid.measure}
    if is_open:
        desk.move(Action.HOLD, {**body, "cause": "unwritten"}, reason=told)
    elif desk.state is State.CANDIDATE:
        desk.move(Action.REFUSE, {**body, "cause": "paid"}, reason=told)
    else:
        desk.move(Action.SUPERSEDE, body, reason=told)


def require_proved(desk: CaseDesk, found: Examined) -> None:
    """Refuse what is not proved, with every gap; Conflict MSJX_BARRED or MSJX_EVIDENCE."""
    number = desk.case.number
    if found.barred:
        raise Conflict(
            *(
                Issue("MSJX_BARRED", f"{answer.code} {answer.question}：{answer.why}", number, "", "改规则或按需申报办")
                for answer in found.barred
            )
        )
    if found.period != desk.case.period:
        what = f"这笔待遇的期间现在是{found.period or '未知'}，办件的是{desk.case.period}"
        raise Conflict(Issue("MSJX_EVIDENCE", what, number, desk.case.period, "查明日期；确实变了就撤销，另列候选"))
    if found.gaps:
        raise Conflict(*(Issue("MSJX_EVIDENCE", gap.text, number, "", "请数据来源单位更新") for gap in found.gaps))
    if found.body is None or not found.pay_fen:
        what = "金额为零，或封顶已满" if found.body is not None else f"结论是{VERDICT_NAMES[found.verdict]}"
        cuts = "；".join(cut.why for cut in found.cuts)
        raise Conflict(Issue("MSJX_EVIDENCE", what, number, cuts, "不兑付；下一年度再看"))


def _sign(desk: CaseDesk, found: Examined) -> None:
    if found.body is None:
        raise TypeError("nothing is proved")
    proof_hash, case = hash_of(found.body), desk.case
    body: dict[str, Plain] = {"proof": proof_hash, "amount_fen": found.pay_fen, "release": desk.deciding.release}
    if found.warned:
        body["warned"] = [_entry(one) for one in found.warned]
    if case.first_by is None:
        case.first_by = desk.who.id
        desk.move(Action.CHECK, body)
        return
    cases.keep_proof(desk.session, case, proof_hash, canonical(dict(found.body)), desk.by.now)
    case.amount_fen, case.proof_hash = found.pay_fen, proof_hash
    case.version, case.release = found.rule.measure.version, desk.deciding.release
    desk.move(Action.VERIFY, body)


def told_exclusion(desk: CaseDesk, entry: ExclusionSeen) -> str:
    """An entry in words, with who listed it and by what law."""
    return f"{desk.archive.terms.exclusions[entry.kind].name}（{entry.issuer}，依据{entry.basis}，{entry.record}）"


def _entry(entry: ExclusionSeen) -> Plain:
    return {"kind": entry.kind, "record": entry.record, "issuer": entry.issuer, "basis": entry.basis}
