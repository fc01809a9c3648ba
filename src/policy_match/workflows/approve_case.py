"""Approve a payment: everything once more on the day before it, by somebody who did not verify (domain specification §4.4, M5)."""

from __future__ import annotations

from policy_match.entitlement.proof import hash_of
from policy_match.entitlement.states import Action
from policy_match.errors import Conflict, Forbidden, Issue
from policy_match.store import cases, payments
from policy_match.store.actors import actor
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.units import format_money, parse_money
from policy_match.workflows.at_case import HANDLES, CaseDesk, at_case, not_the_same
from policy_match.workflows.bound_money import bound_fen
from policy_match.workflows.examine_case import Examined, days_since, examine
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.verify_case import ended, require_proved
from policy_match.workflows.write_entry import By

CREDIT = "CREDIT"


def approve_case(archive: Archive, number: str, by: By, *, second: str | None = None, seen: int | None = None) -> Case:
    """Approve, or let the case end, be held or start anew by what is known today.

    `second`: another approver, needed above the measure's own sum. Conflict MSJX_SAME_PERSON for a verifier,
    EXCLUSIONS_OLD where the lists were not looked at in time, MSJX_BUDGET where no budget was entered or it does not
    suffice, SECOND_SIGNATURE, MSJX_STATE; Forbidden CARE_ROLE.
    """
    with at_case(archive, number, by, HANDLES, seen=seen) as desk:
        cases.require_open_to(desk.case, Action.APPROVE)
        _require_whole(desk)
        verified = cases.last_step(desk.session, desk.case, Action.VERIFY)
        officers = {"第一次核验": desk.case.first_by, "第二次核验": None if verified is None else verified.actor_id}
        not_the_same(desk.who, officers, "审批拨付")
        found = examine(desk)
        if ended(desk, found):
            return desk.case
        if found.body is not None and found.pay_fen != desk.case.amount_fen:
            start_anew(desk, found)
            return desk.case
        require_proved(desk, found)
        require_fresh_lists(desk, found)
        body: dict[str, Plain] = {"amount_fen": desk.case.amount_fen, "proof": desk.case.proof_hash}
        body["seen_now"] = None if found.body is None else hash_of(found.body)
        body["second"] = _second(desk, second, officers)
        body["budget"] = within_budget(desk)
        desk.move(Action.APPROVE, body)
        return desk.case


def _require_whole(desk: CaseDesk) -> None:
    """Paying takes a notice that has ended, where the measure has one, and a consent; Conflict MSJX_STATE otherwise."""
    plan = desk.rule.measure.no_application
    if plan is not None and plan.notice_working_days and not desk.case.notice_ended:
        raise Conflict(Issue("MSJX_STATE", f"{desk.case.number} 还没有公示期满", desk.case.number, "公示", "先公示"))
    if not desk.case.consented:
        raise Conflict(
            Issue("MSJX_STATE", f"{desk.case.number} 没有企业确认", desk.case.number, "确认", "先请企业确认")
        )


def start_anew(desk: CaseDesk, found: Examined) -> None:
    """Another amount than was verified, published and confirmed: all of it again (MSJX_AMOUNT_CHANGED)."""
    case = desk.case
    before = "未定" if case.amount_fen is None else format_money(case.amount_fen)
    why = f"金额由{before}变为{format_money(found.pay_fen or 0)}"
    body: dict[str, Plain] = {"code": "MSJX_AMOUNT_CHANGED", "why": why, "amount_fen": found.pay_fen}
    desk.move(Action.CHANGE, body, reason=why)
    case.first_by, case.amount_fen, case.proof_hash = None, None, None
    case.notice_ended, case.consented = False, False
    case.notice_first = case.notice_last = case.consent_last = None


def require_fresh_lists(desk: CaseDesk, found: Examined) -> None:
    """Refuse where the exclusion lists were not looked at in time; Conflict EXCLUSIONS_OLD."""
    days, limit = days_since(found.looked, CREDIT, desk.by.today), desk.archive.terms.exclusions_seen_days
    if days is None or not 0 <= days <= limit:
        seen = "没有导入过" if days is None else f"是 {days} 天前的"
        what = f"排除名单{seen}"
        raise Conflict(
            Issue("EXCLUSIONS_OLD", what, desk.case.number, f"{limit} 天以内", "导入今天的名单：msjx exclusions")
        )


def _second(desk: CaseDesk, second: str | None, officers: dict[str, str | None]) -> str | None:
    plan, amount = desk.rule.measure.no_application, desk.case.amount_fen or 0
    above = None if plan is None or plan.second_signature_above is None else parse_money(plan.second_signature_above)
    if above is None or amount <= above:
        return None
    if second is None:
        what = f"{format_money(amount)}超过{format_money(above)}，要第二人会签"
        raise Conflict(Issue("SECOND_SIGNATURE", what, desk.case.number, "--second 经办人", "写上第二人"))
    other = actor(desk.session, second, desk.by.today)
    if other.unit != desk.who.unit or other.role != desk.who.role:
        raise Forbidden(Issue("CARE_ROLE", f"“{other.name}”不是同一单位的经办人", "--second", "", "请本单位另一人会签"))
    not_the_same(other, {**officers, "审批": desk.who.id}, "会签")
    return other.id


def within_budget(desk: CaseDesk) -> Plain:
    """The budget line, with what is left after this payment; Conflict MSJX_BUDGET."""
    case, year = desk.case, desk.by.today.year
    line = payments.budget(desk.session, case.library, case.measure, year)
    if line is None:
        what = f"{desk.rule.measure.title}没有登记 {year} 年的预算和公平竞争审查"
        raise Conflict(Issue("MSJX_BUDGET", what, case.number, str(year), "请财政登记：msjx budget"))
    left = line.amount_fen - bound_fen(desk.session, line, desk.by.now, besides=case) - (case.amount_fen or 0)
    if left < 0:
        what = f"预算还差{format_money(-left)}"
        raise Conflict(Issue("MSJX_BUDGET", what, case.number, format_money(line.amount_fen), "挂起等预算：msjx hold"))
    return {"line": line.line, "year": year, "left_fen": left, "reviewed_on": line.reviewed_on.isoformat()}
