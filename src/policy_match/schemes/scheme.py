"""A scheme of evaluation as data: what is read, how it is computed, weighed and graded. One mechanism for three uses.

A yearly evaluation of projects (score and grade), the assessment of jobs, and the stage evaluation of a cohort differ in
their terms; indices, formulas, weights and benchmarks are the same. `rules/schemes/*.yaml` holds them, a file per
version (authoring/scheme_file.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from policy_match.dates import Period
from policy_match.schemes.words import From, Kind, Of, Unit, Verb


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
