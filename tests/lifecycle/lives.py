"""Events, people and requests of invented projects, in the shortest form that tests can read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from policy_match.lifecycle.case import Actor, Case
from policy_match.lifecycle.events import Event, Evidence, State, replay
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import EventKind

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DEVELOPMENT = Actor("fa", "development")
DEVELOPMENT_2 = Actor("fa2", "development")
COMMERCE = Actor("sw", "commerce")
INDUSTRY = Actor("gx", "industry")
DISTRICT = Actor("wj", "district", frozenset({"320412"}))
OTHER_DISTRICT = Actor("ly", "district", frozenset({"320481"}))
IMPORTER = Actor("import", "importer")
KEYS = frozenset({"项目代码", "统一社会信用代码"})


def day(text: str) -> date:
    """A day of a text."""
    return date.fromisoformat(text)


def noon(text: str) -> datetime:
    """12:00 local time of a day as an instant."""
    return datetime.combine(day(text), time(4), tzinfo=UTC)


def event(
    kind: str, on: str, *, recorded: str | None = None, id: str | None = None, evidence: str = "", **more: object
) -> Event:
    """An event; POINT by the id of the point. `evidence`: kinds between spaces."""
    is_point = kind not in EventKind.__members__
    made = Event(
        id=id or f"{kind}-{on}",
        project="P",
        kind=EventKind.POINT if is_point else EventKind(kind),
        effective_on=day(on),
        recorded_at=noon(recorded or on),
        actor="fa",
        source="DEPT",
        point=kind if is_point else None,
        evidence=tuple(Evidence(word, word) for word in evidence.split()),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def state(table: LifecycleTable, *events: Event, as_of: str = "2026-11-25") -> State:
    """The state after events."""
    return replay(events, table, day(as_of), NOW)


def case(actor: Actor = DEVELOPMENT, *, today: str = "2025-03-31", variant: str = "new", **more: object) -> Case:
    """A request about a project in 武进 with valid keys."""
    made = Case(variant=variant, region="320412", actor=actor, today=day(today), valid_keys=KEYS)
    return replace(made, **more)  # type: ignore[arg-type]


def later(text: str, days: int) -> date:
    """A day some days later."""
    return day(text) + timedelta(days=days)
