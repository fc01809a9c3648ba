"""The closed words of a scheme: what it is of, kinds of figure, where they are read, formulas, units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Of(StrEnum):
    """What a scheme is of."""

    PROJECT = "project"
    JOBS = "jobs"
    COHORT = "cohort"


class Kind(StrEnum):
    """What a figure is: money in 分, area in ㎡, a count, a ratio (1 = 100 %)."""

    MONEY = "money"
    AREA = "area"
    COUNT = "count"
    RATIO = "ratio"


class From(StrEnum):
    """Where an input is read: a fact, the twelve months of a year added, or the figure of its last month."""

    FACT = "fact"
    YEAR_SUM = "year_sum"
    YEAR_LAST = "year_last"


class Verb(StrEnum):
    """The closed list of formulas. The first two are of one project, the others of a cohort."""

    VALUE = "value"
    RATIO = "ratio"
    CONVERSION = "conversion"
    MEDIAN_DAYS = "median_days"
    P90_DAYS = "p90_days"
    RATIO_OF_SUMS = "ratio_of_sums"


OF_POINTS = frozenset({Verb.CONVERSION, Verb.MEDIAN_DAYS, Verb.P90_DAYS})
OF_COHORT = OF_POINTS | {Verb.RATIO_OF_SUMS}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of an index: `over` by `under` (None: a plain figure); `scale` turns the exact figure into it; `places`:
    decimals that are shown."""

    name: str
    over: Kind
    under: Kind | None
    scale: Fraction
    places: int = 2


_PER_MU = Fraction(2000, 3) / 10**6
UNITS: Mapping[str, tuple[Unit, ...]] = {
    "万元/亩": (Unit("万元/亩", Kind.MONEY, Kind.AREA, _PER_MU),),
    "人/亿元": (Unit("人/亿元", Kind.COUNT, Kind.MONEY, Fraction(10**10), 1),),
    "万元/人": (Unit("万元/人", Kind.MONEY, Kind.COUNT, Fraction(1, 10**6)),),
    "比例": (*(Unit("比例", kind, kind, Fraction(1)) for kind in Kind), Unit("比例", Kind.RATIO, None, Fraction(1))),
    "万元": (Unit("万元", Kind.MONEY, None, Fraction(1, 10**6)),),
    "亿元": (Unit("亿元", Kind.MONEY, None, Fraction(1, 10**10)),),
    "亩": (Unit("亩", Kind.AREA, None, Fraction(3, 2000)),),
    "人": (Unit("人", Kind.COUNT, None, Fraction(1)),),
    "天": (Unit("天", Kind.COUNT, None, Fraction(1), 1),),
}
"""The closed list of units, with every pair of figures that gives them."""
