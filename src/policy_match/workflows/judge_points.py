"""What a row says of points: recorded where the lifecycle table lets this source and person record it, else kept as a
day that somebody told, with a question to a person.

Points told with the entry of a project are its history and pass no gate; the evidence they lack is listed on its
page. What a public page says is an observation and never more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Issue
from policy_match.exchange.intake_rows import IntakeRow, ToldPoint
from policy_match.facts.observations import Observation
from policy_match.lifecycle.events import Event, Evidence, State, advance, fold, holding
from policy_match.lifecycle.moves import check, is_refused
from policy_match.lifecycle.words import EventKind
from policy_match.store import log, subjects
from policy_match.store.tables import Actor, Batch, Subject
from policy_match.units import Band
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.place_rows import OPENS
from policy_match.workflows.read_records import Record, View, read_records
from policy_match.workflows.record_event import Around, case_in
from policy_match.workflows.reused_evidence import REUSED, Showings, about
from policy_match.workflows.write_rows import BEFORE_ENTRY

_ASKED_LATER = frozenset({"LC_ROLE", "LC_EVIDENCE", "LC_KEY_MISSING", "LC_REASON", "FIRM_GONE", "ENT_UNKNOWN"})
_EARLIEST = date(1990, 1, 1)  # domain specification BI-28


class Refused(Exception):
    """The row cannot be taken: the faults."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("；".join(issue.what for issue in issues))
        self.issues = issues


@dataclass
class Judged:
    """Events to record, days only told, and questions: code, key, words and value, of the project of the row."""

    events: list[Event] = field(default_factory=list)
    told: list[Observation] = field(default_factory=list)
    questions: list[tuple[str, str, str, str]] = field(default_factory=list)


class Points:
    """The points of one batch against one library: `expect` all rows, then `judge` each and `note` what becomes of it
    before the next one is judged."""

    def __init__(self, session: Session, archive: Archive, batch: Batch, who: Actor) -> None:
        self.session, self.archive, self.batch, self.who = session, archive, batch, who
        self.now, self.today = batch.received_at, local_day(batch.received_at)
        self._logged = log.Said({})
        self._states: dict[int, State] = {}
        self._records: dict[int, Record] = {}
        self._around = Around(frozenset(), frozenset())
        self._showings = Showings({}, frozenset())
        self._entering: set[int] = set()
        self._shown: dict[Evidence, Subject] = {}

    def expect(self, placed: Sequence[tuple[IntakeRow, Subject | None]], said: log.Said) -> None:
        """Hear of all rows with the projects that they speak of, None for a new one, and of what the log holds of these.

        The projects with a point that may have to pass a gate are read at once, and so is who showed the evidence.
        """
        self._logged = said
        pieces = {piece for row, _ in placed for point in row.points for piece in point.evidence}
        self._showings = Showings.of(self.session, self.batch.library, pieces) if pieces else self._showings
        if self.batch.source in self.archive.table.observed_only:
            return
        gated = {id(one): one for row, one in placed if one is not None and self._is_gated(row, self.state(one))}
        self._read([*gated.values()])

    def _read(self, projects: Sequence[Subject]) -> None:
        found = read_records(self.session, self.archive, projects, View(self.today)) if projects else []
        self._records |= {record.id: record for record in found}
        self._around = Around.of(self.session, self.batch.library, self._records.values())

    def _is_gated(self, row: IntakeRow, state: State) -> bool:
        return state.entered_on is not None and any(state.on(told.point) is None for told in row.points)

    def judge(self, row: IntakeRow, project: Subject | None, *, founded: date | None) -> Judged:
        """The points of a row of a project (None: the row opens one); Refused for what cannot have happened so.

        `founded`: when its firm was, if that is known.
        """
        if self.batch.source in self.archive.table.observed_only:
            return Judged(told=[day for point in row.points for day in self._said(point)])
        state = fold((), self.archive.table) if project is None else self.state(project)
        enters = self.batch.source in OPENS and state.entered_on is None and (project is None or bool(row.points))
        if project is None or enters or id(project) in self._entering:
            found = self._history(row, state)
            found.events[:0] = [self._enter()] if enters else []
        else:
            found = self._gated(row, project, state)
        found.questions += self._early(row, founded)
        return found

    def note(self, project: Subject, judged: Judged) -> None:
        """The events of a row that is taken; questions about evidence that another project showed."""
        pieces = [piece for event in judged.events for piece in event.evidence]
        if any(event.kind is EventKind.ENTER for event in judged.events):
            self._entering.add(id(project))
            for piece, code in self._elsewhere(project, pieces).items():
                judged.questions.append(_reuse(piece, code))
        self._states[id(project)] = fold((*self.state(project).history, *judged.events), self.archive.table)
        self._shown |= {piece: self._shown.get(piece, project) for piece in pieces}

    def state(self, project: Subject) -> State:
        """The state of a project, with the events of this batch that are not written yet."""
        state = self._states.get(id(project))
        if state is None:
            held = [] if project.id is None else self._logged.of(Event, project.id)
            state = self._states[id(project)] = fold(holding(held, self.now), self.archive.table)
        return state

    # before the entry

    def _history(self, row: IntakeRow, state: State) -> Judged:
        """Points reached before the entry: a path of the table, in order, none of them ahead of today."""
        found, table = Judged(), self.archive.table
        for told in self._in_order(row):
            if self._is_told(told, state, found):
                continue
            event = replace(self._event(told), cause=BEFORE_ENTRY)
            fault = self._misplaced(told, state)
            if fault is not None:
                raise Refused(fault)
            found.events.append(event)
            state = advance(state, event, table)
        return found

    def _misplaced(self, told: ToldPoint, state: State) -> Issue | None:
        table = self.archive.table
        if table.order(told.point) <= table.order(state.point):
            return Issue("LC_BACKWARD", "阶段不可回退；如录入有误，请走更正流程")
        if not any((move.start, move.to) == (state.point, told.point) for move in table.transitions):
            missing = table.points[table.order(state.point)].name
            return Issue("LC_SKIP", f"不能跳过“{missing}”，请先补录并上传佐证", "", "", "补上该列日期")
        if told.on > self.today:
            return Issue("LC_FUTURE", "日期晚于今天；计划日期请填“计划”栏", "", f"不晚于 {self.today}")
        if state.reached and told.on < state.reached[-1].on:
            before = state.reached[-1]
            what = f"“{table.name(told.point)}”日期早于“{table.name(before.point)}”日期 {before.on}"
            return Issue("LC_DATE_ORDER", what, "", f"不早于 {before.on}", "核对两处日期")
        return None

    # afterwards

    def _gated(self, row: IntakeRow, project: Subject, state: State) -> Judged:
        """Each point by the table; after one that waits for a person the later ones of the row wait with it."""
        found, waits = Judged(), False
        for told in self._in_order(row):
            if self._is_told(told, state, found):
                continue
            fault = self._misplaced(told, state) if state.entered_on is not None else None
            if fault is not None:
                raise Refused(fault)
            event = self._event(self._without_reused(told, project, found))
            issues = (_waiting(),) if waits else self._checked(event, row, project, state)
            faults = {issue.code for issue in issues if is_refused([issue])}
            if not (waits or faults <= _ASKED_LATER or state.entered_on is None):
                raise Refused(*(issue for issue in issues if issue.code in faults - _ASKED_LATER))
            waits = bool(faults)
            if waits:
                found.told += self._said(told)
                found.questions.append(self._ask(told, issues))
            else:
                found.events.append(event)
            state = advance(state, event, self.archive.table)
        return found

    def _without_reused(self, told: ToldPoint, project: Subject, found: Judged) -> ToldPoint:
        """The point without evidence that another project showed, which is asked about."""
        elsewhere = self._elsewhere(project, told.evidence)
        found.questions += [_reuse(piece, code) for piece, code in elsewhere.items()]
        return replace(told, evidence=tuple(piece for piece in told.evidence if piece not in elsewhere))

    def _in_order(self, row: IntakeRow) -> list[ToldPoint]:
        return sorted(row.points, key=lambda told: self.archive.table.order(told.point))

    def _checked(self, event: Event, row: IntakeRow, project: Subject, state: State) -> tuple[Issue, ...]:
        if state.entered_on is None:
            return (Issue("LC_SIDE", "项目尚未入库，先由属地或部门报送入库"),)
        if project.id not in self._records:  # found by a number that an earlier row of the batch gave it
            self._read([project])
        case = case_in(self._around, self.archive, self._records[project.id], self.who, self.now)
        with_row = {"项目代码"} if any(given.kind == subjects.PROJECT_CODE for given in row.keys) else set()
        with_row |= {"统一社会信用代码"} if row.firm is not None and row.firm.uscc is not None else set()
        case = replace(case, version_seen=0, version_now=0, valid_keys=case.valid_keys | with_row)
        return check(event, state, self.archive.table, case)

    # both

    def _is_told(self, told: ToldPoint, state: State, found: Judged) -> bool:
        """Whether the point is recorded; another day of it is a question."""
        on = state.on(told.point)
        if on is not None and on != told.on:
            what = f"{self.archive.table.name(told.point)}日期在库中是 {on}，来源写作 {told.on}；如库中有误，走更正流程"
            found.questions.append(("POINT_DATE", f"{told.point}|{told.on}", what, str(told.on)))
        return on is not None

    def _early(self, row: IntakeRow, founded: date | None) -> Iterator[tuple[str, str, str, str]]:
        for told in row.points:
            name = self.archive.table.name(told.point)
            what = f"{name}日期 {told.on} 早于 {_EARLIEST.year} 年" if told.on < _EARLIEST else ""
            if founded is not None and told.on < founded and not what:
                what = f"{name}日期 {told.on} 早于企业成立日期 {founded}"
            if what:
                yield "DATE_SUSPECT", f"{told.point}|{told.on}", f"{what}；如有误，走更正流程", str(told.on)

    def _elsewhere(self, project: Subject, pieces: Sequence[Evidence]) -> dict[Evidence, str]:
        """Pieces that another project showed before, or in this batch."""
        others = {piece: owner for piece in pieces if (owner := self._shown.get(piece, project)) is not project}
        here = {piece: one.code for piece, one in others.items() if not self._showings.is_allowed(project.code, piece)}
        return self._showings.reused(project.code, pieces) | here

    def _ask(self, told: ToldPoint, issues: Sequence[Issue]) -> tuple[str, str, str, str]:
        name = self.archive.table.name(told.point)
        what = f"来源称{name}于 {told.on}：" + "；".join(issue.what for issue in issues)
        return "POINT_TOLD", f"{told.point}|{told.on}", what, str(told.on)

    def _enter(self) -> Event:
        return Event("", "", EventKind.ENTER, self.today, self.now, self.who.id, self.batch.source)

    def _event(self, told: ToldPoint) -> Event:
        return Event(
            "", "", EventKind.POINT, told.on, self.now, self.who.id, self.batch.source, told.point, told.evidence
        )

    def _said(self, told: ToldPoint) -> list[Observation]:
        name, source = self.archive.table.point(told.point).fact, self.batch.source
        if name is None:
            return []
        day = Band(told.on.toordinal(), told.on.toordinal())
        confidence = self.archive.vocabulary.confidence(name, source)
        return [Observation(name, day, source, self.today, self.now, confidence=confidence)]


def _waiting() -> Issue:
    return Issue("LC_SKIP", "前一个跟踪点还没有登记，待其登记后再办")


def _reuse(piece: Evidence, code: str) -> tuple[str, str, str, str]:
    return REUSED, about(piece), f"佐证“{piece.kind} {piece.id}”已用于 {code}", piece.id
