"""Industry classes of GB/T 4754-2017 proposed from what a project says of itself: a suggestion for a person, never a fact.

Learned from the names and product words of the classes, from made-up projects and from real ones whose class we read. A class that
is missed still counts in part if the group or the division is right, so that doubt between neighbours does not change the division.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from policy_match.text.project_text import ProjectText
from policy_match.text.ridge import Scores, fit
from policy_match.text.tokens import Segmenter
from policy_match.text.vectors import Vectors

RIDGE = 0.3
MOST = 3
CONFIDENT_FROM = 0.9
_GROUP, _DIVISION = 0.5, 1.0
_SHOWN_WORDS = 4


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the class it belongs to, with its letter (C3841). `holder`: whose project; examples of one are held apart together."""

    text: ProjectText
    code: str
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One class. `confidence`: how often such a class is the right one. `words`: of the text, those that speak for it."""

    code: str
    confidence: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """At most three classes, the likeliest first. `confident`: the first is of the right division and the class among them."""

    industry: tuple[Candidate, ...]
    confidence: float

    @property
    def confident(self) -> bool:
        """Whether a person may be shown this as our suggestion rather than as a guess."""
        return self.confidence >= CONFIDENT_FROM


class IndustryModel:
    """`names`: class code → its name. `words`: code of a class or group → product words."""

    def __init__(
        self,
        names: Mapping[str, str],
        words: Mapping[str, Sequence[str]],
        made_up: Sequence[Example],
        real: Sequence[Example],
        segmenter: Segmenter,
    ) -> None:
        self.codes = tuple(sorted(names))
        profiles = [" ".join([names[code]] * 2 + list(_words_of(code, words))) for code in self.codes]
        texts = [*profiles, *(example.text.whole() for example in (*made_up, *real))]
        self._vectors = Vectors(texts, segmenter)
        self._terms = self._vectors.word_terms()
        rows = normalize(self._vectors.fitted)
        owners = [*self.codes, *(example.code for example in (*made_up, *real))]
        self._weights, left_out = fit(rows, _targets(owners, self.codes), np.full(len(owners), RIDGE), _held(real, len(owners)))
        self._calibrate(real, left_out)
