"""Links of messages: nobody makes one up, each serves one purpose, and the one that opens a message ends after a week."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from policy_match.push.links import Link, Purpose, opened, read_token, unsubscribe_token
from policy_match.push.words import Channel

KEY, OTHER = b"k" * 32, b"o" * 32
ON = date(2025, 3, 31)


@given(st.integers(1, 2**40), st.sampled_from([*Channel]))
def test_what_a_link_says_comes_back(message: int, channel: Channel) -> None:
    token = unsubscribe_token(KEY, message, channel)

    assert opened(KEY, Purpose.UNSUBSCRIBE, token, ON) == Link(message, channel)


def test_a_link_that_opens_a_message_holds_seven_days_the_last_one_included() -> None:
    token = read_token(KEY, 7, Channel.SMS, ON)

    assert opened(KEY, Purpose.READ, token, ON + timedelta(days=7)) == Link(7, Channel.SMS, ON + timedelta(days=7))
    assert opened(KEY, Purpose.READ, token, ON + timedelta(days=8)) is None


def test_a_link_that_unsubscribes_holds_for_years() -> None:
    assert opened(KEY, Purpose.UNSUBSCRIBE, unsubscribe_token(KEY, 7, Channel.SMS), date(2099, 1, 1)) is not None


def test_a_link_of_one_purpose_is_none_of_the_other() -> None:
    assert opened(KEY, Purpose.UNSUBSCRIBE, read_token(KEY, 7, Channel.SMS, ON), ON) is None
    assert opened(KEY, Purpose.READ, unsubscribe_token(KEY, 7, Channel.SMS), ON) is None


def test_another_key_opens_nothing() -> None:
    assert opened(OTHER, Purpose.UNSUBSCRIBE, unsubscribe_token(KEY, 7, Channel.SMS), ON) is None


@given(st.text(max_size=60))
def test_no_text_is_taken_for_a_link(text: str) -> None:
    assert opened(KEY, Purpose.UNSUBSCRIBE, text, ON) is None


@given(st.integers(0, 60), st.characters())
def test_a_link_with_one_letter_changed_opens_nothing(place: int, letter: str) -> None:
    token = unsubscribe_token(KEY, 123_456, Channel.GATEWAY)
    at = place % len(token)
    changed = token[:at] + letter + token[at + 1 :]

    assert changed == token or opened(KEY, Purpose.UNSUBSCRIBE, changed, ON) is None


def test_a_link_is_short_enough_for_a_text_message() -> None:
    assert len(read_token(KEY, 10**7, Channel.SMS, ON)) <= 35
