"""The growth library as a report (`report growth`): entry, latest figures, share of the plan, findings, whose turn it is.

A finding asks somebody and blames nobody; what is not known is no finding. Domain specification 7.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from policy_match.exchange.reports import FORMS, NONE, Plain, Report, write_report
from policy_match.exchange.tables import Grid
from policy_match.facts.veil import OFF, Veil
from policy_match.lifecycle.table import LEAD, LifecycleTable
from policy_match.lifecycle.words import Side
from policy_match.series.evidence import percent_text, value_text
from policy_match.series.findings import Finding
from policy_match.series.indicator import Indicator
from policy_match.series.months import month_text
from policy_match.series.words import LEVEL_NAMES, Level
from policy_match.workflows.choose_district import Area, district_name, scope_name
from policy_match.workflows.follow_growth import Followed, Growth, follow_growth
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.list_standings import reporting_unit
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_growth_tickets import OpenedTicket, open_growth_tickets
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By

TITLE = "新增长点培育库"
_HEAD = ("编号", "项目", "辖市区", "列入日期", "跟踪点", "最近月份", "占计划", "灯")
_TAIL = ("情形", "由谁办", "问题单", "出库")
_FINDINGS = ("编号", "项目", "灯", "情形", "说明", "数字", "由谁办", "问题单", "建议")
_LEFT = ("编号", "项目", "辖市区", "列入日期", "出库日期", "原因")
_WORDS = {Level.RED: "red", Level.YELLOW: "yellow", Level.QUERY: "query", Level.GOOD: "green", Level.OPEN: "unknown"}


@dataclass(frozen=True, slots=True)
class Reported:
    """A growth library as one reader sees it. `names`: of the registers."""

    growth: Growth
    table: LifecycleTable
    veil: Veil
    names: Mapping[str, str]

    def duty(self, one: Followed, cause: str) -> str:
        """Whose turn a cause is, by name: the district by its own."""
        owner = self.table.tickets.causes[cause].owner
        if owner == "district":
            return district_name(reporting_unit(one.record.choice("district")))
        return self.table.unit_name(one.record.state.lead if owner == LEAD else owner)

    def value(self, one: Followed, code: Indicator, month: int | None) -> str:
        """A figure of a month as it may be seen; — where nothing was told."""
        cell = one.cells.get((code.id, month or 0))
        return NONE if cell is None else value_text(cell.value, code.unit, self.veil)

    def figures(self, finding: Finding) -> str:
        """What proves a finding, as it may be seen."""
        return "；".join(figure.text(self.veil) for figure in finding.figures) or NONE

    def ticket(self, one: Followed, cause: str) -> str:
        """The number of the open ticket of a cause."""
        found = one.open_ticket(cause)
        return "" if found is None else found[0]


def report_growth(
    archive: Archive, view: View, area: Area | None, by: By, *, opens: bool, form: str | None, out: Path | None
) -> list[OpenedTicket]:
    """Open the tickets that are called for where it `opens` any, then write the report; UsageError for a format that there
    is not, before anything is opened."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    opened = open_growth_tickets(archive, view, area, by) if opens else []
    write_report(growth_report(archive, by.library, view, area), form, out)
    return opened


def growth_report(archive: Archive, library: str, view: View, area: Area | None, veil: Veil = OFF) -> Report:
    """The report on a day; figures as they may be seen through the veil."""
    with archive.database.reading() as session:
        growth = follow_growth(session, archive, library, view, area)
    return made_report(Reported(growth, archive.table, veil, archive.vocabulary.registers), library, area)


def made_report(shown: Reported, library: str, area: Area | None) -> Report:
    """The report of a growth library that was read."""
    growth = shown.growth
    codes = growth.rules.reported
    header = (*_HEAD, *(one.named for one in codes), *_TAIL)
    members = tuple(_member_cells(shown, one) for one in growth.members)
    return Report(
        id="growth",
        title=TITLE,
        as_of=growth.view.as_of,
        grids=(
            Grid(TITLE, header, members),
            Grid("预警和待核", _FINDINGS, tuple(_finding_rows(shown))),
            Grid("已出培育库", _LEFT, tuple(_left_cells(one) for one in growth.left)),
        ),
        content={
            "library": library,
            "district": None if area is None else area.district,
            "rows": [_member_plain(shown, one) for one in growth.members],
            "left": [_left_plain(one) for one in growth.left],
            "closing": [*_closing_plain(shown)],
        },
        notes=_notes(shown, library, area),
    )


def light_of(one: Followed, growth: Growth) -> Level:
    """The worst of a project's findings; GOOD where something could be judged, else OPEN."""
    if one.findings:
        return one.findings[0].level
    levels = [growth.judged.level(detector.head.id, one.row) for detector in growth.rules.detectors]
    return Level.GOOD if Level.GOOD in levels and one.record.state.side is Side.ACTIVE else Level.OPEN


def share_of(one: Followed, growth: Growth) -> Fraction | None:
    """The latest share of the plan that can be told, of the first indicator that has one."""
    for code in growth.rules.plans:
        indicator = growth.rules.codes[code]
        actual = growth.judged.ground.yearly(indicator)
        for month in sorted({m for c, m in one.cells if c == code}, reverse=True):
            plan, place = growth.plan(one, code, month), month - growth.judged.ground.block.first
            if plan and actual.known[one.row, place]:
                return Fraction(int(actual.values[one.row, place]), plan)
    return None


def closings(one: Followed, growth: Growth) -> Iterator[tuple[str, str]]:
    """Number and cause of each open ticket of a detector's cause that may be closed."""
    for cause in dict.fromkeys(detector.head.cause for detector in growth.rules.detectors):
        found = one.open_ticket(cause)
        if found is not None and growth.may_close(one, cause):
            yield found[0], cause


# cells


def _member_cells(shown: Reported, one: Followed) -> tuple[str, ...]:
    growth, record, month = shown.growth, one.record, one.last_month
    share = share_of(one, growth)
    tickets = [shown.ticket(one, cause) for cause in dict.fromkeys(f.cause for f in one.findings)]
    return (
        record.code,
        record.name,
        district_name(reporting_unit(record.choice("district"))),
        one.place.entered_on.isoformat(),
        shown.table.name(record.state.point or "") + ("（暂停）" if record.state.side is Side.PAUSED else ""),
        NONE if month is None else month_text(month),
        NONE if share is None else percent_text(share),
        LEVEL_NAMES[light_of(one, growth)],
        *(shown.value(one, code, month) for code in growth.rules.reported),
        "；".join(finding.title for finding in one.findings) or NONE,
        "、".join(dict.fromkeys(shown.duty(one, f.cause) for f in one.findings)) or NONE,
        "、".join(number for number in tickets if number) or NONE,
        one.place.why or NONE,
    )


def _finding_rows(shown: Reported) -> Iterator[tuple[str, ...]]:
    for one in shown.growth.members:
        head = (one.record.code, one.record.name)
        for found in one.findings:
            yield (
                *head,
                LEVEL_NAMES[found.level],
                found.title,
                found.text,
                shown.figures(found),
                shown.duty(one, found.cause),
                shown.ticket(one, found.cause) or NONE,
                NONE,
            )
        for number, cause in closings(one, shown.growth):
            text = f"连续{shown.growth.rules.good_months}个月没有再出现"
            duty = shown.duty(one, cause)
            yield (*head, LEVEL_NAMES[Level.GOOD], cause, text, NONE, duty, number, "建议办结，由办理人决定")


def _left_cells(one: Followed) -> tuple[str, ...]:
    record, place = one.record, one.place
    unit = district_name(reporting_unit(record.choice("district")))
    return record.code, record.name, unit, place.entered_on.isoformat(), place.since.isoformat(), place.why


def _notes(shown: Reported, library: str, area: Area | None) -> tuple[tuple[str, str], ...]:
    rules, sources = shown.growth.rules, shown.table.sources
    told = [
        ("项目库", shown_library(library)),
        ("范围", scope_name(area)),
        ("报送", f"次月{rules.due_day}日以前（{sources[rules.sources['due']]}）；没有报的月份不是0"),
    ]
    told += [(shown.table.name(one.milestone), f"{one.says}（{sources[one.source]}）") for one in rules.definitions]
    return tuple(told)


# data


def _member_plain(shown: Reported, one: Followed) -> dict[str, Plain]:
    growth, record, month = shown.growth, one.record, one.last_month
    share = share_of(one, growth)
    return {
        "code": record.code, "name": record.name, "district": reporting_unit(record.choice("district")),
        "entered_on": one.place.entered_on, "event": one.place.event, "point": record.state.point,
        "paused": record.state.side is Side.PAUSED,
        "last_month": None if month is None else month_text(month),
        "figures": {code.id: _figure_plain(shown, one, code, month) for code in growth.rules.reported},
        "share": None if share is None else round(float(share), 4),
        "light": _WORDS[light_of(one, growth)],
        "findings": [_finding_plain(shown, one, found) for found in one.findings],
        "exit": one.place.place.value, "exit_why": one.place.why,
    }  # fmt: skip


def _figure_plain(shown: Reported, one: Followed, code: Indicator, month: int | None) -> Plain:
    """The figure in its smallest unit, or in words where it may not be seen exactly; null where it was not told."""
    cell = one.cells.get((code.id, month or 0))
    if cell is None:
        return None
    return value_text(cell.value, code.unit, shown.veil) if shown.veil.facts else cell.value


def _finding_plain(shown: Reported, one: Followed, found: Finding) -> dict[str, Plain]:
    return {
        "detector": found.detector, "title": found.title, "level": _WORDS[found.level], "cause": found.cause,
        "month": month_text(found.month), "text": found.text,
        "share": None if found.share is None else round(float(found.share), 4),
        "figures": [figure.text(shown.veil) for figure in found.figures],
        "to": shown.duty(one, found.cause), "ticket": shown.ticket(one, found.cause) or None,
    }  # fmt: skip


def _left_plain(one: Followed) -> dict[str, Plain]:
    return {
        "code": one.record.code, "name": one.record.name, "entered_on": one.place.entered_on,
        "left_on": one.place.since, "why": one.place.why,
    }  # fmt: skip


def _closing_plain(shown: Reported) -> Iterator[Plain]:
    for one in shown.growth.members:
        for number, cause in closings(one, shown.growth):
            yield {"code": one.record.code, "ticket": number, "cause": cause}
