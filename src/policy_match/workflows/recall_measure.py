"""Follow what happens to measures that were told of: a correction where one was withdrawn or stopped, an update where its
window is another one (TR2). Only those are told who heard of it and have not acted; what still waits is not sent at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.windows import window_of
from policy_match.facts.subjects import Kind
from policy_match.push.dedup import Told, said_of
from policy_match.push.pairs import OpenPair
from policy_match.push.wording import Value
from policy_match.push.words import Content, MessageState, Trigger, Withheld
from policy_match.store import contacts, messages, open_pairs, payments, subjects
from policy_match.store.messages import Pair
from policy_match.store.push_tables import Message
from policy_match.store.tables import Subject
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.queue_messages import Draft, note_messages, queue_messages, stationery
from policy_match.workflows.read_records import View
from policy_match.workflows.word_pairs import UNSENT, PairDesk, last_day_of, recall, window_change

_WITHDRAWN = {"suspended": "已停用", "repealed": "已废止"}
_GONE = "已撤销"


def follow_measures(
    session: Session, archive: Archive, library: str, now: datetime, *, measures: Collection[str] | None = None
) -> list[Message]:
    """The messages about measures that are not what they were; `measures`: None, all that were ever told of."""
    before = messages.of_measures(session, library, measures)
    if not before.threads:
        return []
    about = subjects.by_ids(session, sorted({subject for subject, _ in before.threads}))
    firms = subjects.by_ids(session, sorted({contacts.firm_id(row) or 0 for row in about.values()} - {0}))
    with_ = stationery(session, archive, library, firms.values(), now)
    book = deciding_rulebook(session, archive.shelf, library, View(with_.today)).rulebook
    following = _Following(PairDesk(with_, before), book, about, firms, paid_pairs(session, library, now))
    drafts = [draft for pair in before.threads for draft in following.of_pair(pair)]
    following.cancel_withdrawn()
    return queue_messages(with_, drafts)


def eligible_pair(session: Session, about: Subject, measure: str) -> OpenPair | None:
    """The pair as it was decided last, if it is eligible; of a firm also through one of its projects."""
    ids = [about.id]
    if about.kind == Kind.ENTERPRISE:
        ids += [row.id for row in subjects.projects_of(session, [about.id])]
    for found in open_pairs.kept(session, ids).values():
        pair = found.pairs.get(measure)
        if pair is not None and pair.verdict is Verdict.ELIGIBLE:
            return pair
    return None


def paid_already(paid: Collection[tuple[str, str]], measure: str, about: Subject, firm: Subject | None) -> bool:
    """Whether the ledger holds a payment of a measure to a subject or its firm."""
    return (measure, about.code) in paid or (firm is not None and (measure, firm.code) in paid)


def paid_pairs(session: Session, library: str, now: datetime) -> frozenset[tuple[str, str]]:
    rows = payments.ledger(session, library, known_at=now)
    return frozenset((row.measure, code) for row in rows for code in (row.beneficiary, row.project) if code)


@dataclass(frozen=True, slots=True)
class _Following:
    """Every thread beside the rules of the day. `paid`: measures and codes of whom the ledger names."""

    desk: PairDesk
    book: Rulebook
    about: Mapping[int, Subject]
    firms: Mapping[int, Subject]
    paid: frozenset[tuple[str, str]]

    def of_pair(self, pair: Pair) -> Iterator[Draft]:
        subject, measure = self.about[pair[0]], pair[1]
        firm, rule = self.firms.get(contacts.firm_id(subject) or 0), self._rule(measure)
        if firm is None or paid_already(self.paid, measure, subject, firm):
            return
        reason = self._withdrawn(rule)
        for row in self.desk.last_told(pair):
            if rule is None or reason:
                yield recall(row, subject, self._values(subject, firm, rule, row), (Trigger.MEASURE_CHANGED, reason))
            else:
                yield from self._window(row, subject, firm, rule)

    def cancel_withdrawn(self) -> None:
        """Take back what waits about measures that are no more."""
        gone = [row for pair in self.desk.before.threads if self._withdrawn(self._rule(pair[1]))
                for row in self.desk.before.of_pair(pair) if row.state in UNSENT and row.content != Content.RECALL]  # fmt: skip
        for row in gone:
            row.state, row.withheld = MessageState.CANCELLED.value, Withheld.WITHDRAWN.value
        with_ = self.desk.with_
        with_.session.flush()
        note_messages(with_.session, with_.library, "message.cancel", gone, with_.now)

    def _rule(self, measure: str) -> Rule | None:
        return self.book.at(measure, self.desk.with_.today) if measure in self.book.ids else None

    def _withdrawn(self, rule: Rule | None) -> str:
        """What happened to a measure, in words; empty while it stands."""
        return _GONE if rule is None else _WITHDRAWN.get(rule.measure.status, "")

    def _values(self, about: Subject, firm: Subject, rule: Rule | None, row: Message) -> dict[str, Value]:
        """Of a measure that is gone the title is left that the message had."""
        if rule is not None:
            return self.desk.values(about, firm, rule)
        office = self.desk.with_.letterhead.office
        return {"project": about.name or about.code, "title": row.title, "unit": office, "contact": ""}

    def _window(self, row: Message, about: Subject, firm: Subject, rule: Rule) -> Iterator[Draft]:
        """That one may apply until another day than was told, while the old day has not passed."""
        with_ = self.desk.with_
        window = window_of(rule.measure, with_.today)
        newest = self.desk.before.thread((about.id, rule.id), row.recipient_id)[-1]
        is_over = row.last_day is not None and row.last_day < with_.today
        changes = [*window_change(newest.last_day, None if window is None else window[1])]
        pair = eligible_pair(with_.session, about, rule.id) if changes and not is_over else None
        if pair is None:
            return
        said = said_of(pair.verdict.value, pair.low_fen, pair.high_fen)
        told = Told(row.recipient_id, about.code, rule.id, Content.UPDATE, said, last_day_of(rule, with_.today))
        yield Draft(
            told, "update", self.desk.values(about, firm, rule) | {"changes": changes}, Trigger.MEASURE_CHANGED, row.topic,
            row.why, subject=about, version=rule.measure.version, thread_id=row.thread_id or row.id, value_fen=row.value_fen,
        )  # fmt: skip
