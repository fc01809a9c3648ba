"""Which measures a subject is matched with, whose benefit it is, and that the same input gives the same lines."""

from __future__ import annotations

from datetime import date

import pytest

from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.subjects import joined
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.show_match import TABLE_HEADER, match_data, table_row
from policy_match.workflows.show_measure import to_check
from policy_match.workflows.show_project import marking_of

DAY = date(2026, 11, 24)


def lines(rulebook: Rulebook, ids: list[str] | None = None, **subject: object) -> list[Match]:
    given = {"id": "甲", "facts": {}} | subject
    return list(Matching(rulebook, [subject_from_json(given, rulebook.vocabulary)], DAY).lines(ids))  # type: ignore[arg-type]


def ids_of(rulebook: Rulebook, kind: str) -> set[str]:
    return {match.rule.id for match in lines(rulebook, kind=kind)}


def test_a_person_is_matched_with_measures_for_persons_only(rulebook: Rulebook) -> None:
    targets = {rulebook.at(measure, DAY).measure.target for measure in ids_of(rulebook, "person")}

    assert targets == {"person"}


def test_a_project_is_matched_with_all_others(rulebook: Rulebook) -> None:
    persons = {i for i in rulebook.ids if rulebook.at(i, DAY).measure.target == "person"}

    assert ids_of(rulebook, "project") == set(rulebook.ids) - persons


def test_an_enterprise_is_not_asked_for_facts_of_a_project(rulebook: Rulebook) -> None:
    found = ids_of(rulebook, "enterprise")

    assert "hightech_enterprise" in found
    assert "cz_joint_acceptance" not in found
    assert "js_mfg_loan_discount" not in found


def test_a_measure_asked_for_by_id_is_matched_with_every_subject(rulebook: Rulebook) -> None:
    (match,) = lines(rulebook, ["cz_joint_acceptance"], kind="enterprise")

    assert match.verdict == "unknown"


@pytest.mark.parametrize(
    ("measure", "beneficiary"), [("small_low_profit", "enterprise:E1"), ("cz_joint_acceptance", "project:P1")]
)
def test_two_projects_of_one_firm_share_an_enterprise_award(measure: str, beneficiary: str, rulebook: Rulebook) -> None:
    words = rulebook.vocabulary
    firm = subject_from_json({"id": "E1", "kind": "enterprise", "facts": {"entity_type": "企业法人"}}, words)
    projects = [
        subject_from_json({"id": f"P{n}", "enterprise": "E1", "facts": {"stage": "开工"}}, words) for n in (1, 2)
    ]

    matches = list(Matching(rulebook, joined([firm, *projects], words), DAY).lines([measure]))

    assert matches[1].beneficiary == beneficiary
    assert (matches[1].beneficiary == matches[2].beneficiary) == beneficiary.startswith("enterprise")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"entity_type": "企业法人", "industry_code": "C3562"}, {"industrial": "非必需", "revenue": "不满足"}),
        ({"entity_type": "企业法人", "industry_code": "I65"}, {"industrial": "不满足", "sections": "不满足"}),
        ({"entity_type": "企业法人"}, {"industrial": "不满足", "sections": "未知"}),
        ({"entity_type": "工业法人", "industry_code": "I65"}, {"legal_person": "非必需", "sections": "非必需"}),
    ],
)
def test_one_of_several_ways_stands_in_nobodys_way_once_another_is_met(
    facts: dict[str, str], words: dict[str, str], rulebook: Rulebook
) -> None:
    given = {"id": "甲", "kind": "enterprise", "facts": {**facts, "main_revenue": "1000万元"}}
    matching = Matching(rulebook, [subject_from_json(given, rulebook.vocabulary)], DAY)  # type: ignore[arg-type]
    (match,) = matching.of(0, ["above_scale_industry"], all_reasons=True)

    marks = {reason.condition: marking_of(match).mark(reason)[1] for reason in match.reasons}

    assert marks.items() >= words.items()


@pytest.mark.parametrize(
    ("title", "told", "low"), [("省级工业设计中心", "金额待核实", None), ("国家级工业设计中心", "100万元", 10**8)]
)
def test_an_amount_nobody_has_seen_is_null_and_told_as_such(
    title: str, told: str, low: int | None, rulebook: Rulebook
) -> None:
    day = date(2021, 9, 15)
    facts = {"registered_region": "320412", "honours": [{"name": title, "granted_on": "2021-03-01"}]}
    subject = subject_from_json({"id": "甲", "kind": "enterprise", "facts": facts}, rulebook.vocabulary)  # type: ignore[dict-item]
    (match,) = Matching(rulebook, [subject], day).lines(["cz_design_centre_award_2021"])
    amount = match_data(match, day)["amount"]

    assert match.verdict == "eligible"
    assert (None if amount is None else amount["low_fen"]) == low  # type: ignore[index,call-overload]
    assert dict(zip(TABLE_HEADER, table_row(match), strict=True))["金额"] == told
    assert "金额待核实" in to_check(match.rule.measure)
