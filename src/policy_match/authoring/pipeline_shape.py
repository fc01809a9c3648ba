"""The shape of a file of `rules/pipelines/`: which keys there are and what each may hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from policy_match.authoring.lifecycle_shape import Source
from policy_match.eligibility.schema import Name, Say, Strict

_SOME = Field(min_length=1)
_Of = Literal["enterprise", "project", "none"]
_Type = Literal["text", "choice", "money", "count", "day", "month", "enterprise", "project", "item", "units"]
_Code = Annotated[str, Field(pattern="^[A-Z][A-Z_]{2,40}$")]
_Prefix = Annotated[str, Field(pattern="^[A-Z]{2,6}$")]


class Limit(Strict):
    """Days at a step."""

    days: int = Field(ge=1)
    source: Source


class Most(Strict):
    """Arrivals at a step."""

    times: int = Field(ge=1)
    source: Source


class StepWritten(Strict):
    """One step; without `side` it is of the way."""

    id: Name
    name: Say
    side: Literal["pause", "end"] | None = None
    evidence: list[Say] = []
    reasons: list[Say] = []
    limit: Limit | None = None
    most: Most | None = None


class MoveWritten(Strict):
    """One legal move beside those that follow from the steps."""

    from_: Name = Field(alias="from")
    to: Name


class OptionWritten(Strict):
    """An option of a choice and the unit in charge of it."""

    name: Say
    owner: Say


class FieldWritten(Strict):
    """One field."""

    id: Name
    name: Say
    type: _Type
    needed_at: Name | None = None
    options: list[Say | OptionWritten] = []
    when: dict[Name, list[Say]] = {}
    unit: Say | None = None
    pipeline: Name | None = None
    sensitive: bool = False


class BannedWritten(Strict):
    """Words that must not stand in some fields."""

    fields: list[Name] = _SOME
    words: list[Say] = _SOME
    but: list[Say] = []
    code: _Code
    hint: Say
    source: Source


class ClockWritten(Strict):
    """Days from a step to the day of a field."""

    name: Say
    step: Name
    until: Name


class LateWritten(Strict):
    """A day that should not lie after another one."""

    field: Name
    after: Name
    says: Say


class EveryWritten(Strict):
    """What must happen at least once in each period."""

    period: Literal["quarter"]
    step: Name
    source: Source


class CreditsWritten(Strict):
    """What the project of a field goes back to."""

    project: Name
    by: list[Name] = _SOME


class PipelineWritten(Strict):
    """One file."""

    schema_: Literal["pipeline/1"] = Field(alias="schema")
    id: Name
    name: Say
    group: Say
    of: _Of
    prefix: _Prefix
    reading: Say
    steps: list[StepWritten] = Field(min_length=2)
    moves: list[MoveWritten] = []
    opens_at: list[Name] = []
    fields: list[FieldWritten] = []
    same: list[Name] = []
    expires: Name | None = None
    refuse: list[BannedWritten] = []
    clocks: list[ClockWritten] = []
    late: list[LateWritten] = []
    every: EveryWritten | None = None
    credits: CreditsWritten | None = None
    count_by: list[Name] = []
    sums: list[Name] = []
    reads: list[Name] = _SOME
    counts_only: list[Name] = []
    writes: list[Name] = _SOME
