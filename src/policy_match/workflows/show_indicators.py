"""The series of one project: every month with its figures, who told them and how late, the plan, and what is to be asked.

A month of which nothing was told stands there empty. The same content feeds the terminal, JSON and the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy.orm import Session

from policy_match.errors import Issue, NotFound
from policy_match.exchange.reports import NONE, Plain, Report
from policy_match.exchange.tables import Grid
from policy_match.facts.veil import OFF, Veil
from policy_match.lifecycle.watch import growth_entry
from policy_match.series.evidence import percent_text, value_text
from policy_match.series.indicator import Indicator
from policy_match.series.months import due_on, month_text
from policy_match.series.words import BASIS_NAMES, LEVEL_NAMES
from policy_match.workflows.follow_growth import Followed, Growth, growth_of
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_indicators import open_indicators
from policy_match.workflows.read_indicators import Cell, read_indicators
from policy_match.workflows.read_records import Record, View, read_record
from policy_match.workflows.report_growth import Reported


@dataclass(frozen=True, slots=True)
class SeriesShown:
    """The series of one project as one reader sees it. `months`: numbers, oldest first, without a hole; empty where nothing
    was told and nothing is due. `untold_before`: how many months before these ought to have been told."""

    one: Followed
    growth: Growth
    reported: Reported
    months: tuple[int, ...]
    untold_before: int

    @property
    def codes(self) -> tuple[Indicator, ...]:
        """The indicators that are to be told each month."""
        return self.growth.rules.reported

    def cell(self, code: Indicator, month: int) -> Cell | None:
        """What was told of a month; None: nothing."""
        return self.one.cells.get((code.id, month))

    def text(self, code: Indicator, month: int) -> str:
        """The same in words, as it may be seen."""
        return self.reported.value(self.one, code, month)

    def plan_text(self, code: str, month: int) -> str:
        """What was expected of the year so far, as it may be seen."""
        plan, unit = self.growth.plan(self.one, code, month), self.growth.rules.codes[code].unit
        return NONE if plan is None else value_text(plan, unit, self.reported.veil)

    def share(self, code: str, month: int) -> Fraction | None:
        """The share of the plan reached by a month."""
        plan, ground = self.growth.plan(self.one, code, month), self.growth.judged.ground
        actual = ground.yearly(self.growth.rules.codes[code])
        place = month - ground.block.first
        if not plan or not actual.known[self.one.row, place]:
            return None
        return Fraction(int(actual.values[self.one.row, place]), plan)

    def told(self, month: int) -> str:
        """Who told of a month, when it came in, and how late: in words."""
        cells = [cell for code in self.codes if (cell := self.cell(code, month)) is not None]
        if not cells:
            due = due_on(month, self.growth.rules.due_day)
            return f"缺报（应于 {due} 以前）" if due < self.growth.view.as_of else "未到期"
        lates = max(cell.late for cell in cells)
        late = f"，迟{lates}天" if lates else ""
        names = "、".join(dict.fromkeys(self.reported.names[cell.source] for cell in cells))
        return f"{names}，{max(cell.received_on for cell in cells)}{late}"

    def notes(self, month: int) -> str:
        """What is to be known besides: corrections, other sources, remarks."""
        return "；".join(dict.fromkeys(self._notes(month)))

    def _notes(self, month: int) -> Iterator[str]:
        for code in self.codes:
            cell = self.cell(code, month)
            if cell is None:
                continue
            if cell.is_correction:
                yield f"{code.title}已更正"
            for source, value in cell.others:
                yield f"{code.title}另有{self.reported.names[source]}：{value_text(value, code.unit, self.reported.veil)}"
            if cell.note:
                yield cell.note


def show_indicators(archive: Archive, library: str, code: str, view: View, veil: Veil = OFF) -> SeriesShown:
    """Read one project on a day, its figures as they may be seen; NotFound PROJECT_UNKNOWN, GROWTH_NOT for one that is not
    completed."""
    found = find_series(archive, library, code, view, veil)
    if found is None:
        what = f"{code} 还没有列入新增长点培育库"
        raise NotFound(Issue("GROWTH_NOT", what, code, "通过竣工验收的项目", "竣工以后再看"))
    return found


def find_series(archive: Archive, library: str, code: str, view: View, veil: Veil = OFF) -> SeriesShown | None:
    """The same; None for a project that is not completed."""
    with archive.database.reading() as session:
        record = read_record(session, archive, library, code, view)
        growth = growth_of(session, archive, [record], view)
    one = next(iter((*growth.members, *growth.left)), None)
    if one is None:
        return None
    months = _months(one, growth)
    before = sum(month < months[0] for month in _due(one, growth)) if months else 0
    return SeriesShown(one, growth, Reported(growth, archive.table, veil, archive.vocabulary.registers), months, before)


def _months(one: Followed, growth: Growth) -> tuple[int, ...]:
    """From the first month that was told, or else the first that is due, up to the last that was told or is due."""
    told, due = [month for _, month in one.cells], _due(one, growth)
    return tuple(range(min(told or due), max(told + due) + 1)) if told or due else ()


def _due(one: Followed, growth: Growth) -> list[int]:
    """The months that ought to have been told."""
    ground = growth.judged.ground
    return [ground.month(place) for place in range(ground.months) if ground.due[one.row, place]]


def series_report(shown: SeriesShown, library: str) -> Report:
    """The series as a table for the screen and for files."""
    record, growth = shown.one.record, shown.growth
    return Report(
        id="indicators",
        title=f"{record.code} {record.name} 按月指标",
        as_of=growth.view.as_of,
        grids=(series_grid(shown), findings_grid(shown)),
        content=series_plain(shown, library),
        notes=(
            ("项目库", shown_library(library)),
            ("列入", f"{shown.one.place.entered_on}"),
            ("此前没有报的月份", f"{shown.untold_before}个"),
        ),
    )


def series_grid(shown: SeriesShown) -> Grid:
    """A row per month: figures, plan and share of each indicator that has one, who told it, remarks."""
    planned = [shown.growth.rules.codes[code] for code in shown.growth.rules.plans]
    heads = [name for one in planned for name in (f"{one.title}计划（累计）", f"{one.title}占计划")]
    header = ("月份", *(one.named for one in shown.codes), *heads, "来源", "备注")
    rows = []
    for month in shown.months:
        plans = []
        for one in planned:
            share = shown.share(one.id, month)
            plans += [shown.plan_text(one.id, month), NONE if share is None else percent_text(share)]
        figures = [shown.text(one, month) for one in shown.codes]
        rows.append((month_text(month), *figures, *plans, shown.told(month), shown.notes(month) or NONE))
    return Grid("按月指标", header, tuple(rows))


def findings_grid(shown: SeriesShown) -> Grid:
    """What is to be asked."""
    rows = tuple(
        (
            LEVEL_NAMES[found.level],
            found.title,
            found.text,
            shown.reported.figures(found),
            shown.reported.duty(shown.one, found.cause),
            shown.reported.ticket(shown.one, found.cause) or NONE,
        )
        for found in shown.one.findings
    )
    return Grid("预警和待核", ("灯", "情形", "说明", "数字", "由谁办", "问题单"), rows)


def series_plain(shown: SeriesShown, library: str) -> dict[str, Plain]:
    """The series as data. A figure that may not be seen exactly is null, and its text says what may be seen."""
    one, growth = shown.one, shown.growth
    return {
        "library": library, "code": one.record.code, "as_of": growth.view.as_of,
        "entered_on": one.place.entered_on, "exit": one.place.place.value, "exit_why": one.place.why,
        "indicators": [
            {"id": code.id, "title": code.title, "unit": code.unit.value, "basis": code.basis.value,
             "basis_name": BASIS_NAMES[code.basis], "months": [_point(shown, code, month) for month in shown.months]}
            for code in shown.codes
        ],
        "findings": [
            {"detector": found.detector, "title": found.title, "level": LEVEL_NAMES[found.level],
             "month": month_text(found.month), "text": found.text, "figures": shown.reported.figures(found),
             "ticket": shown.reported.ticket(one, found.cause) or None}
            for found in one.findings
        ],
    }  # fmt: skip


def _point(shown: SeriesShown, code: Indicator, month: int) -> Plain:
    """One month of one indicator; `value` null: not told, or not to be seen."""
    cell, is_exact = shown.cell(code, month), not shown.reported.veil.facts
    plan = shown.growth.plan(shown.one, code.id, month)
    return {
        "month": month_text(month),
        "value": cell.value if cell is not None and is_exact else None,
        "text": None if cell is None else shown.text(code, month),
        "source": None if cell is None else cell.source,
        "received_on": None if cell is None else cell.received_on,
        "late_days": None if cell is None else cell.late,
        "plan": plan if is_exact else None,
    }


@dataclass(frozen=True, slots=True)
class Latest:
    """The last month of which anything was told: the figures as they may be seen, who told them, when the last came in."""

    month: int
    text: str
    registers: str
    received_on: date


def latest_figures(session: Session, archive: Archive, record: Record, view: View, veil: Veil) -> Latest | None:
    """The latest figures of a project that was read; None where there are none."""
    if growth_entry(record.state, archive.table) is None:
        return None
    rules, names = open_indicators(archive), archive.vocabulary.registers
    cells = read_indicators(session, [record.id], rules, archive.vocabulary, view).cells(record.id)
    month = max((month for code, month in cells if rules.codes[code] in rules.reported), default=None)
    if month is None:
        return None
    found = [(code, cell) for code in rules.reported if (cell := cells.get((code.id, month))) is not None]
    return Latest(
        month=month,
        text="，".join(f"{code.named} {value_text(cell.value, code.unit, veil)}" for code, cell in found),
        registers="、".join(dict.fromkeys(names[cell.source] for _, cell in found)),
        received_on=max(cell.received_on for _, cell in found),
    )
