"""Messages as an office sees them: those of its reach, with why each was made and how far it is on every channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from policy_match.access.permissions import Reach, Right
from policy_match.access.scope import FIRM
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, NotFound
from policy_match.push.words import (
    CHANNEL_NAMES,
    CONTENT_NAMES,
    DELIVERY_STATE_NAMES,
    MESSAGE_STATE_NAMES,
    REPLY_NAMES,
    WITHHELD_NAMES,
    Channel,
    Content,
    DeliveryState,
    MessageState,
    Reply,
    Withheld,
)
from policy_match.settings import LOCAL
from policy_match.store import actors, changes, contacts, inbox, subjects
from policy_match.store.actors import actor
from policy_match.store.push_tables import Attempt, Delivery, Message
from policy_match.store.tables import Actor, Audit
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.own_measure import is_own
from policy_match.workflows.print_rows import Row, Rows
from policy_match.workflows.push_rights import require_push, speaks_for
from policy_match.workflows.read_messages import Shown, show
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_touched
from policy_match.workflows.review_rights import REVIEWS, lies_in
from policy_match.workflows.write_entry import By

NEWEST = 500
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Explained:
    """One message with everything that led to it and came of it. `history`: its rows of the audit chain, the oldest first."""

    shown: Shown
    recipient: str
    attempts: tuple[Attempt, ...]
    history: tuple[Audit, ...]


def message_rows(archive: Archive, by: By) -> Rows:
    """The newest 500 messages of the library that who asks may see; Forbidden PUSH_ROLE."""
    with archive.database.reading() as session:
        who = actor(session, by.actor, by.today)
        found = _seen(session, archive, who, inbox.newest(session, by.library, NEWEST), by)
        names = actors.names(session)
        codes = _codes(session, found)
        deliveries = inbox.deliveries(session, [row.id for row in found])
        lines = [_line(row, names, codes, deliveries[row.id]) for row in found]
    header = {
        "id": "编号", "made": "生成时间", "state_name": "状态", "channels": "各渠道", "content_name": "内容", "title": "标题",
        "subject": "主体", "measure": "措施", "recipient_name": "收件人", "reply_name": "回应", "withheld_name": "不发的原因",
    }  # fmt: skip
    return Rows("消息", header, lines)


def explain_message(archive: Archive, number: int, by: By) -> Explained:
    """One message; NotFound MESSAGE_UNKNOWN, also for one that who asks may not see. Forbidden PUSH_ROLE."""
    with archive.database.reading() as session:
        who = actor(session, by.actor, by.today)
        row = inbox.by_id(session, by.library, number)
        if row is None or not _seen(session, archive, who, [row], by):
            raise NotFound(Issue("MESSAGE_UNKNOWN", f"没有第 {number} 号消息", "编号", "", "用 push list 查编号"))
        shown = show(session, row)
        attempts = inbox.attempts(session, [one.id for one in shown.deliveries])
        history = changes.of_object(session, by.library, "message", str(number), _STEPS)
        return Explained(shown, actors.names(session)[row.recipient_id], tuple(attempts), tuple(reversed(history)))


def _seen(session: Session, archive: Archive, who: Actor, rows: Sequence[Message], by: By) -> list[Message]:
    """Those of the reach, and one's own: of a firm what goes to it, of an area its subjects, of a unit its measures."""
    reach = require_push(archive, who, Right.READ)
    if reach is Reach.ALL:
        return list(rows)
    if who.role == FIRM:
        return [row for row in rows if row.recipient_id == who.id or _is_of_firm(session, who, row)]
    if archive.table.roles[who.role].own_area:
        ids = {row.subject_id for row in rows if row.subject_id is not None}
        read = read_touched(session, archive, ids, View(by.today))
        own = {one for one, subject in read.items() if lies_in(subject, who.region)}
        return [row for row in rows if row.recipient_id == who.id or row.subject_id in own]
    book = deciding_rulebook(session, archive.shelf, by.library, View(by.today)).rulebook
    return [row for row in rows if who.id in (row.recipient_id, row.sent_by) or _is_own(archive, book, who, row, by)]


def _is_of_firm(session: Session, who: Actor, row: Message) -> bool:
    subject = None if row.subject_id is None else subjects.by_ids(session, [row.subject_id])[row.subject_id]
    firm = None if subject is None else contacts.firm_id(subject)
    return firm is not None and speaks_for(session, who, subjects.by_ids(session, [firm])[firm])


def _is_own(archive: Archive, book: Rulebook, who: Actor, row: Message, by: By) -> bool:
    return row.measure in book.ids and is_own(archive, book.at(row.measure or "", by.today), who, REVIEWS)


def _codes(session: Session, rows: Sequence[Message]) -> dict[int, str]:
    ids = sorted({row.subject_id for row in rows if row.subject_id is not None})
    return {number: row.code for number, row in subjects.by_ids(session, ids).items()}


def _line(row: Message, names: dict[str, str], codes: dict[int, str], deliveries: Sequence[Delivery]) -> Row:
    return {
        "id": row.id, "made": row.made_at.astimezone(LOCAL).isoformat(timespec="seconds"), "state": row.state,
        "state_name": MESSAGE_STATE_NAMES[MessageState(row.state)], "channels": channels_text(deliveries),
        "content": row.content, "content_name": CONTENT_NAMES[Content(row.content)], "trigger": row.trigger,
        "title": row.title, "subject": codes.get(row.subject_id or 0), "measure": row.measure,
        "recipient": row.recipient_id, "recipient_name": names[row.recipient_id], "why": row.why, "reply": row.reply,
        "reply_name": REPLY_NAMES[Reply(row.reply)] if row.reply else None, "withheld": row.withheld,
        "withheld_name": WITHHELD_NAMES[Withheld(row.withheld)] if row.withheld else None,
    }  # fmt: skip


def channels_text(deliveries: Sequence[Delivery]) -> str:
    """How far a message is on each channel, in words."""
    return "、".join(
        f"{CHANNEL_NAMES[Channel(one.channel)]}{DELIVERY_STATE_NAMES[DeliveryState(one.state)]}" for one in deliveries
    )
