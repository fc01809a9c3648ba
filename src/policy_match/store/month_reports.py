"""The files of districts by month: each once, with what of it was refused."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.tables import Batch, MonthReport


def add(session: Session, row: MonthReport) -> None:
    """Note a file, in the transaction of its batch."""
    session.add(row)
    session.flush()


def of_month(session: Session, library: str, month: str) -> Sequence[tuple[MonthReport, Batch]]:
    """The files of a month (YYYY-MM), the newest first."""
    asked = select(MonthReport, Batch).join(Batch, MonthReport.batch_id == Batch.id)
    asked = asked.where(MonthReport.library == library, MonthReport.month == month)
    return [(report, batch) for report, batch in session.execute(asked.order_by(MonthReport.id.desc()))]


def districts_of(session: Session, library: str) -> dict[str, set[str]]:
    """The districts of which a file came, by month."""
    asked = select(MonthReport.month, MonthReport.district).where(MonthReport.library == library).distinct()
    found: dict[str, set[str]] = {}
    for month, district in session.execute(asked):
        found.setdefault(month, set()).add(district)
    return found


def by_number(session: Session, library: str, number: int) -> tuple[MonthReport, Batch] | None:
    """One file of a library; None if there is none of that number."""
    row = session.get(MonthReport, number)
    return None if row is None or row.library != library else (row, session.get_one(Batch, row.batch_id))


def of_batch(session: Session, batch: int) -> MonthReport | None:
    """The report that a batch is; None where it is none."""
    return session.scalars(select(MonthReport).where(MonthReport.batch_id == batch)).first()
