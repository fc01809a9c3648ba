"""Which topics a question means: one ridge regression of the grades on the text vector, learned from the lexicon.

What it would have said of a question without having learned it is known in closed form (leave one out): confidence is calibrated
on that, for the questions that people graded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

Scores = NDArray[np.float64]

# Chosen on the graded questions of the corpus; nothing between 1 and 5 is worse by more than a hundredth.
RIDGE = 3.0


@dataclass(frozen=True, slots=True)
class TopicModel:
    """`weights`: (terms, topics), in single precision: the order of topics does not hang on more."""

    topics: tuple[str, ...]
    weights: NDArray[np.float32]

    def scores(self, row: csr_matrix) -> Scores:
        """Score of each topic for one text, (topics,), about 0 to 1."""
        scores: Scores = np.asarray(row @ self.weights)[0]
        return scores


def learn(rows: csr_matrix, grades: Sequence[Mapping[str, int]], trust: Scores, last: int) -> tuple[TopicModel, Scores]:
    """The model of questions and what it would have said of the `last` ones, each left out alone: (last, topics).

    `rows`: vectors of the questions, (n, terms). `grades`: topic → 1 or 2 of each. `trust`: how much each counts, above 0.
    """
    topics = tuple(sorted({topic for grade in grades for topic in grade}))
    wanted = np.array([[grade.get(topic, 0) / 2 for topic in topics] for grade in grades])
    kernel = (rows @ rows.T).toarray()
    kernel[np.diag_indices_from(kernel)] += RIDGE / trust
    factor = cho_factor(kernel, overwrite_a=True)
    dual = cho_solve(factor, wanted)
    tail = np.arange(len(grades) - last, len(grades))
    units = np.zeros((len(grades), last))
    units[tail, np.arange(last)] = 1.0
    own = cho_solve(factor, units)[tail, np.arange(last)]
    return TopicModel(topics, np.asarray(rows.T @ dual, dtype=np.float32)), wanted[tail] - dual[tail] / own[:, None]
