"""What the counters of the push are made of: each message of a measure, told by itself or in a digest, with how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from policy_match.push.words import Content, DeliveryState, Withheld
from policy_match.store.push_tables import Delivery, Message

_SENT = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.ACKED)


@dataclass(frozen=True, slots=True)
class Counted:
    """One message. `states`: of the deliveries that carry it; `subject_id`: None, of no subject."""

    measure: str
    subject_id: int | None
    made_at: datetime
    is_read: bool
    reply: str | None
    is_opted_out: bool
    states: frozenset[tuple[str, str]]

    @property
    def is_sent(self) -> bool:
        """Whether it went out on any channel."""
        return any(state in _SENT for _, state in self.states)


def counted(session: Session, library: str, since: datetime) -> Iterator[Counted]:
    """The messages about measures made since an instant; digests themselves are left out, their entries are there."""
    carrier = func.coalesce(Message.digest_id, Message.id)
    asked = select(
        Message.id, carrier, Message.measure, Message.subject_id, Message.made_at, Message.read_at, Message.reply,
        Message.withheld,
    )  # fmt: skip
    asked = asked.where(Message.library == library, Message.measure.is_not(None), Message.made_at >= since)
    rows = session.execute(asked.where(Message.content != Content.DIGEST.value).order_by(Message.id)).all()
    states = _states(session, library, since)
    for _, carried_by, measure, subject, made_at, read_at, reply, withheld in rows:
        own = states.get(carried_by, [])
        opted_out = Withheld.CONSENT.value in (withheld, *(why for _, _, why in own))
        kept = frozenset((channel, state) for channel, state, _ in own)
        yield Counted(measure or "", subject, made_at, read_at is not None, reply, opted_out, kept)


def _states(session: Session, library: str, since: datetime) -> dict[int, list[tuple[str, str, str | None]]]:
    asked = select(Delivery.message_id, Delivery.channel, Delivery.state, Delivery.withheld)
    asked = asked.join(Message, Message.id == Delivery.message_id)
    found: dict[int, list[tuple[str, str, str | None]]] = {}
    for message, channel, state, why in session.execute(
        asked.where(Delivery.library == library, Message.made_at >= since)
    ):
        found.setdefault(message, []).append((channel, state, why))
    return found
