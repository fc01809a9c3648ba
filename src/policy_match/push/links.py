"""Links in messages: short tokens that name a message and a channel, signed so that nobody makes one up.

A token is no sign-in: the link that opens a message leads to it only for its recipient, who has signed in. HMAC-SHA256,
cut to 96 bits, over the purpose too, so that a token of one purpose is none of another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from policy_match.push.words import Channel

READ_DAYS = timedelta(days=7)
_MAC_BYTES = 12
_CHANNELS = [*Channel]


class Purpose(StrEnum):
    """What a link is for."""

    READ = "r"
    UNSUBSCRIBE = "u"


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says. `last`: the last local day on which it holds; None: as long as the message is there."""

    message: int
    channel: Channel
    last: date | None = None


def read_token(key: bytes, message: int, channel: Channel, sent_on: date) -> str:
    """The token that opens a message, for seven days after the day of its sending."""
    return _token(key, Purpose.READ, Link(message, channel, sent_on + READ_DAYS))


def unsubscribe_token(key: bytes, message: int, channel: Channel) -> str:
    """The token that ends the sending of a message's topic on a channel."""
    return _token(key, Purpose.UNSUBSCRIBE, Link(message, channel))


def opened(key: bytes, purpose: Purpose, token: str, today: date) -> Link | None:
    """What a token says; None for one that was not made by the key for the purpose, or whose days are over."""
    said, mark, _ = token.rpartition("-")
    link = _read(said) if mark else None
    if link is None or not hmac.compare_digest(_token(key, purpose, link).encode(), token.encode("utf-8", "replace")):
        return None
    return None if link.last is not None and today > link.last else link


def _token(key: bytes, purpose: Purpose, link: Link) -> str:
    """`<message>-<channel>-<day or 0>-<mac>`, numbers in hexadecimal."""
    day = 0 if link.last is None else link.last.toordinal()
    said = f"{link.message:x}-{_CHANNELS.index(link.channel):x}-{day:x}"
    mac = hmac.digest(key, f"{purpose}:{said}".encode(), hashlib.sha256)[:_MAC_BYTES]
    # A mark that itself holds the separator could not be told from what stands before it.
    return f"{said}-{base64.urlsafe_b64encode(mac).decode().replace('-', '~')}"


def _read(said: str) -> Link | None:
    try:
        message, channel, day = (int(part, 16) for part in said.split("-"))
        return Link(message, _CHANNELS[channel], date.fromordinal(day) if day else None)
    except (ValueError, IndexError, OverflowError):
        return None
