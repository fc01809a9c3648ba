"""From a written condition to its test, and to the words that say what it asks for.

One function per operator: it builds the leaf that decides (see `leaves.py`) and
the Chinese text of the requirement from the same parsed value, so that the
explanation cannot drift from the decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.dates import format_offset, format_period, parse_date, parse_period
from policy_match.eligibility.leaves import (
    AgeAtLeast,
    GrowthAtLeast,
    HasAny,
    InOptions,
    InRange,
    InRegion,
    InTree,
    Leaf,
    Spacing,
)
from policy_match.eligibility.nodes import Assumed, Human, Node, SelectNode, Test
from policy_match.eligibility.schema import AssumedCondition, Bound, FactCondition, HumanCondition
from policy_match.errors import FactError, Issue
from policy_match.facts.bounds import Written, bound_of
from policy_match.facts.show import number_text, option_text
from policy_match.facts.table import key_of
from policy_match.facts.vocabulary import NUMERIC, FactSpec, FactType, Vocabulary
from policy_match.identifiers import canonical_region
from policy_match.units import Number, format_ratio, parse_ratio


@dataclass(frozen=True, slots=True)
class Need:
    """What one row asks for: in words, the test that decides it, and its numbers if any; `strict`: these do not do themselves."""

    text: str
    leaf: Leaf | None = None
    low: Number | None = None
    high: Number | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class ConditionParts:
    """A compiled condition: the node that decides and, per row, the guard and the requirement in words."""

    node: Node
    needs: tuple[tuple[Node | None, Need], ...]


def compile_condition(
    condition: FactCondition | HumanCondition | AssumedCondition, vocabulary: Vocabulary
) -> ConditionParts:
    """Build the test of a condition; FactError with an Issue (without place) for a wrong name, operator, unit or value."""
    if isinstance(condition, HumanCondition):
        return ConditionParts(Human(condition.human), ((None, Need(condition.human)),))
    if isinstance(condition, AssumedCondition):
        return ConditionParts(Assumed(condition.assumed), ((None, Need(condition.assumed)),))
    spec = vocabulary[condition.fact]
    if not condition.rows:
        leaf, need = _single(condition, spec, condition.value, vocabulary)
        return ConditionParts(Test(leaf), ((None, need),))
    if condition.by is None or condition.value is not None:
        raise _wrong(
            f"{condition.op} 的分档要写 by 和 rows，不再写 value",
            "by: 事实名；rows: [{at_most: …, value: …}, {value: …}]",
        )
    rows: list[tuple[Node | None, Node]] = []
    needs: list[tuple[Node | None, Need]] = []
    guards = guards_of(condition.rows, condition.by, vocabulary)
    for guard, row in zip(guards, condition.rows, strict=True):
        leaf, need = _single(condition, spec, row.value, vocabulary)
        rows.append((guard, Test(leaf)))
        needs.append((guard, need))
    return ConditionParts(SelectNode(tuple(rows)), tuple(needs))


def guards_of(rows: list[Bound] | tuple[Bound, ...] | list, by: str, vocabulary: Vocabulary) -> list[Node | None]:  # type: ignore[type-arg]
    """Guards of table rows by a fact; only the last row may be, and must be, without a bound."""
    spec = vocabulary[by]
    guards: list[Node | None] = []
    for index, row in enumerate(rows):
        bound = row.guard
        if (bound is None) != (index == len(rows) - 1):
            raise _wrong("分档表只有最后一行不写界限", "前面各行写 at_most、less_than、is 等，最后一行只写结果")
        if bound is None:
            guards.append(None)
            continue
        written = FactCondition(fact=by, op=bound[0], value=bound[1])
        leaf, _ = _single(written, spec, written.value, vocabulary)
        guards.append(Test(leaf))
    return guards


def _wrong(what: str, allowed: str = "", hint: str = "") -> FactError:
    return FactError(Issue("CONDITION", what, "", allowed, hint))


def _single(
    condition: FactCondition, spec: FactSpec, value: Written | list[Written] | None, vocabulary: Vocabulary
) -> tuple[Leaf, Need]:
    build = _OPERATORS.get(condition.op)
    if build is None:
        raise _wrong(f"运算词“{condition.op}”不认识", "、".join(_OPERATORS))
    kinds = _KINDS[condition.op]
    if spec.type not in kinds:
        raise _wrong(
            f"“{spec.label}”（{spec.type}）不能用 {condition.op}",
            "、".join(op for op, ks in _KINDS.items() if spec.type in ks),
        )
    return build(_Written(condition, spec, value, vocabulary))


@dataclass(frozen=True, slots=True)
class _Written:
    condition: FactCondition
    spec: FactSpec
    value: Written | list[Written] | None
    vocabulary: Vocabulary

    def one(self) -> Written:
        if self.value is None or isinstance(self.value, list):
            raise _wrong(f"{self.condition.op} 需要一个值（value）")
        return self.value

    def many(self) -> list[str]:
        values = self.value if isinstance(self.value, list) else [self.one()]
        if not values or not all(isinstance(value, str) for value in values):
            raise _wrong(f"{self.condition.op} 需要文字或文字列表")
        return [str(value) for value in values]

    def bound(self) -> Number:
        return bound_of(self.spec, self.one(), self.vocabulary)

    def text(self, number: Number) -> str:
        return number_text(self.spec, number)


def _range(
    written: _Written, low: Number | None, high: Number | None, text: str, *, strict: bool = False
) -> tuple[Leaf, Need]:
    kind = written.spec.type
    low_key = None if low is None else key_of(low, kind) + strict
    high_key = None if high is None else key_of(high, kind) - strict
    leaf = InRange(written.spec.name, low_key, high_key)
    return leaf, Need(text, leaf, low, high, strict)


def _at_least(written: _Written) -> tuple[Leaf, Need]:
    number = written.bound()
    return _range(written, number, None, f"不少于{written.text(number)}")


def _at_most(written: _Written) -> tuple[Leaf, Need]:
    number = written.bound()
    return _range(written, None, number, f"不超过{written.text(number)}")


def _more_than(written: _Written) -> tuple[Leaf, Need]:
    number = written.bound()
    return _range(written, number, None, f"超过{written.text(number)}（不含本数）", strict=True)


def _less_than(written: _Written) -> tuple[Leaf, Need]:
    number = written.bound()
    return _range(written, None, number, f"低于{written.text(number)}（不含本数）", strict=True)


def _between(written: _Written) -> tuple[Leaf, Need]:
    if not isinstance(written.value, list) or len(written.value) != 2:
        raise _wrong("between 需要两个值", '[下限, 上限]，例如 ["2023-01", "2027-12"]')
    low, high = (bound_of(written.spec, value, written.vocabulary) for value in written.value)
    if low > high:
        raise _wrong("between 的下限大于上限", "下限在前，上限在后")
    return _range(written, low, high, f"在{written.text(low)}至{written.text(high)}之间（含两端）")


def _before(written: _Written) -> tuple[Leaf, Need]:
    number = written.bound()
    return _range(written, None, number, f"早于{written.text(number)}", strict=True)


def _on_or_after(written: _Written) -> tuple[Leaf, Need]:
    number = written.bound()
    return _range(written, number, None, f"不早于{written.text(number)}")


def _is(written: _Written) -> tuple[Leaf, Need]:
    if written.spec.type in NUMERIC:
        number = written.bound()
        return _range(written, number, number, f"等于{written.text(number)}")
    value = written.one()
    option = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return _options(written, [option])


def _one_of(written: _Written) -> tuple[Leaf, Need]:
    return _options(written, written.many())


def _options(written: _Written, options: list[str]) -> tuple[Leaf, Need]:
    spec = written.spec
    if spec.type in (FactType.INDUSTRY, FactType.REGION):
        raise _wrong(f"“{spec.label}”是编码", "within_tree、within_region", "改用按树比较的运算词")
    allowed = ("true", "false") if spec.type is FactType.FLAG else spec.options
    for option in options:
        if option not in allowed:
            shown = "true、false" if spec.type is FactType.FLAG else "、".join(allowed)
            raise _wrong(f"“{option}”不是“{spec.label}”的选项", shown)
    texts = [option_text(spec, option, written.vocabulary) for option in options]
    texts = [f"“{text}”" for text in texts] if spec.type is FactType.FLAG else texts
    return InOptions(spec.name, frozenset(options)), Need(
        f"为{texts[0]}" if len(texts) == 1 else f"为{'、'.join(texts)}之一"
    )


def _stage_at_least(written: _Written) -> tuple[Leaf, Need]:
    stages, stage = written.spec.options, str(written.one())
    if stage not in stages:
        raise _wrong(f"“{stage}”不是“{written.spec.label}”的选项", "、".join(stages))
    return InOptions(written.spec.name, frozenset(stages[stages.index(stage) :])), Need(f"达到{stage}")


def _within_tree(written: _Written) -> tuple[Leaf, Need]:
    tree = written.vocabulary.industries
    roots = tuple(tree.canonical(code) for code in written.many())
    exceptions = tuple(tree.canonical(code) for code in written.condition.except_)
    text = "属于" + "、".join(f"{tree.name(code)}（{code}）" for code in roots)
    if exceptions:
        text += "，不含" + "、".join(f"{tree.name(code)}（{code}）" for code in exceptions)
    return InTree(written.spec.name, roots, exceptions), Need(text)


def _within_region(written: _Written) -> tuple[Leaf, Need]:
    roots = tuple(canonical_region(code) for code in written.many())
    return InRegion(written.spec.name, roots), Need(
        "在" + "或".join(option_text(written.spec, c, written.vocabulary) for c in roots)
    )


def _age_at_least(written: _Written) -> tuple[Leaf, Need]:
    period = parse_period(str(written.one()))
    at: date | str | None = None
    text = f"满{format_period(period)}"
    if written.condition.at is not None:
        if written.condition.at in written.vocabulary:
            at = written.condition.at
            text = f"到{written.vocabulary[at].label}时{text}"
        else:
            band = parse_date(written.condition.at)
            at = date.fromordinal(int(band.high or 0))
            text = f"截至{at.isoformat()}{text}"
    leaf = AgeAtLeast(written.spec.name, period, at)
    return leaf, Need(text, leaf)


def _within(written: _Written) -> tuple[Leaf, Need]:
    condition = written.condition
    if condition.of is None or (condition.from_ is None and condition.to is None):
        raise _wrong("within 需要 of（基准日期）和 from、to", '{of: 日期事实, from: "-12个月", to: "36个月"}')
    other = written.vocabulary[condition.of]
    start = None if condition.from_ is None else parse_period(condition.from_)
    end = None if condition.to is None else parse_period(condition.to)
    sides = [("不早于", start), ("不晚于", end)]
    leaf = Spacing(written.spec.name, other.name, start, end)
    return leaf, Need("、".join(word + other.label + format_offset(p) for word, p in sides if p is not None), leaf)


def _growth_at_least(written: _Written) -> tuple[Leaf, Need]:
    rate = Fraction(parse_ratio(str(written.one())))
    text = f"增长不低于{format_ratio(rate)}"
    if written.spec.type is FactType.SERIES:
        leaf = GrowthAtLeast((written.spec.name, -1), (written.spec.name, -2), rate)
        return leaf, Need(f"最近一年比上一年{text}", leaf)
    if written.condition.base is None:
        raise _wrong("growth_at_least 需要 base（基期事实）", "base: 事实名")
    base = written.vocabulary[written.condition.base]
    leaf = GrowthAtLeast(written.spec.name, base.name, rate)
    return leaf, Need(f"比{base.label}{text}", leaf)


def _has_any(written: _Written) -> tuple[Leaf, Need]:
    names, condition = written.many(), written.condition
    granted: tuple[int | None, int | None] | None = None
    text = "具有" + "、".join(names) + ("之一" if len(names) > 1 else "")
    if condition.granted is not None:
        low = None if condition.granted.from_ is None else parse_date(condition.granted.from_).low
        high = None if condition.granted.through is None else parse_date(condition.granted.through).high
        granted = (None if low is None else int(low), None if high is None else int(high))
        text += f"，取得时间{condition.granted.from_ or '不限'}至{condition.granted.through or '不限'}"
    validity = condition.validity == "needed"
    text += "，且在有效期内" if validity else ""
    return HasAny(written.spec.name, frozenset(names), validity, granted, condition.level), Need(text)


def _on_list(written: _Written) -> tuple[Leaf, Need]:
    names = written.many()
    return HasAny(written.spec.name, frozenset(names), validity=False), Need(
        "列入" + "、".join(names) + ("之一" if len(names) > 1 else "")
    )


_FIGURES = frozenset(NUMERIC)
_OPERATORS: dict[str, Callable[[_Written], tuple[Leaf, Need]]] = {
    "at_least": _at_least,
    "at_most": _at_most,
    "more_than": _more_than,
    "less_than": _less_than,
    "between": _between,
    "is": _is,
    "one_of": _one_of,
    "has_any": _has_any,
    "within_tree": _within_tree,
    "within_region": _within_region,
    "stage_at_least": _stage_at_least,
    "before": _before,
    "on_or_after": _on_or_after,
    "age_at_least": _age_at_least,
    "within": _within,
    "growth_at_least": _growth_at_least,
    "on_list": _on_list,
}
_KINDS: dict[str, frozenset[FactType]] = {
    "at_least": _FIGURES,
    "at_most": _FIGURES,
    "more_than": _FIGURES,
    "less_than": _FIGURES,
    "between": _FIGURES,
    "is": _FIGURES | {FactType.FLAG, FactType.CHOICE},
    "one_of": frozenset({FactType.CHOICE}),
    "has_any": frozenset({FactType.SET}),
    "within_tree": frozenset({FactType.INDUSTRY}),
    "within_region": frozenset({FactType.REGION}),
    "stage_at_least": frozenset({FactType.CHOICE}),
    "before": frozenset({FactType.DATE}),
    "on_or_after": frozenset({FactType.DATE}),
    "age_at_least": frozenset({FactType.DATE}),
    "within": frozenset({FactType.DATE}),
    "growth_at_least": frozenset({FactType.SERIES, FactType.MONEY, FactType.COUNT, FactType.AREA}),
    "on_list": frozenset({FactType.SET}),
}
