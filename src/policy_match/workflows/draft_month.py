"""The snapshot of a month: the frozen one if the month is closed, a preview of today's knowledge if it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match.dispatch.month import Month
from policy_match.dispatch.restate import restatements
from policy_match.dispatch.snapshot import Restatement, Snapshot, from_text, sorted_rows
from policy_match.lifecycle.words import CORRECTIONS
from policy_match.store import log, months
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View

_CONFIG = ("lifecycle.yaml", "facts.yaml", "calendar", "watch.yaml", "letterhead.yaml")


def frozen(session: Session, library: str, month: Month) -> Snapshot | None:
    """The snapshot of a closed month; None while it is open. FactError SNAPSHOT_BROKEN if somebody changed its text."""
    row = months.closed(session, library, str(month))
    return None if row is None else from_text(row.body)


def drafted(session: Session, archive: Archive, library: str, month: Month, now: datetime) -> Snapshot:
    """The month as it is known now, with the restatements of every closed month before it."""
    before = frozen(session, library, month.previous)
    rows = list_standings(session, archive, library, View(month.last, now))
    return Snapshot(
        month=month,
        as_of=month.last,
        closed_at=None,
        config_hash=config_hash(archive.rules),
        rows=sorted_rows(rows),
        before_hash="" if before is None else before.content_hash,
        restatements=restated(session, archive, library, month, now),
    )


def restated(session: Session, archive: Archive, library: str, until: Month, now: datetime) -> tuple[Restatement, ...]:
    """Figures of closed months before `until` that come out differently by what is known now."""
    found: list[Restatement] = []
    for name in months.closed_months(session, library):
        month = Month.parse(name)
        closed = frozen(session, library, month)
        if month >= until or closed is None or closed.closed_at is None:
            continue
        rows = list_standings(session, archive, library, View(closed.as_of, now))
        events = log.events_since(session, library, closed.closed_at)
        causes = {code: tuple(event.id for event in own) for code, own in events.items()}
        today = replace(closed, rows=sorted_rows(rows), closed_at=None)
        found += restatements(closed, today, archive.table, causes)
    return tuple(found)


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
