"""Dates as Chinese people write them: a day, a part of a year as a band, or a refusal that says why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.dates import (
    Period,
    add_period,
    format_month,
    format_offset,
    parse_date,
    parse_date_band,
    parse_month,
    parse_period,
)
from policy_match.errors import FactError
from policy_match.units import Band


def days(first: str, last: str | None = None) -> Band:
    return Band(date.fromisoformat(first).toordinal(), date.fromisoformat(last or first).toordinal())


@pytest.mark.parametrize(
    "written",
    [
        "2024-05-09",
        "2024/5/9",
        "2024.5.9",
        "2024年5月9日",
        "20240509",
        "２０２４－０５－０９",
        "二〇二四年五月九日",
        "2024年五月九日",
        "2024-05-09 08:30:00",
        "2024-05-09T08:30:00+08:00",
        "2024-05-08T16:30:00Z",
    ],
)
def test_one_day_is_read_from_every_way_of_writing_it(written: str) -> None:
    assert parse_date(written) == days("2024-05-09")


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("202402", "2024-02-01", "2024-02-29"),
        ("2024.10", "2024-10-01", "2024-10-31"),
        ("2024年2月底", "2024-02-01", "2024-02-29"),
        ("二〇二四年十二月", "2024-12-01", "2024-12-31"),
        ("2024年5月上旬", "2024-05-01", "2024-05-10"),
        ("2023年2月下旬", "2023-02-21", "2023-02-28"),
        ("2024年上半年", "2024-01-01", "2024-06-30"),
        ("2024年三季度", "2024-07-01", "2024-09-30"),
        ("2024Q4", "2024-10-01", "2024-12-31"),
        ("2024年", "2024-01-01", "2024-12-31"),
        ("2024", "2024-01-01", "2024-12-31"),
    ],
)
def test_a_date_known_to_a_part_of_the_year_is_a_band(written: str, first: str, last: str) -> None:
    assert parse_date(written) == days(first, last)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2024-02-30", "DATE_INVALID"),
        ("2023-02-29", "DATE_INVALID"),
        ("2024-13", "DATE_INVALID"),
        ("1899-12-31", "DATE_INVALID"),
        ("24-05-09", "DATE_AMBIGUOUS"),
        ("09/05/2024", "DATE_AMBIGUOUS"),
        ("24年5月", "DATE_AMBIGUOUS"),
        ("45747", "DATE_SERIAL_SUSPECT"),
        ("3月31日前", "DATE_FORMAT"),
        ("近日", "DATE_FORMAT"),
        ("2024-05-09T25:00", "DATE_FORMAT"),
        ("", "DATE_FORMAT"),
        ("2024" * 20, "DATE_FORMAT"),
    ],
)
def test_what_is_no_date_is_refused_and_not_completed(written: str, code: str) -> None:
    with pytest.raises(FactError) as error:
        parse_date(written)

    assert error.value.issues[0].code == code


def test_the_number_of_a_spreadsheet_is_refused_with_the_day_it_may_mean() -> None:
    with pytest.raises(FactError) as error:
        parse_date("45747")

    assert "2025-03-31" in error.value.issues[0].hint


def test_an_instant_falls_on_the_day_of_shanghai() -> None:
    assert parse_date("2025-03-31T15:59Z") == days("2025-03-31")
    assert parse_date("2025-03-31T16:00Z") == days("2025-04-01")


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_back_from_its_chinese_and_iso_form(day: date) -> None:
    for written in (
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        f"{day.year}.{day.month}.{day.day}",
    ):
        assert parse_date(written) == days(day.isoformat())


def test_a_stretch_of_days_runs_from_the_first_to_the_last_it_may_mean() -> None:
    assert parse_date_band("2024-05-01~2024年6月") == days("2024-05-01", "2024-06-30")
    assert parse_date_band("~2024-06-30") == Band(None, days("2024-06-30").high)
    assert parse_date_band("2024年5月至2024年6月") == days("2024-05-01", "2024-06-30")
    for written in ("2024-06~2024-05", "~", "至"):
        with pytest.raises(FactError):
            parse_date_band(written)


def test_months_and_periods_are_read_and_shown() -> None:
    assert parse_month("2025年6月") == parse_month("202506") == parse_month("2025-06")
    assert format_month(parse_month("2025-06")) == "2025-06"
    assert (parse_period("-12个月"), parse_period("1年"), parse_period("365天")) == (
        Period(-12, 0),
        Period(12, 0),
        Period(0, 365),
    )
    for written in ("2025-13", "六月"):
        with pytest.raises(FactError):
            parse_month(written)
    with pytest.raises(FactError):
        parse_period("5个工作日")


def test_a_period_from_a_leap_day_ends_on_the_last_day_of_february() -> None:
    assert add_period(date(2024, 2, 29), Period(12, 0)) == date(2025, 2, 28)
    assert add_period(date(2024, 1, 31), Period(1, 0)) == date(2024, 2, 29)
    assert add_period(date(9999, 1, 1), Period(24, 0)) == date.max


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-500, 500))
def test_days_are_added_as_days(day: date, count: int) -> None:
    assert add_period(day, Period(0, count)) == day + timedelta(days=count)


@pytest.mark.parametrize(
    ("period", "text"), [("-12个月", "前1年"), ("36个月", "后3年"), ("-1天", "前1天"), ("30天", "后30天"), ("0天", "")]
)
def test_an_offset_says_on_which_side_of_a_day_it_lies(period: str, text: str) -> None:
    assert format_offset(parse_period(period)) == text
