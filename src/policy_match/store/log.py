"""The log of the projects: entries of many sorts, each only ever added, kept and given back as what the core reads.

An entry is a frozen dataclass of the core (a lifecycle event, a step, a visit, a ticket move, a quota
entry). Its `id` is the number of its row and its `project` the code of the subject: neither is stored
twice. What the entries mean together is for the core to say (`replay`, `coverage`, `land_balance`, …).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TypeVar

import orjson
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.lifecycle.clocks import Excuse, Mark
from policy_match.lifecycle.events import Event
from policy_match.lifecycle.handovers import Acceptance
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.quota import EnvironmentEntry, LandEntry
from policy_match.lifecycle.tickets import TicketEvent
from policy_match.lifecycle.visits import Visit
from policy_match.store.tables import Log, Subject

Entry = Event | Milestone | Mark | Visit | TicketEvent | Acceptance | Excuse | LandEntry | EnvironmentEntry
_Entry = TypeVar("_Entry", bound=Entry)
_KINDS: Mapping[type, str] = {
    Event: "event",
    Milestone: "milestone",
    Mark: "mark",
    Visit: "visit",
    TicketEvent: "ticket",
    Acceptance: "acceptance",
    Excuse: "excuse",
    LandEntry: "land",
    EnvironmentEntry: "environment",
}
_CHUNK = 1_000
_GIVEN_BY_ROW = ("id", "project")
_ADAPTERS: Mapping[type, TypeAdapter[object]] = {kind: TypeAdapter(kind) for kind in _KINDS}


@dataclass(frozen=True, slots=True)
class By:
    """Who wrote an entry, when and from which source; `batch_id`: of an import; `key`: of a request sent once."""

    actor_id: str
    at: datetime
    source: str
    batch_id: int | None = None
    key: str | None = None


def add(session: Session, subject: Subject, entry: _Entry, *, on: date, by: By) -> _Entry:
    """Add an entry to the log of a project and give it back with its id; `on`: the day it takes effect."""
    row = _row(subject, entry, on, by)
    session.add(row)
    session.flush()
    return _entry(type(entry), row, subject.code)


def add_all(session: Session, pairs: Sequence[tuple[Subject, Entry]], *, by: By, on: date) -> list[int]:
    """Add many entries at once and give back their numbers; `on`: the day of those that have none of their own."""
    rows = [_row(subject, entry, _day(entry) or on, by) for subject, entry in pairs]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def _row(subject: Subject, entry: Entry, on: date, by: By) -> Log:
    return Log(
        library=subject.library,
        subject_id=subject.id,
        kind=_KINDS[type(entry)],
        effective_on=on,
        recorded_at=by.at,
        actor_id=by.actor_id,
        source=by.source,
        batch_id=by.batch_id,
        idempotency_key=by.key,
        body=_body(entry),
    )


def _day(entry: Entry) -> date | None:
    if isinstance(entry, Event):
        return entry.effective_on
    if isinstance(entry, Mark | Visit):
        return entry.on
    return entry.actual_on if isinstance(entry, Milestone) else None


def entries(
    session: Session, kind: type[_Entry], subjects: Sequence[Subject], *, known_at: datetime | None = None
) -> dict[int, list[_Entry]]:
    """The entries of one sort of each subject (by row id), in the order in which they were recorded."""
    codes = {subject.id: subject.code for subject in subjects}
    found: dict[int, list[_Entry]] = {subject_id: [] for subject_id in codes}
    ids = list(codes)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        asked = select(Log).where(Log.kind == _KINDS[kind], Log.subject_id.in_(chunk)).order_by(Log.id)
        if known_at is not None:
            asked = asked.where(Log.recorded_at <= known_at)
        for row in session.scalars(asked):
            subject_id = row.subject_id or 0
            found[subject_id].append(_entry(kind, row, codes[subject_id]))
    return found


def sent_before(session: Session, key: str) -> Log | None:
    """The entry that a request with this key left, if it was sent before."""
    return session.scalars(select(Log).where(Log.idempotency_key == key)).first()


def _body(entry: Entry) -> str:
    said = _ADAPTERS[type(entry)].dump_python(entry, mode="json", exclude=set(_GIVEN_BY_ROW), exclude_defaults=True)
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def _entry(kind: type[_Entry], row: Log, code: str) -> _Entry:
    given = {"id": f"{row.id:09d}", "project": code}
    names = {field.name for field in fields(kind)}
    said = orjson.loads(row.body) | {name: value for name, value in given.items() if name in names}
    entry = _ADAPTERS[kind].validate_python(said)
    if not isinstance(entry, kind):
        raise TypeError(f"log row {row.id} is no {kind.__name__}")
    return entry
