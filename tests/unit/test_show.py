"""Facts in words: what was compared, in units that people use, and readable again."""

from __future__ import annotations

import pytest

from policy_match.facts.read import Json, read_value
from policy_match.facts.show import value_text
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.list_facts import plain_value


@pytest.mark.parametrize(
    ("fact", "written", "text"),
    [
        ("total_investment", "30000万元", "3亿元"),
        ("total_investment", {"low": "100万元", "high": "500万元"}, "100万元至500万元"),
        ("staff_total", {"low": 100}, "不低于100人"),
        ("rd_staff_ratio", "5%", "5%"),
        ("registered_on", "2024年5月", "2024-05-01至2024-05-31"),
        ("tax_period", "2025年6月", "2025-06"),
        ("blacklisted", False, "否"),
        ("enterprise_size", "micro", "微型"),
        ("industry_code", "C35", "C35 专用设备制造业"),
        ("district", "JK", "常州经开区"),
        ("innovation_score", 71, "71分"),
        ("land_area", "60亩", "40000㎡"),
        ("track", [], "无"),
        ("lists", [{"name": "甲库", "year": 2024}, "乙库"], "甲库（2024）、乙库"),
        ("honours", [{"name": "高新技术企业", "granted_on": "2024-01-01", "valid_through": "2027-01-01"}], "高新技术企业（2024-01-01取得，有效至2027-01-01）"),
        ("revenue_by_year", ["1亿元", None], "1亿元、未知"),
        ("staff_quarters", [[290, 310]], "290人—310人"),
        ("assets_quarters", [["1亿元", "2亿元"]], "1亿元—2亿元"),
        ("content", "年产甲", "年产甲"),
    ],
)  # fmt: skip
def test_a_value_is_shown_in_words(vocabulary: Vocabulary, fact: str, written: Json, text: str) -> None:
    assert value_text(vocabulary[fact], read_value(vocabulary[fact], written, vocabulary), vocabulary) == text


@pytest.mark.parametrize(
    ("fact", "written"),
    [
        ("total_investment", "3.0001亿元"),
        ("total_investment", {"low": "100万元", "high": None}),
        ("taxable_income", "-50万元"),
        ("staff_total", 300),
        ("niche_years", 2.5),
        ("rd_staff_ratio", 0.05),
        ("registered_on", "2024-05-09"),
        ("registered_on", {"low": "2024-05-01", "high": "2024-05-31"}),
        ("tax_period", "2025-06"),
        ("blacklisted", True),
        ("stage", "竣工"),
        ("industry_code", "C35"),
        ("honours", [{"name": "高企", "granted_on": "2024", "valid_through": "2027-01-01", "level": "国家", "year": 2024}]),
        ("revenue_by_year", ["1亿元", "2亿元"]),
        ("staff_quarters", [[290, 310]]),
    ],
)  # fmt: skip
def test_a_value_written_as_data_reads_back_to_the_same_value(vocabulary: Vocabulary, fact: str, written: Json) -> None:
    spec = vocabulary[fact]
    value = read_value(spec, written, vocabulary)

    assert read_value(spec, plain_value(spec, value), vocabulary) == value  # type: ignore[arg-type]
