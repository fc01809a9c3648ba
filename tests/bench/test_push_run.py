"""Workers of the push killed at random instants, in small: what `make campaign NAME=push` holds 1,000 times, six times."""

from __future__ import annotations

from collections import Counter

import pytest
from benchmarks.library import databases
from benchmarks.push import KILLS, run
from benchmarks.push_judge import check_gateway, check_sms
from benchmarks.push_offices import FAULTY, conduct_of, says_nothing

from policy_match.store.push_tables import Delivery

IDS = [f"{number:x}" for number in range(400)]


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_whenever_workers_are_killed_every_message_goes_out_once_and_the_chain_says_how(kind: str) -> None:
    with databases() as fresh:
        found = run(kind, fresh[kind](), KILLS // 100 // 3)

    assert found.came == found.messages > 2 * found.kills
    assert found.sms + found.unsure >= found.messages
    assert found.receipts > 0


def row(name: str, state: str) -> Delivery:
    return Delivery(client_msg_id=name, state=state)


@pytest.mark.parametrize(
    ("rows", "taken"),
    [
        ([row("a", "sent")], Counter({"a": 2})),
        ([row("a", "sent")], Counter()),
        ([row("a", "sent")], Counter({"a": 1, "b": 1})),
        ([row("a", "retry")], Counter()),
        ([row("a", "suppressed")], Counter()),
    ],
)
def test_the_judge_would_notice_an_sms_that_went_twice_or_was_lost(rows: list[Delivery], taken: Counter[str]) -> None:
    with pytest.raises(AssertionError):
        check_sms(rows, taken)


@pytest.mark.parametrize(
    ("rows", "taken"),
    [
        ([row("a", "sent"), row("b", "sent")], Counter({"a": 1})),
        ([row("a", "sent")], Counter({"a": 1, "b": 1})),
        ([row("a", "failed")], Counter({"a": 1})),
    ],
)
def test_the_judge_would_notice_a_message_that_the_platform_never_showed_or_made_up(
    rows: list[Delivery], taken: Counter[str]
) -> None:
    with pytest.raises(AssertionError):
        check_gateway(rows, taken)


def test_the_judge_lets_pass_what_is_right() -> None:
    assert check_sms([row("a", "sent"), row("b", "failed"), row("c", "failed")], Counter({"a": 1, "b": 1})) == 2
    check_gateway([row("a", "read")], Counter({"a": 3}))


def test_the_services_do_every_bad_thing_and_answer_well_in_the_end() -> None:
    first = {conduct_of(name, 1) for name in IDS}
    assert {one.status for one in first} == {200, 500, 503, None}
    assert {one.takes for one in first if one.status == 500} == {True, False}
    assert {one.takes for one in first if one.status is None} == {True, False}
    assert len({one.seconds for one in first}) == 3
    assert all(conduct_of(name, FAULTY + 1).status == 200 for name in IDS)
    assert any(all(says_nothing(name, time, 0.05) for time in range(9)) for name in IDS)
