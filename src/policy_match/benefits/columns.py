"""The amounts of one rule for many subjects at once, equal to `Computing.bounds` for every one of them.

Whole numbers alone take part: an interval is two int64 columns over one common
denominator, so a rate of 1/3 of 10 分 is 10/3 and not 3.33. Where a product would
not fit, or a figure does not lie on the grid of its column (parts of a 分), the row is
left to `Computing`, which is slower and knows no limit: `Amounts.singly` counts those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policy_match.benefits.formula import DAYS_A_YEAR, Computing, is_ceiling, money_of, runs, share_of, tiered
from policy_match.eligibility.nodes import Node
from policy_match.eligibility.schema import Benefit, Choose, ChooseRow, Facility, Formula, Interest, Switch, Tiers
from policy_match.facts.table import HIGHEST, LOWEST, SCALE
from policy_match.facts.vocabulary import NUMERIC
from policy_match.units import Number

Whole: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Rows: TypeAlias = NDArray[np.int64]
LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a benefit comes to for `rows` int64 (n,), 分.

    `low`, `high`: int64 (n,), or whole numbers of any size (object) where one does not fit. `known`: bool (n,), false
    where there is no amount; `unbounded`: bool (n,), a low end alone is known. Ends that are not known hold 0.
    `singly`: how many rows were computed one by one.
    """

    rows: Rows
    low: Whole
    high: Whole
    known: Flags
    unbounded: Flags
    singly: int


def amounts(computing: Computing, rows: Rows) -> Amounts:
    """The amounts for some rows of the table; none is known where the measure has no form of amount, or cannot say."""
    benefit = computing.rule.measure.benefit
    nothing = np.zeros(len(rows), dtype=np.int64)
    if benefit is None or benefit.form is None:
        never = np.zeros(len(rows), dtype=bool)
        return Amounts(rows, nothing, nothing, never, never, 0)
    together = _Together(computing, rows)
    try:
        found, hard = together.amounts(benefit), np.flatnonzero(together.hard)
    except OverflowError:  # a number of the rule itself does not fit
        found, hard = Amounts(rows, nothing, nothing, together.never, together.never, 0), np.arange(len(rows))
    return _with_single(found, [computing.bounds(int(rows[place])) for place in hard], hard) if len(hard) else found


def _with_single(found: Amounts, ends: Sequence[tuple[int, int | None] | None], hard: NDArray[np.intp]) -> Amounts:
    """The same with rows that were computed one by one; columns of any size where one of them does not fit."""
    lows = [0 if end is None else end[0] for end in ends]
    highs = [0 if end is None or end[1] is None else end[1] for end in ends]
    wide = max((*lows, *highs)) > LIMIT
    low, high = (column.astype(object if wide else np.int64) for column in (found.low, found.high))
    known, unbounded = found.known.copy(), found.unbounded.copy()
    low[hard], high[hard] = lows, highs
    known[hard] = [end is not None for end in ends]
    unbounded[hard] = [end is not None and end[1] is None for end in ends]
    return Amounts(found.rows, low, high, known, unbounded, len(hard))


@dataclass(frozen=True, slots=True)
class _Span:
    """Intervals from zero up: `low`, `high` int64 (n,), numerators over `over`; `open`: no upper end; `none`: nothing can be said."""

    low: Whole
    high: Whole
    open: Flags
    none: Flags
    over: int = 1


@dataclass(frozen=True, slots=True)
class _Figure:
    """A fact as numerators over `over`; either end may be open, and an end may lie below zero."""

    low: Whole
    high: Whole
    low_open: Flags
    high_open: Flags
    over: int = 1


class _Together:
    """One evaluation of a benefit, form by form as in `Computing`; `hard` (n,) collects the rows that do not fit."""

    def __init__(self, computing: Computing, rows: Rows) -> None:
        self.computing, self.rows = computing, rows
        self.hard: Flags = np.zeros(len(rows), dtype=bool)
        self.never: Flags = np.zeros(len(rows), dtype=bool)
        self.zero: Whole = np.zeros(len(rows), dtype=np.int64)

    def amounts(self, benefit: Benefit) -> Amounts:
        span = self.formula(benefit, None)
        if benefit.switch is not None:
            span = self.product(span, self.switch(benefit.switch))
        for cap in benefit.caps:
            span = self.at_most(span, self.constant(money_of(cap.amount)))
        ceiling = is_ceiling(benefit)
        known = ~(span.none | (span.open & (ceiling | (span.low == 0))))
        low = self.zero if ceiling else self.rounded(span.low, span.over, benefit)
        high = self.rounded(span.high, span.over, benefit)
        return Amounts(
            self.rows, np.where(known, low, 0), np.where(known & ~span.open, high, 0), known, known & span.open, 0
        )

    # forms

    def formula(self, formula: Formula, base: str | None) -> _Span:
        base = formula.of or base
        span = self.form(formula, base)
        if formula.floor is not None:
            span = self.at_least(span, self.constant(money_of(formula.floor)))
        return span if formula.cap is None else self.at_most(span, self.constant(money_of(formula.cap)))

    def form(self, formula: Formula, base: str | None) -> _Span:
        if formula.fixed is not None:
            return self.constant(money_of(formula.fixed))
        if formula.rate is not None:
            return self.times(self.positive(base), share_of(formula.rate))
        if formula.tiers is not None:
            return self.tiers(formula.tiers)
        if formula.sum_of is not None:
            return self.sum([self.said(part, base) for part in formula.sum_of.values()])
        if formula.best_of is not None:
            return self.hull([self.said(part, base) for part in formula.best_of], np.maximum)
        if formula.choose is not None:
            return self.choose(formula.choose, base)
        return self.simple(formula)

    def said(self, part: Formula, base: str | None) -> _Span:
        """A term of a sum or choice: one of which nothing can be said may be anything."""
        span = self.formula(part, base)
        return replace(span, low=np.where(span.none, 0, span.low), open=span.open | span.none, none=self.never)

    def simple(self, formula: Formula) -> _Span:
        if formula.increment is not None:
            added = self.less(self.fact(formula.increment.of), self.fact(formula.increment.over))
            return self.times(added, share_of(formula.increment.rate))
        if formula.top_up is not None:
            level = self.constant(money_of(formula.top_up.to))
            return self.less(
                _Figure(level.low, level.high, self.never, self.never, level.over), self.fact(formula.top_up.less)
            )
        if formula.per_unit is not None:
            each = money_of(formula.per_unit.amount) * formula.per_unit.times
            return self.times(self.positive(formula.per_unit.of), each)
        if formula.interest is not None:
            return self.interest(formula.interest)
        if formula.facility is not None:
            return self.facility(formula.facility)
        return _Span(self.zero, self.zero, self.never, ~self.never)

    def interest(self, interest: Interest) -> _Span:
        if interest.days is not None:
            days = self.positive(interest.days)
        else:
            days = self.less(self.fact(interest.to), self.fact(interest.from_))
        yearly = self.times(self.positive(interest.principal), share_of(interest.rate))
        return self.times(self.product(yearly, days), Fraction(1, DAYS_A_YEAR))

    def facility(self, facility: Facility) -> _Span:
        anything = _Span(self.zero, self.zero, ~self.never, self.never)
        limit = anything if facility.limit is None else self.constant(money_of(facility.limit))
        if facility.of is None or facility.share is None:
            return limit
        part = self.times(self.positive(facility.of), share_of(facility.share))
        return part if facility.limit is None else self.at_most(part, limit)

    def tiers(self, tiers: Tiers) -> _Span:
        """At both ends of the base and at the edges between, as `Computing.tiers` does."""
        base = self.positive(tiers.of)
        edges = [money_of(str(guard[1])) for tier in tiers.rows if (guard := tier.guard) is not None]
        over = base.over * lcm(*(Fraction(share_of(tier.rate or "0%")).denominator for tier in tiers.rows))
        low, high = (self.tiered(tiers, column, base.over, over) for column in (base.low, base.high))
        least, most = np.where(base.open, low, np.minimum(low, high)), np.where(base.open, low, np.maximum(low, high))
        points = [edge + step for edge in edges for step in (-1, 0, 1)]
        for point in points:
            reached = (point * base.over >= base.low) & (base.open | (point * base.over <= base.high))
            least, most = self.spread(least, most, reached, int(tiered(tiers, point) * over))
        if tiers.rows[-1].fixed is None:
            return _Span(least, most, base.open, self.never, over)
        last = int(tiered(tiers, max(edges, default=0) + 1) * over)
        least, most = self.spread(least, most, base.open, last)
        return _Span(least, most, self.never, self.never, over)

    def spread(self, least: Whole, most: Whole, where: Flags, value: int) -> tuple[Whole, Whole]:
        """Both ends of intervals, drawn out to one more value in some rows."""
        low, high = np.minimum(least, value), np.maximum(most, value)
        return np.where(where, low, least), np.where(where, high, most)

    def tiered(self, tiers: Tiers, base: Whole, base_over: int, over: int) -> Whole:
        """`formula.tiered` for a column: numerators over `over` of numerators over `base_over`."""
        shares = [int(Fraction(share_of(tier.rate or "0%")) * (over // base_over)) for tier in tiers.rows]
        base = self.fitting(base, max(1, *shares))
        total, below, before = self.zero, 0, ~self.never
        for tier, share in zip(tiers.rows, shares, strict=True):
            guard = tier.guard
            edge = LIMIT if guard is None else min(money_of(str(guard[1])) * base_over, LIMIT)
            if tiers.method == "marginal":
                total = total + np.maximum(np.minimum(base, edge) - below, 0) * share
                below = edge
                continue
            here = before & (
                ~self.never if guard is None else base <= edge if guard[0] == "at_most" else base < edge
            )  # fmt: skip
            paid = base * share if tier.fixed is None else self.constant(money_of(tier.fixed) * over).low
            total, before = np.where(here, paid, total), before & ~here
        return total

    def choose(self, choose: Choose, base: str | None) -> _Span:
        if choose.by is not None:
            rows: Sequence[ChooseRow] = choose.rows
            guards = self.computing.guards(choose.rows, choose.by)
        else:
            rows = choose.when
            conditions = self.computing.rule.conditions
            guards = [None if row.condition is None else conditions[row.condition].node for row in rows]
        spans = [self.formula(then, base) for then in (*rows, ChooseRow(fixed="0元"))]
        reached = self.reached(guards)
        pairs = list(zip(spans, reached, strict=False))
        nothing = ~np.logical_or.reduce([reach for _, reach in pairs])
        none = np.logical_or.reduce([nothing, *(reach & span.none for span, reach in pairs)])
        lifted = self.lifted([span for span, _ in pairs])
        low, high, open_ = np.full_like(self.zero, LIMIT), self.zero, self.never
        for span, reach in zip(lifted, reached, strict=False):
            low = np.where(reach, np.minimum(low, span.low), low)
            high = np.where(reach, np.maximum(high, span.high), high)
            open_ = open_ | (reach & span.open)
        return _Span(np.where(none, 0, low), np.where(none, 0, high), open_, none, lifted[0].over)

    def reached(self, guards: Sequence[Node | None]) -> list[Flags]:
        """Of the rows of a table, which may be the first that holds; bool (n,) each."""
        found, still = [], ~self.never
        for guard in guards:
            truths = None if guard is None else self.computing.deciding.truths(guard)[self.rows]
            found.append(still if truths is None else still & (truths >= 0))
            still = self.never if truths is None else still & (truths <= 0)
        return found

    def switch(self, switch: Switch) -> _Span:
        if not runs(switch, self.computing.deciding.as_of):
            return self.constant(1)
        factors = [self.constant(share_of(row.times)) for row in switch.rows]
        pairs = zip(
            [*factors, self.constant(1)], self.reached(self.computing.guards(switch.rows, switch.by)), strict=False
        )
        spans, reached = zip(*pairs, strict=True)
        lifted = self.lifted(spans)
        low, high = np.full_like(self.zero, LIMIT), self.zero
        for span, reach in zip(lifted, reached, strict=True):
            low, high = (
                np.where(reach, np.minimum(low, span.low), low),
                np.where(reach, np.maximum(high, span.high), high),
            )
        return _Span(low, high, self.never, self.never, lifted[0].over)

    # figures

    def fact(self, name: str | None) -> _Figure:
        """A figure of the subjects, exact; a fact that is no number is known of nobody."""
        table = self.computing.table
        if name is None or table.vocabulary[name].type not in NUMERIC:
            return _Figure(self.zero, self.zero, ~self.never, ~self.never)
        column = table.numbers(name)
        low, high = column.low[self.rows], column.high[self.rows]
        low_open, high_open = low == LOWEST, high == HIGHEST
        off_grid = ((low % 2 != 0) & ~low_open) | ((high % 2 != 0) & ~high_open)
        self.hard |= off_grid
        low, high = np.where(low_open | off_grid, 0, low // 2), np.where(high_open | off_grid, 0, high // 2)
        over = SCALE[table.vocabulary[name].type]
        shared = gcd(over, int(np.gcd.reduce(low, initial=0)), int(np.gcd.reduce(high, initial=0))) if over > 1 else 1
        return _Figure(low // shared, high // shared, low_open, high_open, over // shared)

    def positive(self, name: str | None) -> _Span:
        figure = self.fact(name)
        low, high = (np.maximum(column, 0) for column in (figure.low, figure.high))
        return _Span(np.where(figure.low_open, 0, low), high, figure.high_open, self.never, figure.over)

    def less(self, first: _Figure, second: _Figure) -> _Span:
        """first − second, never below zero."""
        over = lcm(first.over, second.over)
        ups = [over // first.over] * 2 + [over // second.over] * 2
        ends = zip((first.low, first.high, second.low, second.high), ups, strict=True)
        low, high, second_low, second_high = (self.fitting(column, 2 * up) * up for column, up in ends)
        least = np.where(first.low_open | second.high_open, 0, np.maximum(low - second_high, 0))
        open_ = first.high_open | second.low_open
        return _Span(least, np.where(open_, 0, np.maximum(high - second_low, 0)), open_, self.never, over)

    # arithmetic

    def constant(self, number: Number) -> _Span:
        exact = Fraction(number)
        column = np.full_like(self.zero, exact.numerator)
        return _Span(column, column, self.never, self.never, exact.denominator)

    def fitting(self, column: Whole, factor: int) -> Whole:
        """The column with zero for what would not fit once multiplied; those rows are computed singly."""
        risky = np.abs(column) > LIMIT // factor
        self.hard |= risky
        return np.where(risky, 0, column)

    def raised(self, span: _Span, factor: int, over: int) -> _Span:
        """Numerators times a factor, over another denominator."""
        low, high = (self.fitting(column, max(factor, 1)) * factor for column in (span.low, span.high))
        return replace(span, low=low, high=high, over=over)

    def times(self, span: _Span, factor: Number) -> _Span:
        exact = Fraction(factor) / span.over
        return self.raised(span, exact.numerator, exact.denominator)

    def product(self, first: _Span, second: _Span) -> _Span:
        over = first.over * second.over
        ends = []
        for one, other in ((first.low, second.low), (first.high, second.high)):
            risky = one > LIMIT // np.maximum(other, 1)
            self.hard |= risky
            ends.append(np.where(risky, 0, one) * other)
        return _Span(ends[0], ends[1], first.open | second.open, first.none | second.none, over)

    def lifted(self, spans: Sequence[_Span]) -> list[_Span]:
        """The same over one common denominator."""
        over = lcm(*(span.over for span in spans))
        return [self.raised(span, over // span.over, over) for span in spans]

    def sum(self, terms: Sequence[_Span]) -> _Span:
        lifted = self.lifted(terms)
        low, high, open_ = self.zero, self.zero, self.never
        for term in lifted:
            low, high = low + self.fitting(term.low, len(terms)), high + self.fitting(term.high, len(terms))
            open_ = open_ | term.open
        return _Span(low, high, open_, self.never, lifted[0].over)

    def hull(self, terms: Sequence[_Span], pick: Callable[[Whole, Whole], Whole]) -> _Span:
        lifted = self.lifted(terms)
        span = lifted[0]
        for term in lifted[1:]:
            span = replace(
                span, low=pick(span.low, term.low), high=pick(span.high, term.high), open=span.open | term.open
            )
        return span

    def at_most(self, span: _Span, cap: _Span) -> _Span:
        span, cap = self.lifted([span, cap])
        high = np.where(span.open, cap.high, np.minimum(span.high, cap.high))
        return _Span(np.minimum(span.low, cap.low), high, self.never, span.none, span.over)

    def at_least(self, span: _Span, floor: _Span) -> _Span:
        span, floor = self.lifted([span, floor])
        return replace(span, low=np.maximum(span.low, floor.low), high=np.maximum(span.high, floor.high))

    def rounded(self, column: Whole, over: int, benefit: Benefit) -> Whole:
        """Round as the benefit says, once: to its unit, or to 1分 downwards."""
        unit, mode = (
            (1, "floor") if benefit.rounding is None else (money_of(benefit.rounding.to), benefit.rounding.mode)
        )
        step = over * unit
        whole = column // step
        if mode == "ceil":
            whole = -(-column // step)
        elif mode == "half_up":
            whole = whole + (2 * (column % step) >= step)
        return whole * unit
