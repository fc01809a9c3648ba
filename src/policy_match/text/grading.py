"""How good an answer is against graded topics: gain by position, and whether the first result is right.

Follows Järvelin and Kekäläinen (2002) with gains 0, 1, 2 and the logarithm to base two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2


def topic_order(results: Sequence[Sequence[str]]) -> list[str]:
    """Topics in the order in which a reader of the results meets them, each once."""
    return list(dict.fromkeys(topic for topics in results for topic in topics))


def ndcg(topics: Sequence[str], relevant: Mapping[str, int], cut: int = 10) -> float:
    """Gain of the first `cut` topics over the best order possible; 1.0 is the best, and where nothing is relevant 0."""
    best = gain(sorted(relevant.values(), reverse=True)[:cut])
    return gain([relevant.get(topic, 0) for topic in topics[:cut]]) / best if best else 0.0


def is_right(first: Sequence[str], relevant: Mapping[str, int]) -> bool:
    """Whether the first result has a topic that was asked for or is related."""
    return any(relevant.get(topic, 0) > 0 for topic in first)


def gain(grades: Sequence[int]) -> float:
    """The grades, each divided by the logarithm of its place."""
    return sum(grade / log2(place + 2) for place, grade in enumerate(grades))
