"""What detectors see of many projects: what was told, month by month and year by year, the plans, and which months are due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from policy_match.series.block import Block, Flags, Known
from policy_match.series.indicator import Indicator
from policy_match.series.months import month_text


@dataclass(frozen=True, slots=True)
class Ground:
    """`plans`: expected from January to each month, by code; `due`: bool (n, months), months in the growth library whose day
    to be told has passed; `told`: months of which anything was told. All figures have the shape (n, months)."""

    block: Block
    by_month: Mapping[str, Known]
    by_year: Mapping[str, Known]
    plans: Mapping[str, Known]
    due: Flags
    told: Flags

    @classmethod
    def of(
        cls,
        block: Block,
        codes: Iterable[Indicator],
        *,
        plans: Mapping[str, Known],
        due: Flags,
        reported: Iterable[str],
    ) -> Ground:
        """Work the figures out once for all detectors. `reported`: the codes that are to be told each month."""
        every = tuple(codes)
        told = np.zeros((block.size, block.months), np.bool_)
        for code in reported:
            told |= block.of(code).known
        return cls(
            block=block,
            by_month={one.id: block.monthly(one.id, one.basis) for one in every},
            by_year={one.id: block.yearly(one.id, one.basis) for one in every},
            plans=plans,
            due=due,
            told=told,
        )

    @property
    def size(self) -> int:
        """How many projects."""
        return self.block.size

    @property
    def months(self) -> int:
        """How many months."""
        return self.block.months

    def monthly(self, one: Indicator) -> Known:
        """Figures of single months."""
        return self.by_month[one.id]

    def yearly(self, one: Indicator) -> Known:
        """Figures of the year so far."""
        return self.by_year[one.id]

    def month(self, place: int) -> int:
        """The number of the month of a column."""
        return self.block.first + place

    def text(self, place: int) -> str:
        """The month of a column, 2025-03."""
        return month_text(self.month(place))
