"""Whom to watch after completion: the growth library, and firms that should soon be 规上 (`report watch`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match.authoring.watch_file import load_watch
from policy_match.errors import Issue, UsageError
from policy_match.exchange.reports import FORMS, NONE, Plain, Report, write_report
from policy_match.exchange.tables import Grid
from policy_match.facts.assemble import NOTHING, Assembled, assembled
from policy_match.facts.cells import Possible
from policy_match.facts.veil import OFF, Veil
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.watch import (
    AboveScale,
    Firm,
    GrowthEntry,
    ScaleRow,
    growth_entry,
    is_in_sections,
    scale_row,
    shown_revenue,
)
from policy_match.lifecycle.words import LIVING, Colour
from policy_match.store import facts as stored_facts
from policy_match.store import subjects
from policy_match.units import Band, format_money
from policy_match.workflows.choose_district import Area, district_name, scope_name
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.list_standings import list_records, reporting_unit
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View

KINDS = ("入规",)
_COLOURS = {Colour.RED: "红灯", Colour.YELLOW: "黄灯", Colour.UNKNOWN: "未知"}
_NEW, _PRODUCING = "新招引", "PRODUCING"
_FIRMS = ("灯", "企业", "名称", "辖市区", "近12个月收入", "数据日期", "当年新建投产", "申报期限", "说明")
_GROWTH = ("编号", "项目", "辖市区", "列入日期", "依据事件", "跟踪点", "达产日期")
_ANSWERS = {True: "是", False: "否", None: "未知"}


def report_watch(
    archive: Archive, library: str, view: View, *, kind: str, area: Area | None, form: str | None, out: Path | None
) -> None:
    """Write the watch; UsageError for a kind or format that there is not."""
    if kind not in KINDS:
        raise UsageError(Issue("WATCH_KIND", f"没有“{kind[:20]}”预警", "--kind", "、".join(KINDS), "改用列出的一种"))
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(watch_report(archive, library, view, area), form, out)


def watch_report(archive: Archive, library: str, view: View, area: Area | None, veil: Veil = OFF) -> Report:
    """The firms with a project recorded as completed or producing, and the growth library, on a day; revenue as it may be
    seen through the veil, the light by what it is.
    """
    rules = load_watch(archive.rules / "watch.yaml", archive.vocabulary, archive.table).above_scale
    with archive.database.reading() as session:
        records = [record for record in list_records(session, archive, library, view) if _is_within(record, area)]
        grown = [(record, entry) for record in records if (entry := _entry(record, archive.table)) is not None]
        firms = _firms(session, archive, library, view, [record for record, _ in grown], rules, veil)
    rows = [(row, own) for firm, own in firms if (row := scale_row(firm, rules, view.as_of)) is not None]
    rows.sort(key=lambda pair: (list(_COLOURS).index(pair[0].colour), pair[0].due_on or date.max, pair[0].firm.code))
    alive = [(record, entry) for record, entry in grown if record.state.side in LIVING]
    return Report(
        id="watch",
        title="入规预警",
        as_of=view.as_of,
        grids=(
            Grid("入规预警", _FIRMS, tuple(_firm_cells(row, own) for row, own in rows)),
            Grid("新增长点培育库", _GROWTH, tuple(_growth_cells(*pair, archive.table) for pair in alive)),
        ),
        content={
            "library": library,
            "kind": KINDS[0],
            "district": None if area is None else area.district,
            "firms": len(firms),
            "rows": [_firm_plain(row, own) for row, own in rows],
            "growth_library": [_growth_plain(*pair) for pair in alive],
        },
        notes=(
            ("项目库", shown_library(library)),
            ("范围", f"{scope_name(area)}，有竣工或投产项目的企业 {len(firms)} 家"),
            ("界限", _limits_text(rules, archive.table)),
            ("说明", "只作提示；是否规上以统计部门的登记为准"),
        ),
    )


def _is_within(record: Record, area: Area | None) -> bool:
    return area is None or reporting_unit(record.choice("district")) == area.district


def _entry(record: Record, table: LifecycleTable) -> GrowthEntry | None:
    return growth_entry(record.state, table)


def _limits_text(rules: AboveScale, table: LifecycleTable) -> str:
    near = format_money(int(rules.line_fen * rules.near))
    letters = dict(rules.sources)
    said = [
        f"红灯 {format_money(rules.line_fen)}（{table.sources[letters['line']]}）",
        f"黄灯 {near}（{table.sources[letters['near']]}）",
        f"新建投产次月{rules.apply_by}日前申报（{table.sources[letters['apply_by_day']]}）",
    ]
    return "，".join(said)


# firms


def _firms(
    session: Session,
    archive: Archive,
    library: str,
    view: View,
    records: Sequence[Record],
    rules: AboveScale,
    veil: Veil,
) -> list[tuple[Firm, list[Record]]]:
    """Each firm once, with its projects, by code."""
    of_firm: dict[str, list[Record]] = {}
    for record in records:
        if record.firm is not None:
            of_firm.setdefault(record.firm.code, []).append(record)
    rows = {row.code: row for row in subjects.every(session, library, "enterprise") if row.code in of_firm}

    def seen(fact: str, value: Band) -> Band | None:
        shown = veil.shown(archive.vocabulary[fact], value)
        return shown if isinstance(shown, Band) else None

    ids = [row.id for row in rows.values()]
    known = stored_facts.known(session, ids, archive.vocabulary, known_at=view.known_at)
    found = []
    for code, row in sorted(rows.items()):
        facts = assembled(known[row.id], archive.vocabulary, view.as_of, view.purpose)
        own = of_firm[code]
        found.append((_firm(code, row.name, facts, _is_new_built(own, view.as_of.year), rules, seen), own))
    return found


def _firm(
    code: str,
    name: str | None,
    facts: Mapping[str, Assembled],
    is_new_built: bool | None,
    rules: AboveScale,
    seen: Callable[[str, Band], Band | None],
) -> Firm:
    industry, flag = (facts.get(fact, NOTHING).cell.value for fact in ("industry_code", rules.flag))
    figures = [(fact, facts[fact].cell) for fact in rules.revenue if fact in facts]
    of_revenue, figure = next((one for one in figures if isinstance(one[1].value, Band)), ("", NOTHING.cell))
    revenue = figure.value if isinstance(figure.value, Band) else None
    single = flag.single if isinstance(flag, Possible) else None
    return Firm(
        code=code,
        name=name,
        is_industrial=is_in_sections(industry.options if isinstance(industry, Possible) else (), rules.sections),
        is_above_scale=None if single is None else single == "true",
        revenue=revenue,
        shown=None if revenue is None else seen(of_revenue, revenue),
        seen_on=None if revenue is None else figure.observed_on,
        is_new_built=is_new_built,
    )


def _is_new_built(records: Iterable[Record], year: int) -> bool | None:
    """Whether a newly attracted project went into production in the year; None where its kind is not known."""
    produced = [record for record in records if (on := record.state.on(_PRODUCING)) is not None and on.year == year]
    kinds = {record.choice("project_kind") for record in produced}
    if _NEW in kinds:
        return True
    return None if None in kinds else False


def _districts(records: Iterable[Record]) -> tuple[str | None, ...]:
    return tuple(dict.fromkeys(reporting_unit(record.choice("district")) for record in records))


def _firm_cells(row: ScaleRow, records: Sequence[Record]) -> tuple[str, ...]:
    firm = row.firm
    return (
        _COLOURS[row.colour],
        firm.code,
        firm.name or NONE,
        "、".join(map(district_name, _districts(records))),
        shown_revenue(firm),
        str(firm.seen_on or NONE),
        _ANSWERS[firm.is_new_built],
        str(row.due_on or NONE),
        row.reason,
    )


def _firm_plain(row: ScaleRow, records: Sequence[Record]) -> Plain:
    firm, revenue = row.firm, row.firm.shown
    exact = revenue is not None and revenue.is_exact and revenue.low is not None
    return {
        "light": row.colour.value, "enterprise": firm.code, "name": firm.name, "districts": [*_districts(records)],
        "projects": [record.code for record in records],
        "revenue_fen": int(revenue.low or 0) if exact and revenue is not None else None,
        "seen_on": firm.seen_on, "new_built": firm.is_new_built,
        "above_scale": firm.is_above_scale, "due_on": row.due_on, "reason": row.reason,
        "lacking": [*row.lacking],
    }  # fmt: skip


# the growth library


def _growth_cells(record: Record, entry: GrowthEntry, table: LifecycleTable) -> tuple[str, ...]:
    return (
        record.code,
        record.name,
        district_name(reporting_unit(record.choice("district"))),
        entry.entered_on.isoformat(),
        entry.event,
        table.name(record.state.point or ""),
        str(_full_capacity(record) or NONE),
    )


def _growth_plain(record: Record, entry: GrowthEntry) -> Plain:
    full = _full_capacity(record)
    return {
        "code": record.code, "name": record.name, "district": reporting_unit(record.choice("district")),
        "entered_on": entry.entered_on, "event": entry.event, "point": record.state.point,
        "full_capacity_on": full,
    }  # fmt: skip


def _full_capacity(record: Record) -> date | None:
    return next((step.actual_on for step in record.milestones if step.kind == "full_capacity"), None)
