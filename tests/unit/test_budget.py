"""Sums and caps of many beneficiaries: exact whatever the size, and no low end above its high end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.benefits.budget import ELIGIBLE, UNKNOWN, Cost, Holding, Tally, nothing_held, tallied, within_cap

FEN = st.sampled_from([0, 1, 7, 10**6, 10**17])


def holding(ends: list[tuple[int, int]], dtype: type = np.int64) -> Holding:
    low, high = (np.array(column, dtype=dtype) for column in zip(*ends, strict=True))
    states = np.full(len(ends), ELIGIBLE, dtype=np.int8)
    return Holding(states, np.arange(len(ends)), low, high, np.zeros(len(ends), dtype=bool))


@given(
    st.lists(st.tuples(FEN, FEN, st.integers(0, 3)), min_size=1, max_size=12),
    st.sampled_from([0, 1, 10, 10**6, 3 * 10**6, 2 * 10**17]),
)
def test_a_cap_of_a_firm_cuts_both_sums_exactly(drawn: list[tuple[int, int, int]], cap: int) -> None:
    ends = [(min(a, b, cap), min(max(a, b), cap)) for a, b, _ in drawn]
    firms = np.array([firm for _, _, firm in drawn])

    found = within_cap(holding(ends), firms, cap)

    for firm in set(firms.tolist()):
        own = [place for place, one in enumerate(firms) if one == firm]
        for column, given_ends in ((found.low, 0), (found.high, 1)):
            assert sum(int(column[place]) for place in own) == min(cap, sum(ends[place][given_ends] for place in own))
    assert all(0 <= int(low) <= int(high) for low, high in zip(found.low, found.high, strict=True))


@pytest.mark.parametrize(("each", "dtype"), [(2**61, np.int64), (10**25, object)])
def test_sums_beyond_64_bits_are_exact(each: int, dtype: type) -> None:
    have = holding([(each, each)] * 9, dtype)

    (found,) = tallied(nothing_held(9), have, np.zeros(9, dtype=np.int64), 1)

    assert (found.cost.low_fen, found.cost.high_fen, found.gained) == (9 * each, 9 * each, 9)


def test_somebody_who_loses_all_is_counted_in_the_group_he_was_in() -> None:
    had, has = holding([(5, 5), (7, 7)]), nothing_held(2)

    found = tallied(had, has, np.array([1, 0]), 2)

    assert [(one.lost, one.before.low_fen) for one in found] == [(1, 7), (1, 5)]


def test_from_eligible_to_unknown_is_lost_and_still_open() -> None:
    had = holding([(5, 5)])
    has = Holding(np.array([UNKNOWN], dtype=np.int8), had.rows, np.array([0]), had.high, had.unbounded)

    (found,) = tallied(had, has, np.array([0]), 1)

    assert found == Tally(lost=1, eligible_before=1, unknown=1, before=Cost(5, 5), cost=Cost(0, 5))


def test_a_cost_without_an_upper_end_has_none_however_it_is_added_up() -> None:
    assert (Cost(1, 2) + Cost(3, 4)).high_fen == 6
    assert (Cost(1, 2) + Cost(3, 4, 1)).high_fen is None
