"""The sessions: one row for each token that was given out; a session that ended has no row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from policy_match.store.account_tables import SessionRow


def of_hash(session: Session, token_hash: str) -> SessionRow | None:
    """The session of a token, given by its hash."""
    return session.get(SessionRow, token_hash)


def end(session: Session, token_hash: str) -> None:
    """End one session."""
    session.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))


def end_all(session: Session, actor_id: str, *, but: str | None = None) -> int:
    """End the sessions of an actor, all `but` the one of a hash; how many there were."""
    ended = session.scalars(
        select(SessionRow.token_hash).where(SessionRow.actor_id == actor_id, SessionRow.token_hash != (but or ""))
    ).all()
    session.execute(delete(SessionRow).where(SessionRow.token_hash.in_(ended)))
    return len(ended)


def drop_ended(session: Session, now: datetime) -> None:
    """Take away the rows of sessions that reached their latest end."""
    session.execute(delete(SessionRow).where(SessionRow.ends_at <= now))
