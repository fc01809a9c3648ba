"""The workbook that a district fills in: columns as its register names them, choices to pick from, what is known filled in.

It reads back through `registers.py` unchanged. The numbers by which a project is known are locked where they are
filled in; the protection has no password, it only keeps a slip of the hand away.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from policy_match.exchange.register_file import DATED, Column, Part, Register
from policy_match.exchange.tables import MAX_CELL, whole
from policy_match.facts.vocabulary import FactType
from policy_match.identifiers import DISTRICTS, region_name

MORE_ROWS = 500
_NARROWEST, _WIDEST, _LONGEST_LIST = 12, 40, 255
_GUIDE = "填写说明"
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_ALLOWED = {"format_columns": True, "format_rows": True, "insert_rows": True, "sort": True, "autofilter": True}
_TYPES = {
    FactType.MONEY: "数字，不写“约”和区间",
    FactType.AREA: "数字",
    FactType.COUNT: "整数",
    FactType.FLAG: "是、否",
    FactType.REGION: "名称或代码",
    FactType.INDUSTRY: "代码或名称",
    FactType.TEXT: "文字",
}


def write_template(
    path: Path, register: Register, rows: Sequence[Mapping[str, str]], *, months: Sequence[str] = ()
) -> None:
    """Write the workbook. `rows`: text by column name, KeyError for a name that is no column; `months`: those that may
    be chosen in the month column, any if empty. UsageError if nothing can be written there."""
    columns = [column for column in register.columns.values() if column.part is not Part.LEFT_OUT]
    places = {column.name: place for place, column in enumerate(columns)}
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, _OPTIONS) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EEF6", "border": 1, "text_wrap": True, "num_format": "@"})
        open_cell = book.add_format({"locked": False, "num_format": "@"})
        locked_cell = book.add_format({"locked": True, "num_format": "@", "bg_color": "#F2F2F2"})
        sheet = book.add_worksheet(register.name)
        for place, column in enumerate(columns):
            cells = [row.get(column.name, "") for row in rows]
            sheet.set_column(place, place, _width([column.header, *cells]), open_cell)
            sheet.write_string(0, place, column.header, head)
            _choose(sheet, place, choices(column, months), len(rows) + MORE_ROWS)
        for number, row in enumerate(rows, start=1):
            for name, text in row.items():
                _write(sheet, number, places[name], text, locked_cell if register.columns[name].locked else open_cell)
        _finish(sheet, len(rows), len(columns))
        _guide(book.add_worksheet(_GUIDE), columns, months, head)
    with whole(path) as place_of_file:
        place_of_file.write_bytes(content.getvalue())


def choices(column: Column, months: Sequence[str]) -> tuple[str, ...]:
    """The closed list of a column; empty where anything may be written."""
    if column.part is Part.MONTH:
        return tuple(months)
    if column.part is not Part.FACT or column.spec is None:
        return ()
    if column.spec.type is FactType.CHOICE:
        return column.spec.options
    if column.spec.type is FactType.FLAG:
        return ("是", "否")
    return tuple(region_name(code) for code in DISTRICTS) if column.spec.type is FactType.REGION else ()


def how(column: Column, months: Sequence[str]) -> str:
    """How a cell of a column is written, in words."""
    if listed := choices(column, months):
        return "、".join(listed)
    if column.part is Part.MONTH:
        return "年-月，如 2025-03"
    if column.part is Part.PLANNED:
        return "年-月-日，或年-月"
    if column.part in DATED:
        return "年-月-日，如 2025-03-15，不晚于填报当天"
    if column.part is Part.EVIDENCE:
        return "编号，多个用分号隔开"
    if column.spec is None:
        return "文字"
    if column.spec.type is FactType.SET:
        return "；".join(filter(None, ["多项用分号隔开", "、".join(column.spec.options)]))
    return _TYPES.get(column.spec.type, "文字")


def _write(sheet: Worksheet, row: int, place: int, text: str, style: Format) -> None:
    if text:
        sheet.write_string(row, place, text[:MAX_CELL], style)


def _choose(sheet: Worksheet, place: int, listed: Sequence[str], last: int) -> None:
    if not listed or len(",".join(listed)) > _LONGEST_LIST:
        return
    rule = {"validate": "list", "source": list(listed), "error_title": "不在列表中", "error_message": "请从列表中选择"}
    sheet.data_validation(1, place, last, place, rule)


def _finish(sheet: Worksheet, rows: int, columns: int) -> None:
    sheet.freeze_panes(1, 3)
    sheet.ignore_errors(
        {"number_stored_as_text": f"A1:{xlsxwriter.utility.xl_col_to_name(columns - 1)}{rows + MORE_ROWS}"}
    )
    sheet.protect("", _ALLOWED)


def _guide(sheet: Worksheet, columns: Sequence[Column], months: Sequence[str], head: Format) -> None:
    table = [("列", "必有", "写法", "说明")]
    table += [(c.header, "是" if c.required else "", how(c, months), c.note) for c in columns]
    for number, line in enumerate(table):
        for place, text in enumerate(line):
            sheet.write_string(number, place, text, head if number == 0 else None)
    for place in range(len(table[0])):
        sheet.set_column(place, place, _width([line[place] for line in table]))
    sheet.freeze_panes(1, 0)


def _width(cells: Sequence[str]) -> int:
    """Width in characters of the longest line, a Chinese one counting double."""
    widest = max(
        (sum(2 if ord(one) > 255 else 1 for one in line) for cell in cells for line in cell.split("\n")), default=0
    )
    return max(_NARROWEST, min(_WIDEST, widest + 2))
