"""The rules of the growth library: which indicators there are, what they are held against, what is wrong, how a project leaves.

All of it is data (`rules/indicators.yaml`), every number with the letter of its source. Domain specification 7.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy_match.dates import Period
from policy_match.lifecycle.words import Side
from policy_match.series.detectors import Detector
from policy_match.series.indicator import Indicator
from policy_match.series.words import Level


@dataclass(frozen=True, slots=True)
class Plan:
    """What an indicator is held against: `told`, the code of a plan told month by month; where that says nothing, the fact
    `full_year` spread evenly over `ramp` months after the month of the point `start`, and a twelfth a month after these."""

    of: str
    told: str
    full_year: str
    start: str
    ramp: int


@dataclass(frozen=True, slots=True)
class Exits:
    """How a project leaves the growth library. `full`: step that was done and `held` so long; `after`: time since the entry,
    with the step `conclusion` done; `sides`: side states that end it at once."""

    full: str
    held: Period
    after: Period
    conclusion: str
    sides: frozenset[Side]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a step of the lifecycle means, in words."""

    milestone: str
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class IndicatorRules:
    """What `rules/indicators.yaml` holds. `registers`: the sources, most trusted first; `due_day`: of the following month.

    `severity`: of a ticket by level; `good_months`: so many months without the finding, and closing is suggested.
    """

    registers: tuple[str, ...]
    due_day: int
    codes: Mapping[str, Indicator]
    plans: Mapping[str, Plan]
    detectors: tuple[Detector, ...]
    severity: Mapping[Level, str]
    good_months: int
    exits: Exits
    definitions: tuple[Definition, ...]
    sources: Mapping[str, str]

    @property
    def reported(self) -> tuple[Indicator, ...]:
        """The indicators that are to be told each month: all but the plans."""
        plans = {plan.told for plan in self.plans.values()}
        return tuple(one for one in self.codes.values() if one.id not in plans)
