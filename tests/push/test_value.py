"""The most valuable first, the sample of a new version, and what is far more than usual."""

from __future__ import annotations

from datetime import date

import pytest

from policy_match.benefits.formula import Amount
from policy_match.push.value import is_sampled, is_unusual, most_valuable_first, sample_size, value_fen

SOON, LATER = date(2025, 4, 30), date(2025, 6, 30)


def amount(low: int, high: int | None, kind: str = "cash") -> Amount:
    return Amount(kind, low, high, "", True, "exact", "once")


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (amount(100, 100), 100),
        (amount(0, 300), 300),
        (amount(200, None), 200),
        (amount(5, 5, "tax"), 5),
        (amount(7, 7, "deduction"), 7),
        (amount(10**12, 10**12, "facility"), None),
        (amount(1, 1, "service"), None),
        (amount(1, 1, "quota"), None),
        (None, None),
    ],
)
def test_only_money_to_the_firm_counts_by_what_it_may_come_to(given: Amount | None, value: int | None) -> None:
    assert value_fen(given) == value


def test_the_most_valuable_comes_first_then_what_ends_first_then_the_older() -> None:
    worths = [
        (None, SOON, 1),
        (0, None, 2),
        (500, None, 5),
        (500, LATER, 4),
        (500, SOON, 6),
        (900, None, 3),
        (500, None, 4),
    ]
    assert most_valuable_first(worths, lambda one: one) == [
        (900, None, 3), (500, SOON, 6), (500, LATER, 4), (500, None, 4), (500, None, 5), (0, None, 2), (None, SOON, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("matches", "size"), [(1, 20), (199, 20), (200, 20), (201, 21), (210, 21), (1_000, 100)])
def test_a_sample_is_twenty_or_one_in_ten_whichever_is_larger(matches: int, size: int) -> None:
    assert sample_size(matches) == size


def test_a_version_is_past_its_sample_once_as_many_went_out() -> None:
    assert not is_sampled(19, 1)
    assert is_sampled(20, 1)
    assert is_sampled(20, 180)
    assert not is_sampled(20, 181)


def test_a_run_is_unusual_above_both_limits_only() -> None:
    assert not is_unusual(200, [])
    assert is_unusual(201, [])
    assert not is_unusual(300, [100])
    assert is_unusual(301, [100])
    assert not is_unusual(250, [100, 100, 100])


def test_only_the_last_eight_runs_say_what_is_usual() -> None:
    assert is_unusual(301, [100] * 8 + [1_000] * 20)
    assert not is_unusual(301, [101] * 8 + [1] * 20)
