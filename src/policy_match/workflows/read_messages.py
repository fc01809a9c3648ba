"""One's own messages: what has come, the newest first, and one of them in full, which is then read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from policy_match.errors import Issue, NotFound
from policy_match.push.words import DeliveryState
from policy_match.store import inbox, subjects
from policy_match.store.push_tables import Delivery, Message
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By

MOST = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as its recipient sees it. `subject`: code of the project or firm that it is about, None: of none.

    `entries`: of a digest, the most valuable first; `deliveries`: by channel, in order.
    """

    message: Message
    subject: str | None
    deliveries: tuple[Delivery, ...] = ()
    entries: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages, the newest first; `next_before`: with which the following ones are asked for, None: there are none."""

    messages: tuple[Shown, ...]
    next_before: int | None


def read_messages(
    archive: Archive, by: By, *, before: int | None = None, limit: int = MOST, unread: bool = False,
    topic: str | None = None,
) -> Page:  # fmt: skip
    """The messages of who asks; `limit`: 1 to 100; `before`: number of a message; `topic`: None, of any."""
    with archive.database.reading() as session:
        rows = inbox.of_recipient(
            session, by.library, by.actor, before=before, limit=limit + 1, unread=unread, topic=topic
        )
        shown = tuple(show(session, row) for row in rows[:limit])
        return Page(shown, rows[limit - 1].id if len(rows) > limit else None)


def count_unread(archive: Archive, by: By) -> int:
    """How many messages of who asks are unread; those of a digest count as one."""
    with archive.database.reading() as session:
        return inbox.count_unread(session, by.library, by.actor)


def read_message(archive: Archive, number: int, by: By) -> Shown:
    """One of them, noted as read; NotFound MESSAGE_UNKNOWN for any that is not one's own."""
    with archive.database.writing() as session:
        row = own_message(session, number, by)
        if row.read_at is None:
            row.read_at = by.now
            inbox.advance(session, row, DeliveryState.READ, by.now)
            for entry in inbox.entries(session, [row.id])[row.id]:
                entry.read_at = entry.read_at or by.now
            session.flush()
        return show(session, row)


def own_message(session: Session, number: int, by: By) -> Message:
    """A message that has reached who asks; NotFound MESSAGE_UNKNOWN."""
    row = inbox.own(session, by.library, by.actor, number)
    if row is None:
        raise NotFound(Issue("MESSAGE_UNKNOWN", f"没有您的第 {number} 号消息", "编号", "", "用 push list 查编号"))
    return row


def show(session: Session, row: Message) -> Shown:
    """A message with what hangs on it."""
    entries = inbox.entries(session, [row.id])[row.id]
    ids = [one.id for one in (row, *entries)]
    deliveries = inbox.deliveries(session, ids)
    named = subjects.by_ids(session, sorted({one.subject_id for one in (row, *entries) if one.subject_id is not None}))
    codes = {number: subject.code for number, subject in named.items()}
    inner = tuple(Shown(one, codes.get(one.subject_id or 0), tuple(deliveries[one.id])) for one in entries)
    return Shown(row, codes.get(row.subject_id or 0), tuple(deliveries[row.id]), inner)
