"""A message that has to arrive and did not: somebody of the district phones the firm within one working day (§6.6)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import FactError
from policy_match.push.words import CHANNEL_NAMES, Asked, Channel
from policy_match.store import doubts
from policy_match.store.push_tables import Delivery, Message
from policy_match.store.tables import Doubt, Subject
from policy_match.workflows.open_archive import Archive
from policy_match.working_days import WorkingDays


def ask_to_phone(session: Session, archive: Archive, row: Delivery, why: str, *, at: datetime) -> Doubt | None:
    """The task, for a message of the mandatory class; None for any other. Its `value` is the last day, empty if not known."""
    message = session.get_one(Message, row.message_id)
    if not message.mandatory:
        return None
    by = _next_working_day(archive.calendar, local_day(at))
    until = "一个工作日内" if by is None else f"在 {by} 前"
    channel = CHANNEL_NAMES[Channel(row.channel)]
    return doubts.raise_doubt(
        session, row.library, Asked.CALL_FIRM, f"{row.client_msg_id}/{row.tries}",
        what=f"“{message.title}”没有通过{channel}送到（{why}），请{until}电话告知企业", value="" if by is None else by.isoformat(),
        at=at, subject=None if message.subject_id is None else session.get(Subject, message.subject_id),
    )  # fmt: skip


def _next_working_day(calendar: WorkingDays, day: date) -> date | None:
    try:
        return calendar.next_working_day(day)
    except FactError:
        return None
