"""The snapshot of a month: the frozen one if the month is closed, a preview of today's knowledge if it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match.dispatch.month import Month
from policy_match.dispatch.restate import restatements
from policy_match.dispatch.snapshot import Restatement, Snapshot, from_text, sorted_rows
from policy_match.lifecycle.events import Event
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import CORRECTIONS
from policy_match.store import log, months
from policy_match.workflows.list_standings import list_standings, standings_over
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View

_CONFIG = ("lifecycle.yaml", "facts.yaml", "calendar", "watch.yaml", "letterhead.yaml")


def frozen(session: Session, library: str, month: Month) -> Snapshot | None:
    """The snapshot of a closed month; None while it is open. FactError SNAPSHOT_BROKEN if somebody changed its text."""
    row = months.closed(session, library, str(month))
    return None if row is None else from_text(row.body)


def drafted(session: Session, archive: Archive, library: str, month: Month, now: datetime) -> Snapshot:
    """The month as it is known now, with the restatements of every closed month before it."""
    closed = [from_text(row.body) for row in months.closed_before(session, library, str(month))]
    days = [month.last, *(one.as_of for one in closed)]
    standings = standings_over(session, archive, library, [View(day, now) for day in days])
    rows = next(standings)
    before = next((one for one in closed if one.month == month.previous), None)
    return Snapshot(
        month=month,
        as_of=month.last,
        closed_at=None,
        config_hash=config_hash(archive.rules),
        rows=sorted_rows(rows),
        before_hash="" if before is None else before.content_hash,
        restatements=tuple(
            _restated(archive.table, _events_since(session, library, closed), zip(closed, standings, strict=True))
        ),
    )


def drafted_alone(session: Session, archive: Archive, library: str, month: Month, now: datetime) -> Snapshot:
    """The same without what it says of other months: no closed one is read again."""
    rows = list_standings(session, archive, library, View(month.last, now))
    return Snapshot(month, month.last, None, config_hash(archive.rules), sorted_rows(rows))


def _events_since(session: Session, library: str, closed: Sequence[Snapshot]) -> dict[str, list[Event]]:
    """The events recorded since the first of these months was closed, by project."""
    first = min((one.closed_at for one in closed if one.closed_at is not None), default=None)
    return {} if first is None else log.events_since(session, library, first)


def _restated(
    table: LifecycleTable, events: Mapping[str, Sequence[Event]], now: Iterable[tuple[Snapshot, Sequence[Standing]]]
) -> Iterator[Restatement]:
    """Figures of closed months that come out differently by the rows that are known now of each."""
    for closed, rows in now:
        since = closed.closed_at
        if since is not None:
            causes = {code: tuple(one.id for one in own if one.recorded_at > since) for code, own in events.items()}
            today = replace(closed, rows=sorted_rows(rows), closed_at=None)
            yield from restatements(closed, today, table, causes)


def corrected_since(session: Session, library: str, before: Snapshot | None) -> dict[str, tuple[str, ...]]:
    """Ids of the corrections recorded since the last closing, by project."""
    if before is None or before.closed_at is None:
        return {}
    events = log.events_since(session, library, before.closed_at)
    return {code: ids for code, own in events.items() if (ids := tuple(e.id for e in own if e.kind in CORRECTIONS))}


def config_hash(rules: Path) -> str:
    """SHA-256 of the files that decide what a report says."""
    digest = sha256()
    for name in _CONFIG:
        place = rules / name
        for path in sorted(place.glob("*.yaml")) if place.is_dir() else [place]:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
