"""The shape of `rules/indicators.yaml`: keys, kinds of value, closed words. Names are resolved by `indicator_file.py`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from policy_match.authoring.lifecycle_shape import PointId, SideWord, Source
from policy_match.eligibility.schema import Name, Say, Strict

_SOME = Field(min_length=1)
Register = Annotated[str, Field(pattern="^[A-Z]+$")]
LevelWord = Literal["query", "yellow", "red"]


class WrittenDue(Strict):
    day: int = Field(ge=1, le=28)
    source: Source


class WrittenBound(Strict):
    more_than: Say
    source: Source


class WrittenCode(Strict):
    id: Name
    title: Say
    also: list[Say] = []
    unit: Literal["money", "ratio", "kwh", "count"]
    basis: Literal["month", "year"]
    signed: bool = False
    suspicious: WrittenBound | None = None
    source: Source


class WrittenRamp(Strict):
    months: int = Field(ge=1, le=120)
    source: Source


class WrittenPlan(Strict):
    of: Name
    told: Name
    full_year: Name
    start: PointId
    ramp: WrittenRamp


class _Detector(Strict):
    id: Name
    title: Say
    cause: Say
    source: Source


class WrittenShare(Strict):
    less_than: Say


class WrittenShareOfPlan(_Detector):
    kind: Literal["share_of_plan"]
    of: Name
    yellow: WrittenShare | None = None
    red: WrittenShare | None = None


class WrittenBelow(_Detector):
    kind: Literal["below"]
    of: Name
    less_than: Say
    months: int = Field(ge=1, le=24)
    level: LevelWord


class WrittenUnreported(_Detector):
    kind: Literal["unreported"]
    months: int = Field(ge=1, le=24)
    level: LevelWord


class WrittenApart(_Detector):
    kind: Literal["apart"]
    falls: Name
    by: Say
    rises: Name
    rises_by: Say
    against: int = Field(ge=1, le=24)
    level: LevelWord


class WrittenRatio(_Detector):
    kind: Literal["ratio"]
    of: Name
    to: Name
    at_least: Say
    at_most: Say
    level: LevelWord


class WrittenZero(_Detector):
    kind: Literal["zero"]
    of: Name
    while_: Name = Field(alias="while")
    more_than: Say
    level: LevelWord


class WrittenSuspicious(_Detector):
    kind: Literal["suspicious"]
    level: LevelWord


WrittenDetector: TypeAlias = Annotated[
    WrittenShareOfPlan
    | WrittenBelow
    | WrittenUnreported
    | WrittenApart
    | WrittenRatio
    | WrittenZero
    | WrittenSuspicious,
    Field(discriminator="kind"),
]


class WrittenTickets(Strict):
    yellow: Say
    red: Say
    good_months: int = Field(ge=1, le=24)
    source: Source


class WrittenExits(Strict):
    full: Name
    held: Say
    after: Say
    conclusion: Name
    sides: list[SideWord] = _SOME
    source: Source


class WrittenDefinition(Strict):
    milestone: Name
    says: Say
    source: Source


class WrittenIndicators(Strict):
    schema_: Literal["indicators/1"] = Field(alias="schema")
    registers: list[Register] = _SOME
    due: WrittenDue
    codes: list[WrittenCode] = _SOME
    plans: list[WrittenPlan] = []
    detectors: list[WrittenDetector] = []
    tickets: WrittenTickets
    exits: WrittenExits
    definitions: list[WrittenDefinition] = []
