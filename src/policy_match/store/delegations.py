"""Who acts for whom, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.account_tables import Delegation


def of_id(session: Session, number: int) -> Delegation | None:
    """The delegation of a number."""
    return session.get(Delegation, number)


def every(session: Session) -> Sequence[Delegation]:
    """All delegations, also those that ended, in the order in which they were made."""
    return session.scalars(select(Delegation).order_by(Delegation.id)).all()


def in_force(session: Session, to_actor: str, on: date) -> Sequence[Delegation]:
    """The delegations to an actor that hold on a day; first and last day included."""
    asked = select(Delegation).where(
        Delegation.to_actor == to_actor,
        Delegation.revoked_at.is_(None),
        Delegation.since <= on,
        Delegation.through >= on,
    )
    return session.scalars(asked.order_by(Delegation.id)).all()


def overlapping(session: Session, pair: tuple[str, str], since: date, through: date) -> Sequence[Delegation]:
    """The delegations from the first actor to the second that hold on any day from `since` through `through`."""
    giver, taker = pair
    asked = select(Delegation).where(
        Delegation.from_actor == giver,
        Delegation.to_actor == taker,
        Delegation.revoked_at.is_(None),
        Delegation.since <= through,
        Delegation.through >= since,
    )
    return session.scalars(asked).all()
