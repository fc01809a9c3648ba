"""Tables as one printable page: A4, self-contained, without script, opened from disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from policy_match.exchange.tables import Grid

SIGNATURE = "签名"
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def printed_page(title: str, under: str, grids: Sequence[Grid], foot: str) -> str:
    """An HTML page of tables; `under` stands below the title, `foot` at the end and at the foot of every sheet of paper.

    A grid with a column 签名 gets rows high enough to write in. `foot` may hold no quotation mark or backslash:
    it also stands in the style, where such a letter would end it.
    """
    if any(letter in foot for letter in "\"\\\n<>&'"):
        raise ValueError(foot)
    template = _TEMPLATES.get_template("printed.html")
    return template.render(title=title, under=under, grids=grids, foot=foot, signature=SIGNATURE)
