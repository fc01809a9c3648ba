"""Rows of cells from CSV, XLSX and Parquet files, as they are written there.

What a spreadsheet shows is what is read: numbers to fifteen digits, dates as days,
the first visible sheet. A line that is no CSV is a refused row, not the end of the file.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from policy_match.errors import Issue, UsageError
from policy_match.exchange.decode import decoded, kind_of, refuse_kind
from policy_match.exchange.refusals import RowError
from policy_match.exchange.tables import why_not

Row: TypeAlias = "Sequence[object] | RowError"
MAX_UNPACKED = 2 * 1024**3
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Grid:
    """The header and the numbered rows under it (the header is row 1).

    `rounded`: numbers come from a spreadsheet, which keeps fifteen digits. `even`: every row must be as long as the header.
    `encoding`: of a text file. `merged`: first and last row, first and last column of merged cells, rows counted from 1,
    columns from 0.
    """

    header: Sequence[object]
    rows: Iterator[tuple[int, Row]]
    notes: tuple[str, ...] = ()
    rounded: bool = False
    even: bool = False
    encoding: str | None = None
    merged: tuple[tuple[int, int, int, int], ...] = ()


def opened(path: Path, readers: Mapping[str, Callable[[Path], Read]]) -> Read:
    """What the reader of its ending makes of a file; UsageError if it is missing, empty, locked or of another kind."""
    if not path.is_file():
        what = "是文件夹，不是文件" if path.is_dir() else "没有这个文件"
        raise UsageError(Issue("FILE_MISSING", what, str(path), "、".join(readers), "检查路径"))
    reader = readers.get(path.suffix.lower())
    if reader is None:
        what = f"不认识的文件类型“{path.suffix}”"
        raise UsageError(Issue("FILE_KIND", what, str(path), "、".join(readers), "另存为其中一种"))
    try:
        if path.stat().st_size == 0:
            raise _empty(path)
        return reader(path)
    except OSError as error:
        raise UsageError(Issue("FILE_READ", f"读不了文件（{why_not(error)}）", str(path), "", "检查权限")) from None


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
    return Grid(header, rows, tuple(notes), even=True, encoding=encoding)


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


def read_xlsx(path: Path, sheet: str | None = None) -> Grid:
    """The visible sheet of that name, else the first visible one; UsageError for a file that is no workbook, is locked, or unpacks to more than 2 GiB."""
    with path.open("rb") as start:
        raw = start.read(64)
    try:
        with zipfile.ZipFile(path) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                raise UsageError(Issue("FILE_TOO_LARGE", "解压后超过 2 GB", str(path), "", "拆分为多个文件"))
        book = CalamineWorkbook.from_path(str(path))
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
        name = sheet if sheet in shown else shown[0]
        chosen = book.get_sheet_by_name(name)
        cells = chosen.to_python(skip_empty_area=False)
    except (CalamineError, OSError, zipfile.BadZipFile, IndexError):
        raise refuse_kind(raw, path, ".xlsx") from None
    if not cells:
        raise _empty(path)
    notes = (f"只读取第一张工作表“{name}”，共 {len(shown)} 张",) if len(shown) > 1 and name != sheet else ()
    merged = tuple(
        (top + 1, bottom + 1, left, right) for (top, left), (bottom, right) in chosen.merged_cell_ranges or ()
    )
    return Grid(cells[0], iter(enumerate(cells[1:], start=2)), notes, rounded=True, merged=merged)


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
