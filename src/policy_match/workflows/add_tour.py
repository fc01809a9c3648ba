"""Record a quarterly tour; scores are kept with the tour and go nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.errors import Issue, UsageError
from policy_match.lifecycle.tours import Score, Tour
from policy_match.store.audit import Plain
from policy_match.units import parse_score
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import find_project
from policy_match.workflows.write_entry import By, at_library_desk, find_unit, not_in_future, said, write_to_library


@dataclass(frozen=True, slots=True)
class NewTour:
    """What is told. `projects` in the order of the route; `scores`: unit and points as written."""

    on: date
    route: str
    projects: tuple[str, ...]
    scores: tuple[tuple[str, str], ...] = ()
    notes: str = ""


def add_tour(archive: Archive, asked: NewTour, by: By) -> Tour:
    """Record it; UsageError without route or projects, NotFound for project or unit, FactError for points, Forbidden CARE_ROLE."""
    route = said(asked.route, "路线", "--route")
    not_in_future(asked.on, by.today)
    if not asked.projects:
        raise UsageError(Issue("TOUR_PROJECTS", "没有写观摩的项目", "--project", "库内编号，可多次", "至少写一个"))
    scores = tuple(Score(find_unit(unit, archive), Fraction(parse_score(points))) for unit, points in asked.scores)
    with at_library_desk(archive, "tour", by) as (session, who):
        codes = tuple(find_project(session, by.library, code).code for code in asked.projects)
        tour = Tour("", asked.on, route, codes, scores, asked.notes.strip())
        detail: dict[str, Plain] = {"route": route, "projects": [*codes]}
        return write_to_library(session, who, tour, "tour.add", by=by, on=asked.on, detail=detail)
