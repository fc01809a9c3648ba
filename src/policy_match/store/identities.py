"""Who actors are at services elsewhere that sign people in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.account_tables import Identity


def of_subject(session: Session, issuer: str, subject: str) -> Identity | None:
    """The identity that a service calls by this name; None if nobody was linked to it."""
    asked = select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    return session.scalars(asked).one_or_none()


def of_actor(session: Session, actor_id: str) -> Sequence[Identity]:
    """All identities of an actor, the oldest first."""
    return session.scalars(select(Identity).where(Identity.actor_id == actor_id).order_by(Identity.id)).all()


def called(session: Session, subject: str) -> Sequence[Identity]:
    """The identities that any service calls by this name, the oldest first."""
    return session.scalars(select(Identity).where(Identity.subject == subject).order_by(Identity.id)).all()
