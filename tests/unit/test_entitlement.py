"""Paying without application: every fact of conditions and amount proved by its register, or no."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from rules.bad_rules import MEASURE, folder_with, load

from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.schema import FairCompetition
from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.match import Matching

DAY = date(2026, 5, 1)
SEEN = "2026-05-01"
CAPPED = '  - {name: 封顶, like: 中档, facts: {equipment_investment: "9000万元"}, expect: {verdict: eligible, amount: "500万元"}}\n'
FACTS: dict[str, tuple[object, str]] = {
    "registered_region": ("320412", "ENT"),
    "industry_code": ("C3670", "TZXM"),
    "stage": ("竣工", "GG"),
    "equipment_investment": ("3000万元", "ENT"),
    "insured_staff": (150, "ENT"),
    "enterprise_size": ("medium", "ENT"),
    "blacklisted": (False, "CREDIT"),
}


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Rulebook:
    """One invented measure paid without application."""
    return load(folder_with(tmp_path_factory.mktemp("rules")), vocabulary)


def route(rulebook: Rulebook, **changed: object) -> str:
    facts = {n: {"value": v, "source": s, "observed_on": SEEN} for n, (v, s) in FACTS.items()} | changed
    subject = subject_from_json({"id": "甲", "facts": facts}, rulebook.vocabulary)
    (match,) = Matching(rulebook, [subject], DAY).lines(["invented_award"])
    assert match.verdict == "eligible"
    return match.route.value


def test_every_fact_from_an_accepted_register_needs_no_application(invented: Rulebook) -> None:
    assert route(invented) == "no_application"


def test_a_benefit_of_which_a_row_was_not_seen_is_never_paid_without_application(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    folder = folder_with(tmp_path)
    text = (folder / MEASURE).read_text("utf-8")
    tiers = text[text.index("  tiers:\n") : text.index("  rounding:")]
    choice = '  choose: {by: enterprise_size, rows: [{is: large, %s}, {fixed: "220万元"}]}\n'
    seen, unseen = choice % 'fixed: "500万元"', choice % "unseen: true"
    routes = []
    for row in (seen, unseen):
        (folder / MEASURE).write_text(text.replace(tiers, row).replace(CAPPED, ""), "utf-8")
        routes.append(route(load(folder, vocabulary)))

    assert routes == ["no_application", "prefilled"]


def test_a_plain_value_is_never_evidence(invented: Rulebook) -> None:
    assert route(invented, equipment_investment="3000万元") == "prefilled"


def test_the_firms_own_word_is_no_evidence(invented: Rulebook) -> None:
    own = {"value": "3000万元", "source": "SELF", "observed_on": SEEN}

    assert route(invented, equipment_investment=own) == "prefilled"


def test_the_key_of_a_threshold_table_has_to_be_proved_where_it_matters(invented: Rulebook) -> None:
    staff = {"value": 50, "source": "ENT", "observed_on": SEEN}
    small = {"value": "small", "source": "ENT", "observed_on": SEEN}

    assert route(invented, insured_staff=staff, enterprise_size=small) == "no_application"
    assert route(invented, insured_staff=staff, enterprise_size="small") == "prefilled"
    # 150 are enough for every size: nobody needs to prove it
    assert route(invented, enterprise_size="medium") == "no_application"


def test_a_measure_that_fair_competition_review_may_object_to_is_never_paid(invented: Rulebook) -> None:
    (rule,) = (rule for rule in invented.rules if rule.id == "invented_award")
    doubted = rule.measure.model_copy(update={"fair_competition": FairCompetition(flag=True, note="示例")})
    book = replace(invented, rules=(replace(rule, measure=doubted),))

    assert route(book) == "prefilled"


@pytest.mark.parametrize(("age", "expected"), [(1, "no_application"), (2, "prefilled")])
def test_an_observation_counts_up_to_its_greatest_age(invented: Rulebook, age: int, expected: str) -> None:
    seen = (DAY - timedelta(days=age)).isoformat()
    credit = {"value": False, "source": "CREDIT", "observed_on": seen}

    assert route(invented, blacklisted=credit) == expected


def test_an_observation_without_a_day_proves_nothing(invented: Rulebook) -> None:
    assert route(invented, stage={"value": "竣工", "source": "GG"}) == "prefilled"
