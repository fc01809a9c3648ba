"""Pause, resume, terminate, take out or take in again: the moves of a project beside its points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from policy_match.lifecycle.events import Event, Evidence
from policy_match.lifecycle.words import EventKind
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.record_event import Recorded, Request, record_events


@dataclass(frozen=True, slots=True)
class Aside:
    """What is asked. `cause`: a word of the table; `expected_on`: when a pause is to end."""

    project: str
    kind: EventKind
    on: date
    evidence: tuple[Evidence, ...] = ()
    cause: str = ""
    reason: str = ""
    expected_on: date | None = None
    source: str = "DEPT"


def move_aside(
    archive: Archive,
    library: str,
    asked: Aside,
    *,
    by: str,
    now: datetime,
    second: str | None = None,
    seen: int | None = None,
    key: str | None = None,
) -> Recorded:
    """Record it; refusals as `record_events` gives them."""
    event = Event(
        "", asked.project, asked.kind, asked.on, now, by, asked.source, evidence=asked.evidence, cause=asked.cause,
        reason=asked.reason, expected_on=asked.expected_on,
    )  # fmt: skip
    request = Request(asked.project, (event,), by, second=second, seen=seen, key=key)
    return record_events(archive, library, request, now)
