"""What of a year's budget is spent or promised, 分."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.store import cases, payments
from policy_match.store.case_tables import Budget, Case


def bound_fen(session: Session, line: Budget, at: datetime, *, besides: Case | None = None) -> int:
    """Paid under cases in the year of the budget, less what came back, and approved for others but `besides`."""
    spent = payments.spent_fen(session, line.library, line.measure, line.year, known_at=at)
    return spent + cases.promised_fen(session, line.library, line.measure, besides)
