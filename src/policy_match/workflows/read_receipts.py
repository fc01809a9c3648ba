"""Read what the treasury answered (`msjx receipt`): paid to the 分, or returned; whatever does not fit is quarantined.

A quarantined receipt changes no case. The same receipt may come as often as it likes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from policy_match.dates import local_day
from policy_match.entitlement.states import STATE_NAMES, Action, State
from policy_match.exchange.receipt_file import ToldReceipt, read_receipt_file
from policy_match.exchange.refusals import Refusal
from policy_match.store import instructions
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case, Instruction, PaymentBatch, Receipt
from policy_match.units import format_money
from policy_match.workflows.at_case import CaseDesk
from policy_match.workflows.book_payment import book_payment, why_not_booked
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.pay_desk import PayDesk, at_pay_desk
from policy_match.workflows.write_entry import By


@dataclass(slots=True)
class ReceiptsRead:
    """What became of a file: counts, the receipts that are quarantined (also from before), the rows refused."""

    paid: int = 0
    failed: int = 0
    same: int = 0
    quarantined: list[Receipt] = field(default_factory=list)
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A receipt that was not taken, and the case it names: its number and where it stands now, in words; None: no case."""

    receipt: Receipt
    case: str | None
    state: str | None


def read_receipts(archive: Archive, file: Path, by: By) -> ReceiptsRead:
    """Take in a file, in one transaction. UsageError for one that cannot be read; Forbidden CARE_ROLE."""
    with at_pay_desk(archive, by, about=file.name) as desk:
        read = read_receipt_file(file, by.today)
        done = ReceiptsRead(refusals=read.refusals, notes=read.notes)
        for _, told in read.rows:
            _take(desk, told, done)
        detail: dict[str, Plain] = {
            "file": file.name, "sha256": read.sha256, "paid": done.paid, "failed": done.failed, "same": done.same,
            "quarantined": len(done.quarantined), "refused": len({one.row for one in read.refusals}),
        }  # fmt: skip
        desk.note("receipt", "receipts", file.name[:120], detail)
        return done


def list_quarantined(archive: Archive, by: By) -> tuple[Quarantined, ...]:
    """The receipts that were not taken, in the order in which they came; Forbidden CARE_ROLE."""
    with at_pay_desk(archive, by) as desk:
        rows = instructions.quarantined(desk.session, by.library)
        about = instructions.cases_of(desk.session, rows)
        return tuple(
            Quarantined(row, case.number, STATE_NAMES[State(case.state)])
            if (case := about.get(row.instruction)) is not None
            else Quarantined(row, None, None)
            for row in rows
        )


def _take(desk: PayDesk, told: ToldReceipt, done: ReceiptsRead) -> None:
    receipt = Receipt(
        library=desk.by.library, instruction=told.instruction, voucher=told.voucher, amount_fen=told.amount_fen,
        told_on=told.told_on, paid=told.paid, reason=told.reason, taken=False, why="", recorded_at=desk.by.now,
    )  # fmt: skip
    before = instructions.same_receipt(desk.session, receipt)
    if before is not None:
        done.same += before.taken
        done.quarantined += [] if before.taken else [before]
        return
    order = instructions.instruction(desk.session, desk.by.library, told.instruction)
    case_desk = None if order is None else desk.at(desk.session.get_one(Case, order.case_id))
    receipt.why = "没有这个指令" if order is None or case_desk is None else _why_not(case_desk, order, told)
    receipt.taken = not receipt.why
    desk.session.add(receipt)
    desk.session.flush()
    if case_desk is None or receipt.why:
        done.quarantined.append(receipt)
        return
    _settle(case_desk, told)
    done.paid += told.paid
    done.failed += not told.paid


def _why_not(desk: CaseDesk, order: Instruction, told: ToldReceipt) -> str:
    """Why a receipt cannot be taken; empty where it can."""
    if order.attempt != instructions.last_attempt(desk.session, desk.case):
        return "这个指令已经作废，之后另发了新的指令"
    if desk.state is not State.PAYING:
        return f"办件{desk.case.number}现在是“{STATE_NAMES[desk.state]}”，不在拨付中"
    if told.amount_fen != order.amount_fen:
        return f"金额不符：指令{format_money(order.amount_fen)}，回单{format_money(told.amount_fen)}"
    sent_on = local_day(desk.session.get_one(PaymentBatch, order.batch_id).exported_at)
    if told.told_on < sent_on:
        return f"日期 {told.told_on} 早于发出指令的 {sent_on}"
    return why_not_booked(desk, told.voucher, told.amount_fen) if told.paid else ""


def _settle(desk: CaseDesk, told: ToldReceipt) -> None:
    body: dict[str, Plain] = {
        "instruction": told.instruction, "voucher": told.voucher, "amount_fen": told.amount_fen,
        "on": told.told_on.isoformat(),
    }  # fmt: skip
    if told.paid:
        book_payment(desk, told.voucher, told.told_on, told.amount_fen)
        desk.move(Action.PAY, body)
    else:
        desk.move(Action.FAIL, {**body, "reason": told.reason}, reason=told.reason)
