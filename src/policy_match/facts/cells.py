"""What is known of one fact of one subject.

A value is the set of values that are still possible: a band for numbers and
dates, a set of options for choices and codes. A condition is true when every
possible value meets it, false when none does, unknown otherwise. A missing
fact is the value None with its cause: it is never zero and never false.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from policy_match.units import Band


class Cause(StrEnum):
    """Why a condition could not be decided."""

    MISSING = "missing"
    STALE = "stale"
    CONFLICT = "conflict"
    WEAK_SOURCE = "weak_source"
    PURPOSE = "purpose"
    NO_AUTHORISATION = "no_authorisation"
    BAND = "band"
    COARSE_CODE = "coarse_code"
    UNDEFINED = "undefined"
    VALIDITY = "validity"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Possible:
    """The options (choice, flag as "true"/"false", code) that are still possible; one: it is known."""

    options: frozenset[str]

    @classmethod
    def only(cls, option: str) -> Possible:
        return cls(frozenset({option}))

    @property
    def single(self) -> str | None:
        return next(iter(self.options)) if len(self.options) == 1 else None


@dataclass(frozen=True, slots=True)
class Item:
    """One honour, list or track entry. Dates are bands of day ordinals; None: not known."""

    name: str
    granted: Band | None = None
    through: Band | None = None
    level: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A list of items. Complete: what is not on it is not there; otherwise it may hold more."""

    items: tuple[Item, ...]
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class Series:
    """Figures of successive years, oldest first; a year that is not known is an open band."""

    entries: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """[start, end] figures of successive quarters, oldest first."""

    pairs: tuple[tuple[Band, Band], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Prose for people and for the text model; no condition reads it."""

    text: str


Value: TypeAlias = Band | Possible | Items | Series | Pairs | Text


@dataclass(frozen=True, slots=True)
class Cell:
    """One fact of one subject: its value, where it comes from, or why it is not known.

    `value` None means unknown, for the reason in `cause`. `last_seen` keeps the value that was set
    aside (stale, in conflict, of the wrong purpose), to be shown and never to decide.
    """

    value: Value | None
    cause: Cause | None = None
    source: str | None = None
    observed_on: date | None = None
    last_seen: Value | None = None
    derived: bool = False


_new = object.__new__
_set_low, _set_high = (vars(Band)[field].__set__ for field in ("low", "high"))
_set_value, _set_cause, _set_source, _set_observed_on, _set_last_seen, _set_derived = (
    vars(Cell)[field].__set__ for field in ("value", "cause", "source", "observed_on", "last_seen", "derived")
)


def known_cell(value: Value, source: str | None, observed_on: date | None) -> Cell:
    """`Cell(value, None, source, observed_on)` in half the time: a library has hundreds of thousands.

    A frozen dataclass looks up a way past its freeze for every field; here the slots are set directly.
    """
    cell = _new(Cell)
    _set_value(cell, value)
    _set_cause(cell, None)
    _set_source(cell, source)
    _set_observed_on(cell, observed_on)
    _set_last_seen(cell, None)
    _set_derived(cell, False)
    return cell


def known_figure(number: int, source: str | None, observed_on: date | None) -> Cell:
    """`known_cell` of the band of one whole number, which is made in the same way."""
    band = _new(Band)
    _set_low(band, number)
    _set_high(band, number)
    return known_cell(band, source, observed_on)


MISSING = Cell(None, Cause.MISSING)
OPEN = Band(None, None)
