"""Find the matches that people have to look at, from the libraries as they are decided now.

What facts and rules say of them is weighed once (weigh_matches.py); what people did is read anew. Since when a match waits is known from the day on which `note_reviews` recorded it, and never guessed from
the facts: they may be older than what we knew.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from policy_match.eligibility.decide import Decision
from policy_match.eligibility.rulebook import Rule
from policy_match.errors import FactError, Issue, UsageError
from policy_match.exchange.intake_text import observation_from_text
from policy_match.facts.subjects import Subject
from policy_match.push.words import Asked
from policy_match.ranking.decisions import History, Pair, Step
from policy_match.ranking.score import Score
from policy_match.ranking.triage import QUEUED, Triage
from policy_match.ranking.weights import Ranking
from policy_match.store import doubts, reviews, subjects
from policy_match.store.reviews import Seen
from policy_match.store.tables import Doubt
from policy_match.workflows.assess_match import Assessed
from policy_match.workflows.judge_figures import UNIT_SUSPECT
from policy_match.workflows.match import Matching
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.progress import tracked
from policy_match.workflows.review_rights import Reader, lies_in
from policy_match.workflows.weigh_matches import Weighed, weigh

FACT_DISPUTED = "FACT_DISPUTED"
_CONTESTING = (FACT_DISPUTED, UNIT_SUSPECT, Asked.NOT_FOR_US)
_NOTHING = History()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which matches are asked for; None: all. `district`: code of an area; `mine`: only those that the reader holds,
    or who handed the queue over to them."""

    measures: frozenset[str] | None = None
    district: str | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Triaged:
    """One pair with what happens to it. `missing`: the smallest sets of facts to ask for."""

    match: Assessed
    triage: Triage
    score: Score
    missing: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A match that people have to look at. `missing`: the smallest sets of facts to ask for.

    `since`: when it was first recorded as waiting, None where nobody recorded it yet; `holder`: the claim that keeps
    others away; `earlier`: the decision that counted before the match changed; `standing`: one that leaves it open.
    """

    id: str
    subject: Subject
    match: Assessed
    triage: Triage
    score: Score
    missing: tuple[tuple[str, ...], ...]
    history: History
    since: datetime | None
    holder: Step | None

    @property
    def rule(self) -> Rule:
        """The version that decided."""
        return self.match.rule

    @property
    def earlier(self) -> Step | None:
        """The last decision about what the match was before."""
        return self.history.earlier(self.match.signature)

    @property
    def standing(self) -> Step | None:
        """The decision about the match as it is: escalated, deferred until now, or a fact that was found right."""
        return self.history.standing(self.match.signature)

    @property
    def unsigned(self) -> Step | None:
        """The override that waits for a second person."""
        return self.history.unsigned(self.match.signature)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows beside the facts. `disputed`: by the code of the subject, facts in question, and measures of
    which its firm says that they do not apply."""

    histories: Mapping[Pair, History]
    sightings: Mapping[Seen, datetime]
    changed: frozenset[str]
    disputed: Mapping[str, frozenset[str]]
    unanswered: frozenset[int]
    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Queue:
    """The library with what is known of its reviews."""

    library: Library
    ranking: Ranking
    known: Known = field(repr=False)

    def reviews(self, wanted: Wanted, reader: Reader | None = None) -> list[Review]:
        """The open ones, highest priority first, then the longest waiting. `reader` None: nobody's scope narrows them."""
        matching = self.library.matching
        rows = [row for row, subject in enumerate(matching.subjects) if _wants(subject, wanted, reader)]
        rules = {
            measure
            for measure in matching.rulebook.ids
            if (wanted.measures is None or measure in wanted.measures)
            and (reader is None or reader.sees_measure(matching.decision(measure).rule))
        }
        found = (one for row in tracked(rows, len(rows), "审核") for one in self._of(row, rules))
        kept = (one for one in found if not wanted.mine or _is_held_by(one, reader))
        return sorted(kept, key=_place)

    def about(self, measure: str, row: int) -> Review | None:
        """One pair as people see it; None where it goes its way without them, or is decided."""
        matching = self.library.matching
        return self._review(weigh(matching, matching.decision(measure), row, self.ranking), row)

    def _of(self, row: int, rules: Container[str]) -> Iterator[Review]:
        """Those of one subject that wait, among the ones that were weighed for everybody."""
        for found in self.library.weighed.of(self.library.matching.subjects[row].id):
            one = self._review(found, row) if found.match.rule.id in rules else None
            if one is not None:
                yield one

    def triaged(self, decision: Decision, row: int) -> Triaged:
        """What happens with one pair, whatever was decided about it."""
        found = weigh(self.library.matching, decision, row, self.ranking)
        return Triaged(found.match, self._triage(found, row), found.score, found.missing)

    def _triage(self, found: Weighed, row: int) -> Triage:
        matching, known = self.library.matching, self.known
        is_changed = not known.changed.isdisjoint(_codes(matching.subjects[row]))
        is_disputed = self._is_disputed(found.match.rule, row)
        return found.triage_where(self.ranking, disputed=is_disputed, changed=is_changed)

    def _review(self, found: Weighed, row: int) -> Review | None:
        """The pair as people see it; None where it goes its way without them, or is decided."""
        known, match = self.known, found.match
        triaged = self._triage(found, row)
        if triaged.fate not in QUEUED:
            return None
        history = known.histories.get(match.pair, _NOTHING)
        is_open = history.is_open(match.signature, known.today, known.unanswered)
        if not is_open and match.rule.id not in self._contested(row):
            return None
        return Review(
            id=found.id,
            subject=self.library.matching.subjects[row],
            match=match,
            triage=triaged,
            score=found.score,
            missing=found.missing,
            history=history,
            since=known.sightings.get((*match.pair, match.signature)),
            holder=history.holder(known.now),
        )

    def _is_disputed(self, rule: Rule, row: int) -> bool:
        """Whether a fact that decided a condition, or one that it is derived from, is in question, or the firm says no."""
        matching, contested = self.library.matching, self._contested(row)
        if not contested or rule.id in contested:
            return bool(contested)
        decided = (c.fact for c in rule.conditions.values() if c.fact and matching.deciding.truths(c.node)[row])
        vocabulary = matching.rulebook.vocabulary
        return any(fact in contested or not contested.isdisjoint(vocabulary.base_inputs(fact)) for fact in decided)

    def _contested(self, row: int) -> set[str]:
        codes = _codes(self.library.matching.subjects[row])
        return {name for code in codes for name in self.known.disputed.get(code, ())}


def open_queue(session: Session, archive: Archive, library: Library, now: datetime) -> Queue:
    """Read what is known of the reviews of a library; UsageError without `ranking.yaml`, or where nothing was scored."""
    ordering = library.matching.ordering
    if ordering is None:
        where, hint = str(archive.rules), "检查规则目录是否完整"
        raise UsageError(Issue("FOLDER", "没有 ranking.yaml，无法分出哪些要审", where, "ranking.yaml", hint))
    ranking, today = ordering.ranking, library.matching.as_of
    asked = [one for one in doubts.still_open(session, library.name) if one.code in _CONTESTING]
    known = Known(
        histories=reviews.histories(session, library.name),
        sightings=reviews.sightings(session, library.name),
        changed=reviews.changed_since(session, library.name, today - timedelta(days=ranking.review.changed_days)),
        disputed=_disputed(session, library.matching, asked),
        unanswered=frozenset(one.id for one in asked),
        now=now,
        today=today,
    )
    return Queue(library, ranking, known)


def open_triage(
    session: Session, library: Library, ranking: Ranking, subject_ids: Sequence[int], now: datetime
) -> Queue:
    """The same for triage alone, of a library that holds these subjects only: what was decided about them is not read."""
    today = library.matching.as_of
    asked = [one for one in doubts.still_open(session, library.name, subject_ids) if one.code in _CONTESTING]
    known = Known(
        histories={},
        sightings={},
        changed=reviews.changed_since(session, library.name, today - timedelta(days=ranking.review.changed_days)),
        disputed=_disputed(session, library.matching, asked),
        unanswered=frozenset(),
        now=now,
        today=today,
    )
    return Queue(library, ranking, known)


def due_on(one: Review, archive: Archive, ranking: Ranking, day: date | None) -> date | None:
    """The last day to decide in, by working days from the day on which it was recorded; None where that is not known,
    or the calendar of the year is not out yet."""
    if one.since is None or day is None:
        return None
    try:
        return archive.calendar.add_working_days(day, ranking.review.due_days)
    except FactError:
        return None


def _disputed(session: Session, matching: Matching, asked: Iterable[Doubt]) -> dict[str, frozenset[str]]:
    questions = [one for one in asked if one.subject_id is not None]
    rows = subjects.by_ids(session, sorted({one.subject_id for one in questions if one.subject_id is not None}))
    found: dict[str, set[str]] = {}
    for one in questions:
        name: str | None = one.value
        if one.code == UNIT_SUSPECT:
            seen = observation_from_text(one.value, matching.rulebook.vocabulary)
            name = None if seen is None else seen.fact
        if name is not None and one.subject_id is not None:
            found.setdefault(rows[one.subject_id].code, set()).add(name)
    return {code: frozenset(facts) for code, facts in found.items()}


def _codes(subject: Subject) -> tuple[str, ...]:
    """The subject itself and its firm."""
    return (subject.id,) if subject.enterprise is None else (subject.id, subject.enterprise)


def _wants(subject: Subject, wanted: Wanted, reader: Reader | None) -> bool:
    is_there = wanted.district is None or lies_in(subject, wanted.district)
    return is_there and (reader is None or reader.sees_subject(subject))


def _is_held_by(one: Review, reader: Reader | None) -> bool:
    return one.holder is not None and reader is not None and one.holder.by in {who.id for who in reader.people}


def _place(one: Review) -> tuple[float, float, Pair]:
    """What nobody recorded yet is the newest."""
    age = float("inf") if one.since is None else one.since.timestamp()
    return -one.score.total, age, one.match.pair
