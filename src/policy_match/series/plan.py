"""What was to be expected of a project by each month: the yearly value agreed, spread from the start of production.

The months of the ramp share the full-year value evenly, from 0 to 100 %; after them every month is a twelfth of it. The
month of the start itself is not counted. Domain specification 7.4.
"""

from __future__ import annotations

import numpy as np

from policy_match.series.block import Known, Whole
from policy_match.series.months import YEAR


def plan_to_date(full_year: Known, started: Known, *, first: int, months: int, ramp: int) -> Known:
    """Expected from January to each month, shape (n, months).

    `full_year`: shape (n,), of the yearly value; `started`: shape (n,), number of the month in which production began.
    Unknown where one of them is, and up to the month of the start. Parts of the smallest unit are dropped.

    >>> year, start = Known(np.array([600]), np.array([True])), Known(np.array([2024 * 12 + 11]), np.array([True]))
    >>> plan_to_date(year, start, first=2025 * 12, months=6, ramp=12).values.tolist()
    [[50, 100, 150, 200, 250, 300]]
    """
    month = first + np.arange(months)
    done = month[None, :] - started.values[:, None]
    before = (month - month % YEAR - 1)[None, :] - started.values[:, None]
    parts = _parts(done, ramp) - _parts(before, ramp)
    known = (full_year.known & started.known)[:, None] & (done > 0)
    return Known.of(full_year.values[:, None] * parts // (YEAR * ramp), known)


def _parts(done: Whole, ramp: int) -> Whole:
    """The share expected after so many months, in parts of 1 / (12 × ramp)."""
    passed = np.maximum(done, 0)
    found: Whole = YEAR * np.minimum(passed, ramp) + ramp * np.maximum(passed - ramp, 0)
    return found
