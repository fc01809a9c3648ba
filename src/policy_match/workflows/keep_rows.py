"""Keep the rows of one batch: subjects, numbers, facts and what happened, in the caller's transaction.

A row is taken whole or not at all. What the row says of points is recorded where the lifecycle
table lets this source and person record it; otherwise the day is kept as a fact that somebody said, and
a person is asked. Points that lie before a project entered the library are its history and
pass no gate; the evidence they lack is listed on its page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from sqlalchemy.orm import Session

from policy_match.errors import Issue
from policy_match.exchange.intake_rows import Doubt, IntakeRow, ToldPoint
from policy_match.exchange.intake_text import row_to_text
from policy_match.exchange.refusals import Refusal
from policy_match.facts.observations import Observation
from policy_match.facts.subjects import Kind
from policy_match.facts.vocabulary import FactType
from policy_match.identifiers import Given
from policy_match.lifecycle.clocks import Mark
from policy_match.lifecycle.events import Event, State, advance, fold, holding, local_day
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.moves import check, is_refused
from policy_match.lifecycle.words import EventKind
from policy_match.store import audit, doubts, evidence, log, subjects
from policy_match.store import facts as stored_facts
from policy_match.store.current import Known
from policy_match.store.tables import Actor, Batch, Subject
from policy_match.store.waiting import wait
from policy_match.units import Band
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.place_rows import NAME_KEY, Places
from policy_match.workflows.read_records import View, read_records
from policy_match.workflows.record_event import case_of

BEFORE_ENTRY = "入库前已到达"
OPENS = frozenset({"DISTRICT", "PUBLIC", "DEPT"})
_ASKED_LATER = frozenset({"LC_ROLE", "LC_EVIDENCE", "LC_KEY_MISSING", "LC_REASON"})
_TEN_THOUSAND, _NEAR, _JUMP = 10_000, Fraction(5, 100), Fraction(20, 100)


@dataclass
class Kept:
    """What became of the rows. `opened`: codes of new subjects; `changed`, `same`: of those that were there; `waiting`:
    records without a project."""

    opened: list[str] = field(default_factory=list)
    changed: int = 0
    same: int = 0
    waiting: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)


class _Refused(Exception):
    """The row cannot be taken: the faults."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("；".join(issue.what for issue in issues))
        self.issues = issues


@dataclass
class _Writing:
    """What is to be written of one subject once all rows are judged."""

    subject: Subject
    firm: Subject | None = None
    is_new: bool = False
    keys: list[Given] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    entries: list[log.Entry] = field(default_factory=list)
    changed: bool = False


class Keeping:
    """The rows of one batch against one library. Use once: `take` each row, then `write`."""

    def __init__(self, session: Session, archive: Archive, batch: Batch, who: Actor) -> None:
        self.session, self.archive, self.batch, self.who = session, archive, batch, who
        self.now, self.today = batch.received_at, local_day(batch.received_at)
        self.places = Places.load(session, batch.library)
        self.kept = Kept()
        self._writing: dict[int, _Writing] = {}
        self._states: dict[int, State] = {}
        self._doubts: list[tuple[Subject | None, str, str, str, str]] = []
        self._waiting: list[IntakeRow] = []
        self._next_code: Callable[[], str] = _codes(session, batch.library, self.today.year)

    def spoken_of(self, rows: Iterable[IntakeRow]) -> list[int]:
        """Row ids of the projects and firms that rows speak of and the library has."""
        found: set[int] = set()
        for row in rows:
            firm = None if row.firm is None else self.places.firm(row.firm)
            project = None if row.kind is Kind.ENTERPRISE else self.places.project(row, firm)
            found |= {one.id for one in (firm, project) if one is not None}
        return sorted(found)

    # one row

    def take(self, row: IntakeRow, known: dict[int, Known]) -> None:
        """Judge a row and note what is to be written; a refusal is noted and leaves nothing of the row."""
        try:
            if row.kind is Kind.ENTERPRISE:
                self._take_firm(row, known)
            elif row.kind is Kind.PERSON:
                self._take_person(row, known)
            else:
                self._take_project(row, known)
        except _Refused as refused:
            for issue in refused.issues:
                value = row.name or row.code or row.record or ""
                self.kept.refusals.append(
                    Refusal(row.row, "", value, issue.code, issue.what, issue.allowed, issue.hint)
                )

    def _take_firm(self, row: IntakeRow, known: dict[int, Known]) -> None:
        if row.firm is None:
            raise _Refused(Issue("USCC_MISSING", "没有统一社会信用代码", "", "18位代码", "补上后重新提交"))
        firm = self.places.firm(row.firm)
        is_new = firm is None
        firm = firm or self.places.add_firm(row.firm, self.now, row.code)
        writing = self._write(firm, is_new=is_new)
        self._credit_code(row.firm.uscc, firm, writing)
        self._rename_firm(firm, row, writing, is_new=is_new)
        self._numbers(row, firm, writing)
        self._observe(row, firm, row.firm_observations or row.observations, writing, known)
        self._count(writing, is_new=is_new)

    def _take_person(self, row: IntakeRow, known: dict[int, Known]) -> None:
        firm = None if row.firm is None else self.places.firm(row.firm)
        code = row.code or self._next_code()
        person = self.places.by_code.get((Kind.PERSON, code))
        is_new = person is None
        person = person or self.places.add_subject(Kind.PERSON, code, row.name, self.now)
        writing = self._write(person, firm=firm, is_new=is_new)
        self._observe(row, person, row.observations, writing, known)
        self._count(writing, is_new=is_new)

    def _take_project(self, row: IntakeRow, known: dict[int, Known]) -> None:
        firm = None if row.firm is None else self.places.firm(row.firm)
        project = self.places.project(row, firm)
        if project is None and self.batch.source not in OPENS:
            self._waiting.append(row)
            return
        if project is not None:
            self._check_numbers(row, project)
        events, told = self._points(row, project)
        is_new_firm = firm is None and row.firm is not None
        if row.firm is not None and firm is None:
            firm = self.places.add_firm(row.firm, self.now)
        is_new = project is None
        project = project or self.places.add_project(row.code or self._next_code(), row, firm, self.now)
        if firm is not None:
            self._firm_of(row, firm, known, is_new=is_new_firm)
        writing = self._write(project, firm=firm, is_new=is_new)
        if is_new:
            self._ask_about_likeness(row, project, firm)
            if self.batch.source not in self.archive.table.observed_only:
                enter = Event("", project.code, EventKind.ENTER, self.today, self.now, self.who.id, self.batch.source)
                writing.entries.append(enter)
        writing.entries += events
        writing.changed |= bool(events)
        self._state(project, [event for event in writing.entries if isinstance(event, Event)])
        self._numbers(row, project, writing)
        self._observe(row, project, (*row.observations, *told), writing, known)
        self._log(row, project, writing)
        self._doubt(row, project)
        self._count(writing, is_new=is_new)

    def _write(self, subject: Subject, *, firm: Subject | None = None, is_new: bool) -> _Writing:
        there = self._writing.get(id(subject))
        if there is None:
            there = self._writing[id(subject)] = _Writing(subject, firm, is_new)
        return there

    def _count(self, writing: _Writing, *, is_new: bool) -> None:
        if is_new:
            self.kept.opened.append(writing.subject.code)
        elif writing.changed:
            self.kept.changed += 1
        else:
            self.kept.same += 1
        writing.changed = False

    # numbers and names

    def _check_numbers(self, row: IntakeRow, project: Subject) -> None:
        """LC_KEY_TAKEN for a number that another project has."""
        for given in row.keys:
            holder = self.places.holder(given) if given.kind in subjects.EXCLUSIVE else None
            if holder is not None and holder is not project:
                what = f"项目代码 {given.value} 已属于 {holder.code}，请先做重复核验"
                raise _Refused(Issue("LC_KEY_TAKEN", what, "", "", "核对代码；确为同一项目的，办理并库"))

    def _numbers(self, row: IntakeRow, subject: Subject, writing: _Writing) -> None:
        for given in row.keys:
            if self.places.by_key.get((given.kind, given.value)) is subject:
                continue
            other = self._other_code(given, subject)
            if other is not None:
                what = f"{subject.code} 已有项目代码 {other}，来源又给出 {given.value}"
                self._ask(subject, "CODE_CHANGED", f"{subject.code}|{given.value}", what, given.value)
                continue
            writing.keys.append(given)
            writing.changed = True
            self.places.note_key(given, subject)

    def _other_code(self, given: Given, subject: Subject) -> str | None:
        """Another project code that the project has: re-filing is for a person to confirm."""
        if given.kind != subjects.PROJECT_CODE:
            return None
        held = (v for (kind, v), owner in self.places.by_key.items() if kind == given.kind and owner is subject)
        return next(held, None) if not self._writing[id(subject)].is_new else None

    def _firm_of(self, row: IntakeRow, firm: Subject, known: dict[int, Known], *, is_new: bool) -> None:
        writing = self._write(firm, is_new=is_new)
        self._credit_code(None if row.firm is None else row.firm.uscc, firm, writing)
        self._rename_firm(firm, row, writing, is_new=is_new)
        self._observe(row, firm, row.firm_observations, writing, known)

    def _credit_code(self, uscc: str | None, firm: Subject, writing: _Writing) -> None:
        given = None if uscc is None else Given(subjects.CREDIT_CODE, uscc)
        if given is not None and self.places.holder(given) is None:
            writing.keys.append(given)
            self.places.note_key(given, firm)

    def _rename_firm(self, firm: Subject, row: IntakeRow, writing: _Writing, *, is_new: bool) -> None:
        """A new name: taken from the system of record, with the old one kept; from anybody else a question."""
        name = None if row.firm is None else row.firm.name
        if is_new or name is None or self.places.is_known_name(firm, name):
            return
        if firm.name is None or self.batch.source == "ENT":
            if firm.name is not None:
                writing.keys.append(Given(NAME_KEY, firm.name))
            firm.name, writing.changed = name, True
        else:
            what = f"{firm.code} 在库中叫“{firm.name}”，来源写作“{name}”"
            self._ask(firm, "NAME_CONFLICT", f"{firm.code}|{name}", what, name)

    def _ask_about_likeness(self, row: IntakeRow, project: Subject, firm: Subject | None) -> None:
        for other in self.places.alike(project, firm, row.keys):
            pair = "|".join(sorted((project.code, other.code)))
            what = f"“{project.name}”与 {other.code}“{other.name}”可能是同一项目或其分期"
            self._ask(project, "DUP_SUSPECT", pair, what, other.code)

    # facts

    def _observe(
        self,
        row: IntakeRow,
        subject: Subject,
        observations: Iterable[Observation],
        writing: _Writing,
        known: dict[int, Known],
    ) -> None:
        before = known.get(subject.id or 0, {})
        for observation in observations:
            earlier = before.get(observation.fact, [])
            suspect = self._unlikely(observation, earlier)
            if suspect is not None:
                text = f"第{row.row}行 {suspect}"
                key = f"{subject.code}|{observation.fact}|{observation.value}|{observation.source}"
                self._ask(subject, "UNIT_SUSPECT", key, text, str(observation.value))
                continue
            self._tell_jump(row, subject, observation, earlier)
            writing.observations.append(observation)
            newest = [o for o in earlier if o.source == observation.source and o.valid_from == observation.valid_from]
            writing.changed |= not any(o.value == observation.value for o in newest[-1:])

    def _unlikely(self, observation: Observation, earlier: Sequence[Observation]) -> str | None:
        """A figure ten thousand times as large or small as another one of the same fact: units mixed up."""
        spec = self.archive.vocabulary[observation.fact]
        new = _exact(observation)
        if spec.type not in (FactType.MONEY, FactType.COUNT) or not new:
            return None
        for other in earlier:
            old = _exact(other)
            if old and any(abs(Fraction(*pair) / _TEN_THOUSAND - 1) <= _NEAR for pair in ((new, old), (old, new))):
                return f"{spec.label}与{other.source}所报相差一万倍，可能是万元、亿元或万千瓦时混用"
        return None

    def _tell_jump(
        self, row: IntakeRow, subject: Subject, observation: Observation, earlier: Sequence[Observation]
    ) -> None:
        old = next((_exact(o) for o in reversed(earlier) if o.source == observation.source), None)
        new = _exact(observation)
        if observation.fact == "total_investment" and old and new and abs(new - old) > _JUMP * old:
            change = float(Fraction(new - old, old) * 100)
            what = f"第{row.row}行 {subject.code} 总投资变化 {change:+.1f}%，应有原因和新的备案"
            self.kept.warned.append(what)

    # what happened

    def _points(self, row: IntakeRow, project: Subject | None) -> tuple[list[Event], list[Observation]]:
        """The points of a row as events to record, and as observations where this source may not record them."""
        if project is None:
            return self._history(row), []
        state = self._state(project)
        events: list[Event] = []
        told: list[Observation] = []
        for point in row.points:
            if (on := state.on(point.point)) == point.on:
                continue
            if on is not None:
                name = self.archive.table.name(point.point)
                what = f"{project.code} {name}日期在库中是 {on}，来源写作 {point.on}"
                key = f"{project.code}|{point.point}|{point.on}"
                self._ask(project, "POINT_DATE", key, f"{what}；如库中有误，走更正流程", str(point.on))
                continue
            event = self._event(point, project.code)
            issues = self._checked(event, state, project)
            if not is_refused(issues):
                events.append(event)
                state = advance(state, event, self.archive.table)
            elif {issue.code for issue in issues} <= _ASKED_LATER | {"LC_CLOSED_MONTH"}:
                told += self._said(point)
                what = f"{project.code} 来源称{self.archive.table.name(point.point)}于 {point.on}：" + "；".join(
                    issue.what for issue in issues
                )
                self._ask(project, "POINT_TOLD", f"{project.code}|{point.point}|{point.on}", what, str(point.on))
            else:
                raise _Refused(*(issue for issue in issues if issue.code not in _ASKED_LATER))
        return events, told

    def _history(self, row: IntakeRow) -> list[Event]:
        """Points reached before the entry: a path of the table, in order, none of them ahead of today."""
        table = self.archive.table
        ordered = sorted(row.points, key=lambda told: table.order(told.point))
        before: ToldPoint | None = None
        for told in ordered:
            start = None if before is None else before.point
            if not any((move.start, move.to) == (start, told.point) for move in table.transitions):
                missing = table.points[table.order(start)].name
                raise _Refused(Issue("LC_SKIP", f"不能跳过“{missing}”，请先补录并上传佐证", "", "", "补上该列日期"))
            if told.on > self.today:
                raise _Refused(Issue("LC_FUTURE", "日期晚于今天；计划日期请填“计划”栏", "", f"不晚于 {self.today}"))
            if before is not None and told.on < before.on:
                name, previous = table.name(told.point), table.name(before.point)
                what = f"“{name}”日期早于“{previous}”日期 {before.on}"
                raise _Refused(Issue("LC_DATE_ORDER", what, "", f"不早于 {before.on}", "核对两处日期"))
            before = told
        return [replace(self._event(told, ""), cause=BEFORE_ENTRY) for told in ordered]

    def _event(self, told: ToldPoint, code: str) -> Event:
        return Event(
            "", code, EventKind.POINT, told.on, self.now, self.who.id, self.batch.source, told.point, told.evidence
        )

    def _said(self, told: ToldPoint) -> list[Observation]:
        name = self.archive.table.point(told.point).fact
        day = Band(told.on.toordinal(), told.on.toordinal())
        return [] if name is None else [Observation(name, day, self.batch.source, self.today, self.now)]

    def _state(self, project: Subject, more: Sequence[Event] = ()) -> State:
        """The state of a project, with events of this batch that are not written yet."""
        state = self._states.get(id(project))
        if state is None:
            held = [] if project.id is None else log.entries(self.session, Event, [project])[project.id]
            state = fold(holding(held, self.now), self.archive.table)
        if more:
            state = fold((*state.history, *(e for e in more if e not in state.history)), self.archive.table)
        self._states[id(project)] = state
        return state

    def _checked(self, event: Event, state: State, project: Subject) -> tuple[Issue, ...]:
        record = read_records(self.session, self.archive, [project], View(self.today))[0]
        case = case_of(self.session, self.archive, record, self.who, self.now)
        case = replace(case, version_seen=0, version_now=0)
        return check(event, state, self.archive.table, case)

    def _log(self, row: IntakeRow, project: Subject, writing: _Writing) -> None:
        """Steps and marks that say something else than the last word of this source."""
        said: tuple[log.Entry, ...] = (*row.milestones, *row.marks)
        before: list[log.Entry] = []
        if project.id is not None and said:
            before += log.entries(self.session, Milestone, [project])[project.id]
            before += log.entries(self.session, Mark, [project])[project.id]
        last = {_topic(entry): entry for entry in (*before, *writing.entries)}
        for entry in said:
            if last.get(_topic(entry)) != entry:
                writing.entries.append(entry)
                writing.changed = True

    # questions and writing

    def _doubt(self, row: IntakeRow, project: Subject) -> None:
        for doubt in row.doubts:
            key = f"{project.code}|{doubt.column}|{doubt.value}"
            self._ask(project, doubt.issue.code, key, f"第{row.row}行 {doubt.column}：{doubt.issue.what}", doubt.value)
        self.kept.warned += [_told(row, doubt) for doubt in row.warnings]

    def _ask(self, subject: Subject | None, code: str, key: str, what: str, value: str) -> None:
        self._doubts.append((subject, code, key, what, value))

    def write(self) -> Kept:
        """Write all that was noted, in bulk."""
        every = list(self._writing.values())
        self._write_subjects(every)
        self._write_keys(every)
        observed = {one.subject.id: one.observations for one in every if one.observations}
        stored_facts.keep(self.session, observed, self.archive.vocabulary, actor_id=self.who.id, batch_id=self.batch.id)
        self._write_entries(every)
        for subject, code, key, what, value in self._doubts:
            doubt = doubts.raise_doubt(
                self.session, self.batch.library, code, key, what=what, value=value, at=self.now, subject=subject,
                batch_id=self.batch.id,
            )  # fmt: skip
            if doubt.settled_at is None:
                self.kept.asked.append(what)
        for row in self._waiting:
            number = row.record or next((given.value for given in row.keys), row.name or "")
            wait(self.session, self.batch, record=number[:120], name=row.name, body=row_to_text(row))
        self.kept.waiting = len(self._waiting)
        return self.kept

    def _write_subjects(self, every: Sequence[_Writing]) -> None:
        fresh = [one for one in every if one.is_new]
        self.session.add_all(one.subject for one in fresh if one.subject.kind == Kind.ENTERPRISE)
        self.session.flush()
        for one in every:
            if one.firm is not None and one.subject.enterprise_id != one.firm.id:
                one.subject.enterprise_id = one.firm.id
        self.session.add_all(one.subject for one in fresh if one.subject.kind != Kind.ENTERPRISE)
        self.session.flush()

    def _write_keys(self, every: Sequence[_Writing]) -> None:
        given = [(one.subject, key) for one in every for key in one.keys]
        subjects.add_keys(self.session, given, source=self.batch.source, at=self.now)

    def _write_entries(self, every: Sequence[_Writing]) -> None:
        by = log.By(self.who.id, self.now, self.batch.source, batch_id=self.batch.id)
        pairs = [(one.subject, entry) for one in every for entry in one.entries]
        stored = log.add_all(self.session, pairs, by=by, on=self.today)
        for (subject, entry), number in zip(pairs, stored, strict=True):
            if isinstance(entry, Event) and entry.evidence:
                evidence.show(self.session, subject, number, entry.evidence)
            if isinstance(entry, Event) and entry.cause != BEFORE_ENTRY and entry.kind is EventKind.POINT:
                audit.record(
                    self.session, self.who, "event.point", object_kind="project", object_id=subject.code, at=self.now,
                    detail={"event": f"{number:09d}", "point": entry.point, "on": entry.effective_on.isoformat(),
                            "source": entry.source, "batch": self.batch.id},
                )  # fmt: skip


def _codes(session: Session, library: str, year: int) -> Callable[[], str]:
    """Free 库内编号 one after the other."""
    start = subjects.next_project_code(session, library, year)
    head, number = start[:-5], int(start[-5:])
    taken = iter(range(number, 100_000))
    return lambda: f"{head}{next(taken):05d}"


def _topic(entry: log.Entry) -> tuple[str, ...]:
    """What an entry is about, and by whom: its last word is the one that counts."""
    return type(entry).__name__, str(getattr(entry, "kind", "")), str(getattr(entry, "source", ""))


def _exact(observation: Observation) -> int | None:
    value = observation.value
    return int(value.low) if isinstance(value, Band) and value.is_exact and value.low is not None else None


def _told(row: IntakeRow, doubt: Doubt) -> str:
    return f"第{row.row}行 {doubt.column}“{doubt.value}”：{doubt.issue.what}"
