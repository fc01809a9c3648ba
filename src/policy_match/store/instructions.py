"""What passes between us and the treasury: batches of instructions that never change, and receipts that are never lost."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from policy_match.errors import Issue, NotFound
from policy_match.store.case_tables import Case, Instruction, PaymentBatch, Receipt


def next_batch_number(session: Session, library: str, year: int) -> str:
    """The number after the last one of the year: `BF-2025-000001`. Whoever asks has taken the turn."""
    prefix = f"BF-{year}-"
    asked = select(func.max(PaymentBatch.number)).where(PaymentBatch.library == library)
    last = session.scalar(asked.where(PaymentBatch.number.startswith(prefix)))
    return f"{prefix}{1 if last is None else int(last.removeprefix(prefix)) + 1:06d}"


def batch(session: Session, library: str, number: str) -> PaymentBatch:
    """The batch of a number; NotFound BATCH_UNKNOWN with the nearest numbers."""
    asked = select(PaymentBatch).where(PaymentBatch.library == library, PaymentBatch.number == number.strip())
    found = session.scalars(asked).first()
    if found is not None:
        return found
    known = list(session.scalars(select(PaymentBatch.number).where(PaymentBatch.library == library)))
    near = "、".join(match for match, _, _ in process.extract(number[:40], sorted(known), limit=5)) or "还没有批次"
    raise NotFound(Issue("BATCH_UNKNOWN", f"没有批次“{number[:40]}”", "--batch", near, "核对批次号"))


def last_attempt(session: Session, case: Case) -> int:
    """The number of the last order to pay a case; 0 where there was none."""
    return session.scalar(select(func.max(Instruction.attempt)).where(Instruction.case_id == case.id)) or 0


def instruction(session: Session, library: str, instruction_id: str) -> Instruction | None:
    """The instruction of an id; None where there is none in the library."""
    found = session.get(Instruction, instruction_id)
    return found if found is not None and found.library == library else None


def newest(session: Session, case: Case) -> Instruction | None:
    """The last order to pay a case; None where there was none."""
    asked = select(Instruction).where(Instruction.case_id == case.id).order_by(Instruction.attempt.desc())
    return session.scalars(asked.limit(1)).first()


def same_receipt(session: Session, told: Receipt) -> Receipt | None:
    """The receipt that said the same before, taken or not; None if it is new. The words of the reason do not matter."""
    asked = select(Receipt).where(
        Receipt.library == told.library, Receipt.instruction == told.instruction, Receipt.voucher == told.voucher,
        Receipt.amount_fen == told.amount_fen, Receipt.told_on == told.told_on, Receipt.paid == told.paid,
    )  # fmt: skip
    return session.scalars(asked.order_by(Receipt.id)).first()


def quarantined(session: Session, library: str) -> list[Receipt]:
    """The receipts that were not taken, in the order in which they came."""
    asked = select(Receipt).where(Receipt.library == library, Receipt.taken.is_(False))
    return list(session.scalars(asked.order_by(Receipt.id)))


def cases_of(session: Session, receipts: Iterable[Receipt]) -> dict[str, Case]:
    """The cases that receipts are about, by instruction; those of unknown instructions are left out."""
    ids = {one.instruction for one in receipts}
    asked = select(Instruction.id, Case).join(Case, Case.id == Instruction.case_id).where(Instruction.id.in_(ids))
    return {row.id: row.Case for row in session.execute(asked)}
