"""Name the 帮办 agent of a project; whoever held the post leaves it on that day."""

from __future__ import annotations

from datetime import date, datetime

from policy_match.errors import Issue, UsageError
from policy_match.lifecycle.events import local_day
from policy_match.store import audit, posts
from policy_match.store.actors import actor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import find_project


def name_agent(
    archive: Archive, library: str, code: str, *, holder: str, unit: str, since: date, by: str, now: datetime
) -> None:
    """Put somebody on the post; UsageError for an empty name, NotFound for project or actor."""
    if not holder.strip() or not unit.strip():
        raise UsageError(Issue("AGENT", "请写姓名和单位", "--name、--unit"))
    with archive.database.writing() as session:
        who = actor(session, by, local_day(now))
        project = find_project(session, library, code)
        posts.appoint(
            session, library, posts.AGENT, unit=unit.strip(), holder=holder.strip(), since=since, subject=project
        )
        audit.record(
            session, who, "agent.name", object_kind="project", object_id=project.code, at=now,
            detail={"holder": holder.strip(), "unit": unit.strip(), "since": since.isoformat()},
        )  # fmt: skip
