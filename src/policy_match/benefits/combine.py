"""The best legal set of benefits, in whole 分.

Better is, in this order: a larger sum of high ends, a larger sum of low ends, fewer benefits, smaller ids. Sums are
what the limits leave of them. A set is one whole number in which these four stand one above the other, so that every
comparison is exact. What neither conflicts nor shares a limit is decided apart; each part is proved by branch and
bound, and only a part whose search grows too large goes to a solver in floating point, whose answer is checked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy_match.benefits.allot import allotted, total_of
from policy_match.benefits.heaviest import NODES, Exhausted, Heaviest
from policy_match.benefits.instance import Best, Instance, Limit, mask_of, parted, places_in
from policy_match.benefits.solver import solved_by_milp


def best_set(instance: Instance, nodes: int = NODES) -> Best:
    """The best set of an instance; `nodes`: how many steps the search of one part may take."""
    useful = [place for place, option in enumerate(instance.options) if option.high_fen > 0]
    links = _links(instance, useful)
    chosen, proved = 0, True
    for part in parted(useful, links):
        taken, sure = _Part(instance, tuple(places_in(part))).best(nodes)
        chosen, proved = chosen | taken, proved and sure
    high = {place: instance.options[place].high_fen for place in places_in(chosen)}
    low = {place: instance.options[place].low_fen for place in places_in(chosen)}
    return Best(allotted(low, instance.limits), allotted(high, instance.limits), proved)


def _links(instance: Instance, useful: Sequence[int]) -> list[int]:
    """For each place, those that it conflicts with or shares a limit with that may bind."""
    links = _neighbours(instance)
    among = set(useful)
    for limit in instance.limits:
        members = limit.members & among
        if sum(instance.options[place].high_fen for place in members) > limit.left_fen:
            for place in members:
                links[place] |= mask_of(members - {place})
    return links


def _neighbours(instance: Instance) -> list[int]:
    near = [0] * len(instance.options)
    for one, other in instance.conflicts:
        near[one] |= 1 << other
        near[other] |= 1 << one
    return near


@dataclass(frozen=True, slots=True)
class _Scale:
    """How much a 分 of high end, a 分 of low end and a benefit weigh in the one number by which sets are compared."""

    high: int
    low: int
    each: int


class _Part:
    """One part of an instance: its places and the limits among them."""

    def __init__(self, instance: Instance, places: tuple[int, ...]) -> None:
        self.instance, self.places = instance, places
        self.near = _neighbours(instance)
        self.highs = {place: instance.options[place].high_fen for place in places}
        self.lows = {place: instance.options[place].low_fen for place in places}
        self.limits = [
            limit for limit in instance.limits if sum(self.highs.get(p, 0) for p in limit.members) > limit.left_fen
        ]
        each = 1 << len(places)
        low = each * (len(places) + 1)
        self.scale = _Scale(low * (sum(self.lows.values()) + 1), low, each)
        self.bits = {place: 1 << (len(places) - 1 - rank) for rank, place in enumerate(places)}

    def best(self, nodes: int) -> tuple[int, bool]:
        """(mask, proved) of the best set of the part."""
        search = _Search(self, nodes) if self.limits else None
        try:
            if search is None:
                weights = [self.additive(place) for place in range(len(self.near))]
                return Heaviest(weights, self.near, nodes).among(mask_of(self.places))[1], True
            search.descend(0, mask_of(self.places))
            return search.found, True
        except Exhausted:
            solved = solved_by_milp(self.instance, self.places, self.limits)
            found = [0 if search is None else search.found, solved if self.is_legal(solved) else 0]
            return max(found, key=self.value), False

    def additive(self, place: int) -> int:
        """The value of one option by itself; 0 where it is not of this part."""
        if place not in self.bits:
            return 0
        worth = self.highs[place] * self.scale.high + self.lows[place] * self.scale.low
        return worth - self.scale.each + self.bits[place]

    def value(self, chosen: int) -> int:
        """The number by which sets are compared; the larger is better."""
        return self.weighed(chosen, *self.sums(chosen))

    def weighed(self, chosen: int, high: int, low: int) -> int:
        """The value of a set whose sums are known."""
        tie = sum(self.bits[place] - self.scale.each for place in places_in(chosen))
        return high * self.scale.high + low * self.scale.low + tie

    def sums(self, chosen: int) -> tuple[int, int]:
        """High and low sum of a set, as the limits leave them."""
        high = {place: self.highs[place] for place in places_in(chosen)}
        low = {place: self.lows[place] for place in places_in(chosen)}
        return total_of(high, self.limits), total_of(low, self.limits)

    def is_legal(self, chosen: int) -> bool:
        """Whether no two of a set conflict."""
        return not any(self.near[place] & chosen for place in places_in(chosen))


@dataclass(frozen=True, slots=True)
class _End:
    """The high or the low ends of a part: the amounts, and what is the most of them without limits."""

    amounts: Mapping[int, int]
    heaviest: Heaviest


class _Search:
    """Branch and bound over one part with limits: the larger amounts first, taken before left out."""

    def __init__(self, part: _Part, nodes: int) -> None:
        self.part, self.left = part, nodes
        self.found, self.best, self.best_sums = 0, 0, (0, 0)
        size = len(part.near)
        ends = (part.highs, part.lows)
        self.high, self.low = (
            _End(amounts, Heaviest([amounts.get(place, 0) for place in range(size)], part.near, nodes))
            for amounts in ends
        )
        self.buckets = _buckets(part.places, part.limits)
        self.order = sorted(part.places, key=lambda place: (-part.highs[place], place))

    def descend(self, chosen: int, rest: int) -> None:
        """Try every completion of `chosen` by places of `rest` that could be better; Exhausted if that takes too long."""
        sums = self.part.sums(chosen)
        value = self.part.weighed(chosen, *sums)
        if value > self.best:
            self.found, self.best, self.best_sums = chosen, value, sums
        while rest and self.bound(chosen, rest, sums) > self.best:
            self.left -= 1
            if self.left < 0:
                raise Exhausted
            place = next(place for place in self.order if rest >> place & 1)
            rest &= ~(1 << place)
            self.descend(chosen | 1 << place, rest & ~self.part.near[place])

    def bound(self, chosen: int, rest: int, sums: tuple[int, int]) -> int:
        """No less than the value of any completion by at least one place; `sums`: of what is chosen.

        Where both sums are at best equal to the best known, it takes some more benefits to get there.
        """
        part = self.part
        high = self.most(self.high, chosen, rest, sums[0])
        low = self.most(self.low, chosen, rest, sums[1])
        missing = (self.best_sums[0] - sums[0], self.best_sums[1] - sums[1])
        more = max(1, _fewest(part.highs, rest, missing[0]), _fewest(part.lows, rest, missing[1]))
        ties = sorted((part.bits[place] for place in places_in(rest)), reverse=True)[:more]
        return part.weighed(chosen, high, low) + sum(ties) - more * part.scale.each

    def most(self, end: _End, chosen: int, rest: int, now: int) -> int:
        """No less than the sum of any completion: all that is free, or per limit what it leaves."""
        free = now + end.heaviest.among(rest)[0]
        limited = 0
        for members, left in self.buckets:
            asked = sum(end.amounts[place] for place in places_in(chosen & members))
            asked += end.heaviest.among(rest & members)[0]
            limited += asked if left is None else min(asked, left)
        return min(free, limited)


def _buckets(places: Sequence[int], limits: Sequence[Limit]) -> list[tuple[int, int | None]]:
    """Every place in one limit that it draws on, the tightest, or in none: (mask, left)."""
    rest, buckets = mask_of(places), list[tuple[int, int | None]]()
    for limit in sorted(limits, key=lambda limit: limit.left_fen):
        members = mask_of(limit.members) & rest
        buckets.append((members, limit.left_fen))
        rest &= ~members
    return [*buckets, (rest, None)]


def _fewest(amounts: Mapping[int, int], rest: int, wanted: int) -> int:
    """How many of the rest it takes at least to add `wanted`."""
    count = 0
    for amount in sorted((amounts[place] for place in places_in(rest)), reverse=True):
        if wanted <= 0:
            break
        wanted -= amount
        count += 1
    return count
