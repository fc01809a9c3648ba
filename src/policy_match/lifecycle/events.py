"""What happened to a project, and the state that follows from it.

Events are only ever added. `replay` reads them in any order: those known by an instant, each in
its last correction, up to a day, by the day they took effect, then by when they were recorded,
then by id. It never refuses a log: whether an event may be recorded is decided by `moves.py`.
Public observations are facts, not events, and do not come here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from policy_match.dates import local_day
from policy_match.errors import FactError, Issue
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import CORRECTIONS, LIVING, EventKind, Side


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document or record by its kind, in the words of the table, and its id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log. `effective_on` is local, `recorded_at` an instant with a zone.

    `supersedes`: for CORRECT and WITHDRAW the id of the original event. `cause`: a word of the table's list;
    `reason`: free text; `expected_on`: when a pause is to end; `survivor`: the project that a merged one became.
    """

    id: str
    project: str
    kind: EventKind
    effective_on: date
    recorded_at: datetime
    actor: str
    source: str
    point: str | None = None
    evidence: tuple[Evidence, ...] = ()
    supersedes: str | None = None
    cause: str = ""
    reason: str = ""
    second_actor: str | None = None
    idempotency_key: str = ""
    expected_on: date | None = None
    survivor: str | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A point reached: since when, by which event, recorded on which local day."""

    point: str
    on: date
    event: str
    recorded_on: date


@dataclass(frozen=True, slots=True)
class SidePeriod:
    """A time beside the points, the last day not included; `until` None: still so."""

    side: Side
    since: date
    until: date | None
    event: str
    cause: str


@dataclass(frozen=True, slots=True)
class State:
    """A project on a day, as known at an instant. `reached` in the order of the points, `sides` in time.

    `lead` and `stage` are those of the interval after the last point, whatever the side; a paused project keeps
    its lead. `history`: the events that hold, corrected, in their order.
    """

    entered_on: date | None
    point: str | None
    reached: tuple[Reached, ...]
    side: Side
    sides: tuple[SidePeriod, ...]
    survivor: str | None
    lead: str
    stage: str | None
    history: tuple[Event, ...]

    @property
    def is_active(self) -> bool:
        """Whether it counts: entered or at a point, and not terminated, out of the library or merged."""
        return self.side in LIVING and self.entered_on is not None

    @property
    def pauses(self) -> tuple[SidePeriod, ...]:
        """The times in which clocks stand still."""
        return tuple(period for period in self.sides if period.side is Side.PAUSED)

    def on(self, point: str) -> date | None:
        """The day a point was reached; None if it was not."""
        return next((reached.on for reached in self.reached if reached.point == point), None)

    def event(self, event_id: str) -> Event | None:
        """An event that holds, by id."""
        return next((event for event in self.history if event.id == event_id), None)


@dataclass(frozen=True, slots=True)
class Stay:
    """The time in one interval under one lead, the last day not included. `point` None: before the first point."""

    point: str | None
    lead: str
    since: date
    until: date | None
    recorded_on: date


def replay(events: Iterable[Event], table: LifecycleTable, as_of: date, known_at: datetime) -> State:
    """The state on `as_of` by what was recorded until `known_at`; the same for any order of the events.

    FactError LC_POINT_UNKNOWN for a point that the table does not hold.
    """
    return fold((event for event in holding(events, known_at) if event.effective_on <= as_of), table)


def holding(events: Iterable[Event], known_at: datetime) -> tuple[Event, ...]:
    """The events known at an instant, each as its last correction says, withdrawn ones left out, in their order.

    A correction of an event that is not known is left out too.
    """
    known = {event.id: event for event in events if event.recorded_at <= known_at}
    last: dict[str, Event] = {}
    for event in sorted(known.values(), key=lambda event: (event.recorded_at, event.id)):
        if event.kind in CORRECTIONS and event.supersedes is not None:
            last[event.supersedes] = event
    originals = (event for event in known.values() if event.kind not in CORRECTIONS)
    told = ((event, last.get(event.id)) for event in originals)
    held = [corrected(event, by) for event, by in told if by is None or by.kind is EventKind.CORRECT]
    return tuple(sorted(held, key=_order))


def _order(event: Event) -> tuple[date, datetime, str]:
    return event.effective_on, event.recorded_at, event.id


def corrected(event: Event, by: Event | None) -> Event:
    """An event as its correction says; itself without one."""
    if by is None:
        return event
    return replace(
        event,
        effective_on=by.effective_on,
        evidence=by.evidence or event.evidence,
        cause=by.cause or event.cause,
        expected_on=by.expected_on or event.expected_on,
    )


def advance(state: State, event: Event, table: LifecycleTable) -> State:
    """The state with one more event that is no correction."""
    return fold((*state.history, event), table)


def fold(events: Iterable[Event], table: LifecycleTable) -> State:
    """The state after events that hold; moves that start from another side state change nothing."""
    history = tuple(sorted(events, key=_order))
    reached: dict[str, Reached] = {}
    sides: list[SidePeriod] = []
    survivor: str | None = None
    for event in history:
        if event.kind is EventKind.POINT:
            point = _known_point(event, table)
            reached.setdefault(point, Reached(point, event.effective_on, event.id, local_day(event.recorded_at)))
        elif event.kind is not EventKind.ENTER and _turn(sides, event, table):
            survivor = event.survivor if sides[-1].side is Side.MERGED else None
    ordered = tuple(reached[point.id] for point in table.points if point.id in reached)
    last = ordered[-1].point if ordered else None
    interval = table.interval(last)
    return State(
        entered_on=_entered_on(history),
        point=last,
        reached=ordered,
        side=sides[-1].side if sides else Side.ACTIVE,
        sides=tuple(sides),
        survivor=survivor,
        lead=interval.lead,
        stage=interval.stage,
        history=history,
    )


def _known_point(event: Event, table: LifecycleTable) -> str:
    if event.point is not None and any(point.id == event.point for point in table.points):
        return event.point
    known = "、".join(f"{point.id} {point.name}" for point in table.points)
    what = f"跟踪点“{event.point}”不在流程表中"
    raise FactError(Issue("LC_POINT_UNKNOWN", what, event.id, known, "在 rules/lifecycle.yaml 中补上，或更正这条记录"))


def _turn(sides: list[SidePeriod], event: Event, table: LifecycleTable) -> bool:
    """Take a move beside the points, if it starts from where the project stands."""
    move = table.side_moves[event.kind]
    now = sides[-1].side if sides else Side.ACTIVE
    if now not in move.starts:
        return False
    before = sides[-2].side if len(sides) > 1 else Side.ACTIVE
    if sides:
        sides[-1] = replace(sides[-1], until=event.effective_on)
    sides.append(SidePeriod(move.to or before, event.effective_on, None, event.id, event.cause))
    return True


def _entered_on(history: tuple[Event, ...]) -> date | None:
    """The day of the entry, or the day on which the first event was recorded; None without events. Being joined to
    another record is no entry."""
    own = [event for event in history if event.kind not in (EventKind.MERGE, EventKind.UNMERGE)]
    entries = [event.effective_on for event in own if event.kind is EventKind.ENTER]
    return min(entries or (local_day(event.recorded_at) for event in own), default=None)


def stays(state: State, table: LifecycleTable) -> tuple[Stay, ...]:
    """The intervals the project has been in, without gap or overlap from its first event on.

    A lead begins at 00:00 of the day its point took effect; of several points of one day the last one counts.
    """
    begun: list[Stay] = []
    if state.history and (not state.reached or state.history[0].effective_on < min(r.on for r in state.reached)):
        first = state.history[0]
        begun.append(Stay(None, table.interval(None).lead, first.effective_on, None, local_day(first.recorded_at)))
    highest = 0
    for reached in sorted(state.reached, key=lambda r: (r.on, table.order(r.point))):
        if (order := table.order(reached.point)) > highest:
            highest = order
            lead = table.interval(reached.point).lead
            begun.append(Stay(reached.point, lead, reached.on, None, reached.recorded_on))
    ends = [stay.since for stay in begun[1:]]
    closed = [replace(stay, until=end) for stay, end in zip(begun, [*ends, None], strict=False)]
    return tuple(stay for stay in closed if stay.until != stay.since)
