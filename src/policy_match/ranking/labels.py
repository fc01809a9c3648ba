"""What reviewers decided about matches that were shown to them, and which measures are held out of training.

Labels know only what was shown: what stood far down was seldom seen, and an order learned from them
leans towards the order they were shown in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Literal

Answer = Literal["confirm", "reject"]
REASONS = ("条件理解有误", "数据错误", "企业无此业务", "已享受", "不相关", "政策口径变化", "其他")
# Reasons that speak of the fit. The others are faults of a rule or of data, or tell of a benefit already had.
ABOUT_FIT = frozenset({"企业无此业务", "不相关", "其他"})


@dataclass(frozen=True, slots=True)
class Label:
    """One decision. `reason` of a reject only; `shown_rank` from 1, None where nobody noted it."""

    subject: str
    measure: str
    answer: Answer
    reason: str | None
    shown_rank: int | None
    decided_on: date
    by: str

    @property
    def is_about_fit(self) -> bool:
        """Whether it says if the measure suits the subject."""
        return self.answer == "confirm" or self.reason in ABOUT_FIT


def is_held_out(measure: str, share: float) -> bool:
    """Whether a measure is kept out of training: by its id alone, so that no measure stands on both sides."""
    return int(sha256(measure.encode()).hexdigest()[:8], 16) < share * 16**8
