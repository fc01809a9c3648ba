"""Orders compared on judged matches, training with too few labels, and a re-ranker used only for a gain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import log2

import pytest

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.ranking.bm25 import Bm25
from policy_match.ranking.compare import Judged, compare
from policy_match.ranking.labels import is_held_out
from policy_match.ranking.metrics import ndcg, precision, recall
from policy_match.ranking.push import Fate, fate_of
from policy_match.ranking.relevance import Relevance
from policy_match.ranking.rerank import Lesson, fit
from policy_match.ranking.score import Score
from policy_match.ranking.weights import Ranking, Training

TRAINING = Training(fewest_labels=200, held_out=0.4, least_gain=0.02)
IsGood = Callable[[float, float], bool]


@pytest.mark.parametrize(
    ("judged", "at_2", "recalled", "gain"),
    [
        ([True, False, True], 0.5, 0.5, 1 / (1 + 1 / log2(3))),
        ([True, True, False], 1.0, 1.0, 1.0),
        ([False, False, True], 0.0, 0.0, 0.0),
        ([True], 1.0, 1.0, 1.0),
        ([False], 0.0, None, None),
        ([], None, None, None),
    ],
)
def test_the_figures_of_one_list(
    judged: Sequence[bool], at_2: float | None, recalled: float | None, gain: float | None
) -> None:
    assert precision(judged, 2) == at_2
    assert recall(judged, 2) == recalled
    assert ndcg(judged, 2) == (None if gain is None else pytest.approx(gain))


def judged(subjects: int, is_good: IsGood, group: int = 0) -> list[Judged]:
    """Invented labels: every subject with 10 measures, whose value and text differ; P follows the value alone."""
    found = []
    for subject in range(subjects):
        for place in range(10):
            measure = f"measure_{subject}_{place}"
            value, text = (place * 7 % 10) / 10, (place * 3 + subject) % 10 / 10
            score = Score(value, {"value": value}, Relevance(text, {"text": text}), {"value": value, "text": text})
            confirmed = is_good(value, text)
            found.append(Judged(f"S{subject}", measure, group, score, text, confirmed, is_held_out(measure, 0.4)))
    return found


def by_text(value: float, text: float) -> bool:
    return text >= 0.5


def by_value(value: float, text: float) -> bool:
    return value >= 0.5


@pytest.mark.parametrize(("count", "is_trained"), [(19, False), (20, True)])
def test_nothing_is_trained_below_the_fewest_labels(count: int, is_trained: bool) -> None:
    found = compare(judged(count, by_text), TRAINING)

    assert (found.learning.fitted is not None) is is_trained
    assert ("reranker" in found.orders) is is_trained
    if not is_trained:
        assert "没有训练：可用的标注 190 条，至少要 200 条" in found.learning.why


def test_a_re_ranker_that_gains_on_measures_held_out_may_be_used() -> None:
    found = compare(judged(40, by_text), TRAINING)

    assert found.learning.is_better
    assert found.learning.after is not None
    assert found.learning.before is not None
    assert found.learning.after - found.learning.before >= 0.02
    assert found.learning.why.startswith("可以采用")


def test_a_re_ranker_without_a_gain_is_not_used() -> None:
    found = compare(judged(40, by_value), TRAINING)

    assert found.learning.fitted is not None
    assert not found.learning.is_better
    assert found.learning.why.startswith("不采用")


def test_labels_of_one_answer_train_nothing() -> None:
    found = compare(judged(40, lambda value, text: True), TRAINING)

    assert found.learning.fitted is None
    assert "只有一种答复" in found.learning.why


def test_training_never_sees_a_measure_held_out() -> None:
    lessons = judged(40, by_text)
    turned = [replace(one, confirmed=not one.confirmed) if one.held_out else one for one in lessons]

    one, other = compare(lessons, TRAINING).learning.fitted, compare(turned, TRAINING).learning.fitted

    assert one == other
    assert one is not None


def test_every_order_stays_inside_the_verdicts() -> None:
    proved = [replace(one, group=0, confirmed=True, held_out=True) for one in judged(3, by_text)]
    open_ = [
        replace(one, measure=f"x{one.measure}", group=1, confirmed=False, held_out=True) for one in judged(3, by_text)
    ]

    found = compare(proved + open_, TRAINING)

    assert {name: order.ndcg_10 for name, order in found.orders.items()} == dict.fromkeys(found.orders, 1.0)


def test_an_order_that_knows_nothing_of_a_match_puts_it_last_in_its_verdict() -> None:
    known, unknown = (replace(one, held_out=True) for one in judged(1, by_text)[:2])
    unknown = replace(unknown, measure="a", bm25=None, confirmed=False)
    known = replace(known, measure="b", bm25=0.0, confirmed=True)

    assert compare([unknown, known], TRAINING).orders["bm25"].ndcg_10 == 1.0


def test_the_order_of_the_labels_does_not_matter() -> None:
    labels = judged(25, by_text)

    assert compare(labels, TRAINING).orders == compare(labels[::-1], TRAINING).orders


def test_a_part_that_is_not_known_counts_as_the_mean_and_not_as_0() -> None:
    lessons = [Lesson({"value": 0.9}, 0, True), Lesson({"value": 0.5}, 0, False), Lesson({}, 0, True)] * 10

    fitted = fit(lessons)

    assert fitted is not None
    assert fitted.means["value"] == 0.7
    assert fitted.weights["value"] > 0


def test_a_part_without_differences_is_not_learned() -> None:
    assert fit([Lesson({"value": 0.5}, 0, True), Lesson({"value": 0.5}, 0, False)]) is None


def test_bm25_finds_the_text_that_shares_rare_words() -> None:
    found = Bm25({"a": "设备投资补助", "b": "人才住房补助", "c": ""})

    assert found.score("买设备", "a") > found.score("买设备", "b") == 0.0
    assert found.score("补助", "a") == found.score("补助", "b")
    assert found.score("买设备", "c") == 0.0


@pytest.mark.parametrize(
    ("relevance", "certainty", "change", "fate"),
    [
        (0.60, 0.80, {}, Fate.PUSHED),
        (0.5999, 0.80, {}, Fate.REVIEWED),
        (0.60, 0.7999, {}, Fate.REVIEWED),
        (0.35, 1.0, {}, Fate.REVIEWED),
        (0.3499, 1.0, {}, Fate.LISTED),
        (None, 1.0, {}, Fate.REVIEWED),
        (1.0, None, {}, Fate.REVIEWED),
        (1.0, 1.0, {"status": "suspended"}, Fate.REVIEWED),
        (1.0, 1.0, {"conditions": "copy"}, Fate.REVIEWED),
        (1.0, 1.0, {"benefit": "unseen"}, Fate.REVIEWED),
        (0.1, 0.1, {"mode": "msjx"}, Fate.CASE),
    ],
)
def test_what_would_be_pushed(
    relevance: float | None,
    certainty: float | None,
    change: dict[str, str],
    fate: Fate,
    rulebook: Rulebook,
    ranking: Ranking,
) -> None:
    near = None if relevance is None else Relevance(relevance, {})
    score = Score(0.5, {}, near, {} if certainty is None else {"certainty": certainty})

    assert fate_of(rule_with(rulebook.rules[0], change), score, ranking.push) is fate


def rule_with(rule: Rule, change: dict[str, str]) -> Rule:
    """A rule that was seen on an official page, is active and applied for, but for the change."""
    wanted = {"conditions": "page", "benefit": "page", "status": "active", "mode": "apply"} | change
    verified = rule.measure.verified.model_copy(update={name: wanted.pop(name) for name in ("conditions", "benefit")})
    return replace(rule, measure=rule.measure.model_copy(update={**wanted, "verified": verified}))
