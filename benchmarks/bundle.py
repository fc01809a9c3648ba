"""The best set of benefits against brute force on random instances, and on near-ties of 60 benefits.

`make campaign NAME=bundle` runs 10,000 instances; `make test` a few hundred of the same. The brute force looks at every
subset, and at every way to share out small amounts under limits that may overlap: it shares no code with the search.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from benchmarks.report import machine
from policy_match.benefits.combine import best_set
from policy_match.benefits.instance import Instance, Limit, Option, Why, places_in
from policy_match.benefits.solver import solved_by_milp

SEED, INSTANCES, TIES = 20261128, 10_000, 200
MOST, LARGE, CONFLICTS = 12, 60, 150
DEFAULT_GAP = 1e-4
Ranked = tuple[int, int, int, tuple[tuple[str, str], ...]]


def random_instance(seed: int) -> Instance:
    """Up to 12 benefits: small amounts under limits that overlap, or large ones under limits that do not."""
    draw = random.Random(seed)  # noqa: S311 instances, not secrets
    count, small = draw.randint(1, MOST), draw.random() < 0.6
    top = 6 if small else 10**9
    options = []
    for number in range(count):
        high = draw.randint(0, top)
        low = draw.choice((high, 0, draw.randint(0, high)))
        options.append(Option(f"m{number:02}", "enterprise:E1", draw.choice((None, "P1")), "cash", low, high))
    density = draw.choice((0, 0.05, 0.1, 0.3, 0.6))
    pairs = [pair for pair in combinations(range(count), 2) if draw.random() < density]
    limits = _overlapping(draw, count) if small else _apart(draw, count)
    return Instance(tuple(options), dict.fromkeys(pairs, Why.UNWRITTEN), tuple(limits))


def _overlapping(draw: random.Random, count: int) -> Iterator[Limit]:
    for _ in range(draw.randint(0, 3)):
        yield Limit("上限", frozenset(draw.sample(range(count), draw.randint(1, count))), draw.randint(0, 9))


def _apart(draw: random.Random, count: int) -> Iterator[Limit]:
    places = draw.sample(range(count), count)
    for _ in range(draw.randint(0, 2)):
        size = draw.randint(1, 5)
        if places[:size]:
            yield Limit("上限", frozenset(places[:size]), draw.randint(0, 3 * 10**9))
        places = places[size:]


def brute_force(instance: Instance) -> Ranked:
    """(high sum, low sum, minus the number of benefits, ids) of the best of all subsets."""
    best: Ranked | None = None
    places = range(len(instance.options))
    for size in range(len(places) + 1):
        for chosen in combinations(places, size):
            if any(pair in instance.conflicts for pair in combinations(chosen, 2)):
                continue
            highs = _shared_out([instance.options[place].high_fen for place in chosen], chosen, instance.limits)
            if best is not None and highs < best[0]:
                continue
            lows = _shared_out([instance.options[place].low_fen for place in chosen], chosen, instance.limits)
            ids = tuple((instance.options[place].measure, str(place)) for place in chosen)
            found = (highs, lows, -size, ids)
            if best is None or found[:3] > best[:3] or (found[:3] == best[:3] and ids < best[3]):
                best = found
    if best is None:
        raise ValueError("not even the empty set")
    return best


def _shared_out(amounts: Sequence[int], chosen: Sequence[int], limits: Sequence[Limit]) -> int:
    """The largest sum of whole amounts under limits, by trying; limits that do not overlap are cut one by one."""
    drawn = [sum(place in limit.members for limit in limits) for place in chosen]
    if max(drawn, default=0) <= 1:
        free = sum(amount for amount, count in zip(amounts, drawn, strict=True) if not count)
        asked = [sum(a for a, place in zip(amounts, chosen, strict=True) if place in limit.members) for limit in limits]
        return free + sum(min(sum_, limit.left_fen) for sum_, limit in zip(asked, limits, strict=True))

    @cache
    def most(turn: int, left: tuple[int, ...]) -> int:
        if turn == len(chosen):
            return 0
        mine = [chosen[turn] in limit.members for limit in limits]
        room = min([amounts[turn], *(rest for rest, draws in zip(left, mine, strict=True) if draws)])
        return max(
            paid + most(turn + 1, tuple(rest - paid * draws for rest, draws in zip(left, mine, strict=True)))
            for paid in range(room + 1)
        )

    return most(0, tuple(limit.left_fen for limit in limits))


def ranked(instance: Instance) -> Ranked:
    """The same four of the set that the search finds."""
    best = best_set(instance)
    ids = tuple((instance.options[place].measure, str(place)) for place in best.chosen)
    return sum(best.high_fen.values()), sum(best.low_fen.values()), -len(ids), ids


def near_tie(seed: int) -> Instance:
    """60 benefits of 10万元 and up to 100元 more, with 150 conflicts: many sets differ by a few 元 in millions."""
    draw = random.Random(seed)  # noqa: S311 instances, not secrets
    amounts = [10**7 + 100 * draw.randrange(100) for _ in range(LARGE)]
    options = tuple(Option(f"m{n:02}", "enterprise:E1", None, "cash", a, a) for n, a in enumerate(amounts))
    pairs = draw.sample(list(combinations(range(LARGE), 2)), CONFLICTS)
    return Instance(options, dict.fromkeys(pairs, Why.UNWRITTEN), ())


@dataclass(frozen=True, slots=True)
class Tie:
    """One near-tie: seconds of the search, whether it was proved, and what the solver by default lost, 分."""

    seconds: float
    proved: bool
    lost_by_default: int
    lost_without_gap: int


def measured(seed: int) -> Tie:
    """Solve one near-tie three ways."""
    instance = near_tie(seed)
    started = time.perf_counter()
    best = best_set(instance)
    seconds = time.perf_counter() - started
    total = sum(best.high_fen.values())
    lost = [total - _worth(instance, solved_by_milp(instance, range(LARGE), (), gap)) for gap in (DEFAULT_GAP, 0.0)]
    return Tie(seconds, best.proved, lost[0], lost[1])


def _worth(instance: Instance, mask: int) -> int:
    return sum(instance.options[place].high_fen for place in places_in(mask))


def main() -> tuple[int, list[str]]:
    """Run both; the exit code is 1 where the search and brute force differ or a near-tie is not proved."""
    started = time.perf_counter()
    instances = [random_instance(SEED + number) for number in range(INSTANCES)]
    unequal = sum(ranked(instance) != brute_force(instance) for instance in instances)
    crossing = sum(_overlap(instance) for instance in instances)
    minutes = (time.perf_counter() - started) / 60
    ties = [measured(SEED + number) for number in range(TIES)]
    seconds = [tie.seconds for tie in ties]
    missed = [tie.lost_by_default for tie in ties if tie.lost_by_default]
    worse = max((tie.lost_without_gap for tie in ties), default=0)
    unproved = sum(not tie.proved for tie in ties)
    return int(unequal > 0 or unproved > 0 or min(tie.lost_without_gap for tie in ties) < 0), [
        f"- {machine()}; seed {SEED}",
        f"- {INSTANCES:,} random instances of 1 to {MOST} benefits, {crossing:,} with limits that overlap and are not"
        f" nested: {unequal} differ from brute force (sums, number, ids); {minutes:.1f} minutes",
        f"- {TIES} near-ties of {LARGE} benefits and {CONFLICTS} conflicts: {unproved} not proved; seconds median"
        f" {statistics.median(seconds):.3f}, largest {max(seconds):.3f}",
        f"- `scipy.optimize.milp` with its default gap misses the best set in {len(missed)} of them, by up to"
        f" {max(missed, default=0) / 100:.2f} 元; with `mip_rel_gap: 0` by up to {worse / 100:.2f} 元",
    ]


def _overlap(instance: Instance) -> bool:
    """Whether two limits share members and neither holds the other."""
    pairs = combinations([limit.members for limit in instance.limits], 2)
    return any(one & other and not (one <= other or other <= one) for one, other in pairs)
