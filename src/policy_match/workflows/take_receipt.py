"""Take in what a channel tells of a message later: delivered, read, or failed after all.

It may come twice and in any order: the state of the delivery only ever goes forward (push/delivery.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Conflict, Issue, NotFound, UsageError
from policy_match.push.delivery import RANK, later
from policy_match.push.words import DELIVERY_STATE_NAMES, Channel, DeliveryState
from policy_match.store import actors, audit, deliveries
from policy_match.store.push_tables import Attempt, Delivery, Message
from policy_match.workflows.ask_to_phone import ask_to_phone
from policy_match.workflows.dispatch_messages import DELIVERY, JOB
from policy_match.workflows.open_archive import Archive

TOLD = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.FAILED)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is told, by a channel whose signature or key was checked. `state`: one of TOLD; `text`: its own words, may be empty."""

    channel: Channel
    client_msg_id: str
    state: str
    text: str = ""


def take_receipt(archive: Archive, receipt: Receipt, now: datetime) -> DeliveryState:
    """The state of the delivery after it.

    UsageError RECEIPT_STATE; NotFound RECEIPT_UNKNOWN for an id that is none of this channel; Conflict RECEIPT_EARLY for a
    message that was never sent.
    """
    told = _told(receipt.state)
    with archive.database.writing() as session:
        row = deliveries.by_client_id(session, receipt.client_msg_id)
        if row is None or row.channel != receipt.channel:
            what = f"没有消息“{receipt.client_msg_id[:40]}”"
            raise NotFound(Issue("RECEIPT_UNKNOWN", what, "client_msg_id", "", "用收到消息时的编号"))
        if row.sent_at is None:
            raise Conflict(Issue("RECEIPT_EARLY", "这条消息还没有发送", receipt.client_msg_id))
        _note(session, row, receipt, now)
        state = later(DeliveryState(row.state), told)
        if state != row.state:
            _move(session, archive, row, state, now=now)
        return state


def _told(written: str) -> DeliveryState:
    if written not in TOLD:
        allowed = "、".join(f"{state} {DELIVERY_STATE_NAMES[state]}" for state in TOLD)
        raise UsageError(Issue("RECEIPT_STATE", f"“{written[:20]}”不是回执的状态", "state", allowed, "改用列出的"))
    return DeliveryState(written)


def _note(session: Session, row: Delivery, receipt: Receipt, now: datetime) -> None:
    said = " ".join(receipt.text.split())[:_LONGEST]
    outcome = f"回执：{DELIVERY_STATE_NAMES[DeliveryState(receipt.state)]}" + (f"（{said}）" if said else "")
    deliveries.add_attempt(session, row, Attempt(at=now, state=receipt.state, outcome=outcome))


def _move(session: Session, archive: Archive, row: Delivery, state: DeliveryState, *, now: datetime) -> None:
    row.state, row.changed_at, row.leased_by, row.leased_until = state.value, now, None, None
    if RANK[state] >= RANK[DeliveryState.READ]:
        message = session.get_one(Message, row.message_id)
        message.read_at = message.read_at or now
    if state is DeliveryState.FAILED:
        ask_to_phone(session, archive, row, "渠道回执：没有送到", at=now)
    audit.record(
        session, actors.actor(session, JOB, local_day(now)), f"delivery.{state}", object_kind=DELIVERY,
        object_id=row.client_msg_id, at=now, library=row.library, reason="回执",
        detail={"message": row.message_id, "channel": row.channel},
    )  # fmt: skip
