"""Small wrong turns of an amount: every figure of a benefit moved by one step, every part left out.

Rates move by 0.01 percentage points, sums by 1元, bounds by one step of their fact;
caps, floors, terms and rows are dropped, marginal and whole tiers, exact and ceiling
promises, roundings exchanged, dates of a switch moved by a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from policy_match.dates import parse_date
from policy_match.eligibility.nodes import Named
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Benefit, Bound, Cap, Choose, Formula, Switch, Tiers
from policy_match.eligibility.schema_benefit import choosing_conditions
from policy_match.facts.bounds import bound_of
from policy_match.facts.show import UNIT_NAMES
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary
from policy_match.proving.condition_mutants import Mutant, condition_mutants
from policy_match.proving.situations import STEPS
from policy_match.units import Number, parse_money, parse_ratio

_Row = TypeVar("_Row", bound=Bound)
_MONEY = ("fixed", "cap", "floor")
_BOUNDS = ("at_most", "less_than", "at_least", "more_than")
_MODES = {"floor": "ceil", "half_up": "floor", "ceil": "floor"}


def amount_mutants(rule: Rule, vocabulary: Vocabulary) -> Iterator[Mutant]:
    """Every mutant of the benefit of a rule, those of the conditions that choose an amount included."""
    benefit = rule.measure.benefit
    if benefit is None or benefit.form is None:
        return
    for what, changed in _Mutating(vocabulary).benefit(benefit):
        yield Mutant(f"金额：{what}", replace(rule, measure=rule.measure.model_copy(update={"benefit": changed})))
    for name in choosing_conditions(benefit):
        condition = rule.conditions[name]
        for mutant in condition_mutants(replace(rule, root=condition.node), vocabulary):
            if not isinstance(mutant.rule.root, Named):
                raise TypeError(f"{name} lost its name")
            conditions = {**rule.conditions, name: replace(condition, node=mutant.rule.root)}
            yield Mutant(f"金额：{mutant.what}", replace(rule, conditions=conditions))


class _Mutating:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def benefit(self, benefit: Benefit) -> Iterator[tuple[str, Benefit]]:
        for what, changed in self.formula(benefit):
            yield what, benefit.model_copy(update=dict(changed))
        other = "exact" if benefit.promise == "ceiling" else "ceiling"
        yield f"{benefit.promise} 改为 {other}", benefit.model_copy(update={"promise": other})
        if benefit.rounding is not None:
            mode = _MODES[benefit.rounding.mode]
            rounding = benefit.rounding.model_copy(update={"mode": mode})
            yield f"取整 {benefit.rounding.mode} 改为 {mode}", benefit.model_copy(update={"rounding": rounding})
        for index, cap in enumerate(benefit.caps):
            for what, caps in _caps(benefit.caps, index, cap):
                yield what, benefit.model_copy(update={"caps": caps})
        if benefit.switch is not None:
            for what, switch in self.switch(benefit.switch):
                yield what, benefit.model_copy(update={"switch": switch})

    def formula(self, formula: Formula) -> Iterator[tuple[str, Formula]]:
        for name in _MONEY:
            written: str | None = getattr(formula, name)
            if written is not None:
                for changed in _moved_money(written):
                    yield f"{name} {written} 改为 {changed}", formula.model_copy(update={name: changed})
                if name != "fixed":
                    yield f"去掉 {name} {written}", formula.model_copy(update={name: None})
        if formula.rate is not None:
            for changed in _moved_rate(formula.rate):
                yield f"比例 {formula.rate} 改为 {changed}", formula.model_copy(update={"rate": changed})
        if formula.unseen:
            yield "金额未见改为 0元", formula.model_copy(update={"unseen": None, "fixed": "0元"})
        yield from self.figures(formula)
        if formula.tiers is not None:
            for what, tiers in self.tiers(formula.tiers):
                yield what, formula.model_copy(update={"tiers": tiers})
        if formula.choose is not None:
            for what, choose in self.choose(formula.choose):
                yield what, formula.model_copy(update={"choose": choose})
        yield from self.parts(formula)

    def figures(self, formula: Formula) -> Iterator[tuple[str, Formula]]:
        """The figures of increment, interest, per_unit, top_up and facility."""
        for form, name, moved in (
            ("increment", "rate", _moved_rate),
            ("interest", "rate", _moved_rate),
            ("per_unit", "amount", _moved_money),
            ("top_up", "to", _moved_money),
            ("facility", "limit", _moved_money),
            ("facility", "share", _moved_rate),
        ):
            body = getattr(formula, form)
            written = None if body is None else getattr(body, name)
            for changed in () if written is None else moved(written):
                part = body.model_copy(update={name: changed})
                yield f"{form} {written} 改为 {changed}", formula.model_copy(update={form: part})
        if formula.per_unit is not None:
            times = formula.per_unit.times + 1
            part = formula.per_unit.model_copy(update={"times": times})
            yield f"per_unit 次数改为 {times}", formula.model_copy(update={"per_unit": part})

    def parts(self, formula: Formula) -> Iterator[tuple[str, Formula]]:
        """Terms of a sum and alternatives of a best-of, each left out and each changed."""
        terms = formula.sum_of or {}
        for name, term in terms.items():
            rest = {other: part for other, part in terms.items() if other != name}
            if rest:
                yield f"去掉 {name}", formula.model_copy(update={"sum_of": rest})
            for what, changed in self.formula(term):
                yield f"{name} {what}", formula.model_copy(update={"sum_of": {**terms, name: changed}})
        ways = formula.best_of or []
        for index, way in enumerate(ways):
            if len(ways) > 1:
                kept = [*ways[:index], *ways[index + 1 :]]
                yield f"去掉第 {index + 1} 种算法", formula.model_copy(update={"best_of": kept})
            for what, changed in self.formula(way):
                yield what, formula.model_copy(update={"best_of": _put(ways, index, changed)})

    # tables

    def tiers(self, tiers: Tiers) -> Iterator[tuple[str, Tiers]]:
        method = "whole" if tiers.method == "marginal" else "marginal"
        if not any(row.fixed for row in tiers.rows):
            yield f"{tiers.method} 改为 {method}", tiers.model_copy(update={"method": method})
        for what, rows in self.rows(tiers.rows, self.vocabulary[tiers.of]):
            yield what, tiers.model_copy(update={"rows": rows})
        for index, row in enumerate(tiers.rows):
            for name, moved in (("rate", _moved_rate), ("fixed", _moved_money)):
                written: str | None = getattr(row, name)
                for changed in () if written is None else moved(written):
                    rows = _put(tiers.rows, index, row.model_copy(update={name: changed}))
                    yield f"第 {index + 1} 档 {written} 改为 {changed}", tiers.model_copy(update={"rows": rows})

    def choose(self, choose: Choose) -> Iterator[tuple[str, Choose]]:
        if choose.by is not None:
            for what, rows in self.rows(choose.rows, self.vocabulary[choose.by]):
                yield what, choose.model_copy(update={"rows": rows})
        for key, rows in (("rows", choose.rows), ("when", choose.when)):
            for index, row in enumerate(rows):
                if key == "when" and row.condition is not None:
                    kept = [*rows[:index], *rows[index + 1 :]]
                    yield f"去掉第 {index + 1} 行", choose.model_copy(update={key: kept})
                for what, changed in self.formula(row):
                    put = row.model_copy(update=dict(changed))
                    yield f"第 {index + 1} 行 {what}", choose.model_copy(update={key: _put(rows, index, put)})

    def switch(self, switch: Switch) -> Iterator[tuple[str, Switch]]:
        for what, rows in self.rows(switch.rows, self.vocabulary[switch.by]):
            yield what, switch.model_copy(update={"rows": rows})
        for index, row in enumerate(switch.rows):
            for changed in _moved_rate(row.times):
                rows = _put(switch.rows, index, row.model_copy(update={"times": changed}))
                yield f"倍数 {row.times} 改为 {changed}", switch.model_copy(update={"rows": rows})
        for name, end in (("from_", "low"), ("through", "high")):
            day = date.fromordinal(int(getattr(parse_date(getattr(switch, name)), end)))
            for step in (-1, 1):
                moved = (day + timedelta(days=step)).isoformat()
                yield f"{name} 改为 {moved}", switch.model_copy(update={name: moved})

    def rows(self, rows: Sequence[_Row], spec: FactSpec) -> Iterator[tuple[str, list[_Row]]]:
        """Each row with a bound left out; each bound moved, made strict or lenient; each option left out."""
        for index, row in enumerate(rows):
            if row.guard is None:
                continue
            if len(rows) > 1:
                yield f"去掉第 {index + 1} 行", [*rows[:index], *rows[index + 1 :]]
            for what, changed in self.bounds(row, spec):
                yield f"第 {index + 1} 行{what}", _put(rows, index, changed)

    def bounds(self, row: _Row, spec: FactSpec) -> Iterator[tuple[str, _Row]]:
        if row.one_of is not None and len(row.one_of) > 1:
            for option in row.one_of:
                kept = [other for other in row.one_of if other != option]
                yield f"去掉{option}", row.model_copy(update={"one_of": kept})
        for name, other in zip(_BOUNDS, ("less_than", "at_most", "more_than", "at_least"), strict=True):
            written = getattr(row, name)
            if written is None or spec.type not in STEPS:
                continue
            number = bound_of(spec, written, self.vocabulary)
            for step in (-STEPS[spec.type], STEPS[spec.type]):
                yield f"界限 {written} 移一档", row.model_copy(update={name: _written(number + step, spec)})
            yield f"{name} 改为 {other}", row.model_copy(update={name: None, other: written})


def _caps(caps: list[Cap], index: int, cap: Cap) -> Iterator[tuple[str, list[Cap]]]:
    yield f"去掉上限 {cap.amount}", [*caps[:index], *caps[index + 1 :]]
    for changed in _moved_money(cap.amount):
        yield f"上限 {cap.amount} 改为 {changed}", _put(caps, index, cap.model_copy(update={"amount": changed}))


def _moved_money(written: str) -> Iterator[str]:
    for step in (-100, 100):
        yield f"{parse_money(written) + step}分"


def _moved_rate(written: str) -> Iterator[str]:
    for step in (Fraction(-1, 10_000), Fraction(1, 10_000)):
        yield _percent(parse_ratio(written) + step)


def _percent(ratio: Number) -> str:
    hundredfold = Fraction(ratio) * 100
    return f"{Decimal(hundredfold.numerator) / Decimal(hundredfold.denominator):f}%"


def _written(number: Number, spec: FactSpec) -> str:
    """A bound as an author writes it, in the unit of its fact."""
    if spec.type is FactType.MONEY:
        return f"{number}分"
    if spec.type is FactType.RATIO:
        return _percent(number)
    if spec.type is FactType.DATE:
        return date.fromordinal(int(number)).isoformat()
    text = f"{Decimal(Fraction(number).numerator) / Decimal(Fraction(number).denominator):f}"
    return text + ("㎡" if spec.type is FactType.AREA else UNIT_NAMES.get(spec.unit, spec.unit))


_Item = TypeVar("_Item")


def _put(items: Sequence[_Item], index: int, item: _Item) -> list[_Item]:
    return [*items[:index], item, *items[index + 1 :]]
