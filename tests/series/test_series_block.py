"""Series with holes: what is worked out from a missing month is unknown, and never smaller than it was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from policy_match.series.block import Block, Known, to_monthly, to_yearly
from policy_match.series.plan import plan_to_date
from policy_match.series.words import Basis

JANUARY = 2025 * 12
FIGURES = st.lists(st.one_of(st.none(), st.integers(-(10**14), 10**14)), min_size=1, max_size=26)
STARTS = st.integers(JANUARY, JANUARY + 11)


def known(*rows: Sequence[int | None]) -> Known:
    values = np.array([[one or 0 for one in row] for row in rows], np.int64)
    return Known(values, np.array([[one is not None for one in row] for row in rows], np.bool_))


def listed(found: Known, row: int = 0) -> list[int | None]:
    return [int(v) if k else None for v, k in zip(found.values[row], found.known[row], strict=True)]


def test_a_month_is_known_only_where_its_own_and_the_earlier_figure_of_the_year_are() -> None:
    told = known([10, 25, None, 60, 75])

    assert listed(to_monthly(told, JANUARY)) == [10, 15, None, None, 15]


def test_the_year_begins_anew_in_january() -> None:
    told = known([100, 120, 15, 40])

    assert listed(to_monthly(told, JANUARY - 2)) == [None, 20, 15, 25]
    assert listed(to_yearly(known([7, 8, 15, 25]), JANUARY - 2)) == [None, None, 15, 40]


def test_a_sum_over_a_missing_month_is_unknown_until_the_next_january() -> None:
    assert listed(to_yearly(known([1, None, 4]), JANUARY)) == [1, None, None]


@given(FIGURES, STARTS)
def test_figures_of_the_year_made_of_months_give_the_months_back(figures: list[int | None], first: int) -> None:
    months = known(figures)
    year = to_yearly(months, first)

    back = to_monthly(year, first)

    for told, was in zip(listed(back), figures, strict=True):
        assert told is None or told == was
    if first == JANUARY and None not in figures:
        assert listed(back) == figures


@given(FIGURES, STARTS, st.data())
def test_a_month_that_goes_missing_never_changes_another_known_sum(
    figures: list[int | None], first: int, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(figures) - 1))
    fewer = [None if at == place else one for at, one in enumerate(figures)]

    for make in (to_yearly, to_monthly):
        whole, holed = listed(make(known(figures), first)), listed(make(known(fewer), first))
        assert all(after is None or after == before for before, after in zip(whole, holed, strict=True))


@given(FIGURES, STARTS)
def test_what_stands_under_an_unknown_mark_never_matters(figures: list[int | None], first: int) -> None:
    clean, dirty = known(figures), known(figures)
    dirty.values[~dirty.known] = 10**13

    for make in (to_yearly, to_monthly):
        assert listed(make(clean, first)) == listed(make(dirty, first))


def test_a_block_turns_each_code_from_its_own_basis() -> None:
    block = Block(JANUARY, 1, 3, {"a": known([1, 3, 6])})

    assert listed(block.monthly("a", Basis.YEAR)) == [1, 2, 3]
    assert listed(block.yearly("a", Basis.MONTH)) == [1, 4, 10]
    assert listed(block.yearly("b", Basis.MONTH)) == [None, None, None]


def plan(full: int | None, start: int | None, months: int = 24, ramp: int = 12) -> list[int | None]:
    def one(value: int | None) -> Known:
        return Known(np.array([value or 0]), np.array([value is not None]))

    return listed(plan_to_date(one(full), one(start), first=JANUARY, months=months, ramp=ramp))


def test_the_full_value_is_spread_over_the_months_after_the_start_and_reaches_it_at_the_end_of_the_ramp() -> None:
    found = plan(1200, JANUARY - 1, months=12)

    assert found == [100 * month for month in range(1, 13)]


def test_a_start_in_the_year_counts_from_the_following_month_and_each_january_begins_anew() -> None:
    found = plan(1200, JANUARY + 3, months=18)

    assert found[:5] == [None, None, None, None, 100]
    assert found[11] == 800
    assert found[12:14] == [100, 200]


def test_a_short_ramp_reaches_the_full_value_sooner_and_goes_on_by_twelfths() -> None:
    assert plan(1200, JANUARY - 1, months=8, ramp=6) == [200, 400, 600, 800, 1000, 1200, 1300, 1400]


def test_no_value_agreed_or_no_start_is_no_plan() -> None:
    assert plan(None, JANUARY, months=3) == [None] * 3
    assert plan(1200, None, months=3) == [None] * 3
