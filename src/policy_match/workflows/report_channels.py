"""Where the projects of a library came from (`report channels`): by the channel, event and station of the lead that became
each of them. Which pipeline says so is data (`credits`); a project that no lead names counts as unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match.access.permissions import Reach, Right
from policy_match.errors import Issue, NotFound
from policy_match.exchange.reports import FORMS, Plain, Report, write_report
from policy_match.exchange.tables import Grid
from policy_match.pipelines.kinds import Pipeline
from policy_match.store import pipelines
from policy_match.store.actors import actor
from policy_match.workflows.choose_district import Area, scope_name
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.list_items import placed_in
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_pipelines import pipelines_seen, reach_of
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By

UNSAID = "未知"
_ONCE = "在库项目；一个项目有几条线索的，按最早登记的一条；没有线索的计为未知"


@dataclass(frozen=True, slots=True)
class Channels:
    """Projects by the value of each field that tells of a source, None where none does. `projects`: all of them."""

    pipeline: Pipeline
    projects: int
    by: Mapping[str, Mapping[str | None, int]]


def report_channels(
    archive: Archive, by: By, as_of: date, *, area: Area | None, form: str | None, out: Path | None
) -> None:
    """Write it; UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(channels_report(archive, by, as_of, area), form, out)


def channels_report(archive: Archive, by: By, as_of: date, area: Area | None) -> Report:
    """The report of a day for the city or one district; NotFound PIPELINE_UNKNOWN for whoever sees no such pipeline."""
    found = count_channels(archive, by, as_of, area)
    names = {name: found.pipeline.field(name).name for name in found.by}
    grids = tuple(
        Grid(
            f"按{names[name]}", (names[name], "项目数"), tuple((value or UNSAID, str(n)) for value, n in times.items())
        )
        for name, times in found.by.items()
    )
    content: dict[str, Plain] = {
        "library": by.library,
        "district": None if area is None else area.district,
        "projects": found.projects,
        "by": {name: {value or "unknown": n for value, n in times.items()} for name, times in found.by.items()},
    }
    notes = (
        ("项目库", shown_library(by.library)),
        ("范围", scope_name(area)),
        ("项目", str(found.projects)),
        ("口径", _ONCE),
    )
    return Report(id="channels", title="项目来源", as_of=as_of, grids=grids, content=content, notes=notes)


def count_channels(archive: Archive, by: By, as_of: date, area: Area | None) -> Channels:
    """Count the active projects of a library by their source; a reader of an area counts that alone."""
    with archive.database.reading() as session:
        who = actor(session, by.actor, by.today)
        seen = pipelines_seen(archive, who).values()
        pipeline = next((one for one in seen if one.credits is not None and who.role in one.rights.reads), None)
        if pipeline is None or pipeline.credits is None:
            raise NotFound(Issue("PIPELINE_UNKNOWN", "没有项目来源的报表", "", "", "请由看得到在谈项目的单位查看"))
        if reach_of(archive, who, Right.READ) is Reach.OWN:
            area = Area(who.region)
        view = View.of(as_of, None, by.now)
        standings = list_standings(session, archive, by.library, view)
        codes = [row.code for row in standings if row.is_active and (area is None or row.district == area.district)]
        said = _said(session, pipeline, by.library, as_of)
    return Channels(pipeline, len(codes), {name: _counted(codes, said, name) for name in pipeline.credits.by})


def _said(session: Session, pipeline: Pipeline, library: str, as_of: date) -> dict[str, Mapping[str, str]]:
    """What the first lead of each project says, by code of the project."""
    found: dict[str, Mapping[str, str]] = {}
    field = "" if pipeline.credits is None else pipeline.credits.project
    for _, position in placed_in(pipelines.of_pipeline(session, library, pipeline.id), pipeline, as_of):
        if field in position.said:
            found.setdefault(position.said[field], position.said)
    return found


def _counted(codes: list[str], said: Mapping[str, Mapping[str, str]], name: str) -> dict[str | None, int]:
    """Most frequent first, then by name; unknown last, and there even if there is none."""
    found = Counter(said.get(code, {}).get(name) for code in codes)
    known = sorted(
        ((value, n) for value, n in found.items() if value is not None), key=lambda pair: (-pair[1], pair[0])
    )
    return {**dict(known), None: found[None]}
