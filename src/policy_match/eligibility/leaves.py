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
from typing import Protocol

import numpy as np

from policy_match.dates import Period, add_period
from policy_match.eligibility.truth import Planes
from policy_match.facts.cells import Item, Possible
from policy_match.facts.domains import Answers, Domain
from policy_match.facts.planes import ColumnPlanes, Columns
from policy_match.facts.table import HIGHEST, LOWEST, ColumnKey, Rows
from policy_match.identifiers import IndustryTree, region_path
from policy_match.units import Band


class Leaf(Protocol):
    """One test of one fact. Leaves are values: equal leaves are evaluated once."""

    @property
    def facts(self) -> tuple[str, ...]:
        """Facts that the test reads, the one it is about first."""

    def decide(self, columns: ColumnPlanes[Columns], as_of: date) -> Planes[Columns]:
        """Planes of the subjects for which it is surely true, surely false; neither: unknown."""


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

    def decide(self, columns: ColumnPlanes[Columns], as_of: date) -> Planes[Columns]:
        return Planes(*columns.between(self.fact, self.low, self.high))


@dataclass(frozen=True, slots=True)
class InOptions:
    """The choice or flag is one of the options."""

    fact: str
    options: frozenset[str]

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.fact,)

    def decide(self, columns: ColumnPlanes[Columns], as_of: date) -> Planes[Columns]:
        domain = columns.table.codes(self.fact).domain
        true = [domain.singles[option] for option in self.options if option in domain.singles]
        return Planes(*columns.answered(self.fact, domain.answer(true, (), self._vague)))

    def _vague(self, value: Possible) -> bool | None:
        if value.options <= self.options:
            return True
        return None if value.options & self.options else False


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

    def decide(self, columns: ColumnPlanes[Columns], as_of: date) -> Planes[Columns]:
        domain = columns.table.codes(self.fact).domain
        return Planes(*columns.answered(self.fact, self._answers(domain, columns.table.vocabulary.industries)))

    def _answers(self, domain: Domain, tree: IndustryTree) -> Answers:
        """True where all classes that a value may stand for are wanted, false where none is."""
        spans = domain.spans(tree)
        wanted = np.zeros(1 + len(tree.names), dtype=np.int64)
        for codes, is_wanted in ((self.roots, 1), (self.exceptions, 0)):
            for code in codes:
                first, last = tree.spans[code]
                wanted[1 + first : 1 + last] = is_wanted
        before = wanted.cumsum()
        hits = spans.sums(before[spans.last] - before[spans.first])
        answers = np.zeros(len(domain.values), dtype=np.int8)
        answers[1:][hits == spans.classes] = 1
        answers[1:][hits == 0] = -1
        return answers


@dataclass(frozen=True, slots=True)
class InRegion:
    """The place lies within one of the regions (GB/T 2260); a code of a higher level is undecided."""

    fact: str
    roots: tuple[str, ...]

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.fact,)

    def decide(self, columns: ColumnPlanes[Columns], as_of: date) -> Planes[Columns]:
        domain = columns.table.codes(self.fact).domain
        true = [index for root in self.roots for index in domain.under_region.get(root, ())]
        above = {region for root in self.roots for region in region_path(root)}
        open_ = [domain.singles[region] for region in above if region in domain.singles]
        return Planes(*columns.answered(self.fact, domain.answer(true, open_, self._vague)))

    def _vague(self, value: Possible) -> bool | None:
        answers = {self.holds(code) for code in value.options}
        return answers.pop() if len(answers) == 1 else None

    def holds(self, code: str) -> bool | None:
        """Whether a place lies within; None: a root lies within the place."""
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

    def decide(self, columns: ColumnPlanes[Columns], as_of: date) -> Planes[Columns]:
        if isinstance(self.at, str):
            return Spacing(self.at, self.fact, self.period, None).decide(columns, as_of)
        latest = latest_with_age(self.at or as_of, self.period)
        return InRange(self.fact, None, 2 * latest.toordinal()).decide(columns, as_of)


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

    def decide(self, columns: ColumnPlanes[Columns], as_of: date) -> Planes[Columns]:
        table = columns.table
        days, others = table.numbers(self.fact), table.numbers(self.of)
        true, false = np.zeros(table.size, dtype=bool), np.zeros(table.size, dtype=bool)
        for row in np.flatnonzero(days.known & others.known):
            first, last = _ends(int(days.low[row]), int(days.high[row]))
            other_first, other_last = _ends(int(others.low[row]), int(others.high[row]))
            after = self._limit(first, other_last, self.start), self._limit(last, other_first, self.start)
            before = self._limit(last, other_first, self.end), self._limit(first, other_last, self.end)
            true[row] = (self.start is None or after[0] >= 0) and (self.end is None or before[0] <= 0)
            false[row] = (self.start is not None and after[1] < 0) or (self.end is not None and before[1] > 0)
        return Planes(columns.packed(true), columns.packed(false))

    def days_for(self, other_low: int, other_high: int, want: bool) -> list[tuple[int, int]]:
        """Spans of keys of the day that decide as wanted whatever the other is between its keys."""
        first, last = _ends(other_low, other_high)
        low = LOWEST if self.start is None else _key(add_period(last if want else first, self.start))
        high = HIGHEST if self.end is None else _key(add_period(first if want else last, self.end))
        return [(low, high)] if want else [(LOWEST, low - 1), (high + 1, HIGHEST)]

    def others_for(self, day_low: int, day_high: int, want: bool) -> list[tuple[int, int]]:
        """Spans of keys of the other day that decide as wanted whatever the day is between its keys."""
        first, last = _ends(day_low, day_high)
        ends = (first, last) if want else (last, first)
        high = HIGHEST if self.start is None else _latest_key(ends[0], self.start)
        low = LOWEST if self.end is None else _latest_key(_day_before(ends[1]), self.end) + 2
        return [(low, high)] if want else [(high + 1, HIGHEST), (LOWEST, low - 1)]

    @staticmethod
    def _limit(day: date, other: date, period: Period | None) -> int:
        """Days by which `day` lies after `other` + period; 0 without a period."""
        return 0 if period is None else day.toordinal() - add_period(other, period).toordinal()


def _key(day: date) -> int:
    return LOWEST if day == date.min else HIGHEST if day == date.max else 2 * day.toordinal()


def _latest_key(at: date, period: Period) -> int:
    return _key(at) if at in (date.min, date.max) else _key(latest_with_age(at, period))


def _day_before(day: date) -> date:
    return day if day in (date.min, date.max) else date.fromordinal(day.toordinal() - 1)


def _ends(low: int, high: int) -> tuple[date, date]:
    first = date.min if low == LOWEST else date.fromordinal(low // 2)
    last = date.max if high == HIGHEST else date.fromordinal(high // 2)
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

    def decide(self, columns: ColumnPlanes[Columns], as_of: date) -> Planes[Columns]:
        table = columns.table
        figures, bases = table.numbers(self.fact), table.numbers(self.base)
        true, false = np.zeros(table.size, dtype=bool), np.zeros(table.size, dtype=bool)
        factor = 1 + self.rate
        for row in np.flatnonzero(figures.known & bases.known & (bases.low > 0)):
            # an odd key stands for a value between its neighbours, so the safe one of these is compared
            low, high = int(figures.low[row]), int(figures.high[row])
            base_low, base_high = int(bases.low[row]), int(bases.high[row])
            true[row] = low != LOWEST and base_high != HIGHEST and low - low % 2 >= (base_high + base_high % 2) * factor
            false[row] = high != HIGHEST and high + high % 2 < (base_low - base_low % 2) * factor
        return Planes(columns.packed(true), columns.packed(false))


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

    def decide(self, columns: ColumnPlanes[Columns], as_of: date) -> Planes[Columns]:
        column = columns.table.sets(self.fact)
        true, possible = columns.none, columns.none
        for name in sorted(self.names & column.entries.keys()):
            if not self.validity and self.granted is None and self.level is None and self.year is None:
                true = true | columns.named(self.fact, name)
                continue
            entry = column.entries[name]
            # Subjects share the objects of what was read from one text: each is looked at once.
            held = {key: self.holds(item, as_of) for key, item in {id(item): item for item in entry.items}.items()}
            answers = [held[id(item)] for item in entry.items]
            true = true | _rows_where(columns, entry.rows, [answer is True for answer in answers])
            possible = possible | _rows_where(columns, entry.rows, [answer is None for answer in answers])
        return Planes(true, columns.known(self.fact) & ~(true | possible))

    def holds(self, item: Item, as_of: date) -> bool | None:
        """Whether one item of the right name counts at `as_of`; None: a date or level is not known."""
        answers: list[bool | None] = []
        first, last = self.granted or (None, None)
        if self.validity:
            day = as_of.toordinal()
            last = day if last is None else min(last, day)
            answers.append(_within(item.through, day, None))
        if self.validity or self.granted is not None:
            answers.append(_within(item.granted, first, last))
        if self.level is not None:
            answers.append(None if item.level is None else item.level == self.level)
        if self.year is not None:
            answers.append(None if item.year is None else item.year == self.year)
        return False if False in answers else None if None in answers else True

    def implies(self, other: HasAny) -> bool:
        """Whether an item that counts here counts there too, if its name does."""
        low, high = other.granted or (None, None)
        first, last = self.granted or (None, None)
        return (
            (self.validity or not other.validity)
            and (low is None or (first is not None and first >= low))
            and (high is None or (last is not None and last <= high))
            and other.level in (None, self.level)
            and other.year in (None, self.year)
        )


def _rows_where(columns: ColumnPlanes[Columns], rows: Rows, wanted: list[bool]) -> Columns:
    flags = np.zeros(columns.table.size, dtype=bool)
    flags[rows[wanted]] = True
    return columns.packed(flags)


def _within(band: Band | None, low: int | None, high: int | None) -> bool | None:
    if low is not None and high is not None and low > high:
        return False
    if band is None:
        return None
    if (low is not None and band.high is not None and band.high < low) or (
        high is not None and band.low is not None and band.low > high
    ):
        return False
    above = low is None or (band.low is not None and band.low >= low)
    below = high is None or (band.high is not None and band.high <= high)
    return True if above and below else None
