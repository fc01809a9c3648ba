"""Written values become what is known of a fact, or a refusal with code, allowed values and hint; and they age."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from policy_match.errors import FactError
from policy_match.facts.cells import MISSING, OPEN, Cause, Cell, Item, Items, Pairs, Possible, Series, Text
from policy_match.facts.read import Json, header_units, read_cell, read_text_cell, read_value, usable
from policy_match.facts.vocabulary import NUMERIC, FactType, Vocabulary
from policy_match.units import Band

WAN = 10**6
DAY = date(2025, 6, 1)


def value_of(vocabulary: Vocabulary, fact: str, written: Json) -> object:
    return read_value(vocabulary[fact], written, vocabulary)


@pytest.mark.parametrize(
    ("fact", "written", "value"),
    [
        ("total_investment", "8000万元", Band(8000 * WAN, 8000 * WAN)),
        ("total_investment", {"low": "1亿元", "high": "2亿元"}, Band(10000 * WAN, 20000 * WAN)),
        ("total_investment", {"low": "1亿元"}, Band(10000 * WAN, None)),
        ("total_investment", {"high": "1亿元", "low": None}, Band(None, 10000 * WAN)),
        ("staff_total", 0, Band(0, 0)),
        ("staff_total", {"low": 100, "high": 500}, Band(100, 500)),
        ("staff_total", "300人", Band(300, 300)),
        ("rd_staff_ratio", "5%", Band(Fraction(1, 20), Fraction(1, 20))),
        ("rd_staff_ratio", Decimal("0.05"), Band(Fraction(1, 20), Fraction(1, 20))),
        ("registered_on", "2024-05-09", Band(date(2024, 5, 9).toordinal(), date(2024, 5, 9).toordinal())),
        ("registered_on", "2024年5月", Band(date(2024, 5, 1).toordinal(), date(2024, 5, 31).toordinal())),
        ("tax_period", "2025-06", Band(2025 * 12 + 5, 2025 * 12 + 5)),
        ("land_area", "60亩", Band(40_000, 40_000)),
        ("blacklisted", False, Possible.only("false")),
        ("industry_code", "3562", Possible.only("C3562")),
        ("district", "武进区", Possible.only("320412")),
        ("enterprise_size", "中型", Possible.only("medium")),
        ("enhanced_sector", "无", Possible.only("无")),
        ("track", [], Items(())),
        ("track", ["氢能"], Items((Item("氢能"),))),
        ("lists", [{"name": "市重大项目库", "year": 2024}], Items((Item("市重大项目库", year=2024),))),
        ("revenue_by_year", ["1亿元", None, "2亿元"], Series((Band(10000 * WAN, 10000 * WAN), OPEN, Band(20000 * WAN, 20000 * WAN)))),
        ("staff_quarters", [[290, 310], [300, None]], Pairs(((Band(290, 290), Band(310, 310)), (Band(300, 300), OPEN)))),
        ("taxable_income", "-50万元", Band(-50 * WAN, -50 * WAN)),
        ("content", "年产甲", Text("年产甲")),
    ],
)  # fmt: skip
def test_values_are_read_as_their_fact_asks(vocabulary: Vocabulary, fact: str, written: Json, value: object) -> None:
    assert value_of(vocabulary, fact, written) == value


@pytest.mark.parametrize(
    ("fact", "written", "code"),
    [
        ("total_investment", 3000, "UNIT_MISSING"),
        ("total_investment", "-1万元", "NUM_RANGE"),
        ("total_investment", {"low": "5亿元", "high": "1亿元"}, "NUM_RANGE"),
        ("total_investment", {}, "BAND_FORMAT"),
        ("total_investment", {"low": None, "high": None}, "BAND_FORMAT"),
        ("total_investment", {"from": "1亿元"}, "BAND_FORMAT"),
        ("total_investment", ["1亿元"], "NUM_FORMAT"),
        ("staff_total", -5, "NUM_RANGE"),
        ("staff_total", True, "NUM_FORMAT"),
        ("rd_staff_ratio", 5, "RATIO_SUSPECT"),
        ("rd_staff_ratio", "-5%", "NUM_RANGE"),
        ("registered_on", 20240509, "DATE_FORMAT"),
        ("registered_on", "2024-02-30", "DATE_INVALID"),
        ("registered_on", "3月31日前", "DATE_FORMAT"),
        ("blacklisted", "否", "FLAG_FORMAT"),
        ("blacklisted", 0, "FLAG_FORMAT"),
        ("industry_code", 3562, "TEXT_FORMAT"),
        ("industry_code", "C9999", "INDUSTRY_UNKNOWN"),
        ("district", "武迸", "REGION_UNKNOWN"),
        ("stage", "开公", "CHOICE"),
        ("track", "氢能", "LIST_FORMAT"),
        ("track", ["氢气"], "CHOICE"),
        ("track", [{"name": "氢能", "since": "2024"}], "KEY_UNKNOWN"),
        ("honours", [{"name": "高新技术企业", "year": "去年"}], "DATE_FORMAT"),
        ("honours", [{"name": "高新技术企业", "granted_on": "2024-01-01", "valid_through": "2023-01-01"}], "DATE_INVALID"),
        ("honours", ["荣誉"] * 201, "TOO_LONG"),
        ("revenue_by_year", [], "LIST_FORMAT"),
        ("revenue_by_year", [100], "UNIT_MISSING"),
        ("staff_quarters", [[1, 2, 3]], "LIST_FORMAT"),
        ("content", "长" * 20_001, "TOO_LONG"),
        ("stage", "长" * 101, "TOO_LONG"),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_and_say_what_is_allowed(
    vocabulary: Vocabulary, fact: str, written: Json, code: str
) -> None:
    with pytest.raises(FactError) as error:
        value_of(vocabulary, fact, written)

    issue = error.value.issues[0]
    assert issue.code == code
    assert issue.allowed
    assert issue.what


def test_null_is_unknown_and_an_observation_keeps_its_register_and_day(vocabulary: Vocabulary) -> None:
    spec = vocabulary["staff_total"]

    assert read_cell(spec, None, vocabulary) == MISSING
    observed = read_cell(spec, {"value": 300, "source": "ENT", "observed_on": "2025-06-01"}, vocabulary)
    assert observed == Cell(Band(300, 300), None, "ENT", DAY)
    nothing = read_cell(spec, {"value": None, "source": "ENT"}, vocabulary)
    assert (nothing.value, nothing.cause, nothing.source) == (None, Cause.MISSING, "ENT")


@pytest.mark.parametrize(
    ("origin", "code"),
    [
        ({"source": "微信群"}, "SOURCE_UNKNOWN"),
        ({"source": ["ENT"]}, "SOURCE_UNKNOWN"),
        ({"observed_on": "2025-06"}, "DATE_FORMAT"),
        ({"observed_on": "昨天"}, "DATE_FORMAT"),
        ({"seen": "2025-06-01"}, "KEY_UNKNOWN"),
    ],
)
def test_a_wrong_origin_is_refused(vocabulary: Vocabulary, origin: dict[str, Json], code: str) -> None:
    with pytest.raises(FactError) as error:
        read_cell(vocabulary["staff_total"], {"value": 300, **origin}, vocabulary)

    assert error.value.issues[0].code == code


@pytest.mark.parametrize("blank", ["", " ", "/", "—", "——", "-", "无", "N/A"])
def test_blank_slash_dash_and_none_are_missing_in_a_table(vocabulary: Vocabulary, blank: str) -> None:
    for fact in ("staff_total", "total_investment", "registered_on", "blacklisted", "industry_code", "honours"):
        assert read_text_cell(vocabulary[fact], blank, None, vocabulary) is None


def test_none_is_an_option_where_the_fact_has_it_and_zero_is_zero(vocabulary: Vocabulary) -> None:
    assert read_text_cell(vocabulary["major_level"], "无", None, vocabulary) == Possible.only("无")
    assert read_text_cell(vocabulary["staff_total"], "0", None, vocabulary) == Band(0, 0)
    assert read_text_cell(vocabulary["total_investment"], "0", "万元", vocabulary) == Band(0, 0)


@pytest.mark.parametrize(
    ("fact", "text", "unit", "value"),
    [
        ("total_investment", "10", "亿元", Band(10**11, 10**11)),
        ("total_investment", "1~2", "亿元", Band(10**10, 2 * 10**10)),
        ("total_investment", "3000万元", "亿元", Band(3000 * WAN, 3000 * WAN)),
        ("staff_total", "100~500", "人", Band(100, 500)),
        ("rd_staff_ratio", "5", "%", Band(Fraction(1, 20), Fraction(1, 20))),
        ("rd_staff_ratio", "5%", "%", Band(Fraction(1, 20), Fraction(1, 20))),
        ("land_area", "60", "亩", Band(40_000, 40_000)),
        ("blacklisted", "否", None, Possible.only("false")),
        ("blacklisted", "TRUE", None, Possible.only("true")),
        ("track", "氢能；人工智能", None, Items((Item("氢能"), Item("人工智能")))),
        ("lists", "市重大项目库@2024", None, Items((Item("市重大项目库", year=2024),))),
        ("revenue_by_year", "1;/;3", "亿元", Series((Band(10**10, 10**10), OPEN, Band(3 * 10**10, 3 * 10**10)))),
        ("registered_on", "2024-05-01~2024-05-09", None, Band(date(2024, 5, 1).toordinal(), date(2024, 5, 9).toordinal())),
    ],
)  # fmt: skip
def test_table_cells_are_read_with_the_unit_of_their_header(
    vocabulary: Vocabulary, fact: str, text: str, unit: str | None, value: object
) -> None:
    assert read_text_cell(vocabulary[fact], text, unit, vocabulary) == value


@pytest.mark.parametrize(
    ("fact", "text", "code"),
    [("blacklisted", "1", "FLAG_FORMAT"), ("staff_total", "约300", "NUM_INEXACT"), ("staff_quarters", "1;2", "LIST_FORMAT"),
     ("staff_total", "-3", "NUM_RANGE"), ("revenue_by_year", "1;2", "UNIT_MISSING"), ("lists", "甲@去年", "DATE_FORMAT")],
)  # fmt: skip
def test_wrong_table_cells_are_refused(vocabulary: Vocabulary, fact: str, text: str, code: str) -> None:
    with pytest.raises(FactError) as error:
        read_text_cell(vocabulary[fact], text, None, vocabulary)

    assert error.value.issues[0].code == code


def test_only_facts_with_a_dimension_take_a_unit_in_the_header(vocabulary: Vocabulary) -> None:
    assert "万元" in header_units(vocabulary["total_investment"])
    assert "万元" in header_units(vocabulary["revenue_by_year"])
    assert header_units(vocabulary["staff_total"]) == ("人",)
    assert header_units(vocabulary["blacklisted"]) == header_units(vocabulary["registered_on"]) == ()


def sourced(vocabulary: Vocabulary, fact: str, written: Json, source: str, observed: date | None) -> Cell:
    return Cell(read_value(vocabulary[fact], written, vocabulary), None, source, observed)


def test_every_fact_that_ages_is_good_on_its_last_day_and_stale_the_day_after(vocabulary: Vocabulary) -> None:
    aged = [spec for spec in vocabulary.facts.values() if spec.fresh_days is not None]
    assert {spec.fresh_days for spec in aged} >= {7, 30, 45}
    for spec in aged:
        assert spec.fresh_days is not None
        cell = Cell(Text("x"), None, "SELF", DAY)
        assert usable(spec, cell, DAY + timedelta(days=spec.fresh_days), vocabulary) == cell
        stale = usable(spec, cell, DAY + timedelta(days=spec.fresh_days + 1), vocabulary)
        assert (stale.value, stale.cause, stale.last_seen) == (None, Cause.STALE, cell.value)


@pytest.mark.parametrize(
    ("fact", "days"),
    [("registered_region", 30), ("status", 30), ("total_investment", 30), ("district", 30), ("completed_on", 7), ("started_on", 7),
     ("insured_staff", 45), ("blacklisted", 7), ("major_incident_last_year", 7), ("honours", None), ("revenue_last", None)],
)  # fmt: skip
def test_the_days_of_freshness_are_those_of_the_register(vocabulary: Vocabulary, fact: str, days: int | None) -> None:
    assert vocabulary[fact].fresh_days == days


def test_statistics_and_text_extracts_are_set_aside_and_a_plain_value_never_ages(vocabulary: Vocabulary) -> None:
    spec = vocabulary["registered_region"]
    far = DAY + timedelta(days=4000)
    for source, cause in (("FAI", Cause.PURPOSE), ("TEXT", Cause.WEAK_SOURCE)):
        aside = usable(spec, sourced(vocabulary, "registered_region", "武进区", source, DAY), DAY, vocabulary)
        assert (aside.value, aside.cause) == (None, cause)
        assert aside.last_seen == Possible.only("320412")
    plain = Cell(Possible.only("320412"))
    assert usable(spec, plain, far, vocabulary) == plain
    undated = Cell(Possible.only("320412"), None, "ENT")
    assert usable(spec, undated, far, vocabulary) == undated


def test_an_observation_made_later_is_not_known_yet(vocabulary: Vocabulary) -> None:
    cell = sourced(vocabulary, "staff_total", 300, "ENT", DAY)

    assert usable(vocabulary["staff_total"], cell, DAY - timedelta(days=1), vocabulary).cause is Cause.MISSING
    assert usable(vocabulary["staff_total"], cell, DAY, vocabulary) == cell


def test_every_fact_that_can_be_given_has_registers_and_statistics_are_none_of_them(vocabulary: Vocabulary) -> None:
    for spec in vocabulary.facts.values():
        assert bool(spec.registers) == spec.can_be_given, spec.name
        # Statistics stand apart from what decides: a register of their own, and facts that nobody else gives.
        assert ("FAI" in spec.registers) == spec.name.startswith("fai_"), spec.name
        assert "FAI" not in spec.registers or spec.registers == ("FAI",)
        assert spec.type not in NUMERIC or spec.type is not FactType.COUNT or spec.unit or spec.name == "market_rank", (
            spec.name
        )
