"""Answer a message: seen, interested, help wanted, not for us, or a fact is wrong (domain specification §6.7).

Help becomes a ticket, what does not apply goes to whoever reviews the match, a wrong fact becomes a question for whoever
may settle it. No fact, verdict or case is changed by an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Issue, UsageError
from policy_match.facts.subjects import Kind
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.words import LIVING
from policy_match.push.words import REPLY_NAMES, Asked, DeliveryState, Reply
from policy_match.ranking.decisions import review_id
from policy_match.ranking.labels import REASONS
from policy_match.store import audit, doubts, inbox, subjects
from policy_match.store.push_tables import Message
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.decide_review import OTHER, facts_asked
from policy_match.workflows.find_reviews import FACT_DISPUTED
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.open_ticket import NewTicket, put_ticket
from policy_match.workflows.push_rights import at_push_desk
from policy_match.workflows.read_messages import own_message
from policy_match.workflows.read_records import View, read_records
from policy_match.workflows.write_entry import By, Desk, said

MESSAGE = "message"
TICKET_CAUSE = "政策"
_NEEDS_NOTE = frozenset({Reply.HELP, Reply.WRONG_FACTS})


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered. `reply`: by code or name; `reason`: of what does not apply, one of seven; `fact`: the wrong one."""

    reply: str
    note: str = ""
    reason: str | None = None
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Replied:
    """What came of it: the number of the ticket or of the question that was opened, None where none was."""

    message: int
    reply: Reply
    ticket: str | None = None
    doubt: int | None = None


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply at work. `row`: the subject of the message, None where it is about none."""

    session: Session
    archive: Archive
    by: By
    who: Actor
    message: Message
    row: Subject | None

    def rule(self) -> tuple[Rule, Vocabulary]:
        """The measure of the message as it is today; UsageError REPLY_NO_MEASURE where it is about none."""
        view = View(self.by.today)
        book = deciding_rulebook(self.session, self.archive.shelf, self.by.library, view).rulebook
        if self.row is None or self.message.measure not in book.ids:
            allowed = f"{REPLY_NAMES[Reply.SEEN]}、{REPLY_NAMES[Reply.HELP]}"
            what = f"第 {self.message.id} 号消息不是关于一项政策的"
            raise UsageError(Issue("REPLY_NO_MEASURE", what, "回应", allowed, "改用列出的回应"))
        return book.at(self.message.measure, self.by.today), book.vocabulary


def reply_message(archive: Archive, number: int, asked: Answer, by: By) -> Replied:
    """Record the answer of the recipient; the last one stands, the same one again adds nothing.

    NotFound MESSAGE_UNKNOWN; UsageError REPLY, TEXT_MISSING, REVIEW_REASON, REVIEW_FACT, REPLY_NO_MEASURE.
    """
    reply = read_reply(asked.reply)
    note = asked.note.strip() if reply not in _NEEDS_NOTE else said(asked.note, "说明", "--note")
    reason = read_reason(asked.reason, note) if reply is Reply.NOT_FOR_US else None
    with at_push_desk(archive, f"消息 {number}", by) as (session, who):
        row = own_message(session, number, by)
        told = "：".join(part for part in (reason, note) if part)
        if (row.reply, row.reply_note or "") == (reply.value, told):
            return Replied(row.id, reply)
        subject = None if row.subject_id is None else session.get_one(Subject, row.subject_id)
        work = _Reply(session, archive, by, who, row, subject)
        made = _OPENS[reply](work, asked, told) if reply in _OPENS else Replied(row.id, reply)
        note_reply(session, who, row, made, note=told, by=by)
        return made


def read_reply(written: str) -> Reply:
    """A reply by code or name; UsageError REPLY."""
    for reply, name in REPLY_NAMES.items():
        if written.strip() in (reply.value, name):
            return reply
    allowed = "、".join(f"{reply.value} {name}" for reply, name in REPLY_NAMES.items())
    raise UsageError(Issue("REPLY", f"没有回应“{written[:20]}”", "回应", allowed, "改用列出的"))


def read_reason(written: str | None, note: str) -> str:
    """Why something does not apply, one of the seven reasons of a rejection; UsageError REVIEW_REASON, TEXT_MISSING."""
    if written not in REASONS:
        what = "要写不适用的原因" if not written else f"没有原因“{written[:20]}”"
        raise UsageError(Issue("REVIEW_REASON", what, "--reason", "、".join(REASONS), "选一个"))
    if written == OTHER:
        said(note, "说明", "--note")
    return written


def note_reply(session: Session, who: Actor, row: Message, made: Replied, *, note: str, by: By) -> None:
    """Write the answer into the message, whose inbox is then acknowledged, and into the audit chain."""
    row.reply, row.reply_note, row.replied_at = made.reply.value, note or None, by.now
    row.read_at = row.read_at or by.now
    inbox.advance(session, row, DeliveryState.ACKED, by.now)
    audit.record(
        session, who, f"message.{made.reply.value}", object_kind=MESSAGE, object_id=str(row.id), at=by.now,
        library=by.library, reason=note or None, detail={"ticket": made.ticket, "doubt": made.doubt},
    )  # fmt: skip


def feed_review(session: Session, row: Message, subject: Subject, *, told: str, by: By) -> int:
    """Ask whoever reviews the match to look at it again, since the firm says that it does not apply; number of the question."""
    pair = review_id((subject.code, row.measure or ""))
    doubt = doubts.raise_doubt(
        session, by.library, Asked.NOT_FOR_US, doubts.key_of(f"{pair}:{row.version}:{told}"),
        what=f"企业说“{row.title}”不适用：{told}", value=row.measure or "", at=by.now, subject=subject,
    )  # fmt: skip
    return doubt.id


def _help(work: _Reply, _asked: Answer, told: str) -> Replied:
    """A ticket of the project, or of the one living project of the firm; else a question, so that nothing is lost."""
    text = f"企业对消息“{work.message.title}”需要帮助：{told}"
    if work.row is not None and work.row.kind == Kind.PROJECT:
        desk = _desk(work, work.row)
        if desk is not None:
            opened = put_ticket(desk, NewTicket(work.row.code, TICKET_CAUSE, text))
            return Replied(work.message.id, Reply.HELP, ticket=opened.number)
    doubt = doubts.raise_doubt(
        work.session, work.by.library, Asked.HELP_ASKED, f"message/{work.message.id}:{told}", what=text, value="",
        at=work.by.now, subject=work.row,
    )  # fmt: skip
    return Replied(work.message.id, Reply.HELP, doubt=doubt.id)


def _desk(work: _Reply, row: Subject) -> Desk | None:
    """The desk of the project; None where it has ended and takes no ticket."""
    project = subjects.survivor(work.session, row)
    record = read_records(work.session, work.archive, [project], View(work.by.today))[0]
    return Desk(work.session, work.archive, work.by, work.who, project, record) if record.state.side in LIVING else None


def _not_for_us(work: _Reply, _asked: Answer, told: str) -> Replied:
    work.rule()
    doubt = None if work.row is None else feed_review(work.session, work.message, work.row, told=told, by=work.by)
    return Replied(work.message.id, Reply.NOT_FOR_US, doubt=doubt)


def _wrong_facts(work: _Reply, asked: Answer, told: str) -> Replied:
    """The question that a reviewer's CORRECT_FACT opens too."""
    rule, vocabulary = work.rule()
    fact = _named_fact(rule, vocabulary, (asked.fact or "").strip())
    pair = review_id(("" if work.row is None else work.row.code, rule.id))
    doubt = doubts.raise_doubt(
        work.session, work.by.library, FACT_DISPUTED, doubts.key_of(f"{pair}:{fact}:message/{work.message.id}:{told}"),
        what=f"{vocabulary[fact].label}可能有误（企业提出）：{told}", value=fact, at=work.by.now, subject=work.row,
    )  # fmt: skip
    return Replied(work.message.id, Reply.WRONG_FACTS, doubt=doubt.id)


def _named_fact(rule: Rule, vocabulary: Vocabulary, written: str) -> str:
    facts = facts_asked(rule, vocabulary)
    found = next((fact for fact in facts if written in (fact, vocabulary[fact].label)), None)
    if found is None:
        names = "、".join(vocabulary[fact].label for fact in facts)
        what = f"这项措施不看“{written[:20]}”" if written else "没有写哪项数据有误"
        raise UsageError(Issue("REVIEW_FACT", what, "--fact", names, "改用列出的"))
    return found


_OPENS = {Reply.HELP: _help, Reply.NOT_FOR_US: _not_for_us, Reply.WRONG_FACTS: _wrong_facts}
