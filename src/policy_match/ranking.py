"""The order in which matches are shown: a sum of named parts, never a verdict.

It orders matches of one verdict; which verdict is shown first is for the page to say.
The weights are our defaults; a part that is not known is left out and the rest
weighed anew. Ties go by measure id.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

from policy_match.benefits.formula import Amount

WEIGHTS = {"value": 0.5, "certainty": 0.3, "effort": 0.2}


@dataclass(frozen=True, slots=True)
class Score:
    """A score from 0 to 1 and the parts it is the weighted mean of."""

    total: float
    parts: dict[str, float]


def score_of(amount: Amount | None, decided: int, conditions: int, questions: int) -> Score:
    """Value of the amount (10,000万元 and more: 1), share of conditions decided, few questions left."""
    parts = {
        "certainty": round(decided / conditions, 4) if conditions else 1.0,
        "effort": round(1 / (1 + questions), 4),
    }
    if amount is not None and amount.kind in ("cash", "tax", "deduction") and amount.high_fen is not None:
        parts["value"] = round(min(1.0, log10(1 + amount.high_fen / 10**6) / 4), 4)
    weight = sum(WEIGHTS[name] for name in parts)
    return Score(round(sum(WEIGHTS[name] * part for name, part in parts.items()) / weight, 4), parts)
