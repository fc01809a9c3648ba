"""Which topics a question means, learned from the lexicon; what it would have said of a question without having learned it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from policy_match.text.ridge import Scores, fit

# Chosen on the graded questions of the corpus; nothing between 1 and 5 is worse by more than a hundredth.
RIDGE = 3.0


@dataclass(frozen=True, slots=True)
class TopicModel:
    """`weights`: (terms, topics), in single precision: the order of topics does not hang on more."""

    topics: tuple[str, ...]
    weights: NDArray[np.float32]

    def scores(self, row: csr_matrix) -> Scores:
        """Score of each topic for one text, (topics,), about 0 to 1."""
        # A row of double precision would make a copy of all weights.
        scores: Scores = np.asarray(row.astype(np.float32) @ self.weights, dtype=np.float64)[0]
        return scores


def learn(rows: csr_matrix, grades: Sequence[Mapping[str, int]], trust: Scores, last: int) -> tuple[TopicModel, Scores]:
    """The model of questions and what it would have said of the `last` ones, each left out alone: (last, topics).

    `rows`: vectors of the questions, (n, terms). `grades`: topic → 1 or 2 of each. `trust`: how much each counts, above 0.
    """
    topics = tuple(sorted({topic for grade in grades for topic in grade}))
    wanted = np.array([[grade.get(topic, 0) / 2 for topic in topics] for grade in grades])
    dual, left_out = fit(rows, wanted, RIDGE / trust, [[row] for row in range(len(grades) - last, len(grades))])
    weights = np.asarray(rows.T @ dual, dtype=np.float32)
    return TopicModel(topics, weights), np.vstack([np.empty((0, len(topics))), *left_out])
