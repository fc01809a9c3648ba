"""The 通报 of a month as DOCX, laid out as an official document (GB/T 9704-2012); the same report, the same bytes.

The format wants days: the properties carry the day of closing, the entries of the archive a fixed one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Draft
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from policy_match.dispatch.report import Dispatch
from policy_match.exchange.dispatch_sheets import COLOURS, Cell, Sheet, cell_text, closing, day_text, head, sheets
from policy_match.exchange.dispatch_text import paragraphs
from policy_match.exchange.letterhead import Letterhead
from policy_match.lifecycle.words import Colour

# A preview has no day of closing; without a day the file would carry today's.
_NO_DAY = datetime(2000, 1, 1)
_ARCHIVED = (1980, 1, 1, 0, 0, 0)
_BODY, _TITLE, _HEADING = "仿宋", "华文中宋", "黑体"
_NUMERALS = "一二三四五六七八九十"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Columns that the workbook shows and a sheet of paper has no room for.
_NOT_ON_PAPER = (
    "其中仅见公开信息（个）",
    "投资待核实（个）",
    "本年开工（个）",
    "本年竣工（个）",
    "本年投产（个）",
    "编号",
    "说明",
    "牵头单位",
    "亮灯日期",
)


def circular(dispatch: Dispatch, letterhead: Letterhead) -> bytes:
    """The 通报: title, addressees, paragraphs, closing, office and day, then the tables."""
    draft = Document()
    _lay_out(draft)
    month = dispatch.snapshot.month
    _write(draft, letterhead.circular_title(f"{month.year}年{month.number}月"), _TITLE, 22).alignment = _MIDDLE
    closed = closing(dispatch)
    if closed is None:
        _write(draft, "（本月尚未封存，仅供预览）").alignment = _MIDDLE
    _write(draft, letterhead.addressees)
    for numeral, paragraph in zip(_NUMERALS, paragraphs(dispatch), strict=False):
        _indent(_write(draft, f"{numeral}、{paragraph.title}", _HEADING))
        _indent(_write(draft, paragraph.text))
    _indent(_write(draft, letterhead.closing))
    for text in (letterhead.office, *(() if closed is None else (day_text(closed.date()),))):
        _write(draft, text).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _attach(draft, dispatch)
    _write(draft, "；".join(f"{name}：{text}" for name, text in head(dispatch, letterhead)), _BODY, 8)
    return _bytes(draft, letterhead, _NO_DAY if closed is None else closed.replace(tzinfo=None))


_MIDDLE = WD_ALIGN_PARAGRAPH.CENTER


def _lay_out(draft: Draft) -> None:
    section = draft.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)


def _write(draft: Draft, text: str, font: str = _BODY, size: int = 16) -> Paragraph:
    paragraph = draft.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(size * 1.8)
    _set(paragraph, text, font, size)
    return paragraph


def _indent(paragraph: Paragraph) -> None:
    paragraph.paragraph_format.first_line_indent = Pt(32)


def _set(paragraph: Paragraph, text: str, font: str, size: float) -> None:
    """Put text in; letters that XML cannot hold are shown as the replacement character."""
    run = paragraph.add_run(_NOT_XML.sub("\ufffd", text))
    run.font.name, run.font.size = font, Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _attach(draft: Draft, dispatch: Dispatch) -> None:
    """The tables of the annex, from a new page on; those without rows are left out."""
    _write(draft, "附件", _HEADING).paragraph_format.page_break_before = True
    made = sheets(dispatch)
    chosen = (made.totals, made.points, made.tiers, made.tiers_onward, made.units, _red(made.lit), made.targets, made.restatements)  # fmt: skip
    for sheet in chosen:
        if sheet.rows:
            _write(draft, sheet.title, _HEADING, 12)
            _tabulate(draft, sheet)


def _red(lit: Sheet) -> Sheet:
    """Only the red lights: the yellow ones are in the workbook."""
    rows = tuple(row[1:] for row in lit.rows if row[0] == COLOURS[Colour.RED])
    return Sheet("红灯清单", lit.header[1:], rows)


def _tabulate(draft: Draft, sheet: Sheet) -> None:
    kept = [place for place, name in enumerate(sheet.header) if name not in _NOT_ON_PAPER]
    table = draft.add_table(rows=0, cols=len(kept), style="Table Grid")
    for row in (sheet.header, *sheet.rows):
        _fill([cell.paragraphs[0] for cell in table.add_row().cells], [row[place] for place in kept])
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)


def _fill(places: Sequence[Paragraph], cells: Sequence[Cell]) -> None:
    for place, cell in zip(places, cells, strict=True):
        _set(place, cell_text(cell), _BODY, 9)


def _bytes(draft: Draft, letterhead: Letterhead, made_at: datetime) -> bytes:
    """The file with fixed days, entry by entry in the order in which it was written."""
    properties = draft.core_properties
    properties.author = properties.last_modified_by = letterhead.office
    properties.title, properties.comments = letterhead.dispatch, ""
    properties.created = properties.modified = made_at
    written, fixed = io.BytesIO(), io.BytesIO()
    draft.save(written)
    with ZipFile(written) as source, ZipFile(fixed, "w") as target:
        for entry in source.infolist():
            kept = ZipInfo(entry.filename, _ARCHIVED)
            kept.compress_type = ZIP_DEFLATED
            target.writestr(kept, source.read(entry))
    return fixed.getvalue()
