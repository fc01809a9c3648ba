"""The messages of one recipient in the store: what has gone out to him, its entries, and how far it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from policy_match.push.words import Channel, Content, DeliveryState, MessageState, Withheld
from policy_match.store.push_tables import Attempt, Delivery, Message

_THERE = (
    DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.ACKED, DeliveryState.RECALLED,
)  # fmt: skip
_STEPS = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.ACKED)


def is_there() -> ColumnElement[bool]:
    """Whether a message has reached its recipient on some channel, by itself or as an entry of a digest."""
    carriers = or_(Delivery.message_id == Message.id, Delivery.message_id == Message.digest_id)
    reached = exists().where(carriers, Delivery.state.in_([state.value for state in _THERE]))
    return Message.state.in_([MessageState.OUT.value, MessageState.RECALLED.value]) & reached


def of_recipient(
    session: Session, library: str, recipient: str, *, before: int | None, limit: int, unread: bool = False,
    topic: str | None = None,
) -> list[Message]:  # fmt: skip
    """What has reached somebody and was not dismissed, the newest first; entries of digests stand in their digest.

    `before`: a message's number; `topic`: None, of any, and a digest is of several.
    """
    asked = select(Message).where(_in_list(library, recipient))
    if topic is not None:
        asked = asked.where(Message.topic == topic)
    if before is not None:
        asked = asked.where(Message.id < before)
    if unread:
        asked = asked.where(Message.read_at.is_(None))
    return list(session.scalars(asked.order_by(Message.id.desc()).limit(limit)))


def count_unread(session: Session, library: str, recipient: str) -> int:
    """How many of them nobody has read."""
    asked = select(func.count()).select_from(Message).where(_in_list(library, recipient), Message.read_at.is_(None))
    return session.scalar(asked) or 0


def _in_list(library: str, recipient: str) -> ColumnElement[bool]:
    is_kept = Message.withheld.is_(None) | (Message.withheld != Withheld.DISMISSED.value)
    is_whole = Message.digest_id.is_(None) & is_kept
    return (Message.library == library) & (Message.recipient_id == recipient) & is_whole & is_there()


def own(session: Session, library: str, recipient: str, number: int) -> Message | None:
    """One message that has reached somebody; None for any other number."""
    asked = select(Message).where(Message.library == library, Message.recipient_id == recipient, is_there())
    return session.scalars(asked.where(Message.id == number)).first()


def by_id(session: Session, library: str, number: int) -> Message | None:
    """The message of a number, whoever's it is and however far."""
    found = session.get(Message, number)
    return found if found is not None and found.library == library else None


def newest(session: Session, library: str, limit: int) -> list[Message]:
    """The newest messages of a library, whoever's they are and however far."""
    asked = select(Message).where(Message.library == library).order_by(Message.id.desc())
    return list(session.scalars(asked.limit(limit)))


def entries(session: Session, digests: Iterable[int]) -> dict[int, list[Message]]:
    """The entries of digests, the most valuable first; what is worth nothing that is known comes last."""
    wanted = list(digests)
    found: dict[int, list[Message]] = {one: [] for one in wanted}
    rows = session.scalars(select(Message).where(Message.digest_id.in_(wanted)).order_by(Message.id)).all()
    for row in sorted(rows, key=lambda row: -(row.value_fen or 0)):
        found[row.digest_id or 0].append(row)
    return found


def deliveries(session: Session, messages: Collection[int]) -> dict[int, list[Delivery]]:
    """The deliveries of messages, in the order in which they were made."""
    found: dict[int, list[Delivery]] = {one: [] for one in messages}
    asked = select(Delivery).where(Delivery.message_id.in_(list(messages))).order_by(Delivery.id)
    for row in session.scalars(asked):
        found[row.message_id].append(row)
    return found


def attempts(session: Session, delivery_ids: Sequence[int]) -> list[Attempt]:
    """What was tried for deliveries, in order."""
    asked = select(Attempt).where(Attempt.delivery_id.in_(list(delivery_ids))).order_by(Attempt.id)
    return list(session.scalars(asked))


def advance(session: Session, message: Message, to: DeliveryState, at: datetime) -> None:
    """Note on the inbox that a message, or the digest that holds it, was read or answered: only ever forward."""
    below = [state.value for state in _STEPS[: _STEPS.index(to)]]
    asked = select(Delivery).where(Delivery.message_id == (message.digest_id or message.id))
    for row in session.scalars(asked.where(Delivery.channel == Channel.INBOX.value, Delivery.state.in_(below))):
        row.state, row.changed_at = to.value, at


def unread(session: Session, library: str, since: datetime, until: datetime) -> list[Message]:
    """What went to inboxes from an instant on and before another, still stands, and nobody has read or dismissed."""
    asked = select(Message).join(Delivery, Delivery.message_id == Message.id)
    asked = asked.where(Message.library == library, Delivery.channel == Channel.INBOX.value)
    asked = asked.where(Delivery.sent_at >= since, Delivery.sent_at < until, Message.state == MessageState.OUT.value)
    asked = asked.where(Message.read_at.is_(None), Message.withheld.is_(None), Message.digest_id.is_(None))
    return list(session.scalars(asked.order_by(Message.id)))


def unanswered(session: Session, library: str, since: datetime, until: datetime, *, least_fen: int) -> list[Message]:
    """What went to inboxes meanwhile, by itself or in a digest, is worth so much or more, still stands, and of which nobody
    of those who were told of the pair has answered or dismissed anything."""
    other = aliased(Message)
    is_answered = exists().where(
        other.reply.is_not(None), other.subject_id == Message.subject_id, other.measure == Message.measure
    )
    carrier = func.coalesce(Message.digest_id, Message.id)
    asked = select(Message).join(Delivery, Delivery.message_id == carrier)
    asked = asked.where(Message.library == library, Delivery.channel == Channel.INBOX.value)
    asked = asked.where(Delivery.sent_at >= since, Delivery.sent_at < until, Message.state == MessageState.OUT.value)
    asked = asked.where(Message.measure.is_not(None), Message.value_fen >= least_fen, ~is_answered)
    told = [Content.MATCH.value, Content.UPDATE.value]
    return list(session.scalars(asked.where(Message.content.in_(told)).order_by(Message.id)))
