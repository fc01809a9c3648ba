"""The log of the projects: entries of many sorts, each only ever added, kept and given back as what the core reads.

An entry is a frozen dataclass of the core (a lifecycle event, a step, a visit, a ticket move, a quota
entry). Its `id` is the number of its row, its `project` the code of the subject and its `told_on` the day on which
the row takes effect: none is stored twice. What the entries mean together is for the core to say (`replay`, `coverage`, `land_balance`, …).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TypeAlias, TypeVar

import orjson
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.lifecycle.clocks import Excuse, Mark
from policy_match.lifecycle.events import Event
from policy_match.lifecycle.handovers import Acceptance
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.pools import PoolEntry
from policy_match.lifecycle.quota import EnvironmentEntry, LandEntry
from policy_match.lifecycle.tickets import TicketEvent
from policy_match.lifecycle.tours import Tour
from policy_match.lifecycle.visits import Visit
from policy_match.store.open_pairs import POINT, touch
from policy_match.store.tables import Log, Subject

Entry: TypeAlias = (
    Event
    | Milestone
    | Mark
    | Visit
    | TicketEvent
    | Acceptance
    | Excuse
    | LandEntry
    | PoolEntry
    | EnvironmentEntry
    | Tour
)
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
    PoolEntry: "pool",
    EnvironmentEntry: "environment",
    Tour: "tour",
}
_SORTS: Mapping[str, type] = {name: kind for kind, name in _KINDS.items()}
_CHUNK = 1_000
_GIVEN_BY_ROW = ("id", "project", "told_on")
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
    _touch(session, [(subject, entry)], by)
    return _entry(type(entry), row, subject.code)


def add_to_library(session: Session, library: str, entry: _Entry, *, on: date, by: By) -> _Entry:
    """Add an entry that is of no one project (a tour, what the city has) to the log of a library."""
    row = _row(None, entry, on, by, library)
    session.add(row)
    session.flush()
    return _entry(type(entry), row, "")


def add_all(session: Session, pairs: Sequence[tuple[Subject, Entry]], *, by: By, on: date) -> list[int]:
    """Add many entries at once and give back their numbers; `on`: the day of those that have none of their own."""
    rows = [_row(subject, entry, _day(entry) or on, by) for subject, entry in pairs]
    session.add_all(rows)
    session.flush()
    _touch(session, pairs, by)
    return [row.id for row in rows]


def _touch(session: Session, pairs: Sequence[tuple[Subject, Entry]], by: By) -> None:
    """Events alone change what the rules see of a project."""
    touch(session, {subject.id for subject, entry in pairs if isinstance(entry, Event)}, POINT, by.at)


def _row(subject: Subject | None, entry: Entry, on: date, by: By, library: str = "") -> Log:
    return Log(
        library=library if subject is None else subject.library,
        subject_id=None if subject is None else subject.id,
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


@dataclass(frozen=True, slots=True)
class Said:
    """Entries of several sorts, by row id of their subject, each sort in the order in which it was recorded."""

    by_subject: Mapping[int, Sequence[Entry]]

    def of(self, kind: type[_Entry], subject_id: int) -> list[_Entry]:
        """The entries of one sort of one subject."""
        return [entry for entry in self.by_subject.get(subject_id, ()) if isinstance(entry, kind)]


def every_entry(session: Session, subjects: Sequence[Subject], *, known_at: datetime | None = None) -> Said:
    """All entries of these subjects, read at once."""
    return Said(_read(session, subjects, _SORTS, known_at))


def entries(
    session: Session, kind: type[_Entry], subjects: Sequence[Subject], *, known_at: datetime | None = None
) -> dict[int, list[_Entry]]:
    """The entries of one sort of each subject (by row id), in the order in which they were recorded."""
    found = Said(_read(session, subjects, {_KINDS[kind]: kind}, known_at))
    return {subject.id: found.of(kind, subject.id) for subject in subjects}


def _read(
    session: Session, subjects: Sequence[Subject], sorts: Mapping[str, type], known_at: datetime | None
) -> dict[int, list[Entry]]:
    codes = {subject.id: subject.code for subject in subjects}
    found: dict[int, list[Entry]] = {}
    ids = list(codes)
    for start in range(0, len(ids), _CHUNK):
        asked = select(Log).where(Log.subject_id.in_(ids[start : start + _CHUNK])).order_by(Log.id)
        if len(sorts) < len(_KINDS):
            asked = asked.where(Log.kind.in_(sorts))
        if known_at is not None:
            asked = asked.where(Log.recorded_at <= known_at)
        for row in session.scalars(asked):
            subject_id = row.subject_id or 0
            entry: Entry = _entry(sorts[row.kind], row, codes[subject_id])
            found.setdefault(subject_id, []).append(entry)
    return found


def of_library(session: Session, kind: type[_Entry], library: str, *, known_at: datetime | None = None) -> list[_Entry]:
    """Every entry of one sort in a library, of its projects and of no project, in the order in which they were recorded.

    `known_at`: only what was recorded up to that instant, which is included; None: everything.
    """
    asked = (
        select(Log, Subject.code)
        .join(Subject, Log.subject_id == Subject.id, isouter=True)
        .where(Log.library == library, Log.kind == _KINDS[kind])
        .order_by(Log.id)
    )
    asked = asked if known_at is None else asked.where(Log.recorded_at <= known_at)
    return [_entry(kind, row, code or "") for row, code in session.execute(asked)]


def events_since(session: Session, library: str, after: datetime) -> dict[str, list[Event]]:
    """The lifecycle events of a library recorded after an instant, by code of their project, in the order of recording."""
    found: dict[str, list[Event]] = {}
    asked = (
        select(Log, Subject.code)
        .join(Subject, Subject.id == Log.subject_id)
        .where(Log.library == library, Log.kind == _KINDS[Event], Log.recorded_at > after)
        .order_by(Log.id)
    )
    for row, code in session.execute(asked):
        found.setdefault(code, []).append(_entry(Event, row, code))
    return found


def sent_before(session: Session, key: str) -> Log | None:
    """The entry that a request with this key left, if it was sent before."""
    return session.scalars(select(Log).where(Log.idempotency_key == key)).first()


def _body(entry: Entry) -> str:
    said = _ADAPTERS[type(entry)].dump_python(entry, mode="json", exclude=set(_GIVEN_BY_ROW), exclude_defaults=True)
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def _entry(kind: type[_Entry], row: Log, code: str) -> _Entry:
    given = {"id": f"{row.id:09d}", "project": code, "told_on": row.effective_on}
    names = {field.name for field in fields(kind)}
    said = orjson.loads(row.body) | {name: value for name, value in given.items() if name in names}
    entry = _ADAPTERS[kind].validate_python(said)
    if not isinstance(entry, kind):
        raise TypeError(f"log row {row.id} is no {kind.__name__}")
    return entry
