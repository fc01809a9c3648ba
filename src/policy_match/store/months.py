"""Closed months: the frozen text of each, kept once and given back as it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.tables import ClosedMonth


def closed(session: Session, library: str, month: str) -> ClosedMonth | None:
    """The snapshot of a month (YYYY-MM); None while it is open."""
    return session.scalars(
        select(ClosedMonth).where(ClosedMonth.library == library, ClosedMonth.month == month)
    ).first()


def closed_months(session: Session, library: str) -> tuple[str, ...]:
    """The months that are closed, in time."""
    asked = select(ClosedMonth.month).where(ClosedMonth.library == library).order_by(ClosedMonth.month)
    return tuple(session.scalars(asked))


def closed_before(session: Session, library: str, month: str) -> list[ClosedMonth]:
    """The closed months before a month (YYYY-MM), in time."""
    asked = select(ClosedMonth).where(ClosedMonth.library == library, ClosedMonth.month < month)
    return list(session.scalars(asked.order_by(ClosedMonth.month)))


def close(
    session: Session, library: str, month: str, *, by: str, at: datetime, content_hash: str, body: str
) -> ClosedMonth:
    """Freeze a month; a month is closed once."""
    row = ClosedMonth(library=library, month=month, closed_at=at, closed_by=by, content_hash=content_hash, body=body)
    session.add(row)
    session.flush()
    return row
