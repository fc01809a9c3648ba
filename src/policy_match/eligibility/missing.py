"""What to find out: the smallest sets of unknown facts that could make a verdict eligible.

A set counts if some values of its facts make the rule hold whatever the other
unknown facts are. The search builds, from the leaves up, the ways in which a node
can be made true (or false): each way says which unknown facts must be known and
within which limits, so that two limits on one fact that exclude each other never
stand in the same way (an income cannot be under 5,000 and over 8,000).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import TypeAlias

from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.leaves import InOptions, InRange, InTree, Leaf
from policy_match.eligibility.nodes import (
    AllNode,
    AnyNode,
    Assumed,
    AtLeastNode,
    Human,
    Named,
    Node,
    NotNode,
    SelectNode,
    Test,
    leaves_of,
)
from policy_match.eligibility.rulebook import Rule
from policy_match.facts.cells import Possible
from policy_match.facts.table import HIGHEST, LOWEST
from policy_match.facts.vocabulary import FactType
from policy_match.units import Band

MOST_WAYS = 200
SHOWN_SETS = 3


@dataclass(frozen=True, slots=True)
class Range:
    """Keys (facts.table) that a number must lie between."""

    low: int
    high: int

    def meet(self, other: Range) -> Range | None:
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Range(low, high) if low <= high else None

    def covers(self, other: Range) -> bool:
        return self.low <= other.low and other.high <= self.high


@dataclass(frozen=True, slots=True)
class Among:
    """Options or codes that a value must be one of."""

    options: frozenset[str]

    def meet(self, other: Among) -> Among | None:
        both = self.options & other.options
        return Among(both) if both else None

    def covers(self, other: Among) -> bool:
        return other.options <= self.options


@dataclass(frozen=True, slots=True)
class Answers:
    """Tests that must come out as said; contradictory only if one test must come out both ways."""

    answers: frozenset[tuple[Leaf, bool]]

    def meet(self, other: Answers) -> Answers | None:
        both = self.answers | other.answers
        return None if any((leaf, not answer) in both for leaf, answer in both) else Answers(both)

    def covers(self, other: Answers) -> bool:
        return self.answers <= other.answers


Limit: TypeAlias = "Range | Among | Answers"
Way: TypeAlias = Mapping[str, Limit]
CERTAIN: tuple[Way, ...] = ({},)


class Searching:
    """Finds missing sets for the subjects of one `Deciding`; equal situations are searched once."""

    def __init__(self, deciding: Deciding) -> None:
        self.deciding = deciding
        self.table = deciding.table
        self.vocabulary = deciding.table.vocabulary
        self._known: dict[tuple[object, ...], tuple[tuple[str, ...], ...]] = {}
        self._tests: dict[Leaf, Node] = {}
        self._leaves: dict[int, tuple[Leaf, ...]] = {}

    def missing(self, rule: Rule, row: int) -> tuple[tuple[str, ...], ...]:
        """Up to three smallest sets of facts, smallest first, then by name; judgements by people are left aside."""
        key = (rule.measure.key, *self.situation(rule.root, row))
        if key not in self._known:
            ways = self.ways(rule.root, row, True)
            sets = {frozenset(name for fact in way for name in self.asked(fact, row)) for way in ways}
            smallest = [s for s in sets if not any(other < s for other in sets)]
            ordered = sorted((tuple(sorted(s)) for s in smallest if s), key=lambda names: (len(names), names))
            self._known[key] = tuple(ordered[:SHOWN_SETS])
        return self._known[key]

    def situation(self, node: Node, row: int) -> Iterable[object]:
        """Everything that the search depends on: the truth of each leaf and each value known only in part."""
        if id(node) not in self._leaves:
            self._leaves[id(node)] = tuple(dict.fromkeys(leaves_of(node)))
        for leaf in self._leaves[id(node)]:
            truth = self.truth(leaf, row)
            yield truth
            if truth == 0:
                for fact in leaf.facts:
                    yield self.table.cell(row, fact).value
                    yield self.asked(fact, row)

    def truth(self, leaf: Leaf, row: int) -> int:
        return int(self.deciding.truths(self._test(leaf))[row])

    def _test(self, leaf: Leaf) -> Node:
        return self._tests.setdefault(leaf, Test(leaf))

    def asked(self, fact: str, row: int) -> tuple[str, ...]:
        """The facts to ask for: itself, or the open parts of a derived fact that nobody can give."""
        parts = self.vocabulary.base_inputs(fact)
        if parts == (fact,):
            return parts
        return tuple(part for part in parts if not self.is_settled(part, row)) or parts

    def is_settled(self, fact: str, row: int) -> bool:
        value = self.table.cell(row, fact).value
        if isinstance(value, Band):
            return value.is_exact
        return value is not None and (not isinstance(value, Possible) or value.single is not None)

    def ways(self, node: Node, row: int, want: bool) -> tuple[Way, ...]:
        """Ways to make a node come out as wanted; an empty way: it already does; no way: it cannot."""
        if isinstance(node, Test):
            return self.leaf_ways(node.leaf, row, want)
        if isinstance(node, Assumed):
            return CERTAIN if want else ()
        if isinstance(node, Human):
            return CERTAIN
        if isinstance(node, Named):
            return self.ways(node.node, row, want)
        if isinstance(node, NotNode):
            return self.ways(node.part, row, not want)
        if isinstance(node, SelectNode):
            return self.table_ways(node, row, want)
        parts = [self.ways(part, row, want) for part in node.parts]
        count = {AllNode: len(parts), AnyNode: 1}.get(type(node), node.count if isinstance(node, AtLeastNode) else 1)
        if not want:
            count = len(parts) - count + 1
        return _some(parts, count)

    def table_ways(self, node: SelectNode, row: int, want: bool) -> tuple[Way, ...]:
        """Know the key and meet its row, or meet every row that the key may reach."""
        found: list[Way] = []
        reached: list[tuple[Way, ...]] = []
        before: tuple[Way, ...] = CERTAIN
        for guard, then in node.rows:
            here = CERTAIN if guard is None else self.ways(guard, row, True)
            ways = self.ways(then, row, want)
            found.extend(_both(_both(before, here), ways))
            if _both(before, here):
                reached.append(ways)
            before = before if guard is None else _both(before, self.ways(guard, row, False))
            if not before:
                break
        return _pruned([*found, *_some(reached, len(reached))])

    def leaf_ways(self, leaf: Leaf, row: int, want: bool) -> tuple[Way, ...]:
        truth = self.truth(leaf, row)
        if truth != 0:
            return CERTAIN if (truth > 0) == want else ()
        if isinstance(leaf, InRange) and isinstance(leaf.fact, str):
            return self.range_ways(leaf, row, want)
        if isinstance(leaf, InOptions):
            spec = self.vocabulary[leaf.fact]
            every = frozenset(("true", "false") if spec.type is FactType.FLAG else spec.options)
            return self.among_ways(leaf.fact, row, leaf.options if want else every - leaf.options)
        if isinstance(leaf, InTree):
            return self.tree_ways(leaf, row, want)
        open_facts = [fact for fact in leaf.facts if not self.is_settled(fact, row)] or list(leaf.facts)
        answers = Answers(frozenset({(leaf, want)}))
        return (dict.fromkeys(open_facts, answers),)

    def range_ways(self, leaf: InRange, row: int, want: bool) -> tuple[Way, ...]:
        column = self.table.numbers(leaf.fact)
        still = Range(int(column.low[row]), int(column.high[row]))
        low = LOWEST if leaf.low is None else leaf.low
        high = HIGHEST if leaf.high is None else leaf.high
        wanted = [Range(low, high)] if want else [Range(LOWEST, low - 1), Range(high + 1, HIGHEST)]
        met = [
            still.meet(limit)
            for limit in wanted
            if limit.low <= limit.high and limit.low < HIGHEST and limit.high > LOWEST
        ]
        return tuple({leaf.facts[0]: limit} for limit in met if limit is not None)

    def among_ways(self, fact: str, row: int, options: frozenset[str]) -> tuple[Way, ...]:
        value = self.table.cell(row, fact).value
        left = options & value.options if isinstance(value, Possible) else options
        return ({fact: Among(left)},) if left else ()

    def tree_ways(self, leaf: InTree, row: int, want: bool) -> tuple[Way, ...]:
        tree = self.vocabulary.industries
        inside = {code for root in leaf.roots for code in tree.leaves(root)}
        inside -= {code for root in leaf.exceptions for code in tree.leaves(root)}
        value = self.table.cell(row, leaf.fact).value
        codes = value.options if isinstance(value, Possible) else {c for c in tree.names if len(c) == 1}
        still = {code for root in codes for code in tree.leaves(root)}
        left = frozenset(still & inside if want else still - inside)
        return ({leaf.fact: Among(left)},) if left else ()


def _meet(first: Limit, second: Limit) -> Limit | None:
    if isinstance(first, Range) and isinstance(second, Range):
        return first.meet(second)
    if isinstance(first, Among) and isinstance(second, Among):
        return first.meet(second)
    if isinstance(first, Answers) and isinstance(second, Answers):
        return first.meet(second)
    return first


def _covers(first: Limit, second: Limit) -> bool:
    if isinstance(first, Range) and isinstance(second, Range):
        return first.covers(second)
    if isinstance(first, Among) and isinstance(second, Among):
        return first.covers(second)
    if isinstance(first, Answers) and isinstance(second, Answers):
        return first.covers(second)
    return False


def _joined(first: Way, second: Way) -> Way | None:
    merged = dict(first)
    for fact, limit in second.items():
        met = _meet(merged[fact], limit) if fact in merged else limit
        if met is None:
            return None
        merged[fact] = met
    return merged


def _both(first: tuple[Way, ...], second: tuple[Way, ...]) -> tuple[Way, ...]:
    if first is CERTAIN or first == CERTAIN:
        return second
    if second is CERTAIN or second == CERTAIN:
        return first
    return _pruned([way for a, b in product(first, second) if (way := _joined(a, b)) is not None])


def _some(parts: list[tuple[Way, ...]], count: int) -> tuple[Way, ...]:
    """Ways in which `count` of the parts come out."""
    if count == 1:
        return CERTAIN if CERTAIN in parts else _pruned([way for part in parts for way in part])
    if count == len(parts):
        result = CERTAIN
        for part in sorted(parts, key=len):
            result = _both(result, part)
        return result
    certain = sum(part == CERTAIN for part in parts)
    if certain >= count:
        return CERTAIN
    rest = [part for part in parts if part != CERTAIN and part]
    chosen = combinations(rest, count - certain)
    return _pruned([way for group in chosen for way in _some(list(group), len(group))])


def _pruned(ways: list[Way]) -> tuple[Way, ...]:
    """Without ways that ask for more than another one does; the smallest are kept if there are very many."""
    kept: list[Way] = []
    for way in sorted(ways, key=len):
        if not any(all(fact in way and _covers(limit, way[fact]) for fact, limit in other.items()) for other in kept):
            kept.append(way)
            if len(kept) == MOST_WAYS:
                break
    return tuple(kept)
