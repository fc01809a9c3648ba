"""How a delivery goes on: states never go back, tries follow the schedule, what may have arrived is not sent twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.push.delivery import (
    OPEN,
    PERHAPS,
    RANK,
    RETRY_AFTER,
    Outcome,
    Step,
    Taken,
    later,
    may_send_again,
    step_after,
    wait_after,
)
from policy_match.push.words import DeliveryState

STATES = st.sampled_from(list(DeliveryState))


@given(st.lists(STATES), STATES)
def test_whatever_comes_in_whatever_order_and_however_often_no_state_ever_moves_back(
    told: list[DeliveryState], first: DeliveryState
) -> None:
    now = first
    for news in told:
        after = later(now, news)
        assert RANK[after] >= RANK[now]
        assert after in (now, news)
        now = after
    assert RANK[now] == max(RANK[one] for one in (first, *told))


@given(st.permutations([DeliveryState.DELIVERED, DeliveryState.DELIVERED, DeliveryState.SENT, DeliveryState.READ]))
def test_callbacks_in_any_order_end_with_the_last_of_them(told: list[DeliveryState]) -> None:
    now = DeliveryState.SENDING
    for news in told:
        now = later(now, news)
    assert now is DeliveryState.READ


def test_a_failure_that_is_told_after_the_delivery_changes_nothing_and_a_delivery_after_a_failure_does() -> None:
    assert later(DeliveryState.DELIVERED, DeliveryState.FAILED) is DeliveryState.DELIVERED
    assert later(DeliveryState.FAILED, DeliveryState.DELIVERED) is DeliveryState.DELIVERED
    assert later(DeliveryState.SENT, DeliveryState.FAILED) is DeliveryState.FAILED


@pytest.mark.parametrize("over", ["suppressed", "expired", "cancelled", "recalled"])
def test_what_is_not_sent_stays_so_whatever_a_channel_tells(over: str) -> None:
    assert [later(DeliveryState(over), state) for state in DeliveryState] == [DeliveryState(over)] * len(DeliveryState)


def test_every_state_has_a_rank() -> None:
    assert RANK.keys() == set(DeliveryState)


def test_the_six_tries_lie_1_minute_5_minutes_30_minutes_2_hours_and_12_hours_apart_and_no_seventh_follows() -> None:
    waits = [wait_after(tries, 0.5) for tries in range(1, 8)]
    minutes = [None if wait is None else wait / timedelta(minutes=1) for wait in waits]
    assert minutes == [1, 5, 30, 120, 720, None, None]


@given(st.integers(1, 5), st.floats(0, 1))
def test_the_wait_is_at_most_a_tenth_shorter_or_longer(tries: int, dice: float) -> None:
    wait = wait_after(tries, dice)
    assert wait is not None
    assert 0.9 - 1e-6 <= wait / RETRY_AFTER[tries - 1] <= 1.1 + 1e-6


def test_both_ends_of_the_jitter_are_reached() -> None:
    assert [wait_after(1, dice) for dice in (0, 1)] == [timedelta(seconds=54), timedelta(seconds=66)]


@pytest.mark.parametrize(
    ("taken", "tries", "step"),
    [
        (Taken.YES, 1, Step(DeliveryState.SENT)),
        (Taken.YES, 6, Step(DeliveryState.SENT)),
        (Taken.NEVER, 1, Step(DeliveryState.FAILED)),
        (Taken.NOT_NOW, 1, Step(DeliveryState.RETRY, timedelta(minutes=1))),
        (Taken.NOT_NOW, 5, Step(DeliveryState.RETRY, timedelta(hours=12))),
        (Taken.NOT_NOW, 6, Step(DeliveryState.FAILED)),
        (Taken.PERHAPS, 2, Step(DeliveryState.UNKNOWN, timedelta(minutes=5))),
        (Taken.PERHAPS, 6, Step(DeliveryState.FAILED)),
    ],
)
def test_what_follows_from_an_answer(taken: Taken, tries: int, step: Step) -> None:
    assert step_after(Outcome(taken, ""), tries, 0.5) == step


@pytest.mark.parametrize(
    ("asked", "is_repeatable", "again"),
    [
        (Taken.NOT_NOW, False, True),
        (Taken.NOT_NOW, True, True),
        (Taken.PERHAPS, True, True),
        (Taken.PERHAPS, False, False),
        (Taken.YES, True, False),
        (Taken.NEVER, True, False),
    ],
)
def test_sent_again_is_only_what_the_channel_has_not_or_would_show_once(
    asked: Taken, is_repeatable: bool, again: bool
) -> None:
    assert may_send_again(Outcome(asked, ""), is_repeatable) is again


def test_what_may_have_been_taken_is_still_open() -> None:
    assert set(PERHAPS) < set(OPEN)
