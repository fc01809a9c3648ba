"""How many messages one person gets at most (§6.4): what is more goes into the digest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from policy_match.push.words import Channel


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many on one local day, and in one week from Monday on; None: the week has no limit of its own."""

    day: int
    week: int | None = None


CAPS = {Channel.SMS: Cap(2, 5), Channel.INBOX: Cap(10), Channel.GATEWAY: Cap(10)}
"""A channel that is not named has no limit."""


def has_room(channel: Channel, went_on: Iterable[date], today: date) -> bool:
    """Whether one more may go today. `went_on`: the local days of those that went to this person on this channel."""
    cap = CAPS.get(channel)
    if cap is None:
        return True
    days = list(went_on)
    monday = week_of(today)
    in_week = sum(monday <= day <= today for day in days)
    return days.count(today) < cap.day and (cap.week is None or in_week < cap.week)


def week_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())
