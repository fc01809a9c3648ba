"""Bytes of a file to text: UTF-8 (with or without BOM), UTF-16 with BOM, GBK/GB18030. Never a replaced character unnoticed."""

from __future__ import annotations

from pathlib import Path

from policy_match.errors import Issue, UsageError

_KINDS = (
    (b"%PDF", "PDF 文件"),
    (b"PK\x03\x04", "Excel 或压缩文件"),
    (b"\xd0\xcf\x11\xe0", "旧版 Excel（.xls）或加密的 Excel 文件"),
    (b"PAR1", "Parquet 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
)
_WEB = (b"<html", b"<!doc", b"<table", b"<?xml")


def kind_of(raw: bytes) -> str | None:
    """What the first bytes show a file to be; None for plain text."""
    if raw.lstrip()[:6].lower().startswith(_WEB):
        return "网页"
    return next((kind for mark, kind in _KINDS if raw.startswith(mark)), None)


def refuse_kind(raw: bytes, path: Path, wanted: str) -> UsageError:
    """The error for a file whose content is not what its name says."""
    found = kind_of(raw)
    what = f"内容是{found}，不是 {wanted}" if found else f"不是有效的 {wanted} 文件"
    hint = "去掉密码，另存为 .xlsx" if found and "加密" in found else "从原来的程序重新导出"
    return UsageError(Issue("FILE_KIND", what, str(path), wanted, hint))


def decoded(raw: bytes, path: Path) -> tuple[str, str]:
    """The text and the encoding it was read in.

    A file that is UTF-8 but for some lines (cut in the middle of a character, pasted together) stays UTF-8: what
    cannot be read becomes U+FFFD, which refuses the row that holds it. UsageError ENCODING or FILE_BINARY otherwise.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16"), "utf-16"
        except UnicodeDecodeError as error:
            raise unreadable(path, error.start) from None
    if raw[:4096].count(0) > 8:
        raise UsageError(Issue("FILE_BINARY", "不是文本文件", str(path), "UTF-8 或 GBK 文本", "另存为 CSV 或 JSONL"))
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        if _is_mostly_utf8(raw) or (error.end == len(raw) and error.reason == "unexpected end of data"):
            return raw.decode("utf-8-sig", errors="replace"), "utf-8"
        try:
            return raw.decode("gb18030"), "gb18030"
        except UnicodeDecodeError:
            raise unreadable(path, error.start) from None


def _is_mostly_utf8(raw: bytes) -> bool:
    """Whether more lines with Chinese are valid UTF-8 than not: GBK text passes for UTF-8 only by rare chance."""
    good = bad = 0
    for line in raw.split(b"\n"):
        if not line.isascii():
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return good > bad


def unreadable(path: Path, offset: int) -> UsageError:
    """The error for bytes that are no text; `offset` counts from 0."""
    what = f"编码无法识别（第 {offset + 1} 字节起）"
    return UsageError(Issue("ENCODING", what, str(path), "UTF-8、GBK", "另存为 UTF-8"))
