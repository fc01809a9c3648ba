"""A PDF with text as lines: lines that the paper broke are joined again, two columns are read one after the other.

Page numbers and what heads or foots every page are left out. Pictures are not read.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError
from pdfminer.psparser import PSException
from pdfplumber.utils.exceptions import PdfminerException

from policy_match.errors import Issue, UsageError
from policy_match.text.extract.page import Page, squeezed

MAX_PAGES = 200
_PAGE_NUMBER = re.compile(r"[-·]*\d{1,3}[-·]*$|第\d{1,3}页(?:共\d{1,3}页)?$|\d{1,3}/\d{1,3}$")
_OPENS = re.compile(
    r"\s*(?:第[一二三四五六七八九十百零\d]+[章节条]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[)）]|\d{1,2}[.、．](?!\d)|[①-⑳]|附件)"
)
_NUMBER = re.compile(r"[一-鿿]{1,14}[\[(]\d{4}[\])]第?\d{1,4}号")
_FULL = 0.86
# Points: a gap inside a row that may part columns, one that parts words; letters that a row of a column has at least.
_GUTTER, _SPACE, _NARROWEST = 8.0, 3.0, 8
# What the parser raises on files that are no sound PDF.
_FAULTS = (
    PSException, PDFSyntaxError, ValueError, KeyError, TypeError, AssertionError, IndexError, AttributeError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class _Row:
    """What stands at one height of a page; `top` in points from its upper edge."""

    text: str
    top: float
    letters: tuple[_Letter, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """`column`: 0 over the whole page, 1 left, 2 right."""

    text: str
    left: float
    right: float
    column: int


def read_pdf(raw: bytes, path: Path) -> Page:
    """Read a document; UsageError DOCUMENT_PASSWORD, DOCUMENT_SCAN (no text), DOCUMENT_TOO_LARGE, DOCUMENT_KIND (damaged)."""
    try:
        lines = _opened(raw, path)
    except (PdfminerException, PDFPasswordIncorrect) as error:
        if isinstance(error, PDFPasswordIncorrect) or any(isinstance(one, PDFPasswordIncorrect) for one in error.args):
            hint = "去掉密码后重新保存"
            raise UsageError(Issue("DOCUMENT_PASSWORD", "文件有密码", str(path), "没有密码的 .pdf", hint)) from None
        raise _damaged(path) from None
    except _FAULTS:
        raise _damaged(path) from None
    if not lines:
        hint = "从官方页面另存为网页或文本；只有扫描件的，先用文字识别软件转成文本并核对"
        raise UsageError(Issue("DOCUMENT_SCAN", "没有文字，可能是扫描件", str(path), "带文字的 .pdf", hint))
    return Page(tuple(_paragraphs(lines)))


def _opened(raw: bytes, path: Path) -> list[_Line]:
    with pdfplumber.open(io.BytesIO(raw)) as opened:
        if len(opened.pages) > MAX_PAGES:
            what, hint = f"有 {len(opened.pages)} 页", "只保存这一份文件"
            raise UsageError(Issue("DOCUMENT_TOO_LARGE", what, str(path), f"{MAX_PAGES} 页以内", hint))
        pages = _without_running([list(_rows(page)) for page in opened.pages])
        rules = [float(edge["x0"]) for page in opened.pages for edge in page.vertical_edges]
    gutter = _gutter([row for page in pages for row in page], rules)
    return [line for page in pages for line in _lines(page, gutter)]


def _damaged(path: Path) -> UsageError:
    return UsageError(Issue("DOCUMENT_KIND", "不是可以读的 PDF，或已损坏", str(path), ".pdf", "重新下载或另存"))


def _rows(page: pdfplumber.page.Page) -> Iterator[_Row]:
    for row in page.extract_text_lines():
        text = str(row["text"]).strip()
        if text and not _PAGE_NUMBER.fullmatch(squeezed(text)):
            letters = (_Letter(str(one["text"]), float(one["x0"]), float(one["x1"])) for one in row["chars"])
            yield _Row(text, float(row["top"]), tuple(sorted(letters, key=lambda one: one.left)))


def _without_running(pages: Sequence[list[_Row]]) -> list[list[_Row]]:
    """The pages without the first or last row that others have at the same height, the first page too or set apart from the text."""
    edges = [{_place(page[at]) for at in (0, -1)} if page else set() for page in pages]
    times = Counter(place for page in edges for place in page)
    kept = []
    for page in pages:
        rows = list(page)
        for at, beside in ((0, 1), (-1, -2)):
            place = _place(rows[at]) if len(rows) > 1 else None
            if place and times[place] > 1 and (place in edges[0] or _is_apart(rows, at, beside)):
                del rows[at]
        kept.append(rows)
    return kept


def _place(row: _Row) -> tuple[str, int]:
    return squeezed(row.text), round(row.top / 4)


def _is_apart(rows: Sequence[_Row], at: int, beside: int) -> bool:
    usual = median(below.top - above.top for above, below in pairwise(rows))
    return abs(rows[at].top - rows[beside].top) > 1.5 * usual


def _gutter(rows: Sequence[_Row], rules: Sequence[float]) -> float | None:
    """Where the right column begins, less a little; None for text over the whole page and for tables.

    A table has short cells, or a rule upright between its columns (`rules`: where across the page).
    """
    gaps = [gap for row in rows if (gap := _widest_gap(row)) is not None]
    if len(gaps) < 5 or 3 * len(gaps) < len(rows):
        return None
    at = sorted(after.left for _, after in gaps)[len(gaps) // 5] - _SPACE
    halves = [half for row in rows if (half := _halves(row, at)) is not None and all(half)]
    if len(halves) < 0.8 * len(gaps) or len(halves) < 5:
        return None
    ends = [left[-1].right for left, _ in halves]
    letter = median(one.right - one.left for left, _ in halves for one in left)
    full = sum(end > max(ends) - 2 * letter for end in ends)
    is_wide = all(median(len(half[side]) for half in halves) >= _NARROWEST for side in (0, 1))
    is_ruled = any(max(ends) - letter < rule < at + letter for rule in rules)
    return at if is_wide and 3 * full >= len(halves) and not is_ruled else None


def _widest_gap(row: _Row) -> tuple[_Letter, _Letter] | None:
    gaps = [(before, after) for before, after in pairwise(row.letters) if after.left - before.right > _GUTTER]
    return max(gaps, key=lambda gap: gap[1].left - gap[0].right, default=None)


def _halves(row: _Row, at: float) -> tuple[tuple[_Letter, ...], tuple[_Letter, ...]] | None:
    """The letters left and right of a place; None where the row runs across it."""
    left = tuple(one for one in row.letters if one.left < at)
    right = row.letters[len(left) :]
    if left and (left[-1].right > at or (right and right[0].left - left[-1].right <= _GUTTER)):
        return None
    return left, right


def _lines(rows: Sequence[_Row], gutter: float | None) -> Iterator[_Line]:
    """The rows of a page as they are read: of two columns the left one first, down to the next row over the whole page."""
    waiting: tuple[list[_Line], list[_Line]] = ([], [])
    for row in rows:
        halves = None if gutter is None else _halves(row, gutter)
        if halves is None:
            yield from (*waiting[0], *waiting[1])
            waiting = ([], [])
            yield _Line(row.text, row.letters[0].left, row.letters[-1].right, 0)
            continue
        for column, letters in enumerate(halves):
            if letters:
                waiting[column].append(_Line(_spaced(letters), letters[0].left, letters[-1].right, column + 1))
    yield from (*waiting[0], *waiting[1])


def _spaced(letters: Sequence[_Letter]) -> str:
    gaps = [after.left - before.right for before, after in pairwise(letters)]
    return "".join(
        one.text + (" " if gap > _SPACE else "") for one, gap in zip(letters, [*gaps, 0.0], strict=True)
    ).strip()


def _paragraphs(lines: list[_Line]) -> Iterator[str]:
    """Lines joined where the one above is full and the one below neither indented nor numbered."""
    edges = {
        column: (min(one.left for one in of), max(one.right for one in of))
        for column in (0, 1, 2)
        if (of := [line for line in lines if line.column == column])
    }
    held = ""
    last: _Line | None = None
    for line in lines:
        if last is not None and _goes_on(last, line, edges):
            held += line.text
        else:
            if held:
                yield held
            held = line.text
        last = line
    yield held


def _goes_on(last: _Line, line: _Line, edges: dict[int, tuple[float, float]]) -> bool:
    left, right = edges[last.column]
    is_full = last.right >= left + _FULL * (right - left)
    is_indented = line.left > edges[line.column][0] + 10
    is_number = _NUMBER.fullmatch(squeezed(last.text)) is not None
    is_same_text = (last.column == 0) == (line.column == 0)
    return is_same_text and is_full and not is_number and not is_indented and not _OPENS.match(line.text)
