"""Name the 帮办 agent of a project; whoever held the post leaves it on that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.store import audit, posts
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, at_desk, said

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Agent:
    """What is asked: who holds the post of which project from which day; work names only."""

    project: str
    holder: str
    unit: str
    since: date


def name_agent(archive: Archive, asked: Agent, by: By) -> None:
    """Put somebody on the post; UsageError for no name or unit, NotFound for project or actor, Forbidden CARE_ROLE."""
    holder = said(asked.holder, "姓名", "--name", longest=_LONGEST)
    unit = said(asked.unit, "单位", "--unit", longest=_LONGEST)
    with at_desk(archive, asked.project, by) as desk:
        desk.require("posts")
        desk.require_living()
        posts.appoint(
            desk.session, by.library, posts.AGENT, unit=unit, holder=holder, since=asked.since, at=by.now,
            subject=desk.project,
        )  # fmt: skip
        audit.record(
            desk.session, desk.who, "agent.name", object_kind="project", object_id=desk.project.code, at=by.now,
            library=by.library, detail={"holder": holder, "unit": unit, "since": asked.since.isoformat()},
        )  # fmt: skip
