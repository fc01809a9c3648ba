"""The table of the lifecycle: what `rules/lifecycle.yaml` holds once it is read and checked.

Every number carries the letter of its source: N the notice, L law or national standard,
P practice elsewhere, D our default. Names in the file are resolved before they come here, so
that a look-up by id does not fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from fractions import Fraction

from policy_match.lifecycle.words import EventKind, Side
from policy_match.working_days import Term

LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Role:
    """Who acts. `own_area`: only for projects of the actor's own area."""

    id: str
    name: str
    own_area: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """A kind of project as its gates see it; `kind` is its value of the fact project_kind."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Point:
    """A tracking point. `early`: the milestone that records it when it happens before its turn; `opens`: what reaching
    it opens; `fact`: the fact that holds its day."""

    id: str
    name: str
    early: str | None = None
    opens: tuple[str, ...] = ()
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """The time after a point (None: before the first one) until the next. `stage` is the name of the stage, None before it."""

    after: str | None
    name: str
    lead: str
    stage: str | None
    work: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class EvidenceGroup:
    """One thing to be shown: any one of the sets of kinds. Empty `variants`: of all; `if_needed`: only where its class needs it."""

    name: str
    any_of: tuple[frozenset[str], ...]
    variants: frozenset[str] = frozenset()
    if_needed: bool = False


@dataclass(frozen=True, slots=True)
class Who:
    """A role that may record, by a source if one is named, confirmed by a second person of a role if one is named."""

    role: str
    source: str | None = None
    confirm: str | None = None
    variants: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason to choose. Where given: the point reached and how long ago, the side states it starts from, more evidence."""

    name: str
    evidence: tuple[EvidenceGroup, ...] = ()
    point: str | None = None
    held: Term | None = None
    starts: frozenset[Side] = frozenset()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """A move to a point; `start` None: the entry. `reason_for`: variants that must give one of the causes."""

    id: str
    start: str | None
    to: str
    who: tuple[Who, ...]
    evidence: tuple[EvidenceGroup, ...]
    keys: tuple[str, ...]
    causes: tuple[Cause, ...]
    reason_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class SideMove:
    """A move beside the points. `to` None: back to what was before."""

    kind: EventKind
    name: str
    starts: frozenset[Side]
    to: Side | None
    who: tuple[Who, ...]
    evidence: tuple[EvidenceGroup, ...]
    causes: tuple[Cause, ...]
    reason: bool
    expected: bool
    survivor: bool
    no_open_cases: bool


@dataclass(frozen=True, slots=True)
class Corrections:
    """Who may correct a recorded event, with a reason and a second person."""

    who: tuple[Who, ...]
    evidence: tuple[EvidenceGroup, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """A light by time: from the latest known of `starts` until any of `stops`.

    Names are points, milestones, marks, and `planned:` before a point or milestone. `yellow` and `red` are the
    terms at whose end the light changes, on the following day where `next_day`; `month_end`: the time starts with
    the month after; `paused_count`: paused days are not taken out.
    """

    id: str
    name: str
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    yellow: Term | None
    red: Term | None
    goes_to: tuple[str, ...]
    source: str
    stages: frozenset[str] = frozenset()
    variants: frozenset[str] = frozenset()
    next_day: bool = False
    month_end: bool = False
    paused_count: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound of a figure in the words of the rule language: at_least, more_than, less_than, at_most."""

    word: str
    value: Fraction

    def holds(self, value: Fraction) -> bool:
        """Whether a figure is on the side the word names; the bound itself is in at_least and at_most only."""
        if value == self.value:
            return self.word in ("at_least", "at_most")
        return (value > self.value) == (self.word in ("at_least", "more_than"))


@dataclass(frozen=True, slots=True)
class Gauge:
    """A light by a figure that somebody else computes. `unit`: points, ratio or the word that follows a count."""

    id: str
    name: str
    unit: str
    yellow: Limit | None
    red: Limit | None
    goes_to: tuple[str, ...]
    source: str
    stages: frozenset[str] = frozenset()
    variants: frozenset[str] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True)
class MilestoneKind:
    """A step of the ordered list, with the role that owns it. `variants` empty: a step of all; `optional`: may not apply."""

    id: str
    name: str
    owner: str
    optional: bool
    variants: frozenset[str] = frozenset()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketKind:
    """How a problem is solved. `units`: how many units its minutes must name; 0: no minutes."""

    id: str
    name: str
    due: Term
    units: int
    source: str


@dataclass(frozen=True, slots=True)
class TicketCause:
    """What a problem is about. `owner`: id of the role responsible, or LEAD; `unit`: of the amount, for a need of an element."""

    name: str
    owner: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class TicketRules:
    """Kinds of ticket and how an overdue one climbs: `first` after its due day, then each `again`, level by level.

    `causes` by name; `severities` from the least to the most urgent.
    """

    kinds: Mapping[str, TicketKind]
    levels: tuple[str, ...]
    first: Term
    again: Term
    reopen_within: Term
    unconfirmed_after: Term
    severities: tuple[str, ...]
    causes: Mapping[str, TicketCause]
    source: str


@dataclass(frozen=True, slots=True)
class VisitRules:
    """Whom to visit each ISO week, and until when after the week (days after its Sunday, local time) an entry is in time."""

    stages: frozenset[str]
    needs_agent: bool
    late_days: int
    late_time: time
    source: str


@dataclass(frozen=True, slots=True)
class TourRules:
    """How many quarterly tours a quarter has at least."""

    per_quarter: int
    source: str


@dataclass(frozen=True, slots=True)
class TierBound:
    """A tier of total investment from its lower bound (included), in 分."""

    id: str
    name: str
    floor_fen: int


@dataclass(frozen=True, slots=True)
class DayBand:
    """A band of days between land and permit."""

    name: str
    within: Term


@dataclass(frozen=True, slots=True)
class TargetRules:
    """The two yearly targets for major projects: milestones read, days that count, goals."""

    land_from: tuple[str, ...]
    land_to: tuple[str, ...]
    bands: tuple[DayBand, ...]
    counts_within: int
    land_goal: int
    service: str
    acceptance: str
    completed: str
    service_goal: int
    levels: frozenset[str]
    goal_source: str
    source: str


@dataclass(frozen=True, slots=True)
class QuotaRules:
    """The land-plan ledger: the major level it is for, and the tolerance of unit conversion in ㎡."""

    level: str
    tolerance_m2: Fraction
    source: str


@dataclass(frozen=True, slots=True)
class PoolRules:
    """Land for major projects below the province: whose levels, and the region of the city's own pool."""

    levels: frozenset[str]
    city: str
    source: str


@dataclass(frozen=True, slots=True)
class EnvironmentRules:
    """The ledger of environment capacity: its pollutants and the unit of every amount."""

    unit: str
    pollutants: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class LifecycleTable:
    """All of it. `overall`: the role that leads the whole; `may`: who records what is no event, by the sort of entry;
    `imports`, `tells`: who brings the register of a source, and who writes single facts in its name.
    `tiers` rise from a floor of 0; `batches` are runs of points that may be recorded together; `labels` name stages,
    points, milestones and marks; `observed_only` are the sources that never pass a gate."""

    reading: str
    sources: Mapping[str, str]
    roles: Mapping[str, Role]
    overall: str
    variants: Mapping[str, Variant]
    points: tuple[Point, ...]
    intervals: Mapping[str | None, Interval]
    transitions: tuple[Transition, ...]
    batches: tuple[tuple[str, ...], ...]
    side_names: Mapping[Side, str]
    side_moves: Mapping[EventKind, SideMove]
    corrections: Corrections
    handover_within: Term
    handover_source: str
    labels: Mapping[str, str]
    observed_only: frozenset[str]
    clocks: tuple[Clock, ...]
    gauges: tuple[Gauge, ...]
    milestones: tuple[MilestoneKind, ...]
    upcoming_days: int
    upcoming_source: str
    tickets: TicketRules
    visits: VisitRules
    tours: TourRules
    may: Mapping[str, tuple[Who, ...]]
    imports: Mapping[str, tuple[Who, ...]]
    tells: Mapping[str, tuple[Who, ...]]
    tiers: tuple[TierBound, ...]
    tiers_source: str
    usd_line_cents: int
    targets: TargetRules
    land_quota: QuotaRules
    land_pool: PoolRules
    environment_quota: EnvironmentRules

    def order(self, point: str | None) -> int:
        """Place of a point, from 1; 0 before the first. KeyError for a name that is no point."""
        if point is None:
            return 0
        for place, known in enumerate(self.points, start=1):
            if known.id == point:
                return place
        raise KeyError(point)

    def point(self, point: str) -> Point:
        """The point of an id; KeyError if there is none."""
        return self.points[self.order(point) - 1]

    def point_of(self, name: str) -> str | None:
        """The id of a point by its id or Chinese name (the value of the fact stage); None for any other word."""
        return next((point.id for point in self.points if name in (point.id, point.name)), None)

    def interval(self, point: str | None) -> Interval:
        """The interval that follows a point, also one only observed on a public page."""
        return self.intervals[point]

    def unit_name(self, unit: str) -> str:
        """The name of a role by its id; a unit that is no role is called by its name already."""
        return self.roles[unit].name if unit in self.roles else unit

    def name(self, place: str) -> str:
        """The Chinese name of a stage, point, milestone, mark or planned date."""
        planned = place.removeprefix("planned:")
        return self.labels[planned] if planned == place else f"计划{self.labels[planned]}"
