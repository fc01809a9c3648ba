"""What happens with a result: a case, a push, a review by people, advice, a line in a list, or nothing.

Domain specification §5.6. A match that people look at carries every reason for it. The first matches of a new version
are held by the push itself, which knows what it has sent; they need no reason here.
"""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule
from policy_match.ranking.push import Fate, Why, doubtful, fate_of
from policy_match.ranking.relevance import Relevance
from policy_match.ranking.score import Score
from policy_match.ranking.weights import Ranking
from policy_match.units import format_money

QUEUED = (Fate.REVIEWED, Fate.ADVISED)
_OPEN = (Verdict.UNKNOWN, Verdict.NEEDS_HUMAN)


@dataclass(frozen=True, slots=True)
class Result:
    """One decided pair. `missing`: how many facts the smallest set still asks for, None where nothing can be asked.

    `disputed`: a fact that decided it is contested; `changed`: the subject has had another name or credit code lately.
    """

    verdict: Verdict
    near: bool = False
    missing: int | None = None
    amount: Amount | None = None
    disputed: bool = False
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Triage:
    """What happens, and why people look at it; no reason for what nobody needs to look at."""

    fate: Fate
    whys: tuple[Why, ...] = ()


def is_worth_a_look(verdict: Verdict, relevance: Relevance | None, ranking: Ranking) -> bool:
    """Whether a pair may come before people at all, by what is cheap to know: verdict and relevance."""
    if verdict is Verdict.INELIGIBLE:
        return relevance is not None and relevance.total >= ranking.push.auto_from
    is_open = verdict is Verdict.ELIGIBLE or verdict in _OPEN
    return is_open and (relevance is None or relevance.total >= ranking.push.review_from)


def triage(rule: Rule, score: Score, result: Result, ranking: Ranking) -> Triage:
    """What happens with one pair. All limits are of `rules/ranking.yaml` and pass themselves."""
    if result.verdict is Verdict.ELIGIBLE:
        return _proved(rule, score, result, ranking)
    if result.verdict in _OPEN:
        return _open(score, result, ranking)
    if result.verdict is Verdict.INELIGIBLE and result.near:
        return _near(score, ranking)
    return Triage(Fate.DROPPED)


def _proved(rule: Rule, score: Score, result: Result, ranking: Ranking) -> Triage:
    """Further reasons hold back a match that would be pushed; one that is only listed stays listed."""
    fate = fate_of(rule, score, ranking.push)
    if fate in (Fate.CASE, Fate.LISTED):
        return Triage(fate)
    is_endless = result.amount is not None and result.amount.high_fen is None
    endless = (Why.AMOUNT_OPEN,) if is_endless else ()
    whys = dict.fromkeys((*doubtful(rule, score, ranking.push), *_further(result, ranking), *endless))
    return Triage(Fate.REVIEWED if whys else Fate.PUSHED, tuple(whys))


def _further(result: Result, ranking: Ranking) -> tuple[Why, ...]:
    amount = result.amount
    found = {
        Why.UNVERIFIED: amount is not None and not amount.verified,
        Why.LARGE: amount is not None and _most(amount) >= ranking.review.large_fen,
        Why.DISPUTED: result.disputed,
        Why.CHANGED: result.changed,
    }
    return tuple(why for why, holds in found.items() if holds)


def _most(amount: Amount) -> int:
    """What it may come to: the upper end, of an open interval the lower."""
    return amount.low_fen if amount.high_fen is None else amount.high_fen


def _open(score: Score, result: Result, ranking: Ranking) -> Triage:
    """Where nothing can be asked, and nobody is to judge, the question is about the measure and not about the pair."""
    if _is_far(score, ranking):
        return Triage(Fate.DROPPED)
    if result.verdict is Verdict.UNKNOWN and (result.missing is None or result.missing > ranking.review.most_missing):
        return Triage(Fate.LISTED)
    first = Why.HUMAN if result.verdict is Verdict.NEEDS_HUMAN else Why.MISSING
    return Triage(Fate.REVIEWED, (first, *_further(result, ranking)))


def _near(score: Score, ranking: Ranking) -> Triage:
    if _is_far(score, ranking):
        return Triage(Fate.DROPPED)
    near = is_worth_a_look(Verdict.INELIGIBLE, score.relevance, ranking)
    return Triage(Fate.ADVISED, (Why.NEAR,)) if near else Triage(Fate.LISTED)


def _is_far(score: Score, ranking: Ranking) -> bool:
    return score.relevance is not None and score.relevance.total < ranking.push.review_from


def why_text(why: Why, ranking: Ranking) -> str:
    """The reason as people read it, with the limit that it names."""
    push, review = ranking.push, ranking.review
    return {
        Why.RELEVANCE_UNKNOWN: "相关度未知",
        Why.RELEVANCE_MIDDLE: f"相关度不到 {push.auto_from:.2f}",
        Why.WEAK_FACTS: f"关键事实的可信度不到 {push.certainty_from:.2f}",
        Why.UNVERIFIED: "条件或金额还没有对照官方原文核实",
        Why.NOT_ACTIVE: "措施没有启用",
        Why.LARGE: f"金额达到{format_money(review.large_fen)}",
        Why.AMOUNT_OPEN: "金额的上限不知道",
        Why.DISPUTED: "关键事实有争议，还没有答复",
        Why.CHANGED: f"名称或信用代码 {review.changed_days} 天内变更过",
        Why.MISSING: f"缺少数据（不超过 {review.most_missing} 项），确认后向企业了解",
        Why.HUMAN: "有条件需要人工判断",
        Why.NEAR: "差一点，确认后才告知企业",
    }[why]
