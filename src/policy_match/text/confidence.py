"""How sure an answer is: a logistic curve over a few numbers of the answer, fitted on questions that people graded.

Below CONFIDENT_FROM the caller shows topics to choose from instead of an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

CONFIDENT_FROM = 0.85
# With fewer graded questions than this nothing can be calibrated, and nothing is confident.
_FEWEST = 40


@dataclass(frozen=True, slots=True)
class Signs:
    """`best`: score of the first topic. `lead`: how far it is before the second. `text`, `topic`: parts of the first result."""

    best: float
    lead: float
    text: float
    topic: float


class Confidence:
    """Fitted once. `signs` and whether the first result was right, of the same questions."""

    def __init__(self, signs: Sequence[Signs], right: Sequence[bool]) -> None:
        from sklearn.linear_model import LogisticRegression  # late, as in vectors.py

        self._curve: LogisticRegression | None = None
        if len(signs) >= _FEWEST and len(set(right)) == 2:
            self._curve = LogisticRegression(C=10.0).fit(np.array([astuple(one) for one in signs]), np.array(right))

    def of(self, signs: Signs) -> float:
        """Probability that the first result is right; 0 where nothing could be calibrated."""
        return 0.0 if self._curve is None else float(self._curve.predict_proba([astuple(signs)])[0, 1])
