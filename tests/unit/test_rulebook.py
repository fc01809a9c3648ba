"""Which versions decide: drafts never do, suspended ones never surely."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.errors import NotFound
from policy_match.exchange.subjects import subject_from_json
from policy_match.workflows.match import Matching

DAY = date(2025, 6, 15)
FACTS = {"entity_type": "工业法人", "main_revenue": "3000万元"}


def with_status(rulebook: Rulebook, status: str) -> Rulebook:
    rule = rulebook.at("above_scale_industry", DAY)
    changed = replace(rule, measure=rule.measure.model_copy(update={"status": status}))
    others = tuple(other for other in rulebook.rules if other.id != rule.id)
    return replace(rulebook, rules=(*others, changed))


def verdict(rulebook: Rulebook) -> str:
    subject = subject_from_json({"id": "甲", "facts": FACTS}, rulebook.vocabulary)
    (match,) = Matching(rulebook, [subject], DAY).lines(["above_scale_industry"])
    return match.verdict.value


def test_an_active_version_decides(rulebook: Rulebook) -> None:
    assert verdict(with_status(rulebook, "active")) == "eligible"


def test_a_suspended_version_is_never_surely_in_force(rulebook: Rulebook) -> None:
    suspended = with_status(rulebook, "suspended")

    assert verdict(suspended) == "unknown"
    assert suspended.at("above_scale_industry", DAY).in_force(DAY) is None
    assert suspended.at("above_scale_industry", DAY).in_force(date(1990, 1, 1)) is False


def test_a_draft_decides_nothing(rulebook: Rulebook) -> None:
    draft = with_status(rulebook, "draft")

    assert "above_scale_industry" not in draft.ids
    with pytest.raises(NotFound, match="above_scale_industry"):
        draft.versions("above_scale_industry")


def test_a_definition_used_by_another_keeps_the_article_of_the_clause(rulebook: Rulebook) -> None:
    rule: Rule = rulebook.at("specialised_sme", DAY)

    assert rule.conditions["not_excluded.blacklisted"].article == rule.conditions["quality_sme.is_sme"].article
    assert rule.conditions["not_excluded.blacklisted"].article is not None


def test_a_list_on_a_public_page_proves_what_it_names_and_nothing_else(rulebook: Rulebook) -> None:
    seen = {"value": ["人工智能"], "source": "PUBLIC"}
    given = ["人工智能"]

    def truth(track: object, measure: str) -> tuple[str, str | None]:
        subject = subject_from_json({"id": "甲", "facts": {"track": track, "district": "320412"}}, rulebook.vocabulary)
        day = date(2026, 11, 24)
        (match,) = Matching(rulebook, [subject], day).lines([measure], all_reasons=True)
        reason = next(reason for reason in match.reasons if reason.fact == "track")
        return reason.truth.value, reason.cause

    assert truth(seen, "cz_future_industry_funds") == ("true", None)
    assert truth(["氢能"], "cz_future_industry_funds") == ("false", None)
    assert truth(given, "cz_future_industry_funds") == ("true", None)
    assert truth({"value": ["氢能"], "source": "PUBLIC"}, "cz_future_industry_funds") == ("unknown", "weak_source")
