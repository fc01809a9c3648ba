"""Columns and reasons hold for every pair exactly what the plain reference evaluator says."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from reference.gaps import distance
from reference.judge import Judge

from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.explain import Explaining
from policy_match.eligibility.near_miss import near_miss
from policy_match.eligibility.schema import FactCondition, Measure
from policy_match.facts.table import FactTable
from properties.random_rules import ANY_DAY, SEEDS, compiled, measure_of, measures, profiles, shown, vocabulary
from properties.vocabulary import AS_OF

TRUTHS = {"true": True, "false": False, "unknown": None}


@given(measure=measures(effective=True), seed=SEEDS, size=st.sampled_from([1, 63, 64, 65]), as_of=ANY_DAY)
def test_every_verdict_and_every_condition_is_that_of_the_reference(
    measure: Measure, seed: int, size: int, as_of: date
) -> None:
    rows, judge, rule = profiles(seed, size), Judge(measure, as_of), compiled(measure)
    deciding = Deciding(FactTable(vocabulary(), rows), as_of)

    verdicts = deciding.decide(rule).verdicts

    for row, cells in enumerate(rows):
        for name, condition in rule.conditions.items():
            truth = (None, True, False)[int(deciding.truths(condition.node)[row])]
            assert truth is judge.condition(name, cells, {}), f"{measure.conditions[name]} {shown(cells)}"
        assert verdicts[row] == judge.verdict(cells), shown(cells)


def test_needs_human_means_that_nothing_else_is_open_however_people_judge() -> None:
    conditions = {
        "c": {"fact": "hnte_valid", "op": "is", "value": True},
        "a": {"human": "材料是否先进"},
        "b": {"human": "是否获选"},
    }
    measure = measure_of(conditions, {"all": [{"any": ["c", "a"]}, "b"]})

    verdicts = Deciding(FactTable(vocabulary(), [{}]), AS_OF).decide(compiled(measure)).verdicts

    assert verdicts[0] == Judge(measure, AS_OF).verdict({}) == "unknown"


@given(measure=measures(), seed=SEEDS, as_of=ANY_DAY)
def test_reasons_are_the_ones_that_the_language_asks_for(measure: Measure, seed: int, as_of: date) -> None:
    rows, judge, rule = profiles(seed, 12), Judge(measure, as_of), compiled(measure)
    deciding = Deciding(FactTable(vocabulary(), rows), as_of)
    explaining, verdicts = Explaining(deciding), deciding.decide(rule).verdicts

    for row, cells in enumerate(rows):
        asked = judge.asked(cells)
        for every in (False, True):
            reasons = explaining.reasons(rule, row, verdicts[row], every=every)
            assert [reason.condition for reason in reasons] == judge.shown(cells, every), shown(cells)
        for reason in reasons:
            if reason.condition not in asked:
                assert reason.truth.value == "not_applicable"
                continue
            assert TRUTHS[reason.truth.value] is judge.condition(reason.condition, cells, {})
            assert (reason.cause is None) == (reason.truth.value != "unknown")
            assert reason.truth.value == "false" or reason.gap is None


@given(measure=measures(people=False, effective=True, depth=2), seed=SEEDS, as_of=ANY_DAY)
def test_a_near_miss_is_what_the_language_calls_one(measure: Measure, seed: int, as_of: date) -> None:
    rows, judge, rule = profiles(seed, 24), Judge(measure, as_of), compiled(measure)
    deciding = Deciding(FactTable(vocabulary(), rows), as_of)
    explaining, verdicts = Explaining(deciding), deciding.decide(rule).verdicts

    for row, cells in enumerate(rows):
        near = near_miss(explaining, rule, row) if verdicts[row] == "ineligible" else None
        smallest = judge.near_misses(cells)
        assert (near is None) == (not smallest), shown(cells)
        if near is not None:
            assert set(near.conditions) in smallest
            changes = {measure.conditions[name].can_change for name in near.conditions}  # type: ignore[union-attr]
            assert near.not_yet == (changes == {"time"})
            assert near.true_on is None or near.true_on > as_of


@given(measure=measures(people=False, depth=1, most=3), seed=SEEDS, as_of=ANY_DAY)
def test_a_gap_is_the_threshold_less_the_value(measure: Measure, seed: int, as_of: date) -> None:
    rows, rule = profiles(seed, 24), compiled(measure)
    explaining = Explaining(Deciding(FactTable(vocabulary(), rows), as_of))

    for row, cells in enumerate(rows):
        for name, condition in rule.conditions.items():
            gap, written = explaining.reason(condition, row).gap, measure.conditions[name]
            assert isinstance(written, FactCondition)
            if explaining.truth(condition.node, row) >= 0:
                assert gap is None
                continue
            expected = distance(written, cells, as_of)
            assert (gap is None) == (expected is None), f"{written} {shown(cells)} {gap} {expected}"
            if gap is None or expected is None:
                continue
            assert gap.days == expected.days, f"{written} {shown(cells)}"
            assert gap.true_on == (None if expected.true_on is None else date.fromordinal(int(expected.true_on)))
            if expected.amount is not None and expected.threshold:
                assert gap.relative == Fraction(expected.amount) / abs(Fraction(expected.threshold))
