"""How certain a match is: as the least certain of the facts that decided, and not known where no source is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.subjects import known_facts
from policy_match.facts.table import FactTable
from policy_match.ranking.score import Certainties

DAY = date(2024, 9, 1)


def certainty(rulebook: Rulebook, facts: Mapping[str, object], *names: str) -> float | None:
    words = rulebook.vocabulary
    cells = known_facts(subject_from_json({"id": "甲", "facts": facts}, words), words, DAY)  # type: ignore[dict-item]
    return Certainties(FactTable(words, [cells])).lowest(0, names)


def seen(value: object, source: str) -> dict[str, object]:
    return {"value": value, "source": source, "observed_on": "2024-09-01"}


def test_certainty_is_that_of_the_least_certain_fact(rulebook: Rulebook) -> None:
    facts = {"stage": seen("开工", "GG"), "district": seen("320412", "DISTRICT")}

    assert certainty(rulebook, facts, "stage") == 1.0
    assert certainty(rulebook, facts, "stage", "district") == 0.7


def test_a_derived_fact_is_as_certain_as_the_least_certain_input(rulebook: Rulebook) -> None:
    facts = {"enterprise_size": seen("small", "SELF")}

    assert certainty(rulebook, facts, "is_sme") == 0.6


def test_what_the_file_says_without_a_source_has_no_certainty(rulebook: Rulebook) -> None:
    assert certainty(rulebook, {"stage": "开工"}, "stage") is None
    assert certainty(rulebook, {"stage": "开工", "district": seen("320412", "DISTRICT")}, "stage", "district") == 0.7
    assert certainty(rulebook, {}, "stage") is None
