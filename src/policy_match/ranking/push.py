"""What would happen to a match that is proved: pushed by itself, reviewed by people, or only listed.

Nothing is pushed here: this is what `ranking evaluate` counts, and what `triage.py` builds upon.
"""

from __future__ import annotations

from enum import StrEnum

from policy_match.eligibility.rulebook import Rule
from policy_match.ranking.score import Score
from policy_match.ranking.weights import PushLimits


class Fate(StrEnum):
    """What would happen to a match. `case`: paid without application, whatever its relevance.

    `advised`: a near miss that the caseworker is shown; `dropped`: told only to who asks for that very pair.
    """

    CASE = "case"
    PUSHED = "pushed"
    REVIEWED = "reviewed"
    LISTED = "listed"
    ADVISED = "advised"
    DROPPED = "dropped"


PROVED = (Fate.CASE, Fate.PUSHED, Fate.REVIEWED, Fate.LISTED)


class Why(StrEnum):
    """Why people look at a match."""

    RELEVANCE_UNKNOWN = "relevance_unknown"
    RELEVANCE_MIDDLE = "relevance_middle"
    WEAK_FACTS = "weak_facts"
    UNVERIFIED = "unverified"
    NOT_ACTIVE = "not_active"
    LARGE = "large"
    AMOUNT_OPEN = "amount_open"
    DISPUTED = "disputed"
    CHANGED = "changed"
    MISSING = "missing"
    HUMAN = "human"
    NEAR = "near"


def doubtful(rule: Rule, score: Score, limits: PushLimits) -> tuple[Why, ...]:
    """Why a match is not pushed by itself; empty where it is. The limits themselves pass, what is not known does not.

    Only a measure whose conditions and benefit were seen on an official page is pushed.
    """
    relevance, certainty = score.relevance, score.values.get("certainty")
    seen = rule.measure.verified
    found = {
        Why.RELEVANCE_UNKNOWN: relevance is None,
        Why.RELEVANCE_MIDDLE: relevance is not None and relevance.total < limits.auto_from,
        Why.WEAK_FACTS: certainty is None or certainty < limits.certainty_from,
        Why.UNVERIFIED: seen.conditions != "page" or seen.benefit not in ("page", "none"),
        Why.NOT_ACTIVE: rule.measure.status != "active",
    }
    return tuple(why for why, holds in found.items() if holds)


def fate_of(rule: Rule, score: Score, limits: PushLimits) -> Fate:
    """Of an eligible match by itself: what is not known is reviewed, never pushed."""
    if rule.measure.mode == "msjx":
        return Fate.CASE
    if score.relevance is not None and score.relevance.total < limits.review_from:
        return Fate.LISTED
    return Fate.REVIEWED if doubtful(rule, score, limits) else Fate.PUSHED
