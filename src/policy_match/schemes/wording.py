"""Exact figures as people read them: two decimals, half up, and the sum of a score written out."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction


def rounded(value: Fraction, places: int) -> str:
    """So many decimals, one at least, half away from zero: 50/3 is 16.67, -1/200 is -0.01."""
    scale = 10**places
    parts = int(abs(value) * scale + Fraction(1, 2))
    sign = "-" if value < 0 and parts else ""
    return f"{sign}{parts // scale}.{parts % scale:0{places}d}"


def two(value: Fraction) -> str:
    """Two decimals."""
    return rounded(value, 2)


def sum_text(points: Iterable[Fraction], total: Fraction) -> str:
    """The sum of a score: 42.00+16.67+16.00+13.50+15.00 = 103.17."""
    parts = [two(one) for one in points]
    first, rest = parts[:1], [part if part.startswith("-") else f"+{part}" for part in parts[1:]]
    return f"{''.join((*first, *rest))} = {two(total)}"
