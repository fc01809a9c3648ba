"""The monthly dispatch as an XLSX workbook: counts and amounts are numbers, all else is text; the same report, the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from policy_match.dispatch.report import Dispatch
from policy_match.exchange.dispatch_sheets import Sheet, Sheets, cell_text, closing, head, sheets
from policy_match.exchange.letterhead import Letterhead
from policy_match.exchange.tables import MAX_CELL, column_width

_A4 = 9
# A preview has no day of closing; without a day the writer would put today's.
_NO_DAY = datetime(2000, 1, 1)
_FORMATS = {
    "head": {"bold": True, "bg_color": "#E8EEF6", "border": 1, "text_wrap": True, "valign": "top", "num_format": "@"},
    "text": {"text_wrap": True, "valign": "top", "num_format": "@"},
    "count": {"valign": "top", "num_format": "#,##0"},
    "amount": {"valign": "top", "num_format": "#,##0.0000"},
}


def workbook(dispatch: Dispatch, letterhead: Letterhead) -> bytes:
    """All tables, a sheet each, the head first."""
    content = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(content, options) as book:
        closed = closing(dispatch)
        created = _NO_DAY if closed is None else closed.replace(tzinfo=None)
        book.set_properties({"title": letterhead.dispatch, "author": letterhead.office, "created": created})
        formats = {name: book.add_format(look) for name, look in _FORMATS.items()}
        for sheet in _in_order(dispatch, letterhead):
            _fill(book.add_worksheet(sheet.title), sheet, formats)
    return content.getvalue()


def _fill(page: Worksheet, sheet: Sheet, formats: Mapping[str, Format]) -> None:
    """The cells, a frozen header with filters, to be printed on A4."""
    top = 1 if sheet.note else 0
    if sheet.note:
        page.write_string(0, 0, sheet.note)
    for column, name in enumerate(sheet.header):
        page.write_string(top, column, name, formats["head"])
        page.set_column(column, column, column_width([name, *(cell_text(row[column]) for row in sheet.rows)]))
    for number, row in enumerate(sheet.rows, start=top + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(number, column, cell[:MAX_CELL], formats["text"])
            else:
                page.write_number(number, column, cell, formats["amount" if isinstance(cell, Decimal) else "count"])
    page.freeze_panes(top + 1, 1)
    page.autofilter(top, 0, top + len(sheet.rows), len(sheet.header) - 1)
    page.set_paper(_A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(top)


def _in_order(dispatch: Dispatch, letterhead: Letterhead) -> Iterator[Sheet]:
    made = sheets(dispatch)
    yield Sheet("概要", ("名称", "内容"), head(dispatch, letterhead))
    yield from (made.totals, made.changes, *made.blocks, made.landing, made.tiers, made.tiers_onward, made.points)
    yield from (made.units, made.lights, made.lit, made.targets, made.target_rows, made.tickets)
    yield _more(made)
    yield from (made.restatements, made.behind, made.projects)


def _more(made: Sheets) -> Sheet:
    """The smaller tables one below the other."""
    rows = tuple((sheet.title, *row) for sheet in made.more for row in sheet.rows)
    note = "；".join(f"{sheet.title}：{sheet.note}" for sheet in made.more if sheet.note)
    return Sheet("分类统计", ("分类", *made.more[0].header), rows, note)
