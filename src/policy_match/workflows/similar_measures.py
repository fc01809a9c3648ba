"""Existing measures that a new document may repeat or replace, by number and by title. Named for a person, never linked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from policy_match.eligibility.rulebook import Rulebook
from policy_match.text.lookup import bare

_CLOSE = 88.0
_WRAPPING = re.compile(r"[^《]*关于(?:印发|公布|转发)?[^《]*《([^》]+)》.*")
_YEAR = re.compile(r"20\d{2}年?(?:度|版)?|\(.*?\)|（.*?）|试行|修订")


@dataclass(frozen=True, slots=True)
class Similar:
    """A measure and why it is named. `how`: 重复 (the same document) or 新版本 (a document of the same name)."""

    measure: str
    title: str
    how: Literal["重复", "新版本"]
    document: str


def similar_measures(rulebook: Rulebook, number: str | None, titles: Sequence[str]) -> tuple[Similar, ...]:
    """Measures of a document with this number (重复), or with nearly one of these titles (新版本); by id."""
    wanted = [name for title in titles if len(name := _core(title)) >= 6]
    found = []
    for id in sorted(rulebook.ids):
        rule = rulebook.versions(id)[-1]
        names = [_core(rule.document.title), _core(rule.measure.title)]
        if number is not None and rule.document.number == number:
            found.append(Similar(id, rule.measure.title, "重复", rule.document.shown_number))
        elif any(fuzz.ratio(one, other) >= _CLOSE for one in wanted for other in names if other):
            found.append(Similar(id, rule.measure.title, "新版本", rule.document.shown_number))
    return tuple(found)


def _core(title: str) -> str:
    """What a title is about: without 关于印发…的通知, years and (试行)."""
    inner = _WRAPPING.fullmatch(title.strip())
    return bare(_YEAR.sub("", title if inner is None else inner[1]))
