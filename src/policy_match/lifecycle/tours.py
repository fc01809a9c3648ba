"""Quarterly tours (季观摩): which projects were seen, how the units were scored, and which quarter had none.

Scores are a record of the day and nothing else: no fact is made of them and no matching reads them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Score:
    """What a unit got, 0 to 100."""

    unit: str
    points: Fraction


@dataclass(frozen=True, slots=True)
class Tour:
    """One tour. `projects`: codes in the order of the route."""

    id: str
    on: date
    route: str
    projects: tuple[str, ...]
    scores: tuple[Score, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class TourQuarter:
    """A quarter (1 to 4) with its tours by day. `is_lacking`: fewer than a quarter has at least; `is_over`: its last day has passed."""

    year: int
    quarter: int
    tours: tuple[Tour, ...]
    is_lacking: bool
    is_over: bool


def tour_quarters(tours: Iterable[Tour], year: int, as_of: date, per_quarter: int) -> tuple[TourQuarter, ...]:
    """The quarters of a year that have begun on a day, with the tours up to that day."""
    held = sorted((tour for tour in tours if tour.on <= as_of), key=lambda tour: (tour.on, tour.id))
    found = []
    for quarter in range(1, 5):
        first = date(year, 3 * quarter - 2, 1)
        following = date(year + quarter // 4, (3 * quarter) % 12 + 1, 1)
        if first <= as_of:
            own = tuple(tour for tour in held if first <= tour.on < following)
            found.append(TourQuarter(year, quarter, own, len(own) < per_quarter, as_of >= following))
    return tuple(found)
