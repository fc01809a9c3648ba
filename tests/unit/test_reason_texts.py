"""Reasons as a caseworker reads them: label, what there is, what is asked for, how far, why open, and the article."""

from __future__ import annotations

from datetime import date

import pytest
from properties.random_rules import compiled, measure_of

from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.explain import CAUSE_TEXT, Explaining, Reason
from policy_match.facts.cells import Cause, Cell, Possible
from policy_match.facts.read import Json, read_cell
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import Vocabulary
from policy_match.units import Band

AS_OF = date(2026, 2, 28)
Condition = dict[str, object]
INVESTED: Condition = {"fact": "total_investment", "op": "at_least", "value": "5000万元"}
VALID: Condition = {"fact": "hnte_valid", "op": "is", "value": True}
HONOUR: Condition = {"fact": "honours", "op": "has_any", "value": ["高新技术企业"]}
GROWN: Condition = {"fact": "revenue_by_year", "op": "growth_at_least", "value": "10%"}
TIERS: Condition = {
    "fact": "debt_ratio",
    "op": "at_least",
    "by": "revenue_last",
    "rows": [{"at_most": "5000万元", "value": "5%"}, {"value": "3%"}],
}


def reasons(
    conditions: dict[str, Condition], cells: dict[str, Cell], vocabulary: Vocabulary, tree: object = None
) -> list[Reason]:
    rule = compiled(measure_of(conditions, tree or {"all": list(conditions)}))
    deciding = Deciding(FactTable(vocabulary, [cells]), AS_OF)
    return Explaining(deciding).reasons(rule, 0, deciding.decide(rule).verdicts[0], every=True)


def text(condition: Condition, facts: dict[str, Json], vocabulary: Vocabulary) -> str:
    cells = {name: read_cell(vocabulary[name], value, vocabulary) for name, value in facts.items()}
    (reason,) = reasons({"c": condition}, cells, vocabulary)
    return reason.text


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        (INVESTED, {"total_investment": "3000万元"}, "总投资3000万元，要求不少于5000万元，还差2000万元（第1条）"),
        (INVESTED, {"total_investment": "5000万元"}, "总投资5000万元，要求不少于5000万元（第1条）"),
        (INVESTED, {"total_investment": {"low": "3000万元", "high": "4000万元"}}, "总投资3000万元至4000万元，要求不少于5000万元，至少还差1000万元（第1条）"),
        ({**INVESTED, "op": "at_most"}, {"total_investment": "5001万元"}, "总投资5001万元，要求不超过5000万元，超出1万元（第1条）"),
        ({**INVESTED, "op": "more_than"}, {"total_investment": "5000万元"}, "总投资5000万元，要求超过5000万元（不含本数），恰好等于界限，不符合（第1条）"),
        (VALID, {"hnte_valid": False}, "有效期内高新技术企业：否，要求为“是”（第1条）"),
        ({**VALID, "value": False}, {"hnte_valid": False}, "有效期内高新技术企业：否，要求为“否”（第1条）"),
        ({"fact": "registered_on", "op": "age_at_least", "value": "1年"}, {"registered_on": "2025-06-01"}, "成立日期2025-06-01，要求满1年，还差93天（2026-06-01起满足）（第1条）"),
        ({"fact": "registered_on", "op": "age_at_least", "value": "1年", "at": "2025-12-31"}, {"registered_on": "2025-06-01"}, "成立日期2025-06-01，要求截至2025-12-31满1年，还差152天（第1条）"),
        ({"fact": "signed_on", "op": "before", "value": "2025-06-01"}, {"signed_on": "2025-06-11"}, "签约日期2025-06-11，要求早于2025-06-01，晚了10天（第1条）"),
        ({"fact": "signed_on", "op": "on_or_after", "value": "2025-06-01"}, {"signed_on": "2025-05-22"}, "签约日期2025-05-22，要求不早于2025-06-01，早了10天（第1条）"),
        ({"fact": "tax_period", "op": "at_least", "value": "2025-06"}, {"tax_period": "2025-04"}, "税款所属期2025-04，要求不少于2025-06，早了2个月（第1条）"),
        ({"fact": "completed_on", "op": "within", "of": "signed_on", "to": "12个月"}, {"completed_on": "2025-03-11", "signed_on": "2024-03-01"}, "竣工日期2025-03-11，要求不晚于签约日期后1年，晚了10天（第1条）"),
        (GROWN, {"revenue_by_year": ["1000万元", "1050万元"]}, "近三年销售收入1000万元、1050万元（增长5%），要求最近一年比上一年增长不低于10%，还差5个百分点（第1条）"),
        ({"fact": "industry_code", "op": "within_tree", "value": ["C"]}, {"industry_code": "F51"}, "国民经济行业代码：F51 批发业，要求属于制造业（C）（第1条）"),
    ],
)  # fmt: skip
def test_a_decided_condition_says_what_was_compared(
    condition: Condition, facts: dict[str, Json], expected: str, vocabulary: Vocabulary
) -> None:
    assert text(condition, facts, vocabulary) == expected


@pytest.mark.parametrize(
    ("condition", "facts", "cause", "expected"),
    [
        (INVESTED, {}, Cause.MISSING, "总投资：缺少数据，要求不少于5000万元（第1条）"),
        (INVESTED, {"total_investment": {"low": "3000万元", "high": "6000万元"}}, Cause.BAND, "总投资3000万元至6000万元，要求不少于5000万元，只知道范围，是否达到界限还不能确定（第1条）"),
        ({"fact": "industry_code", "op": "within_tree", "value": ["C3011"]}, {"industry_code": "C30"}, Cause.COARSE_CODE, "国民经济行业代码：C30 非金属矿物制品业，要求属于水泥制造（C3011），只知道大类或上级地区，无法判断（第1条）"),
        (GROWN, {"revenue_by_year": ["0元", "1000万元"]}, Cause.UNDEFINED, "近三年销售收入0元、1000万元，要求最近一年比上一年增长不低于10%，无法计算（没有可用的基数）（第1条）"),
        (GROWN, {"revenue_by_year": ["1000万元"]}, Cause.MISSING, "近三年销售收入1000万元，要求最近一年比上一年增长不低于10%，缺少数据（第1条）"),
        (HONOUR, {"honours": ["高新技术企业"]}, Cause.VALIDITY, "荣誉与资质：高新技术企业，要求具有高新技术企业，且在有效期内，有效期不明（第1条）"),
        (TIERS, {"debt_ratio": "4%"}, Cause.MISSING, "资产负债率4%，要求不少于5% 或 不少于3%，“上年度营业收入”缺少数据（第1条）"),
        ({"fact": "completed_on", "op": "within", "of": "signed_on", "to": "12个月"}, {"completed_on": "2025-03-11"}, Cause.MISSING, "竣工日期2025-03-11，要求不晚于签约日期后1年，“签约日期”缺少数据（第1条）"),
    ],
)  # fmt: skip
def test_an_open_condition_says_why_and_through_which_fact(
    condition: Condition, facts: dict[str, Json], cause: Cause, expected: str, vocabulary: Vocabulary
) -> None:
    cells = {name: read_cell(vocabulary[name], value, vocabulary) for name, value in facts.items()}

    (reason,) = reasons({"c": condition}, cells, vocabulary)

    assert (reason.cause, reason.text) == (cause, expected)


SET_ASIDE = (Cause.STALE, Cause.CONFLICT, Cause.WEAK_SOURCE, Cause.PURPOSE, Cause.NO_AUTHORISATION)


@pytest.mark.parametrize("cause", SET_ASIDE)
def test_a_value_that_was_set_aside_is_shown_with_its_day(cause: Cause, vocabulary: Vocabulary) -> None:
    cell = Cell(None, cause, "ENT", date(2024, 5, 1), last_seen=Band.exact(6 * 10**9))

    (reason,) = reasons({"c": INVESTED}, {"total_investment": cell}, vocabulary)

    assert reason.text == f"总投资：{CAUSE_TEXT[cause]}，最近一次为6000万元（2024-05-01），要求不少于5000万元（第1条）"
    assert (reason.cause, reason.source, reason.observed_on, reason.have) == (cause, "ENT", date(2024, 5, 1), None)


def test_every_cause_has_its_own_words() -> None:
    assert set(CAUSE_TEXT) == set(Cause) and len(set(CAUSE_TEXT.values())) == len(Cause)


def test_a_judgement_by_people_names_its_question_and_article(vocabulary: Vocabulary) -> None:
    (reason,) = reasons({"c": {"human": "技术是否先进"}}, {}, vocabulary)

    assert (reason.cause, reason.text) == (Cause.HUMAN, "需人工判断：技术是否先进（第1条）")


def flag(value: bool) -> Cell:
    return Cell(Possible.only("true" if value else "false"))


def test_an_exclusion_reads_as_an_exclusion_and_not_as_a_requirement(vocabulary: Vocabulary) -> None:
    condition: Condition = {"fact": "industry_code", "op": "within_tree", "value": ["F51"]}
    tree = {"not": "c"}
    shown = [
        reasons({"c": condition}, {"industry_code": Cell(Possible.only(code))}, vocabulary, tree)[0]
        for code in ("F51", "C35", "F")
    ]

    assert [reason.text for reason in shown] == [
        "国民经济行业代码：F51 批发业，属于排除情形（批发业（F51））（第1条）",
        "国民经济行业代码：C35 专用设备制造业，不属于排除情形（批发业（F51））（第1条）",
        "国民经济行业代码：F 批发和零售业，排除情形：属于批发业（F51），只知道大类或上级地区，无法判断（第1条）",
    ]


def test_what_does_not_apply_says_so_and_its_condition_is_no_requirement(vocabulary: Vocabulary) -> None:
    tree = {"if_applicable": {"when": "when", "then": "then"}}
    cells = {"hnte_valid": flag(False), "total_investment": Cell(Band.exact(10**9))}

    when, then = reasons({"when": VALID, "then": INVESTED}, cells, vocabulary, tree)

    assert when.text == "有效期内高新技术企业：否，适用条件：为“是”（第1条）"
    assert then.text == "总投资1000万元，本项不适用（要求不少于5000万元）（第2条）"
    assert then.truth == "not_applicable"


def test_a_condition_behind_a_gate_and_outside_it_is_still_asked_for(vocabulary: Vocabulary) -> None:
    tree = {"all": [{"if_applicable": {"when": "when", "then": "then"}}, "then"]}
    cells = {"hnte_valid": flag(False), "total_investment": Cell(Band.exact(10**9))}

    _, then = reasons({"when": VALID, "then": INVESTED}, cells, vocabulary, tree)

    assert then.text == "总投资1000万元，要求不少于5000万元，还差4000万元（第2条）"


def test_one_of_several_ways_is_shown_as_a_choice(vocabulary: Vocabulary) -> None:
    cells = {"hnte_valid": flag(True), "total_investment": Cell(Band.exact(10**9))}

    first, second = reasons({"a": VALID, "b": INVESTED}, cells, vocabulary, {"any": ["a", "b"]})

    assert first.text == "有效期内高新技术企业：是，其中一种情形要求为“是”（第1条）"
    assert second.text == "总投资1000万元，其中一种情形要求不少于5000万元，还差4000万元（第2条）"
