"""One row of a source's file: what its cells say together, or every fault of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from policy_match.dates import format_month, local_day, parse_date
from policy_match.errors import FactError, Issue
from policy_match.exchange.intake_rows import Doubt, Firm, IntakeRow, ToldPoint
from policy_match.exchange.refusals import RowError, RowErrors
from policy_match.exchange.register_cells import ASKED, fact_of, is_early, last_day, past_day, text_of, unlikely
from policy_match.exchange.register_file import Part, Register, Step, plain_name
from policy_match.exchange.register_header import Heading
from policy_match.facts.cells import Possible, Value
from policy_match.facts.observations import Observation
from policy_match.facts.subjects import Kind
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import Given, check_uscc, is_filed_in, read_project_code, region_name
from policy_match.lifecycle.clocks import Mark
from policy_match.lifecycle.events import Evidence
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.words import MilestoneStatus
from policy_match.units import Band

PROJECT_CODE = "XMDM"
MAX_NAME = 300
_MONTH, _YEAR = "month_investment", "year_investment"
_Read = TypeVar("_Read")


REVOKED_MARK = "permit_revoked"


class Untracked(Exception):
    """The row is of a 事项 that the register does not follow."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class _Cell:
    heading: Heading
    text: str

    @property
    def name(self) -> str:
        return self.heading.written


@dataclass
class _Draft:
    """A row being read. `month`: the days of the month that its figures are of."""

    cells: list[_Cell]
    faults: list[RowError]
    observed: date
    month: Band | None = None
    keys: list[Given] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    points: list[ToldPoint] = field(default_factory=list)
    milestones: dict[str, Milestone] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    warnings: list[Doubt] = field(default_factory=list)

    def of(self, part: Part) -> Iterator[_Cell]:
        return (cell for cell in self.cells if cell.heading.column.part is part)

    def one(self, part: Part) -> _Cell | None:
        return next(self.of(part), None)

    def text(self, part: Part) -> str | None:
        cell = self.one(part)
        return None if cell is None else cell.text

    def refuse(self, cell: _Cell | None, issue: Issue, column: str = "") -> None:
        self.faults.append(RowError(column if cell is None else cell.name, "" if cell is None else cell.text, issue))

    def take(self, cell: _Cell, read: Callable[[], _Read]) -> _Read | None:
        """What is read; None where it is refused, or doubted and kept for a person."""
        try:
            return read()
        except FactError as error:
            issue = error.issues[0]
            if issue.code in ASKED:
                self.doubts.append(Doubt(cell.name, cell.text, issue))
            else:
                self.refuse(cell, issue)
            return None

    def step(self, kind: str) -> Milestone:
        return self.milestones.get(kind, Milestone(kind))


class RowReader:
    """Reads the rows of one file."""

    def __init__(self, register: Register, vocabulary: Vocabulary, headings: Sequence[Heading], at: datetime) -> None:
        self.register, self.vocabulary, self.headings = register, vocabulary, headings
        self.at, self.today = at, local_day(at)

    def read(self, number: int, row: Sequence[object], *, rounded: bool) -> IntakeRow:
        """One row; RowErrors with every fault, Untracked for a 事项 that nobody follows."""
        draft = self._texts(row, rounded=rounded)
        step = self._step(draft)
        self._days(draft)
        firm = self._firm(draft)
        self._keys(draft)
        self._facts(draft)
        self._points(draft)
        self._steps(draft)
        if step is not None:
            self._done(step, draft)
        self._identity(draft, firm)
        if draft.faults:
            raise RowErrors(draft.faults)
        self._code_warnings(draft)
        return self._row(number, draft, firm)

    # what the row is about

    def _texts(self, row: Sequence[object], *, rounded: bool) -> _Draft:
        cells: list[_Cell] = []
        faults: list[RowError] = []
        for heading in self.headings:
            if heading.place >= len(row) or heading.column.part is Part.LEFT_OUT:
                continue
            try:
                text = text_of(row[heading.place], heading, self.vocabulary, rounded=rounded)
            except RowError as error:
                faults.append(error)
                continue
            if text:
                cells.append(_Cell(heading, text))
        return _Draft(cells, faults, self.today)

    def _step(self, draft: _Draft) -> Step | None:
        column = self.register.of_part(Part.STEP)
        if column is None:
            return None
        cell = draft.one(Part.STEP)
        if cell is None:
            draft.refuse(None, Issue("STEP_MISSING", "没有写事项", "", "事项名称", "补上事项"), column.name)
            return None
        step = self.register.steps.get(plain_name(cell.text))
        if step is None:
            raise Untracked(cell.text[:40])
        return step

    def _days(self, draft: _Draft) -> None:
        """The day of the report, and the month that its figures are of."""
        told = draft.one(Part.OBSERVED)
        if told is not None and (band := draft.take(told, lambda: past_day(told.text, self.today))) is not None:
            draft.observed = last_day(band, self.today)
        month = draft.one(Part.MONTH)
        if month is not None and (band := draft.take(month, lambda: past_day(month.text, self.today))) is not None:
            first = date.fromordinal(int(band.low or 0))
            index = first.year * 12 + first.month - 1
            draft.month = parse_date(format_month(index))
            if band.high is not None and band.high > (draft.month.high or 0):
                issue = Issue("DATE_FORMAT", f"“{month.text[:20]}”不是一个月", "", "2025-03", "写成年-月")
                draft.refuse(month, issue)

    def _firm(self, draft: _Draft) -> Firm | None:
        uscc, name = draft.one(Part.USCC), draft.one(Part.FIRM)
        if self.register.kind is Kind.ENTERPRISE:
            name = name or draft.one(Part.NAME)
        code = None if uscc is None else draft.take(uscc, lambda: check_uscc(uscc.text))
        for cell in (name, draft.one(Part.NAME)):
            if cell is not None and len(cell.text) > MAX_NAME:
                draft.refuse(cell, Issue("TOO_LONG", "过长", "", f"不超过 {MAX_NAME} 字", "检查是否粘贴错误"))
        return None if code is None and name is None else Firm(code, None if name is None else name.text)

    def _keys(self, draft: _Draft) -> None:
        for cell in draft.cells:
            column = cell.heading.column
            if column.part is Part.KEY and column.target == PROJECT_CODE:
                code = draft.take(cell, partial(read_project_code, cell.text, self.today))
                if code is not None:
                    draft.keys.append(Given(PROJECT_CODE, code.code))
            elif column.key is not None:
                draft.keys += [Given(column.key, number) for number in numbers(cell.text)]

    def _identity(self, draft: _Draft, firm: Firm | None) -> None:
        if self.register.kind is Kind.ENTERPRISE:
            column = self.register.of_part(Part.USCC)
            if (firm is None or firm.uscc is None) and not draft.faults:
                issue = Issue("USCC_MISSING", "没有统一社会信用代码", "", "18位代码", "补上后重新提交")
                draft.refuse(None, issue, "" if column is None else column.name)
            return
        known = draft.text(Part.CODE) or any(given.kind == PROJECT_CODE for given in draft.keys)
        named = draft.text(Part.NAME) and (firm is not None or draft.text(Part.RECORD))
        if not known and not named and not draft.faults:
            what = "认不出是哪个项目"
            draft.refuse(None, Issue("KEY_MISSING", what, "", "库内编号，或项目代码，或项目名称加建设单位", "补上其一"))

    # facts

    def _facts(self, draft: _Draft) -> None:
        for cell in draft.of(Part.FACT):
            value = draft.take(cell, partial(fact_of, cell.heading, cell.text, self.vocabulary))
            if value is None:
                continue
            issue = unlikely(cell.heading, value)
            if issue is not None:
                draft.doubts.append(Doubt(cell.name, cell.text, issue))
                continue
            observation = self._observation(cell, value, draft)
            if observation is not None:
                draft.observations.append(observation)
        self._check_sums(draft)

    def _observation(self, cell: _Cell, value: Value, draft: _Draft) -> Observation | None:
        column = cell.heading.column
        said = Observation(
            column.target, value, self.register.source, draft.observed, self.at,
            confidence=self.vocabulary.confidence(column.target, self.register.source),
            authorised_by=draft.text(Part.AUTHORISED), record=draft.text(Part.RECORD),
        )  # fmt: skip
        if column.holds is None:
            return said
        if draft.month is None:
            if draft.one(Part.MONTH) is None:
                month = self.register.of_part(Part.MONTH)
                issue = Issue("MONTH_MISSING", f"“{column.name}”没有写是哪个月的", "", "2025-03", "补上月份")
                draft.refuse(None, issue, "" if month is None else month.name)
            return None
        first, last = (date.fromordinal(int(end or 0)) for end in (draft.month.low, draft.month.high))
        held = (first, last) if column.holds == "month" else (date(first.year, 1, 1), date(first.year, 12, 31))
        return replace(said, observed_on=min(last, draft.observed), valid_from=held[0], valid_through=held[1])

    def _check_sums(self, draft: _Draft) -> None:
        """A month that is more than its year so far: one of them is of the other kind, and neither is used."""
        by_fact = {one.fact: one for one in draft.observations}
        month, year = (by_fact[name].value if name in by_fact else None for name in (_MONTH, _YEAR))
        if not (isinstance(month, Band) and isinstance(year, Band)) or (month.low or 0) <= (year.low or 0):
            return
        draft.observations = [one for one in draft.observations if one.fact not in (_MONTH, _YEAR)]
        issue = Issue("CUMULATIVE_SUSPECT", "本月数大于本年累计数，可能填反", "", "本月不大于累计", "核对两列")
        draft.doubts += [Doubt(c.name, c.text, issue) for c in draft.of(Part.FACT) if c.heading.column.target == _MONTH]

    # points and steps

    def _day(self, cell: _Cell, draft: _Draft) -> Band | None:
        """A day that has come; None where it is refused, or so early that a person has to look."""
        band = draft.take(cell, lambda: past_day(cell.text, self.today))
        if band is not None and is_early(band):
            issue = Issue("DATE_EARLY", "日期早于 1990 年", "", "1990 年以后", "核对年份；属实的请核实后确认")
            draft.doubts.append(Doubt(cell.name, cell.text, issue))
            return None
        return band

    def _points(self, draft: _Draft) -> None:
        shown: dict[str, list[Evidence]] = {}
        for cell in draft.of(Part.EVIDENCE):
            column = cell.heading.column
            pieces = [Evidence(column.target, number) for number in numbers(cell.text)]
            shown.setdefault(column.of or "", []).extend(pieces)
        for cell in draft.of(Part.POINT):
            band = self._day(cell, draft)
            pieces = shown.pop(cell.heading.column.name, [])
            if band is not None and band.is_exact:
                on = date.fromordinal(int(band.low or 0))
                draft.points.append(ToldPoint(cell.heading.column.target, on, tuple(pieces)))
            elif band is not None:
                self._coarse(cell, band, draft)
        for cell in draft.of(Part.EVIDENCE):
            if cell.heading.column.of in shown:
                what = f"有佐证，但“{cell.heading.column.of}”没有填，未用"
                issue = Issue("EVIDENCE_UNUSED", what, "", "", "补上日期后再报")
                draft.warnings.append(Doubt(cell.name, cell.text, issue))

    def _coarse(self, cell: _Cell, band: Band, draft: _Draft) -> None:
        """A point known to the month: kept as what the source says; the day is asked for, nothing is completed."""
        spec = cell.heading.column.spec
        if spec is not None:
            draft.observations.append(
                Observation(
                    spec.name, band, self.register.source, draft.observed, self.at,
                    confidence=self.vocabulary.confidence(spec.name, self.register.source),
                )
            )  # fmt: skip
        issue = Issue("DATE_COARSE", "只写到月或年，不能据以记录跟踪点", "", "2025-03-15", "核实到日后再报")
        draft.doubts.append(Doubt(cell.name, cell.text, issue))

    def _steps(self, draft: _Draft) -> None:
        for cell in draft.of(Part.PLANNED):
            band = draft.take(cell, partial(parse_date, cell.text))
            if band is not None:
                kind = cell.heading.column.target
                on = date.fromordinal(int(band.high or 0))
                draft.milestones[kind] = replace(draft.step(kind), planned_on=on, source=self.register.source)
        for cell in draft.of(Part.MILESTONE):
            band = self._day(cell, draft)
            if band is not None:
                kind = cell.heading.column.target
                done = replace(draft.step(kind), status=MilestoneStatus.DONE, actual_on=last_day(band, self.today))
                draft.milestones[kind] = replace(done, source=self.register.source)
        self._marks(draft)

    def _marks(self, draft: _Draft) -> None:
        """One mark of a kind for the row, with the words of the columns that are to be kept."""
        words: dict[str, list[str]] = {}
        for cell in draft.of(Part.MARK):
            column = cell.heading.column
            words.setdefault(column.target, []).extend([f"{column.name}：{cell.text}"] if column.told else [])
        draft.marks += [Mark(kind, draft.observed, "；".join(told)) for kind, told in words.items()]

    def _done(self, step: Step, draft: _Draft) -> None:
        """What a row of a 事项 says: how far it is, and what follows once it is done."""
        dates = {part: self._step_day(part, draft) for part in (Part.APPLIED, Part.SUPPLEMENT, Part.DONE)}
        status = self._status(dates, draft)
        done_on, number = dates[Part.DONE], draft.text(Part.NUMBER)
        is_done = status is MilestoneStatus.DONE
        if is_done and done_on is None and draft.one(Part.DONE) is None:
            column = self.register.of_part(Part.DONE)
            issue = Issue("DATE_MISSING", "已办结却没有办结日期", "", "2025-03-15", "补上日期")
            draft.refuse(None, issue, "" if column is None else column.name)
        if step.milestone is not None and status is not None:
            draft.milestones[step.milestone] = Milestone(
                step.milestone, status, None, dates[Part.APPLIED], done_on if is_done else None, None,
                self.register.source, () if number is None else (number,),
            )  # fmt: skip
        if step.ask is not None:
            cell = next(draft.of(Part.STEP))
            draft.doubts.append(Doubt(cell.name, cell.text, Issue("STEP_TOLD", step.ask)))
        if is_done and done_on is not None:
            self._follows(step, done_on, number, draft)

    def _follows(self, step: Step, on: date, number: str | None, draft: _Draft) -> None:
        if step.point is not None:
            shown = () if number is None or step.evidence is None else (Evidence(step.evidence, number),)
            draft.points.append(ToldPoint(step.point, on, shown))
        if step.mark is not None:
            draft.marks.append(Mark(step.mark, on))
        if step.key is not None and number is not None:
            draft.keys.append(Given(step.key, number))

    def _step_day(self, part: Part, draft: _Draft) -> date | None:
        cell = draft.one(part)
        band = None if cell is None else self._day(cell, draft)
        if cell is not None and band is not None and not band.is_exact:
            draft.refuse(cell, Issue("DATE_FORMAT", f"“{cell.text[:20]}”没有写到日", "", "2025-03-15", "写到日"))
            return None
        return None if band is None else date.fromordinal(int(band.low or 0))

    def _status(self, dates: dict[Part, date | None], draft: _Draft) -> MilestoneStatus | None:
        """By the result if one is written, else by the last of the dates; a permit taken back is told to a person."""
        revoked = draft.one(Part.REVOKED)
        if revoked is not None:
            band = self._day(revoked, draft)
            if band is not None and band.low is not None:
                draft.marks.append(Mark(REVOKED_MARK, date.fromordinal(int(band.low))))
                issue = Issue("PERMIT_REVOKED", "来源称证照已撤销", "", "", "核实后处理，跟踪点不自动更改")
                draft.doubts.append(Doubt(revoked.name, revoked.text, issue))
            return MilestoneStatus.RETURNED
        result = draft.one(Part.RESULT)
        if result is not None:
            status = self.register.results.get(plain_name(result.text))
            if status is None:
                allowed = "、".join(self.register.results)
                draft.refuse(result, Issue("CHOICE", "不认识的结果", "", allowed, "改用允许的值，或登记新的写法"))
            return status
        for part, status in _BY_DAY.items():
            if dates[part] is not None:
                return status
        return None

    # putting together

    def _code_warnings(self, draft: _Draft) -> None:
        """What the project code says beside what the row says; only told, the row counts."""
        cell = next((c for c in draft.of(Part.KEY) if c.heading.column.target == PROJECT_CODE), None)
        if cell is None:
            return
        code = read_project_code(cell.text, self.today)
        site = single(draft.observations, "district")
        if site is not None and not is_filed_in(code.region, site):
            what = f"项目代码的地区是{region_name(code.region)}，所在地填{region_name(site)}"
            issue = Issue("PCODE_REGION_MISMATCH", what, "", "", "核对两处；统计以所在地为准")
            draft.warnings.append(Doubt(cell.name, cell.text, issue))
        if code.is_upgrade and single(draft.observations, "project_kind") == "新招引":
            issue = Issue("PCODE_KIND_MISMATCH", "项目代码的类别是技术改造，项目类型填新招引", "", "", "核对两处")
            draft.warnings.append(Doubt(cell.name, cell.text, issue))

    def _row(self, number: int, draft: _Draft, firm: Firm | None) -> IntakeRow:
        own = (self.register.kind.value, "both")
        of_own = [one for one in draft.observations if self.vocabulary[one.fact].subject in own]
        of_firm = [one for one in draft.observations if self.vocabulary[one.fact].subject not in own]
        return IntakeRow(
            row=number,
            kind=self.register.kind,
            code=draft.text(Part.CODE),
            name=draft.text(Part.NAME),
            keys=tuple(dict.fromkeys(draft.keys)),
            firm=firm,
            observations=tuple(of_own),
            firm_observations=tuple(of_firm),
            points=tuple(draft.points),
            milestones=tuple(draft.milestones.values()),
            marks=tuple(dict.fromkeys(draft.marks)),
            doubts=tuple(draft.doubts),
            warnings=tuple(draft.warnings),
            record=draft.text(Part.RECORD),
            extra={cell.heading.column.name: cell.text for cell in draft.of(Part.EXTRA)},
            month=None if draft.month is None else f"{date.fromordinal(int(draft.month.low or 0)):%Y-%m}",
        )


_BY_DAY = {
    Part.DONE: MilestoneStatus.DONE,
    Part.SUPPLEMENT: MilestoneStatus.SUPPLEMENTING,
    Part.APPLIED: MilestoneStatus.ACCEPTED,
}


def numbers(text: str) -> list[str]:
    """Numbers of documents in one cell, `;` between them."""
    return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]


def single(observations: Sequence[Observation], fact: str) -> str | None:
    """The one option that a row gives a fact; None if it gives none."""
    value = next((one.value for one in observations if one.fact == fact), None)
    return value.single if isinstance(value, Possible) else None
