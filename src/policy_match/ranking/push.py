"""What would happen to a match that is proved: pushed by itself, reviewed by people, or only listed.

Nothing is pushed here: this is what `ranking evaluate` counts.
"""

from __future__ import annotations

from enum import StrEnum

from policy_match.eligibility.rulebook import Rule
from policy_match.ranking.score import Score
from policy_match.ranking.weights import PushLimits


class Fate(StrEnum):
    """What would happen to a match. `case`: paid without application, whatever its relevance."""

    CASE = "case"
    PUSHED = "pushed"
    REVIEWED = "reviewed"
    LISTED = "listed"


def fate_of(rule: Rule, score: Score, limits: PushLimits) -> Fate:
    """Of an eligible match. The limits themselves pass; what is not known is reviewed, never pushed.

    Only a measure whose conditions and benefit were seen on an official page is pushed.
    """
    if rule.measure.mode == "msjx":
        return Fate.CASE
    relevance, certainty = score.relevance, score.values.get("certainty")
    if relevance is not None and relevance.total < limits.review_from:
        return Fate.LISTED
    seen = rule.measure.verified
    sure = certainty is not None and certainty >= limits.certainty_from
    near = relevance is not None and relevance.total >= limits.auto_from
    verified = seen.conditions == "page" and seen.benefit in ("page", "none")
    return Fate.PUSHED if near and sure and verified and rule.measure.status == "active" else Fate.REVIEWED
