"""The hours in which nobody is disturbed: SMS on working days from 08:30 until before 21:00."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.errors import FactError
from policy_match.push.quiet import DISTURBING, next_open
from policy_match.push.words import Channel
from policy_match.working_days import CalendarYear, WorkingDays

LOCAL = ZoneInfo("Asia/Shanghai")
# 2025-05-01 to 05-05 are off, Sunday 2025-04-27 is worked.
MAY = frozenset(date(2025, 5, day) for day in range(1, 6))
CALENDAR = WorkingDays({2025: CalendarYear(2025, MAY, frozenset({date(2025, 4, 27)}), "示范")})


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2025-04-28 08:29:59", "2025-04-28 08:30"),
        ("2025-04-28 08:30:00", "2025-04-28 08:30"),
        ("2025-04-28 20:59:59", "2025-04-28 20:59:59"),
        ("2025-04-28 21:00:00", "2025-04-29 08:30"),
        ("2025-04-28 22:11:00", "2025-04-29 08:30"),
        ("2025-04-26 10:00:00", "2025-04-27 08:30"),
        ("2025-04-27 10:00:00", "2025-04-27 10:00"),
        ("2025-04-30 21:00:00", "2025-05-06 08:30"),
        ("2025-05-03 12:00:00", "2025-05-06 08:30"),
    ],
)
def test_a_message_goes_in_the_next_open_minute(at: str, opens: str) -> None:
    assert next_open(local(at), CALENDAR) == local(opens)


def test_a_year_whose_working_days_are_not_known_is_refused_and_never_guessed() -> None:
    with pytest.raises(FactError, match="2026"):
        next_open(local("2025-12-31 21:00"), CALENDAR)


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 20)),
    st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 20)),
)
def test_the_order_is_kept_and_what_is_open_stays_open(one: datetime, other: datetime) -> None:
    first, second = sorted((one.replace(tzinfo=LOCAL), other.replace(tzinfo=LOCAL)))
    opens = next_open(first, CALENDAR)
    assert first <= opens <= next_open(second, CALENDAR)
    assert next_open(opens, CALENDAR) == opens


def test_only_sms_keeps_to_these_hours() -> None:
    assert {Channel.SMS} == DISTURBING
