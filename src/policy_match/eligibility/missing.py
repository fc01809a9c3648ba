"""What to find out: the smallest sets of unknown facts that could make a verdict eligible.

A set counts if some values of its facts make the rule hold whatever the other
unknown facts are. The search builds, from the leaves up, the ways in which a node
can be made true (or false); see `ways.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.leaves import (
    AgeAtLeast,
    InOptions,
    InRange,
    InRegion,
    InTree,
    Leaf,
    Spacing,
    latest_with_age,
)
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
from policy_match.eligibility.ways import CERTAIN, Among, Answers, Range, Way, both, pruned, some
from policy_match.facts.cells import Possible
from policy_match.facts.table import HIGHEST, LOWEST
from policy_match.facts.vocabulary import FactType
from policy_match.identifiers import REGIONS, region_path
from policy_match.units import Band

WHOLE = frozenset({FactType.MONEY, FactType.DATE, FactType.MONTH})
SHOWN_SETS = 3


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
        return some(parts, count)

    def table_ways(self, node: SelectNode, row: int, want: bool) -> tuple[Way, ...]:
        """Know the key and meet its row, or meet every row that the key may reach."""
        found: list[Way] = []
        reached: list[tuple[Way, ...]] = []
        before: tuple[Way, ...] = CERTAIN
        taken = False
        for guard, then in node.rows:
            truth = 1 if guard is None else int(self.deciding.truths(guard)[row])
            ways = self.ways(then, row, want)
            here = CERTAIN if guard is None else self.ways(guard, row, True)
            found.extend(both(both(before, here), ways))
            if truth >= 0 and not taken:
                reached.append(ways)
            taken = taken or truth > 0
            before = before if guard is None else both(before, self.ways(guard, row, False))
        return pruned([*found, *some(reached, len(reached))])

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
        if isinstance(leaf, InRegion):
            return self.region_ways(leaf, row, want)
        if isinstance(leaf, AgeAtLeast):
            if isinstance(leaf.at, str):
                return self.spacing_ways(Spacing(leaf.at, leaf.fact, leaf.period, None), row, want)
            latest = latest_with_age(leaf.at or self.deciding.as_of, leaf.period)
            return self.range_ways(InRange(leaf.fact, None, 2 * latest.toordinal()), row, want)
        if isinstance(leaf, Spacing):
            return self.spacing_ways(leaf, row, want)
        return self.answer_ways(leaf, row, want)

    def answer_ways(self, leaf: Leaf, row: int, want: bool) -> tuple[Way, ...]:
        open_facts = [fact for fact in leaf.facts if not self.is_settled(fact, row)] or list(leaf.facts)
        answers = Answers(frozenset({(leaf, want)}))
        return (dict.fromkeys(open_facts, answers),)

    def range_ways(self, leaf: InRange, row: int, want: bool) -> tuple[Way, ...]:
        low = LOWEST if leaf.low is None else leaf.low
        high = HIGHEST if leaf.high is None else leaf.high
        wanted = [(low, high)] if want else [(LOWEST, low - 1), (high + 1, HIGHEST)]
        return self.limited(leaf.facts[0], row, [(a, b) for a, b in wanted if a < HIGHEST and b > LOWEST])

    def limited(self, fact: str, row: int, wanted: Iterable[tuple[int, int]]) -> tuple[Way, ...]:
        """Ways to have a figure within one of the spans of keys; days, months and given 分 are whole."""
        column, spec = self.table.numbers(fact), self.vocabulary[fact]
        still = Range(int(column.low[row]), int(column.high[row]))
        whole = spec.type in WHOLE and spec.derive is None
        spans = [(low + low % 2, high - high % 2) if whole else (low, high) for low, high in wanted]
        met = [still.meet(Range(low, high)) for low, high in spans if low <= high]
        return tuple({fact: limit} for limit in met if limit is not None)

    def spacing_ways(self, leaf: Spacing, row: int, want: bool) -> tuple[Way, ...]:
        """Know one of the two days well enough against what is known of the other, or know both."""
        found: list[Way] = []
        days, others = self.table.numbers(leaf.fact), self.table.numbers(leaf.of)
        if others.known[row] and not self.is_settled(leaf.fact, row):
            spans = leaf.days_for(int(others.low[row]), int(others.high[row]), want)
            found += self.limited(leaf.fact, row, spans)
        if days.known[row] and not self.is_settled(leaf.of, row):
            spans = leaf.others_for(int(days.low[row]), int(days.high[row]), want)
            found += self.limited(leaf.of, row, spans)
        if not self.is_settled(leaf.fact, row) and not self.is_settled(leaf.of, row):
            found += self.answer_ways(leaf, row, want)
        return tuple(found)

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

    def region_ways(self, leaf: InRegion, row: int, want: bool) -> tuple[Way, ...]:
        """Places that decide: those of the register, the roots, and in each of their cities and provinces some other place."""
        value = self.table.cell(row, leaf.fact).value
        options = value.options if isinstance(value, Possible) else frozenset()
        named = {*REGIONS, *leaf.roots, *options}
        places = named | {code[:end] + "9" * (6 - end) for code in named if code.isdigit() for end in (0, 2, 4)}
        if options:
            places = {place for place in places if options & set(region_path(place))}
        left = frozenset(place for place in places if leaf.holds(place) is want)
        return ({leaf.fact: Among(left)},) if left else ()
