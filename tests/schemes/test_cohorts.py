"""The stage evaluation of a cohort: conversions, days, sums, groups; what is not known is left out and told."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, strategies
from ranked import given as known_figure

from policy_match.schemes.cohorts import Group, Member, evaluate_cohort, median, nearest
from policy_match.schemes.frozen import groups_text, members_text, read_groups, read_members
from policy_match.schemes.scheme import Scheme

FIRST = date(2025, 1, 10)
_ORDER = ("SIGNED", "APPROVED", "STARTED", "COMPLETED", "PRODUCING", "full_capacity")


def member(code: str, days: tuple[int, ...], *, track: str = "氢能", **figures: int | None) -> Member:
    """A project signed on FIRST that reached the next points so many days after the one before."""
    points, on = {"SIGNED": FIRST}, FIRST
    for point, gap in zip(_ORDER[1:], days, strict=False):
        on += timedelta(days=gap)
        points[point] = on
    names = ("invested", "agreed_investment", "output", "agreed_output")
    inputs = {name: known_figure(figures.get(name)) for name in names}
    return Member(code, f"示范{code}", "320412", (track,) if track else (), None, points, inputs)


def line(group: Group, index: str) -> tuple[Fraction | None, int, int]:
    """Value, part and whole of an index of a group."""
    return next((one.value, one.part, one.whole) for one in group.lines if one.index == index)


def test_conversion_counts_those_who_reached_the_point_before(stage: Scheme) -> None:
    members = [member("a", (30, 100, 300)), member("b", (40, 120)), member("c", (90,)), member("d", ())]

    whole = evaluate_cohort(stage, members)[0]

    assert line(whole, "to_approved") == (Fraction(3, 4), 3, 4)
    assert line(whole, "to_started") == (Fraction(2, 3), 2, 3)
    assert line(whole, "to_completed") == (Fraction(1, 2), 1, 2)
    assert line(whole, "to_producing") == (0, 0, 1)
    assert line(whole, "to_capacity") == (None, 0, 0)
    assert line(whole, "days_to_approved") == (40, 3, 4)
    assert line(whole, "slow_to_approved") == (90, 3, 4)
    assert line(whole, "days_to_capacity") == (None, 0, 0)


def test_sums_are_of_those_with_both_figures(stage: Scheme) -> None:
    members = [
        member("a", (), invested=50, agreed_investment=100),
        member("b", (), invested=40, agreed_investment=None),
        member("c", (), invested=10, agreed_investment=20),
    ]

    whole = evaluate_cohort(stage, members)[0]

    assert line(whole, "investment_done") == (Fraction(60, 120), 2, 3)
    assert line(whole, "output_done") == (None, 0, 3)
    assert whole.score is None


def test_a_group_with_every_weighted_index_has_a_score(stage: Scheme) -> None:
    figures = {"invested": 50, "agreed_investment": 100, "output": 30, "agreed_output": 20}

    whole = evaluate_cohort(stage, [member("a", (1, 1, 1, 1, 1), **figures)])[0]

    assert whole.score == 100 - 10 + Fraction(1, 2) * 10


def test_a_project_of_no_known_track_has_a_group_of_its_own(stage: Scheme) -> None:
    groups = evaluate_cohort(stage, [member("a", ()), member("b", (), track="")])

    assert [(one.axis, one.name, one.projects) for one in groups if one.axis == "track"] == [
        ("track", "氢能", ("a",)),
        ("track", None, ("b",)),
    ]
    assert [one.name for one in groups if one.axis == "channel"] == [None]


def test_an_empty_cohort_is_one_empty_group(stage: Scheme) -> None:
    (whole,) = evaluate_cohort(stage, [])

    assert whole.projects == ()
    assert {one.value for one in whole.lines} == {None}


@pytest.mark.parametrize(
    ("days", "middle", "slow"),
    [((), None, None), ((5,), 5, 5), ((1, 2), Fraction(3, 2), 2), (tuple(range(1, 11)), Fraction(11, 2), 9), (tuple(range(1, 12)), 6, 10)],
)  # fmt: skip
def test_median_and_nearest_rank(days: tuple[int, ...], middle: Fraction | None, slow: Fraction | None) -> None:
    assert (median(days), nearest(days, Fraction(9, 10))) == (middle, slow)


@given(strategies.lists(strategies.integers(0, 999), min_size=1, max_size=30))
def test_nine_tenths_at_least_lie_no_later_than_p90(days: list[int]) -> None:
    slow = nearest(sorted(days), Fraction(9, 10))

    assert slow is not None
    assert sum(day <= slow for day in days) * 10 >= len(days) * 9
    assert sum(day < slow for day in days) * 10 < len(days) * 9


def test_a_cohort_comes_back_from_its_text(stage: Scheme) -> None:
    members = (member("a", (1, 2), invested=1), member("b", ()))
    groups = evaluate_cohort(stage, members)

    assert read_members(members_text(members)) == members
    assert read_groups(groups_text(groups)) == groups
    assert groups_text(evaluate_cohort(stage, members[::-1])) == groups_text(groups)
