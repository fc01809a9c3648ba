"""An official page from a file: .html as saved from a government site, .txt, .docx, .pdf with text. No judgement of what it says.

What is no such file, holds no text or is too large is refused with what to do.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from policy_match.errors import Issue, UsageError
from policy_match.exchange.decode import decoded, kind_of
from policy_match.exchange.official_docx import read_docx
from policy_match.exchange.official_html import read_html
from policy_match.exchange.official_pdf import read_pdf
from policy_match.text.extract.page import Page

MAX_BYTES = 20 * 1024**2
MAX_LINES, MAX_LETTERS = 20_000, 2_000_000
KINDS = (".html", ".htm", ".txt", ".docx", ".pdf")
ALLOWED = ".html .txt .docx .pdf"
_CHARSET = re.compile(rb"charset *= *[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff\ud800-\udfff]"
)


def read_page(path: Path) -> Page:
    """Read a page; UsageError DOCUMENT_… for a file that is missing, empty, too large, of another kind or without text."""
    raw = _bytes(path)
    suffix = path.suffix.lower()
    if suffix not in KINDS:
        raise _kind_fault(path, suffix)
    _check_content(raw, suffix, path)
    page = _READERS[suffix](raw, path)
    lines = tuple(line for line in (_clean(line) for line in page.lines) if line.strip())
    if not lines:
        raise UsageError(
            Issue("DOCUMENT_EMPTY", "没有文字", str(path), "含有文字的页面", "打开看一看，从官方页面重新保存")
        )
    if len(lines) > MAX_LINES:
        raise _too_large(path, f"有 {len(lines)} 行文字")
    if (letters := sum(map(len, lines))) > MAX_LETTERS:
        raise _too_large(path, f"有 {letters} 字")
    return Page(
        lines, tuple(map(_clean, page.titles)), tuple(map(_clean, page.keywords)), tuple(map(_clean, page.hidden))
    )


def _bytes(path: Path) -> bytes:
    if path.is_dir() or not path.exists():
        what = "这是文件夹" if path.is_dir() else "没有这个文件"
        raise UsageError(Issue("DOCUMENT_FILE", what, str(path), ALLOWED, "检查文件名和所在文件夹"))
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(path, f"有 {path.stat().st_size // 1024**2} MB")
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(Issue("DOCUMENT_FILE", f"打不开（{error.strerror}）", str(path), "", "检查权限")) from None
    if not raw.strip():
        raise UsageError(Issue("DOCUMENT_EMPTY", "文件是空的", str(path), "含有文字的页面", "从官方页面重新保存"))
    return raw


def _too_large(path: Path, what: str) -> UsageError:
    allowed = f"{MAX_BYTES // 1024**2} MB、{MAX_LINES} 行、{MAX_LETTERS // 10_000} 万字以内"
    return UsageError(Issue("DOCUMENT_TOO_LARGE", what, str(path), allowed, "只保存这一份文件的正文"))


def _kind_fault(path: Path, suffix: str) -> UsageError:
    hints = {
        ".doc": "用 Word 或 WPS 打开，另存为 .docx",
        ".wps": "用 WPS 打开，另存为 .docx",
        ".ofd": "打开后另存为 .pdf 或 .txt",
        ".mht": "在浏览器中另存为“网页，仅 HTML”",
        ".mhtml": "在浏览器中另存为“网页，仅 HTML”",
    }
    hint = hints.get(suffix, "从官方页面另存为网页（.html）或文本（.txt）")
    return UsageError(Issue("DOCUMENT_KIND", f"不收 {suffix or '没有扩展名的'} 文件", str(path), ALLOWED, hint))


def _check_content(raw: bytes, suffix: str, path: Path) -> None:
    """What the first bytes are must be what the name says."""
    starts = {".pdf": b"%PDF", ".docx": b"PK\x03\x04"}
    found = {
        "旧版 Excel（.xls）或加密的 Excel 文件": "旧版 Word（.doc）或加密的文件",
        "Excel 或压缩文件": "压缩格式的文件（.docx .xlsx .zip）",
    }
    kind = kind_of(raw)
    wanted = starts.get(suffix)
    if wanted is not None:
        if raw[:1024].lstrip().startswith(wanted):
            return
        shown = found.get(kind or "", kind or "别的内容")
        hint = "去掉密码，另存为 .docx" if "加密" in shown else "检查扩展名，或从官方页面重新保存"
        raise UsageError(Issue("DOCUMENT_KIND", f"内容是{shown}，不是 {suffix}", str(path), ALLOWED, hint))
    if kind is not None and kind != "网页":
        shown = found.get(kind, kind)
        raise UsageError(
            Issue(
                "DOCUMENT_KIND",
                f"内容是{shown}，不是 {suffix}",
                str(path),
                ALLOWED,
                "把扩展名改对，或从官方页面重新保存",
            )
        )


def _web(raw: bytes, path: Path) -> Page:
    return read_html(_text(raw, path))


def _plain(raw: bytes, path: Path) -> Page:
    text = _text(raw, path)
    if re.match(r"\s*<(?:!doctype html|html)\b", text, re.IGNORECASE):
        return read_html(text)
    return Page(
        tuple(re.sub(r"\t+", "\t", line).rstrip() for line in re.split(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]", text))
    )


def _text(raw: bytes, path: Path) -> str:
    """The text in the encoding it is in; what the page says of it counts where the bytes leave a doubt."""
    said = _CHARSET.search(raw[:4096])
    if said is not None and said[1].lower() in (b"gbk", b"gb2312", b"gb18030"):
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return decoded(raw, path)[0]


def _clean(line: str) -> str:
    """The line without indent and without characters that nobody sees, composed as people type it."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", line)).strip()


_READERS = {".html": _web, ".htm": _web, ".txt": _plain, ".docx": read_docx, ".pdf": read_pdf}
