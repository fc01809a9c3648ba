"""The report of a pipeline: how many at which step for how many days, by what is said of them, by quarter; with the items
themselves only for those who may see them. `report listing` is the one of the listing candidates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from policy_match.exchange.reports import FORMS, NONE, Plain, Report, write_report
from policy_match.exchange.tables import Grid
from policy_match.pipelines.counts import Quarter, StepCount, Sum
from policy_match.pipelines.kinds import Pipeline
from policy_match.pipelines.values import show_value
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.list_items import Listed, list_items, rows_of
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By

UNSAID = "未知"
_ALONE = "只看数：逐项由有权的单位看"
_HEADER = ("步骤", "件数", "超时", "已停留天数（中位）", "最久天数", "走过的件数", "走过的天数（中位）")


def report_items(
    archive: Archive, pipeline_id: str, by: By, as_of: date, *, year: int | None = None, form: str | None,
    out: Path | None,
) -> None:  # fmt: skip
    """Write it; NotFound PIPELINE_UNKNOWN, UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(items_report(archive, pipeline_id, by, as_of, year=year), form, out)


def items_report(archive: Archive, pipeline_id: str, by: By, as_of: date, *, year: int | None = None) -> Report:
    """The report of a day, as far as the reader sees the pipeline."""
    listed = list_items(archive, pipeline_id, by, as_of, year=year)
    pipeline, counts = listed.pipeline, listed.counts
    alone = () if listed.shows_items else (("范围", _ALONE),)
    return Report(
        id=pipeline.id,
        title=pipeline.name,
        as_of=as_of,
        grids=(Grid("各步骤", _HEADER, tuple(_cells(one, pipeline) for one in counts.steps)), *_more(listed)),
        content=_content(listed, by.library),
        notes=(
            ("项目库", shown_library(by.library)),
            *alone,
            ("合计", counts_text(listed)),
            ("口径", pipeline.reading),
        ),
    )


def counts_text(listed: Listed) -> str:
    """The counts in a line."""
    counts = listed.counts
    parts = [f"{counts.items}件", f"办理中{counts.open}件"]
    parts += [f"超时{counts.overdue}件"] if counts.overdue else []
    parts += [f"已过期{counts.expired}件"] if counts.expired else []
    return "，".join(parts)


def quarter_text(one: Quarter) -> str:
    """How often, or that there was none."""
    if one.is_lacking:
        return "缺" if one.is_over else "本季尚无"
    return f"{one.times}次"


def _more(listed: Listed) -> Iterable[Grid]:
    pipeline, counts = listed.pipeline, listed.counts
    for name, found in counts.by.items():
        cells = tuple((value or UNSAID, str(times)) for value, times in found.items())
        yield Grid(f"按{pipeline.field(name).name}", (pipeline.field(name).name, "件数"), cells)
    if counts.sums:
        sums = tuple(_sum_cells(one, pipeline, name) for name, one in counts.sums.items())
        yield Grid("合计", ("项", "合计（已知）", "没有写的件数"), sums)
    if listed.quarters:
        held = tuple((f"{one.year}年第{one.quarter}季度", quarter_text(one)) for one in listed.quarters)
        yield Grid("各季度", ("季度", "次数"), held)
    if listed.shows_items:
        lines = rows_of(listed, listed.lines)
        every = tuple(tuple(_text(row[key]) for key in lines.header) for row in lines.rows)
        yield Grid("逐项", tuple(lines.header.values()), every)


def _sum_cells(one: Sum, pipeline: Pipeline, name: str) -> tuple[str, ...]:
    field = pipeline.field(name)
    return field.name, UNSAID if one.total is None else show_value(field, str(one.total)), str(one.unknown)


def _cells(one: StepCount, pipeline: Pipeline) -> tuple[str, ...]:
    days = (one.median_days, one.longest_days)
    return (
        pipeline.step(one.step).name, str(one.items), str(one.overdue), *(map(_days, days)), str(one.left),
        _days(one.left_median),
    )  # fmt: skip


def _days(days: float | None) -> str:
    return NONE if days is None else f"{days:g}"


def _text(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _content(listed: Listed, library: str) -> Mapping[str, Plain]:
    pipeline, counts = listed.pipeline, listed.counts
    content: dict[str, Plain] = {
        "library": library,
        "pipeline": pipeline.id,
        "items": counts.items,
        "open": counts.open,
        "overdue": counts.overdue,
        "expired": counts.expired,
        "steps": [
            {"step": one.step, "name": pipeline.step(one.step).name, "items": one.items, "overdue": one.overdue,
             "median_days": one.median_days, "longest_days": one.longest_days, "left": one.left,
             "left_median_days": one.left_median}
            for one in counts.steps
        ],
        "by": {name: {value or "unknown": times for value, times in found.items()} for name, found in counts.by.items()},
        "sums": {name: {"total": one.total, "unknown": one.unknown} for name, one in counts.sums.items()},
        "quarters": [
            {"year": one.year, "quarter": one.quarter, "times": one.times, "lacking": one.is_lacking, "over": one.is_over}
            for one in listed.quarters
        ],
    }  # fmt: skip
    if listed.shows_items:
        content["rows"] = [dict(row) for row in rows_of(listed, listed.lines).rows]  # type: ignore[arg-type]
    return content
