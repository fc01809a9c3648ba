"""The roadmap of a project: one column per point of its life, to be printed; /projects is real, /demo is 示范数据."""

from __future__ import annotations

from types import SimpleNamespace

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.workflows.decide_ahead import Turn
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.plan_ahead import roadmap_of
from policy_match.workflows.read_records import View
from policy_match.workflows.see_library import merged_seen
from policy_match.workflows.show_roadmap import (
    READING,
    TURN_NAMES,
    day_text,
    details,
    evidence_text,
    outcome_text,
    turn_text,
)
from policy_match_api.pages.projects import head_of, on_day
from policy_match_api.pages.render import page
from policy_match_api.params import row_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
STYLES = {Turn.OPENS: "yes", Turn.CLOSES: "no", Turn.CHANGES: "near", Turn.STAYS: "off"}
WORDS = SimpleNamespace(day=day_text, details=details, evidence=evidence_text, outcome=outcome_text, turn=turn_text)


@router.get("/projects/{project_id}/roadmap")
def roadmap_real(request: Request, project_id: str, state: Seen = Depends(seen)) -> Response:
    """The roadmap of a real project."""
    return _show(request, state, REAL, project_id)


@router.get("/demo/{project_id}/roadmap")
def roadmap_demo(request: Request, project_id: str, state: Seen = Depends(seen)) -> Response:
    """The roadmap of a demonstration project."""
    return _show(request, state, DEMO, project_id)


def _show(request: Request, state: Seen, name: str, project_id: str) -> Response:
    state.require("matches")
    library = on_day(request, state, name)
    view = View.of(library.matching.as_of, None, state.now)
    today = state.day
    if project_id not in library.rows and (merged := merged_seen(library, state.archive, project_id, view)):
        return page(request, "merged.html", {**head_of(library), "seen": merged, "today": today})
    row_of(library, project_id)
    found = roadmap_of(project_id, state.archive, library, view)
    return page(
        request,
        "roadmap.html",
        {
            **head_of(library),
            "found": found,
            "today": today,
            "reading": READING,
            "turns": tuple(Turn),
            "names": TURN_NAMES,
            "styles": STYLES,
            "groups": {turn: [row for row in found.turning(turn) if row.is_ever_open] for turn in Turn},
            "never": sum(not row.is_ever_open for row in found.rows),
            "words": WORDS,
            "vocabulary": library.matching.rulebook.vocabulary,
        },
    )
