"""Record a weekly visit to a project; one entered after the hour for its week is kept and marked late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.lifecycle.visits import Visit, Week, is_late
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, at_desk, not_in_future


@dataclass(frozen=True, slots=True)
class NewVisit:
    """What is told: the day, who came, what was found."""

    project: str
    on: date
    visitors: tuple[str, ...] = ()
    findings: str = ""


@dataclass(frozen=True, slots=True)
class Visited:
    """The visit as kept. `is_late`: it changes no coverage that was already told."""

    visit: Visit
    week: Week
    is_late: bool


def add_visit(archive: Archive, asked: NewVisit, by: By) -> Visited:
    """Record it; UsageError LC_FUTURE, Conflict LC_SIDE, Forbidden CARE_ROLE, NotFound for project or actor."""
    not_in_future(asked.on, by.today)
    with at_desk(archive, asked.project, by) as desk:
        desk.require("visit")
        desk.require_living()
        visit = Visit(desk.project.code, asked.on, by.now, asked.visitors, asked.findings.strip())
        late = is_late(visit, archive.table)
        kept = desk.write(visit, "visit.add", on=asked.on, detail={"visitors": [*asked.visitors], "late": late})
        return Visited(kept, Week.of(asked.on), late)
