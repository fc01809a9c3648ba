"""Drafts of rules, each by one author; nothing is deleted, what is given up is closed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.draft_tables import DraftRow


def add(session: Session, rows: Sequence[DraftRow]) -> None:
    """Add drafts and give them their numbers."""
    session.add_all(rows)
    session.flush()


def of_library(session: Session, library: str) -> list[DraftRow]:
    """The drafts of a library that were not given up, those written last first."""
    asked = select(DraftRow).where(DraftRow.library == library, DraftRow.closed_at.is_(None))
    return list(session.scalars(asked.order_by(DraftRow.changed_at.desc(), DraftRow.id.desc())))


def by_number(session: Session, library: str, number: int) -> DraftRow | None:
    """One draft of a library, given up or not."""
    row = session.get(DraftRow, number)
    return row if row is not None and row.library == library else None


def of_activation(session: Session, activation: int) -> DraftRow | None:
    """The draft that was handed in with a proposal; None where it came from a rule folder or an earlier release."""
    return session.scalars(select(DraftRow).where(DraftRow.activation_id == activation)).first()
