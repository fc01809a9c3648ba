"""The stage evaluation: of the projects of one period, how many came how far, in how many days, and what they brought.

Whoever has not reached the first point of a pair is not counted in it; whoever lacks a figure is left out of both sums,
and how many are left out is told. Domain specification §7.9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.schemes.figures import CITY, Given, capped_share, cut
from policy_match.schemes.scheme import Index, Scheme
from policy_match.schemes.words import Verb

_P90 = Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Member:
    """One project of a cohort. `points`: the day of each point or milestone reached; `tracks` empty, others None: not known."""

    code: str
    name: str
    district: str | None
    tracks: tuple[str, ...]
    channel: str | None
    points: Mapping[str, date]
    inputs: Mapping[str, Given]


@dataclass(frozen=True, slots=True)
class CohortLine:
    """One index of a group. `part` of `whole`: what was counted, projects for a conversion, projects with both figures of
    the group otherwise; `value` None: nothing to compute it of."""

    index: str
    name: str
    unit: str
    weight: Fraction
    value: Fraction | None
    part: int
    whole: int
    points: Fraction | None


@dataclass(frozen=True, slots=True)
class Group:
    """One group. `axis`: city, district, track or channel; `name` None: not known. `score` None: a weighted index is not known."""

    axis: str
    name: str | None
    projects: tuple[str, ...]
    lines: tuple[CohortLine, ...]
    score: Fraction | None


def evaluate_cohort(scheme: Scheme, members: Sequence[Member]) -> tuple[Group, ...]:
    """The whole cohort, then its groups by each axis of the scheme; the order of members changes nothing."""
    ordered = sorted(members, key=lambda one: one.code)
    found = [_group(scheme, CITY, None, ordered)]
    for axis in scheme.cohort_terms.groups:
        names = {name for one in ordered for name in _AXES[axis](one)}
        for name in sorted(names, key=lambda one: (one is None, one or "")):
            found.append(_group(scheme, axis, name, [one for one in ordered if name in _AXES[axis](one)]))
    return tuple(found)


_AXES: Mapping[str, Callable[[Member], tuple[str | None, ...]]] = {
    "district": lambda one: (one.district,),
    "track": lambda one: one.tracks or (None,),
    "channel": lambda one: (one.channel,),
}
AXES = frozenset(_AXES)


def _group(scheme: Scheme, axis: str, name: str | None, members: Sequence[Member]) -> Group:
    lines = tuple(_line(index, members) for index in scheme.indices)
    weighed = [line for line in lines if line.weight]
    points = [line.points for line in weighed if line.points is not None]
    is_whole = bool(weighed) and len(points) == len(weighed)
    score = sum(points, Fraction(0)) if is_whole else None
    return Group(axis, name, tuple(one.code for one in members), lines, score)


def _line(index: Index, members: Sequence[Member]) -> CohortLine:
    value, part, whole = _measured(index, members)
    points = None
    if value is not None and index.benchmark is not None and index.benchmark.value is not None:
        points = index.weight * capped_share(value, index.benchmark.value, index.cap) * 100
    return CohortLine(index.id, index.name, index.unit.name, index.weight, value, part, whole, points)


def _measured(index: Index, members: Sequence[Member]) -> tuple[Fraction | None, int, int]:
    """Value, and what it was computed of."""
    formula = index.formula
    first, second = formula.of
    if formula.verb is Verb.RATIO_OF_SUMS:
        pairs = list(_pairs(first, second, members))
        below = sum((pair[1] for pair in pairs), Fraction(0))
        above = sum((pair[0] for pair in pairs), Fraction(0))
        value = above / below * index.unit.scale if below else None
        return (None if value is None else cut(value, formula)), len(pairs), len(members)
    begun = [one for one in members if first in one.points]
    done = [one for one in begun if second in one.points]
    if formula.verb is Verb.CONVERSION:
        share = Fraction(len(done), len(begun)) if begun else None
        return (None if share is None else cut(share, formula)), len(done), len(begun)
    days = sorted((one.points[second] - one.points[first]).days for one in done)
    found = median(days) if formula.verb is Verb.MEDIAN_DAYS else nearest(days, _P90)
    return (None if found is None else cut(found, formula)), len(done), len(begun)


def _pairs(first: str, second: str, members: Sequence[Member]) -> Iterator[tuple[Fraction, Fraction]]:
    for one in members:
        above, below = one.inputs[first].value, one.inputs[second].value
        if above is not None and below is not None:
            yield above, below


def median(ordered: Sequence[int]) -> Fraction | None:
    """The middle one of sorted days, or the mean of the two in the middle; None of none."""
    if not ordered:
        return None
    middle = len(ordered) // 2
    both = ordered[middle - 1 : middle + 1] if len(ordered) % 2 == 0 else ordered[middle : middle + 1]
    return Fraction(sum(both), len(both))


def nearest(ordered: Sequence[int], share: Fraction) -> Fraction | None:
    """The smallest of sorted days that so large a share does not pass (nearest rank); None of none."""
    if not ordered:
        return None
    rank = -(-(share.numerator * len(ordered)) // share.denominator)
    return Fraction(ordered[rank - 1])
