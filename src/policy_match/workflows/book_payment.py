"""Put money of a case into the ledger: once for each voucher, also where the ledger of the treasury told of it first."""

from __future__ import annotations

from datetime import date

from policy_match.store import payments
from policy_match.store.case_tables import Payment
from policy_match.units import format_money
from policy_match.workflows.at_case import CaseDesk

TREASURY = "FIN"


def why_not_booked(desk: CaseDesk, voucher: str, fen: int) -> str:
    """Why a voucher cannot be of this case: it is another payment's already; empty where it can be."""
    row = payments.by_reference(desk.session, desk.case.library, voucher)
    if row is None or _is_same(desk, row, fen):
        return ""
    return f"凭证号 {voucher} 已记在另一笔：{row.measure}，{row.paid_on}，{format_money(row.amount_fen)}"


def book_payment(desk: CaseDesk, voucher: str, on: date, fen: int) -> None:
    """Add the payment, or say of the one that the treasury's ledger brought whose it is. `fen` below zero: it came back.

    Whoever asks has seen to it that `why_not_booked` is empty.
    """
    row = payments.by_reference(desk.session, desk.case.library, voucher)
    if row is not None:
        row.case_id = desk.case.id
        desk.session.flush()
        return
    project = desk.project()
    payment = Payment(
        library=desk.case.library, reference=voucher, measure=desk.case.measure, beneficiary=_payee(desk),
        project=None if project is None else project.code, period=desk.case.period, paid_on=on, amount_fen=fen,
        source=TREASURY, case_id=desk.case.id, recorded_at=desk.by.now,
    )  # fmt: skip
    desk.session.add(payment)
    desk.session.flush()


def _is_same(desk: CaseDesk, row: Payment, fen: int) -> bool:
    """Whether a row of the ledger, of no case so far, is this very payment."""
    said = (row.measure, row.beneficiary, row.period, row.amount_fen)
    return row.case_id is None and said == (desk.case.measure, _payee(desk), desk.case.period, fen)


def _payee(desk: CaseDesk) -> str:
    beneficiary = desk.beneficiary()
    return f"{beneficiary.kind}:{beneficiary.code}"
