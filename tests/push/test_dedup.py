"""Whether the same was said before: what the key is made of, and its 90 days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.push.dedup import QUIET, Told, dedup_key, is_quiet, keys_within, said_of
from policy_match.push.words import Content

TOLD = Told("handler", "P1", "eq", Content.MATCH, said_of("eligible", 100, 100), date(2025, 6, 30))
ON = date(2025, 3, 31)


@pytest.mark.parametrize(
    "other",
    [
        replace(TOLD, recipient="legal"),
        replace(TOLD, about="P2"),
        replace(TOLD, measure="tx"),
        replace(TOLD, content=Content.UPDATE),
        replace(TOLD, said=said_of("unknown", 100, 100)),
        replace(TOLD, said=said_of("eligible", 100, 200)),
        replace(TOLD, last_day=date(2025, 7, 31)),
        replace(TOLD, last_day=None),
    ],
)
def test_each_part_of_what_is_said_makes_another_key(other: Told) -> None:
    assert dedup_key(other, ON) != dedup_key(TOLD, ON)


def test_parts_do_not_run_into_one_another() -> None:
    one, other = Told("a", "bc", "d", Content.MATCH, "e"), Told("ab", "c", "d", Content.MATCH, "e")
    assert dedup_key(one, ON) != dedup_key(other, ON)


def test_an_unknown_amount_is_not_an_amount_of_nothing() -> None:
    assert said_of("eligible", None, None) != said_of("eligible", 0, 0)
    assert said_of("eligible", 0, None) != said_of("eligible", 0, 0)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 89))
def test_what_was_said_less_than_90_days_ago_is_always_found(on: date, days: int) -> None:
    assert dedup_key(TOLD, on - timedelta(days=days)) in keys_within(TOLD, on)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 400))
def test_once_it_may_be_said_again_it_has_a_key_of_its_own(on: date, days: int) -> None:
    before = on - timedelta(days=days)
    assert is_quiet(before, on) is (days < 90)
    if not is_quiet(before, on):
        assert dedup_key(TOLD, before) != dedup_key(TOLD, on)


def test_on_the_ninetieth_day_it_may_be_said_again() -> None:
    assert is_quiet(ON, ON + QUIET - timedelta(days=1))
    assert not is_quiet(ON, ON + QUIET)
