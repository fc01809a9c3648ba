"""The shape of `rules/schemes/*.yaml`: keys, kinds of value, closed words. Names are resolved by `scheme_file.py`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from policy_match.authoring.lifecycle_shape import Source
from policy_match.eligibility.schema import Name, Say, Strict

Figure: TypeAlias = Decimal | int
Section = Annotated[str, Field(pattern="^[A-T]$")]
_SOME = Field(min_length=1)
_TWO = Field(min_length=2, max_length=2)


class WrittenFigure(Strict):
    value: Figure
    source: Source


class WrittenText(Strict):
    value: Say
    source: Source


class WrittenInput(Strict):
    id: Name
    name: Say
    fact: Name | None = None
    year_sum: Name | None = None
    year_last: Name | None = None
    kind: Literal["money", "area", "count", "ratio"] | None = None


class WrittenFormula(Strict):
    value: Name | None = None
    ratio: Annotated[list[Name], _TWO] | None = None
    conversion: Annotated[list[Say], _TWO] | None = None
    median_days: Annotated[list[Say], _TWO] | None = None
    p90_days: Annotated[list[Say], _TWO] | None = None
    ratio_of_sums: Annotated[list[Name], _TWO] | None = None
    at_most: Figure | None = None
    source: Source | None = None


class WrittenBenchmark(Strict):
    value: Figure | None = None
    districts: dict[Say, Figure] | None = None
    times_mean: Figure | None = None
    source: Source


class WrittenIndex(Strict):
    id: Name
    name: Say
    formula: WrittenFormula
    unit: Say
    weight: WrittenFigure | None = None
    benchmark: WrittenBenchmark | None = None
    cap: WrittenFigure | None = None


class WrittenScope(Strict):
    produced_for: Say
    applies: bool
    source: Source


class WrittenNew(Strict):
    kind: Say
    under: Say
    source: Source


class WrittenSections(Strict):
    any: list[Section]
    source: Source


class WrittenNotGraded(Strict):
    new: WrittenNew
    sections: WrittenSections


class WrittenAdjustment(Strict):
    id: Name
    name: Say
    flag: Name
    points: Figure
    source: Source


class WrittenBand(Strict):
    grade: Annotated[str, Field(pattern="^[A-Z]$")]
    up_to: Say


class WrittenLeast(Strict):
    value: int = Field(ge=1)
    source: Source


class WrittenGrades(Strict):
    bands: list[WrittenBand] = _SOME
    least: WrittenLeast
    not_in_small: Annotated[str, Field(pattern="^[A-Z]$")]
    source: Source


class WrittenProposed(Strict):
    grades: list[Annotated[str, Field(pattern="^[A-Z]$")]] = _SOME
    source: Source


class WrittenLevels(Strict):
    any: list[Say] = _SOME
    source: Source


class WrittenDue(Strict):
    name: Say
    point: Say
    after: Say
    facts: list[Name] = _SOME
    source: Source


class WrittenFormLine(Strict):
    fact: Name
    estimate: bool = False


class WrittenCohort(Strict):
    by: Say
    periods: list[Literal["quarter", "half_year", "year"]] = _SOME
    source: Source


class WrittenScheme(Strict):
    """What every scheme has."""

    schema_: Literal["scheme/1"] = Field(alias="schema")
    id: Name
    version: int = Field(ge=1)
    name: Say
    of: Literal["project", "jobs", "cohort"]
    inputs: list[WrittenInput] = _SOME
    indices: list[WrittenIndex] = _SOME


class WrittenYearly(WrittenScheme):
    """A yearly evaluation of projects."""

    scope: WrittenScope
    not_graded: WrittenNotGraded
    adjustments: list[WrittenAdjustment] = []
    grades: WrittenGrades
    check_within: WrittenText
    award: WrittenProposed
    service: WrittenProposed


class WrittenJobs(WrittenScheme):
    """An assessment of jobs."""

    levels: WrittenLevels
    due: list[WrittenDue] = _SOME
    form: list[WrittenFormLine] = []


class WrittenStage(WrittenScheme):
    """A stage evaluation of a cohort."""

    cohort: WrittenCohort
    groups: list[Literal["district", "track", "channel"]] = []
