"""The window in which a measure is applied for, on a day."""

from __future__ import annotations

from datetime import date

from policy_match.dates import Period, add_period, parse_date
from policy_match.eligibility.schema import Measure, Window


def window_of(measure: Measure, as_of: date) -> tuple[date, date] | None:
    """First and last day, both included; a yearly window gives the present or next one, None: no window was seen."""
    window = measure.apply_window
    if isinstance(window, str):
        return None
    if isinstance(window, Window):
        return _day(window.from_, first=True), _day(window.through, first=False)
    return _yearly(window.yearly, as_of)


def _day(written: str, *, first: bool) -> date:
    band = parse_date(written)
    return date.fromordinal(int((band.low if first else band.high) or 1))


def _yearly(window: Window, as_of: date) -> tuple[date, date]:
    for year in (as_of.year - 1, as_of.year, as_of.year + 1):
        first, last = _day(f"{year}-{window.from_}", first=True), _day(f"{year}-{window.through}", first=False)
        if last < first:
            last = add_period(last, Period(12, 0))
        if as_of <= last:
            return first, last
    raise ValueError(window)
