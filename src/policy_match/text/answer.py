"""The answer to a question: what it finds in order, hits with the sum their score is, the topics meant, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from policy_match.text.confidence import CONFIDENT_FROM
from policy_match.text.hints import Hints
from policy_match.text.searchable import Searchable


@dataclass(frozen=True, slots=True)
class Hit:
    """One result. `topics`: the entry's, those meant first. `parts`: topic, text, place, ended; or `name` where it was asked for by name."""

    entry: Searchable
    topics: tuple[str, ...]
    parts: Mapping[str, float]

    @property
    def score(self) -> float:
        """The sum of the parts, to four digits."""
        return round(sum(self.parts.values()), 4)


@dataclass(frozen=True, slots=True)
class Answer:
    """`topics`: those meant, the likeliest first. `confidence`: probability that the first hit is right, 1 for a name."""

    query: str
    hints: Hints
    topics: tuple[str, ...]
    hits: tuple[Hit, ...]
    confidence: float

    @property
    def confident(self) -> bool:
        """Whether the hits may stand as the answer; else topics are to be chosen from."""
        return self.confidence >= CONFIDENT_FROM


@dataclass(frozen=True, slots=True)
class Ranking:
    """Everything that a question finds, the best first, and what was understood of it.

    Hits are made of what is shown alone: of the hundreds that a question finds, most are read by nobody.
    """

    query: str
    hints: Hints
    topics: tuple[str, ...]
    entries: tuple[Searchable, ...]
    confidence: float
    hit: Callable[[Searchable], Hit]

    def answer(self, shown: Iterable[Searchable]) -> Answer:
        """The answer that shows these of the entries."""
        return Answer(self.query, self.hints, self.topics, tuple(map(self.hit, shown)), self.confidence)
