"""Exclusion lists: entries that are never deleted, and when each source was last complete."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from policy_match.entitlement.proof import ExclusionSeen, ExclusionsSeen
from policy_match.store.case_tables import Exclusion, ExclusionCheck


def look(session: Session, library: str, codes: list[str], at: datetime) -> ExclusionsSeen:
    """Every entry that names one of the codes, in force or not, and when each source was last complete, as known at an instant."""
    asked = select(Exclusion).where(
        Exclusion.library == library, Exclusion.code.in_(codes), Exclusion.recorded_at <= at
    )
    entries = tuple(_seen(row, at) for row in session.scalars(asked.order_by(Exclusion.id)))
    newest = (
        select(ExclusionCheck.source, func.max(ExclusionCheck.checked_at).label("checked"))
        .where(ExclusionCheck.library == library, ExclusionCheck.checked_at <= at)
        .group_by(ExclusionCheck.source)
        .order_by(ExclusionCheck.source)
    )
    complete = {row.source: row.checked for row in session.execute(newest)}
    return ExclusionsSeen(at, complete, entries)


def by_key(session: Session, library: str) -> dict[tuple[str, str, str], Exclusion]:
    """Every entry of a library, ended or not, by kind, code and record, in the order of recording."""
    rows = session.scalars(select(Exclusion).where(Exclusion.library == library).order_by(Exclusion.id))
    return {(row.kind, row.code, row.record): row for row in rows}


def _seen(row: Exclusion, at: datetime) -> ExclusionSeen:
    ended = row.ended_on if row.ended_at is not None and row.ended_at <= at else None
    return ExclusionSeen(
        kind=row.kind, record=row.record, issuer=row.issuer, basis=row.basis, source=row.source, since=row.since,
        through=row.through, ended_on=ended, measures=tuple(row.measures or ()),
    )  # fmt: skip
