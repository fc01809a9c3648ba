"""An amount explains itself: every step with its figures, as a person would work it out with a pencil."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from rules.bad_rules import BAD, MEASURE, folder_with, load

from policy_match.benefits.formula import Computing
from policy_match.benefits.steps import steps
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.vocabulary import Vocabulary
from policy_match.proving.ground import Ground
from policy_match.proving.situations import situations_of
from policy_match.workflows.match import Matching

DAY = date(2026, 5, 1)
BASE = (BAD / "base.yaml").read_text("utf-8")
CAP = "单个项目上限 500万元"
FACTS: dict[str, object] = {
    "registered_region": "320412",
    "industry_code": "C3670",
    "stage": "竣工",
    "equipment_investment": "3000万元",
    "enterprise_size": "medium",
    "insured_staff": 150,
    "blacklisted": False,
}


def said(text: str, place: Path, words: Vocabulary, **facts: object) -> tuple[str, ...]:
    tiers = BASE[BASE.index("  tiers:\n") : BASE.index("  caps:")]
    plan = BASE[BASE.index("no_application:\n") : BASE.index("boundaries:\n")]
    written = BASE.replace(tiers, text).replace(plan, "").replace("mode: msjx", "mode: apply")
    for typed in (', amount: "220万元"', ', amount: "500万元"'):
        written = written.replace(typed, "")
    folder = folder_with(place)
    (folder / MEASURE).write_text(written, encoding="utf-8")
    subject = subject_from_json({"id": "甲", "facts": FACTS | facts}, words)  # type: ignore[dict-item]
    matching = Matching(load(folder, words), [subject], DAY)
    return steps(matching.computing(matching.rulebook.at("invented_award", DAY)), 0)


TIERS = BASE[BASE.index("  tiers:\n") : BASE.index("  caps:")]


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        (
            TIERS, {},
            ("“设备投入” 3000万元，分段累进（500万元以内 0%、2000万元以内 8%、其余 10%） = 220万元",
             f"{CAP} → 220万元", "向下取整到 1元", "金额：220万元（220000000分）"),
        ),
        (
            TIERS, {"equipment_investment": "9000万元"},
            ("“设备投入” 9000万元，分段累进（500万元以内 0%、2000万元以内 8%、其余 10%） = 820万元",
             f"{CAP} → 500万元", "向下取整到 1元", "金额：500万元（500000000分）"),
        ),
        (
            '  of: equipment_loan\n  rate: "2%"\n  floor: "1万元"\n  cap: "8万元"\n', {"equipment_loan": "500万元"},
            ("“设备贷款合同金额” 500万元 × 2% = 10万元", "不低于 1万元 → 10万元", "不超过 8万元 → 8万元", f"{CAP} → 8万元",
             "向下取整到 1元", "金额：8万元（8000000分）"),
        ),
        (
            '  interest: {principal: equipment_loan, rate: "1%", from: signed_on, to: started_on}\n',
            {"equipment_loan": "2000万元", "signed_on": "2025-01-01", "started_on": "2025-06-30"},
            ("“设备贷款合同金额” 2000万元 × 1% × “签约日期” 2025-01-01至“开工日期” 2025-06-30的天数 ÷ 365 = 720000000/73分",
             f"{CAP} → 720000000/73分", "向下取整到 1元", "金额：9.863万元（9863000分）"),
        ),
        (
            '  choose:\n    by: enterprise_size\n    rows: [{is: large, fixed: "1万元"}, {one_of: [medium, small, micro], fixed: "2万元"}]\n', {},
            ("“企业规模”为中型，取“medium、small、micro”一档", "定额 2万元", f"{CAP} → 2万元", "向下取整到 1元", "金额：2万元（2000000分）"),
        ),
        (
            '  choose:\n    by: enterprise_size\n    rows: [{is: large, fixed: "1万元"}, {fixed: "2万元"}]\n', {"enterprise_size": None},
            ("“企业规模”未知，可能取“large”一档：定额 1万元", "“企业规模”未知，可能取其余一档：定额 2万元",
             "还不能确定取哪一档 = 1万元至2万元", f"{CAP} → 1万元至2万元", "向下取整到 1元", "金额：1万元至2万元（1000000分至2000000分）"),
        ),
        (
            '  sum_of:\n    one: {of: equipment_loan, rate: "1%"}\n    two: {fixed: "10万元"}\n', {"equipment_loan": "1000万元"},
            ("（1）“设备贷款合同金额” 1000万元 × 1% = 10万元", "（2）定额 10万元", "各项相加 = 20万元", f"{CAP} → 20万元",
             "向下取整到 1元", "金额：20万元（20000000分）"),
        ),
        (
            '  top_up: {to: "100万元", less: equipment_loan}\n', {"equipment_loan": "30万元"},
            ("补足到 100万元 − “设备贷款合同金额” 30万元 = 70万元", f"{CAP} → 70万元", "向下取整到 1元", "金额：70万元（70000000分）"),
        ),
        (
            '  per_unit: {of: insured_staff, amount: "1000元", times: 12}\n', {},
            ("“参保人数” 150人 × 1000元 × 12 = 180万元", f"{CAP} → 180万元", "向下取整到 1元", "金额：180万元（180000000分）"),
        ),
        (
            '  increment: {of: revenue_last, over: rd_last, rate: "5%"}\n', {"revenue_last": "300万元", "rd_last": "100万元"},
            ("（“上年度营业收入” 300万元 − “上年度研发费用” 100万元）× 5% = 10万元", f"{CAP} → 10万元", "向下取整到 1元", "金额：10万元（10000000分）"),
        ),
        (
            '  of: equipment_loan\n  rate: "2%"\n  promise: ceiling\n', {"equipment_loan": "500万元"},
            ("“设备贷款合同金额” 500万元 × 2% = 10万元", f"{CAP} → 10万元", "向下取整到 1元", "只写了最高额：至少为 0元",
             "金额：最高10万元（0分至10000000分）"),
        ),
    ],
)  # fmt: skip
def test_each_step_has_its_figures(
    text: str, facts: dict[str, object], expected: tuple[str, ...], tmp_path: Path, vocabulary: Vocabulary
) -> None:
    assert said(text, tmp_path, vocabulary, **facts) == expected


def test_the_last_step_of_every_shipped_case_is_its_amount(rulebook: Rulebook) -> None:
    for rule in rulebook.rules:
        for situation in situations_of(rule, rulebook.vocabulary):
            ground = Ground([(situation.as_of, situation.cells)], rulebook.vocabulary)
            (amount,) = ground.amounts(rule)
            found = steps(Computing(ground.at(0)[0], rule), 0)
            if amount is None:
                assert found == ()
            else:
                assert amount.text in found[-1]
                assert f"{amount.low_fen}分" in found[-1]
                assert len(found) > 1
