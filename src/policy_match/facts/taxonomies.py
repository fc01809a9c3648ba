"""The lists of names that rules, documents and subjects share: owner units, issuers, honours, tracks.

One name of each thing decides; the other names are what people also write. A list that a
corpus does not have is empty, and an empty list closes nothing. What the documents do not
say (who grants a title, how long it is valid) is None. `exchange/taxonomies.py` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

HONOURS, TRACK = "honours", "track"
LEVEL_WORDS = {"national": "国家级", "province": "省级", "city": "市级", "district": "区级", "zone": "园区级"}
_SEEN_WORDS = {"page": "见于官方页面", "copy": "见于转载", "recalled": "凭记忆"}


@dataclass(frozen=True, slots=True)
class Unit:
    """An authority that owns measures. `role`: its part in the 招推服 notice, in our words."""

    name: str
    level: str
    region: str
    full_name: str | None = None
    other_names: tuple[str, ...] = ()
    role: str | None = None

    @property
    def also(self) -> tuple[str, ...]:
        """Every other name."""
        return self.other_names if self.full_name is None else (self.full_name, *self.other_names)


@dataclass(frozen=True, slots=True)
class Issuer:
    """A body that issues documents. `series`: prefixes of document numbers that are its own."""

    name: str
    level: str
    other_names: tuple[str, ...] = ()
    series: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a title holds, in years from its grant, and where that was seen (page, copy, recalled)."""

    years: int
    source: str
    seen: str

    @property
    def text(self) -> str:
        """The term in words with its source."""
        return f"有效期{self.years}年（{self.source}，{_SEEN_WORDS[self.seen]}）"


@dataclass(frozen=True, slots=True)
class Honour:
    """A title, award or recognition. Its validity is told, and never given to an honour whose end is not known."""

    name: str
    level: str | None = None
    granted_by: str | None = None
    other_names: tuple[str, ...] = ()
    validity: Validity | None = None

    @property
    def text(self) -> str:
        """Level, who grants it and how long it holds; what nobody has seen is said so."""
        level = () if self.level is None else (LEVEL_WORDS[self.level],)
        granted = () if self.granted_by is None else (f"{self.granted_by}认定",)
        return "，".join((*level, *granted, "有效期未见" if self.validity is None else self.validity.text))


@dataclass(frozen=True, slots=True)
class Track:
    """A track of the notice with the industries and product words that we read it as: a hint, never a condition."""

    name: str
    industries: tuple[str, ...]
    words: tuple[str, ...]

    def why(self, code: str | None, text: str) -> tuple[str, ...]:
        """What speaks for the track: the industry code it lies under, the words that the text holds; nothing: ()."""
        roots = [root for root in self.industries if code is not None and code.startswith(root)]
        lower = text.lower()
        return (*(f"行业代码{root}" for root in roots), *(f"“{word}”" for word in self.words if word.lower() in lower))


@dataclass(frozen=True)
class Taxonomies:
    """The lists by their one name. `reading`: what is said wherever tracks are shown."""

    units: Mapping[str, Unit] = field(default_factory=dict)
    issuers: Mapping[str, Issuer] = field(default_factory=dict)
    honours: Mapping[str, Honour] = field(default_factory=dict)
    tracks: Mapping[str, Track] = field(default_factory=dict)
    reading: str = ""

    @cached_property
    def unit_names(self) -> Mapping[str, str]:
        """The one name of a unit by each of its names."""
        return {name: unit.name for unit in self.units.values() for name in (unit.name, *unit.also)}

    @cached_property
    def issuer_names(self) -> Mapping[str, str]:
        """The one name of an issuer by each of its names."""
        return {name: body.name for body in self.issuers.values() for name in (body.name, *body.other_names)}

    @cached_property
    def issuer_series(self) -> Mapping[str, str]:
        """The one name of an issuer by each prefix of its document numbers."""
        return {prefix: body.name for body in self.issuers.values() for prefix in body.series}

    @cached_property
    def honour_names(self) -> Mapping[str, str]:
        """The one name of an honour by each of its names."""
        return {name: honour.name for honour in self.honours.values() for name in (honour.name, *honour.other_names)}
