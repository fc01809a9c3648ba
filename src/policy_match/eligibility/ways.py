"""Ways to make a tree come out as wanted: which facts must be known, and within which limits.

Two limits on one fact that exclude each other never stand in the same way (an
income cannot be under 5,000 and over 8,000).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import TypeAlias

from policy_match.eligibility.leaves import GrowthAtLeast, HasAny, Leaf

MOST_WAYS = 200


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
    """Tests that must come out as said; contradictory if what one asks for is what others forbid."""

    answers: frozenset[tuple[Leaf, bool]]

    def meet(self, other: Answers) -> Answers | None:
        both = self.answers | other.answers
        no = [leaf for leaf, answer in both if not answer]
        return None if any(answer and _excluded(leaf, no) for leaf, answer in both) else Answers(both)

    def covers(self, other: Answers) -> bool:
        return self.answers <= other.answers


Limit: TypeAlias = "Range | Among | Answers"
Way: TypeAlias = Mapping[str, Limit]
CERTAIN: tuple[Way, ...] = ({},)


def _excluded(leaf: Leaf, refused: list[Leaf]) -> bool:
    """Whether a test cannot hold where those refused do not."""
    if isinstance(leaf, HasAny):
        taken = [other.names for other in refused if isinstance(other, HasAny) and leaf.implies(other)]
        return leaf.names <= frozenset().union(*taken)
    if isinstance(leaf, GrowthAtLeast):
        return any(
            isinstance(other, GrowthAtLeast)
            and (other.fact, other.base) == (leaf.fact, leaf.base)
            and other.rate <= leaf.rate
            for other in refused
        )
    return leaf in refused


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


def join(first: Way, second: Way) -> Way | None:
    """Both at once; None if their limits exclude each other."""
    merged = dict(first)
    for fact, limit in second.items():
        met = _meet(merged[fact], limit) if fact in merged else limit
        if met is None:
            return None
        merged[fact] = met
    return merged


def both(first: tuple[Way, ...], second: tuple[Way, ...]) -> tuple[Way, ...]:
    """Ways in which both come out."""
    if first is CERTAIN or first == CERTAIN:
        return second
    if second is CERTAIN or second == CERTAIN:
        return first
    return pruned([way for a, b in product(first, second) if (way := join(a, b)) is not None])


def some(parts: list[tuple[Way, ...]], count: int) -> tuple[Way, ...]:
    """Ways in which `count` of the parts come out."""
    if count == 1:
        return CERTAIN if CERTAIN in parts else pruned([way for part in parts for way in part])
    if count == len(parts):
        result = CERTAIN
        for part in sorted(parts, key=len):
            result = both(result, part)
        return result
    certain = sum(part == CERTAIN for part in parts)
    if certain >= count:
        return CERTAIN
    rest = [part for part in parts if part != CERTAIN and part]
    chosen = combinations(rest, count - certain)
    return pruned([way for group in chosen for way in some(list(group), len(group))])


def pruned(ways: list[Way]) -> tuple[Way, ...]:
    """Without ways that ask for more than another one does; the smallest are kept if there are very many."""
    kept: list[Way] = []
    for way in sorted(ways, key=len):
        if not any(all(fact in way and _covers(limit, way[fact]) for fact, limit in other.items()) for other in kept):
            kept.append(way)
            if len(kept) == MOST_WAYS:
                break
    return tuple(kept)
