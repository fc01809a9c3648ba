"""A PDF with text as lines: lines that the paper broke are joined again, page numbers are left out. Pictures are not read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
_FULL = 0.86
# What the parser raises on files that are no sound PDF.
_FAULTS = (
    PSException, PDFSyntaxError, ValueError, KeyError, TypeError, AssertionError, IndexError, AttributeError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    left: float
    right: float


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
        return [line for page in opened.pages for line in _lines(page)]


def _damaged(path: Path) -> UsageError:
    return UsageError(Issue("DOCUMENT_KIND", "不是可以读的 PDF，或已损坏", str(path), ".pdf", "重新下载或另存"))


def _lines(page: pdfplumber.page.Page) -> Iterator[_Line]:
    for line in page.extract_text_lines():
        text = str(line["text"]).strip()
        if text and not _PAGE_NUMBER.fullmatch(squeezed(text)):
            yield _Line(text, float(line["x0"]), float(line["x1"]))


def _paragraphs(lines: list[_Line]) -> Iterator[str]:
    """Lines joined where the one above is full and the one below neither indented nor numbered."""
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    held = ""
    last: _Line | None = None
    for line in lines:
        if last is not None and _goes_on(last, line, left, right):
            held += line.text
        else:
            if held:
                yield held
            held = line.text
        last = line
    yield held


def _goes_on(last: _Line, line: _Line, left: float, right: float) -> bool:
    is_full = last.right >= left + _FULL * (right - left)
    is_indented = line.left > left + 10
    return is_full and not is_indented and not _OPENS.match(line.text)
