"""What a person has to settle, and what was answered: an answer is remembered and the question not asked again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.tables import Doubt, Subject


def raise_doubt(
    session: Session,
    library: str,
    code: str,
    key: str,
    *,
    what: str,
    value: str,
    at: datetime,
    subject: Subject | None = None,
    batch_id: int | None = None,
) -> Doubt:
    """The doubt of this code and key: a new one, or the one that is there, open or settled."""
    there = find(session, library, code, key)
    if there is not None:
        return there
    row = Doubt(
        library=library, code=code, key=key[:200], what=what, value=value, opened_at=at, note="",
        subject_id=None if subject is None else subject.id, batch_id=batch_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def find(session: Session, library: str, code: str, key: str) -> Doubt | None:
    """The doubt of a code and key, open or settled; None if it never came up."""
    asked = select(Doubt).where(Doubt.library == library, Doubt.code == code, Doubt.key == key[:200])
    return session.scalars(asked).first()


def by_number(session: Session, library: str, number: int) -> Doubt | None:
    """A doubt by the number that people are shown."""
    return session.scalars(select(Doubt).where(Doubt.library == library, Doubt.id == number)).first()


def still_open(session: Session, library: str, subject_ids: Sequence[int] | None = None) -> list[Doubt]:
    """Doubts nobody has settled, the oldest first; of certain subjects if they are named."""
    asked = select(Doubt).where(Doubt.library == library, Doubt.settled_at.is_(None)).order_by(Doubt.id)
    if subject_ids is not None:
        asked = asked.where(Doubt.subject_id.in_(subject_ids))
    return list(session.scalars(asked))


def settle(session: Session, doubt: Doubt, outcome: str, *, by: str, at: datetime, note: str = "") -> None:
    """Note the answer of a person."""
    doubt.outcome, doubt.settled_by, doubt.settled_at, doubt.note = outcome, by, at, note
    session.flush()
