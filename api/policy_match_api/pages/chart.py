"""Where things stand in a chart of intervals: a low and a high line over the values of one figure. No scale is cut off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from policy_match.units import Number

WIDTH, HEIGHT = 720, 250
LEFT, RIGHT, TOP, BOTTOM = 96, 28, 14, 44
MARKS, LABELS = 4, 7


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on an axis: its place and what is written there."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Places in an SVG of `width` by `height`; lines and the area between them as lists of points.

    `high` holds the points whose high end is known; `area` is empty where one is not. `written`: place of the value
    that the rule has now; `dots`: the points of both lines.
    """

    title: str
    across: tuple[Mark, ...]
    upward: tuple[Mark, ...]
    low: str
    high: str
    area: str
    dots: tuple[tuple[str, str], ...]
    written: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Point:
    """One value with its interval; `high` None: no upper end."""

    value: Number
    text: str
    low: int
    high: int | None
    is_written: bool


def chart_of(title: str, points: Sequence[Point], said: Callable[[int], str]) -> Chart:
    """The chart of some points, ascending, one of which is written; `said`: an amount of the upward axis in words."""
    first, last = points[0].value, points[-1].value
    most = max((max(one.low, one.high or 0) for one in points), default=0)
    step = _round_step(most)

    def across(value: Number) -> str:
        part = Fraction(value - first) / (last - first) if last > first else Fraction(1, 2)
        return _place(LEFT + part * (WIDTH - LEFT - RIGHT))

    def upward(amount: int) -> str:
        return _place(HEIGHT - BOTTOM - Fraction(amount, step * MARKS) * (HEIGHT - TOP - BOTTOM))

    low = [(across(one.value), upward(one.low)) for one in points]
    high = [(across(one.value), upward(one.high)) for one in points if one.high is not None]
    shown = _labelled(points)
    return Chart(
        title=title,
        across=tuple(Mark(across(one.value), one.text) for one in shown),
        upward=tuple(Mark(upward(step * number), said(step * number)) for number in range(MARKS + 1)),
        low=_line(low),
        high=_line(high),
        area=_line([*low, *reversed(high)]) if len(high) == len(low) else "",
        dots=(*low, *high),
        written=next(across(one.value) for one in points if one.is_written),
    )


def _labelled(points: Sequence[Point]) -> list[Point]:
    """The points whose value is written below: every so many, so that no two texts touch."""
    every = -(-len(points) // LABELS)
    return list(points[::every])


def _round_step(most: int) -> int:
    """The least of 1, 2, 2.5 or 5 times a power of ten that MARKS steps reach the greatest amount with."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power // 2, 5 * power):
            if step * MARKS >= most:
                return step
        power *= 10


def _line(points: Sequence[tuple[str, str]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _place(place: Number) -> str:
    return f"{float(place):.1f}"
