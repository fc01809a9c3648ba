"""Figures in words: 亿元 without unit, per cent with two decimals, — where there is nothing to divide or nothing is known."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

NOTHING = "—"
_FEN_PER_YI = 10**10
_CENT = Decimal("0.01")
_FOUR = Decimal("0.0001")


class Unit(StrEnum):
    """What a value counts. MONEY is 分 inside and 亿元 in words; RATIO is 1 = 100 %; POINTS are hundredths of it."""

    COUNT = "个"
    MONEY = "亿元"
    RATIO = "比例"
    POINTS = "百分点"
    DAYS = "天"


def value_text(value: Fraction | int | None, unit: Unit) -> str:
    """A value without its unit, but per cent with its sign; NOTHING for None.

    Ratios and points have two decimals, days at most two, halves rounded up; money is exact up to four decimals, else 约.
    """
    if value is None:
        return NOTHING
    match unit:
        case Unit.MONEY:
            return yi_text(Fraction(value))
        case Unit.RATIO:
            return f"{_rounded(Fraction(value) * 100, _CENT)}%"
        case Unit.POINTS:
            return f"{_rounded(Fraction(value), _CENT):+f}"
        case _:
            return trimmed(_rounded(Fraction(value), _CENT))


def with_unit(value: Fraction | int | None, unit: Unit) -> str:
    """A value with its unit."""
    text = value_text(value, unit)
    return text if unit is Unit.RATIO or text == NOTHING else text + unit.value


def yi(fen: Fraction | int) -> Decimal:
    """分 in 亿元, exact for whole 分."""
    return Decimal(int(fen)) / _FEN_PER_YI


def yi_text(fen: Fraction | int) -> str:
    """分 in 亿元 without the unit: 19.6999, 约0.3333."""
    exact = yi(fen)
    rounded = exact.quantize(_FOUR, ROUND_HALF_UP)
    return ("" if rounded == exact else "约") + trimmed(rounded)


def trimmed(number: Decimal) -> str:
    """A decimal without needless zeros: 22, 19.6999."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def difference_text(was: Fraction | int | None, now: Fraction | int | None, unit: Unit) -> str:
    """How much more or less: +2, -0.5, 0; NOTHING where either is not known. Ratios differ by 百分点."""
    if was is None or now is None:
        return NOTHING
    change = Fraction(now) - Fraction(was)
    if unit is Unit.RATIO:
        return value_text(change * 100, Unit.POINTS) + Unit.POINTS.value
    if unit is Unit.POINTS or change == 0:
        return value_text(change, unit)
    text = value_text(change, unit)
    return text if change < 0 else f"+{text}"


def _rounded(value: Fraction, step: Decimal) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(step, ROUND_HALF_UP)
