"""What the order is made of, as data: the contents of `rules/ranking.yaml`, and the mean that all of it is weighed by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

RELEVANCE = ("text", "industry", "stage", "size", "region")
PRIORITY = ("value", "urgency", "relevance", "certainty")
DIGITS = 4


@dataclass(frozen=True, slots=True)
class TextScale:
    """`fewest`: informative characters that a text needs to say anything. `steps`: (likeness, value), both rising."""

    fewest: int
    steps: tuple[tuple[float, float], ...]

    def value(self, likeness: float) -> float:
        """The value on the line between the steps around a likeness; beyond the last one its value."""
        below = (0.0, 0.0)
        for step in self.steps:
            if likeness < step[0]:
                share = (likeness - below[0]) / (step[0] - below[0])
                return below[1] + share * (step[1] - below[1])
            below = step
        return below[1]


@dataclass(frozen=True, slots=True)
class IndustryScale:
    """Value of a project's code by where it meets the code of the measure; `track`: of an equal track."""

    under: float
    group: float
    division: float
    section: float
    track: float


@dataclass(frozen=True, slots=True)
class StageScale:
    """Value of a stage that a measure is for, of the stage before it, and of the stage after it."""

    exact: float
    next: float
    previous: float


@dataclass(frozen=True, slots=True)
class ValueScale:
    """`full_fen`: amount in 分 that has the value 1; `none`: value where there is no amount."""

    full_fen: int
    none: float


@dataclass(frozen=True, slots=True)
class UrgencyScale:
    """`steps`: (days to the last day of the window, value), days rising, the day itself included; `later`: beyond them."""

    steps: tuple[tuple[int, float], ...]
    later: float

    def value(self, days: int) -> float:
        """Urgency of a window whose last day is `days` ahead; a window that is over (days < 0) is as one far away."""
        return next((value for most, value in self.steps if 0 <= days <= most), self.later)


@dataclass(frozen=True, slots=True)
class PushLimits:
    """From which relevance and certainty on a match may be pushed, and from which relevance it is reviewed."""

    auto_from: float
    review_from: float
    certainty_from: float


@dataclass(frozen=True, slots=True)
class ReviewLimits:
    """What people look at, and in what time. `large_fen`: from this amount on, in 分, whatever else is known.

    `most_missing`: facts still to be asked for; `changed_days`: since a change of name or credit code, the day itself
    included; `due_days`: working days to decide in; `claim_minutes`: how long a claim keeps others away.
    """

    large_fen: int
    most_missing: int
    changed_days: int
    due_days: int
    claim_minutes: int


@dataclass(frozen=True, slots=True)
class Training:
    """How many labels training needs, the share of measures held out, and the nDCG@10 that must be gained there."""

    fewest_labels: int
    held_out: float
    least_gain: float


@dataclass(frozen=True, slots=True)
class Learned:
    """A re-ranker that showed a gain: per part of a score its mean and its weight, and the nDCG@10 before and after."""

    means: Mapping[str, float]
    weights: Mapping[str, float]
    labels: int
    before: float
    after: float

    def value(self, parts: Mapping[str, float]) -> float:
        """The learned order of one match; a part that is not known counts as the mean."""
        return sum(self.weights[name] * (parts[name] - self.means[name]) for name in self.weights if name in parts)


@dataclass(frozen=True, slots=True)
class Ranking:
    """All of `rules/ranking.yaml`. `relevance`, `priority`: weights by part, 1 in sum; `approved_by` None: our default."""

    version: int
    valid_from: date
    approved_by: str | None
    relevance: Mapping[str, float]
    priority: Mapping[str, float]
    text: TextScale
    industry: IndustryScale
    stage: StageScale
    value: ValueScale
    urgency: UrgencyScale
    push: PushLimits
    review: ReviewLimits
    training: Training
    reranker: Learned | None = None


def shares(weights: Mapping[str, float], parts: Mapping[str, float]) -> dict[str, float]:
    """What each known part adds to the weighted mean of the known ones; parts without weight are as if they were not there."""
    whole = sum(weights[name] for name in parts)
    return {name: weights[name] * part / whole for name, part in parts.items()} if whole > 0 else {}
