"""An evaluation as a report: the ranking by group, each project line by line, what is missing, and who can give it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from policy_match.exchange.reports import FORMS, NONE, Plain, Report, write_report
from policy_match.exchange.tables import Grid
from policy_match.schemes.figures import CITY, Given, Line
from policy_match.schemes.grading import Place
from policy_match.schemes.scheme import Input
from policy_match.schemes.wording import rounded, sum_text, two
from policy_match.schemes.yearly import Row, Standing, parts_of
from policy_match.workflows.choose_district import district_name
from policy_match.workflows.evaluate_year import Evaluated
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.match_file import chosen_form

STANDINGS = {Standing.GRADED: "已定级", Standing.NOT_GRADED: "不定级（T）", Standing.OUT: "不在评价范围"}
UNKNOWN = "未知"
_RANKED = ("组", "名次", "编号", "项目", "企业", "辖市区", "得分", "等级", "算式")
_LINES = ("编号", "项目", "指标", "数值", "单位", "基准", "基准来源", "占比", "权重", "得分", "缺什么")
_TAKEN = ("编号", "项目", "取数", "数", "来源", "日期", "说明")

Shows: TypeAlias = Callable[[Input, Given], str]


@dataclass(frozen=True, slots=True)
class SeenRun:
    """An evaluation as somebody sees it: the rows, and how the figures that were read are shown."""

    evaluated: Evaluated
    rows: tuple[Row, ...]
    shows: Shows


def whole_run(evaluated: Evaluated) -> SeenRun:
    """All of it, with every figure."""
    return SeenRun(evaluated, evaluated.results.rows, lambda _, given: given.shown or UNKNOWN)


def write_evaluation(seen: SeenRun, form: str | None, out: Path | None) -> None:
    """Write it; UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(evaluation_report(seen), form, out)


def evaluation_report(seen: SeenRun) -> Report:
    """The report of what somebody sees of an evaluation."""
    found = seen.evaluated
    ranked = ranking(seen.rows)
    not_graded = [row for row in seen.rows if row.standing is Standing.NOT_GRADED]
    out = [row for row in seen.rows if row.standing is Standing.OUT]
    read = [row for row in seen.rows if row.standing is not Standing.OUT]
    reasons = tuple((*_named(row), district_name(row.district), "；".join(row.reasons)) for row in (*not_graded, *out))
    return Report(
        id="evaluate",
        title=f"{found.year}年{found.scheme.name}",
        as_of=found.as_of,
        grids=(
            Grid("排名", _RANKED, tuple(_ranked_cells(row) for row in ranked)),
            Grid("逐项计算", _LINES, tuple(cells for row in seen.rows for cells in _line_cells(row))),
            Grid("取数", _TAKEN, tuple(cells for row in read for cells in taken_cells(seen, row))),
            Grid("不定级和范围外", ("编号", "项目", "辖市区", "原因"), reasons),
        ),
        content={**run_plain(found), "rows": [row_plain(row) for row in seen.rows]},
        notes=_notes(seen),
    )


def _notes(seen: SeenRun) -> tuple[tuple[str, str], ...]:
    found, terms = seen.evaluated, seen.evaluated.scheme.year_terms
    bands = "，".join(
        f"{band.grade} 到前{rounded(band.up_to * 100, 1).removesuffix('.0')}%" for band in terms.grading.bands
    )
    least, absent = terms.grading.least, terms.grading.not_in_small
    return (
        ("项目库", shown_library(found.library)),
        ("方案", f"{found.scheme.name}第{found.scheme.version}版"),
        ("编号", "未封存，只供查看" if found.number is None else f"{found.number}，{found.content_hash}"),
        ("定级", f"{bands}；同分取好的一级；组内不足{least}个的按全市名次，不定{absent}"),
        ("加减分", "；".join(f"{one.name} {two(one.points)}" for one in terms.adjustments) or "无"),
        ("说明", "缺一项取数就不定级，不按零算；权重、基准等是本系统默认值的，见方案文件各处的 source"),
    )


def ranking(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The graded rows by group, rank and code; the city's group last."""
    placed = [(row.place, row) for row in rows if row.place is not None]
    return tuple(row for _, row in sorted(placed, key=lambda pair: _order(*pair)))


def _order(place: Place, row: Row) -> tuple[bool, str, int, str]:
    return (place.group == CITY, place.group, place.rank, row.code)


def group_name(group: str) -> str:
    """The name of a group of the ranking."""
    return "全市（本辖市区数量少）" if group == CITY else district_name(group)


def sum_of(row: Row) -> str:
    """How a score comes about; — without one."""
    return NONE if row.score is None else sum_text(parts_of(row), row.score)


def _named(row: Row) -> tuple[str, str]:
    return row.code, row.name


def _ranked_cells(row: Row) -> tuple[str, ...]:
    place = row.place
    group, rank, grade = (NONE, NONE, NONE) if place is None else (group_name(place.group), f"{place.rank}/{place.size}", place.grade)  # fmt: skip
    score = NONE if row.score is None else two(row.score)
    return (group, rank, *_named(row), row.firm or NONE, district_name(row.district), score, grade, sum_of(row))


def _line_cells(row: Row) -> Iterator[tuple[str, ...]]:
    for line in row.lines:
        yield (*_named(row), *line_cells(line))
    for one in row.adjusted:
        points = "未知，不加不减" if one.points is None else two(one.points)
        yield (*_named(row), one.name, NONE, "加减分", NONE, NONE, NONE, NONE, points, NONE)


def line_cells(line: Line) -> tuple[str, ...]:
    """Index, value, unit, benchmark and where it comes from, share, weight, points, what is missing."""
    lacks = "；".join(f"{lack.name}：{lack.why}，可由{lack.who}提供" for lack in line.lacks)
    return (
        line.name, figure(line.value), line.unit, figure(line.benchmark), line.basis or NONE, figure(line.share),
        two(line.weight), figure(line.points), lacks or NONE,
    )  # fmt: skip


def figure(value: Fraction | None) -> str:
    """Two decimals; 未知 for what is not known."""
    return UNKNOWN if value is None else two(value)


def taken_cells(seen: SeenRun, row: Row) -> Iterator[tuple[str, ...]]:
    """What was read of a project, as it may be seen."""
    project = seen.evaluated.project(row.code)
    for asked in seen.evaluated.scheme.inputs.values():
        given = project.inputs[asked.id]
        text = seen.shows(asked, given)
        # What was collected before stands in the note; whoever does not see the figure does not see that either.
        note = given.note if text == (given.shown or UNKNOWN) else ""
        yield (*_named(row), asked.name, text, given.source or NONE, str(given.seen_on or NONE), note or NONE)


def run_plain(found: Evaluated) -> dict[str, Plain]:
    """What a run is, as data."""
    return {
        "library": found.library, "year": found.year, "run": found.number, "hash": found.content_hash,
        "scheme": {"id": found.scheme.id, "version": found.scheme.version, "name": found.scheme.name},
    }  # fmt: skip


def row_plain(row: Row) -> Plain:
    """One project, as data; exact figures beside those that are shown."""
    place = row.place
    return {
        "code": row.code, "name": row.name, "enterprise": row.firm, "district": row.district,
        "standing": row.standing.value, "grade": row.grade, "reasons": [*row.reasons], "open": [*row.open],
        "score": None if row.score is None else two(row.score), "exact": _exact(row.score),
        "sum": None if row.score is None else sum_of(row),
        "group": None if place is None else place.group, "rank": None if place is None else place.rank,
        "of": None if place is None else place.size,
        "lines": [_line_plain(line) for line in row.lines],
        "adjustments": [{"id": one.id, "name": one.name, "points": _exact(one.points)} for one in row.adjusted],
        "missing": [{"input": lack.input, "name": lack.name, "why": lack.why, "who": lack.who} for lack in row.lacks],
    }  # fmt: skip


def _line_plain(line: Line) -> Plain:
    return {
        "index": line.index, "name": line.name, "unit": line.unit, "weight": _exact(line.weight),
        "value": _exact(line.value), "benchmark": _exact(line.benchmark), "share": _exact(line.share),
        "points": _exact(line.points), "shown": figure(line.points),
    }  # fmt: skip


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
