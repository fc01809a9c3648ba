"""End a contact: from a day on the person speaks for the firm no more, and nothing that still waits goes to him for it.

What a contact is reached by is erased once its end has come; that it was there stays.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from policy_match.errors import Conflict, Issue, NotFound, UsageError
from policy_match.store import audit, contacts, subjects
from policy_match.store.push_tables import Contact
from policy_match.workflows.add_contact import CONTACT
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.push_rights import at_push_desk, require_keeper
from policy_match.workflows.write_entry import By, said


def end_contact(archive: Archive, number: int, reason: str, by: By, *, on: date | None = None) -> Contact:
    """End it on a day, today without one; an earlier end may be brought forward, never put off.

    UsageError TEXT_MISSING, CONTACT_DAYS; NotFound CONTACT_UNKNOWN; Conflict CONTACT_ENDED; Forbidden as `add_contact`.
    """
    why, last = said(reason, "原因", "--reason"), on or by.today
    with at_push_desk(archive, f"联系人 {number}", by) as (session, who):
        row = contacts.by_id(session, by.library, number)
        if row is None:
            raise NotFound(
                Issue("CONTACT_UNKNOWN", f"没有第 {number} 号联系人", "编号", "", "用 push contact list 查编号")
            )
        firm = subjects.by_ids(session, [row.firm_id])[row.firm_id]
        require_keeper(session, archive, firm, who, by=by)
        if row.until is not None and row.until <= min(last, by.today):
            raise Conflict(Issue("CONTACT_ENDED", f"第 {number} 号联系人已在 {row.until} 结束", "编号", "", "不用再办"))
        if last < by.today or (row.until is not None and last > row.until):
            allowed = f"{by.today} 起" + ("" if row.until is None else f"，{row.until} 止")
            raise UsageError(Issue("CONTACT_DAYS", f"不能定在 {last} 结束", "--on", allowed, "改为允许的日期"))
        row.until = last
        forget_ended(session, by.library, by.today)
        audit.record(
            session, who, "contact.end", object_kind=CONTACT, object_id=str(row.id), at=by.now, library=by.library,
            reason=why, detail={"firm": firm.code, "actor": row.actor_id, "until": last.isoformat()},
        )  # fmt: skip
        return row


def forget_ended(session: Session, library: str, today: date) -> None:
    """Erase what the contacts whose end has come were reached by."""
    for row in contacts.ended_and_reachable(session, library, today):
        row.phone = row.email = row.gateway_account = None
