"""Decide anew what may have changed, keep it, and announce what did: only the pairs that a change can touch.

A subject is decided anew when something was recorded of it or of its firm, or when the day has come that time alone may
change it; a measure is decided anew for everybody when its mark changes (push/marks.py). What changed of a pair, what is
said about it and the row in the audit chain are written in one transaction. `rematch_all` decides everything and must find
nothing that this had missed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

import orjson
from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.decide import Verdict
from policy_match.facts.subjects import Kind
from policy_match.lifecycle.events import Event
from policy_match.push.marks import Marks, marks_of, version_in
from policy_match.push.pairs import Difference, Pairs, differences
from policy_match.push.words import Trigger
from policy_match.ranking.scoring import Ordering
from policy_match.store import actors, audit, log, open_pairs, releases, subjects
from policy_match.store import facts as stored_facts
from policy_match.store.bulk import making_many
from policy_match.store.open_pairs import POINT, Kept
from policy_match.store.push_tables import Matched
from policy_match.workflows.changed_pairs import Changed, News, changed_pairs
from policy_match.workflows.decide_pairs import DayRules
from policy_match.workflows.held_pairs import Held
from policy_match.workflows.match import Matching
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import OpenRelease, deciding_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_touched

MOST = 200
"""Notes followed in one transaction: others who write wait for it."""
_TIME = "time"
_EVERYBODY = "rules"


@dataclass(frozen=True, slots=True)
class Rematched:
    """What one round did. `looked_at`: subjects decided; `written`: states that were not as kept.

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
    """The rules of a day, compiled once for many rounds. Not for several threads at once.

    `holds`: whether it keeps a copy of each library (about 0.1 MB a project), so that a measure that changes is decided
    for everybody without reading everybody: for a process that goes on for days.
    """

    archive: Archive
    announce: Announce
    ordering: Ordering | None = None
    holds: bool = False
    _rules: dict[str, tuple[Marks, DayRules]] = field(default_factory=dict, repr=False)
    _texts: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    _held: dict[str, Held] = field(default_factory=dict, repr=False)

    def rematch(self, library: str, now: datetime, *, most: int = MOST) -> Rematched:
        """One round in one transaction: the rules first, then at most so many notes and those whose day has come."""
        with self._round(library, now) as round_:
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
        with self._round(library, now) as round_:
            return round_.everything(is_check=True)

    @contextmanager
    def _round(self, library: str, now: datetime) -> Iterator[_Round]:
        """A transaction that nobody else writes in; what is held of the library is given up if it is not kept."""
        held = self._held.pop(library, None)
        # A search for garbage would go over all that is held, again and again.
        with making_many(), self.archive.database.writing() as session:
            audit.take_turn(session)
            view = View(local_day(now))
            found = deciding_rulebook(session, self.archive.shelf, library, view)
            marks, rules = self._day_rules(session, library, found, view.as_of)
            last = open_pairs.matched(session, library)
            round_ = _Round(session, self, library, now, view, found.release, marks, rules, last)
            round_.held = held if held is not None and round_.still_counts(held) else None
            yield round_
        if self.holds and round_.held is not None:
            self._held[library] = round_.held

    def _day_rules(self, session: Session, library: str, found: OpenRelease, day: date) -> tuple[Marks, DayRules]:
        before = self._rules.get(library)
        if before is not None and before[1].as_of == day and before[1].rulebook is found.rulebook:
            return before
        marks = marks_of(found.rulebook, self._texts_of(session, found.release), day)
        if before is None or before[1].as_of != day or before[0] != marks:
            before = marks, DayRules(found.rulebook, day, self.ordering)
        self._rules[library] = before
        return before

    def _texts_of(self, session: Session, release: str) -> Mapping[str, str]:
        if release not in self._texts:
            is_kept = release in releases.hashes(session, release)
            self._texts[release] = releases.texts(session, release) if is_kept else self.archive.shelf.release.texts
        return self._texts[release]


@dataclass
class _Round:
    """One transaction over one library. `last`: by what it was decided before; `held`: what a running worker holds of it,
    None: nothing that counts."""

    session: Session
    of: Rematching
    library: str
    now: datetime
    view: View
    release: str
    marks: Marks
    rules: DayRules
    last: Matched | None
    held: Held | None = None

    def still_counts(self, held: Held) -> bool:
        """Whether nobody else decided anything since, on the same day by the same facts and definitions."""
        last = self.last
        return last is not None and (held.round, held.day, held.common) == (
            last.round, self.view.as_of, self.marks.common,
        )  # fmt: skip

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
        causes = _Causes({}, _EVERYBODY)
        for row in notes:
            causes.note(row.subject_id, row.why)
        found = self._read_and_decided(subjects.library_ids(self.session, self.library), causes, tells=not is_first)
        there = frozenset(found.ids)
        gone = open_pairs.forget(self.session, sorted(open_pairs.of_library(self.session, self.library) - there))
        open_pairs.settle(self.session, notes)
        self._end("match.first" if is_first else "match.check" if is_check else "match.rules", found, gone)
        held = Held(0, self.view.as_of, self.marks.common)
        held.put(found.ids, found.matching, found.now)
        self._hold(held)
        missed = len(found.changed) if is_check else 0
        return Rematched(len(found.ids), found.written + gone, len(found.changed), missed, first=is_first)

    def for_measures(self, measures: Mapping[str, Trigger]) -> Rematched:
        """Decide these measures anew for everybody; what is held is as good as what the database says."""
        held = self.held
        if held is None:
            ids = subjects.library_ids(self.session, self.library)
            read = read_touched(self.session, self.of.archive, ids, self.view)
            held = Held(0, self.view.as_of, self.marks.common)
            kept = open_pairs.kept(self.session, sorted(read))  # a new subject is decided when its note is followed
            matching = Matching(self.rules.rulebook, [read[one] for one in kept], self.view.as_of)
            held.put([*kept], matching, kept)
        found = self._decided_for(held, measures)
        self._end("match.rules", found)
        for one, state in found.now.items():
            held.note(one, state)
        self._hold(held)
        return Rematched(len(held.ids), found.written, len(found.changed), more=True)

    def for_touched(self, most: int) -> Rematched:
        """Decide the subjects anew of which something was recorded, and those whose day has come."""
        notes = open_pairs.touched(self.session, self.library, most)
        causes = _Causes({}, _TIME)
        for row in notes:
            causes.note(row.subject_id, row.why)
        due = open_pairs.due(self.session, self.library, self.view.as_of)[:most]
        ids = causes.whys.keys() | set(due)
        if not ids:
            self._note_day()
            return Rematched()
        found = self._read_and_decided(ids, causes)
        gone = open_pairs.forget(self.session, sorted(ids - set(found.ids)))
        open_pairs.settle(self.session, notes)
        self._end("match.change", found, gone)
        if self.held is not None and not gone:
            self.held.put(found.ids, found.matching, found.now)
            self._hold(self.held)
        else:
            self.held = None
        return Rematched(len(found.ids), found.written + gone, len(found.changed), more=most in (len(notes), len(due)))

    def _read_and_decided(self, ids: Collection[int], causes: _Causes, *, tells: bool = True) -> _Found:
        """Read subjects, decide all measures, keep what differs and tell what is news."""
        read = read_touched(self.session, self.of.archive, ids, self.view)
        order = sorted(read)
        matching = Matching(self.rules.rulebook, [read[one] for one in order], self.view.as_of, self.of.ordering)
        pairs = self.rules.decide(matching)
        days = self._days(order, matching)
        before = open_pairs.kept(self.session, order)
        now = {one: Kept(pairs[row], days[row]) for row, one in enumerate(order)}
        written = open_pairs.write(self.session, self.library, before, now)
        news = [
            (one, row, found, causes.trigger(one, found))
            for row, one in enumerate(order if tells else ())
            for found in _news(before[one].pairs if one in before else None, now[one].pairs)
        ]
        return _Found(order, matching, now, written, self._told(matching, news))

    def _decided_for(self, held: Held, measures: Mapping[str, Trigger]) -> _Found:
        """Decide some measures for everybody who is held; `now` has those only of whom anything differs."""
        rulebook = self.rules.rulebook
        narrow = DayRules(rulebook, self.view.as_of, self.of.ordering, frozenset(measures))
        table = held.table(rulebook.vocabulary)
        matching = Matching(rulebook, held.subjects, self.view.as_of, self.of.ordering, table=table)
        pairs = narrow.decide(matching)
        before, now = dict[int, Kept](), dict[int, Kept]()
        news: list[News] = []
        for row, one in enumerate(held.ids):
            was = held.kept[row]
            look_on = _earliest(was.look_on, narrow.ahead.next_day(held.subjects[row].cells, self.view.as_of))
            own = {name: was.pairs[name] for name in measures if name in was.pairs}
            if look_on != was.look_on or own != pairs[row]:
                others = {name: pair for name, pair in was.pairs.items() if name not in measures}
                before[one], now[one] = was, Kept(others | pairs[row], look_on)
                news += ((one, row, found, _of_measure(found, measures)) for found in _news(own, pairs[row]))
        written = open_pairs.write(self.session, self.library, before, now)
        return _Found(held.ids, matching, now, written, self._told(matching, news))

    def _days(self, order: Sequence[int], matching: Matching) -> list[date | None]:
        """The first day on which time alone may change a pair of each subject."""
        as_of, rows = self.view.as_of, subjects.by_ids(self.session, order)
        ids = sorted({*order, *(row.enterprise_id or 0 for row in rows.values())})
        own = stored_facts.next_days(self.session, ids, self.of.archive.vocabulary, as_of)
        projects = [row for row in rows.values() if row.kind == Kind.PROJECT]
        events = log.entries(self.session, Event, projects)
        found = []
        for one, subject in zip(order, matching.subjects, strict=True):
            planned = (event.effective_on for event in events.get(one, ()) if event.effective_on > as_of)
            of_firm = own.get(rows[one].enterprise_id or 0)
            found.append(_earliest(own.get(one), of_firm, self.rules.ahead.next_day(subject.cells, as_of), *planned))
        return found

    def _told(self, matching: Matching, news: Sequence[News]) -> tuple[Changed, ...]:
        changed = changed_pairs(self.session, self.of.archive, matching, self.library, self.release, news, self.now)
        if changed:
            self.of.announce(self.session, self.of.archive, self.library, changed, self.now)
        return changed

    def _end(self, action: str, found: _Found, gone: int = 0) -> None:
        """Note by what the library is decided now, and that a round was written if one was."""
        last = self.last
        if last is None:
            self.last = last = Matched(library=self.library, round=0)
            self.session.add(last)
        measures = orjson.dumps(dict(self.marks.measures), option=orjson.OPT_SORT_KEYS).decode()
        last.release, last.common, last.measures = self.release, self.marks.common, measures
        last.on, last.at, last.round = self.view.as_of, self.now, last.round + 1
        self.session.flush()
        if action == "match.change" and not found.changed:
            return
        detail: dict[str, audit.Plain] = {"subjects": len(found.ids), "changed": len(found.changed)}
        audit.record(
            self.session, actors.actor(self.session, "importer", self.view.as_of), action, object_kind="matches",
            object_id=self.library, at=self.now, library=self.library, detail=detail | {"written": found.written + gone},
        )  # fmt: skip

    def _note_day(self) -> None:
        last = self.last
        if last is not None and (last.on != self.view.as_of or last.release != self.release):
            last.on, last.release, last.at = self.view.as_of, self.release, self.now

    def _hold(self, held: Held) -> None:
        """The copy is as the library is after this round."""
        last = self.last
        if last is not None:
            held.round = last.round
            self.held = held


_ALL = 10**9


@dataclass(frozen=True, slots=True)
class _Found:
    """What was decided: `ids` in the order of the matching, and how those stand of whom it was asked."""

    ids: Sequence[int]
    matching: Matching
    now: Mapping[int, Kept]
    written: int
    changed: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class _Causes:
    """Why subjects are decided anew, by row id, and why everybody else is."""

    whys: dict[int, str]
    otherwise: str

    def note(self, one: int, why: str) -> None:
        """Of several causes a point goes before the others."""
        if self.whys.get(one) != POINT:
            self.whys[one] = why

    def trigger(self, one: int, found: Difference) -> Trigger:
        """What a difference is told as."""
        why = self.whys.get(one, self.otherwise)
        if _is_exclusion(found):
            return Trigger.EXCLUSION
        if why in _TRIGGERS:
            return _TRIGGERS[why]
        was_open = found.was is not None and found.was.verdict is Verdict.UNKNOWN
        is_decided = found.now is None or found.now.verdict is not Verdict.UNKNOWN
        return Trigger.DECIDABLE if was_open and is_decided else Trigger.FACT


_TRIGGERS = {POINT: Trigger.POINT, _TIME: Trigger.TIME, _EVERYBODY: Trigger.MEASURE_CHANGED}


def _of_measure(found: Difference, measures: Mapping[str, Trigger]) -> Trigger:
    return Trigger.EXCLUSION if _is_exclusion(found) else measures[found.measure]


def _is_exclusion(found: Difference) -> bool:
    return any(pair is not None and pair.is_excluded for pair in (found.was, found.now))


def _news(was: Pairs | None, now: Pairs) -> Iterator[Difference]:
    """What is told of: of a subject that is decided for the first time, what it may have or what people must judge."""
    for found in differences({} if was is None else was, now):
        is_first_told = found.now is not None and found.now.verdict in (Verdict.ELIGIBLE, Verdict.NEEDS_HUMAN)
        if found.is_news if was is not None else is_first_told:
            yield found


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)
