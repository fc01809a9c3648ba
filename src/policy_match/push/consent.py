"""Whether somebody may be told something on a channel, by what they said of it (§6.5).

A channel that reaches a person's own device or mailbox needs a consent that stands. Service messages to the account of
the firm are allowed by its terms until somebody unsubscribes from the topic; mandatory ones always are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from policy_match.push.words import EVERY_CHANNEL, EVERY_TOPIC, Channel, Consent, Content, Frequency

BY_TERMS = frozenset({Channel.INBOX, Channel.GATEWAY, Channel.FILE})
"""The channels of the firm's account: the in-house inbox, the city's platform, and the files handed over to it."""

CONSENT_TEXTS = {
    1: "同意常州市惠企政策推送通过所选渠道告诉我与本企业有关的政策、截止日期和办理进度。随时可以退订，退订不影响企业享受政策，"
    "联系方式不提供给银行、招聘等第三方。"
}
"""What is agreed to, by its version: a consent keeps the version that was shown."""
CONSENT_TEXT = max(CONSENT_TEXTS)


class Saying(Protocol):
    """One thing that a person said of a channel and a topic, or of every topic."""

    @property
    def channel(self) -> str:
        """A `Channel`, or `EVERY_CHANNEL` where a frequency is said."""

    @property
    def topic(self) -> str:
        """The topic, `EVERY_TOPIC` for all."""

    @property
    def state(self) -> str:
        """A `Consent`, or a `Frequency`."""


def is_allowed(rows: Iterable[Saying], channel: str, topic: str, mandatory: bool) -> bool:
    """Whether one person may be told of a topic on a channel. `rows`: what that person said, the oldest first.

    The last row that covers the topic counts, whether it names the topic or all of them. Without one only the channels of
    the account are allowed. On these a mandatory message goes whatever was said; elsewhere it needs consent like any other.
    Who wants nothing of a topic is told on no channel.
    """
    if mandatory and channel in BY_TERMS:
        return True
    said = list(rows)
    return frequency(said, topic) is not Frequency.OFF and is_agreed(channel, last_said(said, channel, topic))


def must_be_told(mandatory: bool, content: str) -> bool:
    """Whether a message counts as mandatory: a correction reaches whoever was told before, too."""
    return mandatory or content == Content.RECALL


def is_agreed(channel: str, said: Consent | None) -> bool:
    """Whether a channel may be used by what was said of it and a topic last, however often one wants to be told."""
    return channel in BY_TERMS if said is None else said is Consent.GRANTED


def frequency(rows: Iterable[Saying], topic: str) -> Frequency:
    """How often somebody wants to be told of a topic: what was said last, daily where nothing was."""
    found = Frequency.DAILY
    for row in rows:
        if row.channel == EVERY_CHANNEL and row.topic in (topic, EVERY_TOPIC):
            found = Frequency(row.state)
    return found


def last_said(rows: Iterable[Saying], channel: str, topic: str) -> Consent | None:
    """What was said last of a channel and a topic; None: nothing."""
    found = None
    for row in rows:
        if row.channel == channel and row.topic in (topic, EVERY_TOPIC):
            found = Consent(row.state)
    return found
