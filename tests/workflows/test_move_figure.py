"""One figure of a rule moved in steps: the written value gives the shipped cost, the others what a changed rule gives."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import UsageError
from policy_match.exchange.subjects import read_subjects
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.match import Matching
from policy_match.workflows.move_figure import (
    Figure,
    Moving,
    Range,
    figure_of,
    figures_of,
    moved_rule,
    steps_of,
    values_of,
)
from policy_match.workflows.weigh_rules import Weighing

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
WAN = 10**6


@pytest.fixture(scope="module")
def demo(rulebook: Rulebook, vocabulary: Vocabulary) -> Matching:
    subjects = read_subjects(CORPUS / "demo" / "subjects.jsonl", vocabulary).subjects
    return Matching(rulebook, subjects, date(2026, 3, 10))


@pytest.fixture
def weighing(demo: Matching) -> Weighing:
    return Weighing(demo, demo)


def figure(rulebook: Rulebook, measure: str, key: str) -> Moving:
    rule = rulebook.at(measure, date(2026, 3, 10))
    found = figure_of(figures_of(rule, rulebook.vocabulary), key)
    return Moving(rule, found, values_of(found, Range(), rulebook.vocabulary))


def test_every_figure_of_every_rule_can_be_written_anew_without_changing_it(rulebook: Rulebook) -> None:
    seen = 0
    for rule in rulebook.rules:
        for one in figures_of(rule, rulebook.vocabulary):
            again = moved_rule(rule, rulebook, one, one.value)
            (same,) = (found for found in figures_of(again, rulebook.vocabulary) if found.key == one.key)
            assert (rule.measure.key, one.key, same.value) == (rule.measure.key, one.key, one.value)
            assert again.root == rule.root
            seen += 1
    assert seen > 300


def test_the_written_value_gives_the_shipped_cost(demo: Matching, weighing: Weighing) -> None:
    for measure in ("js_mfg_loan_discount", "sme_loan_discount", "cz_synbio_project_match"):
        rule = demo.rulebook.at(measure, demo.as_of)
        shipped = weighing.tally(None, rule).cost
        for one in figures_of(rule, demo.rulebook.vocabulary):
            moving = Moving(rule, one, values_of(one, Range(), demo.rulebook.vocabulary))
            (written,) = (step for step in steps_of(moving, demo.rulebook, weighing) if step.is_written)
            assert (one.key, written.value, written.tally.cost) == (one.key, one.value, shipped)
            assert (written.tally.gained, written.tally.lost) == (0, 0)
        assert shipped.low_fen > 0


def test_a_higher_rate_costs_more_and_a_higher_threshold_lets_fewer_in(demo: Matching, weighing: Weighing) -> None:
    rate = steps_of(figure(demo.rulebook, "cz_synbio_project_match", "benefit.rate"), demo.rulebook, weighing)
    share = steps_of(
        figure(demo.rulebook, "hightech_enterprise", "conditions.hitech_revenue.value"), demo.rulebook, weighing
    )

    costs = [step.tally.cost.low_fen for step in rate]
    assert costs == sorted(costs) and costs[0] < costs[-1]
    # 25 万元 at half of the written rate: the lowest step of the demonstration library
    assert costs[0] * 2 == next(step.tally.cost.low_fen for step in rate if step.is_written)
    eligible = [step.tally.eligible for step in share]
    assert eligible == sorted(eligible, reverse=True) and eligible[0] > eligible[-1]


def test_default_values_run_from_half_to_one_point_six_times_in_twelve_steps(rulebook: Rulebook) -> None:
    moving = figure(rulebook, "js_mfg_loan_discount", "benefit.caps.1.amount")

    assert [value // (100 * WAN) for value in moving.values] == list(range(5, 17))
    assert moving.figure.text(moving.values[0]) == "500万元"


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Range("600万元", "800万元", 3), [600, 700, 800, 1000]),
        (Range("1000万元", "1000万元", 2), [1000]),
        (Range(None, "500万元", 2), [500, 1000]),
    ],
)
def test_a_range_holds_both_its_ends_and_the_written_value(
    rulebook: Rulebook, wish: Range, expected: list[int]
) -> None:
    moving = figure(rulebook, "js_mfg_loan_discount", "benefit.caps.1.amount")

    assert [value // WAN for value in values_of(moving.figure, wish, rulebook.vocabulary)] == expected


def test_values_are_such_as_a_rule_may_write(rulebook: Rulebook) -> None:
    people = figure(rulebook, "one_off_hiring_subsidy", "conditions.hires.value")
    score = figure(rulebook, "hightech_enterprise", "conditions.innovation.value")
    share = Figure(
        ("benefit", "rate"),
        "",
        figure(rulebook, "cz_synbio_project_match", "benefit.rate").figure.spec,
        Fraction(1, 30),
    )

    assert people.values == (0, 1, 2)
    assert max(score.values) == 100
    assert all(
        (value * 10_000).denominator == 1
        for value in values_of(share, Range(), rulebook.vocabulary)
        if value != share.value
    )


@pytest.mark.parametrize(
    ("wish", "words"),
    [(Range("很多", None), "很多"), (Range("500", None), "没有单位"), (Range("9亿元", "1亿元"), "范围不能从9亿元开始")],
)
def test_an_end_that_cannot_be_read_and_a_range_that_runs_backwards_are_refused(
    rulebook: Rulebook, wish: Range, words: str
) -> None:
    moving = figure(rulebook, "js_mfg_loan_discount", "benefit.caps.1.amount")

    with pytest.raises(UsageError, match=words):
        values_of(moving.figure, wish, rulebook.vocabulary)


def test_an_unknown_figure_is_refused_with_the_known_ones(rulebook: Rulebook) -> None:
    rule = rulebook.at("cz_synbio_project_match", date(2026, 3, 10))

    with pytest.raises(UsageError, match=r"benefit\.rate"):
        figure_of(figures_of(rule, rulebook.vocabulary), "benefit.price")
