"""The keys of programs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.account_tables import ApiKey


def of_id(session: Session, key_id: str) -> ApiKey | None:
    """The key of a public id."""
    return session.get(ApiKey, key_id)


def every(session: Session) -> Sequence[ApiKey]:
    """All keys, also those that ended, in the order in which they were issued."""
    return session.scalars(select(ApiKey).order_by(ApiKey.made_at, ApiKey.id)).all()


def standing_of(session: Session, actor_id: str) -> Sequence[ApiKey]:
    """The keys of an actor that were not revoked."""
    return session.scalars(select(ApiKey).where(ApiKey.actor_id == actor_id, ApiKey.revoked_at.is_(None))).all()
