"""Industry classes of GB/T 4754-2017 proposed from what a project says of itself: a suggestion for a person, never a fact.

Learned from the names and product words of the classes, from made-up projects and from real ones whose class we read. A class that
is missed still counts in part if the group or the division is right, so that doubt between neighbours does not cost the division.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from policy_match.text.project_text import ProjectText
from policy_match.text.ridge import Scores, fit
from policy_match.text.tokens import Segmenter
from policy_match.text.vectors import Vectors, unit

MOST = 3
CONFIDENT_FROM = 0.9
# Real projects count most. Chosen on the real projects, each left out with all of its holder.
_RIDGE, _REAL_RIDGE = 1.0, 0.3
# How much of a right answer the right group and the right division are.
_GROUP, _DIVISION = 0.5, 1.0
_SHOWN_WORDS = 4


@dataclass(frozen=True, slots=True)
class Example:
    """A text and its class, with the section letter (C3841). Examples of one `holder` are left out together."""

    text: ProjectText
    code: str
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One class. `confidence`: how often such a proposal is the right class. `words`: of the text, those that speak for it."""

    code: str
    confidence: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """At most three classes, the likeliest first. `confidence`: that the division of the first is right and the class among them."""

    industry: tuple[Candidate, ...]
    confidence: float

    @property
    def confident(self) -> bool:
        """Whether a person may be shown this as a suggestion rather than as a guess."""
        return self.confidence >= CONFIDENT_FROM


@dataclass(frozen=True, slots=True)
class Lessons:
    """`names`: class → its name. `words`: class or group → product words. `real`: projects whose class somebody read."""

    names: Mapping[str, str]
    words: Mapping[str, Sequence[str]]
    made_up: Sequence[Example]
    real: Sequence[Example]


class IndustryModel:
    """Learned once; `held_out` are the scores of the real examples as if those of their holder had not been learned."""

    def __init__(self, lessons: Lessons, segmenter: Segmenter) -> None:
        self.codes = tuple(sorted(lessons.names))
        examples = [*lessons.made_up, *lessons.real]
        texts = [*(_profile(code, lessons) for code in self.codes), *(example.text.whole() for example in examples)]
        self._vectors = Vectors(texts, segmenter)
        # Single precision: thousands of texts make the kernel large, and the order of classes does not hang on more.
        self._rows = unit(self._vectors.fitted).astype(np.float32)
        first = len(texts) - len(lessons.real)
        wanted = _targets([*self.codes, *(example.code for example in examples)], self.codes)
        ridge = np.repeat([_RIDGE, _REAL_RIDGE], [first, len(lessons.real)])
        groups = holders(lessons.real, first)
        dual, left_out = fit(self._rows, wanted, ridge, groups)
        self._dual = dual.astype(np.float32)
        self.held_out = _in_order(groups, left_out, first)
        self._calibrate(lessons.real)

    def propose(self, text: ProjectText) -> Proposal:
        """The classes of a text; none where no term of it is known."""
        row = unit(self._vectors.row(text.whole())).astype(np.float32)
        scores: Scores = np.asarray((row @ self._rows.T) @ self._dual, dtype=np.float64)[0]
        return self._proposal(scores, row)

    def proposal_held_out(self, place: int) -> Proposal:
        """What would have been proposed for a real example without its holder, without words."""
        return self._proposal(self.held_out[place], None)

    def _proposal(self, scores: Scores, row: csr_matrix | None) -> Proposal:
        if row is not None and row.nnz == 0:
            return Proposal((), 0.0)
        places = best_places(scores)
        single = self._single.predict_proba(candidate_signs(scores, places))[:, 1]
        words = [() if row is None else self._words(row, place) for place in places]
        industry = tuple(
            Candidate(self.codes[place], round(float(sure), 4), said)
            for place, sure, said in zip(places, single, words, strict=True)
        )
        return Proposal(
            industry, round(float(self._whole.predict_proba(whole_signs(scores, places, self.codes))[0, 1]), 4)
        )

    def _words(self, row: csr_matrix, place: int) -> tuple[str, ...]:
        """Words of the text that raise the score of a class most."""
        weights = self._rows[:, row.indices].T @ self._dual[:, place]
        gains = row.data * weights
        order = np.argsort(-gains, kind="stable")
        words = (self._vectors.word(int(row.indices[at])) for at in order if gains[at] > 0)
        return tuple(dict.fromkeys(word for word in words if word is not None))[:_SHOWN_WORDS]

    def _calibrate(self, real: Sequence[Example]) -> None:
        from sklearn.linear_model import LogisticRegression  # late, as in vectors.py

        signs: list[Scores] = []
        right: list[bool] = []
        wholes: list[Scores] = []
        whole_right: list[bool] = []
        for scores, example in zip(self.held_out, real, strict=True):
            places = best_places(scores)
            signs.append(candidate_signs(scores, places))
            right.extend(self.codes[place] == example.code for place in places)
            wholes.append(whole_signs(scores, places, self.codes))
            whole_right.append(is_right([self.codes[place] for place in places], example.code))
        self._single = LogisticRegression(C=10.0).fit(np.vstack(signs), right)
        self._whole = LogisticRegression(C=10.0).fit(np.vstack(wholes), whole_right)


def is_right(codes: Sequence[str], code: str) -> bool:
    """The division of the first class and the class among all of them."""
    return codes[0][:3] == code[:3] and code in codes


def best_places(scores: Scores) -> list[int]:
    """Places of the classes proposed, the best first; equal ones by code."""
    return [int(place) for place in np.argsort(-scores, kind="stable")[:MOST]]


def candidate_signs(scores: Scores, places: Sequence[int]) -> Scores:
    """Of each candidate its score, how far it is before or behind the best other, and whether it is the first: (candidates, 3)."""
    others = [scores[places[1]] if at == 0 else scores[places[0]] for at in range(len(places))]
    return np.array(
        [
            [scores[place], scores[place] - other, float(at == 0)]
            for at, (place, other) in enumerate(zip(places, others, strict=True))
        ]
    )


def whole_signs(scores: Scores, places: Sequence[int], codes: Sequence[str]) -> Scores:
    """Score of the first, its lead over the second and over the best class of another division: (1, 3)."""
    first = codes[places[0]][:3]
    elsewhere = np.array([code[:3] != first for code in codes])
    best = scores[places[0]]
    return np.array([[best, best - scores[places[1]], best - scores[elsewhere].max()]])


def _profile(code: str, lessons: Lessons) -> str:
    return " ".join([lessons.names[code]] * 2 + [*lessons.words.get(code, ()), *lessons.words.get(code[:4], ())])


def _targets(owners: Sequence[str], codes: Sequence[str]) -> Scores:
    """What each text is worth for each class, (texts, classes): its own class all, its neighbours a part."""
    of_group = np.array([code[:4] for code in codes])
    of_division = np.array([code[:3] for code in codes])
    at = {code: place for place, code in enumerate(codes)}
    wanted = np.array([_GROUP * (of_group == owner[:4]) + _DIVISION * (of_division == owner[:3]) for owner in owners])
    wanted[np.arange(len(owners)), [at[owner] for owner in owners]] += 1.0
    return wanted


def holders(real: Sequence[Example], first: int) -> list[list[int]]:
    """Rows of the real examples by holder; one without a holder stands alone."""
    groups: dict[str, list[int]] = {}
    for place, example in enumerate(real):
        groups.setdefault(example.holder or f"#{place}", []).append(first + place)
    return list(groups.values())


def _in_order(groups: Sequence[Sequence[int]], predictions: Sequence[Scores], first: int) -> Scores:
    found = {
        row: scores
        for group, block in zip(groups, predictions, strict=True)
        for row, scores in zip(group, block, strict=True)
    }
    return np.array([found[first + place] for place in range(len(found))])
