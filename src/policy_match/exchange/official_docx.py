"""A Word document as lines: paragraphs with the numbers that Word shows and does not store, rows of tables with tabs."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from docx import Document
from docx.document import Document as Opened
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from policy_match.errors import Issue, UsageError
from policy_match.text.extract.page import Page

_MAX_EXPANDED = 200 * 1024**2
# What the parsers raise on files that are no sound document.
_FAULTS = (
    KeyError, ValueError, OSError, AttributeError, SyntaxError, NotImplementedError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_DIGITS = "零一二三四五六七八九"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def read_docx(raw: bytes, path: Path) -> Page:
    """Read a document; UsageError DOCUMENT_KIND for another archive, DOCUMENT_TOO_LARGE for one that unpacks too far."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_EXPANDED:
                raise UsageError(Issue("DOCUMENT_TOO_LARGE", "解压后过大", str(path), "200 MB 以内", "只保存正文"))
        opened = Document(io.BytesIO(raw))
    except UsageError:
        raise
    except _FAULTS:
        hint = "用 Word 或 WPS 打开，去掉密码，另存为 .docx"
        raise UsageError(Issue("DOCUMENT_KIND", "不是可以读的 Word 文档，或已损坏", str(path), ".docx", hint)) from None
    hidden: list[str] = []
    return Page(tuple(_lines(opened, hidden)), hidden=tuple(hidden))


def _lines(opened: Opened, hidden: list[str]) -> Iterator[str]:
    numbering = _Numbering(opened)
    for block in _blocks(opened.element.body):
        if block.tag == qn("w:p"):
            text = _text(block, hidden)
            number = numbering.next_of(Paragraph(block, opened)) if text.strip() else ""
            yield from (number + text).split("\n")
        else:
            for row in Table(block, opened).rows:
                cells = {id(cell._tc): _cell(cell, hidden) for cell in row.cells}
                yield "\t".join(cells.values())


def _blocks(parent: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    """Paragraphs and tables in order, those inside content controls and tracked insertions too."""
    for child in parent.iterchildren():
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _blocks(child)


def _cell(cell: _Cell, hidden: list[str]) -> str:
    return " ".join(_text(paragraph._p, hidden).replace("\n", " ") for paragraph in cell.paragraphs).strip()


def _text(paragraph: BaseOxmlElement, hidden: list[str]) -> str:
    """The text as it stands, tracked insertions taken and deletions left out; runs that Word hides go to `hidden`."""
    parts: list[str] = []
    for node in paragraph.iter(qn("w:t"), qn("w:br"), qn("w:cr"), qn("w:tab")):
        run = node.getparent()
        if run is None or run.tag != qn("w:r"):
            continue
        shown = str(node.text or "") if node.tag == qn("w:t") else " " if node.tag == qn("w:tab") else "\n"
        properties = run.find(qn("w:rPr"))
        is_hidden = properties is not None and properties.find(qn("w:vanish")) is not None
        (hidden if is_hidden else parts).append(shown)
    return "".join(parts)


@dataclass(slots=True)
class _List:
    """Formats and texts of the levels of one list, and how far each has counted."""

    formats: list[str]
    texts: list[str]
    starts: list[int]
    counts: dict[int, int] = field(default_factory=dict)

    def step(self, level: int) -> str:
        self.counts = {deep: count for deep, count in self.counts.items() if deep <= level}
        self.counts[level] = self.counts.get(level, self.starts[level] - 1) + 1
        text = self.texts[level]
        for deep in range(level + 1):
            count = self.counts.get(deep, self.starts[deep])
            text = text.replace(f"%{deep + 1}", _shown(count, self.formats[deep]))
        return text if self.formats[level] not in ("bullet", "none") else ""


class _Numbering:
    """The numbers of automatically numbered paragraphs; a document without a numbering part has none."""

    def __init__(self, opened: Opened) -> None:
        parts = [
            part.target_part
            for part in opened.part.rels.values()
            if not part.is_external and part.reltype.endswith("/numbering")
        ]
        root = getattr(parts[0], "element", None) if parts else None
        abstract = (
            {}
            if root is None
            else {one.get(qn("w:abstractNumId")): _list_of(one) for one in root.findall(qn("w:abstractNum"))}
        )
        self._lists: dict[str, _List] = {}
        for one in [] if root is None else root.findall(qn("w:num")):
            of = one.find(qn("w:abstractNumId"))
            held = None if of is None else abstract.get(of.get(qn("w:val")))
            if held is not None:
                self._lists[str(one.get(qn("w:numId")))] = held

    def next_of(self, paragraph: Paragraph) -> str:
        """The number that Word prints before a paragraph; empty without one."""
        for properties in (paragraph._p.pPr, *_style_properties(paragraph)):
            numbered = None if properties is None else properties.find(qn("w:numPr"))
            if numbered is None:
                continue
            number, level = numbered.find(qn("w:numId")), numbered.find(qn("w:ilvl"))
            held = None if number is None else self._lists.get(str(number.get(qn("w:val"))))
            depth = 0 if level is None else int(level.get(qn("w:val")) or 0)
            return "" if held is None or depth >= len(held.texts) else held.step(depth)
        return ""


def _style_properties(paragraph: Paragraph) -> list[BaseOxmlElement | None]:
    found: list[BaseOxmlElement | None] = []
    style = paragraph.style
    while style is not None and len(found) < 10:
        found.append(style.element.find(qn("w:pPr")))
        style = getattr(style, "base_style", None)
    return found


def _list_of(abstract: BaseOxmlElement) -> _List:
    formats, texts, starts = [], [], []
    for level in abstract.findall(qn("w:lvl")):
        formats.append(_value(level, "w:numFmt", "decimal"))
        texts.append(_value(level, "w:lvlText", ""))
        starts.append(int(_value(level, "w:start", "1")))
    return _List(formats, texts, starts)


def _value(level: BaseOxmlElement, name: str, otherwise: str) -> str:
    found = level.find(qn(name))
    return otherwise if found is None else str(found.get(qn("w:val")) or otherwise)


def _shown(count: int, form: str) -> str:
    if form in (
        "chineseCountingThousand",
        "chineseCounting",
        "japaneseCounting",
        "ideographDigital",
        "taiwaneseCountingThousand",
    ):
        return _chinese(count)
    if form.startswith("decimalEnclosedCircle") and 1 <= count <= len(_CIRCLED):
        return _CIRCLED[count - 1]
    return str(count)


def _chinese(count: int) -> str:
    tens, ones = divmod(count, 10)
    if count > 99:
        return str(count)
    return ("" if not tens else "十" if tens == 1 else _DIGITS[tens] + "十") + (
        _DIGITS[ones] if ones or not tens else ""
    )
