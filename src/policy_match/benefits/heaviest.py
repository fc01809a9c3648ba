"""The heaviest set of places of which no two are neighbours, exactly, in whole numbers of any size.

A place at least as heavy as the heaviest set among its neighbours is always taken; what falls apart is solved part by
part; else the place with the most neighbours is tried both ways. What was solved once is remembered.
"""

from __future__ import annotations

from collections.abc import Sequence

from policy_match.benefits.instance import parted, places_in

NODES = 20_000
# A recursion as deep as this many places stays well below the limit of the language.
MOST_PLACES = 300
FEW_NEIGHBOURS = 8


class Exhausted(Exception):
    """The search took more steps than it may."""


class Heaviest:
    """Answers for one set of weights (none below zero) and neighbours; `nodes`: how many steps it may take in all."""

    def __init__(self, weights: Sequence[int], neighbours: Sequence[int], nodes: int = NODES) -> None:
        self.weights, self.neighbours, self.left = weights, neighbours, nodes
        self._known: dict[int, tuple[int, int]] = {0: (0, 0)}

    def among(self, mask: int) -> tuple[int, int]:
        """(weight, mask) of the heaviest set among some places; Exhausted if that takes too long."""
        if mask not in self._known:
            self.left -= 1
            if self.left < 0 or mask.bit_count() > MOST_PLACES:
                raise Exhausted
            self._known[mask] = self._solved(mask)
        return self._known[mask]

    def _solved(self, mask: int) -> tuple[int, int]:
        parts = parted(places_in(mask), self.neighbours)
        if len(parts) > 1:
            solved = [self.among(part) for part in parts]
            return sum(weight for weight, _ in solved), sum(taken for _, taken in solved)
        most, pivot = 0, mask.bit_length() - 1
        for place in places_in(mask):
            near = self.neighbours[place] & mask
            if near.bit_count() <= FEW_NEIGHBOURS and self.weights[place] >= self._bound(near):
                return self._with(place, mask)
            if near.bit_count() > most:
                most, pivot = near.bit_count(), place
        return max(self._with(pivot, mask), self.among(mask & ~(1 << pivot)))

    def _with(self, place: int, mask: int) -> tuple[int, int]:
        weight, taken = self.among(mask & ~self.neighbours[place] & ~(1 << place))
        return weight + self.weights[place], taken | 1 << place

    def _bound(self, near: int) -> int:
        """No less than the heaviest set among a few places: a clique counts its heaviest, others their sum."""
        weights = [self.weights[place] for place in places_in(near)]
        is_clique = all(near & ~(1 << place) & ~self.neighbours[place] == 0 for place in places_in(near))
        return max(weights, default=0) if is_clique else sum(weights)
