"""Name the 帮办 agent of a project; whoever held the post leaves it on that day."""

from __future__ import annotations

from datetime import date, datetime

from policy_match.store import audit, posts
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, at_desk, said

_LONGEST = 60


def name_agent(
    archive: Archive, library: str, code: str, *, holder: str, unit: str, since: date, by: str, now: datetime
) -> None:
    """Put somebody on the post; UsageError for no name or a long one, NotFound for project or actor, Forbidden CARE_ROLE."""
    name, office = said(holder, "姓名", "--name", longest=_LONGEST), said(unit, "单位", "--unit", longest=_LONGEST)
    with at_desk(archive, code, By(library, by, now)) as desk:
        desk.require("posts")
        posts.appoint(desk.session, library, posts.AGENT, unit=office, holder=name, since=since, subject=desk.project)
        audit.record(
            desk.session, desk.who, "agent.name", object_kind="project", object_id=desk.project.code, at=now,
            detail={"holder": name, "unit": office, "since": since.isoformat()},
        )  # fmt: skip
