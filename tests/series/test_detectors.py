"""Detectors: bounds are exact, what is not known is neither good nor bad, and the figures that prove a finding are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import pytest

from policy_match.series.block import Block, Known
from policy_match.series.detectors import (
    Apart,
    Below,
    Detector,
    Head,
    Ratio,
    ShareOfPlan,
    Suspicious,
    Unreported,
    Zero,
)
from policy_match.series.findings import Finding, Findings
from policy_match.series.ground import Ground
from policy_match.series.indicator import Indicator
from policy_match.series.words import Basis, Level, Unit

JANUARY = 2025 * 12
Row = Sequence[int | None]
OUTPUT = Indicator("output", "产值", Unit.MONEY, Basis.YEAR)
SALES = Indicator("sales", "开票销售", Unit.MONEY, Basis.YEAR)
TAX = Indicator("tax", "税收", Unit.MONEY, Basis.YEAR)
POWER = Indicator("power", "用电", Unit.KWH, Basis.MONTH)
USE = Indicator("use", "产能利用率", Unit.RATIO, Basis.MONTH, suspicious=1_200_000)
CODES = (OUTPUT, SALES, TAX, POWER, USE)
HEAD = Head("one", "情形", "问题", "D")
PERCENT = 10_000


def known(row: Row) -> Known:
    return Known(
        np.array([[one or 0 for one in row]], np.int64), np.array([[one is not None for one in row]], np.bool_)
    )


def ground(plan: Row | None = None, due: Sequence[bool] | None = None, **told: Row) -> Ground:
    months = len(next(iter(told.values()), plan or due or ()))
    block = Block(JANUARY, 1, months, {code: known(row) for code, row in told.items()})
    return Ground.of(
        block,
        CODES,
        plans={} if plan is None else {"output": known(plan)},
        due=np.array([due or [False] * months], np.bool_),
        reported=[one.id for one in CODES],
    )


def levels(detector: Detector, on: Ground) -> list[Level]:
    return [Level(int(one)) for one in detector.judge(on)[0]]


def finding(detector: Detector, on: Ground) -> Finding:
    (found,) = Findings.on(on, [detector]).of(0)
    return found


SHARE = ShareOfPlan(HEAD, OUTPUT, Fraction(4, 5), Fraction(3, 5))


@pytest.mark.parametrize(
    ("actual", "level"),
    [(800, Level.GOOD), (799, Level.YELLOW), (600, Level.YELLOW), (599, Level.RED), (0, Level.RED), (None, Level.OPEN)],
)
def test_a_share_of_just_the_bound_is_not_below_it(actual: int | None, level: Level) -> None:
    assert levels(SHARE, ground(plan=[1000], output=[actual])) == [level]


@pytest.mark.parametrize("plan", [None, 0])
def test_without_a_plan_nothing_is_said(plan: int | None) -> None:
    assert levels(SHARE, ground(plan=[plan], output=[0])) == [Level.OPEN]


def test_the_share_is_proved_by_figure_and_plan() -> None:
    found = finding(SHARE, ground(plan=[None, 30_000 * 10**6], output=[None, 16_500 * 10**6]))

    assert (found.level, found.share, found.month) == (Level.RED, Fraction(11, 20), JANUARY + 1)
    assert found.text == "到2025-02，产值累计为计划的55%"
    assert [figure.text() for figure in found.figures] == ["2025-02 产值累计 1.65亿元", "2025-02 计划 3亿元"]
    assert found.rests_on == (("output", JANUARY + 1),)


def test_the_last_month_that_can_be_judged_decides_and_a_missing_one_is_passed_over() -> None:
    on = ground(plan=[100, 200, 300], output=[55, 110, None])

    assert finding(SHARE, on).month == JANUARY + 1
    assert Findings.on(ground(plan=[100, 200], output=[55, 190]), [SHARE]).of(0) == ()


LOW = Below(HEAD, USE, 50 * PERCENT, 3, Level.YELLOW)


@pytest.mark.parametrize(
    ("use", "level"),
    [
        ([49, 49, 49], Level.YELLOW),
        ([49, 49, 50], Level.GOOD),
        ([50, 49, 49], Level.GOOD),
        ([None, 49, 49], Level.OPEN),
        ([49, None, 49], Level.OPEN),
        ([49, 49, None], Level.OPEN),
        ([49, 49], Level.OPEN),
    ],
)
def test_a_run_below_a_bound_needs_every_month_of_it(use: list[int | None], level: Level) -> None:
    on = ground(use=[None if one is None else one * PERCENT for one in use])

    assert levels(LOW, on)[-1] == level


def test_a_run_is_proved_by_all_its_figures() -> None:
    found = finding(LOW, ground(use=[40 * PERCENT, 41 * PERCENT, 42 * PERCENT]))

    assert found.text == "2025-01至2025-03，产能利用率连续3个月偏低"
    assert [figure.text() for figure in found.figures][-1] == "2025-03 产能利用率 42%"


UNTOLD = Unreported(HEAD, 2, Level.YELLOW)


def test_one_month_that_was_not_told_is_no_finding_and_two_are() -> None:
    one = ground(due=[True, True, True], power=[5, None, 7])
    two = ground(due=[True, True, True], power=[5, None, None])

    assert levels(UNTOLD, one) == [Level.GOOD, Level.GOOD, Level.GOOD]
    assert levels(UNTOLD, two) == [Level.GOOD, Level.GOOD, Level.YELLOW]
    assert finding(UNTOLD, two).text == "2025-02至2025-03没有报送（2个月）"


def test_a_month_that_is_not_due_is_not_missing() -> None:
    assert levels(UNTOLD, ground(due=[False, True, False], power=[None, None, None])) == [
        Level.OPEN, Level.GOOD, Level.OPEN,
    ]  # fmt: skip


APART = Apart(HEAD, POWER, Fraction(3, 10), SALES, Fraction(1, 10), 12, Level.QUERY)


def two_years(power: int | None, sales: int | None) -> Ground:
    """January of two years: 100 and 100 in the first."""
    hole: list[int | None] = [None] * 11
    return ground(power=[100, *hole, power], sales=[100, *hole, sales])


@pytest.mark.parametrize(
    ("power", "sales", "level"),
    [
        (65, 112, Level.QUERY),
        (70, 112, Level.GOOD),
        (69, 110, Level.GOOD),
        (69, 111, Level.QUERY),
        (None, 112, Level.OPEN),
        (65, None, Level.OPEN),
    ],
)
def test_two_figures_that_move_apart_are_a_query_beyond_both_bounds_alone(
    power: int | None, sales: int | None, level: Level
) -> None:
    assert levels(APART, two_years(power, sales))[-1] == level


def test_the_moves_are_said_with_all_four_figures() -> None:
    found = finding(APART, two_years(65, 112))

    assert found.text == "2026-01比2025-01：用电下降35%，开票销售增长12%"
    assert len(found.figures) == 4 and len(found.rests_on) == 4


RATIO = Ratio(HEAD, SALES, OUTPUT, Fraction(1, 2), Fraction(3, 2), Level.QUERY)


@pytest.mark.parametrize(
    ("sales", "level"),
    [(50, Level.GOOD), (49, Level.QUERY), (150, Level.GOOD), (151, Level.QUERY), (None, Level.OPEN)],
)
def test_both_ends_of_a_range_are_inside(sales: int | None, level: Level) -> None:
    assert levels(RATIO, ground(sales=[sales], output=[100])) == [level]


def test_a_ratio_to_nothing_is_not_judged() -> None:
    assert levels(RATIO, ground(sales=[5], output=[0])) == [Level.OPEN]


NO_TAX = Zero(HEAD, TAX, SALES, 2000, Level.QUERY)


@pytest.mark.parametrize(
    ("tax", "sales", "level"),
    [(0, 2001, Level.QUERY), (0, 2000, Level.GOOD), (1, 2001, Level.GOOD), (None, 2001, Level.OPEN)],
)
def test_zero_is_told_and_not_missing(tax: int | None, sales: int, level: Level) -> None:
    assert levels(NO_TAX, ground(tax=[tax], sales=[sales])) == [level]


def test_a_figure_above_the_bound_of_its_code_is_asked_about() -> None:
    high = Suspicious(HEAD, (USE,), Level.QUERY)

    assert levels(high, ground(use=[1_200_000, 1_200_001, None])) == [Level.GOOD, Level.QUERY, Level.OPEN]
    assert finding(high, ground(use=[1_300_000])).text == "2025-01，产能利用率过高，请核实"


def test_the_worst_finding_comes_first() -> None:
    red = ShareOfPlan(Head("z", "低", "问题", "D"), OUTPUT, None, Fraction(3, 5))
    on = ground(plan=[100], output=[10], tax=[0], sales=[5000])

    assert [one.level for one in Findings.on(on, [NO_TAX, red]).of(0)] == [Level.RED, Level.QUERY]


@pytest.mark.parametrize(
    ("output", "good"),
    [
        ([55, 190, 290], 2),
        ([55, 110, 290], 1),
        ([55, 190, None], 1),
        ([55, None, 290], 1),
        ([55, 110, None], 0),
        ([90, 190, 290], 3),
    ],
)
def test_good_months_run_back_from_the_last_one_known_to_the_first_that_is_not(
    output: list[int | None], good: int
) -> None:
    judged = Findings.on(ground(plan=[100, 200, 300], output=output), [SHARE])

    assert judged.good_months("问题", 0) == good


def test_what_another_detector_of_the_cause_can_see_does_not_end_what_was_found() -> None:
    on = ground(plan=[100, 200, 300, 400, 500], output=[55, None, None, None, None], use=[90 * PERCENT] * 5)

    low = Below(Head("two", "偏低", "问题", "D"), USE, 50 * PERCENT, 3, Level.YELLOW)

    assert Findings.on(on, [SHARE, low]).good_months("问题", 0) == 0
    assert Findings.on(on, [low]).good_months("问题", 0) == 5


def test_the_largest_figures_are_judged_exactly() -> None:
    most = 12 * 10**14

    assert levels(SHARE, ground(plan=[most], output=[most * 4 // 5])) == [Level.GOOD]
    assert levels(SHARE, ground(plan=[most], output=[most * 4 // 5 - 1])) == [Level.YELLOW]
    fine = ShareOfPlan(HEAD, OUTPUT, Fraction(3999, 1000), None)
    assert levels(fine, ground(plan=[most], output=[most])) == [Level.YELLOW]


def test_judging_is_the_same_for_one_project_and_for_many() -> None:
    rows: Mapping[str, Row] = {"power": [1, 2, 3], "use": [4 * PERCENT, None, 60 * PERCENT]}
    one = ground(due=[True] * 3, **rows)
    block = Block(
        JANUARY,
        2,
        3,
        {c: Known(np.vstack([k.values] * 2), np.vstack([k.known] * 2)) for c, k in one.block.told.items()},
    )
    many = Ground.of(block, CODES, plans={}, due=np.vstack([one.due] * 2), reported=[c.id for c in CODES])

    for detector in (LOW, UNTOLD, APART, RATIO, NO_TAX):
        assert detector.judge(many).tolist() == [detector.judge(one)[0].tolist()] * 2
