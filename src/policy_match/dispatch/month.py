"""A calendar month, written YYYY-MM."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from policy_match.errors import FactError, Issue

_FORM = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month; `number` 1 to 12. Months are ordered in time."""

    year: int
    number: int

    @classmethod
    def parse(cls, written: str) -> Month:
        """The month of 2025-03; FactError MONTH_FORM for any other form."""
        found = _FORM.fullmatch(written)
        if found is None or int(found[1]) == 0:
            raise FactError(Issue("MONTH_FORM", f"“{written[:20]}”不是月份", "", "年-月，如 2025-03", "改正月份"))
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month a day lies in."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year + self.number // 12, self.number % 12 + 1, 1) - timedelta(days=1)

    @property
    def previous(self) -> Month:
        """The month before."""
        return Month.of(self.first - timedelta(days=1))

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in the month; a day that is not known does not."""
        return day is not None and self.first <= day <= self.last

    def __str__(self) -> str:
        """2025-03."""
        return f"{self.year:04d}-{self.number:02d}"
