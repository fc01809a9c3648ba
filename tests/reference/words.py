"""Thresholds as rule authors write them: amounts, ratios, counts, days, months and periods, read on their own."""

from __future__ import annotations

import calendar
import re
from datetime import date
from fractions import Fraction

UNITS = {
    "money": {"分": 1, "元": 100, "万元": 10**6, "亿元": 10**10},
    "area": {"㎡": Fraction(1), "平方米": Fraction(1), "亩": Fraction(2000, 3), "公顷": Fraction(10000)},
}


def number_of(kind: str, written: object) -> Fraction:
    """The number of a threshold: 分, 1 = 100 %, ㎡, day ordinal, month index, or a bare count."""
    text = str(written)
    if kind == "date":
        return Fraction(date.fromisoformat(text).toordinal())
    if kind == "month":
        year, month = text.split("-")
        return Fraction(int(year) * 12 + int(month) - 1)
    figure, unit = re.fullmatch(r"(-?[\d.]+)(.*)", text).groups()  # type: ignore[union-attr]
    if kind in UNITS:
        return Fraction(figure) * UNITS[kind][unit]
    if kind == "ratio":
        return Fraction(figure) / (100 if unit == "%" else 1)
    return Fraction(figure)


def day_or_span(text: str) -> tuple[int, int]:
    """First and last day ordinal of a day, a month (2025-03) or a year (2025)."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        day = date(*parts).toordinal()
        return day, day
    first, last = (1, 12) if len(parts) == 1 else (parts[1], parts[1])
    end = calendar.monthrange(parts[0], last)[1]
    return date(parts[0], first, 1).toordinal(), date(parts[0], last, end).toordinal()


def later(day: int, period: str) -> int:
    """The day ordinal a period after `day`: days are counted, months and years run to the same day of the month, or its last."""
    count, unit = re.fullmatch(r"(-?\d+)(个月|天|年)", period).groups()  # type: ignore[union-attr]
    if unit == "天":
        return day + int(count)
    start = date.fromordinal(day)
    months = start.year * 12 + start.month - 1 + int(count) * (12 if unit == "年" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1])).toordinal()
