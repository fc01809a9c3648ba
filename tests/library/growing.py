"""Monthly figures of the invented projects: files of them, taken in and read back in the shortest form that tests can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from reporting import view
from rows import LIBRARY, at

from policy_match.exchange.reports import Report
from policy_match.workflows.import_indicators import TakenFigures, import_indicators
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_growth_tickets import OpenedTicket, open_growth_tickets
from policy_match.workflows.report_growth import growth_report
from policy_match.workflows.write_entry import By

HEADER = {
    "code": "项目编号", "month": "月份", "orders": "订单（万元）", "use": "产能利用率（%）", "sales": "开票销售（万元）",
    "output": "产值（万元）", "tax": "税收（万元）", "profit": "利润（万元）", "power": "用电（万千瓦时）",
    "plan": "计划产值（万元）", "correction": "更正", "note": "说明",
}  # fmt: skip
Row = Mapping[str, object]


def figures(path: Path, rows: Sequence[Row]) -> Path:
    """A file with a row for each project and month; what a row does not say is an empty cell."""
    names = [name for name in HEADER if any(name in row for row in rows)]
    lines = [[HEADER[name] for name in names], *([str(row.get(name, "")) for name in names] for row in rows)]
    path.write_text("\n".join(",".join(line) for line in lines), "utf-8")
    return path


def told(
    archive: Archive, path: Path, rows: Sequence[Row], *, when: str, source: str = "ENT", by: str = "importer"
) -> TakenFigures:
    """The file taken in on a day."""
    return import_indicators(archive, figures(path, rows), source, By(LIBRARY, by, at(when)))


def grown(archive: Archive, as_of: str) -> Report:
    """The report of the growth library on a day."""
    return growth_report(archive, LIBRARY, view(as_of), None)


def members(report: Report) -> dict[str, dict[str, object]]:
    """Its projects by code."""
    return {str(row["code"]): row for row in cast(list[dict[str, object]], report.content["rows"])}


def findings(row: Row) -> dict[str, dict[str, object]]:
    """The findings of a project by detector."""
    return {str(one["detector"]): one for one in cast(list[dict[str, object]], row["findings"])}


def opened(archive: Archive, when: str, by: str = "industry") -> list[OpenedTicket]:
    """The tickets that are called for on a day, opened."""
    return open_growth_tickets(archive, view(when), None, By(LIBRARY, by, at(when)))
