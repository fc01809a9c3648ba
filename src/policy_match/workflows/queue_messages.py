"""Write down what is to be told: to each who speaks for the firm, once, in the words of the templates in force.

A message waits until `send_waiting` takes it. What was told less than 90 days ago is written down all the same, as not sent,
so that its history explains itself. Everything is of the transaction of the change that is told of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.rulebook import Rule
from policy_match.exchange.letterhead import Letterhead, load_letterhead
from policy_match.exchange.message_file import load_templates
from policy_match.facts.vocabulary import Vocabulary
from policy_match.push.dedup import Told, dedup_key, is_quiet, keys_within
from policy_match.push.recipients import recipients
from policy_match.push.wording import Template, Value, written
from policy_match.push.words import (
    CONTACT_ROLE_NAMES,
    TRIGGER_NAMES,
    Asked,
    ContactRole,
    MessageState,
    Trigger,
    Withheld,
)
from policy_match.store import audit, contacts, doubts, messages
from policy_match.store.actors import actor
from policy_match.store.push_tables import Contact, Message
from policy_match.store.tables import Subject
from policy_match.workflows.open_archive import Archive

JOB = "importer"
"""Who acts where nobody did: the jobs of the house."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One message to one person. `told`: what it says, by which it is not said twice; `last_day` after which it is not sent.

    `held`: somebody has to look first; `thread`: the message that it updates; `sent_by`: a named sender.
    """

    told: Told
    template: str
    values: Mapping[str, Value]
    trigger: Trigger
    topic: str
    why: str
    subject: Subject | None = None
    version: int | None = None
    change_id: int | None = None
    case_id: int | None = None
    thread_id: int | None = None
    value_fen: int | None = None
    mandatory: bool = False
    held: bool = False
    sent_by: str | None = None


@dataclass(frozen=True)
class Stationery:
    """What every message is written with: templates, letterhead, and who speaks for the firms that are written to."""

    session: Session
    library: str
    now: datetime
    templates: Mapping[str, Template]
    letterhead: Letterhead
    vocabulary: Vocabulary = field(repr=False)
    firms: Mapping[int, Subject] = field(repr=False)
    speakers: Mapping[int, Sequence[Contact]] = field(repr=False)

    @property
    def today(self) -> date:
        """The local day."""
        return local_day(self.now)

    def recipients(self, firm_id: int, topic: str) -> tuple[Contact, ...]:
        """Who is told of a topic for a firm; where there is nobody, somebody is asked for one."""
        found = recipients(self.speakers.get(firm_id, ()), topic, self.today)
        if not found:
            self._ask_for_contact(self.firms[firm_id])
        return found

    def why(self, contact: Contact, trigger: Trigger) -> str:
        """Why somebody is told, in words."""
        return self.because(contact, TRIGGER_NAMES[trigger])

    def because(self, contact: Contact, reason: str) -> str:
        """The same for a reason of one's own."""
        firm = self.firms[contact.firm_id]
        role = CONTACT_ROLE_NAMES[ContactRole(contact.role)]
        return f"您是“{firm.name or firm.code}”的{role}；{reason}（{self.today}）"

    def unit_of(self, rule: Rule) -> str:
        """Who answers for a measure: its owner unit, else who issued its document, else the office on the letterhead."""
        return rule.measure.owner_unit or "、".join(rule.document.issuers or ()) or self.letterhead.office

    @cached_property
    def _asked(self) -> set[int]:
        """The firms for which somebody is asked for a contact already, by row id."""
        rows = doubts.unanswered(self.session, self.library, Asked.CONTACT_MISSING).values()
        return {row.subject_id for row in rows if row.subject_id is not None}

    def _ask_for_contact(self, firm: Subject) -> None:
        if firm.id in self._asked:
            return
        self._asked.add(firm.id)
        doubts.raise_doubt(
            self.session, self.library, Asked.CONTACT_MISSING, doubts.key_of(f"{firm.code}:{self.today}"),
            what=f"“{firm.name or firm.code}”没有联系人，政策消息发不出去，请补充联系人", value="", at=self.now, subject=firm,
        )  # fmt: skip


def stationery(session: Session, archive: Archive, library: str, firms: Iterable[Subject], now: datetime) -> Stationery:
    """Read what is needed to write to these firms; RuleError for a fault of the templates."""
    by_id = {firm.id: firm for firm in firms}
    speakers = contacts.holding(session, library, by_id, local_day(now))
    templates = load_templates(archive.rules / "messages.yaml")
    letterhead = load_letterhead(archive.rules / "letterhead.yaml")
    return Stationery(session, library, now, templates, letterhead, archive.vocabulary, by_id, speakers)


def queue_messages(with_: Stationery, drafts: Sequence[Draft]) -> list[Message]:
    """Write the messages down in their order, with their rows of the audit chain."""
    keys = {key for one in drafts for key in keys_within(one.told, with_.today)}
    known = messages.with_keys(with_.session, with_.library, keys)
    rows = []
    for one in drafts:
        row = _row(one, with_)
        before = [known[key] for key in keys_within(one.told, with_.today) if key in known]
        if any(is_quiet(local_day(told.made_at), with_.today) for told in before):
            row.state, row.withheld = MessageState.SUPPRESSED.value, Withheld.DUPLICATE.value
        else:
            known[row.dedup_key] = row
        rows.append(row)
    messages.add_all(with_.session, rows)
    note_messages(with_.session, with_.library, "message.make", rows, with_.now)
    return rows


def _row(draft: Draft, with_: Stationery) -> Message:
    template, told = with_.templates[draft.template], draft.told
    said = written(template, {"brand": with_.letterhead.brand, **draft.values})
    state = MessageState.HELD if draft.held else MessageState.WAITING
    return Message(
        library=with_.library,
        dedup_key=dedup_key(told, with_.today),
        recipient_id=told.recipient,
        subject_id=None if draft.subject is None else draft.subject.id,
        measure=told.measure or None,
        version=draft.version,
        case_id=draft.case_id,
        change_id=draft.change_id,
        thread_id=draft.thread_id,
        trigger=draft.trigger.value,
        content=told.content.value,
        topic=draft.topic,
        mandatory=draft.mandatory,
        template=template.id,
        template_version=template.version,
        title=said.title,
        body=said.body,
        short=said.short,
        why=draft.why,
        value_fen=draft.value_fen,
        last_day=told.last_day,
        state=state.value,
        sent_by=draft.sent_by,
        made_at=with_.now,
    )


def note_messages(session: Session, library: str, action: str, rows: Iterable[Message], now: datetime) -> None:
    """What the house did with messages, each in the audit chain."""
    told: list[tuple[str, Mapping[str, audit.Plain]]] = [
        (str(row.id), {"to": row.recipient_id, "measure": row.measure, "content": row.content, "state": row.state,
                       "withheld": row.withheld, "change": row.change_id, "run": row.run_id})
        for row in rows
    ]  # fmt: skip
    if told:
        who = actor(session, JOB, local_day(now))
        audit.record_each(session, who, action, told, object_kind="message", at=now, library=library)
