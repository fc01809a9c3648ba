"""Move a project to its next point, with the evidence for it and the facts that come with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from policy_match.errors import Issue, UsageError
from policy_match.lifecycle.events import Event, Evidence
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import EventKind
from policy_match.workflows.enter_by_hand import observed
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.record_event import Recorded, Request, record_events


@dataclass(frozen=True, slots=True)
class Advance:
    """What is asked: points by id or name with their days, evidence for all of them, facts as written."""

    project: str
    points: tuple[str, ...]
    days: tuple[date, ...]
    evidence: tuple[Evidence, ...] = ()
    facts: Mapping[str, str] | None = None
    cause: str = ""
    reason: str = ""
    source: str = "DEPT"


def advance_project(
    archive: Archive,
    library: str,
    asked: Advance,
    *,
    by: str,
    now: datetime,
    second: str | None = None,
    seen: int | None = None,
    key: str | None = None,
) -> Recorded:
    """Record the points together or not at all; refusals as `record_events` gives them, FactError for a wrong fact."""
    if len(asked.points) != len(asked.days):
        what = f"{len(asked.points)} 个跟踪点，{len(asked.days)} 个日期"
        raise UsageError(Issue("DAYS", what, asked.project, "一一对应", "每个跟踪点写一个 --on"))
    events = tuple(
        Event(
            "", asked.project, EventKind.POINT, day, now, by, asked.source, point_id(point, archive.table),
            asked.evidence, cause=asked.cause, reason=asked.reason,
        )
        for point, day in zip(asked.points, asked.days, strict=True)
    )  # fmt: skip
    facts = observed(asked.facts or {}, archive.vocabulary, asked.source, now)
    request = Request(asked.project, events, by, second=second, seen=seen, key=key, facts=facts)
    return record_events(archive, library, request, now)


def point_id(written: str, table: LifecycleTable) -> str:
    """The id of a point by id or name; UsageError with those there are."""
    found = table.point_of(written.strip())
    if found is None:
        names = "、".join(f"{point.name} {point.id}" for point in table.points)
        raise UsageError(Issue("LC_POINT_UNKNOWN", f"没有跟踪点“{written[:20]}”", "", names, "用列出的名称"))
    return found
