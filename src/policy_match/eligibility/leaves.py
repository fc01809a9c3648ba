"""The tests that conditions are made of, each decided for a whole column at once.

A test is true for a subject when every value still possible meets it, false
when none does, and undecided otherwise: unknown facts, bands across a
threshold and codes that are too coarse need no case of their own.
以上、以下、以内、届满 include the number, 超过、不满、以外 do not (民法典第一千二百五十九条).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policy_match.dates import Period, add_period
from policy_match.facts.cells import Item, Possible
from policy_match.facts.table import HIGHEST, LOWEST, ColumnKey, FactTable, decide_codes
from policy_match.identifiers import region_path
from policy_match.units import Band

Flags: TypeAlias = NDArray[np.bool_]
Decided: TypeAlias = tuple[Flags, Flags]


class Leaf(Protocol):
    """One test of one fact. Leaves are values: equal leaves are evaluated once."""

    @property
    def facts(self) -> tuple[str, ...]:
        """Facts that the test reads, the one it is about first."""

    def decide(self, table: FactTable, as_of: date) -> Decided:
        """(surely true, surely false), bool (n_subjects,) each; neither: unknown."""


def _name(key: ColumnKey) -> str:
    return key if isinstance(key, str) else key[0]


@dataclass(frozen=True, slots=True)
class InRange:
    """The number or date lies between two keys (see facts.table), both included; None: no limit."""

    fact: ColumnKey
    low: int | None
    high: int | None

    @property
    def facts(self) -> tuple[str, ...]:
        return (_name(self.fact),)

    def decide(self, table: FactTable, as_of: date) -> Decided:
        column = table.numbers(self.fact)
        if column.exact:
            inside = self._inside(column.low, column.low)
            return inside & column.known, ~inside & column.known
        outside = np.zeros(table.size, dtype=bool)
        if self.low is not None:
            outside |= column.high < self.low
        if self.high is not None:
            outside |= column.low > self.high
        return self._inside(column.low, column.high), outside

    def _inside(self, low: NDArray[np.int64], high: NDArray[np.int64]) -> Flags:
        if self.high is None:
            return np.asarray(low >= (LOWEST if self.low is None else self.low))
        if self.low is None:
            return np.asarray(high <= self.high)
        return np.asarray((low >= self.low) & (high <= self.high))


@dataclass(frozen=True, slots=True)
class InOptions:
    """The choice or flag is one of the options."""

    fact: str
    options: frozenset[str]

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.fact,)

    def decide(self, table: FactTable, as_of: date) -> Decided:
        def truth(value: Possible) -> bool | None:
            if value.options <= self.options:
                return True
            return None if value.options & self.options else False

        return decide_codes(table.codes(self.fact), truth)


@dataclass(frozen=True, slots=True)
class InTree:
    """The industry lies under one of the roots and under none of the exceptions (GB/T 4754-2017).

    A code that is too coarse to say (C30 against except C3011) is undecided.
    """

    fact: str
    roots: tuple[str, ...]
    exceptions: tuple[str, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.fact,)

    def decide(self, table: FactTable, as_of: date) -> Decided:
        tree = table.vocabulary.industries
        wanted = {leaf for root in self.roots for leaf in tree.leaves(root)}
        wanted -= {leaf for root in self.exceptions for leaf in tree.leaves(root)}

        def truth(value: Possible) -> bool | None:
            hits = [leaf in wanted for code in value.options for leaf in tree.leaves(code)]
            return True if all(hits) else None if any(hits) else False

        return decide_codes(table.codes(self.fact), truth)


@dataclass(frozen=True, slots=True)
class InRegion:
    """The place lies within one of the regions (GB/T 2260); a code of a higher level is undecided."""

    fact: str
    roots: tuple[str, ...]

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.fact,)

    def decide(self, table: FactTable, as_of: date) -> Decided:
        def truth(value: Possible) -> bool | None:
            answers = {self._within(code) for code in value.options}
            return answers.pop() if len(answers) == 1 else None

        return decide_codes(table.codes(self.fact), truth)

    def _within(self, code: str) -> bool | None:
        if any(root in region_path(code) for root in self.roots):
            return True
        return None if any(code in region_path(root) for root in self.roots) else False


@dataclass(frozen=True, slots=True)
class AgeAtLeast:
    """The date lies at least `period` before the reference day; `at`: None for as_of, a date, or a date fact.

    Days are counted; months and years run to the anniversary (满一年: 365 days where days are given).
    """

    fact: str
    period: Period
    at: date | str | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.fact, self.at) if isinstance(self.at, str) else (self.fact,)

    def decide(self, table: FactTable, as_of: date) -> Decided:
        if isinstance(self.at, str):
            return Spacing(self.at, self.fact, self.period, None).decide(table, as_of)
        latest = latest_with_age(self.at or as_of, self.period)
        return InRange(self.fact, None, 2 * latest.toordinal()).decide(table, as_of)


def latest_with_age(at: date, period: Period) -> date:
    """The last day that is at least `period` old on `at`."""
    day = add_period(at, Period(months=-period.months, days=-period.days))
    while add_period(day, period) > at:
        day = date.fromordinal(day.toordinal() - 1)
    while add_period(date.fromordinal(day.toordinal() + 1), period) <= at:
        day = date.fromordinal(day.toordinal() + 1)
    return day


@dataclass(frozen=True, slots=True)
class Spacing:
    """The date lies from `start` to `end` after another date, both ends included; None: no limit."""

    fact: str
    of: str
    start: Period | None
    end: Period | None

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.fact, self.of)

    def decide(self, table: FactTable, as_of: date) -> Decided:
        days, others = table.numbers(self.fact), table.numbers(self.of)
        true, false = np.zeros(table.size, dtype=bool), np.zeros(table.size, dtype=bool)
        for row in np.flatnonzero(days.known & others.known):
            first, last = _ends(days.low[row], days.high[row])
            other_first, other_last = _ends(others.low[row], others.high[row])
            after = self._limit(first, other_last, self.start), self._limit(last, other_first, self.start)
            before = self._limit(last, other_first, self.end), self._limit(first, other_last, self.end)
            true[row] = (self.start is None or after[0] >= 0) and (self.end is None or before[0] <= 0)
            false[row] = (self.start is not None and after[1] < 0) or (self.end is not None and before[1] > 0)
        return true, false

    @staticmethod
    def _limit(day: date, other: date, period: Period | None) -> int:
        """Days by which `day` lies after `other` + period; 0 without a period."""
        return 0 if period is None else day.toordinal() - add_period(other, period).toordinal()


def _ends(low: np.int64, high: np.int64) -> tuple[date, date]:
    first = date.min if low == LOWEST else date.fromordinal(int(low) // 2)
    last = date.max if high == HIGHEST else date.fromordinal(int(high) // 2)
    return first, last


@dataclass(frozen=True, slots=True)
class GrowthAtLeast:
    """(figure − base) / base is at least `rate`; with a base of zero or less there is nothing to divide by: undecided."""

    fact: ColumnKey
    base: ColumnKey
    rate: Fraction

    @property
    def facts(self) -> tuple[str, ...]:
        return (_name(self.fact),) if _name(self.fact) == _name(self.base) else (_name(self.fact), _name(self.base))

    def decide(self, table: FactTable, as_of: date) -> Decided:
        figures, bases = table.numbers(self.fact), table.numbers(self.base)
        true, false = np.zeros(table.size, dtype=bool), np.zeros(table.size, dtype=bool)
        factor = 1 + self.rate
        for row in np.flatnonzero(figures.known & bases.known & (bases.low > 0)):
            low, high = int(figures.low[row]), int(figures.high[row])
            base_low, base_high = int(bases.low[row]), int(bases.high[row])
            true[row] = low != LOWEST and base_high != HIGHEST and low >= base_high * factor
            false[row] = high != HIGHEST and high < base_low * factor
        return true, false


@dataclass(frozen=True, slots=True)
class HasAny:
    """One of the named items is on the list; for honours: granted_on ≤ as_of ≤ valid_through.

    With `validity` a missing date of the item leaves it undecided. `granted`: days (ordinals) in which
    it must have been granted. What is not on a list that is there is not held.
    """

    fact: str
    names: frozenset[str]
    validity: bool = True
    granted: tuple[int | None, int | None] | None = None
    level: str | None = None
    year: int | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.fact,)

    def decide(self, table: FactTable, as_of: date) -> Decided:
        column = table.sets(self.fact)
        true, possible = np.zeros(table.size, dtype=bool), np.zeros(table.size, dtype=bool)
        for name in self.names & column.entries.keys():
            entry = column.entries[name]
            if not self.validity and self.granted is None and self.level is None and self.year is None:
                true[entry.rows] = True
                continue
            answers = [self.holds(item, as_of) for item in entry.items]
            true[entry.rows[[answer is True for answer in answers]]] = True
            possible[entry.rows[[answer is None for answer in answers]]] = True
        return true, column.known & ~true & ~possible

    def holds(self, item: Item, as_of: date) -> bool | None:
        """Whether one item of the right name counts at `as_of`; None: a date or level is not known."""
        answers: list[bool | None] = []
        if self.validity:
            day = as_of.toordinal()
            answers += [_within(item.granted, None, day), _within(item.through, day, None)]
        if self.granted is not None:
            answers.append(_within(item.granted, *self.granted))
        if self.level is not None:
            answers.append(None if item.level is None else item.level == self.level)
        if self.year is not None:
            answers.append(None if item.year is None else item.year == self.year)
        return False if False in answers else None if None in answers else True


def _within(band: Band | None, low: int | None, high: int | None) -> bool | None:
    if band is None:
        return None
    if (low is not None and band.high is not None and band.high < low) or (
        high is not None and band.low is not None and band.low > high
    ):
        return False
    above = low is None or (band.low is not None and band.low >= low)
    below = high is None or (band.high is not None and band.high <= high)
    return True if above and below else None
