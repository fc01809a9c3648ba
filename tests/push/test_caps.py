"""How many messages one person gets at most: SMS 2 a day and 5 a week, in the account 10 a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from policy_match.push.caps import has_room
from policy_match.push.words import Channel

MONDAY = date(2025, 3, 31)
FRIDAY = MONDAY + timedelta(days=4)
SUNDAY_BEFORE = MONDAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("channel", "today", "room"),
    [(Channel.SMS, 1, True), (Channel.SMS, 2, False), (Channel.INBOX, 9, True), (Channel.INBOX, 10, False),
     (Channel.GATEWAY, 9, True), (Channel.GATEWAY, 10, False), (Channel.EMAIL, 1000, True)],
)  # fmt: skip
def test_the_limit_of_a_day(channel: Channel, today: int, room: bool) -> None:
    assert has_room(channel, [MONDAY] * today, MONDAY) is room


def test_the_limit_of_a_week_begins_anew_on_monday() -> None:
    four = [MONDAY, MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)]
    assert has_room(Channel.SMS, four, FRIDAY)
    assert not has_room(Channel.SMS, [*four, MONDAY + timedelta(days=2)], FRIDAY)
    assert has_room(Channel.SMS, [*four, MONDAY + timedelta(days=2)], FRIDAY + timedelta(days=3))
    assert has_room(Channel.SMS, [SUNDAY_BEFORE] * 5, MONDAY)
