"""Money that has to come back: the decision of the owner unit, what was repaid, and what was written off (`msjx clawback`).

What came back is a negative payment in the ledger, so that caps and earlier payments count it no longer. What was
written off did not come back and still counts as paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.entitlement.states import Action
from policy_match.errors import Conflict, Issue
from policy_match.store import cases, payments
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.units import format_money
from policy_match.workflows.at_case import HANDLES, PAYS, CaseDesk, at_case
from policy_match.workflows.book_payment import book_payment, why_not_booked
from policy_match.workflows.enter_budget import sum_of
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, not_in_future, said


@dataclass(frozen=True, slots=True)
class Clawback:
    """What is decided: why, under which number, and the sum with its unit."""

    reason: str
    decision: str
    amount: str


@dataclass(frozen=True, slots=True)
class Repayment:
    """What came back: the sum with its unit, the day and the voucher."""

    amount: str
    on: date
    voucher: str


def claw_back(archive: Archive, number: str, asked: Clawback, by: By) -> Case:
    """Decide that all or a part of a payment has to come back.

    UsageError for missing texts or a wrong sum; Conflict CLAWBACK_SUM above what was paid, MSJX_STATE.
    """
    reason, decision = (
        said(asked.reason, "原因", "--reason"),
        said(asked.decision, "决定文号", "--decision", longest=120),
    )
    fen = sum_of(asked.amount, "--amount")
    with at_case(archive, number, by, HANDLES) as desk:
        cases.require_open_to(desk.case, Action.CLAW_BACK)
        _require_within(desk, fen, _paid(desk), "已拨付")
        body: dict[str, Plain] = {"reason": reason, "decision": decision, "amount_fen": fen}
        desk.move(Action.CLAW_BACK, body, reason=reason)
        return desk.case


def record_repayment(archive: Archive, number: str, asked: Repayment, by: By) -> int:
    """Record that money came back; gives what is still owed, 分.

    Conflict CLAWBACK_SUM above what is owed, VOUCHER_USED, MSJX_STATE; UsageError for a wrong sum or a day to come.
    """
    fen, voucher = sum_of(asked.amount, "--amount"), said(asked.voucher, "凭证号", "--voucher", longest=60)
    not_in_future(asked.on, by.today)
    with at_case(archive, number, by, PAYS) as desk:
        left = _left_after(desk, fen)
        why = why_not_booked(desk, voucher, -fen)
        if why:
            raise Conflict(Issue("VOUCHER_USED", why, "--voucher", "没有用过的凭证号", "核对凭证号"))
        book_payment(desk, voucher, asked.on, -fen)
        body: dict[str, Plain] = {"repaid_fen": fen, "on": asked.on.isoformat(), "voucher": voucher, "left_fen": left}
        desk.move(Action.REPAY, body)
        return left


def write_off(archive: Archive, number: str, amount: str, reason: str, by: By) -> int:
    """Record that a sum will not come back, and why; gives what is still owed, 分. Errors as for a repayment."""
    fen, text = sum_of(amount, "--amount"), said(reason, "核销原因", "--write-off")
    with at_case(archive, number, by, PAYS) as desk:
        left = _left_after(desk, fen)
        desk.move(Action.REPAY, {"written_off_fen": fen, "reason": text, "left_fen": left}, reason=text)
        return left


def owed_fen(desk: CaseDesk) -> int:
    """What has to come back and has neither come nor been written off, 分; 0 where nothing was clawed back."""
    owed = 0
    for step in cases.steps_of(desk.session, desk.case):
        body = cases.body_of(step)
        if step.action == Action.CLAW_BACK:
            owed += _fen(body.get("amount_fen"))
        elif step.action == Action.REPAY:
            owed -= _fen(body.get("repaid_fen")) + _fen(body.get("written_off_fen"))
    return owed


def _left_after(desk: CaseDesk, fen: int) -> int:
    cases.require_open_to(desk.case, Action.REPAY)
    owed = owed_fen(desk)
    _require_within(desk, fen, owed, "尚待追回")
    return owed - fen


def _paid(desk: CaseDesk) -> int:
    """What was paid under the case and has not come back, 分."""
    rows = payments.ledger(desk.session, desk.case.library, [desk.case.measure], known_at=desk.by.now)
    return sum(row.amount_fen for row in rows if row.case_id == desk.case.id)


def _require_within(desk: CaseDesk, fen: int, limit: int, what: str) -> None:
    if fen > limit:
        told = f"{format_money(fen)}超过{what}的{format_money(limit)}"
        raise Conflict(Issue("CLAWBACK_SUM", told, desk.case.number, f"不超过{format_money(limit)}", "核对金额"))


def _fen(value: Plain) -> int:
    return value if isinstance(value, int) else 0
