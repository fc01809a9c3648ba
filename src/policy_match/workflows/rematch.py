"""Decide anew what may have changed, keep it, and announce what did: only the pairs that a change can touch.

A subject is decided anew when something was recorded of it or of its firm, or when the day has come that time alone may
change it; a measure is decided anew for everybody when its mark changes (push/marks.py). What changed of a pair, what is
said about it and the row in the audit chain are written in one transaction. `rematch_all` decides everything and must find
nothing that this had missed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

import orjson
from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.lifecycle.events import Event
from policy_match.push.marks import Marks, marks_of, version_in
from policy_match.push.pairs import Difference, Pairs, decoded, differences, encoded
from policy_match.push.words import Trigger
from policy_match.ranking.scoring import Ordering
from policy_match.store import actors, audit, log, open_pairs, releases, subjects
from policy_match.store import facts as stored_facts
from policy_match.store.open_pairs import EXCLUSION, POINT, State
from policy_match.store.push_tables import Matched
from policy_match.store.tables import Actor
from policy_match.workflows.changed_pairs import Changed, changed_pairs
from policy_match.workflows.decide_pairs import DayRules, DecidedPairs
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_touched

MOST = 200
"""Notes followed in one transaction: others who write wait for it."""
_TIME = "time"
_EVERYBODY = "rules"


@dataclass(frozen=True, slots=True)
class Rematched:
    """What one round did. `looked_at`: subjects decided; `written`: states that were not as kept; `told`: what came of it.

    `changed`: pairs with another verdict or amount; `missed`: of a whole run, changed pairs that nothing had announced.
    `more`: whether notes are left for the next round.
    """

    looked_at: int = 0
    written: int = 0
    changed: int = 0
    missed: int = 0
    first: bool = False
    more: bool = False


Announce: TypeAlias = Callable[[Session, Archive, str, Sequence[Changed], datetime], object]
"""Says what changed to whom it concerns, in the same transaction: library, changes, instant."""


@dataclass
class Rematching:
    """The rules of a day, compiled once for many rounds. Not for several threads at once."""

    archive: Archive
    announce: Announce
    ordering: Ordering | None = None
    _rules: dict[tuple[str, str, date, str], DayRules] = field(default_factory=dict, repr=False)
    _texts: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def rematch(self, library: str, now: datetime, *, most: int = MOST) -> Rematched:
        """One round in one transaction: the rules first, then at most so many notes and those whose day has come."""
        with self.archive.database.writing() as session:
            audit.take_turn(session)
            round_ = self._round(session, library, now)
            if round_.last is None:
                return round_.everything(is_first=True)
            if round_.last.common != round_.marks.common:
                return round_.everything()
            measures = round_.changed_measures()
            if measures:
                return round_.for_measures(measures)
            return round_.for_touched(most)

    def rematch_all(self, library: str, now: datetime) -> Rematched:
        """Everything in one transaction, whatever was noted; `missed` counts what the rounds should have found."""
        while self.rematch(library, now).more:
            pass
        with self.archive.database.writing() as session:
            audit.take_turn(session)
            return self._round(session, library, now).everything(is_check=True)

    def _round(self, session: Session, library: str, now: datetime) -> _Round:
        view = View(local_day(now))
        found = deciding_rulebook(session, self.archive.shelf, library, view)
        texts = self._texts_of(session, found.release)
        marks = marks_of(found.rulebook, texts, view.as_of)
        rules = self._day_rules(library, found.release, found.rulebook, marks, view.as_of)
        return _Round(session, self.archive, self.announce, library, now, view, found.release, marks, rules)

    def _texts_of(self, session: Session, release: str) -> Mapping[str, str]:
        if release not in self._texts:
            shelf = self.archive.shelf
            kept = release in releases.hashes(session, release)
            self._texts[release] = releases.texts(session, release) if kept else shelf.release.texts
        return self._texts[release]

    def _day_rules(self, library: str, release: str, rulebook: Rulebook, marks: Marks, day: date) -> DayRules:
        key = (library, release, day, orjson.dumps(dict(marks.measures)).decode())
        if key not in self._rules:
            for old in [one for one in self._rules if one[0] == library]:
                del self._rules[old]
            self._rules[key] = DayRules(rulebook, day, self.ordering)
        return self._rules[key]


@dataclass(frozen=True)
class _Round:
    """One transaction over one library."""

    session: Session
    archive: Archive
    announce: Announce
    library: str
    now: datetime
    view: View
    release: str
    marks: Marks
    rules: DayRules

    @property
    def last(self) -> Matched | None:
        """By what the library was decided before."""
        return open_pairs.matched(self.session, self.library)

    def changed_measures(self) -> dict[str, Trigger]:
        """Measures whose mark is another one than before, those that are gone too, with what happened to them."""
        last = self.last
        before: dict[str, str] = {} if last is None else orjson.loads(last.measures)
        found: dict[str, Trigger] = {}
        for measure in sorted(before.keys() | self.marks.measures.keys()):
            was, now = before.get(measure), self.marks.measures.get(measure)
            if was != now:
                is_new = now is not None and (was is None or version_in(was) != version_in(now))
                found[measure] = Trigger.NEW_MEASURE if is_new else Trigger.MEASURE_CHANGED
        return found

    def everything(self, *, is_first: bool = False, is_check: bool = False) -> Rematched:
        """Decide all subjects anew. The first time there is nothing to compare with, and nothing is announced."""
        notes = [] if is_check else open_pairs.touched(self.session, self.library, _ALL)
        whys = {row.subject_id: row.why for row in notes}
        ids = subjects.library_ids(self.session, self.library)
        found = self._decided(ids, self.rules, whys, _EVERYBODY, announces=not is_first)
        gone = open_pairs.forget(self.session, sorted(open_pairs.of_library(self.session, self.library) - found.ids))
        open_pairs.settle(self.session, notes)
        self._note_marks()
        self._audit("match.first" if is_first else "match.check" if is_check else "match.rules", found)
        missed = len(found.changed) if is_check else 0
        return Rematched(len(found.ids), found.written + gone, len(found.changed), missed, first=is_first)

    def for_measures(self, measures: Mapping[str, Trigger]) -> Rematched:
        """Decide these measures anew for everybody."""
        narrow = DayRules(self.rules.rulebook, self.rules.as_of, self.rules.ordering, frozenset(measures))
        ids = subjects.library_ids(self.session, self.library)
        found = self._decided(ids, narrow, {}, _EVERYBODY, measures=measures)
        self._note_marks()
        self._audit("match.rules", found)
        return Rematched(len(found.ids), found.written, len(found.changed), more=True)

    def for_touched(self, most: int) -> Rematched:
        """Decide the subjects anew of which something was recorded, and those whose day has come."""
        notes = open_pairs.touched(self.session, self.library, most)
        whys: dict[int, str] = {}
        for row in notes:
            if whys.get(row.subject_id) not in _FIRST:
                whys[row.subject_id] = row.why
        due = open_pairs.due(self.session, self.library, self.view.as_of)[:most]
        ids = whys.keys() | set(due)
        if not ids:
            self._note_day()
            return Rematched()
        found = self._decided(ids, self.rules, whys, _TIME)
        gone = open_pairs.forget(self.session, sorted(ids - found.ids))
        open_pairs.settle(self.session, notes)
        if found.changed:
            self._audit("match.change", found)
        return Rematched(
            len(found.ids), found.written + gone, len(found.changed), more=len(notes) == most or len(due) == most
        )

    def _decided(
        self,
        ids: Collection[int],
        rules: DayRules,
        whys: Mapping[int, str],
        otherwise: str,
        *,
        measures: Mapping[str, Trigger] | None = None,
        announces: bool = True,
    ) -> _Found:
        """Decide, keep what differs, and announce what is news. `measures`: the only ones that are decided, None: all."""
        read = read_touched(self.session, self.archive, ids, self.view)
        order = sorted(read)
        decided = rules.decide([read[one] for one in order])
        before = open_pairs.states(self.session, order)
        days = self._days(order, decided, rules)
        now: dict[int, State] = {}
        news: list[tuple[int, Difference, Trigger]] = []
        for row, one in enumerate(order):
            was = decoded(before[one].pairs) if one in before else {}
            pairs = decided.pairs[row]
            if measures is not None:
                pairs = {name: pair for name, pair in was.items() if name not in measures} | pairs
            look_on = _earliest(days.get(one), before[one].look_on if measures is not None and one in before else None)
            now[one] = State(encoded(pairs), look_on)
            if announces:
                why = whys.get(one, otherwise)
                news += ((row, found, _trigger(found, why, measures)) for found in _news(was, pairs, one in before))
        written = open_pairs.write(self.session, self.library, before, now)
        changed = self._announced(order, decided, news)
        return _Found(frozenset(order), written, changed)

    def _days(self, order: Sequence[int], decided: DecidedPairs, rules: DayRules) -> dict[int, date]:
        """The first day on which time alone may change a pair of each subject."""
        as_of, rows = self.view.as_of, subjects.by_ids(self.session, order)
        own = stored_facts.next_days(
            self.session, sorted({*order, *(row.enterprise_id or 0 for row in rows.values())}),
            self.archive.vocabulary, as_of,
        )  # fmt: skip
        events = log.entries(self.session, Event, [row for row in rows.values() if row.kind == "project"])
        found: dict[int, date] = {}
        for one, subject in zip(order, decided.matching.subjects, strict=True):
            planned = [event.effective_on for event in events.get(one, ()) if event.effective_on > as_of]
            days = [own.get(one), own.get(rows[one].enterprise_id or 0), rules.ahead.next_day(subject.cells, as_of)]
            day = _earliest(*days, *planned)
            if day is not None:
                found[one] = day
        return found

    def _announced(
        self, order: Sequence[int], decided: DecidedPairs, news: Sequence[tuple[int, Difference, Trigger]]
    ) -> tuple[Changed, ...]:
        changed = changed_pairs(
            self.session, self.archive, decided.matching, self.library, self.release,
            [(order[row], row, found, trigger) for row, found, trigger in news], self.now,
        )  # fmt: skip
        if changed:
            self.announce(self.session, self.archive, self.library, changed, self.now)
        return changed

    def _note_marks(self) -> None:
        measures = orjson.dumps(dict(self.marks.measures), option=orjson.OPT_SORT_KEYS).decode()
        last = self.last
        if last is None:
            last = Matched(library=self.library)
            self.session.add(last)
        last.release, last.common, last.measures = self.release, self.marks.common, measures
        last.on, last.at = self.view.as_of, self.now
        self.session.flush()

    def _note_day(self) -> None:
        last = self.last
        if last is not None and (last.on != self.view.as_of or last.release != self.release):
            self._note_marks()

    def _audit(self, action: str, found: _Found) -> None:
        detail: dict[str, audit.Plain] = {"subjects": len(found.ids), "written": found.written}
        detail["changed"] = len(found.changed)
        audit.record(
            self.session, self._who(), action, object_kind="matches", object_id=self.library, at=self.now,
            library=self.library, detail=detail,
        )  # fmt: skip

    def _who(self) -> Actor:
        return actors.actor(self.session, "importer", self.view.as_of)


_FIRST = (EXCLUSION, POINT)
_ALL = 10**9


@dataclass(frozen=True, slots=True)
class _Found:
    ids: frozenset[int]
    written: int
    changed: tuple[Changed, ...]


def _news(was: Pairs, now: Pairs, was_known: bool) -> Iterator[Difference]:
    """What is told of: of a subject that is decided for the first time, what it may have or what people must judge."""
    for found in differences(was, now):
        is_first_told = found.now is not None and found.now.verdict in (Verdict.ELIGIBLE, Verdict.NEEDS_HUMAN)
        if found.is_news if was_known else is_first_told:
            yield found


def _trigger(found: Difference, why: str, measures: Mapping[str, Trigger] | None) -> Trigger:
    if any(pair is not None and pair.is_excluded for pair in (found.was, found.now)) or why == EXCLUSION:
        return Trigger.EXCLUSION
    if measures is not None:
        return measures[found.measure]
    if why == POINT:
        return Trigger.POINT
    if why == _TIME:
        return Trigger.TIME
    if why == _EVERYBODY:
        return Trigger.MEASURE_CHANGED
    was_open = found.was is not None and found.was.verdict is Verdict.UNKNOWN
    is_decided = found.now is None or found.now.verdict is not Verdict.UNKNOWN
    return Trigger.DECIDABLE if was_open and is_decided else Trigger.FACT


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)
