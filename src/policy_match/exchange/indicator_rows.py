"""Monthly figures from CSV or XLSX: one row per project and month, a column per indicator with its unit in the header.

An empty cell was not told and is no 0. Of a row with a wrong cell nothing is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policy_match.dates import parse_date
from policy_match.errors import FactError, Issue
from policy_match.exchange.named_columns import Cells, Columns, ReadRows, read_named, text_up_to
from policy_match.series.indicator import Indicator
from policy_match.series.months import last_day, month_text, number_of
from policy_match.series.reading import HEADERS, read_figure

_WORDS = {"是": True, "更正": True, "否": False}
_NOTE = 200


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One row: the project as it is written, the number of the month, the figures told by code, in smallest units."""

    project: str
    month: int
    figures: Mapping[str, int]
    is_correction: bool
    note: str


def read_indicators(path: Path, codes: Mapping[str, Indicator], today: date) -> ReadRows[ToldRow]:
    """Read a file; a month that is not over is refused, and a month of a project that stands there twice.

    UsageError for a file or header that cannot be understood.
    """
    seen: set[tuple[str, int]] = set()

    def make(cells: Cells) -> ToldRow | None:
        row = _row(cells, codes, today)
        if row is not None and (row.project, row.month) in seen:
            cells.refuse("month", Issue("ROW_TWICE", "这个项目这个月有两行", "", "一个项目一个月一行", "删去一行"))
        elif row is not None:
            seen.add((row.project, row.month))
        return row

    return read_named(path, columns_of(codes), make)


def columns_of(codes: Mapping[str, Indicator]) -> Columns:
    """The columns that a file may have."""
    names: dict[str, tuple[str, ...]] = {
        "project": ("项目编号", "项目代码", "项目"),
        "month": ("月份", "统计月份", "报告月份"),
        "correction": ("更正",),
        "note": ("说明",),
    }
    names |= {f"={one.id}": (one.title, *one.also) for one in codes.values()}
    return Columns(names, ("project", "month"), units={f"={one.id}": HEADERS[one.unit] for one in codes.values()})


def _row(cells: Cells, codes: Mapping[str, Indicator], today: date) -> ToldRow | None:
    project = cells.read("project", text_up_to(60))
    month = cells.read("month", lambda text: _month(text, today))
    is_correction = cells.read_if_said("correction", _yes) or False
    note = cells.read_if_said("note", text_up_to(_NOTE)) or ""
    figures: dict[str, int] = {}
    for one in codes.values():
        unit = cells.unit(f"={one.id}")
        value = cells.read_if_said(f"={one.id}", lambda text, one=one, unit=unit: read_figure(text, one.unit, unit))  # type: ignore[misc]
        if value is not None:
            figures[one.id] = value
    if not figures and not cells.faults:
        cells.refuse("month", Issue("CELL_EMPTY", "这一行没有任何指标", "", "至少一项指标", "补上，或删去这一行"))
    return None if project is None or month is None else ToldRow(project, month, figures, is_correction, note)


def _month(text: str, today: date) -> int:
    """The number of a month that is over; its first day stands for it, as a spreadsheet makes of 2025-03. FactError otherwise."""
    band = parse_date(text)
    low, high = (date.fromordinal(int(end or 0)) for end in (band.low, band.high))
    number = number_of(low)
    if low.day != 1 or high not in (low, last_day(number)):
        raise FactError(Issue("MONTH_FORM", f"“{text[:20]}”不是月份", "", "年-月，如 2025-03", "改正月份"))
    if last_day(number) > today:
        what = f"{month_text(number)} 还没有结束"
        raise FactError(Issue("MONTH_OPEN", what, "", f"{month_text(number_of(today) - 1)} 以前", "月底以后再报"))
    return number


def _yes(text: str) -> bool:
    if text not in _WORDS:
        raise FactError(Issue("FLAG_FORMAT", f"“{text[:20]}”看不出是不是更正", "", "是、否，或留空", "改正"))
    return _WORDS[text]
