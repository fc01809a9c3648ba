"""Keep what a request was answered, by who sent it and the key it was sent under."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from policy_match.store.subscription_tables import KeptAnswer


def find(session: Session, actor_id: str, key: str, since: datetime) -> KeptAnswer | None:
    """The answer that an actor got under a key, if it was given at that instant or later."""
    asked = select(KeptAnswer).where(KeptAnswer.actor_id == actor_id, KeptAnswer.key == key, KeptAnswer.at >= since)
    return session.scalars(asked).first()


def keep(session: Session, row: KeptAnswer, *, since: datetime) -> None:
    """Add an answer, and drop all those from before an instant."""
    session.execute(delete(KeptAnswer).where(KeptAnswer.at < since))
    session.add(row)
    session.flush()
