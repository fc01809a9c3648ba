"""Who is cut where limits bind: the largest sum in whole 分, the larger amount first, ties by place."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.benefits.allot import allotted, total_of
from policy_match.benefits.instance import Limit


def limit(left: int, *members: int) -> Limit:
    return Limit("上限", frozenset(members), left)


@pytest.mark.parametrize(
    ("amounts", "limits", "cut"),
    [
        ((120, 30), (limit(140, 0, 1),), {0: 120, 1: 20}),
        ((30, 120), (limit(140, 0, 1),), {0: 20, 1: 120}),
        ((50, 50), (limit(70, 0, 1),), {0: 50, 1: 20}),
        ((50, 50, 50), (limit(70, 0, 1), limit(90, 0, 1, 2)), {0: 50, 1: 20, 2: 20}),
        ((10, 10), (limit(0, 0), limit(10, 1)), {0: 0, 1: 10}),
        ((10, 10), (), {0: 10, 1: 10}),
        # 0 alone would take the room of both limits: the largest sum leaves it nothing.
        ((9, 8, 8), (limit(9, 0, 1), limit(9, 0, 2)), {0: 1, 1: 8, 2: 8}),
        # Three limits of 1 on three pairs: 1.5 in fractions, 1 in whole 分.
        ((1, 1, 1), (limit(1, 0, 1), limit(1, 1, 2), limit(1, 0, 2)), {0: 1, 1: 0, 2: 0}),
        (
            (10**10 + 1, 10**10, 10**10),
            (limit(10**10 + 1, 0, 1), limit(10**10 + 1, 1, 2), limit(10**10 + 1, 0, 2)),
            {0: 5 * 10**9 + 1, 1: 5 * 10**9, 2: 5 * 10**9},
        ),
    ],
)
def test_who_is_cut(amounts: tuple[int, ...], limits: tuple[Limit, ...], cut: dict[int, int]) -> None:
    given_ = dict(enumerate(amounts))

    assert allotted(given_, limits) == cut
    assert total_of(given_, limits) == sum(cut.values())


LIMITS = st.lists(
    st.builds(limit, st.integers(0, 6), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), max_size=4
)


@given(amounts=st.lists(st.integers(0, 4), min_size=4, max_size=4), limits=LIMITS)
def test_the_cut_equals_trying_every_way(amounts: list[int], limits: list[Limit]) -> None:
    turn = sorted(range(4), key=lambda place: (-amounts[place], place))
    ways = [
        way
        for way in product(*(range(amount + 1) for amount in amounts))
        if all(sum(way[place] for place in each.members) <= each.left_fen for each in limits)
    ]
    best = max(ways, key=lambda way: (sum(way), [way[place] for place in turn]))

    assert allotted(dict(enumerate(amounts)), limits) == dict(enumerate(best))
