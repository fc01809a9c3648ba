"""The shape of `rules/lifecycle.yaml`: keys, kinds of value, closed words. Names are resolved by `lifecycle_file.py`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from policy_match.eligibility.schema import Name, Say, Strict

Source = Literal["N", "L", "P", "D"]
PointId: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,40}$")]
SideWord = Literal["ACTIVE", "PAUSED", "TERMINATED", "EXITED", "MERGED"]
SideKind = Literal["PAUSE", "RESUME", "TERMINATE", "EXIT", "REENTER", "MERGE", "UNMERGE"]
_SOME = Field(min_length=1)


class WrittenRole(Strict):
    name: Say
    own_area: bool = False


class WrittenVariant(Strict):
    name: Say
    kind: Literal["新招引", "技改"]


class WrittenPoint(Strict):
    id: PointId
    name: Say
    early: Name | None = None
    opens: list[Name] = []
    fact: Name | None = None


class WrittenInterval(Strict):
    after: PointId | None = None
    name: Say
    lead: Name
    stage: PointId | None = None
    work: list[Say] = []
    source: Source


class WrittenGroup(Strict):
    name: Say
    any: list[Say | Annotated[list[Say], _SOME]] = _SOME
    for_: list[Name] = Field(default=[], alias="for")
    if_needed: bool = False


class WrittenWho(Strict):
    role: Name
    source: Say | None = None
    confirm: Name | None = None
    for_: list[Name] = Field(default=[], alias="for")


class WrittenCause(Strict):
    name: Say
    evidence: list[Say | WrittenGroup] = []
    point: PointId | None = None
    held: Say | None = None
    from_: list[SideWord] = Field(default=[], alias="from")
    source: Source | None = None


class WrittenTransition(Strict):
    id: PointId
    from_: PointId | None = Field(default=None, alias="from")
    to: PointId
    leaves_out: list[PointId] = []
    who: list[WrittenWho] = _SOME
    evidence: list[Say | WrittenGroup] = _SOME
    keys: list[Say] = []
    causes: list[Say | WrittenCause] = []
    reason_for: list[Name] = []


class WrittenSides(Strict):
    ACTIVE: Say
    PAUSED: Say
    TERMINATED: Say
    EXITED: Say
    MERGED: Say


class WrittenSideMove(Strict):
    event: SideKind
    name: Say
    from_: list[SideWord] = Field(alias="from", min_length=1)
    to: SideWord | None = None
    who: list[WrittenWho] = _SOME
    causes: list[Say | WrittenCause] = []
    reason: bool = False
    expected: bool = False
    survivor: bool = False
    no_open_cases: bool = False
    evidence: list[Say | WrittenGroup] = []


class WrittenCorrections(Strict):
    who: list[WrittenWho] = _SOME
    evidence: list[Say | WrittenGroup] = []


class WrittenHandover(Strict):
    accept_within: Say
    source: Source


class WrittenClock(Strict):
    id: Name
    name: Say
    starts: list[Say] = _SOME
    stops: list[Say] = []
    yellow: Say | None = None
    red: Say | None = None
    next_day: bool = False
    month_end: bool = False
    paused_count: bool = False
    stages: list[PointId] = []
    for_: list[Name] = Field(default=[], alias="for")
    goes_to: list[Name] = _SOME
    source: Source
    note: str = ""


class WrittenGauge(Strict):
    id: Name
    name: Say
    unit: Say
    yellow: dict[Literal["at_least", "more_than", "less_than", "at_most"], int | Decimal | Say] | None = None
    red: dict[Literal["at_least", "more_than", "less_than", "at_most"], int | Decimal | Say] | None = None
    stages: list[PointId] = []
    for_: list[Name] = Field(default=[], alias="for")
    goes_to: list[Name] = _SOME
    source: Source
    note: str = ""


class WrittenStep(Strict):
    id: Name | None = None
    point: PointId | None = None
    name: Say | None = None
    owner: Name
    optional: bool = False
    for_: list[Name] = Field(default=[], alias="for")
    parts: list[Say] = []


class WrittenUpcoming(Strict):
    within: Say
    source: Source


class WrittenTicketKind(Strict):
    name: Say
    due: Say
    units: int = Field(ge=0)
    source: Source


class WrittenEscalation(Strict):
    first: Say
    again: Say


class WrittenTicketCause(Strict):
    name: Say
    owner: Name
    unit: Say | None = None


class WrittenTickets(Strict):
    kinds: dict[PointId, WrittenTicketKind] = _SOME
    levels: list[Say] = _SOME
    escalate: WrittenEscalation
    reopen_within: Say
    unconfirmed_after: Say
    severities: list[Say] = _SOME
    causes: list[WrittenTicketCause] = _SOME
    source: Source


class WrittenLate(Strict):
    days: int = Field(ge=0)
    time: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")


class WrittenVisits(Strict):
    stages: list[PointId] = _SOME
    needs_agent: bool
    late: WrittenLate
    source: Source


class WrittenTours(Strict):
    per_quarter: int = Field(ge=1)
    source: Source


class WrittenMay(Strict):
    visit: list[Name] = _SOME
    update: list[Name] = _SOME
    milestone: list[Name] = _SOME
    ticket: list[Name] = _SOME
    handle: list[Name] = _SOME
    confirm: list[Name] = _SOME
    excuse: list[Name] = _SOME
    tour: list[Name] = _SOME
    land_quota: list[Name] = _SOME
    land_pool: list[Name] = _SOME
    environment_quota: list[Name] = _SOME
    posts: list[Name] = _SOME
    doubt: list[Name] = _SOME
    rule_stop: list[Name] = _SOME
    rule_release: list[Name] = _SOME
    msjx_case: list[Name] = _SOME
    msjx_consent: list[Name] = _SOME
    msjx_object: list[Name] = _SOME
    msjx_pay: list[Name] = _SOME
    msjx_exclude: list[Name] = _SOME
    review: list[Name] = _SOME
    evaluate: list[Name] = _SOME
    evaluate_appeal: list[Name] = _SOME
    award: list[Name] = _SOME
    look_back: list[Name] = _SOME
    look_back_finding: list[Name] = _SOME
    roll: list[Name] = _SOME


class WrittenTier(Strict):
    id: PointId
    name: Say
    from_: Say | None = Field(default=None, alias="from")


class WrittenTiers(Strict):
    source: Source
    usd_line: Say
    bounds: list[WrittenTier] = _SOME


class WrittenBand(Strict):
    name: Say
    within: Say


class WrittenLandStart(Strict):
    from_: list[Name] = Field(alias="from", min_length=1)
    to: list[Name] = _SOME
    bands: list[WrittenBand] = _SOME
    counts_within: Say
    goal: int = Field(ge=1)


class WrittenService(Strict):
    service: Name
    acceptance: Name
    completed: PointId
    goal: int = Field(ge=1)


class WrittenTargets(Strict):
    levels: list[Say] = _SOME
    land_start: WrittenLandStart
    early_service: WrittenService
    goal_source: Source
    source: Source


class WrittenQuota(Strict):
    level: Say
    tolerance: Say
    source: Source


class WrittenPool(Strict):
    levels: list[Say] = _SOME
    city: Say
    source: Source


class WrittenEnvironment(Strict):
    unit: Say
    pollutants: list[Say] = _SOME
    source: Source


class WrittenLifecycle(Strict):
    """The whole file."""

    schema_: Literal["lifecycle/1"] = Field(alias="schema")
    reading: Say
    sources: dict[Source, Say] = _SOME
    roles: dict[Name, WrittenRole] = _SOME
    overall: Name
    variants: dict[Name, WrittenVariant] = _SOME
    stages: dict[PointId, Say] = _SOME
    points: list[WrittenPoint] = _SOME
    intervals: list[WrittenInterval] = _SOME
    transitions: list[WrittenTransition] = _SOME
    batches: list[Annotated[list[PointId], Field(min_length=2)]] = []
    observed_only: list[Say] = []
    sides: WrittenSides
    side_moves: list[WrittenSideMove] = _SOME
    corrections: WrittenCorrections
    handover: WrittenHandover
    marks: dict[Name, Say]
    clocks: list[WrittenClock] = []
    gauges: list[WrittenGauge] = []
    milestones: list[WrittenStep] = _SOME
    upcoming: WrittenUpcoming
    tickets: WrittenTickets
    visits: WrittenVisits
    tours: WrittenTours
    may: WrittenMay
    imports: dict[PointId, list[Name]] = _SOME
    tells: dict[PointId, list[Name]] = _SOME
    tiers: WrittenTiers
    targets: WrittenTargets
    land_quota: WrittenQuota
    land_pool: WrittenPool
    environment_quota: WrittenEnvironment
