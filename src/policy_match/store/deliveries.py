"""Deliveries in the store: claimed with a lease, so that those of a worker that died come back; attempts; channel switches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from policy_match.push.delivery import GONE, OPEN
from policy_match.push.words import Channel, DeliveryState, MessageState
from policy_match.store.push_tables import Attempt, ChannelSwitch, Delivery, Message

LEASE = timedelta(seconds=60)
_NOT_YET = (MessageState.HELD, MessageState.WAITING)


@dataclass(frozen=True, slots=True)
class Queued:
    """A delivery and its message, for a list of the queue; `outcome`: what came of the last attempt, in words."""

    delivery: Delivery
    message: Message
    outcome: str | None


def claim(session: Session, worker: str, now: datetime) -> Delivery | None:
    """Lease the delivery that has been due longest to a worker; None: nothing is due that nobody else has.

    In a transaction of its own (`Database.claiming`). The state stays as it is: until it is `sending`, nothing was sent.
    """
    asked = select(Delivery).join(Message, Message.id == Delivery.message_id)
    asked = asked.where(*_due(now)).order_by(Delivery.due_at, Delivery.id).limit(1)
    row = session.scalars(asked.with_for_update(of=Delivery, skip_locked=True)).first()
    if row is not None:
        row.leased_by, row.leased_until = worker, now + LEASE
        session.flush()
    return row


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.state.in_(OPEN),
        Delivery.channel != Channel.INBOX,
        Delivery.due_at <= now,
        or_(Delivery.leased_until.is_(None), Delivery.leased_until <= now),
        Message.state.not_in(_NOT_YET),
    )


def locked(session: Session, delivery_id: int) -> Delivery:
    """A delivery as it stands now, which nobody else changes until this transaction ends."""
    asked = select(Delivery).where(Delivery.id == delivery_id).with_for_update()
    return session.scalars(asked.execution_options(populate_existing=True)).one()


def is_leased(row: Delivery, worker: str, now: datetime) -> bool:
    """Whether a worker still has it."""
    return row.leased_by == worker and row.leased_until is not None and now < row.leased_until


def by_client_id(session: Session, client_msg_id: str) -> Delivery | None:
    """The delivery of the id by which its receiver knows it, locked; None: there is none."""
    asked = select(Delivery).where(Delivery.client_msg_id == client_msg_id).with_for_update()
    return session.scalars(asked).first()


def add_attempt(session: Session, row: Delivery, attempt: Attempt) -> None:
    """Add what came of a try, under the next number of its delivery."""
    asked = select(func.count()).select_from(Attempt).where(Attempt.delivery_id == row.id)
    attempt.delivery_id, attempt.number = row.id, (session.scalar(asked) or 0) + 1
    session.add(attempt)
    session.flush()


def attempts(session: Session, delivery_id: int) -> Sequence[Attempt]:
    """What came of each try, the oldest first."""
    return session.scalars(select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.id)).all()


def went_at(session: Session, recipient_id: str, channel: str, since: datetime) -> list[datetime]:
    """When messages went to somebody on a channel, or may have, from an instant on."""
    asked = select(Delivery.sent_at).join(Message, Message.id == Delivery.message_id)
    asked = asked.where(Message.recipient_id == recipient_id, Delivery.channel == channel)
    asked = asked.where(Delivery.state.in_(GONE), Delivery.sent_at >= since)
    return [at for at in session.scalars(asked) if at is not None]


def queue(session: Session, library: str, states: Iterable[DeliveryState], most: int) -> list[Queued]:
    """At most so many deliveries in some states, those first that are due first, each with its last attempt."""
    last = select(func.max(Attempt.id)).where(Attempt.delivery_id == Delivery.id).correlate(Delivery).scalar_subquery()
    asked = select(Delivery, Message, Attempt.outcome).join(Message, Message.id == Delivery.message_id)
    asked = asked.outerjoin(Attempt, Attempt.id == last).where(Delivery.library == library)
    asked = asked.where(Delivery.state.in_(list(states)), Delivery.channel != Channel.INBOX)
    rows = session.execute(asked.order_by(Delivery.due_at, Delivery.id).limit(most))
    return [Queued(*row) for row in rows]


def is_on(session: Session, channel: str) -> bool:
    """Whether a channel is switched on: by the last switch, off without one. The inbox is part of the house and always is."""
    if channel == Channel.INBOX:
        return True
    row = last_switch(session, channel)
    return row is not None and row.is_on


def last_switch(session: Session, channel: str) -> ChannelSwitch | None:
    """Who switched a channel last; None: nobody ever did."""
    asked = select(ChannelSwitch).where(ChannelSwitch.channel == channel).order_by(ChannelSwitch.id.desc()).limit(1)
    return session.scalars(asked).first()


def add_switch(session: Session, row: ChannelSwitch) -> None:
    """Switch a channel on or off."""
    session.add(row)
    session.flush()
