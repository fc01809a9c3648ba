"""Sealed values in the store, each by the mark that stands for it elsewhere."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from policy_match.store.case_tables import SealedValue


def keep(session: Session, mark: str, about: str, sealed: str) -> None:
    """Keep a sealed value; `about`: what it belongs to, which is needed to open it."""
    session.add(SealedValue(mark=mark, about=about, sealed=sealed))
    session.flush()


def sealed_text(session: Session, mark: str) -> str | None:
    """The sealed value of a mark; None where it is there no more."""
    return session.scalar(select(SealedValue.sealed).where(SealedValue.mark == mark))


def count_besides(session: Session, prefix: str) -> int:
    """How many values do not begin with the prefix: another key sealed them."""
    asked = select(func.count()).select_from(SealedValue).where(~SealedValue.sealed.startswith(prefix, autoescape=True))
    return session.scalar(asked) or 0
