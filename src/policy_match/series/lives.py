"""What of the lives of projects their series are held against: when they entered, when they began to produce, what was agreed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from policy_match.series.block import Block, Flags, Known, Whole
from policy_match.series.ground import Ground
from policy_match.series.indicator import MAX_VALUE
from policy_match.series.months import due_on
from policy_match.series.plan import plan_to_date
from policy_match.series.rules import IndicatorRules


@dataclass(frozen=True, slots=True)
class Lives:
    """Of n projects: `entered`: int64 (n,), number of the month of the entry; of each plan, by the code it is of, `started`:
    number of the month in which production began, and `full_year`: the yearly value agreed, both of shape (n,)."""

    entered: Whole
    started: Mapping[str, Known]
    full_year: Mapping[str, Known]


def column(values: Iterable[int | None]) -> Known:
    """Figures of shape (n,); None, and what is below 0 or beyond every real figure, is unknown."""
    every = [value if value is not None and 0 <= value <= MAX_VALUE else None for value in values]
    known = np.array([value is not None for value in every], np.bool_)
    return Known.of(np.array([value or 0 for value in every], np.int64), known)


def ground_of(block: Block, rules: IndicatorRules, lives: Lives, as_of: date) -> Ground:
    """Everything that detectors see on a day. A plan that was told goes before the one that follows from the agreement."""
    plans = {}
    for code, plan in rules.plans.items():
        agreed = plan_to_date(
            lives.full_year[code], lives.started[code], first=block.first, months=block.months, ramp=plan.ramp
        )
        plans[code] = block.of(plan.told).or_else(agreed)
    return Ground.of(
        block,
        rules.codes.values(),
        plans=plans,
        due=_due(block, lives.entered, rules.due_day, as_of),
        reported=[one.id for one in rules.reported],
    )


def _due(block: Block, entered: Whole, day: int, as_of: date) -> Flags:
    """Months after that of the entry whose day to be told has passed."""
    months = block.first + np.arange(block.months)
    passed = np.array([due_on(int(month), day) < as_of for month in months], np.bool_)
    due: Flags = (months[None, :] > entered[:, None]) & passed[None, :]
    return due
