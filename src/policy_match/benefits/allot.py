"""Who is cut, and by how much, where limits do not leave room for all: whole 分, the largest sum, one rule.

The sum under the limits is always the largest there is. Among the ways to reach it, the larger amount keeps first,
ties by place. Limits that are nested or apart are cut in that order; limits that overlap otherwise are solved as a
whole-number programme by exact fractions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from policy_match.benefits.instance import Limit, parted, places_in

Room = tuple[frozenset[int], int]
Bounds = tuple[int, int]


def allotted(amounts: Mapping[int, int], limits: Sequence[Limit], order: Sequence[int] | None = None) -> dict[int, int]:
    """What each of some amounts is cut to, 分. `order`: who keeps first, the largest amount without one."""
    turn = sorted(amounts, key=lambda place: (-amounts[place], place)) if order is None else order
    rooms = _binding(amounts, limits)
    given: dict[int, int] = {}
    for part in _parts(amounts, rooms):
        here = [(members, left) for members, left in rooms if members & part]
        ranked = [place for place in turn if place in part]
        given |= _in_turn(amounts, ranked, here) if _is_nested(here) else _crossing(amounts, ranked, here)
    return given


def total_of(amounts: Mapping[int, int], limits: Sequence[Limit]) -> int:
    """The largest sum that the limits leave of some amounts, 分."""
    rooms = _binding(amounts, limits)
    if not rooms:
        return sum(amounts.values())
    total = 0
    for part in _parts(amounts, rooms):
        here = [(members, left) for members, left in rooms if members & part]
        if _is_nested(here):
            total += sum(_in_turn(amounts, sorted(part), here).values())
        else:
            total += _together(amounts, sorted(part), here)
    return total


def _together(amounts: Mapping[int, int], places: Sequence[int], rooms: Sequence[Room]) -> int:
    """The largest sum under crossing limits: amounts that draw on the same limits count as one."""
    drawing: dict[tuple[int, ...], int] = {}
    for place in places:
        key = tuple(number for number, (members, _) in enumerate(rooms) if place in members)
        drawing[key] = drawing.get(key, 0) + amounts[place]
    merged = [
        (frozenset(at for at, key in enumerate(drawing) if number in key), left)
        for number, (_, left) in enumerate(rooms)
    ]
    return sum(_most([1] * len(drawing), [(0, amount) for amount in drawing.values()], merged))


def _binding(amounts: Mapping[int, int], limits: Sequence[Limit]) -> list[Room]:
    """The limits that leave less than is asked of them, each with those that ask."""
    rooms = []
    for limit in limits:
        members = frozenset(place for place in limit.members if place in amounts)
        if sum(amounts[place] for place in members) > limit.left_fen:
            rooms.append((members, limit.left_fen))
    return rooms


def _parts(amounts: Mapping[int, int], rooms: Sequence[Room]) -> list[frozenset[int]]:
    links = [0] * (max(amounts, default=0) + 1)
    for members, _ in rooms:
        together = sum(1 << place for place in members)
        for place in members:
            links[place] |= together
    return [frozenset(places_in(part)) for part in parted(amounts, links)]


def _is_nested(rooms: Sequence[Room]) -> bool:
    return all(one <= other or other <= one or one.isdisjoint(other) for (one, _), (other, _) in combinations(rooms, 2))


def _in_turn(amounts: Mapping[int, int], ranked: Sequence[int], rooms: Sequence[Room]) -> dict[int, int]:
    """Each takes what is left, in turn: the largest sum where limits are nested."""
    left = [room for _, room in rooms]
    given: dict[int, int] = {}
    for place in ranked:
        mine = [number for number, (members, _) in enumerate(rooms) if place in members]
        given[place] = min([amounts[place], *(left[number] for number in mine)])
        for number in mine:
            left[number] -= given[place]
    return given


def _crossing(amounts: Mapping[int, int], ranked: Sequence[int], rooms: Sequence[Room]) -> dict[int, int]:
    """The largest sum first; among equal sums as much as can be for the first, then for the second, and so on."""
    weight = sum(amounts[place] for place in ranked) + 1
    bounds = [(0, amounts[place]) for place in ranked]
    placed = _placed(rooms, ranked)
    for turn in range(len(ranked)):
        weights = [weight + (number == turn) for number in range(len(ranked))]
        kept = _most(weights, bounds, placed)[turn]
        bounds[turn] = (kept, kept)
    return {place: low for place, (low, _) in zip(ranked, bounds, strict=True)}


def _placed(rooms: Sequence[Room], ranked: Sequence[int]) -> list[Room]:
    return [
        (frozenset(number for number, place in enumerate(ranked) if place in members), left) for members, left in rooms
    ]


def _most(weights: Sequence[int], bounds: Sequence[Bounds], rooms: Sequence[Room]) -> list[int]:
    """Whole numbers within bounds and rooms with the largest weighted sum: branch and bound over exact fractions."""
    best: tuple[int, list[int]] | None = None
    waiting = [list(bounds)]
    while waiting:
        now = waiting.pop()
        values = _within(weights, now, rooms)
        if values is None:
            continue
        worth = sum((weight * value for weight, value in zip(weights, values, strict=True)), Fraction(0))
        if best is not None and worth.numerator // worth.denominator <= best[0]:
            continue
        split = next((place for place, value in enumerate(values) if value.denominator != 1), None)
        if split is None:
            best = (int(worth), [int(value) for value in values])
        else:
            floor = values[split].numerator // values[split].denominator
            (low, high), before, after = now[split], now[:split], now[split + 1 :]
            waiting += [[*before, (low, floor), *after], [*before, (floor + 1, high), *after]]
    if best is None:
        raise ValueError("no room for the lower bounds")
    return best[1]


def _within(weights: Sequence[int], bounds: Sequence[Bounds], rooms: Sequence[Room]) -> list[Fraction] | None:
    """The best fractions within bounds and rooms; None where the lower bounds have no room."""
    left = [(members, room - sum(bounds[place][0] for place in members)) for members, room in rooms]
    if any(room < 0 for _, room in left) or any(low > high for low, high in bounds):
        return None
    more = _relaxed(weights, [high - low for low, high in bounds], left)
    return [low + added for (low, _), added in zip(bounds, more, strict=True)]


def _relaxed(weights: Sequence[int], tops: Sequence[int], rooms: Sequence[Room]) -> list[Fraction]:
    """The best fractions from zero to `tops` within rooms: the simplex method from zero, by Bland's rule."""
    count = len(tops)
    rows = [[int(place == number) for place in range(count)] for number in range(count)]
    rows += [[int(place in members) for place in range(count)] for members, _ in rooms]
    rights = [*tops, *(left for _, left in rooms)]
    size = count + len(rows)
    table = [
        [*map(Fraction, row), *(Fraction(int(number == other)) for other in range(len(rows))), Fraction(right)]
        for number, (row, right) in enumerate(zip(rows, rights, strict=True))
    ]
    gains = [*map(Fraction, weights), *(Fraction(0) for _ in rows), Fraction(0)]
    basis = list(range(count, size))
    while (enter := next((column for column in range(size) if gains[column] > 0), None)) is not None:
        leave = min(
            (number for number, row in enumerate(table) if row[enter] > 0),
            key=lambda number: (table[number][-1] / table[number][enter], basis[number]),
        )
        _pivot(table, gains, leave, enter)
        basis[leave] = enter
    found = [Fraction(0)] * size
    for number, column in enumerate(basis):
        found[column] = table[number][-1]
    return found[:count]


def _pivot(table: list[list[Fraction]], gains: list[Fraction], leave: int, enter: int) -> None:
    scale = table[leave][enter]
    table[leave] = [cell / scale for cell in table[leave]]
    for row in (*(row for number, row in enumerate(table) if number != leave), gains):
        if factor := row[enter]:
            row[:] = [cell - factor * over for cell, over in zip(row, table[leave], strict=True)]
