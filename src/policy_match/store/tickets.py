"""Numbers of tickets: T-2025-00001 and on, each once in its library, and the project that a ticket is of.

The opening entry of a ticket is kept under its number as the key of a request, which the database holds unique.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from policy_match.store.tables import Log, Subject


def next_number(session: Session, library: str, year: int) -> str:
    """The next free number of a year; the caller has taken its turn (`audit.take_turn`) and keeps it until the end."""
    start = f"T-{year:04d}-"
    asked = select(func.max(Log.idempotency_key)).where(Log.idempotency_key.like(f"{opening_key(library, start)}%"))
    last = session.scalar(asked)
    return f"{start}{(int(last.rpartition('-')[2]) if last else 0) + 1:05d}"


def opening_key(library: str, number: str) -> str:
    """The key of the entry that opens a ticket."""
    return f"ticket:{library}:{number}"


def project_of(session: Session, library: str, number: str) -> Subject | None:
    """The project that a ticket was opened for; None if there is no such ticket."""
    asked = (
        select(Subject)
        .join(Log, Log.subject_id == Subject.id)
        .where(Log.idempotency_key == opening_key(library, number))
    )
    return session.scalars(asked).first()
