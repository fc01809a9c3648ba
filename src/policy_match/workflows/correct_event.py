"""Correct the day of what was recorded, or withdraw it: by two persons, as a new entry that the old one stays beside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from policy_match.dates import local_day
from policy_match.errors import Issue, NotFound
from policy_match.lifecycle.events import Event, Evidence
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import EventKind
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View, read_record
from policy_match.workflows.record_event import Recorded, Request, record_events


@dataclass(frozen=True, slots=True)
class Correction:
    """What is asked. `what`: a point by id or name, or the id of an entry; `on` None: withdraw it."""

    project: str
    what: str
    on: date | None
    reason: str
    evidence: tuple[Evidence, ...] = ()


def correct_event(
    archive: Archive, library: str, asked: Correction, *, by: str, second: str, now: datetime, seen: int | None = None
) -> Recorded:
    """Record the correction; NotFound EVENT_UNKNOWN, and refusals as `record_events` gives them."""
    with archive.database.reading() as session:
        record = read_record(session, archive, library, asked.project, View(local_day(now)))
    target = _target(record, asked.what, archive)
    event = Event(
        "",
        asked.project,
        EventKind.WITHDRAW if asked.on is None else EventKind.CORRECT,
        asked.on or target.effective_on,
        now,
        by,
        "DEPT",
        evidence=asked.evidence,
        supersedes=target.id,
        reason=asked.reason,
    )
    return record_events(archive, library, Request(asked.project, (event,), by, second=second, seen=seen), now)


def _target(record: Record, what: str, archive: Archive) -> Event:
    """The entry that holds now, by id or by its point."""
    point = archive.table.point_of(what.strip())
    for event in record.state.history:
        if event.id == what.strip().zfill(9) or (point is not None and event.point == point):
            return event
    held = "、".join(f"{event.id} {_called(event, archive.table)}" for event in record.state.history)
    raise NotFound(Issue("EVENT_UNKNOWN", f"没有记录“{what[:20]}”", record.code, held, "用 project show 查看时间线"))


def _called(event: Event, table: LifecycleTable) -> str:
    if event.point is not None:
        return table.name(event.point)
    return "入库" if event.kind is EventKind.ENTER else table.side_moves[event.kind].name
