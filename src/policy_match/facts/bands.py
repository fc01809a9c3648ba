"""Exact arithmetic over bands: what a result may still be, when its parts may still be several things."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from policy_match.facts.cells import OPEN, Cause
from policy_match.units import Band, Number


@dataclass(frozen=True, slots=True)
class Undefined(Exception):
    """A derivation has no value (nothing to divide by, lists of different length)."""

    cause: Cause


def total(terms: list[Band]) -> Band:
    """Sum of bands; an open end of one leaves that end of the sum open."""
    lows = [term.low for term in terms if term.low is not None]
    highs = [term.high for term in terms if term.high is not None]
    return Band(sum(lows) if len(lows) == len(terms) else None, sum(highs) if len(highs) == len(terms) else None)


def negative(band: Band) -> Band:
    """The band with its sign turned."""
    return Band(None if band.high is None else -band.high, None if band.low is None else -band.low)


def difference(first: Band, second: Band) -> Band:
    """First less second."""
    return total([first, negative(second)])


def least(terms: list[Band]) -> Band:
    """The smallest of several; any known upper end bounds it."""
    highs = [term.high for term in terms if term.high is not None]
    lows = [term.low for term in terms if term.low is not None]
    return Band(min(lows) if len(lows) == len(terms) else None, min(highs) if highs else None)


def product(first: Band, second: Band) -> Band:
    """Product of two bands; an open end stays open unless both factors are non-negative."""
    if first.is_exact and second.is_exact and first.low is not None and second.low is not None:
        return Band.exact(first.low * second.low)
    ends = [first.low, first.high, second.low, second.high]
    if all(end is not None for end in ends):
        corners = [
            a * b for a in (first.low, first.high) for b in (second.low, second.high) if a is not None and b is not None
        ]
        return Band(min(corners), max(corners))
    for left, right in ((first, second), (second, first)):
        if right.is_exact and right.low is not None and right.low >= 0:
            factor = right.low
            return Band(
                None if left.low is None else left.low * factor, None if left.high is None else left.high * factor
            )
    if first.low is not None and second.low is not None and first.low >= 0 and second.low >= 0:
        return Band(first.low * second.low, None)
    return OPEN


def quotient(top: Band, bottom: Band) -> Band:
    """Quotient of two bands; undefined over zero, open where the divisor may be zero or change sign."""
    if bottom.is_exact and bottom.low == 0:
        raise Undefined(Cause.UNDEFINED)
    if bottom.low is None or bottom.low <= 0:
        if bottom.high is None or bottom.high >= 0:
            return OPEN
        return quotient(negative(top), negative(bottom))
    if top.is_exact and bottom.is_exact and top.low is not None:
        return Band.exact(Fraction(top.low, bottom.low))
    inverse_low: Number = 0 if bottom.high is None else Fraction(1) / bottom.high
    return product(top, Band(inverse_low, Fraction(1) / bottom.low))
