"""A department tells firms something of its own: an event, a service, a call for applications (TR9).

It names the firms by filters, a sender and a reason, and sees first what would go to how many. What it sends waits like
everything else, so that a large one is held until somebody lets it go, and whoever unsubscribed gets none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from policy_match.access.permissions import Right
from policy_match.access.scope import FIRM
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Conflict, Forbidden, Issue
from policy_match.facts.subjects import Kind, Subject
from policy_match.push.dedup import Told
from policy_match.push.recipients import recipients
from policy_match.push.value import USUAL_RUNS, is_unusual
from policy_match.push.wording import Value, Written, written
from policy_match.push.words import NOTICE_TOPIC, Content, Trigger
from policy_match.store import audit, contacts, messages, subjects
from policy_match.store.actors import actor
from policy_match.store.push_tables import Contact, Message
from policy_match.store.tables import Actor
from policy_match.store.tables import Subject as Row
from policy_match.workflows.list_projects import Line, Wanted, chosen, listing_of
from policy_match.workflows.match_file import unknown_measure
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library, open_library
from policy_match.workflows.own_measure import require_own
from policy_match.workflows.push_rights import LINKS_SYSTEMS, at_push_desk, require_push
from policy_match.workflows.queue_messages import Draft, Stationery, queue_messages, stationery
from policy_match.workflows.read_records import View
from policy_match.workflows.review_rights import REVIEWS, lies_in
from policy_match.workflows.send_waiting import MATCHES
from policy_match.workflows.write_entry import By, said

_TEMPLATE = "notice"


@dataclass(frozen=True, slots=True)
class NewNotice:
    """What is asked. `sender`: who signs it, by name; `reason`: why these firms get it; `text`: lines are kept.

    `wanted`: filters of the list of projects; `measure`: only firms of which a subject is eligible under it, None: any.
    """

    title: str
    text: str
    sender: str
    reason: str
    wanted: Wanted = field(default_factory=Wanted)
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go: to how many people of how many firms, how many firms have nobody, and the words.

    `would_be_held`: whether it is so many that somebody has to let it go.
    """

    people: int
    firms: int
    without_contact: int
    words: Written
    would_be_held: bool


@dataclass(frozen=True, slots=True)
class _Notice:
    """A notice at work: whom it is for, and what it is written with."""

    session: Session
    archive: Archive
    asked: NewNotice
    who: Actor
    by: By
    rule: Rule | None
    with_: Stationery

    @property
    def firms(self) -> Sequence[Row]:
        """The firms that the filters name, in the order of their rows."""
        return [self.with_.firms[number] for number in sorted(self.with_.firms)]

    def people(self) -> list[Contact]:
        """Everybody who would be told, in the order of the firms; nobody is asked for a contact that lacks."""
        on = self.with_.today
        return [
            one for firm in self.firms for one in recipients(self.with_.speakers.get(firm.id, ()), NOTICE_TOPIC, on)
        ]

    def values(self, firm: str) -> dict[str, Value]:
        """What the template is filled with for a firm."""
        return {
            "firm": firm, "sender": self.asked.sender.strip(), "reason": self.asked.reason.strip(),
            "title": self.asked.title.strip(), "text": self.asked.text.strip().splitlines(),
        }  # fmt: skip

    def drafts(self) -> Iterator[Draft]:
        """One message to each person and firm."""
        measure = "" if self.rule is None else self.rule.id
        version = None if self.rule is None else self.rule.measure.version
        said_ = f"{self.asked.title.strip()}:{self.asked.text.strip()}"
        for firm in self.firms:
            for contact in self.with_.recipients(firm.id, NOTICE_TOPIC):
                why = f"{self.with_.why(contact, Trigger.SENDER)}；{self.asked.reason.strip()}"
                yield Draft(
                    Told(contact.actor_id, firm.code, measure, Content.NOTICE, said_), _TEMPLATE,
                    self.values(firm.name or firm.code), Trigger.SENDER, NOTICE_TOPIC, why, subject=firm, version=version,
                    sent_by=self.who.id,
                )  # fmt: skip


def preview_notice(archive: Archive, asked: NewNotice, by: By) -> Preview:
    """What would go to whom; nothing is written. Errors as `send_notice`."""
    with archive.database.reading() as session:
        notice = _opened(session, archive, asked, actor(session, by.actor, by.today), by=by)
        people = notice.people()
        told = {one.firm_id for one in people}
        words = written(
            notice.with_.templates[_TEMPLATE],
            {"brand": notice.with_.letterhead.brand, **notice.values("（企业名称）")},
        )
        earlier = messages.earlier_runs(session, by.library, MATCHES, USUAL_RUNS)
        is_held = is_unusual(len(people), [one.counts["messages"] for one in earlier])
        return Preview(len(people), len(told), len(notice.firms) - len(told), words, is_held)


def send_notice(archive: Archive, asked: NewNotice, people: int, by: By) -> list[Message]:
    """Write it down for everybody; `people`: to how many, as the preview said.

    UsageError TEXT_MISSING, TEXT_TOO_LONG, PARAM_VALUE or MEASURE_UNKNOWN; Conflict NOTICE_CHANGED where it would go to
    another number of people than was seen, or to nobody; Forbidden PUSH_ROLE, NOTICE_ROLE, CARE_ROLE.
    """
    with at_push_desk(archive, f"通知 {asked.title[:40]}", by) as (session, who):
        notice = _opened(session, archive, asked, who, by=by)
        found = len(notice.people())
        if found != people or not found:
            what = f"现在要发给 {found} 人，您看到的是 {people} 人"
            raise Conflict(Issue("NOTICE_CHANGED", what, "--people", str(found), "重新预览，核对人数后再发"))
        made = queue_messages(notice.with_, [*notice.drafts()])
        audit.record(
            session, who, "notice.send", object_kind="message", object_id=f"notice/{made[0].id}", at=by.now, library=by.library,
            reason=asked.reason.strip(),
            detail={"title": asked.title.strip(), "sender": asked.sender.strip(), "people": found,
                    "measure": asked.measure, "district": asked.wanted.district, "industry": asked.wanted.industry,
                    "stage": asked.wanted.stage},
        )  # fmt: skip
        return made


def _opened(session: Session, archive: Archive, asked: NewNotice, who: Actor, *, by: By) -> _Notice:
    for text, what, option, longest in (
        (asked.title, "标题", "--title", 40), (asked.text, "正文", "--text", 600), (asked.sender, "发送单位", "--sender", 40),
        (asked.reason, "为什么发给这些企业", "--reason", 140),
    ):  # fmt: skip
        said(text, what, option, longest=longest)
    _require_sender(archive, who)
    library = open_library(session, archive, by.library, View(by.today))
    rule = _rule(archive, library, asked, who, on=by.today)
    lines = chosen(listing_of(library).lines, asked.wanted, listing_of(library).options)
    codes = [
        line.subject.id for line in lines if _is_meant(library, line, rule) and _is_in_reach(archive, line.subject, who)
    ]
    firms = _firms(session, by.library, codes)
    return _Notice(session, archive, asked, who, by, rule, stationery(session, archive, by.library, firms, by.now))


def _require_sender(archive: Archive, who: Actor) -> None:
    """Refuse whoever writes for himself or for systems alone; Forbidden PUSH_ROLE, NOTICE_ROLE."""
    require_push(archive, who, Right.WRITE)
    if who.role in (FIRM, LINKS_SYSTEMS):
        what = f"“{who.name}”不给企业发通知"
        raise Forbidden(Issue("NOTICE_ROLE", what, "--by", "市级部门、辖市区", "请业务部门发送"))


def _rule(archive: Archive, library: Library, asked: NewNotice, who: Actor, *, on: date) -> Rule | None:
    if asked.measure is None:
        return None
    book = library.matching.rulebook
    if asked.measure not in book.ids:
        raise unknown_measure(asked.measure, book.ids, "--measure")
    rule = book.at(asked.measure, on)
    require_own(archive, rule, who, REVIEWS, "通知")
    return rule


def _is_meant(library: Library, line: Line, rule: Rule | None) -> bool:
    """Projects and firms; of a measure, those who are eligible."""
    if line.subject.kind is Kind.PERSON:
        return False
    return rule is None or library.matching.decision(rule.id).verdicts[line.row] is Verdict.ELIGIBLE


def _is_in_reach(archive: Archive, subject: Subject, who: Actor) -> bool:
    """An area writes to its own subjects only."""
    return not archive.table.roles[who.role].own_area or lies_in(subject, who.region)


def _firms(session: Session, library: str, codes: Sequence[str]) -> list[Row]:
    rows = subjects.by_ids(session, subjects.ids_of(session, library, codes))
    ids = sorted({firm for row in rows.values() if (firm := contacts.firm_id(row)) is not None})
    return list(subjects.by_ids(session, ids).values())
