"""A report on the screen and in files: the same head and tables as text, JSON, CSV or XLSX.

The head names the report, the day and the number of rows. A file appears whole or not at all, and the same content gives
the same bytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import orjson

from policy_match.exchange.screen import write_lines
from policy_match.exchange.tables import Grid, write_csv, write_workbook

FORMS = ("table", "json", "csv", "xlsx")
NONE = "—"
Plain: TypeAlias = "str | int | float | date | list[Plain] | dict[str, Plain] | None"
_CELL = 44


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a day. `grids`: the first one holds the rows that are counted; `notes`: more lines of the head, name
    and text; `content`: the same as data, under the keys of the JSON object."""

    id: str
    title: str
    as_of: date
    grids: tuple[Grid, ...]
    content: Mapping[str, Plain]
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def head(self) -> tuple[tuple[str, str], ...]:
        """The lines above the tables, name and text."""
        return self.head_of(self.grids[0])

    def head_of(self, grid: Grid) -> tuple[tuple[str, str], ...]:
        """The same lines above one table alone, with the number of its rows."""
        named = f"{self.id} {self.title}"
        return (("报表", named), ("截至", self.as_of.isoformat()), ("行数", str(len(grid.rows))), *self.notes)


def percent(ratio: Fraction) -> str:
    """A ratio in per cent with two decimals, half up: 1/15 is 6.67%."""
    hundredths = int(ratio * 10_000 + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def share_text(part: int, whole: int) -> str:
    """A share with its denominator: 2/30（6.67%）; — of nothing."""
    return f"{part}/{whole}（{percent(Fraction(part, whole))}）" if whole else NONE


def write_report(report: Report, form: str, out: Path | None) -> None:
    """Write it in one of FORMS to a file, or to the screen without one; XLSX needs a file."""
    if form == "json":
        write_lines([_json(report)], out)
    elif form == "table":
        write_lines((f"{line}\n".encode() for line in _screen(report)), out)
    elif form == "csv":
        _write_csv(report, out)
    elif out is not None:
        write_workbook(out, [replace(grid, note=_note(report, grid)) for grid in report.grids])


def _note(report: Report, grid: Grid) -> str:
    return "；".join(f"{name}：{text}" for name, text in report.head_of(grid))


def report_data(report: Report) -> dict[str, Plain]:
    """The report as one JSON object."""
    head: dict[str, Plain] = {
        "report": report.id,
        "as_of": report.as_of.isoformat(),
        "count": len(report.grids[0].rows),
    }
    return {**head, **report.content}


def _json(report: Report) -> bytes:
    return orjson.dumps(report_data(report)) + b"\n"


def _write_csv(report: Report, out: Path | None) -> None:
    head, *more = report.head
    rows: list[Sequence[str]] = [*more]
    for grid in report.grids:
        rows += [(), (grid.title,), grid.header, *grid.rows]
    text = write_csv(out, head, rows)
    if out is None:
        write_lines([text.encode()], None)


def _screen(report: Report) -> Iterator[str]:
    for name, text in report.head:
        yield f"{name}：{text}"
    for grid in report.grids:
        yield ""
        yield f"【{grid.title}】"
        widths = [_column(cells) for cells in zip(grid.header, *grid.rows, strict=True)]
        for row in (grid.header, *grid.rows):
            yield "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _column(cells: Iterable[str]) -> int:
    return min(_CELL, max(map(_width, cells)))


def _width(text: str) -> int:
    """Columns that a text takes on a terminal; a Chinese letter takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    line = text.replace("\n", "；")
    return line + " " * max(0, width - _width(line))
