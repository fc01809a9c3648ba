"""How good an order is by what reviewers confirmed: precision at 5, recall at 10 and nDCG at 10.

Each list holds the judged measures of one subject, best first, True where confirmed. What nobody
judged is in no list: not shown is not refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policy_match.text.grading import gain


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over subjects; None where no subject allows it."""

    precision_5: float | None
    recall_10: float | None
    ndcg_10: float | None


def precision(judged: Sequence[bool], most: int) -> float | None:
    """Share of confirmed among the first `most`, or among all where there are fewer; None of an empty list."""
    first = judged[:most]
    return sum(first) / len(first) if first else None


def recall(judged: Sequence[bool], most: int) -> float | None:
    """Share of the confirmed that stand among the first `most`; None where none was confirmed."""
    return sum(judged[:most]) / sum(judged) if any(judged) else None


def ndcg(judged: Sequence[bool], most: int) -> float | None:
    """Discounted gain against that of the best order; None where none was confirmed."""
    if not any(judged):
        return None
    return gain(judged[:most]) / gain(sorted(judged, reverse=True)[:most])


def quality(lists: Sequence[Sequence[bool]]) -> Quality:
    """The means over the lists of all subjects."""
    return Quality(_mean(lists, precision, 5), _mean(lists, recall, 10), _mean(lists, ndcg, 10))


def _mean(
    lists: Sequence[Sequence[bool]], measure: Callable[[Sequence[bool], int], float | None], most: int
) -> float | None:
    found = [value for judged in lists if (value := measure(judged, most)) is not None]
    return sum(found) / len(found) if found else None
