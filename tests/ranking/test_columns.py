"""Money, finance, services and people apart, so that something without an amount never stands before a sum."""

from __future__ import annotations

import pytest

from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.schema import Measure
from policy_match.ranking.order import COLUMNS, column_of, in_columns


def measure(rulebook: Rulebook, family: str, kind: str | None) -> Measure:
    """A measure of that family and kind of benefit."""
    base = next(rule.measure for rule in rulebook.rules if rule.measure.benefit is not None)
    assert base.benefit is not None
    benefit = None if kind is None else base.benefit.model_copy(update={"kind": kind})
    return base.model_copy(update={"family": family, "benefit": benefit})


@pytest.mark.parametrize(
    ("family", "kind", "column"),
    [
        ("奖补", "cash", "资金"),
        ("税收", "tax", "资金"),
        ("税收", "deduction", "资金"),
        ("用电", "cash", "资金"),
        ("用电", "service", "服务"),
        ("用地", "quota", "服务"),
        ("认定", None, "服务"),
        ("金融", "cash", "金融"),
        ("金融", "service", "金融"),
        ("创新", "facility", "金融"),
        ("人才", "cash", "人才用工"),
        ("人才", "facility", "人才用工"),
        ("用工", "service", "人才用工"),
    ],
)
def test_a_measure_stands_in_the_column_of_its_family_and_benefit(
    family: str, kind: str | None, column: str, rulebook: Rulebook
) -> None:
    assert column_of(measure(rulebook, family, kind)) == column


def test_all_columns_are_there_and_keep_the_order(rulebook: Rulebook) -> None:
    sums = [measure(rulebook, "奖补", "cash"), measure(rulebook, "税收", "tax")]
    service = measure(rulebook, "审批", "service")

    found = in_columns([service, *sums], lambda one: one)

    assert tuple(found) == COLUMNS
    assert found["资金"] == tuple(sums)
    assert found["服务"] == (service,)
    assert found["金融"] == found["人才用工"] == ()
