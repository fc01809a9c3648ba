"""The fallback for parts too large to be proved: a mixed-integer solver in floating point.

Its default gap would stop it up to a ten-thousandth short of the optimum. What it answers is only a suggestion: whoever
asks checks the set and adds it up in whole 分.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policy_match.benefits.instance import Instance, Limit, mask_of

Row = tuple[dict[int, float], float]
GAP = 0.0
SECONDS = 20


def solved_by_milp(instance: Instance, places: Sequence[int], limits: Sequence[Limit], gap: float = GAP) -> int:
    """The mask of a set with a large sum of high ends; 0 where the solver has no answer in time."""
    import numpy as np  # both cost more to import than most commands need
    from scipy.optimize import Bounds, LinearConstraint, milp

    limited = sorted({place for limit in limits for place in limit.members} & set(places))
    taken = {place: number for number, place in enumerate(places)}
    paid = {place: len(places) + number for number, place in enumerate(limited)}
    highs = {place: float(instance.options[place].high_fen) for place in places}
    rows = [*_conflict_rows(instance, taken), *_limit_rows(limits, taken, paid, highs)]
    matrix = np.zeros((len(rows), len(taken) + len(paid)))
    for number, (row, _) in enumerate(rows):
        matrix[number, list(row)] = list(row.values())
    gains = [0.0 if place in paid else highs[place] for place in places] + [1.0] * len(limited)
    answer = milp(
        -np.array(gains),
        integrality=np.array([1] * len(taken) + [0] * len(limited)),
        bounds=Bounds(0, np.array([1.0] * len(taken) + [highs[place] for place in limited])),
        constraints=LinearConstraint(matrix, -np.inf, np.array([top for _, top in rows])),
        options={"mip_rel_gap": gap, "time_limit": SECONDS},
    )
    return 0 if answer.x is None else mask_of(place for place in places if answer.x[taken[place]] > 0.5)


def _conflict_rows(instance: Instance, taken: Mapping[int, int]) -> Iterator[Row]:
    """At most one of each two that conflict."""
    for one, other in instance.conflicts:
        if one in taken and other in taken:
            yield {taken[one]: 1.0, taken[other]: 1.0}, 1.0


def _limit_rows(
    limits: Sequence[Limit], taken: Mapping[int, int], paid: Mapping[int, int], highs: Mapping[int, float]
) -> Iterator[Row]:
    """What is paid under a limit stays below it, and is paid only of what is taken."""
    for limit in limits:
        yield {paid[place]: 1.0 for place in sorted(limit.members & paid.keys())}, float(limit.left_fen)
    for place, column in paid.items():
        yield {column: 1.0, taken[place]: -highs[place]}, 0.0
