"""The hand-made verdict cases: every one right through the same workflow that serves `match` and `facts`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import subject_from_json
from policy_match.workflows.list_facts import facts_data
from policy_match.workflows.match import Matching

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "verdict_cases_dev.jsonl").read_text("utf-8").splitlines()
]
DERIVED = ("enterprise_size", "is_sme")
AS_SCORED = {"not_in_force": "ineligible", "needs_human": "unknown"}
AS_VERDICT = {None: "unknown", True: "eligible", False: "ineligible"}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_every_hand_made_case_comes_out_as_its_author_says(case: dict, rulebook: Rulebook) -> None:
    as_of = date.fromisoformat(case["as_of"])
    subject = subject_from_json({"id": case["id"], "facts": case["facts"]}, rulebook.vocabulary)

    if case["measure"] in DERIVED:
        derived = facts_data(subject, rulebook.vocabulary, as_of)["derived"][case["measure"]]
        found = AS_VERDICT.get(derived, derived)
    else:
        (match,) = Matching(rulebook, [subject], as_of).lines([case["measure"]])
        found = AS_SCORED.get(match.verdict, match.verdict.value)

    assert found == case["expected"], case["reason"]


def test_an_empty_profile_is_eligible_for_nothing_on_any_day(rulebook: Rulebook) -> None:
    subject = subject_from_json({"id": "空", "facts": {}}, rulebook.vocabulary)

    for day in (date(2021, 9, 1), date(2023, 7, 1), date(2025, 6, 15), date(2026, 11, 25)):
        verdicts = {line.verdict.value for line in Matching(rulebook, [subject], day).lines(rulebook.ids)}
        assert "eligible" not in verdicts
