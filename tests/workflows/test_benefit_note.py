"""The benefit of a measure in a few words, for lists."""

from __future__ import annotations

from datetime import date

import pytest

from policy_match.eligibility.rulebook import Rulebook
from policy_match.workflows.show_benefit import KIND_NAMES, benefit_note

DAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("measure", "note"),
    [
        ("little_giant", "认定，没有直接待遇"),
        ("cz_joint_acceptance", "服务：提前指导，一次联合验收"),
        ("liyang_parts_approval_award", "资金：300万元"),
        ("wujin_innovation_industrialisation", "资金：投产后首个完整年度地方贡献 × 50%，最高1000万元"),
        ("cz_storage_award", "资金：并网投运次月起的放电量 × 0.3元（最高，以批准为准）"),
        ("liyang_type_certificate_award", "资金：按情形，如航空器类别：eVTOL和飞行汽车，1000万元"),
        ("sme_loan_discount", "资金：下列各项相加，如固定资产贷款本金 × 1.5%"),
        ("cz_young_talent_home", "资金：按情形"),
        ("js_leasing_discount", "资金：上限（单个企业每年）2000万元，与“江苏省制造业贷款财政贴息（2026年版）”合并计算（与制造业贷款贴息合计）"),
    ],
)  # fmt: skip
def test_the_first_amount_stands_for_the_benefit_and_a_ceiling_is_called_one(
    rulebook: Rulebook, measure: str, note: str
) -> None:
    assert benefit_note(rulebook.at(measure, DAY), rulebook) == note


def test_every_measure_has_a_note_that_begins_with_its_kind(rulebook: Rulebook) -> None:
    for rule in rulebook.rules:
        kind = "认定" if rule.measure.benefit is None else KIND_NAMES[rule.measure.benefit.kind] + "："
        assert benefit_note(rule, rulebook).startswith(kind), rule.id
        assert len(benefit_note(rule, rulebook)) > len(kind), rule.id
