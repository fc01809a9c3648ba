"""Look after what was told and not answered, once a day: another channel for what nobody read, a call for what is worth much.

A message that was not read within five working days goes out once more on the next channel that is on, reaches the person
and is agreed to. Where a benefit of 50万元 or more was not answered within ten, somebody of the area phones (§6.7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import FactError
from policy_match.push.consent import is_allowed, must_be_told
from policy_match.push.words import Asked, Channel, DeliveryState
from policy_match.settings import LOCAL
from policy_match.store import audit, consents, contacts, doubts, inbox, messages, subjects
from policy_match.store.push_tables import ConsentRow, Contact, Delivery, Message, PushRun
from policy_match.store.tables import Subject
from policy_match.workflows.end_contact import forget_ended
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.queue_messages import note_messages
from policy_match.workflows.send_waiting import DIGEST_AT
from policy_match.working_days import WorkingDays

READ_WITHIN, ANSWERED_WITHIN = 5, 10
"""Working days after the day of sending."""
MUCH_FEN = 50_000_000
FOLLOW = "follow"
_NEXT = ((Channel.GATEWAY, "gateway_account"), (Channel.SMS, "phone"), (Channel.EMAIL, "email"))
_LOOKS_BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Followed:
    """What one day's look did: messages sent on another channel, and calls asked for."""

    second: int = 0
    calls: int = 0


def follow_up(archive: Archive, library: str, now: datetime) -> Followed:
    """Do it from 9:00 on, if nobody did it today; where the working days of the year are not known, tomorrow."""
    today = local_day(now)
    with archive.database.writing() as session:
        audit.take_turn(session)
        last = messages.earlier_runs(session, library, FOLLOW, 1)
        if now.astimezone(LOCAL).time() < DIGEST_AT or (last and local_day(last[0].at) == today):
            return Followed()
        forget_ended(session, library, today)
        try:
            unread, unanswered = (_sent_until(archive.calendar, today, days) for days in (READ_WITHIN, ANSWERED_WITHIN))
        except FactError:
            return Followed()
        second = _second_channel(session, library, _rows(session, library, unread, now), now)
        calls = _calls(session, library, inbox.unanswered(session, library, *unanswered, least_fen=MUCH_FEN), now)
        counts = {"messages": second, "calls": calls}
        messages.add_run(session, PushRun(library=library, kind=FOLLOW, at=now, counts=counts, held=False))
        return Followed(second, calls)


def _sent_until(calendar: WorkingDays, today: date, days: int) -> tuple[datetime, datetime]:
    """From when and until when (not included) a message was sent that had so many whole working days before today."""
    first = calendar.add_working_days(today, -days)
    until = datetime.combine(first, time(), LOCAL)
    return until - _LOOKS_BACK, until


def _rows(session: Session, library: str, sent: tuple[datetime, datetime], now: datetime) -> list[Message]:
    """What nobody read and may still be of use."""
    today = local_day(now)
    return [row for row in inbox.unread(session, library, *sent) if row.last_day is None or row.last_day >= today]


def _second_channel(session: Session, library: str, rows: Sequence[Message], now: datetime) -> int:
    on = () if library == DEMO else messages.channels_on(session)
    if not rows or set(on) == {Channel.INBOX}:
        return 0
    about = subjects.by_ids(session, sorted({row.subject_id for row in rows if row.subject_id is not None}))
    firms = {number: contacts.firm_id(subject) for number, subject in about.items()}
    speakers = contacts.holding(session, library, {firm for firm in firms.values() if firm is not None}, local_day(now))
    said = consents.of_actors(session, library, {row.recipient_id for row in rows})
    used = inbox.deliveries(session, [row.id for row in rows])
    again = []
    for row in rows:
        own = speakers.get(firms.get(row.subject_id or 0) or 0, [])
        contact = next((one for one in own if one.actor_id == row.recipient_id), None)
        been = {one.channel for one in used[row.id]}
        channel = None if contact is None else _next_channel(contact, row, said[row.recipient_id], (on, been))
        if channel is not None:
            session.add(_delivery(row, channel, now))
            again.append(row)
    session.flush()
    note_messages(session, library, "message.again", again, now)
    return len(again)


def _next_channel(
    contact: Contact, row: Message, said: Sequence[ConsentRow], channels: tuple[Sequence[Channel], set[str]]
) -> Channel | None:
    """The first channel that is on, was not used, reaches the person and is agreed to. `channels`: on, and used."""
    on, been = channels
    for channel, field in _NEXT:
        is_free = channel in on and channel not in been and getattr(contact, field) is not None
        if is_free and is_allowed(said, channel, row.topic, must_be_told(row.mandatory, row.content)):
            return channel
    return None


def _delivery(row: Message, channel: Channel, now: datetime) -> Delivery:
    return Delivery(
        library=row.library, message_id=row.id, channel=channel.value, client_msg_id=uuid4().hex,
        state=DeliveryState.PENDING.value, due_at=now, changed_at=now,
    )  # fmt: skip


def _calls(session: Session, library: str, rows: Sequence[Message], now: datetime) -> int:
    """One task for each pair and version, whoever of the firm did not answer."""
    about: Mapping[int, Subject] = subjects.by_ids(
        session, sorted({row.subject_id for row in rows if row.subject_id is not None})
    )
    asked = 0
    for row in rows:
        subject = about.get(row.subject_id or 0)
        if subject is None or (row.last_day is not None and row.last_day < local_day(now)):
            continue
        key = doubts.key_of(f"unanswered/{subject.code}:{row.measure}:{row.version}")
        if doubts.find(session, library, Asked.CALL_FIRM, key) is None:
            what = f"“{row.title}”发出 {ANSWERED_WITHIN} 个工作日没有回应，请电话联系企业"
            doubts.raise_doubt(session, library, Asked.CALL_FIRM, key, what=what, value="", at=now, subject=subject)
            asked += 1
    return asked
