"""Near misses: what counts as near to the last step, who can change it, and when time alone brings it."""

from __future__ import annotations

from datetime import date

import pytest
from properties.random_rules import PLAIN_EFFECT, compiled, measure_of

from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.explain import Explaining
from policy_match.eligibility.near_miss import NearMiss, near_miss
from policy_match.facts.read import Json, read_cell
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import Vocabulary

AS_OF = date(2026, 2, 28)
Conditions = dict[str, dict[str, object]]
INVESTED: dict[str, object] = {
    "fact": "total_investment",
    "op": "at_least",
    "value": "5000万元",
    "can_change": "enterprise",
}
AGED: dict[str, object] = {"fact": "registered_on", "op": "age_at_least", "value": "1年", "can_change": "time"}
VALID: dict[str, object] = {"fact": "hnte_valid", "op": "is", "value": True, "can_change": "authority"}
STAFFED: dict[str, object] = {"fact": "staff_total", "op": "at_most", "value": "300人", "can_change": "enterprise"}


def near(
    conditions: Conditions,
    facts: dict[str, Json],
    vocabulary: Vocabulary,
    tree: object = None,
    effective: dict[str, object] = PLAIN_EFFECT,
) -> NearMiss | None:
    cells = {name: read_cell(vocabulary[name], value, vocabulary) for name, value in facts.items()}
    rule = compiled(measure_of(conditions, tree or {"all": list(conditions)}, effective))
    explaining = Explaining(Deciding(FactTable(vocabulary, [cells]), AS_OF))
    assert explaining.truth(rule.root, 0) < 0
    return near_miss(explaining, rule, 0)


@pytest.mark.parametrize(
    ("invested", "is_near"),
    [
        ("4000万元", True),
        ("39999999.99元", False),
        ("49999999.99元", True),
        ({"low": "1000万元", "high": "3000万元"}, False),
    ],
)
def test_a_figure_is_near_at_exactly_a_fifth_of_the_threshold_and_not_a_fen_further(
    invested: Json, is_near: bool, vocabulary: Vocabulary
) -> None:
    assert (near({"c": INVESTED}, {"total_investment": invested}, vocabulary) is not None) is is_near


@pytest.mark.parametrize(("staff", "is_near"), [("360人", True), ("361人", False)])
def test_a_figure_over_its_limit_is_measured_in_the_same_way(staff: str, is_near: bool, vocabulary: Vocabulary) -> None:
    assert (near({"c": STAFFED}, {"staff_total": staff}, vocabulary) is not None) is is_near


@pytest.mark.parametrize(("born", "true_on"), [("2025-08-27", date(2026, 8, 27)), ("2025-08-28", None)])
def test_a_date_is_near_at_180_days_and_the_day_is_told(
    born: str, true_on: date | None, vocabulary: Vocabulary
) -> None:
    found = near({"c": AGED}, {"registered_on": born}, vocabulary)

    assert (found and (found.not_yet, found.true_on)) == (true_on and (True, true_on))


def test_a_fixed_day_that_has_passed_is_measured_in_days_and_time_does_not_bring_it(vocabulary: Vocabulary) -> None:
    signed: dict[str, object] = {
        "fact": "signed_on",
        "op": "on_or_after",
        "value": "2025-07-01",
        "can_change": "enterprise",
    }

    close = near({"c": signed}, {"signed_on": "2025-01-02"}, vocabulary)

    assert close == NearMiss(("c",), not_yet=False, true_on=None)
    assert near({"c": signed}, {"signed_on": "2025-01-01"}, vocabulary) is None


def test_two_conditions_may_be_turned_and_the_later_day_counts(vocabulary: Vocabulary) -> None:
    other = {**AGED, "fact": "signed_on", "value": "6个月"}

    found = near({"a": AGED, "b": other}, {"registered_on": "2025-05-01", "signed_on": "2025-10-15"}, vocabulary)

    assert found == NearMiss(("a", "b"), not_yet=True, true_on=date(2026, 5, 1))


def test_a_count_of_days_tells_its_day_and_a_mixed_near_miss_is_no_waiting(vocabulary: Vocabulary) -> None:
    days: dict[str, object] = {"fact": "registered_days", "op": "at_least", "value": "365天", "can_change": "time"}

    waiting = near({"c": days}, {"registered_days": "300天"}, vocabulary)
    mixed = near({"c": days, "v": VALID}, {"registered_days": "300天", "hnte_valid": False}, vocabulary)

    assert waiting == NearMiss(("c",), not_yet=True, true_on=date(2026, 5, 4))
    assert mixed == NearMiss(("c", "v"), not_yet=False, true_on=None)


def test_three_false_conditions_are_too_many(vocabulary: Vocabulary) -> None:
    facts: dict[str, Json] = {"total_investment": "4500万元", "hnte_valid": False, "staff_total": "310人"}

    assert near({"a": INVESTED, "b": VALID, "c": STAFFED}, facts, vocabulary) is None


def test_what_cannot_be_changed_or_is_not_known_beside_it_is_no_near_miss(vocabulary: Vocabulary) -> None:
    facts: dict[str, Json] = {"total_investment": "4500万元"}

    assert near({"a": {**INVESTED, "can_change": "never"}}, facts, vocabulary) is None
    assert near({"a": INVESTED, "b": VALID}, facts, vocabulary) is None
    assert near({"a": INVESTED, "b": VALID}, {**facts, "hnte_valid": True}, vocabulary) is not None


def test_nobody_is_near_a_measure_that_is_only_perhaps_in_force(vocabulary: Vocabulary) -> None:
    over: dict[str, object] = {"from": "2020-01-01", "through": "unknown", "seen_in_force_on": ["2026-02-27"]}

    assert near({"a": INVESTED}, {"total_investment": "4500万元"}, vocabulary, effective=over) is None
    assert near({"a": INVESTED}, {"total_investment": "4500万元"}, vocabulary) is not None
