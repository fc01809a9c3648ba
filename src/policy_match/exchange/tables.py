"""Tables out: CSV that Excel opens, XLSX, Parquet and plain text for the terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

WIDE = 60


def write_csv(path: Path | None, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a CSV (UTF-8 with BOM to a file); returns the text if no path is given."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    if path is not None:
        path.write_text(target.getvalue(), encoding="utf-8-sig", newline="")
    return target.getvalue()


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return "'" + cell if cell[:1] in ("=", "+", "@", "\t") else cell


def write_xlsx(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], *, title: str, note: str = "") -> None:
    """Write one sheet with a frozen header and filters; every cell is text. `note` stands in the first line."""
    with xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": False}
    ) as book:
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF6", "border": 1, "text_wrap": True})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        top = 0
        if note:
            sheet.write_string(0, 0, note)
            top = 1
        every = [list(row) for row in rows]
        for column, name in enumerate(header):
            sheet.write_string(top, column, name, bold)
            longest = max((len(line) for row in every for line in row[column].split("\n")), default=0)
            sheet.set_column(column, column, min(WIDE, max(8, 2 * min(longest, WIDE) // 1)))
        for number, row in enumerate(every, start=top + 1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell[:32_000], plain)
        sheet.freeze_panes(top + 1, 2)
        sheet.autofilter(top, 0, top + len(every), len(header) - 1)


def write_parquet(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write text columns to Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    every = list(rows)
    pq.write_table(
        pa.table({name: pa.array([row[i] for row in every], pa.string()) for i, name in enumerate(header)}), path
    )
