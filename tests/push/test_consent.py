"""Whether somebody may be told on a channel, by what was said of it last."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from policy_match.push.consent import BY_TERMS, CONSENT_TEXT, CONSENT_TEXTS, frequency, is_allowed, last_said
from policy_match.push.words import Channel, Consent, Frequency


@dataclass(frozen=True)
class Said:
    channel: str
    topic: str
    state: str


def sms(*rows: tuple[str, str], topic: str = "奖补", mandatory: bool = False) -> bool:
    return is_allowed([Said("sms", about, state) for about, state in rows], "sms", topic, mandatory)


def inbox(*rows: tuple[str, str], topic: str = "奖补", mandatory: bool = False) -> bool:
    return is_allowed([Said("inbox", about, state) for about, state in rows], "inbox", topic, mandatory)


@pytest.mark.parametrize("channel", [*Channel])
def test_without_a_word_only_the_channels_of_the_firms_account_are_allowed(channel: Channel) -> None:
    assert is_allowed([], channel, "奖补", False) is (channel in BY_TERMS)
    assert {Channel.INBOX, Channel.GATEWAY} <= BY_TERMS
    assert Channel.SMS not in BY_TERMS


def test_sms_needs_a_consent_that_stands() -> None:
    assert sms(("奖补", "granted"))
    assert not sms(("奖补", "denied"))
    assert not sms(("奖补", "granted"), ("奖补", "withdrawn"))
    assert sms(("奖补", "withdrawn"), ("奖补", "granted"))


def test_a_consent_counts_for_its_topic_and_channel_alone() -> None:
    assert not sms(("税收", "granted"))
    assert not is_allowed([Said("email", "奖补", "granted")], "sms", "奖补", False)


def test_what_is_said_of_all_topics_covers_each_and_the_last_word_counts() -> None:
    assert sms(("*", "granted"))
    assert not sms(("奖补", "granted"), ("*", "withdrawn"))
    assert sms(("*", "withdrawn"), ("奖补", "granted"))
    assert sms(("*", "granted"), ("税收", "withdrawn"))


def test_the_inbox_is_allowed_until_the_topic_is_unsubscribed() -> None:
    assert inbox()
    assert not inbox(("奖补", "withdrawn"))
    assert inbox(("税收", "withdrawn"))
    assert not inbox(("*", "denied"))


def test_what_has_to_be_told_reaches_the_inbox_whatever_was_said_and_sms_still_needs_consent() -> None:
    assert inbox(("*", "withdrawn"), mandatory=True)
    assert not sms(mandatory=True)
    assert not sms(("*", "granted"), ("免申即享", "withdrawn"), topic="免申即享", mandatory=True)
    assert sms(("免申即享", "granted"), topic="免申即享", mandatory=True)


def test_nothing_said_is_told_apart_from_a_refusal() -> None:
    assert last_said([], "sms", "奖补") is None
    assert last_said([Said("sms", "*", "denied")], "sms", "奖补") is Consent.DENIED


def test_how_often_is_said_by_topic_the_last_word_counts_and_nothing_said_is_daily() -> None:
    said = [Said("*", "*", "weekly"), Said("*", "税收", "off"), Said("sms", "人才", "granted")]
    assert frequency([], "奖补") is Frequency.DAILY
    assert frequency(said, "奖补") is Frequency.WEEKLY
    assert frequency(said, "税收") is Frequency.OFF
    assert frequency([*said, Said("*", "*", "daily")], "税收") is Frequency.DAILY


def test_who_wants_nothing_of_a_topic_is_told_on_no_channel_but_of_what_has_to_be_told() -> None:
    off = [Said("sms", "*", "granted"), Said("*", "免申即享", "off")]
    assert not any(is_allowed(off, channel, "免申即享", False) for channel in Channel)
    assert is_allowed(off, "inbox", "免申即享", True)
    assert not is_allowed(off, "sms", "免申即享", True)
    assert is_allowed(off, "sms", "奖补", False)
    assert is_allowed([*off, Said("*", "免申即享", "weekly")], "sms", "免申即享", False)


def test_the_text_that_is_agreed_to_is_the_newest_and_says_that_unsubscribing_costs_nothing() -> None:
    assert max(CONSENT_TEXTS) == CONSENT_TEXT
    assert "退订不影响企业享受政策" in CONSENT_TEXTS[CONSENT_TEXT]
