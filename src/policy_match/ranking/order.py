"""Which match stands before which: the verdict first, whatever the weights, then the order inside, then the id.

Money, finance, services and people are shown side by side, so that something without an amount
never stands before a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeVar

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.schema import Measure
from policy_match.ranking.score import Score
from policy_match.ranking.weights import Learned

Column = Literal["资金", "金融", "服务", "人才用工"]
COLUMNS: tuple[Column, ...] = ("资金", "金融", "服务", "人才用工")
ELIGIBLE, OPEN, NEAR, REST = range(4)
_Match = TypeVar("_Match")


def group_of(verdict: Verdict, *, near: bool) -> int:
    """Place of a verdict: proved, then open (data or people), then near misses, then the rest."""
    if verdict is Verdict.ELIGIBLE:
        return ELIGIBLE
    if verdict in (Verdict.UNKNOWN, Verdict.NEEDS_HUMAN):
        return OPEN
    return NEAR if near and verdict is Verdict.INELIGIBLE else REST


def inner_order(score: Score, learned: Learned | None) -> float:
    """What orders the matches of one verdict, the highest first: a re-ranker that showed a gain, else P."""
    return score.total if learned is None else round(learned.value(score.values), 9)


def column_of(measure: Measure) -> Column:
    """Where a measure is shown: by its family, then by what it gives."""
    kind = None if measure.benefit is None else measure.benefit.kind
    if measure.family in ("人才", "用工"):
        return "人才用工"
    if measure.family == "金融" or kind == "facility":
        return "金融"
    return "资金" if kind in ("cash", "tax", "deduction") else "服务"


def in_columns(matches: Iterable[_Match], measure: Callable[[_Match], Measure]) -> dict[Column, tuple[_Match, ...]]:
    """The matches by column, all four of them, each in the order given."""
    found: dict[Column, list[_Match]] = {column: [] for column in COLUMNS}
    for match in matches:
        found[column_of(measure(match))].append(match)
    return {column: tuple(held) for column, held in found.items()}
