"""Who wants to be told of changes, and what came of trying. Ended subscriptions stay, with the secret erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from policy_match.store.subscription_tables import Subscription, Trial


def of_actor(session: Session, library: str, actor_id: str) -> list[Subscription]:
    """The subscriptions of an actor in a library, ended ones too, the oldest first."""
    asked = select(Subscription).where(Subscription.library == library, Subscription.actor_id == actor_id)
    return list(session.scalars(asked.order_by(Subscription.id)))


def add(session: Session, row: Subscription) -> Subscription:
    """Add one and give it its number."""
    session.add(row)
    session.flush()
    return row


def end(session: Session, row: Subscription, at: datetime) -> None:
    """Nothing is sent from now on, and nothing could be signed."""
    row.ended_at, row.secret = at, ""
    session.flush()


def add_trial(session: Session, row: Trial) -> Trial:
    """Keep what came of one test message."""
    session.add(row)
    session.flush()
    return row


def last_trials(session: Session, ids: Sequence[int]) -> dict[int, Trial]:
    """The newest trial of each subscription that was tried."""
    newest = select(func.max(Trial.id)).where(Trial.subscription_id.in_(ids)).group_by(Trial.subscription_id)
    return {row.subscription_id: row for row in session.scalars(select(Trial).where(Trial.id.in_(newest)))}
