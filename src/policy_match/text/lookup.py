"""Exact look-ups: document numbers, titles and abbreviations, with small slips of typing in titles forgiven.

What is found here was asked for by name and comes first. A number is compared by its words, year and serial alone, so that
brackets of any shape, 第 and 号 make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import fuzz, process

from policy_match.text.lexicon import ShortName
from policy_match.text.normalise import normalise
from policy_match.text.searchable import Searchable

# 常政办发〔2025〕6号, 财税[2015]119号, 公告2023年第43号; a day such as 2024年8月16日 is no number.
_NUMBER = re.compile(
    r"([一-鿿]*)\s*(?:[〔\[(【]\s*((?:19|20)\d{2})\s*年?[〕\])】]\s*第?\s*(\d{1,4})(?:\s*号)?|((?:19|20)\d{2})\s*年?第?\s*(\d{1,4})\s*号)"
)
_MARKS = re.compile(r"[^0-9a-z一-鿿]+")
_FUZZY_FROM = 88.0
_SHORTEST_FUZZY = 6


class Lookup:
    """Names and numbers of everything that can be found."""

    def __init__(self, entries: Sequence[Searchable], names: Iterable[ShortName]) -> None:
        self._by_number: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._by_name: dict[str, list[str]] = {}
        for entry in sorted(
            entries, key=lambda entry: entry.kind != "document"
        ):  # the document before what stands in it
            for number in entry.numbers:
                for series, year, serial in numbers_in(number):
                    self._by_number.setdefault((year, serial), []).append((series, entry.id))
            self._name(entry.title, entry.id)
            self._name(entry.id, entry.id)
        for short in names:
            if short.target is not None:
                self._name(short.name, short.target)
        self._titles: Mapping[str, list[str]] = {
            name: ids for name, ids in self._by_name.items() if len(name) >= _SHORTEST_FUZZY
        }

    def _name(self, name: str, id: str) -> None:
        ids = self._by_name.setdefault(bare(name), [])
        if id not in ids:
            ids.append(id)

    def find(self, query: str) -> list[str]:
        """Ids asked for by number, by name, or by a name with small slips; in the order of the entries, none otherwise."""
        if numbered := self._numbered(query):
            return numbered
        wanted = bare(query)
        if wanted in self._by_name:
            return self._by_name[wanted]
        if len(wanted) < _SHORTEST_FUZZY:
            return []
        close = process.extractOne(wanted, self._titles.keys(), scorer=fuzz.ratio, score_cutoff=_FUZZY_FROM)
        return [] if close is None else self._titles[close[0]]

    def _numbered(self, query: str) -> list[str]:
        found: dict[str, None] = {}
        for series, year, serial in numbers_in(query):
            held = self._by_number.get((year, serial), [])
            found.update(
                (id, None) for known, id in held if not series or known.endswith(series) or series.endswith(known)
            )
        return list(found)


def numbers_in(text: str) -> list[tuple[str, str, str]]:
    """Document numbers in a text as (words before the year, year, serial without leading zeros)."""
    found = _NUMBER.findall(normalise(text))
    return [(series, year or plain, (serial or other).lstrip("0")) for series, year, serial, plain, other in found]


def bare(name: str) -> str:
    """A name without marks and blanks, in one spelling."""
    return _MARKS.sub("", normalise(name))
