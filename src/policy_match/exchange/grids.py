"""Rows of cells from CSV, XLSX and Parquet files, as they are written there.

What a spreadsheet shows is what is read: numbers to fifteen digits, dates as days,
the first visible sheet. A line that is no CSV is a refused row, not the end of the file.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from policy_match.errors import Issue, UsageError
from policy_match.exchange.decode import decoded, kind_of, refuse_kind
from policy_match.exchange.refusals import RowError

Row: TypeAlias = "Sequence[object] | RowError"
MAX_UNPACKED = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Grid:
    """The header and the numbered rows under it (the header is row 1).

    `rounded`: numbers come from a spreadsheet, which keeps fifteen digits. `even`: every row must be as long as the header.
    """

    header: Sequence[object]
    rows: Iterator[tuple[int, Row]]
    notes: tuple[str, ...] = ()
    rounded: bool = False
    even: bool = False


def _empty(path: Path) -> UsageError:
    return UsageError(Issue("FILE_EMPTY", "文件是空的", str(path), "", "检查是否导出成功"))


def read_csv(path: Path) -> Grid:
    """A CSV with comma, semicolon or tab (as its first line shows); UsageError if it is no text or empty."""
    raw = path.read_bytes()
    if kind_of(raw):
        raise refuse_kind(raw, path, ".csv")
    text, encoding = decoded(raw, path)
    if not text.strip():
        raise _empty(path)
    first = text[: text.find("\n")] if "\n" in text else text
    mark = max((",", ";", "\t"), key=first.count)
    notes = [] if encoding == "utf-8" else [f"按 {encoding} 编码读取"]
    if mark != ",":
        notes.append(f"以{'分号' if mark == ';' else '制表符'}分列")
    csv.field_size_limit(2**31 - 1)
    rows = _csv_rows(text, mark)
    header = next(rows)[1]
    if isinstance(header, RowError):
        raise UsageError(Issue("CSV", "表头读不出来", f"{path}:1", "成对的引号", "检查第一行"))
    return Grid(header, rows, tuple(notes), even=True)


def _csv_rows(text: str, mark: str) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:
            issue = Issue(
                "CSV",
                "引号不成对，或引号外还有文字",
                "",
                "含逗号、引号、换行的单元格整体加引号",
                "检查这一行及其后的引号",
            )
            yield number, RowError("", "", issue)


def read_xlsx(path: Path) -> Grid:
    """The first visible sheet; UsageError for a file that is no workbook, is locked, or unpacks to more than 2 GiB."""
    with path.open("rb") as start:
        raw = start.read(64)
    try:
        with zipfile.ZipFile(path) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                raise UsageError(Issue("FILE_TOO_LARGE", "解压后超过 2 GB", str(path), "", "拆分为多个文件"))
        book = CalamineWorkbook.from_path(str(path))
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
        cells = book.get_sheet_by_name(shown[0]).to_python(skip_empty_area=False)
    except (CalamineError, OSError, zipfile.BadZipFile, IndexError):
        raise refuse_kind(raw, path, ".xlsx") from None
    if not cells:
        raise _empty(path)
    notes = (f"只读取第一张工作表“{shown[0]}”，共 {len(shown)} 张",) if len(shown) > 1 else ()
    return Grid(cells[0], iter(enumerate(cells[1:], start=2)), notes, rounded=True)


def read_parquet(path: Path) -> Grid:
    """A Parquet file with a column per fact; UsageError if it is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with path.open("rb") as start:
        raw = start.read(64)
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError):
        raise refuse_kind(raw, path, ".parquet") from None
    columns = [column.to_pylist() for column in table.columns]
    rows = enumerate(zip(*columns, strict=True), start=2)
    return Grid(list(table.column_names), iter(rows))
