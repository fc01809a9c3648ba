"""Take one entry out of a digest, or a message off one's list, with a reason that reaches whoever reviews the match."""

from __future__ import annotations

from policy_match.errors import Conflict, Issue
from policy_match.push.words import Reply, Withheld
from policy_match.store.tables import Subject
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.push_rights import at_push_desk
from policy_match.workflows.read_messages import own_message
from policy_match.workflows.reply_message import Replied, feed_review, note_reply, read_reason
from policy_match.workflows.write_entry import By


def dismiss_message(archive: Archive, number: int, by: By, *, reason: str | None, note: str = "") -> Replied:
    """Dismiss it: it is not told again in its period, and its match goes back to review.

    NotFound MESSAGE_UNKNOWN; UsageError REVIEW_REASON, TEXT_MISSING; Conflict MESSAGE_MANDATORY for what has to be told,
    MESSAGE_DISMISSED for what was dismissed before.
    """
    why, text = read_reason(reason, note.strip()), note.strip()
    with at_push_desk(archive, f"消息 {number}", by) as (session, who):
        row = own_message(session, number, by)
        if row.mandatory:
            what = f"第 {number} 号消息是必须告知的"
            raise Conflict(Issue("MESSAGE_MANDATORY", what, "编号", "其他消息", "办完这一件，它就不再提醒"))
        if row.withheld == Withheld.DISMISSED:
            raise Conflict(Issue("MESSAGE_DISMISSED", f"第 {number} 号消息已经去掉", "编号", "", "不用再办"))
        told = "：".join(part for part in (why, text) if part)
        subject = None if row.subject_id is None or row.measure is None else session.get_one(Subject, row.subject_id)
        doubt = None if subject is None else feed_review(session, row, subject, told=told, by=by)
        made = Replied(row.id, Reply.NOT_FOR_US, doubt=doubt)
        note_reply(session, who, row, made, note=told, by=by)
        row.withheld = Withheld.DISMISSED.value
        return made
