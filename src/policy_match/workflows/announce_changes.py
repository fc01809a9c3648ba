"""Say what changed to those whom it concerns, in the transaction of the change (domain specification §6.1, §6.2).

A match that goes out by itself is told; one that people look at is told when they confirm it (`tell_confirmed`). What was
told before and is another thing now is an update in the same thread, and what no longer holds is corrected. An exclusion is
told without a word of the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule
from policy_match.facts.subjects import Kind
from policy_match.push.value import is_sampled
from policy_match.push.words import Content, MessageState, Trigger
from policy_match.ranking.push import Fate
from policy_match.store import contacts, messages, subjects
from policy_match.store.push_tables import Message
from policy_match.store.tables import Subject
from policy_match.workflows.changed_pairs import Changed
from policy_match.workflows.match import Match
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.queue_messages import Draft, queue_messages, stationery
from policy_match.workflows.recall_measure import eligible_pair, follow_measures
from policy_match.workflows.word_pairs import PairDesk, Telling

_BY_RULES = (Trigger.NEW_MEASURE.value, Trigger.MEASURE_CHANGED.value)


@dataclass(frozen=True, slots=True)
class Announced:
    """How many messages wait to go out, are held for somebody to look, or say what was said before; `cancelled`: do not go any more."""

    waiting: int = 0
    held: int = 0
    suppressed: int = 0
    cancelled: int = 0


def announce_changes(
    session: Session, archive: Archive, library: str, changed: Sequence[Changed], now: datetime
) -> Announced:
    """Write down what is to be told of these changes; nothing goes out before the transaction has ended."""
    rows = _subjects(session, [change.row.subject_id for change in changed])
    tellings = [one for change in changed if (one := _telling(change, rows)) is not None]
    desk = _desk(session, archive, library, tellings, now)
    cancelled = desk.cancel_unsent(tellings)
    drafts = [*desk.exclusions([one for one in tellings if one.trigger is Trigger.EXCLUSION])]
    drafts += _held(session, library, [draft for one in tellings if one.is_news for draft in desk.news(one)])
    drafts += [draft for one in _gone(session, tellings) for draft in desk.corrections(one)]
    made = queue_messages(desk.with_, drafts)
    by_rules = {change.row.measure for change in changed if change.row.trigger in _BY_RULES}
    if by_rules:
        made += follow_measures(session, archive, library, now, measures=by_rules)
    return _announced(made, cancelled)


def tell_confirmed(
    session: Session, archive: Archive, library: str, row: Subject, match: Match, now: datetime
) -> Announced:
    """Tell the firm of a match that somebody confirmed: what it may have, which facts are missing, or what little lacks."""
    rows = _subjects(session, [row.id])
    firm = _firm_of(row, rows)
    if firm is None:
        return Announced()
    change = messages.last_change(session, row.id, match.rule.id)
    trigger = Trigger.FACT if change is None else Trigger(change.trigger)
    about = _about(row, firm, match.rule)
    telling = Telling(about, firm, match.rule, lambda: match, trigger, change, is_news=True, is_confirmed=True)
    desk = _desk(session, archive, library, [telling], now)
    cancelled = desk.cancel_unsent([telling])
    return _announced(queue_messages(desk.with_, [*desk.news(telling)]), cancelled)


def _desk(session: Session, archive: Archive, library: str, tellings: Sequence[Telling], now: datetime) -> PairDesk:
    firms = {one.firm.id: one.firm for one in tellings}
    with_ = stationery(session, archive, library, firms.values(), now)
    return PairDesk(with_, messages.before(session, library, {one.about.id for one in tellings}))


def _subjects(session: Session, ids: Iterable[int]) -> dict[int, Subject]:
    """The subjects and their firms, by row id."""
    found = subjects.by_ids(session, sorted(set(ids)))
    firms = {firm for row in found.values() if (firm := contacts.firm_id(row)) is not None}
    return found | subjects.by_ids(session, sorted(firms - found.keys()))


def _firm_of(row: Subject, rows: Mapping[int, Subject]) -> Subject | None:
    return rows.get(contacts.firm_id(row) or 0)


def _about(row: Subject, firm: Subject, rule: Rule) -> Subject:
    """Whose benefit it is: two projects of one firm are told of an enterprise's benefit once."""
    return firm if rule.measure.target == "enterprise" else row


def _telling(change: Changed, rows: Mapping[int, Subject]) -> Telling | None:
    """What is to be told of a change; None where the rules have the measure no more, or nobody has the project."""
    row, rule = rows[change.row.subject_id], change.rule
    firm = _firm_of(row, rows)
    if rule is None or change.explained is None or firm is None or row.kind == Kind.PERSON:
        return None
    is_news = change.row.now == Verdict.ELIGIBLE and change.fate is Fate.PUSHED
    trigger = Trigger(change.row.trigger)
    return Telling(_about(row, firm, rule), firm, rule, change.explained, trigger, change.row, is_news=is_news)


def _gone(session: Session, tellings: Sequence[Telling]) -> Iterator[Telling]:
    """What is refused now and was not; an enterprise's benefit only where none of its projects opens it any more."""
    for one in tellings:
        was, now = (None, None) if one.change is None else (one.change.was, one.change.now)
        is_refused = now == Verdict.INELIGIBLE and one.trigger is not Trigger.EXCLUSION
        is_other = was not in (None, Verdict.INELIGIBLE)
        if is_refused and is_other and eligible_pair(session, one.about, one.rule.id) is None:
            yield one


def _held(session: Session, library: str, drafts: Sequence[Draft]) -> Iterator[Draft]:
    """The drafts, held where a version has not been looked at enough (§5.6)."""
    coming: dict[tuple[str, int], set[int]] = {}
    for one in drafts:
        if one.told.content is Content.MATCH and one.subject is not None:
            coming.setdefault((one.told.measure, one.version or 0), set()).add(one.subject.id)
    known = messages.matches_of(session, library, {measure for measure, _ in coming})
    new = set()
    for version, found in coming.items():
        passed, held = known.get(version, (0, 0))
        if not is_sampled(passed, held + len(found)):
            new.add(version)
    for one in drafts:
        is_new = one.told.content is Content.MATCH and (one.told.measure, one.version or 0) in new
        yield replace(one, held=True) if is_new else one


def _announced(made: Sequence[Message], cancelled: int) -> Announced:
    states = [row.state for row in made]
    return Announced(
        waiting=states.count(MessageState.WAITING.value),
        held=states.count(MessageState.HELD.value),
        suppressed=states.count(MessageState.SUPPRESSED.value),
        cancelled=cancelled,
    )
