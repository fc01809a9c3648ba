"""The best legal set equals brute force, is proved on near-ties that a solver by default misses, and keeps its laws."""

from __future__ import annotations

from dataclasses import replace

import pytest
from benchmarks.bundle import DEFAULT_GAP, LARGE, SEED, brute_force, near_tie, random_instance, ranked
from hypothesis import given
from hypothesis import strategies as st

from policy_match.benefits.combine import best_set
from policy_match.benefits.instance import Instance, Limit, Option, Why, places_in
from policy_match.benefits.solver import solved_by_milp

WAN = 1_000_000
# Of the near-ties that start at SEED, some in which the solver by default stops short.
MISSED = (1, 16, 23, 37, 56)


def instance(
    *amounts: int | tuple[int, int], conflicts: tuple[tuple[int, int], ...] = (), limits: tuple[Limit, ...] = ()
) -> Instance:
    """Options of so many 分 (or of a low and a high end)."""
    ends = [amount if isinstance(amount, tuple) else (amount, amount) for amount in amounts]
    options = tuple(Option(f"m{n}", "enterprise:E1", None, "cash", low, high) for n, (low, high) in enumerate(ends))
    return Instance(options, dict.fromkeys(conflicts, Why.EXCLUSIVE), limits)


def limit(left: int, *members: int) -> Limit:
    return Limit("上限", frozenset(members), left)


@pytest.mark.parametrize("block", range(10))
def test_the_best_set_equals_brute_force(block: int) -> None:
    for seed in range(15 * block, 15 * (block + 1)):
        found = random_instance(seed)
        assert ranked(found) == brute_force(found), seed


def test_5_8_a_the_free_one_is_cut_by_the_limit_and_the_lower_of_the_group_left_out() -> None:
    best = best_set(instance(80 * WAN, 120 * WAN, 30 * WAN, conflicts=((0, 1),), limits=(limit(140 * WAN, 0, 1, 2),)))

    assert best.high_fen == {1: 120 * WAN, 2: 20 * WAN}
    assert best.proved


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        (instance(5, 5, conflicts=((0, 1),)), (0,)),
        (instance(5, (0, 5), conflicts=((0, 1),)), (0,)),
        (instance((0, 5), 5, conflicts=((0, 1),)), (1,)),
        (instance(6, 3, 3, conflicts=((0, 1), (0, 2))), (0,)),
        (instance(3, 3, 6, conflicts=((0, 2), (1, 2))), (2,)),
        (instance((0, 7), 6, conflicts=((0, 1),)), (0,)),
        (instance(4, 4, 4, limits=(limit(4, 0, 1, 2),)), (0,)),
        (instance(4, (3, 4), limits=(limit(4, 0, 1),)), (0,)),
        (instance(0, 3), (1,)),
        (instance(), ()),
    ],
)
def test_equal_sums_go_to_the_larger_low_end_then_to_fewer_then_to_smaller_ids(
    found: Instance, chosen: tuple[int, ...]
) -> None:
    assert best_set(found).chosen == chosen


@pytest.mark.parametrize("number", MISSED)
def test_near_ties_of_60_benefits_are_proved_where_the_solver_by_default_stops_short(number: int) -> None:
    found = near_tie(SEED + number)

    best = best_set(found)

    default = solved_by_milp(found, range(LARGE), (), DEFAULT_GAP)
    exact = solved_by_milp(found, range(LARGE), ())
    total = sum(best.high_fen.values())
    assert best.proved
    assert sum(found.options[place].high_fen for place in places_in(default)) < total
    assert sum(found.options[place].high_fen for place in places_in(exact)) == total
    assert not any(pair[0] in best.high_fen and pair[1] in best.high_fen for pair in found.conflicts)


def test_where_the_search_is_cut_short_the_answer_of_the_solver_is_checked_and_marked() -> None:
    found = near_tie(SEED)

    short, full = best_set(found, nodes=5), best_set(found)

    assert (short.proved, full.proved) == (False, True)
    assert sum(short.high_fen.values()) == sum(full.high_fen.values())
    assert not any(pair[0] in short.high_fen and pair[1] in short.high_fen for pair in found.conflicts)


def test_a_search_with_limits_that_is_cut_short_keeps_within_them() -> None:
    amounts = [3 + n % 4 for n in range(12)]
    limits = (limit(14, *range(8)), limit(17, *range(4, 12)))
    found = instance(*amounts, conflicts=((0, 11), (1, 5), (2, 6), (3, 9)), limits=limits)

    short, full = best_set(found, nodes=3), best_set(found)

    assert (short.proved, full.proved) == (False, True)
    assert sum(full.high_fen.values()) == brute_force(found)[0] >= sum(short.high_fen.values()) > 0
    for each in limits:
        assert sum(fen for place, fen in short.high_fen.items() if place in each.members) <= each.left_fen


def test_an_unsound_answer_of_the_solver_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    found = near_tie(SEED)
    monkeypatch.setattr("policy_match.benefits.combine.solved_by_milp", lambda *_: (1 << LARGE) - 1)

    assert best_set(found, nodes=5).chosen == ()


def test_forty_benefits_under_one_limit_are_proved() -> None:
    found = instance(*[10**7 + 100 * (n % 7) for n in range(40)], limits=(limit(45 * 10**6, *range(40)),))

    best = best_set(found)

    assert (best.proved, sum(best.high_fen.values()), len(best.chosen)) == (True, 45 * 10**6, 5)
    assert best.chosen == (0, 1, 2, 3, 4)


def _total(found: Instance) -> int:
    return sum(best_set(found).high_fen.values())


@given(seed=st.integers(0, 10**6), data=st.data())
def test_taking_an_option_away_never_raises_the_sum(seed: int, data: st.DataObject) -> None:
    found = random_instance(seed)
    gone = data.draw(st.integers(0, len(found.options) - 1))
    zero = replace(found.options[gone], low_fen=0, high_fen=0)

    fewer = replace(found, options=(*found.options[:gone], zero, *found.options[gone + 1 :]))

    assert _total(fewer) <= _total(found)


@given(seed=st.integers(0, 10**6), data=st.data())
def test_less_room_under_a_limit_never_raises_the_sum(seed: int, data: st.DataObject) -> None:
    found = random_instance(seed)
    limits = tuple(replace(each, left_fen=data.draw(st.integers(0, each.left_fen))) for each in found.limits)

    assert _total(replace(found, limits=limits)) <= _total(found)
