"""Amounts, exact to the 分, as intervals.

An input that is not known gives an interval where its bounds are known and no
amount where they are not: never a guess. An amount that nobody has seen is none. `promise: ceiling` (不超过、最高) has 0 as
its low end. Caps apply to the sum, rounding once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

from policy_match.dates import parse_date
from policy_match.eligibility.conditions import guards_of
from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.nodes import Node
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Benefit, Bound, Choose, ChooseRow, Formula, Interest, Switch, Tiers
from policy_match.units import Band, Number, format_money, parse_money, parse_ratio

DAYS_A_YEAR = 365
NOTHING = Band(0, 0)
ANY = Band(0, None)


@cache
def money_of(written: str) -> int:
    """An amount that a rule file writes, 分."""
    return parse_money(written)


@cache
def share_of(written: str) -> Number:
    """A rate that a rule file writes, 1 = 100 %."""
    return parse_ratio(written)


@dataclass(frozen=True, slots=True)
class Amount:
    """What a benefit comes to. 分; `high_fen` None: open. `text` is what people read."""

    kind: str
    low_fen: int
    high_fen: int | None
    text: str
    verified: bool
    promise: str
    per: str


class Computing:
    """Computes the benefit of one rule for the subjects of one `Deciding`."""

    def __init__(self, deciding: Deciding, rule: Rule) -> None:
        self.deciding, self.rule = deciding, rule
        self.table = deciding.table

    def amount(self, row: int) -> Amount | None:
        """The amount for one subject; None where the measure has none, none was seen, or nothing can be said."""
        benefit, bounds = self.rule.measure.benefit, self.bounds(row)
        if benefit is None or bounds is None:
            return None
        low, high = bounds
        ceiling, verified = is_ceiling(benefit), self.rule.measure.verified.benefit == "page"
        return Amount(
            kind=benefit.kind,
            low_fen=low,
            high_fen=high,
            text=self.text(benefit, row, low, high, ceiling=ceiling, verified=verified),
            verified=verified,
            promise="ceiling" if ceiling else "exact",
            per=benefit.a,
        )

    def bounds(self, row: int) -> tuple[int, int | None] | None:
        """The two ends of `amount`, 分; None where it is None."""
        benefit = self.rule.measure.benefit
        if benefit is None or benefit.form is None:
            return None
        ceiling = is_ceiling(benefit)
        band = self.capped(benefit, self.total(benefit, row))
        if band is None or (band.high is None and (ceiling or not band.low)):
            return None
        low = 0 if ceiling else _rounded(band.low or 0, benefit)
        return low, None if band.high is None else _rounded(band.high, benefit)

    def total(self, benefit: Benefit, row: int) -> Band | None:
        """Before caps; a switch multiplies within its dates."""
        band = self.formula(benefit, row, None)
        if band is None or benefit.switch is None:
            return band
        times = self.switch(benefit.switch, row)
        return _times(band, times)

    def capped(self, benefit: Benefit, band: Band | None) -> Band | None:
        if band is None:
            return None
        for cap in benefit.caps:
            band = _at_most(band, money_of(cap.amount))
        return band

    def text(self, benefit: Benefit, row: int, low: int, high: int | None, *, ceiling: bool, verified: bool) -> str:
        if high is None:
            text = f"不少于{format_money(low)}"
        elif ceiling:
            text = f"最高{format_money(high)}"
        else:
            text = format_money(low) if low == high else f"{format_money(low)}至{format_money(high)}"
        prefix = {"tax": "税费减免（退还）", "deduction": "加计扣除", "facility": "额度"}.get(benefit.kind, "")
        text = prefix + ("每年" if benefit.a == "year" else "") + text
        due = None if benefit.due is None else self.formula(benefit.due, row, None)
        if due is not None and due.is_exact and due.low is not None:
            text += f"，应纳{format_money(_rounded(due.low, benefit))}"
        return text if verified else text + "（金额待核实）"

    # forms

    def formula(self, formula: Formula, row: int, base: str | None) -> Band | None:
        """The interval of one formula, 分; None where nothing can be said."""
        base = formula.of or base
        band = self.form(formula, row, base)
        if band is None:
            return None
        if formula.floor is not None:
            floor = money_of(formula.floor)
            band = Band(max(band.low or 0, floor), None if band.high is None else max(band.high, floor))
        return band if formula.cap is None else _at_most(band, money_of(formula.cap))

    def form(self, formula: Formula, row: int, base: str | None) -> Band | None:
        if formula.fixed is not None:
            return Band.exact(money_of(formula.fixed))
        if formula.rate is not None:
            return _times(_positive(self.fact(base, row)), Band.exact(share_of(formula.rate)))
        if formula.tiers is not None:
            return self.tiers(formula.tiers, row)
        if formula.sum_of is not None:
            return _sum(self.formula(part, row, base) or ANY for part in formula.sum_of.values())
        if formula.best_of is not None:
            return _best([self.formula(part, row, base) or ANY for part in formula.best_of])
        if formula.choose is not None:
            return self.choose(formula.choose, row, base)
        return self.simple(formula, row)

    def simple(self, formula: Formula, row: int) -> Band | None:
        if formula.increment is not None:
            added = _less(self.fact(formula.increment.of, row), self.fact(formula.increment.over, row))
            return _times(added, Band.exact(share_of(formula.increment.rate)))
        if formula.top_up is not None:
            return _less(Band.exact(money_of(formula.top_up.to)), self.fact(formula.top_up.less, row))
        if formula.per_unit is not None:
            each = money_of(formula.per_unit.amount) * formula.per_unit.times
            return _times(_positive(self.fact(formula.per_unit.of, row)), Band.exact(each))
        if formula.interest is not None:
            return self.interest(formula.interest, row)
        if formula.facility is not None:
            limit = Band(0, None) if formula.facility.limit is None else Band.exact(money_of(formula.facility.limit))
            if formula.facility.of is None or formula.facility.share is None:
                return limit
            part = _times(_positive(self.fact(formula.facility.of, row)), Band.exact(share_of(formula.facility.share)))
            return part if limit.high is None else _at_most(part, limit.high)
        return None

    def interest(self, interest: Interest, row: int) -> Band:
        if interest.days is not None:
            days = self.fact(interest.days, row)
        else:
            days = _less(self.fact(interest.to, row), self.fact(interest.from_, row))
        yearly = _times(_positive(self.fact(interest.principal, row)), Band.exact(share_of(interest.rate)))
        return _times(_times(yearly, _positive(days)), Band.exact(Fraction(1, DAYS_A_YEAR)))

    def fact(self, name: str | None, row: int) -> Band:
        """A figure of the subject; what is not known is an open band."""
        value = self.table.cell(row, name).value if name is not None else None
        return value if isinstance(value, Band) else Band(None, None)

    # tables

    def tiers(self, tiers: Tiers, row: int) -> Band | None:
        """Marginal or whole tiers at both ends of the base and, for whole tiers, at the edges between."""
        base = _positive(self.fact(tiers.of, row))
        edges = [money_of(str(guard[1])) for tier in tiers.rows if (guard := tier.guard) is not None]
        points: list[Number] = [base.low or 0]
        points += [edge + step for edge in edges for step in (-1, 0, 1) if _inside(base, edge + step)]
        if base.high is None:
            if tiers.rows[-1].fixed is None:
                return Band(min(tiered(tiers, point) for point in points), None)
            points.append(max(edges, default=0) + 1)
        else:
            points.append(base.high)
        values = [tiered(tiers, point) for point in points]
        return Band(min(values), max(values))

    def choose(self, choose: Choose, row: int, base: str | None) -> Band | None:
        bands = [self.formula(then, row, base) for then in self.chosen(choose, row)]
        return (
            None
            if not bands or any(band is None for band in bands)
            else _hull([band for band in bands if band is not None])
        )

    def chosen(self, choose: Choose, row: int) -> list[Formula]:
        """The rows of a choice that may count for one subject: one where its key is known."""
        if choose.by is not None:
            return list(self.reachable(self.guards(choose.rows, choose.by), choose.rows, row))
        guards = [None if r.condition is None else self.rule.conditions[r.condition].node for r in choose.when]
        return list(self.reachable(guards, choose.when, row))

    def guards(self, rows: Sequence[Bound], by: str) -> list[Node | None]:
        """Guards of rows by a fact; unlike thresholds, the last row may carry a bound: then nothing else is paid.

        Rows that name every option between them leave nothing else: the last one needs no guard.
        """
        table, found = self.rule.guards.get(id(rows), (None, []))
        if table is not rows:
            if rows[-1].guard is None:
                closed = [*rows]
            elif _named_options(rows) >= set(self.table.vocabulary[by].options or ("true", "false")):
                closed = [*rows[:-1], ChooseRow()]
            else:
                closed = [*rows, ChooseRow()]
            found = guards_of(closed, by, self.table.vocabulary)
            self.rule.guards[id(rows)] = rows, found
        return found

    def reachable(self, guards: Sequence[Node | None], rows: Sequence[ChooseRow], row: int) -> Iterable[Formula]:
        for guard, then in zip(guards, [*rows, ChooseRow(fixed="0元")], strict=False):
            answer = 1 if guard is None else int(self.deciding.truths(guard)[row])
            if answer >= 0:
                yield then
            if answer > 0:
                return

    def switch(self, switch: Switch, row: int) -> Band:
        """The factor of the rates: that of the row that holds, 1 outside the dates or where none does."""
        if not runs(switch, self.deciding.as_of):
            return Band.exact(1)
        factors: list[Number] = []
        for guard, then in zip(self.guards(switch.rows, switch.by), [*switch.rows, None], strict=False):
            answer = 1 if guard is None else int(self.deciding.truths(guard)[row])
            if answer >= 0:
                factors.append(1 if then is None else share_of(then.times))
            if answer > 0:
                break
        return Band(min(factors), max(factors))


def is_switched(rule: Rule, as_of: date) -> bool:
    """Whether the dates in which a measure changes its rates are running."""
    benefit = rule.measure.benefit
    return benefit is not None and benefit.switch is not None and runs(benefit.switch, as_of)


def runs(switch: Switch, as_of: date) -> bool:
    """Whether a day lies within the dates of a switch, both included."""
    first, last = parse_date(switch.from_).low, parse_date(switch.through).high
    day = as_of.toordinal()
    return (first is None or day >= first) and (last is None or day <= last)


def is_ceiling(benefit: Benefit) -> bool:
    """Whether no more is promised than an upper end: 不超过、最高, and what a facility may reach."""
    return benefit.promise == "ceiling" or benefit.form == "facility"


def _named_options(rows: Sequence[Bound]) -> set[str]:
    """The options that rows name by `is` or `one_of`; true and false as text."""
    named = {str(row.is_).lower() if isinstance(row.is_, bool) else str(row.is_) for row in rows if row.is_ is not None}
    return named | {option for row in rows for option in row.one_of or ()}


def tiered(tiers: Tiers, base: Number) -> Number:
    total: Number = 0
    below: Number = 0
    for tier in tiers.rows:
        guard = tier.guard
        edge = None if guard is None else money_of(str(guard[1]))
        here = guard is None or (base <= edge if guard[0] == "at_most" else base < edge)  # type: ignore[operator]
        top = base if here or edge is None else edge
        if tiers.method == "marginal":
            total += (top - below) * share_of(tier.rate or "0%")
            below = top
        elif here:
            return money_of(tier.fixed) if tier.fixed is not None else base * share_of(tier.rate or "0%")
        if here:
            break
    return total


def _positive(band: Band) -> Band:
    """A base below zero counts as zero; an unknown one is anything from zero."""
    return Band(max(band.low or 0, 0), None if band.high is None else max(band.high, 0))


def _times(band: Band, factor: Band) -> Band:
    low = (band.low or 0) * (factor.low or 0)
    return Band(low, None if band.high is None or factor.high is None else band.high * factor.high)


def _at_most(band: Band, cap: Number) -> Band:
    return Band(min(band.low or 0, cap), cap if band.high is None else min(band.high, cap))


def _less(first: Band, second: Band) -> Band:
    """first − second, never below zero."""
    low = first.low - second.high if first.low is not None and second.high is not None else 0
    high = None if first.high is None or second.low is None else max(first.high - second.low, 0)
    return Band(max(low, 0), high)


def _sum(terms: Iterable[Band]) -> Band:
    every = list(terms)
    high = (
        None if any(term.high is None for term in every) else sum(term.high for term in every if term.high is not None)
    )
    return Band(sum(term.low or 0 for term in every), high)


def _best(terms: Sequence[Band]) -> Band:
    highs = [term.high for term in terms]
    return Band(
        max(term.low or 0 for term in terms), None if None in highs else max(high for high in highs if high is not None)
    )


def _hull(terms: Sequence[Band]) -> Band:
    highs = [term.high for term in terms]
    return Band(
        min(term.low or 0 for term in terms), None if None in highs else max(high for high in highs if high is not None)
    )


def _inside(band: Band, point: Number) -> bool:
    return point >= (band.low or 0) and (band.high is None or point <= band.high)


def _rounded(fen: Number, benefit: Benefit) -> int:
    """Apply the rounding rule of the benefit; 1分, downwards, where there is none (facilities)."""
    unit = money_of(benefit.rounding.to) if benefit.rounding is not None else 1
    mode = benefit.rounding.mode if benefit.rounding is not None else "floor"
    steps = Fraction(fen) / unit
    whole = steps.numerator // steps.denominator
    if mode == "ceil" and whole != steps:
        whole += 1
    if mode == "half_up" and steps - whole >= Fraction(1, 2):
        whole += 1
    return whole * unit
