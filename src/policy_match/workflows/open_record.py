"""Open one project for a purpose, by a person: what a register closes to that purpose stays closed and the attempt is audited.

Domain specification §2.6, BI-41: a fact of the 固投库 serves statistics alone. Reading it for a payout gives unknown
and leaves a row of the audit chain.
"""

from __future__ import annotations

from datetime import datetime

from policy_match.dates import local_day
from policy_match.errors import Issue, UsageError
from policy_match.facts.cells import Cause
from policy_match.facts.observations import Purpose
from policy_match.store import audit
from policy_match.store.actors import actor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View, read_record


def purpose_of(written: str) -> Purpose:
    """A purpose by its word; UsageError PURPOSE with those there are."""
    if written not in [*Purpose]:
        allowed = "、".join(Purpose)
        raise UsageError(Issue("PURPOSE", f"没有用途“{written[:20]}”", "--purpose", allowed, "改用列出的一个"))
    return Purpose(written)


def open_record(archive: Archive, library: str, code: str, view: View, *, by: str, now: datetime) -> Record:
    """The project as the purpose of the view may see it; NotFound for project or actor."""
    with archive.database.reading() as session:
        actor(session, by, local_day(now))
        record = read_record(session, archive, library, code, view)
    closed = sorted(name for name, found in record.facts.items() if found.cell.cause is Cause.PURPOSE)
    if closed:
        with archive.database.writing() as session:
            audit.record(
                session, actor(session, by, local_day(now)), "fact.closed", object_kind="project",
                object_id=record.code, at=now, result="forbidden", reason="来源不得用于这一用途", library=library,
                detail={"purpose": view.purpose.value, "facts": list(closed)},
            )  # fmt: skip
    return record
