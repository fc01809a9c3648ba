"""Every operator at its boundary, just under, just over, and with nothing known; what is half known stays open."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from policy_match.eligibility.conditions import compile_condition
from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.schema import FactCondition, Operator
from policy_match.facts.read import Json, read_cell
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import Vocabulary

AS_OF = "2026-02-28"
TRUE, FALSE, UNKNOWN = True, False, None
Row = tuple[dict[str, object], dict[str, Json], str, bool | None]

MONEY = "total_investment"
AT_LEAST: dict[str, object] = {"fact": MONEY, "op": "at_least", "value": "5000万元"}
HONOUR: dict[str, object] = {"fact": "honours", "op": "has_any", "value": ["高新技术企业"]}
TREE: dict[str, object] = {"fact": "industry_code", "op": "within_tree", "value": ["C"], "except": ["C3011"]}
REGION: dict[str, object] = {"fact": "registered_region", "op": "within_region", "value": ["320412"]}
YEAR: dict[str, object] = {"fact": "registered_on", "op": "age_at_least", "value": "1年"}
DAYS: dict[str, object] = {"fact": "registered_on", "op": "age_at_least", "value": "365天"}
WINDOW: dict[str, object] = {
    "fact": "completed_on",
    "op": "within",
    "of": "signed_on",
    "from": "-12个月",
    "to": "36个月",
}
GROWTH: dict[str, object] = {"fact": "revenue_by_year", "op": "growth_at_least", "value": "10%"}
TIERS: dict[str, object] = {"fact": "debt_ratio", "op": "at_least", "by": "revenue_last",
                            "rows": [{"at_most": "5000万元", "value": "5%"}, {"at_most": "2亿元", "value": "4%"}, {"value": "3%"}]}  # fmt: skip


def number(op: str, value: object, fact: str = MONEY) -> dict[str, object]:
    return {"fact": fact, "op": op, "value": value}


def held(granted: str | None, through: str | None, name: str = "高新技术企业", **more: str) -> dict[str, Json]:
    item: dict[str, Json] = {"name": name} | dict(more)
    if granted:
        item["granted_on"] = granted
    if through:
        item["valid_through"] = through
    return {"honours": [item]}


def two_years(before: str, last: str) -> dict[str, Json]:
    return {"revenue_by_year": [before, last]}


CASES: list[Row] = [
    # 以上、以下 include the number, 超过、不满 do not
    (AT_LEAST, {MONEY: "5000万元"}, AS_OF, TRUE),
    (AT_LEAST, {MONEY: "49999999.99元"}, AS_OF, FALSE),
    (AT_LEAST, {MONEY: "50000000.01元"}, AS_OF, TRUE),
    (AT_LEAST, {}, AS_OF, UNKNOWN),
    (AT_LEAST, {MONEY: {"low": "4000万元", "high": "6000万元"}}, AS_OF, UNKNOWN),
    (AT_LEAST, {MONEY: {"low": "5000万元", "high": "6000万元"}}, AS_OF, TRUE),
    (AT_LEAST, {MONEY: {"low": "5000万元"}}, AS_OF, TRUE),
    (AT_LEAST, {MONEY: {"high": "5000万元"}}, AS_OF, UNKNOWN),
    (AT_LEAST, {MONEY: {"high": "49999999.99元"}}, AS_OF, FALSE),
    (number("at_most", "5000万元"), {MONEY: "5000万元"}, AS_OF, TRUE),
    (number("at_most", "5000万元"), {MONEY: "50000000.01元"}, AS_OF, FALSE),
    (number("at_most", "5000万元"), {MONEY: "4999万元"}, AS_OF, TRUE),
    (number("at_most", "5000万元"), {MONEY: {"low": "4000万元"}}, AS_OF, UNKNOWN),
    (number("more_than", "5000万元"), {MONEY: "5000万元"}, AS_OF, FALSE),
    (number("more_than", "5000万元"), {MONEY: "50000000.01元"}, AS_OF, TRUE),
    (number("more_than", "5000万元"), {MONEY: "4999万元"}, AS_OF, FALSE),
    (number("more_than", "5000万元"), {MONEY: {"low": "5000万元", "high": "6000万元"}}, AS_OF, UNKNOWN),
    (number("less_than", "5000万元"), {MONEY: "5000万元"}, AS_OF, FALSE),
    (number("less_than", "5000万元"), {MONEY: "49999999.99元"}, AS_OF, TRUE),
    (number("less_than", "5000万元"), {MONEY: "5001万元"}, AS_OF, FALSE),
    (number("less_than", "5000万元"), {}, AS_OF, UNKNOWN),
    (number("between", ["2024-01", "2025-06"], "tax_period"), {"tax_period": "2023-12"}, AS_OF, FALSE),
    (number("between", ["2024-01", "2025-06"], "tax_period"), {"tax_period": "2024-01"}, AS_OF, TRUE),
    (number("between", ["2024-01", "2025-06"], "tax_period"), {"tax_period": "2025-06"}, AS_OF, TRUE),
    (number("between", ["2024-01", "2025-06"], "tax_period"), {"tax_period": "2025-07"}, AS_OF, FALSE),
    (number("between", ["2024-01", "2025-06"], "tax_period"), {}, AS_OF, UNKNOWN),
    # ratios are never rounded, scores and areas are exact
    (number("at_least", "3%", "debt_ratio"), {"debt_ratio": "3%"}, AS_OF, TRUE),
    (number("at_least", "3%", "debt_ratio"), {"debt_ratio": "2.9996%"}, AS_OF, FALSE),
    (number("at_most", "3%", "debt_ratio"), {"debt_ratio": "3.0001%"}, AS_OF, FALSE),
    (number("at_least", "60", "quality_score"), {"quality_score": "59.9"}, AS_OF, FALSE),
    (number("at_least", "60", "quality_score"), {"quality_score": "60"}, AS_OF, TRUE),
    (number("at_least", "60亩", "land_area"), {"land_area": "40000㎡"}, AS_OF, TRUE),
    (number("at_least", "60亩", "land_area"), {"land_area": "39999.9㎡"}, AS_OF, FALSE),
    # is, one_of, stages
    (number("is", "1项", "class1_ip_count"), {"class1_ip_count": "1项"}, AS_OF, TRUE),
    (number("is", "1项", "class1_ip_count"), {"class1_ip_count": "2项"}, AS_OF, FALSE),
    (number("is", True, "hnte_valid"), {"hnte_valid": True}, AS_OF, TRUE),
    (number("is", True, "hnte_valid"), {"hnte_valid": False}, AS_OF, FALSE),
    (number("is", False, "hnte_valid"), {"hnte_valid": False}, AS_OF, TRUE),
    (number("is", False, "hnte_valid"), {}, AS_OF, UNKNOWN),
    (number("one_of", ["A", "B"], "tax_credit_grade"), {"tax_credit_grade": "B"}, AS_OF, TRUE),
    (number("one_of", ["A", "B"], "tax_credit_grade"), {"tax_credit_grade": "M"}, AS_OF, FALSE),
    (number("one_of", ["A", "B"], "tax_credit_grade"), {}, AS_OF, UNKNOWN),
    (number("stage_at_least", "竣工", "stage"), {"stage": "开工"}, AS_OF, FALSE),
    (number("stage_at_least", "竣工", "stage"), {"stage": "竣工"}, AS_OF, TRUE),
    (number("stage_at_least", "竣工", "stage"), {"stage": "投产"}, AS_OF, TRUE),
    (number("stage_at_least", "竣工", "stage"), {}, AS_OF, UNKNOWN),
    # a coarse code cannot prove that it is not the exception
    (TREE, {"industry_code": "C30"}, AS_OF, UNKNOWN),
    (TREE, {"industry_code": "C3011"}, AS_OF, FALSE),
    (TREE, {"industry_code": "C3012"}, AS_OF, TRUE),
    (TREE, {"industry_code": "C35"}, AS_OF, TRUE),
    (TREE, {"industry_code": "F51"}, AS_OF, FALSE),
    (TREE, {}, AS_OF, UNKNOWN),
    (REGION, {"registered_region": "320412"}, AS_OF, TRUE),
    (REGION, {"registered_region": "320481"}, AS_OF, FALSE),
    (REGION, {"registered_region": "320400"}, AS_OF, UNKNOWN),
    (REGION, {"registered_region": "330100"}, AS_OF, FALSE),
    (REGION, {}, AS_OF, UNKNOWN),
    ({**REGION, "value": ["320400"]}, {"registered_region": "JK"}, AS_OF, TRUE),
    # dates: 满一年 runs to the anniversary, 365天 counts days
    (number("before", "2025-03-01", "signed_on"), {"signed_on": "2025-02-28"}, AS_OF, TRUE),
    (number("before", "2025-03-01", "signed_on"), {"signed_on": "2025-03-01"}, AS_OF, FALSE),
    (number("before", "2025-03-01", "signed_on"), {"signed_on": "2025年3月"}, AS_OF, FALSE),
    (number("before", "2025-03-02", "signed_on"), {"signed_on": "2025年3月"}, AS_OF, UNKNOWN),
    (number("on_or_after", "2025-03-01", "signed_on"), {"signed_on": "2025-03-01"}, AS_OF, TRUE),
    (number("on_or_after", "2025-03-01", "signed_on"), {"signed_on": "2025-02-28"}, AS_OF, FALSE),
    (number("on_or_after", "2025-03-01", "signed_on"), {"signed_on": "2025"}, AS_OF, UNKNOWN),
    (number("on_or_after", "2025-03-01", "signed_on"), {}, AS_OF, UNKNOWN),
    (YEAR, {"registered_on": "2025-02-28"}, AS_OF, TRUE),
    (YEAR, {"registered_on": "2025-03-01"}, AS_OF, FALSE),
    (YEAR, {"registered_on": "2025年2月"}, AS_OF, TRUE),
    (YEAR, {"registered_on": "2025年"}, AS_OF, UNKNOWN),
    (YEAR, {}, AS_OF, UNKNOWN),
    (YEAR, {"registered_on": "2024-02-29"}, "2025-02-27", FALSE),
    (YEAR, {"registered_on": "2024-02-29"}, "2025-02-28", TRUE),
    (YEAR, {"registered_on": "2023-03-01"}, "2024-02-29", FALSE),
    (YEAR, {"registered_on": "2023-03-01"}, "2024-03-01", TRUE),
    (DAYS, {"registered_on": "2023-03-01"}, "2024-02-28", FALSE),
    (DAYS, {"registered_on": "2023-03-01"}, "2024-02-29", TRUE),
    (DAYS, {"registered_on": "2024-02-29"}, "2025-02-27", FALSE),
    (DAYS, {"registered_on": "2024-02-29"}, "2025-02-28", TRUE),
    ({**YEAR, "at": "2023-12-31"}, {"registered_on": "2022-12-31"}, AS_OF, TRUE),
    ({**YEAR, "at": "2023-12-31"}, {"registered_on": "2023-01-01"}, AS_OF, FALSE),
    ({**YEAR, "at": "signed_on"}, {"registered_on": "2023-06-30", "signed_on": "2024-06-30"}, AS_OF, TRUE),
    ({**YEAR, "at": "signed_on"}, {"registered_on": "2023-07-01", "signed_on": "2024-06-30"}, AS_OF, FALSE),
    ({**YEAR, "at": "signed_on"}, {"registered_on": "2023-07-01"}, AS_OF, UNKNOWN),
    ({**YEAR, "at": "signed_on"}, {"registered_on": "2023-06-15", "signed_on": "2024年6月"}, AS_OF, UNKNOWN),
    (WINDOW, {"signed_on": "2024-05-31", "completed_on": "2023-05-31"}, AS_OF, TRUE),
    (WINDOW, {"signed_on": "2024-05-31", "completed_on": "2023-05-30"}, AS_OF, FALSE),
    (WINDOW, {"signed_on": "2024-05-31", "completed_on": "2027-05-31"}, AS_OF, TRUE),
    (WINDOW, {"signed_on": "2024-05-31", "completed_on": "2027-06-01"}, AS_OF, FALSE),
    (WINDOW, {"signed_on": "2024-05-31", "completed_on": "2023年5月"}, AS_OF, UNKNOWN),
    (WINDOW, {"completed_on": "2023-05-31"}, AS_OF, UNKNOWN),
    # growth: nothing to divide by is not zero growth
    (GROWTH, two_years("1000万元", "1100万元"), AS_OF, TRUE),
    (GROWTH, two_years("1000万元", "10999999.99元"), AS_OF, FALSE),
    (GROWTH, two_years("1000万元", "1200万元"), AS_OF, TRUE),
    (GROWTH, two_years("0元", "1000万元"), AS_OF, UNKNOWN),
    (GROWTH, {"revenue_by_year": ["1000万元"]}, AS_OF, UNKNOWN),
    (GROWTH, {}, AS_OF, UNKNOWN),
    ({**GROWTH, "fact": "revenue_last", "base": "annual_sales"}, {"revenue_last": "1099万元", "annual_sales": "1000万元"}, AS_OF, FALSE),
    ({**GROWTH, "fact": "revenue_last", "base": "annual_sales"}, {"revenue_last": "1100万元", "annual_sales": "1000万元"}, AS_OF, TRUE),
    ({**GROWTH, "fact": "revenue_last", "base": "annual_sales"}, {"revenue_last": "1100万元", "annual_sales": "0元"}, AS_OF, UNKNOWN),
    # an honour is valid on its last day and not the day after
    (HONOUR, held("2023-03-01", "2026-02-28"), AS_OF, TRUE),
    (HONOUR, held("2023-03-01", "2026-02-28"), "2026-03-01", FALSE),
    (HONOUR, held("2026-02-28", "2029-02-27"), AS_OF, TRUE),
    (HONOUR, held("2026-03-01", "2029-02-28"), AS_OF, FALSE),
    (HONOUR, held("2023-03-01", None), AS_OF, UNKNOWN),
    (HONOUR, held(None, "2026-02-28"), AS_OF, UNKNOWN),
    (HONOUR, held(None, "2026-02-27"), AS_OF, FALSE),
    (HONOUR, held("2023-03-01", "2026年2月"), "2026-02-10", UNKNOWN),
    (HONOUR, held("2023-03-01", "2026-12-31", "科技型中小企业"), AS_OF, FALSE),
    (HONOUR, {"honours": []}, AS_OF, FALSE),
    (HONOUR, {}, AS_OF, UNKNOWN),
    ({**HONOUR, "validity": "not_needed"}, held(None, None), AS_OF, TRUE),
    ({**HONOUR, "granted": {"from": "2024-01-01"}}, held("2023-12-31", "2027-01-01"), AS_OF, FALSE),
    ({**HONOUR, "granted": {"from": "2024-01-01"}}, held("2024-01-01", "2027-01-01"), AS_OF, TRUE),
    ({**HONOUR, "granted": {"from": "2026-03-01"}}, held("2026年", "2029-01-01"), AS_OF, FALSE),
    ({**HONOUR, "level": "省级"}, held("2023-03-01", "2027-01-01", level="省级"), AS_OF, TRUE),
    ({**HONOUR, "level": "省级"}, held("2023-03-01", "2027-01-01", level="市级"), AS_OF, FALSE),
    ({**HONOUR, "level": "省级"}, held("2023-03-01", "2027-01-01"), AS_OF, UNKNOWN),
    (number("on_list", ["市重大项目库"], "lists"), {"lists": ["市重大项目库"]}, AS_OF, TRUE),
    (number("on_list", ["市重大项目库"], "lists"), {"lists": ["上市后备"]}, AS_OF, FALSE),
    (number("on_list", ["市重大项目库"], "lists"), {}, AS_OF, UNKNOWN),
    # a table by another fact: an unknown key decides where all rows that it may reach agree
    (TIERS, {"debt_ratio": "5%", "revenue_last": "5000万元"}, AS_OF, TRUE),
    (TIERS, {"debt_ratio": "4.9%", "revenue_last": "5000万元"}, AS_OF, FALSE),
    (TIERS, {"debt_ratio": "4.9%", "revenue_last": "50000000.01元"}, AS_OF, TRUE),
    (TIERS, {"debt_ratio": "3%", "revenue_last": "200000000.01元"}, AS_OF, TRUE),
    (TIERS, {"debt_ratio": "5%"}, AS_OF, TRUE),
    (TIERS, {"debt_ratio": "2.9996%"}, AS_OF, FALSE),
    (TIERS, {"debt_ratio": "4%"}, AS_OF, UNKNOWN),
    (TIERS, {"debt_ratio": "4%", "revenue_last": {"low": "6000万元"}}, AS_OF, TRUE),
    (TIERS, {"revenue_last": "5000万元"}, AS_OF, UNKNOWN),
]  # fmt: skip


def truth(condition: dict[str, object], facts: dict[str, Json], as_of: str, vocabulary: Vocabulary) -> bool | None:
    cells = {name: read_cell(vocabulary[name], value, vocabulary) for name, value in facts.items()}
    parts = compile_condition(FactCondition.model_validate(condition), vocabulary)
    table = FactTable(vocabulary, [cells])
    return (None, True, False)[int(Deciding(table, date.fromisoformat(as_of)).truths(parts.node)[0])]


@pytest.mark.parametrize(("condition", "facts", "as_of", "expected"), CASES)
def test_an_operator_decides_at_its_boundary_and_leaves_open_what_is_not_known(
    condition: dict[str, object], facts: dict[str, Json], as_of: str, expected: bool | None, vocabulary: Vocabulary
) -> None:
    assert truth(condition, facts, as_of, vocabulary) is expected


def test_every_operator_has_a_row_for_each_of_the_three_values() -> None:
    seen = {op: {expected for condition, _, _, expected in CASES if condition["op"] == op} for op in get_args(Operator)}

    assert {op for op, values in seen.items() if values != {True, False, None}} == set()
