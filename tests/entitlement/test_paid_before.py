"""What an earlier payment means for a benefit: same matter, upper level, group, or nobody can say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from policy_match.benefits.ledger import Paid
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Stacking
from policy_match.entitlement.paid_before import InItsPlace, Payee, in_its_place

FIRM = "enterprise:E1"
CITY, DISTRICT = "cz_hnte_award", "wujin_hnte_award"


def found(rulebook: Rulebook, rule: Rule, measure: str, on: str = "2024-05-01", fen: int = 1) -> InItsPlace | None:
    payee = Payee(FIRM, None, "2023-11-06", 2026)
    paid = Paid(measure, FIRM, None, date.fromisoformat(on), fen, "凭证")
    return in_its_place(rule, rulebook, payee, [paid], lambda _: "2020-01-01")


def stacked(rule: Rule, **stacking: object) -> Rule:
    made = Stacking.model_validate(stacking)
    return replace(rule, measure=rule.measure.model_copy(update={"stacking": made}))


@pytest.mark.parametrize(("mine", "other"), [(CITY, DISTRICT), (DISTRICT, CITY)])
def test_a_partner_beside_which_nothing_is_written_is_a_persons_question_whichever_of_them_names_it_and_in_any_year(
    rulebook: Rulebook, mine: str, other: str
) -> None:
    one = found(rulebook, rulebook.versions(mine)[-1], other)
    assert one is not None and one.is_open


def test_the_upper_level_paid_ends_the_lower_one_and_the_other_way_round_a_person_decides(rulebook: Rulebook) -> None:
    city = rulebook.versions(CITY)[-1]
    lower = stacked(city, level_substitute=["small_low_profit"])
    one = found(rulebook, lower, "small_low_profit")
    assert one is not None and not one.is_open
    top = found(rulebook, stacked(city, top_up_of="small_low_profit"), "small_low_profit")
    assert top is not None and top.is_open


def test_an_unrelated_payment_or_one_that_came_back_means_nothing(rulebook: Rulebook) -> None:
    city = rulebook.versions(CITY)[-1]
    assert found(rulebook, city, "small_low_profit") is None
    assert found(rulebook, city, DISTRICT, fen=-1) is None
