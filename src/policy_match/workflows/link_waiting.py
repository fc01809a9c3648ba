"""Give a record that waits its project: what it says is then kept as if it had come with the project's number."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from policy_match.dates import local_day
from policy_match.errors import Issue, NotFound, UsageError
from policy_match.exchange.intake_rows import IntakeRow
from policy_match.exchange.intake_text import row_from_text
from policy_match.facts.observations import received
from policy_match.store import audit, batches, waiting
from policy_match.store.actors import actor
from policy_match.workflows.keep_rows import Kept
from policy_match.workflows.note_refusals import noting_forbidden
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.place_rows import linked_record
from policy_match.workflows.read_records import find_project
from policy_match.workflows.settle_doubt import require_settler
from policy_match.workflows.take_in import keep


def link_waiting(
    archive: Archive, library: str, source: str, record: str, code: str, *, by: str, now: datetime
) -> Kept:
    """Keep the waiting record with a project; NotFound for either, UsageError with the faults if it does not fit."""
    with noting_forbidden(archive, "waiting.link", code, by, now), archive.database.writing() as session:
        who = actor(session, by, local_day(now))
        project = find_project(session, library, code)
        require_settler(session, archive, project, who, now)
        row = next((one for one in waiting.waiting(session, library, source) if one.record == record), None)
        if row is None:
            raise NotFound(
                Issue("WAITING_UNKNOWN", f"没有待关联的记录 {source} {record}", "", "", "用 waiting list 查看")
            )
        batch = batches.begin_by_hand(session, library, source, by=by, at=now)
        told = _received(row_from_text(row.body, archive.vocabulary), now)
        remembered = () if told.record is None else (linked_record(source, told.record),)
        kept = keep(session, archive, batch, (replace(told, code=project.code, keys=(*told.keys, *remembered)),))
        if kept.refusals:
            raise UsageError(*(Issue(r.code, r.what, project.code, r.allowed, r.hint) for r in kept.refusals))
        waiting.linked(session, row, now)
        batches.end(session, batch, rows=1, refused=0, counts={"changed": kept.changed})
        audit.record(
            session, who, "waiting.link", object_kind="project", object_id=project.code, at=now,
            library=library, detail={"source": source, "record": record},
        )  # fmt: skip
        return kept


def _received(row: IntakeRow, now: datetime) -> IntakeRow:
    """What a row says becomes known of the project when it is linked, not before."""
    return replace(
        row,
        observations=tuple(received(one, now) for one in row.observations),
        firm_observations=tuple(received(one, now) for one in row.firm_observations),
    )
