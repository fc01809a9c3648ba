"""rules/indicators.yaml: read as written, extended by data alone, and refused with file and line where it cannot be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from policy_match.authoring.indicator_file import load_indicators
from policy_match.errors import RuleError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.series.block import Block, Known
from policy_match.series.detectors import Apart, Below, Ratio, ShareOfPlan, Suspicious, Unreported, Zero
from policy_match.series.findings import Findings
from policy_match.series.ground import Ground
from policy_match.series.rules import IndicatorRules
from policy_match.series.words import Basis, Level, Unit

SHIPPED = Path(__file__).parents[2] / "rules" / "indicators.yaml"
WAN = 10**6


def test_the_seven_of_the_notice_are_followed_each_with_its_unit_and_basis(rules: IndicatorRules) -> None:
    said = {one.title: (one.unit, one.basis) for one in rules.reported}

    assert said == {
        "订单": (Unit.MONEY, Basis.MONTH),
        "产能利用率": (Unit.RATIO, Basis.MONTH),
        "开票销售": (Unit.MONEY, Basis.YEAR),
        "产值": (Unit.MONEY, Basis.YEAR),
        "税收": (Unit.MONEY, Basis.YEAR),
        "利润": (Unit.MONEY, Basis.YEAR),
        "用电": (Unit.KWH, Basis.MONTH),
    }
    assert {one.source for one in rules.reported} == {"N"}
    assert [one.title for one in rules.reported if one.signed] == ["利润"]
    assert rules.codes["utilisation"].suspicious == 1_200_000


def test_the_shipped_bounds_are_those_of_the_specification(rules: IndicatorRules) -> None:
    found = {one.head.id: one for one in rules.detectors}

    share, low, untold = found["below_plan"], found["low_utilisation"], found["unreported"]
    assert isinstance(share, ShareOfPlan) and (share.yellow, share.red) == (Fraction(4, 5), Fraction(3, 5))
    assert isinstance(low, Below) and (low.limit, low.months) == (500_000, 3)
    assert isinstance(untold, Unreported) and untold.months == 2
    apart, ratio, zero = found["power_and_sales"], found["sales_and_output"], found["no_tax"]
    assert isinstance(apart, Apart) and (apart.by, apart.rises_by) == (Fraction(3, 10), Fraction(1, 10))
    assert isinstance(ratio, Ratio) and (ratio.low, ratio.high) == (Fraction(1, 2), Fraction(3, 2))
    assert isinstance(zero, Zero) and zero.limit == 2000 * WAN
    assert isinstance(found["too_high"], Suspicious)
    queries = {one.head.id for one in rules.detectors if getattr(one, "level", None) is Level.QUERY}
    assert queries == {"power_and_sales", "sales_and_output", "no_tax", "too_high"}
    assert (rules.good_months, rules.exits.held.months, rules.exits.after.months) == (2, 6, 24)


def test_reaching_capacity_and_return_are_defined_in_words_with_their_source(
    rules: IndicatorRules, table: LifecycleTable
) -> None:
    said = {table.name(one.milestone): one for one in rules.definitions}

    assert set(said) == {"达产", "达效"}
    assert "达产年产值" in said["达产"].says and {one.source for one in said.values()} == {"D"}


def extended(tmp_path: Path, *pairs: tuple[str, str]) -> Path:
    text = SHIPPED.read_text("utf-8")
    for written, instead in pairs:
        assert written in text, written
        text = text.replace(written, instead, 1)
    path = tmp_path / "indicators.yaml"
    path.write_text(text, "utf-8")
    return path


def test_an_indicator_and_a_detector_are_added_by_data_alone(
    tmp_path: Path, vocabulary: Vocabulary, table: LifecycleTable
) -> None:
    path = extended(
        tmp_path,
        ("codes:\n", "codes:\n  - {id: robots, title: 机器人台数, unit: count, basis: month, source: D}\n"),
        (
            "detectors:\n",
            'detectors:\n  - {id: few_robots, kind: below, title: 机器人偏少, of: robots, less_than: "10", months: 1,'
            " level: red, cause: 市场, source: D}\n",
        ),
    )

    rules = load_indicators(path, vocabulary, table)

    block = Block(2025 * 12, 2, 1, {"robots": Known(np.array([[9], [10]]), np.array([[True], [True]]))})
    due = np.zeros((2, 1), np.bool_)
    ground = Ground.of(block, rules.codes.values(), plans={}, due=due, reported=["robots"])
    found = Findings.on(ground, rules.detectors)
    (one,) = found.of(0)
    assert (one.title, one.level, one.cause, one.figures[0].text()) == (
        "机器人偏少",
        Level.RED,
        "市场",
        "2025-01 机器人台数 9",
    )
    assert found.of(1) == ()


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("of: output, yellow", "of: outputs, yellow", "没有指标“outputs”"),
        ("of: output, yellow", "of: utilisation, yellow", "是比例"),
        ("of: output, yellow", "of: tax, yellow", "没有计划"),
        ('yellow: {less_than: "80%"}', 'yellow: {less_than: "50%"}', "红灯的界限须低于黄灯"),
        ('yellow: {less_than: "80%"}', 'yellow: {less_than: "80.05%"}', "精确到0.1%"),
        ('yellow: {less_than: "80%"}', 'yellow: {less_than: "900%"}', "比例界限"),
        ('yellow: {less_than: "80%"}, red: {less_than: "60%"}, ', "", "没有写 yellow 或 red"),
        ("more_than: 2000万元", 'more_than: "2000"', "没有单位"),
        ("kind: zero", "kind: nil", "indicators.yaml:"),
        ("cause: 产出不及预期", "cause: 产出不好", "没有问题类别“产出不好”"),
        ("id: no_tax", "id: unreported", "重复"),
        ("level: query", "level: green", "indicators.yaml:"),
        ("id: tax,", "id: output,", "编号“output”重复"),
        ("title: 税收,", "title: 产值,", "列名“产值”"),
        ("title: 税收,", "title: 月份,", "列名“月份”"),
        ("unit: ratio, basis: month", "unit: ratio, basis: year", "比例不能累计"),
        ('basis: month, source: "N"}\n  - {id: util', 'basis: 本月, source: "N"}\n  - {id: util', "indicators.yaml:"),
        ("full_year: full_capacity_output", "full_year: land_area", "没有金额事实“land_area”"),
        ("of: output, told", "of: orders, told", "本年累计"),
        ("start: PRODUCING", "start: PRODUCED", "没有跟踪点“PRODUCED”"),
        ("registers: [ENT", "registers: [TAX", "没有来源“TAX”"),
        ("day: 15, source: D", "day: 30, source: D", "indicators.yaml:"),
        ("day: 15, source: D", "day: 15", "indicators.yaml:"),
        ("yellow: 一般", "yellow: 马上", "没有紧急程度“马上”"),
        ("held: 6个月", "held: 180天", "不是整月"),
        ("conclusion: growth_conclusion", "conclusion: verdict", "没有里程碑“verdict”"),
        ("milestone: full_return", "milestone: full_profit", "没有里程碑“full_profit”"),
        ("sides: [TERMINATED", "sides: [GONE", "indicators.yaml:"),
    ],
)
def test_a_wrong_name_or_number_is_refused_at_its_line(
    written: str, instead: str, told: str, tmp_path: Path, vocabulary: Vocabulary, table: LifecycleTable
) -> None:
    path = extended(tmp_path, (written, instead))

    with pytest.raises(RuleError, match=told) as refused:
        load_indicators(path, vocabulary, table)

    assert all(issue.where.split(":")[-1].isdigit() for issue in refused.value.issues)
