"""A scheme of evaluation as data: what is read, how it is computed, weighed and graded. One mechanism for three uses.

A yearly evaluation of projects (score and grade), the assessment of jobs, and the stage evaluation of a cohort differ in
their terms; indices, formulas, weights and benchmarks are the same. `rules/schemes/*.yaml` holds them, a file per
version (authoring/scheme_file.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from policy_match.dates import Period


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


@dataclass(frozen=True, slots=True)
class Input:
    """One figure that is read of a project. `code`: of the fact, or of the monthly figure."""

    id: str
    name: str
    kind: Kind
    read_from: From
    code: str


@dataclass(frozen=True, slots=True)
class Formula:
    """`of`: ids of inputs, or of two points or milestones for a formula of points. `at_most`: the result is cut there."""

    verb: Verb
    of: tuple[str, ...]
    at_most: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What counts as 100 %, in the unit of the index. A district's own figure goes first; then so many times the mean of
    last year's projects of the district; then the value for all."""

    value: Fraction | None = None
    districts: Mapping[str, Fraction] | None = None
    times_mean: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """One index. `weight` 0 and `benchmark` None: it is shown and not scored. `cap`: most that the share counts for."""

    id: str
    name: str
    formula: Formula
    unit: Unit
    weight: Fraction
    benchmark: Benchmark | None
    cap: Fraction


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Points added or taken off where a flag fact is true."""

    id: str
    name: str
    fact: str
    points: Fraction


@dataclass(frozen=True, slots=True)
class Band:
    """A grade and the last share of the ranking that it reaches."""

    grade: str
    up_to: Fraction


@dataclass(frozen=True, slots=True)
class Grading:
    """`least`: a group of fewer is ranked in the whole city, and `not_in_small` is not given there."""

    bands: tuple[Band, ...]
    least: int
    not_in_small: str


@dataclass(frozen=True, slots=True)
class YearTerms:
    """Terms of a yearly evaluation of projects. `produced_for` None: every producing project is evaluated.

    `new_kind` projects that have produced for less than `new_under`, and the industry sections of `sections`, are not
    graded. `check_within`: working days; `award`, `service`: grades that are proposed for one or the other.
    """

    produced_for: Period | None
    new_kind: str
    new_under: Period
    sections: frozenset[str]
    adjustments: tuple[Adjustment, ...]
    grading: Grading
    check_within: str
    award: tuple[str, ...]
    service: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """Facts that are to be filled in so long after a point."""

    name: str
    point: str
    after: Period
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormLine:
    """One more field of the form; an estimate is kept apart."""

    fact: str
    is_estimate: bool


@dataclass(frozen=True, slots=True)
class JobTerms:
    """Terms of the assessment of jobs: levels of projects, what is due when, the other fields of the form."""

    levels: frozenset[str]
    due: tuple[Due, ...]
    form: tuple[FormLine, ...]


@dataclass(frozen=True, slots=True)
class CohortTerms:
    """Terms of a stage evaluation: the point by whose day projects belong together, lengths of period, groups."""

    by: str
    periods: tuple[str, ...]
    groups: tuple[str, ...]


Terms: TypeAlias = YearTerms | JobTerms | CohortTerms


@dataclass(frozen=True, slots=True)
class Scheme:
    """One version of a scheme. `sources`: where each number comes from, as (what, letter N L P D); `text`: the file."""

    id: str
    version: int
    name: str
    of: Of
    inputs: Mapping[str, Input]
    indices: tuple[Index, ...]
    terms: Terms
    sources: tuple[tuple[str, str], ...]
    text: str

    @property
    def year_terms(self) -> YearTerms:
        """The terms of a yearly evaluation; ValueError for another scheme."""
        if not isinstance(self.terms, YearTerms):
            raise ValueError(f"{self.id} is of {self.of}")
        return self.terms

    @property
    def job_terms(self) -> JobTerms:
        """The terms of an assessment of jobs; ValueError for another scheme."""
        if not isinstance(self.terms, JobTerms):
            raise ValueError(f"{self.id} is of {self.of}")
        return self.terms

    @property
    def cohort_terms(self) -> CohortTerms:
        """The terms of a stage evaluation; ValueError for another scheme."""
        if not isinstance(self.terms, CohortTerms):
            raise ValueError(f"{self.id} is of {self.of}")
        return self.terms
