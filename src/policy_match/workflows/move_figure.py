"""Move one figure of a rule (a threshold, a rate, an amount, a cap) and see what it costs at each step: 测算, nothing is stored.

Figures that others hang on (bounds of tiers and tables, both ends of a range) and those of
shared definitions are not moved: one of them alone would leave a hole, or change other measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from pydantic import BaseModel

from policy_match.authoring.assemble import articles_of
from policy_match.benefits.budget import Tally
from policy_match.benefits.limits import PER_NAMES
from policy_match.eligibility.rulebook import Rule, Rulebook, RuleCompiler
from policy_match.eligibility.schema import Choose, FactCondition, Formula, Measure
from policy_match.errors import FactError, Issue, UsageError
from policy_match.facts.bounds import bound_of
from policy_match.facts.show import UNIT_NAMES, number_text
from policy_match.facts.table import SCALE
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary
from policy_match.units import Number
from policy_match.workflows.show_measure import bound_text
from policy_match.workflows.weigh_rules import Weighing

Trail: TypeAlias = "tuple[str | int, ...]"
OPERATORS = {"at_least": "不少于", "at_most": "不超过", "more_than": "超过", "less_than": "不满"}
STEPS, MOST_STEPS = 12, 40
FULL_SCORE = 100
FIRST, LAST = Fraction(1, 2), Fraction(8, 5)
MONEY = FactSpec("", "", FactType.MONEY, "both")
RATIO = FactSpec("", "", FactType.RATIO, "both")
_AMOUNTS = {"fixed": "金额", "floor": "最低", "cap": "最高"}
_INSIDE: Mapping[str, Sequence[tuple[str, FactSpec, str]]] = {
    "increment": (("rate", RATIO, "增量的比例"),),
    "interest": (("rate", RATIO, "贴息利率"),),
    "per_unit": (("amount", MONEY, "每单位金额"),),
    "top_up": (("to", MONEY, "补足至"),),
    "facility": (("limit", MONEY, "额度"), ("share", RATIO, "比例")),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a rule that can be moved. `path`: where it stands in the measure; `value`: in the unit of `spec`."""

    path: Trail
    label: str
    spec: FactSpec
    value: Number

    @property
    def key(self) -> str:
        """The path as one word, for addresses."""
        return ".".join(map(str, self.path))

    def text(self, value: Number) -> str:
        """A value of the figure as people read it."""
        return number_text(self.spec, value)


@dataclass(frozen=True, slots=True)
class Range:
    """What values to try: both ends included, as people write them; None: half of the written value, and 1.6 times it."""

    first: str | None = None
    last: str | None = None
    steps: int = STEPS


@dataclass(frozen=True, slots=True)
class Moving:
    """One figure of a rule and the values that it is moved to, ascending, the written one among them."""

    rule: Rule
    figure: Figure
    values: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What the rule does with one value of the figure, against the rule as written."""

    value: Number
    is_written: bool
    tally: Tally


def figures_of(rule: Rule, vocabulary: Vocabulary) -> tuple[Figure, ...]:
    """The figures of a rule that can be moved, conditions first, in the order of the file; those that are 0 cannot."""
    found = (*_thresholds(rule, vocabulary), *_of_benefit(rule, vocabulary))
    return tuple(figure for figure in found if figure.value > 0)


def figure_of(figures: Sequence[Figure], key: str | None) -> Figure:
    """The figure asked for, the first one without a key; UsageError PARAM_VALUE for one that there is not."""
    for figure in figures:
        if key in (None, figure.key):
            return figure
    allowed = "、".join(figure.key for figure in figures)
    raise UsageError(Issue("PARAM_VALUE", f"没有“{str(key)[:60]}”这个数", "figure", allowed, "从列出的数中选一个"))


def values_of(figure: Figure, wish: Range, vocabulary: Vocabulary) -> tuple[Number, ...]:
    """Values to try, ascending, the written one among them, in even steps.

    UsageError where an end cannot be read, or the first is above the last.
    """
    low, high = (
        _simple(figure.value * default) if written is None else _read(figure, written, name, vocabulary)
        for name, written, default in (("from", wish.first, FIRST), ("to", wish.last, LAST))
    )
    if figure.spec.type is FactType.SCORE and wish.last is None:
        high = min(high, FULL_SCORE)
    if low > high or low < 0:
        allowed = f"0 至{figure.text(high)}" if high >= 0 else "不小于 0"
        raise UsageError(Issue("PARAM_VALUE", f"范围不能从{figure.text(low)}开始", "from", allowed, "改正范围"))
    exact = (low + (high - low) * Fraction(step, wish.steps - 1) for step in range(wish.steps))
    return tuple(sorted({_on_grid(figure, one) for one in exact} | {_simple(figure.value)}))


def steps_of(moving: Moving, rulebook: Rulebook, weighing: Weighing) -> tuple[Step, ...]:
    """What the rule would do with each value. `rulebook`: the one that the rule is of."""
    rule, figure = moving.rule, moving.figure
    found = []
    for value in moving.values:
        is_written = value == figure.value
        moved = rule if is_written else moved_rule(rule, rulebook, figure, value)
        found.append(Step(value, is_written, weighing.tally(rule, moved)))
    return tuple(found)


def moved_rule(rule: Rule, rulebook: Rulebook, figure: Figure, value: Number) -> Rule:
    """The rule with another value of one of its figures."""
    measure = _changed(rule.measure, figure.path, _written(figure, value))
    if not isinstance(measure, Measure):
        raise TypeError(type(measure).__name__)
    compiler = RuleCompiler(rulebook.vocabulary, rulebook.definitions, {})
    articles = articles_of(measure)
    for name in measure.use:
        compiler.add_definition(name, articles)
    for name, condition in measure.conditions.items():
        compiler.add_condition(name, condition, articles.get(name), None)
    return replace(
        rule,
        measure=measure,
        conditions=dict(compiler.conditions),
        root=compiler.tree(measure.eligible_when),
        exclusions=tuple(compiler.exclusions),
        gates=tuple(compiler.gates),
    )


def _thresholds(rule: Rule, vocabulary: Vocabulary) -> Iterator[Figure]:
    for name, condition in rule.measure.conditions.items():
        if not isinstance(condition, FactCondition) or not (word := _word(condition, vocabulary)):
            continue
        spec = RATIO if condition.op == "growth_at_least" else vocabulary[condition.fact]
        label = f"条件：{rule.conditions[name].label} {word}"
        if condition.by is None:
            value = bound_of(spec, _plain(condition.value), vocabulary)
            yield Figure(("conditions", name, "value"), label, spec, value)
            continue
        for place, row in enumerate(condition.rows):
            when = vocabulary[condition.by].label + bound_text(row, condition.by, vocabulary)
            value = bound_of(spec, row.value, vocabulary)
            yield Figure(("conditions", name, "rows", place, "value"), f"{label}（{when}）", spec, value)


def _word(condition: FactCondition, vocabulary: Vocabulary) -> str:
    """The operator in words; empty where it compares with no amount."""
    if condition.op == "growth_at_least":
        return "增长不低于"
    kind = vocabulary[condition.fact].type
    return OPERATORS.get(condition.op, "") if kind in SCALE and kind not in (FactType.DATE, FactType.MONTH) else ""


def _plain(value: object) -> str | int | Decimal:
    if isinstance(value, str | int | Decimal):
        return value
    raise TypeError(type(value).__name__)


def _of_benefit(rule: Rule, vocabulary: Vocabulary) -> Iterator[Figure]:
    benefit = rule.measure.benefit
    if benefit is None:
        return
    yield from _Listing(rule, vocabulary).formula(benefit, ("benefit",), "待遇：")
    for place, cap in enumerate(benefit.caps):
        yield _figure(
            ("benefit", "caps", place, "amount"), f"待遇：上限（{PER_NAMES[cap.per]}）", MONEY, cap.amount, vocabulary
        )


def _figure(path: Trail, label: str, spec: FactSpec, written: str, vocabulary: Vocabulary) -> Figure:
    return Figure(path, label, spec, bound_of(spec, written, vocabulary))


class _Listing:
    """The figures of the formulas of one benefit; `said`: the words that lead to a formula."""

    def __init__(self, rule: Rule, vocabulary: Vocabulary) -> None:
        self.rule, self.vocabulary = rule, vocabulary

    def formula(self, formula: Formula, path: Trail, said: str) -> Iterator[Figure]:
        for name, label in _AMOUNTS.items():
            yield from self.figure((*path, name), said + label, MONEY, getattr(formula, name))
        yield from self.figure((*path, "rate"), f"{said}比例", RATIO, formula.rate)
        for form, parts in _INSIDE.items():
            inner = getattr(formula, form)
            for name, spec, label in parts if inner is not None else ():
                yield from self.figure((*path, form, name), said + label, spec, getattr(inner, name))
        for place, tier in enumerate(formula.tiers.rows if formula.tiers is not None else ()):
            when = bound_text(tier, formula.tiers.of, self.vocabulary) if formula.tiers is not None else ""
            yield from self.figure((*path, "tiers", "rows", place, "rate"), f"{said}{when} 比例", RATIO, tier.rate)
            yield from self.figure((*path, "tiers", "rows", place, "fixed"), f"{said}{when} 金额", MONEY, tier.fixed)
        yield from self.inner(formula, path, said)

    def inner(self, formula: Formula, path: Trail, said: str) -> Iterator[Figure]:
        for name, part in (formula.sum_of or {}).items():
            label = "" if part.of is None else self.vocabulary[part.of].label + " "
            yield from self.formula(part, (*path, "sum_of", name), said + label)
        for place, part in enumerate(formula.best_of or ()):
            yield from self.formula(part, (*path, "best_of", place), f"{said}第 {place + 1} 种 ")
        if formula.choose is not None:
            yield from self.choice(formula.choose, (*path, "choose"), said)

    def choice(self, choose: Choose, path: Trail, said: str) -> Iterator[Figure]:
        for place, row in enumerate(choose.rows):
            when = (
                ""
                if choose.by is None
                else self.vocabulary[choose.by].label + bound_text(row, choose.by, self.vocabulary)
            )
            yield from self.formula(row, (*path, "rows", place), f"{said}{when} ")
        for place, row in enumerate(choose.when):
            when = "其他情形" if row.condition is None else self.rule.conditions[row.condition].label
            yield from self.formula(row, (*path, "when", place), f"{said}{when} ")

    def figure(self, path: Trail, label: str, spec: FactSpec, written: str | None) -> Iterator[Figure]:
        if written is not None:
            yield _figure(path, label, spec, written, self.vocabulary)


def _changed(part: object, path: Trail, value: str) -> object:
    """A copy of a measure, or a part of it, with another text in one place."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(part, BaseModel) and isinstance(step, str):
        return part.model_copy(update={step: _changed(getattr(part, step), rest, value)})
    if isinstance(part, dict):
        return part | {step: _changed(part[step], rest, value)}
    if isinstance(part, list) and isinstance(step, int):
        return [_changed(one, rest, value) if place == step else one for place, one in enumerate(part)]
    raise TypeError(type(part).__name__)


def _written(figure: Figure, value: Number) -> str:
    """A value as a rule file writes it, exact."""
    kind = figure.spec.type
    if kind is FactType.MONEY:
        return f"{value}分"
    if kind is FactType.RATIO:
        return f"{_decimal(value * 100)}%"
    unit = {FactType.AREA: "㎡", FactType.SCORE: ""}.get(kind, UNIT_NAMES.get(figure.spec.unit, figure.spec.unit))
    return f"{_decimal(value)}{unit}"


def _decimal(value: Number) -> str:
    exact = Fraction(value)
    return f"{Decimal(exact.numerator) / Decimal(exact.denominator):f}"


def _read(figure: Figure, written: str, name: str, vocabulary: Vocabulary) -> Number:
    try:
        return _simple(bound_of(figure.spec, written.strip(), vocabulary))
    except FactError as error:
        raise UsageError(*(replace(issue, where=name) for issue in error.issues)) from None


def _on_grid(figure: Figure, value: Number) -> Number:
    """The nearest value that the rule may write: whole 分 and counts, ratios of 0.01 percentage points, else tenths."""
    kind = figure.spec.type
    fine = {FactType.MONEY: 1, FactType.COUNT: 1, FactType.RATIO: 10_000}.get(kind, 10)
    return _simple(Fraction(round(Fraction(value) * fine), fine))


def _simple(value: Number) -> Number:
    return value.numerator if value.denominator == 1 else value
