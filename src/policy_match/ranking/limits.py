"""What a measure limits itself to: industries, stages, sizes and regions, read from its conditions.

Each kind of thing has a finite list of atoms (classes of GB/T 4754, stages, sizes, regions). The
conditions are decided for every atom at once, in the bits of a whole number, with nothing else
known: where the measure is surely refused, the atom lies outside. No atom outside: no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from policy_match.eligibility.leaves import HasAny, InOptions, InRegion, InTree, Leaf
from policy_match.eligibility.nodes import Assumed, Human, Node, NotNode, Test, children, combine
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.truth import Planes
from policy_match.facts.cells import Possible
from policy_match.facts.taxonomies import TRACK, Track
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import REGIONS, IndustryTree, region_path

STAGE, SIZE, IS_SME = "stage", "enterprise_size", "is_sme"
INDUSTRIES, REGION_FACTS = ("industry_code", "main_industry"), ("registered_region", "district")
_SME = {"true": ("medium", "small", "micro"), "false": ("large",)}


@dataclass(frozen=True, slots=True)
class Limit:
    """The atoms of one fact that a measure leaves open, as bits; `codes`: the industries that it names itself."""

    fact: str
    open: int
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits of one measure; empty or None where it does not limit. `tracks`: those that it asks for."""

    industry: tuple[Limit, ...]
    tracks: frozenset[str]
    stage: Limit | None
    size: Limit | None
    region: tuple[Limit, ...]


class Atoms:
    """The finite lists that limits are read over, from one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.tree: IndustryTree = vocabulary.industries
        self.tracks: Mapping[str, Track] = vocabulary.taxonomies.tracks
        self.stages = _options(vocabulary, STAGE)
        self.sizes = _options(vocabulary, SIZE)
        self.regions = ("000000", *REGIONS)
        self._classes = max(last for _, last in self.tree.spans.values())

    def industry(self, code: str) -> int:
        """The classes under a code."""
        first, last = self.tree.spans[code]
        return ((1 << (last - first)) - 1) << first

    def region(self, code: str) -> int:
        """The atoms within a region; of a place that none of them holds, the nearest around it."""
        if code in self.regions:
            return _bits(code in region_path(atom) for atom in self.regions)
        around = [region for region in region_path(code) if region in self.regions]
        return 1 << self.regions.index(around[-1])

    def stage(self, option: str) -> int:
        """The bit of one stage."""
        return 1 << self.stages.index(option)

    def size(self, fact: str, option: str) -> int:
        """The sizes that an option of the size, or of 中小企业, stands for."""
        sizes = _SME[option] if fact == IS_SME else (option,)
        return sum(1 << self.sizes.index(size) for size in sizes)

    def possible(self, fact: str, value: Possible) -> int:
        """The atoms that the value of a fact may be."""
        found = 0
        for option in value.options:
            found |= self.of(fact, option)
        return found

    def of(self, fact: str, option: str) -> int:
        """The atoms of one option or code of a fact."""
        if fact in INDUSTRIES:
            return self.industry(option)
        if fact in REGION_FACTS:
            return self.region(option)
        return self.stage(option) if fact == STAGE else self.size(fact, option)

    def limits(self, rule: Rule) -> Limits:
        """The limits of one version of a measure."""
        sizes = self._limit(rule, (SIZE, IS_SME), len(self.sizes))
        return Limits(
            industry=tuple(
                Limit(fact, limit.open, tuple(dict.fromkeys(_codes(rule.root, fact, wanted=True))))
                for fact in INDUSTRIES
                if (limit := self._limit(rule, (fact,), self._classes)) is not None
            ),
            tracks=frozenset(_tracks(rule.root, wanted=True)),
            stage=self._limit(rule, (STAGE,), len(self.stages)),
            size=sizes,
            region=tuple(
                limit for fact in REGION_FACTS if (limit := self._limit(rule, (fact,), len(self.regions))) is not None
            ),
        )

    def _limit(self, rule: Rule, facts: tuple[str, ...], count: int) -> Limit | None:
        """None where every atom may still meet the conditions."""
        full = (1 << count) - 1
        open_ = full & ~_decided(rule.root, lambda leaf: self._answer(leaf, facts, full), full).false
        return None if open_ == full else Limit(facts[0], open_)

    def _answer(self, leaf: Leaf, facts: tuple[str, ...], full: int) -> Planes[int]:
        """A test of one of the facts for every atom; any other test is open."""
        if leaf.facts[0] not in facts:
            return Planes(0, 0)
        met = 0
        if isinstance(leaf, InTree):
            for root in leaf.roots:
                met |= self.industry(root)
            for exception in leaf.exceptions:
                met &= ~self.industry(exception)
        elif isinstance(leaf, InRegion):
            met = _bits(any(root in region_path(atom) for root in leaf.roots) for atom in self.regions)
        elif isinstance(leaf, InOptions):
            met = self.possible(leaf.fact, Possible(leaf.options))
        else:
            return Planes(0, 0)
        return Planes(met, full & ~met)


def _decided(node: Node, answer: Callable[[Leaf], Planes[int]], full: int) -> Planes[int]:
    """Where a tree is surely met, surely not, when only what `answer` knows is known."""
    if isinstance(node, Test):
        return answer(node.leaf)
    if isinstance(node, Assumed):
        return Planes(full, 0)
    if isinstance(node, Human):
        return Planes(0, 0)
    return combine(node, lambda part: _decided(part, answer, full))


def _wanted(node: Node, wanted: bool) -> Iterator[Leaf]:
    """The tests that are to hold: those under an even number of 不."""
    if isinstance(node, Test) and wanted:
        yield node.leaf
    for part in children(node):
        yield from _wanted(part, wanted != isinstance(node, NotNode))


def _codes(node: Node, fact: str, *, wanted: bool) -> Iterator[str]:
    for leaf in _wanted(node, wanted):
        if isinstance(leaf, InTree) and leaf.fact == fact:
            yield from leaf.roots


def _tracks(node: Node, *, wanted: bool) -> Iterator[str]:
    for leaf in _wanted(node, wanted):
        if isinstance(leaf, HasAny) and leaf.fact == TRACK:
            yield from leaf.names


def _options(vocabulary: Vocabulary, fact: str) -> tuple[str, ...]:
    return vocabulary[fact].options if fact in vocabulary else ()


def _bits(flags: Iterable[bool]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)
