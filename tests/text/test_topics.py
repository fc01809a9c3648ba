"""Topics learned from questions; leave-one-out in closed form against learning anew."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from policy_match.text.grading import is_right, ndcg, topic_order
from policy_match.text.topics import learn


def test_left_out_scores_equal_learning_without_the_question() -> None:
    dice = np.random.default_rng(7)
    rows = csr_matrix(dice.random((12, 6)))
    grades = [{"land": 2} if at % 3 else {"ip": 1, "land": 1} for at in range(12)]
    trust = dice.uniform(0.5, 2.0, 12)
    _, left_out = learn(rows, grades, trust, 4)
    for place, at in enumerate(range(8, 12)):
        others = [row for row in range(12) if row != at]
        model, _ = learn(rows[others], [grades[row] for row in others], trust[others], 1)
        assert model.topics == ("ip", "land")
        assert np.allclose(model.scores(rows[at]), left_out[place], atol=1e-6)


def test_a_question_without_known_words_means_nothing() -> None:
    model, _ = learn(csr_matrix(np.eye(3)), [{"land": 2}, {"ip": 2}, {"ip": 1}], np.ones(3), 1)
    assert not model.scores(csr_matrix((1, 3))).any()


def test_gain_counts_grade_and_place() -> None:
    assert ndcg(["land", "ip"], {"land": 2, "ip": 1}) == 1.0
    assert ndcg(["ip", "land"], {"land": 2, "ip": 1}) < 1.0
    assert ndcg(["x", "land"], {"land": 2}) == np.divide(1, np.log2(3))
    assert ndcg(["land"], {}) == 0.0
    assert ndcg(["x"] * 10 + ["land"], {"land": 2}) == 0.0


def test_the_first_result_is_right_with_any_relevant_topic() -> None:
    assert is_right(("x", "land"), {"land": 1})
    assert not is_right(("x",), {"land": 1})
    assert not is_right(("land",), {})
    assert topic_order([("a", "b"), ("b", "c"), ()]) == ["a", "b", "c"]
