"""Figures as people write them, and which of them are taken."""

from __future__ import annotations

import pytest

from policy_match.errors import FactError
from policy_match.facts.veil import OFF, Veil
from policy_match.series.accept import refusal
from policy_match.series.evidence import value_text
from policy_match.series.indicator import MAX_VALUE, Indicator
from policy_match.series.reading import read_figure
from policy_match.series.words import Basis, Unit

OUTPUT = Indicator("output", "产值", Unit.MONEY, Basis.YEAR)
ORDERS = Indicator("orders", "订单", Unit.MONEY, Basis.MONTH)
PROFIT = Indicator("profit", "利润", Unit.MONEY, Basis.YEAR, signed=True)
JANUARY = 2025 * 12


@pytest.mark.parametrize(
    ("text", "unit", "header", "value"),
    [
        ("16500", Unit.MONEY, "万元", 16_500 * 10**6),
        ("1.65亿元", Unit.MONEY, "万元", 16_500 * 10**6),
        ("-30", Unit.MONEY, "万元", -30 * 10**6),
        ("0", Unit.MONEY, "万元", 0),
        ("85", Unit.RATIO, "%", 850_000),
        ("85%", Unit.RATIO, None, 850_000),
        ("0.85", Unit.RATIO, None, 850_000),
        ("125%", Unit.RATIO, "%", 1_250_000),
        ("12.5", Unit.KWH, "万千瓦时", 125_000),
        ("125000千瓦时", Unit.KWH, "万千瓦时", 125_000),
        ("3万度", Unit.KWH, None, 30_000),
        ("12", Unit.COUNT, None, 12),
    ],
)
def test_a_figure_is_read_by_the_unit_of_its_cell_or_header(
    text: str, unit: Unit, header: str | None, value: int
) -> None:
    assert read_figure(text, unit, header) == value


@pytest.mark.parametrize(
    ("text", "unit", "header", "code"),
    [
        ("16500", Unit.MONEY, None, "UNIT_MISSING"),
        ("125000", Unit.KWH, None, "UNIT_MISSING"),
        ("0.85", Unit.RATIO, "%", "RATIO_SUSPECT"),
        ("85", Unit.RATIO, None, "RATIO_SUSPECT"),
        ("约300", Unit.MONEY, "万元", "NUM_INEXACT"),
        ("1.5", Unit.COUNT, None, "NUM_FORMAT"),
        ("无数据", Unit.KWH, "千瓦时", "NUM_FORMAT"),
    ],
)
def test_what_is_not_sure_is_refused(text: str, unit: Unit, header: str | None, code: str) -> None:
    with pytest.raises(FactError) as refused:
        read_figure(text, unit, header)

    assert refused.value.issues[0].code == code


def code_of(one: Indicator, month: int, value: int, before: dict[int, int], *, correction: bool = False) -> str | None:
    found = refusal(one, month, value, before, is_correction=correction)
    return None if found is None else found.code


def test_a_figure_of_the_year_so_far_that_falls_is_an_error_unless_it_is_a_correction() -> None:
    before = {JANUARY: 100, JANUARY + 2: 300}

    assert code_of(OUTPUT, JANUARY + 3, 299, before) == "INDICATOR_FALLS"
    assert code_of(OUTPUT, JANUARY + 1, 301, before) == "INDICATOR_FALLS"
    assert code_of(OUTPUT, JANUARY + 1, 99, before) == "INDICATOR_FALLS"
    assert code_of(OUTPUT, JANUARY + 3, 299, before, correction=True) is None
    assert [code_of(OUTPUT, JANUARY + 3, 300, before), code_of(OUTPUT, JANUARY + 1, 100, before)] == [None, None]


def test_a_new_year_and_a_month_of_its_own_begin_anew_and_a_profit_may_fall() -> None:
    assert code_of(OUTPUT, JANUARY + 12, 1, {JANUARY + 11: 900}) is None
    assert code_of(ORDERS, JANUARY + 1, 1, {JANUARY: 900}) is None
    assert code_of(PROFIT, JANUARY + 1, -5, {JANUARY: 900}) is None


def test_another_figure_for_a_month_that_was_told_needs_the_mark_of_a_correction() -> None:
    assert code_of(ORDERS, JANUARY, 2, {JANUARY: 1}) == "INDICATOR_CHANGED"
    assert code_of(ORDERS, JANUARY, 1, {JANUARY: 1}) is None
    assert code_of(ORDERS, JANUARY, 2, {JANUARY: 1}, correction=True) is None


def test_a_negative_or_impossible_figure_is_refused_correction_or_not() -> None:
    assert code_of(OUTPUT, JANUARY, -1, {}, correction=True) == "INDICATOR_NEGATIVE"
    assert code_of(PROFIT, JANUARY, -1, {}) is None
    assert code_of(OUTPUT, JANUARY, MAX_VALUE + 1, {}, correction=True) == "NUM_RANGE"
    assert code_of(OUTPUT, JANUARY, MAX_VALUE, {}) is None


@pytest.mark.parametrize(
    ("value", "unit", "exact", "ranged"),
    [
        (16_500 * 10**6, Unit.MONEY, "1.65亿元", "1亿元至5亿元"),
        (550_000, Unit.RATIO, "55%", "50%至60%"),
        (125_000, Unit.KWH, "12.5万千瓦时", "不显示"),
        (900, Unit.KWH, "900千瓦时", "不显示"),
        (12, Unit.COUNT, "12", "不显示"),
    ],
)
def test_a_veil_leaves_the_range_or_nothing(value: int, unit: Unit, exact: str, ranged: str) -> None:
    some = frozenset({"annual_sales"})

    assert value_text(value, unit, OFF) == exact
    assert value_text(value, unit, Veil(some, as_range=True)) == ranged
    assert value_text(value, unit, Veil(some)) == "不显示"
