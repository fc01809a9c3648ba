"""A page as it was opened, before anybody judges what on it is the document."""

from __future__ import annotations

import re
from dataclasses import dataclass

# One character for one, so that a place in the plain text is the place in the text itself.
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ", 0xA0: " ", 0x2009: " ", 0x2003: " ", 0x2002: " ", ord("〔"): "[", ord("〕"): "]", ord("［"): "[", ord("］"): "]",
    ord("【"): "[", ord("】"): "]", ord("—"): "-", ord("–"): "-", ord("～"): "~", ord("〈"): "<", ord("〉"): ">", ord("﹪"): "%", ord("﹤"): "<", ord("﹥"): ">", ord("億"): "亿", ord("萬"): "万",
}  # fmt: skip
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader sees, line by line, and what the page says of itself where no reader looks.

    `lines`: in order, none blank; cells of a table row are parted by a tab. `titles`: headings and page title, the likeliest
    first. `keywords`: of the page's own list. `hidden`: texts that are on the page and not shown.
    """

    lines: tuple[str, ...]
    titles: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


def plain(text: str) -> str:
    """The text with plain digits, brackets and marks, as long as it was.

    >>> plain("５００万元（含）以上")
    '500万元(含)以上'
    """
    return text.translate(_PLAIN)


def squeezed(text: str) -> str:
    """The plain text without any blank."""
    return _BLANK.sub("", plain(text))
