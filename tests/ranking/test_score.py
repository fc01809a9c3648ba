"""Priority as a sum of named parts: the tables at their limits, and laws that hold for all weights."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import read_subjects, subject_from_json
from policy_match.ranking.limits import Atoms
from policy_match.ranking.order import group_of
from policy_match.ranking.relevance import Relating
from policy_match.ranking.score import Score, score_of, urgency_of, value_of
from policy_match.ranking.scoring import Ordering, Scoring
from policy_match.ranking.weights import PRIORITY, RELEVANCE, Learned, Ranking
from policy_match.workflows.match import Match, Matching

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2024, 9, 1)
WAN = 10**6
SHARES = st.floats(0, 1, allow_nan=False)
PARTS = ("value", "urgency", "certainty", *RELEVANCE)


def amount(high: int | None, kind: str = "cash", low: int = 0) -> Amount:
    return Amount(kind, low, high, "", verified=True, promise="exact", per="once")


@pytest.mark.parametrize(
    ("given_amount", "worth"),
    [
        (None, 0.3),
        (amount(0), 0.0),
        (amount(9 * WAN), 0.25),
        (amount(99 * WAN), 0.5),
        (amount(999 * WAN), 0.75),
        (amount(9999 * WAN), 1.0),
        (amount(10**14), 1.0),
        (amount(99 * WAN, "tax"), 0.5),
        (amount(99 * WAN, "deduction"), 0.5),
        (amount(99 * WAN, "facility"), 0.3),
        (amount(None, low=99 * WAN), 0.5),
    ],
)
def test_value_grows_with_the_logarithm_and_a_loan_is_no_money(
    given_amount: Amount | None, worth: float, ranking: Ranking
) -> None:
    assert value_of(given_amount, ranking.value) == pytest.approx(worth)


@pytest.mark.parametrize(
    ("days", "worth"),
    [(0, 1.0), (7, 1.0), (8, 0.7), (30, 0.7), (31, 0.4), (90, 0.4), (91, 0.1), (9999, 0.1), (-1, 0.1)],
)
def test_urgency_goes_by_the_days_to_the_last_day(days: int, worth: float, ranking: Ranking) -> None:
    assert urgency_of((DAY, DAY + timedelta(days)), DAY, ranking.urgency) == worth


def test_a_window_that_nobody_saw_has_no_urgency(ranking: Ranking) -> None:
    assert urgency_of(None, DAY, ranking.urgency) is None


@st.composite
def weighted(draw: st.DrawFn, names: tuple[str, ...]) -> dict[str, float]:
    """Weights that add up to 1, some of them 0."""
    drawn = [draw(st.integers(0, 10)) for _ in names]
    total = sum(drawn)
    return {n: (w / total if total else 1 / len(names)) for n, w in zip(names, drawn, strict=True)}


@st.composite
def rankings(draw: st.DrawFn, base: Ranking) -> Ranking:
    return replace(base, relevance=draw(weighted(RELEVANCE)), priority=draw(weighted(PRIORITY)))


def scored(ranking: Ranking, atoms: Atoms, parts: dict[str, float]) -> Score:
    related = {name: part for name, part in parts.items() if name in RELEVANCE}
    relevance = Relating(ranking, atoms).relevance(related)
    rest = {name: parts.get(name) for name in ("urgency", "certainty")}
    return score_of(ranking, value=parts["value"], related=related, relevance=relevance, **rest)


SOME_PARTS = st.fixed_dictionaries({"value": SHARES}, optional={name: SHARES for name in PARTS if name != "value"})


@given(data=st.data())
def test_a_score_is_the_sum_of_its_parts_and_lies_between_0_and_1(
    data: st.DataObject, ranking: Ranking, atoms: Atoms
) -> None:
    parts = data.draw(SOME_PARTS)
    score = scored(data.draw(rankings(ranking)), atoms, parts)

    assert score.total == round(sum(score.parts.values()), 4)
    assert 0 <= score.total <= 1.0005
    assert set(score.parts) <= set(parts)
    if score.relevance is not None:
        assert score.relevance.total == round(sum(score.relevance.parts.values()), 4)
        assert 0 <= score.relevance.total <= 1.0005


@given(data=st.data(), name=st.sampled_from(["urgency", "certainty"]))
def test_an_unknown_part_leaves_the_mean_of_the_others_and_never_counts_as_0(
    data: st.DataObject, name: str, ranking: Ranking, atoms: Atoms
) -> None:
    parts = {n: p for n, p in data.draw(SOME_PARTS).items() if n != name}

    without = scored(ranking, atoms, parts)

    assert name not in without.parts
    assert scored(ranking, atoms, parts | {name: min(1.0, without.total)}).total == pytest.approx(
        without.total, abs=2e-3
    )
    if without.total > 0.01:
        assert scored(ranking, atoms, parts | {name: 0.0}).total < without.total


@given(data=st.data(), name=st.sampled_from(RELEVANCE))
def test_an_unknown_part_of_relevance_leaves_the_mean_of_the_others(
    data: st.DataObject, name: str, ranking: Ranking, atoms: Atoms
) -> None:
    parts = data.draw(st.dictionaries(st.sampled_from(RELEVANCE), SHARES))
    parts.pop(name, None)
    relating = Relating(ranking, atoms)

    without = relating.relevance(parts)

    if without is not None:
        filled = relating.relevance(parts | {name: min(1.0, without.total)})
        assert filled is not None
        assert filled.total == pytest.approx(without.total, abs=2e-3)
        assert name not in without.parts


@pytest.fixture(scope="module")
def matched(rulebook: Rulebook, ranking: Ranking) -> tuple[Matching, list[Match]]:
    """One demonstration firm with all its matches."""
    subjects = read_subjects(ROOT / "corpus" / "demo" / "subjects.jsonl", rulebook.vocabulary).subjects[:1]
    matching = Matching(rulebook, subjects, DAY, Ordering(ranking))
    return matching, list(matching.of(0))


@pytest.mark.parametrize(
    ("verdict", "near", "place"),
    [
        (Verdict.ELIGIBLE, False, 0),
        (Verdict.UNKNOWN, False, 1),
        (Verdict.NEEDS_HUMAN, False, 1),
        (Verdict.INELIGIBLE, True, 2),
        (Verdict.INELIGIBLE, False, 3),
        (Verdict.NOT_IN_FORCE, True, 3),
    ],
)
def test_proved_stands_before_open_before_near_before_the_rest(verdict: Verdict, near: bool, place: int) -> None:
    assert group_of(verdict, near=near) == place


def groups(matches: list[Match]) -> list[int]:
    return [group_of(match.verdict, near=match.near is not None) for match in matches]


@given(data=st.data())
def test_no_weights_and_no_re_ranker_put_a_verdict_before_a_better_one(
    data: st.DataObject, matched: tuple[Matching, list[Match]], ranking: Ranking
) -> None:
    matching, matches = matched
    weights = data.draw(st.dictionaries(st.sampled_from(PARTS), st.floats(-50, 50)))
    learned = data.draw(st.sampled_from([None, Learned(dict.fromkeys(weights, 0.5), weights, 999, 0.1, 0.9)]))
    drawn = replace(data.draw(rankings(ranking)), reranker=learned)
    scoring = Scoring(Ordering(drawn), matching.table, matching.subjects)
    other = Matching(matching.rulebook, matching.subjects, DAY, Ordering(drawn))
    rescored = [replace(m, score=scoring.score(m.rule, 0, m.amount, (), DAY)) for m in matches]

    ordered = other.in_order(rescored)

    assert groups(ordered) == sorted(groups(ordered))
    assert len(set(groups(ordered))) == 4


@given(data=st.data())
def test_the_order_given_does_not_matter(data: st.DataObject, matched: tuple[Matching, list[Match]]) -> None:
    matching, matches = matched
    shuffled = data.draw(st.permutations(matches))

    assert [m.rule.id for m in matching.in_order(shuffled)] == [m.rule.id for m in matching.in_order(matches)]


def test_equal_scores_stand_by_id(matched: tuple[Matching, list[Match]]) -> None:
    matching, matches = matched
    level = [replace(match, score=Score(0.5, {})) for match in reversed(matches)]

    ordered = matching.in_order(level)

    for group in range(4):
        ids = [m.rule.id for m, g in zip(ordered, groups(ordered), strict=True) if g == group]
        assert ids == sorted(ids)


def test_without_an_ordering_nothing_is_scored(rulebook: Rulebook, matched: tuple[Matching, list[Match]]) -> None:
    plain = list(Matching(rulebook, matched[0].subjects, DAY).of(0))

    assert {match.score.total for match in plain} == {0.0}
    assert any(match.score.total for match in matched[1])


def test_texts_count_where_a_likeness_is_given(rulebook: Rulebook, ranking: Ranking) -> None:
    given_facts = {"id": "P", "kind": "project", "facts": {"content": "锂电池隔膜涂覆生产线和配套设施"}}
    subject = subject_from_json(given_facts, rulebook.vocabulary)  # type: ignore[arg-type]
    near, far = rulebook.ids[:2]
    ordering = Ordering(ranking, lambda _: {near: 0.5, far: 0.0})

    matches = {m.rule.id: m.score for m in Matching(rulebook, [subject], DAY, ordering).lines([near, far])}

    assert (matches[near].values["text"], matches[far].values["text"]) == (1.0, 0.0)
    assert matches[near].relevance is not None
