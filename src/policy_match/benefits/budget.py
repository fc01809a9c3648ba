"""What a rule costs: each beneficiary once, in cash, as an interval, and who gains or loses by another rule.

Somebody who surely has the benefit costs its low to its high end; somebody about whom a
fact is unknown, or whom people must judge, costs nothing to the high end. An amount without
an upper end stays without one: it is counted, never taken for zero. Of several subjects of
one beneficiary the best counts. A cap per enterprise holds over all that its projects get.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import starmap
from operator import add
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policy_match.benefits.columns import LIMIT, Flags, Rows, Whole, amounts
from policy_match.benefits.formula import Computing, money_of
from policy_match.eligibility.rulebook import Rule

States: TypeAlias = NDArray[np.int8]
NO, UNKNOWN, NEEDS_HUMAN, ELIGIBLE = 0, 1, 2, 3
PER_FIRM = ("enterprise", "enterprise_year")
HALF = 2**32


@dataclass(frozen=True, slots=True)
class Holding:
    """What one rule gives to each of n beneficiaries.

    `states`: int8 (n,), NO to ELIGIBLE; `rows`: int64 (n,), the subject that decides for the beneficiary; `low`, `high`:
    (n,), 分, 0 where there is no cash; `unbounded`: bool (n,), whether the high end is not known.
    """

    states: States
    rows: Rows
    low: Whole
    high: Whole
    unbounded: Flags


@dataclass(frozen=True, slots=True)
class Cost:
    """Cash, 分. `known_high_fen`: the high ends that are known; `amount_unknown`: beneficiaries without one."""

    low_fen: int = 0
    known_high_fen: int = 0
    amount_unknown: int = 0

    @property
    def high_fen(self) -> int | None:
        """The high end; None where that of somebody is not known."""
        return None if self.amount_unknown else self.known_high_fen

    def __add__(self, other: Cost) -> Cost:
        """Both together."""
        return Cost(
            self.low_fen + other.low_fen,
            self.known_high_fen + other.known_high_fen,
            self.amount_unknown + other.amount_unknown,
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """Beneficiaries counted before and after a change; `unknown` and `needs_human` are those after it."""

    gained: int = 0
    lost: int = 0
    eligible_before: int = 0
    eligible: int = 0
    unknown: int = 0
    needs_human: int = 0
    before: Cost = Cost()
    cost: Cost = Cost()

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__dataclass_fields__)
        return Tally(*starmap(add, pairs))


def nothing_held(count: int) -> Holding:
    """What a rule gives that is not there."""
    nothing = np.zeros(count, dtype=np.int64)
    return Holding(np.zeros(count, dtype=np.int8), nothing, nothing, nothing, np.zeros(count, dtype=bool))


def held(computing: Computing, states: States, owners: Rows, count: int) -> Holding:
    """What a rule gives to each of `count` beneficiaries.

    `states`: int8 (n_subjects,), NO to ELIGIBLE; `owners`: int64 (n_subjects,), the beneficiary of each subject. Only cash
    has an amount.
    """
    holding, rows = nothing_held(count), np.flatnonzero(states)
    of, own = owners[rows], states[rows]
    np.maximum.at(holding.states, of, own)
    first = np.full(count, len(states), dtype=np.int64)
    decides = own == holding.states[of]
    np.minimum.at(first, of[decides], rows[decides])
    benefit = computing.rule.measure.benefit
    cash = benefit is not None and benefit.kind == "cash"
    if not cash:
        return Holding(
            holding.states, np.where(holding.states > NO, first, 0), holding.low, holding.high, holding.unbounded
        )
    found = amounts(computing, rows)
    low, high = holding.low.astype(found.low.dtype), holding.high.astype(found.low.dtype)
    sure = own == ELIGIBLE
    np.maximum.at(low, of[sure], found.low[sure])
    np.maximum.at(high, of, found.high)
    np.logical_or.at(holding.unbounded, of, ~found.known | found.unbounded)
    return Holding(holding.states, np.where(holding.states > NO, first, 0), low, high, holding.unbounded)


def firm_cap(rule: Rule) -> int | None:
    """The most, 分, that one enterprise may have of a measure that is given to its projects or people; None: no such cap."""
    measure = rule.measure
    if measure.benefit is None or measure.target == "enterprise":
        return None
    return min((money_of(cap.amount) for cap in measure.benefit.caps if cap.per in PER_FIRM), default=None)


def within_cap(holding: Holding, firms: Rows, cap: int) -> Holding:
    """The same with no more than `cap` for all beneficiaries of one firm, the first ones first.

    `firms`: int64 (n_beneficiaries,), the firm of each. The sums of a firm are exact at both ends; a low end is never
    above its high end.
    """
    order = np.argsort(firms, kind="stable")
    starts = np.flatnonzero(np.diff(firms[order], prepend=-1))
    sizes = np.diff(starts, append=len(order))
    wide = cap * len(order) > LIMIT
    low, high = (column.astype(object) if wide else column for column in (holding.low[order], holding.high[order]))
    full = np.full_like(low, cap)
    lower = _allotted(low, full, starts, sizes)
    left = full - np.repeat(np.add.reduceat(lower, starts), sizes)
    higher = lower + _allotted(high - lower, left, starts, sizes)
    places = np.argsort(order)
    return Holding(holding.states, holding.rows, lower[places], higher[places], holding.unbounded)


def _allotted(wanted: Whole, limit: Whole, starts: Rows, sizes: Rows) -> Whole:
    """What each gets of the limit of its group, in order; `limit` is the same all over a group."""
    summed = np.cumsum(wanted)
    before = np.repeat((summed - wanted)[starts], sizes)
    reached = np.minimum(summed - before, limit)
    already = np.minimum(summed - before - wanted, limit)
    allotted: Whole = reached - already
    return allotted


def tallied(before: Holding, after: Holding, groups: Rows, count: int) -> tuple[Tally, ...]:
    """What a change does, in each of `count` groups. `groups`: int64 (n_subjects,), the group of each subject.

    A beneficiary is counted in the group of the subject that decides for it afterwards, or before where nothing is left.
    """
    if not len(groups):
        return (Tally(),) * count
    group = groups[np.where(after.states > NO, after.rows, before.rows)]

    def counted(flags: Flags) -> list[int]:
        numbers: list[int] = np.bincount(group[flags], minlength=count).tolist()
        return numbers

    had, has = before.states == ELIGIBLE, after.states == ELIGIBLE
    columns = (
        counted(has & ~had), counted(had & ~has), counted(had), counted(has), counted(after.states == UNKNOWN),
        counted(after.states == NEEDS_HUMAN), _costs(before, group, count), _costs(after, group, count),
    )  # fmt: skip
    return tuple(starmap(Tally, zip(*columns, strict=True)))


def _costs(holding: Holding, group: Rows, count: int) -> list[Cost]:
    counted: list[int] = np.bincount(group[holding.unbounded], minlength=count).tolist()
    ends = (_sums(column, group, count) for column in (holding.low, holding.high))
    return list(starmap(Cost, zip(*ends, counted, strict=True)))


def _sums(values: Whole, group: Rows, count: int) -> list[int]:
    """Exact sums of each group; two halves of 32 bits, so that no sum overflows."""
    if values.dtype == object:
        wide = np.zeros(count, dtype=object)
        np.add.at(wide, group, values)
        return [int(total) for total in wide]
    upper, lower = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.add.at(upper, group, values // HALF)
    np.add.at(lower, group, values % HALF)
    return [high * HALF + low for high, low in zip(upper.tolist(), lower.tolist(), strict=True)]
