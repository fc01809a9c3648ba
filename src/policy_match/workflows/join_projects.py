"""Say that two records are one project, or a project and its phase, or two projects after all.

Nothing is lost: a merged record stays readable with its history, leads to its survivor, and the merge
can be taken back. Domain specification §2.5.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Conflict, Forbidden, Issue
from policy_match.lifecycle.case import entitled, who_may
from policy_match.lifecycle.events import Event
from policy_match.lifecycle.words import EventKind
from policy_match.store import audit, doubts, subjects
from policy_match.store.actors import actor
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View, find_project, read_records
from policy_match.workflows.record_event import Recorded, Request, case_of, noting_refusals, record_for

LIKENESS = "DUP_SUSPECT"


def merge_projects(
    archive: Archive, library: str, code: str, into: str, *, reason: str, by: str, now: datetime
) -> Recorded:
    """Make one record part of another; Conflict PROJECT_SAME if they are one already, Forbidden for who may not."""
    request = _request(code, EventKind.MERGE, reason, by, now)
    with noting_refusals(archive, library, request, now), archive.database.writing() as session:
        who = actor(session, by, local_day(now))
        gone, stays = find_project(session, library, code), find_project(session, library, into)
        survivor = subjects.survivor(session, stays)
        if survivor.id == subjects.survivor(session, gone).id:
            raise Conflict(Issue("PROJECT_SAME", "两个编号是同一个项目", f"{code}、{into}", "", "核对编号"))
        request = _request(gone.code, EventKind.MERGE, reason, by, now, survivor=survivor.code)
        recorded = record_for(session, archive, gone, request, who, now)
        subjects.change(session, gone, subjects.SURVIVOR, survivor.id, at=now)
        _settle(session, gone, stays, "merged", by, now)
        return recorded


def unmerge_project(archive: Archive, library: str, code: str, *, reason: str, by: str, now: datetime) -> Recorded:
    """Take a merge back: the record stands for itself again, with everything it had."""
    request = _request(code, EventKind.UNMERGE, reason, by, now)
    with noting_refusals(archive, library, request, now), archive.database.writing() as session:
        who = actor(session, by, local_day(now))
        subject = find_project(session, library, code)
        recorded = record_for(session, archive, subject, request, who, now)
        subjects.change(session, subject, subjects.SURVIVOR, None, at=now)
        return recorded


def make_phase(archive: Archive, library: str, code: str, of: str, *, included: bool, by: str, now: datetime) -> None:
    """Make a project a phase of another; `included`: the whole project's figures hold those of the phase."""
    request = _request(code, EventKind.MERGE, "", by, now)
    with noting_refusals(archive, library, request, now), archive.database.writing() as session:
        who = actor(session, by, local_day(now))
        phase, whole = find_project(session, library, code), find_project(session, library, of)
        _require(session, archive, phase, who, now)
        above: Subject | None = subjects.survivor(session, whole)
        while above is not None:
            if above.id == phase.id:
                raise Conflict(Issue("PROJECT_SAME", "项目不能是自己的分期", f"{code}、{of}", "", "核对编号"))
            above = None if above.parent_id is None else session.get_one(Subject, above.parent_id)
        subjects.change(session, phase, subjects.WHOLE, whole.id, at=now)
        subjects.change(session, phase, subjects.IN_WHOLE, included, at=now)
        audit.record(
            session, who, "project.phase", object_kind="project", object_id=phase.code, at=now,
            library=library, detail={"of": whole.code, "included": included},
        )  # fmt: skip
        _settle(session, phase, whole, "phase", by, now)


def keep_apart(archive: Archive, library: str, code: str, other: str, *, by: str, now: datetime) -> None:
    """Two projects after all: remembered and not asked again."""
    request = _request(code, EventKind.MERGE, "", by, now)
    with noting_refusals(archive, library, request, now), archive.database.writing() as session:
        who = actor(session, by, local_day(now))
        one, two = find_project(session, library, code), find_project(session, library, other)
        if one.id == two.id:
            raise Conflict(Issue("PROJECT_SAME", "两个编号是同一个项目", f"{code}、{other}", "", "核对编号"))
        _require(session, archive, one, who, now)
        _settle(session, one, two, "distinct", by, now)
        audit.record(
            session, who, "project.apart", object_kind="project", object_id=one.code, at=now, library=library,
            detail={"other": two.code},
        )  # fmt: skip


def _request(
    code: str, kind: EventKind, reason: str, by: str, now: datetime, *, survivor: str | None = None
) -> Request:
    event = Event("", code, kind, local_day(now), now, by, "DEPT", reason=reason, survivor=survivor)
    return Request(code, (event,), by)


def _require(session: Session, archive: Archive, subject: Subject, who: Actor, now: datetime) -> None:
    """Who may merge may also say that two records are a phase or apart; Forbidden SIDE_ROLE for anybody else."""
    record = read_records(session, archive, [subject], View(local_day(now)))[0]
    case = case_of(session, archive, record, who, now)
    may, table = archive.table.side_moves[EventKind.MERGE].who, archive.table
    if not entitled(may, "DEPT", record.state.lead, table, case):
        allowed = who_may(may, record.state.lead, table, case)
        raise Forbidden(Issue("SIDE_ROLE", f"“{who.name}”不办这一项", subject.code, allowed, "请由允许的单位办理"))


def _settle(session: Session, one: Subject, two: Subject, outcome: str, by: str, now: datetime) -> None:
    pair = "|".join(sorted((one.code, two.code)))
    doubt = doubts.raise_doubt(
        session, one.library, LIKENESS, pair, what=f"{one.code} 与 {two.code}", value=two.code, at=now, subject=one
    )
    doubts.settle(session, doubt, outcome, by=by, at=now)
