"""The monthly dispatch as tables: what every format shows, each number with its unit in the header.

Cells are text, whole numbers, or amounts in 亿元; — stands for what is not known or cannot be divided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from policy_match.dispatch.changes import ChangeKind
from policy_match.dispatch.figures import Block, Figure
from policy_match.dispatch.report import Dispatch
from policy_match.dispatch.tables import Breakdown, Group, point_name, unit_name
from policy_match.dispatch.wording import NOTHING, Unit, value_text, yi, yi_text
from policy_match.exchange.letterhead import Letterhead
from policy_match.lifecycle.targets import Target
from policy_match.lifecycle.words import Colour

Cell: TypeAlias = "str | int | Decimal"
_LOCAL = timezone(timedelta(hours=8))
_MORE = ("stages", "leads", "kinds", "levels", "sections", "tracks", "places")
_GROUPED = ("项目数（个）", "其中仅见公开信息（个）", "总投资（亿元）", "投资待核实（个）")
COLOURS = {Colour.RED: "红", Colour.YELLOW: "黄"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A titled table; `note` stands above it and may be empty."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheets:
    """All tables of a report."""

    totals: Sheet
    changes: Sheet
    blocks: tuple[Sheet, ...]
    members: tuple[Sheet, ...]
    landing: Sheet
    tiers: Sheet
    tiers_onward: Sheet
    points: Sheet
    units: Sheet
    lights: Sheet
    lit: Sheet
    targets: Sheet
    target_rows: Sheet
    tickets: Sheet
    more: tuple[Sheet, ...]
    restatements: Sheet
    behind: Sheet
    projects: Sheet


def cell_text(cell: Cell) -> str:
    """A cell for people: amounts with up to four decimals, 约 where that is not exact."""
    return yi_text(int(cell * 10**10)) if isinstance(cell, Decimal) else str(cell)


def head(dispatch: Dispatch, letterhead: Letterhead) -> tuple[tuple[str, str], ...]:
    """The lines that tell which report this is, name and text; they depend on nothing but the snapshot."""
    snapshot = dispatch.snapshot
    closed = closing(dispatch)
    made = "未封存，仅供预览" if closed is None else f"{closed:%Y-%m-%d %H:%M}"
    return (
        ("报表", f"{letterhead.dispatch} {snapshot.month}"),
        ("报表编号", f"month-{snapshot.month}"),
        ("快照编号", dispatch.content_hash),
        ("截至", snapshot.as_of.isoformat()),
        ("规则校验", snapshot.config_hash),
        ("行数", str(len(snapshot.rows))),
        ("生成时间", made),
        ("上月快照", snapshot.before_hash or "没有"),
    )


def closing(dispatch: Dispatch) -> datetime | None:
    """When the month was closed, in local time; None for a preview."""
    closed = dispatch.snapshot.closed_at
    return None if closed is None else closed.astimezone(_LOCAL)


def day_text(day: date) -> str:
    """A day in words: 2025年3月31日."""
    return f"{day.year}年{day.month}月{day.day}日"


def sheets(dispatch: Dispatch) -> Sheets:
    """All tables, in the order in which they are read."""
    return Sheets(
        totals=_totals(dispatch),
        changes=_changes(dispatch),
        blocks=tuple(_block(block) for block in dispatch.blocks),
        members=tuple(_members(block) for block in dispatch.blocks),
        landing=_landing(dispatch),
        tiers=_grouped(dispatch.breakdown("tiers"), "分档"),
        tiers_onward=_grouped(dispatch.breakdown("tiers_onward"), "分档"),
        points=_points(dispatch),
        units=_units(dispatch),
        lights=_grouped(dispatch.breakdown("lights"), "亮灯"),
        lit=_lit(dispatch),
        targets=_targets(dispatch),
        target_rows=_target_rows(dispatch),
        tickets=Sheet("问题协调", ("指标", "数量（个）"), tuple((f.name, len(f.projects)) for f in dispatch.tickets.figures)),
        more=tuple(_grouped(dispatch.breakdown(name), "类别") for name in _MORE),
        restatements=_restatements(dispatch),
        behind=_behind(dispatch),
        projects=_projects(dispatch),
    )  # fmt: skip


def figure_value(figure: Figure) -> Cell:
    """The value of a figure as a cell: a number where it can be summed, else text."""
    if figure.value is None:
        return NOTHING
    if figure.unit is Unit.MONEY:
        return yi(figure.value)
    return int(figure.value) if figure.unit is Unit.COUNT else value_text(figure.value, figure.unit)


def parts(figure: Figure) -> tuple[Cell, Cell]:
    """Numerator and denominator as cells; empty for a figure that is no share."""
    if figure.numerator is None or figure.denominator is None:
        return "", ""
    if figure.parts is Unit.MONEY:
        return yi(figure.numerator), yi(figure.denominator)
    return figure.numerator, figure.denominator


def titled(figure: Figure) -> str:
    """The name of a figure with its unit; a share shows its sign itself."""
    return figure.name if figure.unit is Unit.RATIO else f"{figure.name}（{figure.unit.value}）"


def amount(fen: Fraction | int | None) -> Cell:
    """分 as a cell in 亿元."""
    return NOTHING if fen is None else yi(fen)


def share_text(part: int, whole: int) -> str:
    """A share in per cent; — of nothing."""
    return value_text(Fraction(part, whole) if whole else None, Unit.RATIO)


def _totals(dispatch: Dispatch) -> Sheet:
    found = () if dispatch.changes is None else dispatch.changes.deltas
    note = "" if dispatch.changes is not None else "没有上月的封存快照，不作比较"
    rows = tuple((delta.name, delta.was, delta.now, delta.difference) for delta in found)
    return Sheet("与上月相比", ("指标", "上月", "本月", "增减"), rows, note)


def _changes(dispatch: Dispatch) -> Sheet:
    found = () if dispatch.changes is None else dispatch.changes.changes
    rows = tuple(
        (change.kind, change.code, change.name, unit_name(change.district), change.was, change.now, _about(change.kind, change.difference))
        for change in found
    )  # fmt: skip
    return Sheet("变化的项目", ("类别", "编号", "项目", "辖市区", "上月", "本月", "说明"), rows)


def _about(kind: ChangeKind, difference: str) -> str:
    """What the difference is: of an amount in 亿元, else what it says itself."""
    if kind is ChangeKind.INVESTMENT and difference != NOTHING:
        return f"{difference}{Unit.MONEY.value}"
    if kind in (ChangeKind.ENTERED, ChangeKind.LEFT):
        return "总投资待核实" if difference == NOTHING else f"总投资{difference}"
    return difference


def _block(block: Block) -> Sheet:
    rows = tuple(
        (titled(figure), figure_value(figure), *parts(figure), len(figure.lacking), figure.note)
        for figure in block.figures
    )
    return Sheet(block.name, ("指标", "数值", "分子", "分母", "未知项目（个）", "说明"), rows)


def _members(block: Block) -> Sheet:
    """The projects behind each figure of a block, by code."""
    rows = tuple(
        (figure.name, "、".join(figure.projects), "、".join(figure.lacking))
        for figure in block.figures
        if figure.projects or figure.lacking
    )
    return Sheet(f"{block.name}：由哪些项目组成", ("指标", "项目", "数据未知的项目"), rows)


def _landing(dispatch: Dispatch) -> Sheet:
    rows = tuple(
        (str(m.month), len(m.signed), len(m.approved), len(m.due), len(m.landed), share_text(len(m.landed), len(m.due)))
        for m in dispatch.landing
    )
    header = ("签约月份", "签约（个）", "其中已立项（个）", "满180天（个）", "180天内立项（个）", "落地率")
    return Sheet("按签约月份的落地率", header, rows)


def _grouped(breakdown: Breakdown, named: str) -> Sheet:
    rows = tuple((group.name, *_counts(group)) for group in breakdown.groups)
    return Sheet(breakdown.title, (named, *_GROUPED), rows, breakdown.note)


def _counts(group: Group) -> tuple[Cell, ...]:
    return len(group.projects), len(group.observed), amount(group.fen), len(group.lacking)


def _points(dispatch: Dispatch) -> Sheet:
    onward = {group.id: len(group.projects) for group in dispatch.breakdown("points_onward").groups}
    rows = tuple(
        (group.name, len(group.projects) - len(group.observed), *_counts(group), onward.get(group.id, NOTHING))
        for group in dispatch.breakdown("points").groups
    )
    header = ("跟踪点", "已登记（个）", *_GROUPED, "该点及以后（个）")
    return Sheet("跟踪点", header, rows, dispatch.breakdown("points_onward").note)


def _units(dispatch: Dispatch) -> Sheet:
    points = [(point.id, point.name) for point in dispatch.table.points]
    if any(unit.by_point[None] for unit in dispatch.units):
        points = [("", point_name(None, dispatch.table)), *points]
    rows = tuple(
        (
            unit.group.name,
            *_counts(unit.group),
            *(len(unit.by_point[point or None]) for point, _ in points),
            *(len(codes) for codes in (unit.started, unit.completed, unit.produced, unit.red, unit.yellow)),
        )
        for unit in dispatch.units
    )
    total: tuple[Cell, ...] = ("合计", *(_sum(column) for column in list(zip(*rows, strict=True))[1:]))
    done = ("本年开工（个）", "本年竣工（个）", "本年投产（个）", "红灯（个）", "黄灯（个）")
    header = ("辖市区", *_GROUPED, *(f"{name}（个）" for _, name in points), *done)
    return Sheet("辖市区", header, (*rows, total))


def _sum(column: Iterable[Cell]) -> Cell:
    """The sum of the known numbers of a column."""
    numbers = [cell for cell in column if not isinstance(cell, str)]
    return sum(numbers, start=Decimal(0)) if any(isinstance(n, Decimal) for n in numbers) else int(sum(numbers))


def _lit(dispatch: Dispatch) -> Sheet:
    table = dispatch.table
    rows = tuple(
        (
            COLOURS[light.colour],
            row.code,
            row.name,
            unit_name(row.district),
            point_name(row.point, table),
            table.roles[row.lead].name,
            light.reason,
            light.since.isoformat(),
        )
        for row, light in dispatch.lit
    )
    return Sheet("亮灯清单", ("灯", "编号", "项目", "辖市区", "跟踪点", "牵头单位", "原因", "亮灯日期"), rows)


def _targets(dispatch: Dispatch) -> Sheet:
    rows = tuple(
        (name, target.done, target.goal, share_text(target.done, target.goal), pace_text(target), sum(not row.counts for row in target.rows))
        for name, target in _both(dispatch)
    )  # fmt: skip
    return Sheet("年度目标", ("目标", "完成（个）", "全年目标（个）", "完成率", "序时（个）", "未计入（个）"), rows)


def pace_text(target: Target) -> str:
    """The pace of a target: 7.5."""
    return value_text(target.pace, Unit.DAYS)


def _target_rows(dispatch: Dispatch) -> Sheet:
    names = {row.code: row.name for row in dispatch.snapshot.rows}
    rows = tuple(
        (name, row.project, names[row.project], "是" if row.counts else "否", row.why)
        for name, target in _both(dispatch)
        for row in sorted(target.rows, key=lambda row: (not row.counts, row.project))
    )
    return Sheet("年度目标明细", ("目标", "编号", "项目", "计入", "说明"), rows)


def _both(dispatch: Dispatch) -> tuple[tuple[str, Target], ...]:
    return ("拿地即开工", dispatch.land_target), ("提前服务竣工项目", dispatch.service_target)


def _restatements(dispatch: Dispatch) -> Sheet:
    rows = tuple(
        (
            line.month,
            line.figure,
            line.was,
            line.now,
            line.difference,
            "、".join(line.projects),
            "、".join(line.causes) or "没有更正事件，事实补报或修改",
        )
        for line in dispatch.snapshot.restatements
    )
    header = ("月份", "指标", "原报", "现为", "增减", "项目", "更正事件")
    return Sheet("以前月份的更正", header, rows, "已封存的月报不改，差异列在这里")


def _behind(dispatch: Dispatch) -> Sheet:
    """Which projects each figure is made of, and which lack the fact."""
    names = {row.code: row.name for row in dispatch.snapshot.rows}
    found = []
    for block in (*dispatch.blocks, dispatch.tickets):
        for figure in block.figures:
            rest = [code for code in figure.base if code not in figure.projects]
            for said, codes in (("计入", figure.projects), ("在分母", rest), ("未知", figure.lacking)):
                found += [(block.name, figure.name, said, code, names[code]) for code in codes]
    for breakdown in dispatch.breakdowns:
        for group in breakdown.groups:
            for said, codes in (("计入", group.projects), ("投资待核实", group.lacking)):
                found += [(breakdown.title, group.name, said, code, names[code]) for code in codes]
    return Sheet("指标明细", ("块", "指标", "关系", "编号", "项目"), tuple(found))


def _projects(dispatch: Dispatch) -> Sheet:
    table = dispatch.table
    rows = tuple(
        (
            row.code,
            row.name,
            row.firm or NOTHING,
            unit_name(row.district),
            NOTHING if row.variant is None else table.variants[row.variant].name,
            row.industry or NOTHING,
            amount(row.investment_fen),
            point_name(row.point, table) + ("（仅见公开信息）" if row.observed_point is not None else ""),
            table.side_names[row.side],
            table.roles[row.lead].name,
            *(day.isoformat() if (day := row.reached.get(point.id)) else NOTHING for point in table.points),
            amount(row.money.month_fen),
            amount(row.money.year_fen),
            amount(row.money.plan_fen),
            "、".join(row.lacking),
        )
        for row in dispatch.snapshot.rows
    )
    days = tuple(f"{point.name}日期" for point in table.points)
    header = ("编号", "项目", "企业", "辖市区", "类型", "行业代码", "总投资（亿元）", "跟踪点", "状态", "牵头单位", *days,
              "本月完成投资（亿元）", "本年完成投资（亿元）", "年度计划投资（亿元）", "待补")  # fmt: skip
    return Sheet("项目清单", header, rows)
