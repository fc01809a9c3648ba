"""What a person has to settle, and what was answered: an answer is remembered and the question not asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from policy_match.store.tables import Doubt, Subject

_CHUNK = 1_000


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


@dataclass(frozen=True, slots=True)
class Question:
    """Something for a person: `key` is the same each time it comes up, `value` is what an acceptance takes."""

    subject: Subject
    code: str
    key: str
    what: str
    value: str


def raise_all(
    session: Session, library: str, questions: Sequence[Question], *, at: datetime, batch_id: int
) -> list[Doubt]:
    """The doubts of many questions, each once, in their order: new ones, or those that are there, open or settled."""
    keys = list(dict.fromkeys((one.code, one.key[:200]) for one in questions))
    there: dict[tuple[str, str], Doubt] = {}
    for start in range(0, len(keys), _CHUNK):
        asked = select(Doubt).where(Doubt.library == library)
        chunk = [key for _, key in keys[start : start + _CHUNK]]
        there |= {(row.code, row.key): row for row in session.scalars(asked.where(Doubt.key.in_(chunk)))}
    for one in questions:
        if (one.code, one.key[:200]) not in there:
            row = Doubt(
                library=library, code=one.code, key=one.key[:200], what=one.what, value=one.value, opened_at=at,
                note="", subject_id=one.subject.id, batch_id=batch_id,
            )  # fmt: skip
            session.add(row)
            there[(row.code, row.key)] = row
    session.flush()
    return [there[key] for key in keys]


def key_of(text: str) -> str:
    """The key under which a doubt is kept: what there is room for."""
    return text[:200]


def find(session: Session, library: str, code: str, key: str) -> Doubt | None:
    """The doubt of a code and key, open or settled; None if it never came up."""
    asked = select(Doubt).where(Doubt.library == library, Doubt.code == code, Doubt.key == key[:200])
    return session.scalars(asked).first()


def answers(session: Session, library: str, code: str) -> dict[str, str]:
    """What was answered to the doubts of a code, by key."""
    asked = select(Doubt.key, Doubt.outcome).where(Doubt.library == library, Doubt.code == code)
    return {row.key: row.outcome for row in session.execute(asked.where(Doubt.settled_at.is_not(None)))}


def unanswered(session: Session, library: str, code: str) -> dict[str, Doubt]:
    """The doubts of a code that nobody has settled, by key."""
    asked = select(Doubt).where(Doubt.library == library, Doubt.code == code, Doubt.settled_at.is_(None))
    return {doubt.key: doubt for doubt in session.scalars(asked)}


def of_subjects(session: Session, library: str, code: str, subject_ids: Sequence[int]) -> list[Doubt]:
    """The doubts of a code about certain subjects, settled or not, the oldest first."""
    asked = select(Doubt).where(Doubt.library == library, Doubt.code == code, Doubt.subject_id.in_(subject_ids))
    return list(session.scalars(asked.order_by(Doubt.id)))


def by_number(session: Session, library: str, number: int) -> Doubt | None:
    """A doubt by the number that people are shown."""
    return session.scalars(select(Doubt).where(Doubt.library == library, Doubt.id == number)).first()


def still_open(
    session: Session, library: str, subject_ids: Sequence[int] | None = None, *, known_at: datetime | None = None
) -> list[Doubt]:
    """Doubts nobody has settled (or had, at an instant), the oldest first; of certain subjects if they are named."""
    asked = select(Doubt).where(Doubt.library == library).order_by(Doubt.id)
    if known_at is None:
        asked = asked.where(Doubt.settled_at.is_(None))
    else:
        asked = asked.where(Doubt.opened_at <= known_at, or_(Doubt.settled_at.is_(None), Doubt.settled_at > known_at))
    if subject_ids is not None:
        asked = asked.where(Doubt.subject_id.in_(subject_ids))
    return list(session.scalars(asked))


def settle(session: Session, doubt: Doubt, outcome: str, *, by: str, at: datetime, note: str = "") -> None:
    """Note the answer of a person."""
    doubt.outcome, doubt.settled_by, doubt.settled_at, doubt.note = outcome, by, at, note
    session.flush()
