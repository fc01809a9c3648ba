"""Values of a fact between which a rule can tell: every threshold, one step beside it, every option.

A rule cannot tell two values apart between which none of these lies, so a finite set
stands for all: it decides whether two trees differ, whether an unknown fact really
matters, and which facts a new case should have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations, permutations, product

from policy_match.dates import add_period
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
    latest_with_age,
)
from policy_match.eligibility.nodes import Node, leaves_of
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema_benefit import facts_of
from policy_match.facts.cells import Cell, Item, Items, Possible, Series, Value
from policy_match.facts.table import SCALE
from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.identifiers import IndustryTree
from policy_match.proving.situations import STEPS
from policy_match.units import Band, Number, parse_money

# Sums beyond an edge at which a rate of it ends in a broken 元: 10元, 3元, 7元, 17元, 30元, 123456.78元.
BEYOND = (1000, 300, 700, 1700, 3000, 12_345_678)
SUMS = ("0元", "123456.78元", "1000万元", "1.01元", "23456789.01元", "3亿元", "100亿元")
FIGURES: Mapping[FactType, tuple[Number, ...]] = {
    FactType.MONEY: tuple(parse_money(text) for text in SUMS),
    FactType.COUNT: (0, 1, 7, 36, 365, 10_000),
    FactType.RATIO: (0, Fraction(1, 100), Fraction(12345, 100_000), Fraction(1, 2), 1),
    FactType.SCORE: (0, 50, 100),
    FactType.AREA: (0, 1, 100_000),
}


@dataclass(frozen=True, slots=True)
class Change:
    """Some facts of one row set to other values."""

    row: int
    values: Mapping[str, Value]


class Probing:
    """Candidate values of every fact that a rule reads, on a day."""

    def __init__(self, rule: Rule, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.leaves = tuple(dict.fromkeys(leaf for node in nodes_of(rule) for leaf in leaves_of(node)))
        self.amount_facts = facts_of(rule.measure.benefit) if rule.measure.benefit is not None else ()
        names = [fact for leaf in self.leaves for fact in leaf.facts]
        self.facts = tuple(dict.fromkeys([*names, *self.amount_facts]))

    def values(self, fact: str, known: Mapping[str, Cell], as_of: date) -> tuple[Value, ...]:
        """Values that stand for all that a rule can tell apart; `known` gives the other dates and figures."""
        found: dict[Value, None] = {}
        for leaf in self.leaves:
            if fact == leaf.facts[0]:
                for value in self.of_leaf(leaf, known, as_of):
                    found.setdefault(value)
        spec = self.vocabulary[fact]
        if fact in self.amount_facts and spec.type in FIGURES:
            for number in FIGURES[spec.type]:
                found.setdefault(Band.exact(number))
        if fact in self.amount_facts and spec.type is FactType.MONEY:
            for edge in [value for value in found if isinstance(value, Band) and value.is_exact]:
                for beyond in BEYOND:
                    found.setdefault(Band.exact((edge.low or 0) + beyond))
        if spec.type is FactType.SET:
            for value in self.beside(fact, as_of):
                found.setdefault(value)
        if spec.type in (FactType.FLAG, FactType.CHOICE):
            for option in spec.options or ("true", "false"):
                found.setdefault(Possible.only(option))
        return tuple(found)

    def beside(self, fact: str, as_of: date) -> Iterator[Items]:
        """Each item that one test of a list tells apart, beside one that another test of it accepts."""
        tests = [leaf for leaf in self.leaves if isinstance(leaf, HasAny) and leaf.fact == fact]
        for test, other in permutations(tests, 2):
            apart = (item for item in _items(other, as_of) if item.name not in test.names)
            kept = next((item for item in apart if other.holds(item, as_of)), None)
            if kept is not None:
                yield from (Items((item, kept)) for item in _items(test, as_of))

    def of_leaf(self, leaf: Leaf, known: Mapping[str, Cell], as_of: date) -> Iterator[Value]:
        if isinstance(leaf, InRange):
            yield from self.ranges(leaf, known)
        elif isinstance(leaf, InOptions):
            for option in self.vocabulary[leaf.fact].options or ("true", "false"):
                yield Possible.only(option)
        elif isinstance(leaf, InTree):
            for code in self.industries(leaf.fact):
                yield Possible.only(code)
        elif isinstance(leaf, InRegion):
            for code in (*leaf.roots, "110000"):
                yield Possible.only(code)
        elif isinstance(leaf, HasAny):
            yield from _lists(leaf, as_of)
        else:
            yield from self.times(leaf, known, as_of)

    def industries(self, fact: str) -> tuple[str, ...]:
        """One class of each kind: two classes are of one kind if every test of the fact treats them alike."""
        tree = self.vocabulary.industries
        tests = [leaf for leaf in self.leaves if isinstance(leaf, InTree) and leaf.fact == fact]
        kinds: dict[tuple[bool, ...], str] = {}
        for code in sorted(set().union(*(tree.leaves(section) for section in tree.names if len(section) == 1))):
            kinds.setdefault(tuple(_is_wanted(tree, test, code) for test in tests), code)
        # Roots are tried one by one as well, so that each is seen to count.
        named = [min(tree.leaves(root)) for test in tests for root in (*test.roots, *test.exceptions)]
        return tuple(dict.fromkeys([*kinds.values(), *named]))

    def ranges(self, leaf: InRange, known: Mapping[str, Cell]) -> Iterator[Value]:
        fact = leaf.facts[0]
        spec = self.vocabulary[fact]
        kind = spec.type if isinstance(leaf.fact, str) or spec.of is None else spec.of
        for key in (leaf.low, leaf.high):
            for offset in () if key is None else (-1, 0, 1):
                number = Fraction((key or 0) // 2, SCALE[kind]) + offset * STEPS[kind]
                figure = Band.exact(number if number.denominator != 1 else number.numerator)
                if isinstance(leaf.fact, str):
                    yield figure
                else:
                    yield from _year(known.get(fact), leaf.fact[1], figure)

    def times(self, leaf: Leaf, known: Mapping[str, Cell], as_of: date) -> Iterator[Value]:
        if isinstance(leaf, AgeAtLeast):
            reference = _day(known, leaf.at) if isinstance(leaf.at, str) else leaf.at or as_of
            edges = [] if reference is None else [latest_with_age(reference, leaf.period).toordinal()]
        elif isinstance(leaf, Spacing):
            other = _day(known, leaf.of)
            periods = [period for period in (leaf.start, leaf.end) if period is not None]
            edges = [] if other is None else [add_period(other, period).toordinal() for period in periods]
        else:
            if isinstance(leaf, GrowthAtLeast):
                yield from self.growth(leaf, known)
            return
        for edge in edges:
            for offset in (-1, 0, 1):
                yield Band.exact(edge + offset)

    def growth(self, leaf: GrowthAtLeast, known: Mapping[str, Cell]) -> Iterator[Value]:
        fact = leaf.facts[0]
        spec = self.vocabulary[fact]
        value = known[fact].value if fact in known else None
        if isinstance(leaf.fact, tuple):
            if isinstance(value, Series) and len(value.entries) > 1 and value.entries[-2].low is not None:
                edge = value.entries[-2].low * (1 + leaf.rate)
                for offset in (-1, 0, 1):
                    figure = Band.exact(edge + offset * STEPS[spec.of or FactType.MONEY])
                    yield Series((*value.entries[:-1], figure))
            return
        base = known[str(leaf.base)].value if str(leaf.base) in known else None
        if isinstance(base, Band) and base.low is not None:
            for offset in (-1, 0, 1):
                yield Band.exact(base.low * (1 + leaf.rate) + offset * STEPS[spec.type])

    def singles(self, row: int, known: Mapping[str, Cell], as_of: date) -> list[Change]:
        """Each fact of a row alone set to each of its values."""
        return [Change(row, {fact: value}) for fact in self.facts for value in self.values(fact, known, as_of)]

    def pairs(self, row: int, known: Mapping[str, Cell], as_of: date, most: int) -> list[Change]:
        """Two facts of a row set together, thinned evenly to at most `most`."""
        values = {fact: self.values(fact, known, as_of) for fact in self.facts}
        every = [
            Change(row, {one: a, other: b})
            for one, other in combinations(self.facts, 2)
            for a, b in product(values[one], values[other])
        ]
        step = max(1, -(-len(every) // most))
        return every[::step]


def nodes_of(rule: Rule) -> Sequence[Node]:
    """The tree of a rule and the conditions by which its amount is chosen."""
    return (rule.root, *(condition.node for condition in rule.conditions.values()))


def _is_wanted(tree: IndustryTree, test: InTree, code: str) -> bool:
    inside = any(tree.is_under(code, root) for root in test.roots)
    return inside and not any(tree.is_under(code, root) for root in test.exceptions)


def _lists(leaf: HasAny, as_of: date) -> Iterator[Value]:
    yield Items(())
    yield from (Items((item,)) for item in _items(leaf, as_of))


def _items(leaf: HasAny, as_of: date) -> Iterator[Item]:
    """One item of each name as the test may find it: within and at the ends of its grant, expired, without level."""
    day = as_of.toordinal()
    for name in sorted(leaf.names):
        edges = [edge for edge in leaf.granted or () if edge is not None] or [day - 400]
        for granted in sorted({edge + offset for edge in edges for offset in (-1, 0, 1)}):
            yield Item(name, Band.exact(granted), Band.exact(day + 400), leaf.level, leaf.year)
        yield Item(name, Band.exact(day - 400), Band.exact(day - 1), leaf.level, leaf.year)
        yield Item(name, Band.exact(day - 400), Band.exact(day + 400))


def _year(cell: Cell | None, place: int, figure: Band) -> Iterator[Series]:
    if cell is not None and isinstance(cell.value, Series) and len(cell.value.entries) >= -place:
        entries = list(cell.value.entries)
        entries[place] = figure
        yield Series(tuple(entries))


def _day(known: Mapping[str, Cell], fact: str) -> date | None:
    value = known[fact].value if fact in known else None
    return date.fromordinal(int(value.low)) if isinstance(value, Band) and value.low is not None else None
