"""Tables out: CSV that Excel opens, XLSX and Parquet. A file appears whole or not at all."""

from __future__ import annotations

import csv
import errno
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from policy_match.errors import Issue, UsageError

WIDE, NARROW = 60, 8
MAX_CELL = 32_000
_A4 = 9
_CREATED = datetime(2000, 1, 1)  # fixed, so that the same tables give the same bytes
_WHY_NOT = {
    errno.ENOENT: "没有这个文件夹或文件", errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.EROFS: "磁盘是只读的",
    errno.EISDIR: "是文件夹", errno.ENOTDIR: "路径中有一段不是文件夹", errno.ENOSPC: "磁盘已满", errno.ENAMETOOLONG: "文件名太长",
}  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place to write that becomes `path` when the block ends well; UsageError if nothing can be written there.

    Something that is there and is no file (a pipe, a device) is written directly.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        yield path
        return
    partial = path.with_name(path.name + ".part")
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "是文件夹")
        yield partial
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True) if partial.parent.is_dir() else None
        hint = "先建好文件夹" if not path.parent.is_dir() else "检查权限和磁盘空间，关闭正在打开它的程序"
        raise UsageError(Issue("FILE_WRITE", f"写不了文件（{why_not(error)}）", str(path), "", hint)) from None
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def why_not(error: OSError) -> str:
    """Why a file cannot be read or written, in Chinese; what the system says where it is none of the usual reasons."""
    return _WHY_NOT.get(error.errno or 0) or str(error.strerror or error)


def write_csv(path: Path | None, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a CSV (UTF-8 with BOM to a file); returns the text if no path is given."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    if path is not None:
        with whole(path) as place:
            place.write_text(target.getvalue(), encoding="utf-8-sig", newline="")
    return target.getvalue()


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet will not take for a formula; a negative number stays one."""
    if not cell.startswith(_FORMULA) or re.fullmatch(r"-[\d,]+(\.\d+)?", cell):
        return cell
    return "'" + cell


@dataclass(frozen=True, slots=True)
class Grid:
    """A titled table of text cells; `note` stands above it and may be empty."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def write_xlsx(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], *, title: str, note: str = "") -> None:
    """Write one sheet with a frozen header and filters; every cell is text. `note` stands in the first line."""
    write_workbook(path, [Grid(title, tuple(header), tuple(tuple(row) for row in rows), note)])


def write_workbook(path: Path, grids: Iterable[Grid]) -> None:
    """Write a sheet per grid, each with a frozen header and filters, to be printed on A4; every cell is text."""
    import xlsxwriter  # costs a tenth of a second that only exports should pay

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"created": _CREATED})
        head = book.add_format({"bold": True, "bg_color": "#E8EEF6", "border": 1, "text_wrap": True, "num_format": "@"})
        plain = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for grid in grids:
            sheet = book.add_worksheet(grid.title[:31])
            top = 1 if grid.note else 0
            if grid.note:
                sheet.write_string(0, 0, grid.note)
            for column, name in enumerate(grid.header):
                sheet.write_string(top, column, name, head)
                sheet.set_column(column, column, column_width([name, *(row[column] for row in grid.rows)]))
            for number, row in enumerate(grid.rows, start=top + 1):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell[:MAX_CELL], plain)
            sheet.freeze_panes(top + 1, 2)
            sheet.autofilter(top, 0, top + len(grid.rows), len(grid.header) - 1)
            sheet.set_paper(_A4)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(top)
    with whole(path) as place:
        place.write_bytes(content.getvalue())


def column_width(cells: Iterable[str]) -> int:
    """Column width in characters of the longest line, a Chinese one counting double; between NARROW and WIDE."""
    lines = (line[:WIDE] for cell in cells for line in cell.split("\n"))
    longest = max((sum(1 if letter.isascii() else 2 for letter in line) for line in lines), default=0)
    return max(NARROW, min(WIDE, longest + 2))


def write_parquet(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write text columns to Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    every = list(rows)
    columns = {name: pa.array([row[i] for row in every], pa.string()) for i, name in enumerate(header)}
    with whole(path) as place:
        pq.write_table(pa.table(columns), place)
