"""The ledger of payments: our own and what other systems told of, each reference once; a refund is a negative sum."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from policy_match.benefits.ledger import Paid
from policy_match.store.case_tables import Budget, Payment


def ledger(
    session: Session, library: str, measures: Iterable[str] | None = None, *, known_at: datetime
) -> list[Payment]:
    """Every payment known at an instant, of all measures or of some, by day and reference."""
    asked = select(Payment).where(Payment.library == library, Payment.recorded_at <= known_at)
    if measures is not None:
        asked = asked.where(Payment.measure.in_(sorted(measures)))
    return list(session.scalars(asked.order_by(Payment.paid_on, Payment.reference)))


def beside(
    session: Session, library: str, beneficiary: str, pooled: Iterable[str], case_id: int, *, known_at: datetime
) -> list[Payment]:
    """What was paid under other cases to a beneficiary, or to anybody under one of the `pooled` measures, by day and reference."""
    asked = select(Payment).where(Payment.library == library, Payment.recorded_at <= known_at)
    asked = asked.where(or_(Payment.beneficiary == beneficiary, Payment.measure.in_(sorted(pooled))))
    asked = asked.where(or_(Payment.case_id.is_(None), Payment.case_id != case_id))
    return list(session.scalars(asked.order_by(Payment.paid_on, Payment.reference)))


def spent_fen(session: Session, library: str, measure: str, year: int, *, known_at: datetime) -> int:
    """What was paid under cases of a measure in a calendar year, less what came back, 分."""
    asked = select(func.sum(Payment.amount_fen)).where(Payment.library == library, Payment.measure == measure)
    asked = asked.where(Payment.recorded_at <= known_at, Payment.case_id.is_not(None))
    return int(session.scalar(asked.where(Payment.paid_on.between(date(year, 1, 1), date(year, 12, 31)))) or 0)


def paid(row: Payment) -> Paid:
    """A row of the ledger as the core reads it."""
    return Paid(row.measure, row.beneficiary, row.project, row.paid_on, row.amount_fen, row.reference)


def by_reference(session: Session, library: str, reference: str) -> Payment | None:
    """The payment of a reference; None where there is none."""
    return session.scalars(select(Payment).where(Payment.library == library, Payment.reference == reference)).first()


def budget(session: Session, library: str, measure: str, year: int) -> Budget | None:
    """The money of a measure for a year; None where none was entered."""
    asked = select(Budget).where(Budget.library == library, Budget.measure == measure, Budget.year == year)
    return session.scalars(asked).first()
