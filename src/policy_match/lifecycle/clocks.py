"""Lights: what is late, since when, and whose it is.

A clock runs from a day until another; the light turns yellow and red on the days at which its terms
end, paused days taken out. A gauge turns by a figure that is computed elsewhere. A day that is
not known starts no clock; a term that needs a calendar year without an official list is told as such
and never guessed. Whether a red has a good reason is a person's judgement: it stays red, and excused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

from policy_match.errors import FactError, Issue
from policy_match.lifecycle.events import SidePeriod, State
from policy_match.lifecycle.figures import figure_text, limit_text
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.table import Clock, Gauge, LifecycleTable
from policy_match.lifecycle.words import Colour, Side
from policy_match.working_days import Term, WorkingDays

_ORDER = {Colour.RED: 0, Colour.YELLOW: 2, Colour.UNKNOWN: 3, Colour.GREEN: 4}
_COLOUR_NAMES = {Colour.RED: "红灯", Colour.YELLOW: "黄灯"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A dated remark of a kind that the table names: a progress update, a month not reported, a vacancy.

    What is over (a vacancy filled, a month reported later) is not given: the last of a kind starts its clock. `text`:
    what was said with it.
    """

    kind: str
    on: date
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure for a gauge and the day since which it has been where it is."""

    gauge: str
    value: Fraction
    since: date


@dataclass(frozen=True, slots=True)
class Excuse:
    """A person's judgement that a red has a good reason, up to and with a day; `told_on`: when it was given."""

    clock: str
    reason: str
    by: str
    until: date
    told_on: date | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Watched:
    """A project as its clocks see it."""

    state: State
    variant: str
    milestones: tuple[Milestone, ...] = ()
    marks: tuple[Mark, ...] = ()
    readings: tuple[Reading, ...] = ()
    excuses: tuple[Excuse, ...] = ()


@dataclass(frozen=True, slots=True)
class Light:
    """One light. `since`: the day it took its colour; `days`: run so far, paused days taken out.

    `stopped_on`: the clock is over, the light green, and `yellow_on`, `red_on` tell what it was before. `issue`: why
    a day cannot be told. `units`: ids of the roles it goes to. For a gauge the days are None.
    """

    id: str
    name: str
    colour: Colour
    reason: str
    since: date
    units: tuple[str, ...]
    source: str
    days: int | None = None
    yellow_on: date | None = None
    red_on: date | None = None
    stopped_on: date | None = None
    excuse: Excuse | None = None
    issue: Issue | None = None


@dataclass(frozen=True, slots=True)
class _Dates:
    """The days that clocks read: the last one known of each name."""

    last: Mapping[str, date] = field(default_factory=dict)

    def latest(self, names: tuple[str, ...]) -> date | None:
        return max((self.last[name] for name in names if name in self.last), default=None)

    def first(self, names: tuple[str, ...]) -> tuple[date, str] | None:
        return min(((self.last[name], name) for name in names if name in self.last), default=None)


def lights(watched: Watched, table: LifecycleTable, as_of: date, calendar: WorkingDays) -> tuple[Light, ...]:
    """All lights of a project on a day: red first, of two reds the older, excused reds after the others, then by id.

    A project that is terminated, out of the library or merged has none.
    """
    if not watched.state.is_active:
        return ()
    dates = _dates(watched, as_of)
    found = [
        light
        for clock in table.clocks
        if _applies(clock, watched, table)
        and (light := _clock(clock, watched, dates, table, as_of, calendar)) is not None
    ]
    found += [_gauge(gauge, reading, as_of) for gauge, reading in _gauges(watched, table)]
    excused = (_excused(light, watched.excuses, as_of) for light in found)
    return tuple(
        sorted(excused, key=lambda light: (_ORDER[light.colour] + (light.excuse is not None), light.since, light.id))
    )


def days_in_interval(state: State, as_of: date) -> int | None:
    """Days since the last point, paused days taken out; None before the first point."""
    return _elapsed(state.reached[-1].on, as_of, state.pauses) if state.reached else None


def _applies(light: Clock | Gauge, watched: Watched, table: LifecycleTable) -> bool:
    stage_fits = not light.stages or watched.state.stage in light.stages
    return stage_fits and (not light.variants or watched.variant in light.variants)


def _dates(watched: Watched, as_of: date) -> _Dates:
    """Points, milestones done, planned days (also ahead), and marks up to `as_of`; the last day of each name."""
    state = watched.state
    found: list[tuple[str, date]] = [(mark.kind, mark.on) for mark in watched.marks]
    found += [(step.kind, step.actual_on) for step in watched.milestones if step.actual_on is not None]
    found += [(reached.point, reached.on) for reached in state.reached]
    if state.reached:
        found.append(("first_point", min(reached.on for reached in state.reached)))
    if state.entered_on is not None:
        found.append(("entered", state.entered_on))
    if state.side is Side.PAUSED:
        found.append(("paused", state.sides[-1].since))
    known = sorted(((name, day) for name, day in found if day <= as_of), key=lambda pair: pair[1])
    planned = {f"planned:{step.kind}": step.planned_on for step in watched.milestones if step.planned_on is not None}
    return _Dates(planned | dict(known))


def _clock(
    clock: Clock, watched: Watched, dates: _Dates, table: LifecycleTable, as_of: date, calendar: WorkingDays
) -> Light | None:
    """The light of a clock; None if it does not run and never did."""
    begun = dates.latest(clock.starts)
    if begun is None:
        return None
    start = _month_after(begun) if clock.month_end else begun
    pauses = () if clock.paused_count else watched.state.pauses
    stop = dates.first(clock.stops)
    stopped = None if stop is None else stop[0]
    until = as_of if stopped is None else stopped
    shown = date.max if stopped is None else stopped - timedelta(days=1)
    yellow, red = (_Turn.of(term, clock, start, pauses, calendar) for term in (clock.yellow, clock.red))
    light = Light(
        id=clock.id,
        name=clock.name,
        colour=Colour.GREEN,
        reason="",
        since=start,
        units=clock.goes_to,
        source=clock.source,
        days=max(0, _elapsed(start, until, pauses)),
        yellow_on=yellow.on_or_before(shown),
        red_on=red.on_or_before(shown),
        stopped_on=stopped,
        issue=yellow.issue or red.issue,
    )
    colour, since = (Colour.GREEN, stopped) if stopped is not None else _colour(yellow, red, start, as_of)
    return replace(
        light, colour=colour, since=since, reason=_reason(clock, light, colour, table, "" if stop is None else stop[1])
    )


@dataclass(frozen=True, slots=True)
class _Turn:
    """The day on which a light turns. `on` None and no issue: never, as things stand; with an issue: not before `surely_not_before`."""

    on: date | None
    surely_not_before: date = date.max
    issue: Issue | None = None

    @classmethod
    def of(
        cls, term: Term | None, clock: Clock, start: date, pauses: tuple[SidePeriod, ...], calendar: WorkingDays
    ) -> _Turn:
        if term is None:
            return cls(None)
        try:
            end = _end(term, start, pauses, calendar)
        except FactError as error:
            return cls(None, term.not_before(start), error.issues[0])
        return cls(end if end is None or not clock.next_day else end + timedelta(days=1))

    def on_or_before(self, day: date) -> date | None:
        return self.on if self.on is not None and self.on <= day else None

    def is_open(self, day: date) -> bool:
        """Whether it may have turned by `day`, and nobody can tell."""
        return self.issue is not None and day >= self.surely_not_before


def _colour(yellow: _Turn, red: _Turn, start: date, as_of: date) -> tuple[Colour, date]:
    """The colour that is proved; where none is and one may have turned, UNKNOWN."""
    for turn, colour in ((red, Colour.RED), (yellow, Colour.YELLOW)):
        if turn.on is not None and turn.on <= as_of:
            return colour, turn.on
    open_turns = [turn.surely_not_before for turn in (yellow, red) if turn.is_open(as_of)]
    return (Colour.UNKNOWN, min(open_turns)) if open_turns else (Colour.GREEN, start)


def _end(term: Term, start: date, pauses: tuple[SidePeriod, ...], calendar: WorkingDays) -> date | None:
    """The day a term ends, put off by the days paused before it; None while a pause is open.

    Working days count only where they are not paused.
    """
    if term.working > 0:
        day = Term(term.period).after(start, calendar)
        for _ in range(term.working):
            day = calendar.next_working_day(day)
            while (pause := _pause_at(day, pauses)) is not None:
                if pause.until is None:
                    return None
                day = calendar.next_working_day(pause.until - timedelta(days=1))
        return day
    end = term.after(start, calendar)
    for pause in pauses:
        if pause.since >= end or (pause.until is not None and pause.until <= start):
            continue
        if pause.until is None:
            return None
        end += pause.until - max(pause.since, start)
    return end


def _pause_at(day: date, pauses: tuple[SidePeriod, ...]) -> SidePeriod | None:
    return next((p for p in pauses if p.since <= day and (p.until is None or day < p.until)), None)


def _elapsed(start: date, until: date, pauses: tuple[SidePeriod, ...]) -> int:
    """Days from `start` to `until`, those paused taken out."""
    paused = ((max(p.since, start), min(p.until or until, until)) for p in pauses)
    return (until - start).days - sum((end - begin).days for begin, end in paused if end > begin)


def _month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _reason(clock: Clock, light: Light, colour: Colour, table: LifecycleTable, stopped_by: str) -> str:
    turns = [(name, on) for name, on in (("黄灯", light.yellow_on), ("红灯", light.red_on)) if on is not None]
    if light.stopped_on is not None:
        was = f"（曾{'、'.join(f'{name}自 {on}' for name, on in turns)}）" if turns else ""
        return f"{clock.name}：{light.stopped_on} 已{table.name(stopped_by)}，历时{light.days}天{was}"
    notes = [f"{name} {on}" for name, on in turns]
    if light.issue is not None and colour in (Colour.YELLOW, Colour.UNKNOWN):
        notes.append(light.issue.what)
    waits = f"，未{table.name(clock.stops[0])}" if clock.stops else ""
    return f"{clock.name}：{light.days}天{waits}" + (f"（{'，'.join(notes)}）" if notes else "")


def _gauges(watched: Watched, table: LifecycleTable) -> Iterator[tuple[Gauge, Reading]]:
    readings = {reading.gauge: reading for reading in watched.readings}
    for gauge in table.gauges:
        if gauge.id in readings and _applies(gauge, watched, table):
            yield gauge, readings[gauge.id]


def _gauge(gauge: Gauge, reading: Reading, as_of: date) -> Light:
    colour, limit = Colour.GREEN, None
    for bound, turned in ((gauge.red, Colour.RED), (gauge.yellow, Colour.YELLOW)):
        if bound is not None and bound.holds(reading.value):
            colour, limit = turned, bound
            break
    against = f"（{_COLOUR_NAMES[colour]}：{limit_text(gauge, limit)}）" if limit is not None else ""
    reason = f"{gauge.name}：{figure_text(gauge, reading.value)}{against}"
    return Light(gauge.id, gauge.name, colour, reason, min(reading.since, as_of), gauge.goes_to, gauge.source)


def _excused(light: Light, excuses: tuple[Excuse, ...], as_of: date) -> Light:
    """A red with the excuse that reaches furthest; after its last day the red is a plain one again."""
    given = [excuse for excuse in excuses if excuse.told_on is None or excuse.told_on <= as_of]
    fitting = [excuse for excuse in given if excuse.clock == light.id and as_of <= excuse.until]
    if light.colour is not Colour.RED or not fitting:
        return light
    excuse = max(fitting, key=lambda e: (e.until, e.by))
    return replace(light, excuse=excuse, reason=f"{light.reason}；已说明：{excuse.reason}，至 {excuse.until}")
