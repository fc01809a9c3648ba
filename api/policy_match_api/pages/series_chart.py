"""Where things stand in the chart of one series: the figures told as a line with gaps, the plan as another. No scale is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from policy_match_api.pages.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Mark

MARKS, LABELS = 4, 12


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One month: its text, what was told, what was expected; None: not known. `begins`: figures that are added up begin
    anew with it."""

    month: str
    actual: int | None
    plan: int | None
    begins: bool = False


@dataclass(frozen=True, slots=True)
class SeriesChart:
    """Places in an SVG of `width` by `height`. `actual`, `plan`: runs of points without a gap; `dots`: every figure told;
    `gaps`: months of which none was."""

    title: str
    across: tuple[Mark, ...]
    upward: tuple[Mark, ...]
    actual: tuple[str, ...]
    plan: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    gaps: tuple[str, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def series_chart(title: str, points: Sequence[SeriesPoint], said: Callable[[int], str]) -> SeriesChart:
    """The chart of the months, oldest first; `said`: an amount of the upward axis in words. A missing month breaks the line,
    and so does a new year of figures that are added up."""
    figures = [figure for one in points for figure in (one.actual, one.plan) if figure is not None]
    step = _round_step(max([abs(figure) for figure in figures], default=1))
    low = -MARKS if min(figures, default=0) < 0 else 0
    span = max(1, len(points) - 1)

    def across(place: int) -> str:
        return f"{LEFT + place / span * (WIDTH - LEFT - RIGHT):.1f}"

    def upward(amount: int) -> str:
        part = (amount - low * step) / ((MARKS - low) * step)
        return f"{HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM):.1f}"

    def runs(values: Sequence[int | None]) -> tuple[str, ...]:
        return tuple(
            " ".join(f"{across(place)},{upward(value)}" for place, value in run)
            for run in _runs(values, [one.begins for one in points])
            if run
        )

    actual = [one.actual for one in points]
    every = -(-len(points) // LABELS) or 1
    return SeriesChart(
        title=title,
        across=tuple(Mark(across(place), points[place].month) for place in range(0, len(points), every)),
        upward=tuple(Mark(upward(step * number), said(step * number)) for number in range(low, MARKS + 1)),
        actual=runs(actual),
        plan=runs([one.plan for one in points]),
        dots=tuple((across(place), upward(value)) for place, value in enumerate(actual) if value is not None),
        gaps=tuple(across(place) for place, value in enumerate(actual) if value is None),
    )


def _runs(values: Sequence[int | None], begins: Sequence[bool]) -> Iterator[list[tuple[int, int]]]:
    """Stretches of known values with their places, none across a month with which sums begin anew."""
    run: list[tuple[int, int]] = []
    for place, (value, is_first) in enumerate(zip(values, begins, strict=True)):
        if value is None or is_first:
            yield run
            run = []
        if value is not None:
            run.append((place, value))
    yield run


def _round_step(most: int) -> int:
    """The least of 1, 2, 2.5 or 5 times a power of ten that MARKS steps reach the greatest amount with."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power // 2, 5 * power):
            if step * MARKS >= most:
                return step
        power *= 10
