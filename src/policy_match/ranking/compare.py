"""Orders compared on what reviewers judged, and whether a re-ranker learned from it is worth using.

Every order is compared inside the verdicts: what is proved stands first in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from policy_match.ranking.metrics import Quality, quality
from policy_match.ranking.rerank import Fitted, Lesson, fit
from policy_match.ranking.score import Score
from policy_match.ranking.weights import Learned, Training

RERANKER, PRIORITY = "reranker", "priority"
ORDERS = {
    "random": "随机",
    "industry": "只看行业",
    "bm25": "BM25",
    "relevance": "相关度 R",
    PRIORITY: "优先级 P",
    RERANKER: "训练出的排序",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged match. `bm25` None: the subject has no usable text."""

    subject: str
    measure: str
    group: int
    score: Score
    bm25: float | None
    confirmed: bool
    held_out: bool


@dataclass(frozen=True, slots=True)
class Learning:
    """What training came to. `fitted` None: nothing was trained. `is_better`: the gain asked for was there."""

    fitted: Fitted | None
    before: float | None
    after: float | None
    is_better: bool
    why: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The quality of every order on the measures held out, and what training came to."""

    orders: Mapping[str, Quality]
    learning: Learning


def compare(judged: Sequence[Judged], training: Training) -> Comparison:
    """Compare on the measures held out; train on the others, where there are labels enough."""
    tested = [one for one in judged if one.held_out]
    fitted, why = _trained(judged, training)
    orders = {name: _quality(tested, name, None) for name in ORDERS if name != RERANKER}
    if fitted is None:
        return Comparison(orders, Learning(None, orders[PRIORITY].ndcg_10, None, is_better=False, why=why))
    orders[RERANKER] = _quality(tested, RERANKER, fitted)
    before, after = orders[PRIORITY].ndcg_10, orders[RERANKER].ndcg_10
    is_better = before is not None and after is not None and after - before >= training.least_gain
    return Comparison(orders, Learning(fitted, before, after, is_better, _verdict(before, after, training, is_better)))


def _trained(judged: Sequence[Judged], training: Training) -> tuple[Fitted | None, str]:
    if len(judged) < training.fewest_labels:
        return None, f"没有训练：可用的标注 {len(judged)} 条，至少要 {training.fewest_labels} 条"
    lessons = [Lesson(one.score.values, one.group, one.confirmed) for one in judged if not one.held_out]
    fitted = fit(lessons)
    return fitted, "" if fitted else "没有训练：用来训练的标注只有一种答复，或各项没有差别"


def _verdict(before: float | None, after: float | None, training: Training, is_better: bool) -> str:
    if before is None or after is None:
        return "不采用：留出的措施没有确认的标注，比不出高低"
    figures = f"留出部分 nDCG@10 由 {before:.4f} 到 {after:.4f}，要求提高不少于 {training.least_gain:g}"
    return f"可以采用：{figures}" if is_better else f"不采用：{figures}"


def _quality(judged: Iterable[Judged], order: str, fitted: Fitted | None) -> Quality:
    lists: dict[str, list[tuple[tuple[int, bool, float, str], bool]]] = {}
    for one in judged:
        value = _value(one, order, fitted)
        place = one.group, value is None, -(value or 0.0), one.measure
        lists.setdefault(one.subject, []).append((place, one.confirmed))
    return quality([[confirmed for _, confirmed in sorted(found)] for _, found in sorted(lists.items())])


def _value(one: Judged, order: str, fitted: Fitted | None) -> float | None:
    """What an order gives a match, the highest first; None, where it knows nothing, stands last in its verdict."""
    if order == RERANKER and fitted is not None:
        return Learned(fitted.means, fitted.weights, 0, 0.0, 0.0).value(one.score.values)
    if order == "random":
        return int(sha256(f"{one.subject}/{one.measure}".encode()).hexdigest()[:8], 16) / 16**8
    if order == "industry":
        return one.score.values.get("industry")
    if order == "relevance":
        return None if one.score.relevance is None else one.score.relevance.total
    return one.bm25 if order == "bm25" else one.score.total
