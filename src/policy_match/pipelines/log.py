"""The log of one item, and where it stands: the step it came to last, since when, and what has been said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from policy_match.lifecycle.events import Evidence
from policy_match.pipelines.kinds import Pipeline, Sort


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: the step the item came to, or stayed at, on a local day. `said`: fields that it sets, as kept."""

    step: str
    on: date
    said: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """A time at one step. `until`: the day it was left, None while it lasts."""

    step: str
    since: date
    until: date | None = None

    def days(self, as_of: date) -> int:
        """Calendar days from the first to the last, which is the day asked about while it lasts: one day later is 1."""
        return ((self.until or as_of) - self.since).days


@dataclass(frozen=True, slots=True)
class Position:
    """Where an item stands. `stays` in order, the last one lasting; `last_on`: day of the newest entry; `back`: the step
    of the way that it was at last."""

    stays: tuple[Stay, ...]
    said: Mapping[str, str]
    last_on: date
    back: str

    @property
    def step(self) -> str:
        """The step it is at."""
        return self.stays[-1].step

    def days(self, as_of: date) -> int:
        """Days at this step."""
        return self.stays[-1].days(as_of)

    def arrivals(self, step: str) -> tuple[date, ...]:
        """The days on which it came to a step."""
        return tuple(stay.since for stay in self.stays if stay.step == step)


def replay(entries: Iterable[Entry], pipeline: Pipeline, as_of: date) -> Position | None:
    """Where an item stands on a day by its entries up to that day; None if it was not opened by then.

    An entry at the step where the item is starts no new stay: it tells more, and the days go on.
    """
    stays: list[Stay] = []
    said: dict[str, str] = {}
    last_on, back = date.min, ""
    for entry in entries:
        if entry.on > as_of:
            continue
        if not stays or stays[-1].step != entry.step:
            if stays:
                stays[-1] = Stay(stays[-1].step, stays[-1].since, entry.on)
            stays.append(Stay(entry.step, entry.on))
        if pipeline.step(entry.step).sort is Sort.WAY:
            back = entry.step
        said |= entry.said
        last_on = max(last_on, entry.on)
    return Position(tuple(stays), said, last_on, back) if stays else None


def is_expired(position: Position, pipeline: Pipeline, as_of: date) -> bool:
    """Whether its last day has passed; the last day itself still counts. False where none is known."""
    last = position.said.get(pipeline.expires or "")
    return last is not None and date.fromisoformat(last) < as_of


def is_open(position: Position, pipeline: Pipeline, as_of: date) -> bool:
    """Whether something is still waited for."""
    return not pipeline.is_over(position.step) and not is_expired(position, pipeline, as_of)


def is_overdue(position: Position, pipeline: Pipeline, as_of: date) -> bool:
    """Whether it has been at its step for longer than the limit of the step."""
    limit = pipeline.step(position.step).limit
    return limit is not None and is_open(position, pipeline, as_of) and position.days(as_of) > limit


def clock_days(position: Position, pipeline: Pipeline, as_of: date) -> dict[str, int | None]:
    """Days of each clock by its name: to the day of its field, else to the day asked about; None before it has started."""
    found: dict[str, int | None] = {}
    for clock in pipeline.clocks:
        arrivals = position.arrivals(clock.step)
        until = position.said.get(clock.until)
        end = as_of if until is None else date.fromisoformat(until)
        found[clock.name] = (end - arrivals[0]).days if arrivals else None
    return found


def told_warnings(position: Position, pipeline: Pipeline) -> tuple[str, ...]:
    """What is to be looked at: a day that lies after the one it should keep, and arrivals beyond the most."""
    found = [
        late.says
        for late in pipeline.late
        if (one := position.said.get(late.field)) and (other := position.said.get(late.after)) and one > other
    ]
    for step in pipeline.steps:
        times = len(position.arrivals(step.id))
        if step.most is not None and times > step.most:
            found.append(f"“{step.name}”{times}次，超过{step.most}次")
    return tuple(found)
