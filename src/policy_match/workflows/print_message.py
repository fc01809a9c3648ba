"""One message in lines: what it says, why somebody gets it, how far it is on each channel, and what was done with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from policy_match.push.words import (
    CHANNEL_NAMES,
    DELIVERY_STATE_NAMES,
    MESSAGE_STATE_NAMES,
    REPLY_NAMES,
    TRIGGER_NAMES,
    WITHHELD_NAMES,
    Channel,
    DeliveryState,
    MessageState,
    Reply,
    Trigger,
    Withheld,
)
from policy_match.settings import LOCAL
from policy_match.workflows.show_message import Explained


def message_lines(found: Explained) -> Iterator[str]:
    """The lines, in the order in which people ask."""
    row = found.shown.message
    yield f"{row.id} {row.title}"
    yield row.body
    withheld = "" if row.withheld is None else f"（{WITHHELD_NAMES[Withheld(row.withheld)]}）"
    yield f"状态：{MESSAGE_STATE_NAMES[MessageState(row.state)]}{withheld}"
    yield f"收件人：{found.recipient}"
    yield f"起因：{TRIGGER_NAMES[Trigger(row.trigger)]}；为什么发给他：{row.why}"
    yield f"主体：{found.shown.subject or '无'}；措施：{row.measure or '无'}"
    if row.reply is not None:
        note = f"，{row.reply_note}" if row.reply_note else ""
        yield f"回应：{REPLY_NAMES[Reply(row.reply)]}{note}"
    for entry in found.shown.entries:
        yield f"其中 {entry.message.id} {entry.message.title}"
    yield from _deliveries(found)
    for line in found.history:
        yield f"历史 {_at(line.at)} {line.actor} {line.action}{f'：{line.reason}' if line.reason else ''}"


def _deliveries(found: Explained) -> Iterator[str]:
    for row in found.shown.deliveries:
        why = "" if row.withheld is None else f"（{WITHHELD_NAMES[Withheld(row.withheld)]}）"
        state = DELIVERY_STATE_NAMES[DeliveryState(row.state)]
        yield f"{CHANNEL_NAMES[Channel(row.channel)]}：{state}{why}，{_at(row.changed_at)}"
        for attempt in found.attempts:
            if attempt.delivery_id == row.id:
                told = DELIVERY_STATE_NAMES[DeliveryState(attempt.state)]
                yield f"  第 {attempt.number} 次 {_at(attempt.at)} {told}：{attempt.outcome}"


def _at(at: datetime) -> str:
    return at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
