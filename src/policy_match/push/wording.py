"""The words of a message: an approved template with values filled in once, and how long an SMS may be (§6.8).

A value is text that somebody else wrote: it is cleaned, shortened, and never read as a template. Credit codes are masked,
addresses of web pages left out. Messages are plain text; whoever shows them on a page escapes them there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from policy_match.units import format_money

SMS_ONE, SMS_PART, SMS_PARTS = 70, 67, 3
"""Characters of an SMS in one part, of each part of a longer one (its head takes three), and how many parts there may be."""
TITLE, BODY = 180, 600
"""Characters of a title and of a body, without its lists."""


class Kind(StrEnum):
    """What a variable holds. `lines`: any number of lines, each of at most 200 characters."""

    NAME = "name"
    TEXT = "text"
    MONEY = "money"
    DAY = "day"
    COUNT = "count"
    LINES = "lines"


LONGEST = {Kind.NAME: 40, Kind.TEXT: 140, Kind.MONEY: 40, Kind.DAY: 11, Kind.COUNT: 6, Kind.LINES: 0}
"""Characters of a value of a kind; what is longer is shortened."""
_LINE = 200

_EVERYWHERE = {"brand": Kind.NAME, "firm": Kind.NAME}
_PAIR = {"project": Kind.NAME, "title": Kind.NAME, "unit": Kind.NAME, "contact": Kind.NAME}
VARIABLES: Mapping[str, Mapping[str, Kind]] = {
    "match": _PAIR | {"sentence": Kind.TEXT, "amount": Kind.MONEY, "action": Kind.TEXT},
    "projects": {"title": Kind.NAME, "count": Kind.COUNT, "entries": Kind.LINES},
    "ask": _PAIR | {"sentence": Kind.TEXT, "facts": Kind.LINES},
    "advice": _PAIR | {"sentence": Kind.TEXT, "gaps": Kind.LINES},
    "update": _PAIR | {"changes": Kind.LINES},
    "recall": _PAIR | {"reason": Kind.TEXT},
    "deadline": _PAIR | {"amount": Kind.MONEY, "last_day": Kind.DAY, "left": Kind.COUNT},
    "exclusion": {"unit": Kind.NAME},
    "digest": {"count": Kind.COUNT, "entries": Kind.LINES},
    "weekly": {"count": Kind.COUNT, "entries": Kind.LINES, "deadlines": Kind.LINES, "asks": Kind.LINES},
    "counts": {"unit": Kind.NAME, "count": Kind.COUNT, "entries": Kind.LINES},
    "case": {"title": Kind.NAME, "unit": Kind.NAME, "contact": Kind.NAME, "matter": Kind.NAME, "action": Kind.TEXT},
    "notice": {"sender": Kind.NAME, "reason": Kind.TEXT, "title": Kind.NAME, "text": Kind.LINES},
}  # fmt: skip
"""Every template that the program fills, with its variables; `brand` and `firm` are known in all of them."""
_PLACE = re.compile(r"\{([a-z_]+)\}")
_CREDIT_CODE = re.compile(
    r"(?<![0-9A-Za-z])([0-9A-HJ-NP-RT-UW-Y]{4})[0-9A-HJ-NP-RT-UW-Y]{10}([0-9A-HJ-NP-RT-UW-Y]{4})(?![0-9A-Za-z])"
)
_ADDRESS = re.compile(r"(https?://|www\.)[^\s，。；、）)]+", re.IGNORECASE)
Value: TypeAlias = str | int | date | Sequence[str]


def variables_of(template: str) -> Mapping[str, Kind]:
    """The variables that may stand in a template."""
    return _EVERYWHERE | dict(VARIABLES[template])


def places_in(text: str) -> tuple[str, ...]:
    """The names in braces of a text, in order."""
    return tuple(_PLACE.findall(text))


@dataclass(frozen=True, slots=True)
class Template:
    """One template as it was approved. `short`: the text of an SMS."""

    id: str
    version: int
    approved_by: str
    title: str
    body: str
    short: str


@dataclass(frozen=True, slots=True)
class Written:
    """A message in words."""

    title: str
    body: str
    short: str


def written(template: Template, values: Mapping[str, Value]) -> Written:
    """The template with its values; every variable in it must have one (KeyError otherwise)."""
    kinds = variables_of(template.id)
    said = {name: _text(value, kinds[name]) for name, value in values.items()}
    title, body, short = (
        _PLACE.sub(lambda found: said[found[1]], text) for text in (template.title, template.body, template.short)
    )
    kept = [line.rstrip() for line in body.split("\n")]
    return Written(title, re.sub(r"\n{2,}", "\n", "\n".join(kept)).strip(), short)


def _text(value: Value, kind: Kind) -> str:
    if kind is Kind.LINES:
        lines = [value] if isinstance(value, str) else value if isinstance(value, Sequence) else []
        return "\n".join(cut(clean(line), _LINE) for line in lines)
    if isinstance(value, date):
        return day_text(value)
    return cut(clean(str(value)), LONGEST[kind])


def clean(text: str) -> str:
    """One line without control and invisible characters and web addresses, credit codes masked."""
    line = text if text.isprintable() else _printable(text)
    line = _ADDRESS.sub("（网址略）", " ".join(line.split()))
    return _CREDIT_CODE.sub(r"\1**********\2", line)


def _printable(text: str) -> str:
    line = "".join(" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in text)
    return "".join(one for one in line if unicodedata.category(one) not in ("Cf", "Co", "Cs"))


def cut(text: str, most: int) -> str:
    """A text of at most so many characters, the last one … where something was left out."""
    return text if len(text) <= most else text[: most - 1] + "…"


def day_text(day: date) -> str:
    """2025年6月30日."""
    return f"{day.year}年{day.month}月{day.day}日"


def longest(template: str, text: str) -> int:
    """How many characters a text of a template has at most once it is filled, lists left out."""
    kinds = variables_of(template)
    return len(_PLACE.sub("", text)) + sum(LONGEST[kinds[name]] for name in places_in(text))


def sms_parts(text: str) -> int:
    """Into how many parts an SMS is cut, which has no amounts and no lists."""
    return 1 if len(text) <= SMS_ONE else -(-len(text) // SMS_PART)


def sum_text(low_fen: int | None, high_fen: int | None) -> str:
    """An amount that was told before, 分, in short; None: it was not known."""
    if low_fen is None:
        return "金额待核实"
    if high_fen is None:
        return f"不少于{format_money(low_fen)}"
    return format_money(low_fen) if low_fen == high_fen else f"{format_money(low_fen)}至{format_money(high_fen)}"
