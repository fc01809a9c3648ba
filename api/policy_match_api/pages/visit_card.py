"""走访卡: one printed page a project: where it stands, what is late, what it may get, and at most five facts to ask."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.errors import Issue, NotFound
from policy_match.facts.subjects import Kind
from policy_match.lifecycle.tickets import TicketState
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.list_projects import line_of
from policy_match.workflows.read_records import View
from policy_match.workflows.show_project import show_project
from policy_match.workflows.show_record import show_record
from policy_match_api.pages.projects import head_of, on_day
from policy_match_api.pages.render import page
from policy_match_api.params import row_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
# As many as stand on one sheet of A4 with everything else.
MEASURES = 6
TICKETS = 4
OVER = (TicketState.CLOSED, TicketState.REJECTED)


@router.get("/projects/{project_id}/visit-card")
def card_real(request: Request, project_id: str, state: Seen = Depends(seen)) -> Response:
    """The card of a real project."""
    return _card(request, state, REAL, project_id)


@router.get("/demo/{project_id}/visit-card")
def card_demo(request: Request, project_id: str, state: Seen = Depends(seen)) -> Response:
    """The card of a demonstration project."""
    return _card(request, state, DEMO, project_id)


def _card(request: Request, state: Seen, name: str, project_id: str) -> Response:
    state.require("matches")
    library = on_day(request, state, name)
    row = row_of(library, project_id)
    matching = library.matching
    if matching.subjects[row].kind is not Kind.PROJECT:
        hint = "从项目页打开；企业的情况看企业页"
        raise NotFound(Issue("SUBJECT_UNKNOWN", f"{project_id} 不是项目，没有走访卡", "project_id", "项目", hint))
    shown = show_project(matching, row)
    record = show_record(state.archive, name, project_id, View.of(matching.as_of, None, state.now), matching.veil)
    return page(
        request,
        "visit_card.html",
        {
            **head_of(library),
            "shown": shown,
            "line": line_of(library, row),
            "record": record,
            "lights": [light for light in record.lights if light.colour != "绿灯"],
            "top": (*shown.eligible, *shown.needs_human, *shown.unknown)[:MEASURES],
            "tickets": [one for one in record.tickets if record.record.tickets[one.id].state not in OVER],
            "most_tickets": TICKETS,
            "titles": {i: matching.rulebook.at(i, matching.as_of).measure.title for i in matching.rulebook.ids},
            "vocabulary": matching.rulebook.vocabulary,
        },
    )
