"""BM25 over pairs of neighbouring characters (Robertson, Zaragoza 2009): what our order is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from math import log

from policy_match.text.tokens import characters

_SATURATION, _LENGTH = 1.2, 0.75


class Bm25:
    """Fitted to the texts of all measures, by id."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._counts = {name: Counter(_terms(text)) for name, text in texts.items()}
        self._sizes = {name: counts.total() for name, counts in self._counts.items()}
        self._mean_size = sum(self._sizes.values()) / max(1, len(texts))
        self._holding = Counter(term for counts in self._counts.values() for term in counts)

    def score(self, query: str, name: str) -> float:
        """Score of one text for a query, from 0; higher is nearer."""
        counts = self._counts[name]
        longer = 1 - _LENGTH + _LENGTH * self._sizes[name] / self._mean_size if self._mean_size else 1.0
        return sum(
            self._rarity(term) * counts[term] * (_SATURATION + 1) / (counts[term] + _SATURATION * longer)
            for term in dict.fromkeys(_terms(query))
            if term in counts
        )

    def _rarity(self, term: str) -> float:
        held = self._holding[term]
        return log(1 + (len(self._counts) - held + 0.5) / (held + 0.5))


def _terms(text: str) -> list[str]:
    return [one + two for piece in characters(text).split() for one, two in pairwise(piece)]
