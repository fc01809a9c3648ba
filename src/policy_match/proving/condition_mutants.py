"""Small wrong turns of a rule's conditions: what a slip of the author or the engine would look like.

Each part of a group dropped, all and any swapped, a count moved, a negation lost, each
row of a table dropped, each threshold moved by one step either way, made strict or
lenient, turned round; each option, code, place and title of a list left out. A good
set of cases notices every one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from policy_match.dates import Period
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
from policy_match.eligibility.nodes import (
    AllNode,
    AnyNode,
    Assumed,
    AtLeastNode,
    Named,
    Node,
    NotNode,
    SelectNode,
    Test,
    children,
)
from policy_match.eligibility.rulebook import Rule
from policy_match.facts.table import SCALE
from policy_match.facts.vocabulary import Vocabulary
from policy_match.proving.situations import STEPS

RATE_STEP = Fraction(1, 10_000)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one wrong turn, and what the turn is."""

    what: str
    rule: Rule


def condition_mutants(rule: Rule, vocabulary: Vocabulary) -> Iterator[Mutant]:
    """Every mutant of the conditions of a rule: first its tree, then each named condition wherever it stands."""
    mutating = _Mutating(vocabulary)
    for what, root in mutating.nodes(rule.root, ""):
        yield Mutant(what, replace(rule, root=root))
    for name, named in _named_in(rule.root).items():
        for what, node in mutating.nodes(named.node, name):
            yield Mutant(what, replace(rule, root=_substituted(rule.root, Named(name, node))))


def _named_in(node: Node) -> dict[str, Named]:
    found = {node.name: node} if isinstance(node, Named) else {}
    for part in children(node):
        found |= _named_in(part)
    return found


def _substituted(node: Node, named: Named) -> Node:
    """The tree with one named condition put in the place of its namesakes."""
    if isinstance(node, Named):
        return named if node.name == named.name else node
    if isinstance(node, NotNode):
        return NotNode(_substituted(node.part, named))
    if isinstance(node, SelectNode):
        rows = (
            (None if guard is None else _substituted(guard, named), _substituted(then, named))
            for guard, then in node.rows
        )
        return SelectNode(tuple(rows))
    if isinstance(node, AllNode | AnyNode | AtLeastNode):
        return replace(node, parts=tuple(_substituted(part, named) for part in node.parts))
    return node


class _Mutating:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def nodes(self, node: Node, within: str) -> Iterator[tuple[str, Node]]:
        """Each wrong turn of a node and what it is; named conditions below it are left as they are."""
        if isinstance(node, Test):
            for what, leaf in self.leaves(node.leaf):
                yield f"{within}：{what}", Test(leaf)
        elif isinstance(node, NotNode):
            yield f"{within or '条件树'}：去掉否定", node.part
            for what, part in self.nodes(node.part, within):
                yield what, NotNode(part)
        elif isinstance(node, SelectNode):
            yield from self.tables(node, within)
        elif isinstance(node, AllNode | AnyNode | AtLeastNode):
            yield from self.groups(node, within)

    def groups(self, node: AllNode | AnyNode | AtLeastNode, within: str) -> Iterator[tuple[str, Node]]:
        for what, parts in _without(node.parts):
            if not isinstance(node, AtLeastNode) or node.count <= len(parts):
                yield what, replace(node, parts=parts)
        if len(node.parts) > 1:
            if isinstance(node, AllNode):
                yield f"{_shown(node)}：all 改为 any", AnyNode(node.parts)
            elif isinstance(node, AnyNode):
                yield f"{_shown(node)}：any 改为 all", AllNode(node.parts)
        if isinstance(node, AtLeastNode):
            for count in (node.count - 1, node.count + 1):
                if 1 <= count <= len(node.parts):
                    yield f"{_shown(node)}：{node.count} 项改为 {count} 项", replace(node, count=count)
        for index, part in enumerate(node.parts):
            for what, changed in self.nodes(part, within):
                yield what, replace(node, parts=(*node.parts[:index], changed, *node.parts[index + 1 :]))

    def tables(self, node: SelectNode, within: str) -> Iterator[tuple[str, Node]]:
        for index, (guard, then) in enumerate(node.rows):
            before, after = node.rows[:index], node.rows[index + 1 :]
            if guard is not None:
                yield f"{within or '分档'}：删去第 {index + 1} 档", SelectNode((*before, *after))
                for what, changed in self.nodes(guard, f"{within or '分档'}第 {index + 1} 档"):
                    yield what, SelectNode((*before, (changed, then), *after))
            for what, changed in self.nodes(then, within):
                yield what, SelectNode((*before, (guard, changed), *after))

    # tests

    def leaves(self, leaf: Leaf) -> Iterator[tuple[str, Leaf]]:
        if isinstance(leaf, InRange):
            yield from self.ranges(leaf)
        elif isinstance(leaf, InOptions):
            spec = self.vocabulary[leaf.fact]
            every = frozenset(spec.options or ("true", "false"))
            if every - leaf.options:
                yield "取反", replace(leaf, options=every - leaf.options)
            for option in sorted(leaf.options) if len(leaf.options) > 1 else ():
                yield f"去掉{option}", replace(leaf, options=leaf.options - {option})
        elif isinstance(leaf, InTree | InRegion):
            for root in leaf.roots if len(leaf.roots) > 1 else ():
                yield f"去掉{root}", replace(leaf, roots=_without_code(leaf.roots, root))
            if isinstance(leaf, InTree):
                for root in leaf.exceptions:
                    yield f"不再排除{root}", replace(leaf, exceptions=_without_code(leaf.exceptions, root))
        elif isinstance(leaf, HasAny):
            yield from _titles(leaf)
        else:
            yield from _times(leaf)

    def ranges(self, leaf: InRange) -> Iterator[tuple[str, Leaf]]:
        spec = self.vocabulary[leaf.facts[0]]
        kind = spec.type if isinstance(leaf.fact, str) or spec.of is None else spec.of
        step = int(2 * STEPS[kind] * SCALE[kind])
        if leaf.low is not None:
            yield "下限高一档", replace(leaf, low=leaf.low + step)
            yield "下限低一档", replace(leaf, low=leaf.low - step)
            yield "下限含与不含互换", replace(leaf, low=leaf.low + (1 if leaf.low % 2 == 0 else -1))
        if leaf.high is not None:
            yield "上限高一档", replace(leaf, high=leaf.high + step)
            yield "上限低一档", replace(leaf, high=leaf.high - step)
            yield "上限含与不含互换", replace(leaf, high=leaf.high + (-1 if leaf.high % 2 == 0 else 1))
        if leaf.low is None or leaf.high is None:
            yield "上下限互换", replace(leaf, low=leaf.high, high=leaf.low)


def _titles(leaf: HasAny) -> Iterator[tuple[str, Leaf]]:
    for name in sorted(leaf.names) if len(leaf.names) > 1 else ():
        yield f"去掉{name}", replace(leaf, names=leaf.names - {name})
    if leaf.validity:
        yield "不看有效期", replace(leaf, validity=False)
    if leaf.level is not None:
        yield "不看级别", replace(leaf, level=None)
    if leaf.granted is not None:
        low, high = leaf.granted
        if low is not None:
            yield "取得时间早一天也算", replace(leaf, granted=(low - 1, high))
            yield "取得时间晚一天才算", replace(leaf, granted=(low + 1, high))
        if high is not None:
            yield "取得时间截止早一天", replace(leaf, granted=(low, high - 1))
            yield "取得时间截止晚一天", replace(leaf, granted=(low, high + 1))


def _times(leaf: Leaf) -> Iterator[tuple[str, Leaf]]:
    if isinstance(leaf, AgeAtLeast):
        for days in (-1, 1):
            yield f"期限{days:+d}天", replace(leaf, period=_longer(leaf.period, days))
    elif isinstance(leaf, Spacing):
        for days in (-1, 1):
            if leaf.start is not None:
                yield f"起点{days:+d}天", replace(leaf, start=_longer(leaf.start, days))
            if leaf.end is not None:
                yield f"终点{days:+d}天", replace(leaf, end=_longer(leaf.end, days))
    elif isinstance(leaf, GrowthAtLeast):
        for step in (-RATE_STEP, RATE_STEP):
            yield f"增长率{'降' if step < 0 else '升'}一档", replace(leaf, rate=leaf.rate + step)


def _without_code(codes: tuple[str, ...], code: str) -> tuple[str, ...]:
    return tuple(other for other in codes if other != code)


def _longer(period: Period, days: int) -> Period:
    return Period(period.months, period.days + days)


def _without(parts: Sequence[Node]) -> Iterator[tuple[str, tuple[Node, ...]]]:
    """The parts without each one; a precondition that is taken as given changes nothing and stays."""
    for index, part in enumerate(parts):
        if len(parts) > 1 and not (isinstance(part, Named) and isinstance(part.node, Assumed)):
            yield f"删去 {_shown(part)}", (*parts[:index], *parts[index + 1 :])


def _shown(node: Node) -> str:
    """The names under a node, for people."""
    if isinstance(node, Named):
        return node.name
    if isinstance(node, NotNode):
        return f"非({_shown(node.part)})"
    if isinstance(node, SelectNode):
        return "分档(" + "、".join(_shown(then) for _, then in node.rows) + ")"
    if isinstance(node, AllNode | AnyNode | AtLeastNode):
        return "(" + "、".join(_shown(part) for part in node.parts) + ")"
    return "条件"
