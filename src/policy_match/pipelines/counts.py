"""Counts of the items of a pipeline on a day: by step with the days there, by what is said of them, and by quarter.

What is not said counts as unknown, never as nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from policy_match.pipelines.kinds import BETWEEN, Field, Pipeline, Type
from policy_match.pipelines.log import Position, is_expired, is_open, is_overdue


@dataclass(frozen=True, slots=True)
class StepCount:
    """Items at a step: how many, how many overdue, the days there of those that are open (median and longest; None without any).

    `left`: stays that have ended, and the median of their days, None without any.
    """

    step: str
    items: int
    overdue: int
    median_days: float | None
    longest_days: int | None
    left: int
    left_median: float | None


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of a field over the items that say it (分 of money), None if none does; how many do not say it."""

    total: int | None
    unknown: int


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter (1 to 4) with how often something came to the step asked for. `is_over`: its last day has passed."""

    year: int
    quarter: int
    times: int
    is_over: bool

    @property
    def is_lacking(self) -> bool:
        """Nothing did."""
        return self.times == 0


@dataclass(frozen=True, slots=True)
class Counts:
    """`by`: items by the values of each field that is counted by, None for those that do not say it."""

    items: int
    open: int
    overdue: int
    expired: int
    steps: tuple[StepCount, ...]
    by: Mapping[str, Mapping[str | None, int]]
    sums: Mapping[str, Sum]


def count(positions: Sequence[Position], pipeline: Pipeline, as_of: date) -> Counts:
    """Count items that were opened by the day."""
    return Counts(
        items=len(positions),
        open=sum(is_open(one, pipeline, as_of) for one in positions),
        overdue=sum(is_overdue(one, pipeline, as_of) for one in positions),
        expired=sum(is_expired(one, pipeline, as_of) and not pipeline.is_over(one.step) for one in positions),
        steps=tuple(_at(step.id, positions, pipeline, as_of) for step in pipeline.steps),
        by={name: _by(positions, pipeline.field(name)) for name in pipeline.count_by},
        sums={name: _sum(positions, name) for name in pipeline.sums},
    )


def _at(step: str, positions: Sequence[Position], pipeline: Pipeline, as_of: date) -> StepCount:
    here = [one for one in positions if one.step == step]
    days = [one.days(as_of) for one in here if is_open(one, pipeline, as_of)]
    left = [stay.days(as_of) for one in positions for stay in one.stays[:-1] if stay.step == step]
    return StepCount(
        step,
        len(here),
        sum(is_overdue(one, pipeline, as_of) for one in here),
        median(days) if days else None,
        max(days, default=None),
        len(left),
        median(left) if left else None,
    )


def _by(positions: Iterable[Position], counted: Field) -> dict[str | None, int]:
    """Most frequent first, then by name; what is not known last. Several units count once each."""
    found: Counter[str | None] = Counter()
    for one in positions:
        said = one.said.get(counted.id)
        found.update([said] if said is None or counted.type is not Type.UNITS else said.split(BETWEEN))
    return dict(sorted(found.items(), key=lambda pair: (pair[0] is None, -pair[1], pair[0] or "")))


def _sum(positions: Sequence[Position], name: str) -> Sum:
    said = [int(one.said[name]) for one in positions if name in one.said]
    return Sum(sum(said) if said or not positions else None, len(positions) - len(said))


def quarters(positions: Iterable[Position], pipeline: Pipeline, year: int, as_of: date) -> tuple[Quarter, ...]:
    """The quarters of a year that have begun on a day; () for a pipeline that asks for none."""
    step = pipeline.every_quarter
    if step is None:
        return ()
    days = [day for one in positions for day in one.arrivals(step)]
    found = []
    for quarter in range(1, 5):
        first = date(year, 3 * quarter - 2, 1)
        following = date(year + quarter // 4, (3 * quarter) % 12 + 1, 1)
        if first <= as_of:
            times = sum(first <= day < following for day in days)
            found.append(Quarter(year, quarter, times, as_of >= following))
    return tuple(found)
