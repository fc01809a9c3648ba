"""What happens with a result: every cell of the table of domain specification §5.6, at its limits and beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Verified
from policy_match.ranking.push import Fate, Why
from policy_match.ranking.relevance import Relevance
from policy_match.ranking.score import Score
from policy_match.ranking.triage import Result, is_worth_a_look, triage, why_text
from policy_match.ranking.weights import Ranking

SEEN = Verified.model_construct(conditions="page", benefit="page", by="示范核验员", on="2025-01-02")
WAN = 10**6


def rule_of(rulebook: Rulebook, mode: str = "apply") -> Rule:
    measure = rulebook.rules[0].measure.model_copy(update={"verified": SEEN, "status": "active", "mode": mode})
    return replace(rulebook.rules[0], measure=measure)


def score_of(relevance: float | None, certainty: float = 1.0) -> Score:
    return Score(0.5, {}, None if relevance is None else Relevance(relevance, {}), {"certainty": certainty})


def amount(low: int, high: int | None, *, verified: bool = True) -> Amount:
    return Amount("cash", low, high, "", verified, "exact", "once")


OPEN, HUMAN, MISS, NO = Verdict.UNKNOWN, Verdict.NEEDS_HUMAN, Verdict.INELIGIBLE, Verdict.NOT_IN_FORCE


@pytest.mark.parametrize(
    ("result", "far", "middle", "near", "unknown"),
    [
        (Result(Verdict.ELIGIBLE), Fate.LISTED, Fate.REVIEWED, Fate.PUSHED, Fate.REVIEWED),
        (Result(OPEN, missing=1), Fate.DROPPED, Fate.REVIEWED, Fate.REVIEWED, Fate.REVIEWED),
        (Result(OPEN, missing=3), Fate.DROPPED, Fate.REVIEWED, Fate.REVIEWED, Fate.REVIEWED),
        (Result(OPEN, missing=4), Fate.DROPPED, Fate.LISTED, Fate.LISTED, Fate.LISTED),
        (Result(OPEN, missing=None), Fate.DROPPED, Fate.LISTED, Fate.LISTED, Fate.LISTED),
        (Result(HUMAN), Fate.DROPPED, Fate.REVIEWED, Fate.REVIEWED, Fate.REVIEWED),
        (Result(MISS, near=True), Fate.DROPPED, Fate.LISTED, Fate.ADVISED, Fate.LISTED),
        (Result(MISS), Fate.DROPPED, Fate.DROPPED, Fate.DROPPED, Fate.DROPPED),
        (Result(NO), Fate.DROPPED, Fate.DROPPED, Fate.DROPPED, Fate.DROPPED),
    ],
)
def test_the_table(
    result: Result, far: Fate, middle: Fate, near: Fate, unknown: Fate, rulebook: Rulebook, ranking: Ranking
) -> None:
    rule = rule_of(rulebook)
    told = [triage(rule, score_of(r), result, ranking).fate for r in (0.3499, 0.35, 0.5999, 0.60, None)]

    assert told == [far, middle, middle, near, unknown]


@pytest.mark.parametrize("relevance", [0.1, 0.5, 0.9, None])
def test_what_is_paid_without_application_becomes_a_case_whatever_its_relevance(
    relevance: float | None, rulebook: Rulebook, ranking: Ranking
) -> None:
    large = Result(Verdict.ELIGIBLE, amount=amount(900 * WAN, 900 * WAN), disputed=True, changed=True)

    assert triage(rule_of(rulebook, "msjx"), score_of(relevance), large, ranking).fate is Fate.CASE


@pytest.mark.parametrize(
    ("certainty", "more", "whys"),
    [
        (0.80, {}, ()),
        (0.7999, {}, (Why.WEAK_FACTS,)),
        (1.0, {"amount": amount(500 * WAN - 1, 500 * WAN - 1)}, ()),
        (1.0, {"amount": amount(500 * WAN, 500 * WAN)}, (Why.LARGE,)),
        (1.0, {"amount": amount(0, 500 * WAN)}, (Why.LARGE,)),
        (1.0, {"amount": amount(1, None)}, (Why.AMOUNT_OPEN,)),
        (1.0, {"amount": amount(500 * WAN, None)}, (Why.LARGE, Why.AMOUNT_OPEN)),
        (1.0, {"amount": amount(1, 1, verified=False)}, (Why.UNVERIFIED,)),
        (1.0, {"disputed": True}, (Why.DISPUTED,)),
        (1.0, {"changed": True}, (Why.CHANGED,)),
        (0.5, {"disputed": True, "changed": True}, (Why.WEAK_FACTS, Why.DISPUTED, Why.CHANGED)),
    ],
)
def test_what_holds_a_proved_match_back(
    certainty: float, more: dict[str, object], whys: tuple[Why, ...], rulebook: Rulebook, ranking: Ranking
) -> None:
    result = replace(Result(Verdict.ELIGIBLE), **more)  # type: ignore[arg-type]
    told = triage(rule_of(rulebook), score_of(0.9, certainty), result, ranking)

    assert told.whys == whys
    assert told.fate is (Fate.REVIEWED if whys else Fate.PUSHED)
    assert triage(rule_of(rulebook), score_of(0.2, certainty), result, ranking).fate is Fate.LISTED


def test_what_is_not_worth_a_look_never_comes_before_people(rulebook: Rulebook, ranking: Ranking) -> None:
    rule, queued = rule_of(rulebook), {Fate.REVIEWED, Fate.ADVISED}
    seen = set()
    for verdict in Verdict:
        for r in (0.0, 0.3499, 0.35, 0.5999, 0.60, 1.0, None):
            score = score_of(r, 0.5)
            told = triage(rule, score, Result(verdict, near=True, missing=1), ranking)
            worth = is_worth_a_look(verdict, score.relevance, ranking)
            assert worth or told.fate not in queued
            seen.add(worth)
    assert seen == {True, False}


def test_every_reason_has_words(ranking: Ranking) -> None:
    texts = [why_text(why, ranking) for why in Why]

    assert len(set(texts)) == len(texts) and all(texts)
    assert "500万元" in why_text(Why.LARGE, ranking)
