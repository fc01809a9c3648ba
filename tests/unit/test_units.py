"""Amounts, ratios, counts and areas: read exactly as people write them, or refused with what is allowed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.errors import FactError
from policy_match.units import (
    Band,
    format_area,
    format_band,
    format_money,
    format_ratio,
    parse_area,
    parse_band,
    parse_count,
    parse_money,
    parse_ratio,
    parse_score,
    plain_number,
)

YI, WAN, YUAN = 10**10, 10**6, 100


def code_of(error: pytest.ExceptionInfo[FactError]) -> str:
    return error.value.issues[0].code


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("1元", YUAN),
        ("12345分", 12345),
        ("3元5角", 350),
        ("3000万元", 3000 * WAN),
        ("1.2亿元", 12 * YI // 10),
        ("1.2亿", 12 * YI // 10),
        ("一亿两千万", 12 * YI // 10),
        ("1亿2000万元", 12 * YI // 10),
        ("一百二十万零五百元", 120 * WAN + 500 * YUAN),
        ("壹佰万元整", 100 * WAN),
        ("十五万", 15 * WAN),
        ("1,250万元", 1250 * WAN),
        ("１，２５０万元", 1250 * WAN),
        (" 3000 万 元 ", 3000 * WAN),
        ("￥1,250,000.50", 125_000_050),
        ("￥125万元", 125 * WAN),
        ("人民币三千万元整", 3000 * WAN),
        ("-300万元", -300 * WAN),
        ("0元", 0),
        ("零元", 0),
        ("99999.999999万元", 99_999_999_999),
    ],
)
def test_an_amount_is_read_to_the_fen(written: str, fen: int) -> None:
    assert parse_money(written) == fen


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("3000", "UNIT_MISSING"),
        (3000, "UNIT_MISSING"),
        ("0", "UNIT_MISSING"),
        ("一万五", "UNIT_MISSING"),
        ("约3亿元", "NUM_INEXACT"),
        ("3亿元左右", "NUM_INEXACT"),
        ("3000余万元", "NUM_INEXACT"),
        ("超3亿元", "NUM_INEXACT"),
        ("1亿美元", "FX_RATE_MISSING"),
        ("$500万", "FX_RATE_MISSING"),
        ("1,5万元", "NUM_FORMAT"),
        ("1e8元", "NUM_FORMAT"),
        ("0.001元", "NUM_FORMAT"),
        ("2000万1亿元", "NUM_FORMAT"),
        ("万元", "NUM_FORMAT"),
        ("三千", "UNIT_MISSING"),
        ("30万人", "NUM_FORMAT"),
        ("99999999999亿元", "NUM_RANGE"),
        ("1" * 300 + "元", "NUM_FORMAT"),
        (float("nan"), "NUM_RANGE"),
        (float("inf"), "NUM_RANGE"),
        (Decimal("1e400"), "NUM_RANGE"),
        (Decimal("1e-999999999"), "NUM_RANGE"),
        (True, "NUM_FORMAT"),
    ],
)
def test_what_is_no_exact_amount_is_refused(written: str, code: str) -> None:
    with pytest.raises(FactError) as error:
        parse_money(written)

    assert code_of(error) == code


def test_a_bare_number_takes_the_unit_of_its_column_and_a_written_unit_wins() -> None:
    assert parse_money("12.5", default_unit="亿元") == 125 * YI // 10
    assert parse_money("3000万元", default_unit="亿元") == 3000 * WAN
    with pytest.raises(FactError, match="不是金额单位"):
        parse_money("3", default_unit="亩")


@given(st.integers(-(10**16), 10**16))
def test_every_amount_that_is_shown_is_read_back_to_the_same_fen(fen: int) -> None:
    assert parse_money(format_money(fen)) == fen


@pytest.mark.parametrize(
    ("written", "ratio"),
    [
        ("5%", Fraction(1, 20)),
        ("5 %", Fraction(1, 20)),
        ("５％", Fraction(1, 20)),
        ("百分之五", Fraction(1, 20)),
        ("百分之一百二十", Fraction(6, 5)),
        ("3‰", Fraction(3, 1000)),
        ("0.05", Fraction(1, 20)),
        (0.05, Fraction(1, 20)),
        (Decimal("0.0299960"), Fraction(29996, 10**6)),
        ("-5%", Fraction(-1, 20)),
        ("120%", Fraction(6, 5)),
        (1, 1),
        (0, 0),
    ],
)
def test_a_ratio_is_read_exactly(written: str, ratio: Fraction) -> None:
    assert parse_ratio(written) == ratio


@pytest.mark.parametrize("written", [1.05, Decimal("1.2"), -1.5, 9.99])
def test_a_fraction_above_one_of_a_data_file_is_a_ratio_by_definition(written: float | Decimal) -> None:
    assert parse_ratio(written) == Fraction(str(written))


@pytest.mark.parametrize("written", [5, "5", 500, "1.01", Decimal("10.5"), 2.0])
def test_a_bare_ratio_above_one_is_refused_because_it_may_be_a_percentage(written: object) -> None:
    with pytest.raises(FactError) as error:
        parse_ratio(written)  # type: ignore[arg-type]

    assert code_of(error) == "RATIO_SUSPECT"
    assert "%" in error.value.issues[0].hint


def test_counts_take_their_own_unit_and_no_other() -> None:
    assert parse_count("300人", "person") == 300
    assert parse_count("一千二百名", "person") == 1200
    assert parse_count("2.5年", "year") == Fraction(5, 2)
    assert parse_count(0, "person") == 0
    for written, code in (("300元", "UNIT_UNKNOWN"), ("12天", "UNIT_UNKNOWN"), ("300余人", "NUM_INEXACT")):
        with pytest.raises(FactError) as error:
            parse_count(written, "person")
        assert code_of(error) == code


def test_areas_are_square_metres_and_a_bare_one_is_refused() -> None:
    assert parse_area("60亩") == 40_000
    assert parse_area("1亩") == Fraction(2000, 3)
    assert parse_area("4公顷") == parse_area("40000㎡") == parse_area("4", default_unit="公顷") == 40_000
    for written, unit, code in (("60", None, "UNIT_MISSING"), ("60", "万元", "UNIT_UNKNOWN")):
        with pytest.raises(FactError) as error:
            parse_area(written, default_unit=unit)
        assert code_of(error) == code


def test_scores_lie_between_0_and_100() -> None:
    assert (parse_score("60分"), parse_score(0), parse_score("100")) == (60, 0, 100)
    for written in ("100.1", "-1", 500):
        with pytest.raises(FactError, match="超出范围"):
            parse_score(written)


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("100~500万元", 100 * WAN, 500 * WAN),
        ("100万元~5亿元", 100 * WAN, 5 * YI),
        ("100至500万元", 100 * WAN, 500 * WAN),
        ("1亿-2亿", YI, 2 * YI),
        ("500万元~", 500 * WAN, None),
        ("～500万元", None, 500 * WAN),
        ("300万元", 300 * WAN, 300 * WAN),
        ("-300万元", -300 * WAN, -300 * WAN),
    ],
)
def test_a_band_has_both_ends_in_the_unit_of_the_one_that_names_it(written: str, low: int, high: int) -> None:
    assert parse_band(written, parse_money) == Band(low, high)


def test_a_band_upside_down_or_without_ends_is_refused() -> None:
    for written in ("5亿~1亿", "~"):
        with pytest.raises(FactError):
            parse_band(written, parse_money)
    with pytest.raises(ValueError, match=">"):
        Band(2, 1)


def test_shown_figures_are_exact_or_say_that_they_are_not() -> None:
    assert format_money(22_000_000_000) == "2.2亿元"
    assert format_money(9_999_999_999) == "99999999.99元"
    assert format_money(Fraction(1000, 3)) == "约3.33元"
    assert format_ratio(Fraction(29996, 10**6)) == "2.9996%"
    assert format_ratio(Fraction(1, 3)).startswith("约33.333")
    assert format_band(Band(100, None), format_money) == "不低于1元"
    assert format_band(Band(None, 100), format_money) == "不高于1元"


@pytest.mark.parametrize("written", ["", "abc", "1.2.3", "--5", "１２a", "五十百万亿千"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(FactError):
        plain_number(written)


@pytest.mark.parametrize(
    ("area", "text"),
    [
        (60000, "60000㎡"),
        (Fraction(12345, 10), "1234.5㎡"),
        (22 * Fraction(2000, 3), "22亩"),
        (Fraction(1, 7), "约0.14㎡"),
    ],
)
def test_an_area_is_shown_exactly_where_square_metres_or_mu_can(area: Fraction | int, text: str) -> None:
    assert format_area(area) == text
    if not text.startswith("约"):
        assert parse_area(text) == area
