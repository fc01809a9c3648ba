"""A small re-ranker learned from reviewers' decisions: logistic regression on the parts of the scores.

It orders inside a verdict only: the verdict itself goes into the fit as a part of its own and is
then left out. A part that is not known counts as the mean of those that are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DIGITS = 4


@dataclass(frozen=True, slots=True)
class Lesson:
    """One judged match: the parts of its score from 0 to 1, the place of its verdict, whether it was confirmed."""

    parts: Mapping[str, float]
    group: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Fitted:
    """Per part its mean and its weight, rounded as they would be written down."""

    means: Mapping[str, float]
    weights: Mapping[str, float]


def fit(lessons: Sequence[Lesson]) -> Fitted | None:
    """Learn; None where the lessons hold one answer only, or no part tells two of them apart."""
    from sklearn.linear_model import LogisticRegression  # late: the import takes seconds, and only this function learns

    answers = np.array([lesson.confirmed for lesson in lessons], dtype=bool)
    names = _telling(lessons)
    if not names or answers.all() or not answers.any():
        return None
    means = {name: _mean(lessons, name) for name in names}
    groups = sorted({lesson.group for lesson in lessons})
    rows = [
        [*(lesson.parts.get(name, means[name]) - means[name] for name in names), *(lesson.group == g for g in groups)]
        for lesson in lessons
    ]
    table: NDArray[np.float64] = np.array(rows, dtype=np.float64)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(table, answers)
    weights = {name: round(float(weight), DIGITS) for name, weight in zip(names, model.coef_[0], strict=False)}
    return Fitted({name: round(mean, DIGITS) for name, mean in means.items()}, weights)


def _telling(lessons: Sequence[Lesson]) -> list[str]:
    """The parts that have two values at least."""
    values: dict[str, set[float]] = {}
    for lesson in lessons:
        for name, value in lesson.parts.items():
            values.setdefault(name, set()).add(value)
    return sorted(name for name, found in values.items() if len(found) > 1)


def _mean(lessons: Sequence[Lesson], name: str) -> float:
    known = [lesson.parts[name] for lesson in lessons if name in lesson.parts]
    return sum(known) / len(known)
