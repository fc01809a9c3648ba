"""Grades by rank: ties share the better one, small groups are ranked in the whole city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from policy_match.schemes.figures import CITY
from policy_match.schemes.scheme import Grading


@dataclass(frozen=True, slots=True)
class Place:
    """Where a project stands. `group`: a district, or the city; `rank` counts from 1, equal scores share the first of
    their ranks; `size`: how many are ranked there."""

    group: str
    rank: int
    size: int
    grade: str


def placed(scores: Mapping[str, tuple[str | None, Fraction]], grading: Grading) -> dict[str, Place]:
    """The place of each project by its district and score; the order of `scores` changes nothing.

    A district with fewer than `least`, and projects whose district is not known, are ranked among all of the city.
    """
    districts = [district for district, _ in scores.values()]
    city = _ranks({code: score for code, (_, score) in scores.items()})
    found: dict[str, Place] = {}
    for district in dict.fromkeys(districts):
        own = {code: score for code, (where, score) in scores.items() if where == district}
        is_small = district is None or len(own) < grading.least
        ranks, size = (city, len(city)) if is_small else (_ranks(own), len(own))
        for code in own:
            grade = _grade(ranks[code], size, grading, is_small=is_small)
            found[code] = Place(CITY if district is None or is_small else district, ranks[code], size, grade)
    return found


def _ranks(scores: Mapping[str, Fraction]) -> dict[str, int]:
    ordered: Sequence[Fraction] = sorted(scores.values(), reverse=True)
    first: dict[Fraction, int] = {}
    for rank, score in enumerate(ordered, start=1):
        first.setdefault(score, rank)
    return {code: first[score] for code, score in scores.items()}


def _grade(rank: int, size: int, grading: Grading, *, is_small: bool) -> str:
    """The first band that a rank lies in; the last one is for whoever lies in no other."""
    bands = [band for band in grading.bands if not (is_small and band.grade == grading.not_in_small)]
    return next((band.grade for band in bands if rank <= band.up_to * size), bands[-1].grade)
