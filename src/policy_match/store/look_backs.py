"""Look-backs in the store: samples as they were drawn, and what was found at each conclusion; nothing is ever changed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.look_back_tables import LookBack, LookBackFinding

_LAST = 2**31
"""No number is so large; larger ones than a column holds would be an error of the database."""


def add(session: Session, row: LookBack | LookBackFinding) -> None:
    """Keep a sample, or a finding."""
    session.add(row)
    session.flush()


def every(session: Session, library: str) -> list[LookBack]:
    """The look-backs of a library, the newest first."""
    return list(session.scalars(select(LookBack).where(LookBack.library == library).order_by(LookBack.id.desc())))


def by_number(session: Session, library: str, number: int) -> LookBack | None:
    """One look-back of a library; None if there is none of that number."""
    row = session.get(LookBack, number) if number <= _LAST else None
    return None if row is None or row.library != library else row


def drawn_before(session: Session, library: str, seed: int, as_of: date) -> LookBack | None:
    """The look-back that was drawn by this seed on this day; None if there is none."""
    asked = select(LookBack).where(LookBack.library == library, LookBack.seed == seed, LookBack.as_of == as_of)
    return session.scalars(asked.order_by(LookBack.id)).first()


def findings(session: Session, number: int) -> dict[str, LookBackFinding]:
    """The finding that holds at each conclusion, by the id of its event: the last one."""
    asked = select(LookBackFinding).where(LookBackFinding.look_back_id == number).order_by(LookBackFinding.id)
    return {row.event: row for row in session.scalars(asked)}
