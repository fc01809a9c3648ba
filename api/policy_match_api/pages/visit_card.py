"""走访卡: one printed page a project: where it stands, what is late, what it may get, and at most five facts to ask.

The visit is recorded on the same page, from a phone as well; what the firm answered goes into its findings and is no fact
until a register or a department tells it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Right
from policy_match.errors import Issue, NotFound, PolicyMatchError
from policy_match.facts.subjects import Kind
from policy_match.lifecycle.tickets import TicketState
from policy_match.workflows.add_visit import NewVisit, add_visit
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.list_projects import line_of
from policy_match.workflows.read_records import View
from policy_match.workflows.show_project import show_project
from policy_match.workflows.show_record import RecordShown, show_record
from policy_match.workflows.write_entry import By, said
from policy_match_api.error_codes import status_of
from policy_match_api.pages.projects import BASES, head_of, on_day
from policy_match_api.pages.render import link, page
from policy_match_api.params import date_of, row_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
# As many as stand on one sheet of A4 with everything else.
MEASURES = 6
TICKETS = 4
OVER = (TicketState.CLOSED, TicketState.REJECTED)
VISITS = 3


class VisitForm(BaseModel):
    """What the form sends. `visitors`: names with any mark between them; `answer`: to each of `asked`, empty where none."""

    model_config = ConfigDict(extra="forbid")

    on: str = Field(default="", max_length=10)
    visitors: str = Field(default="", max_length=200)
    findings: str = Field(default="", max_length=2000)
    asked: list[str] = Field(default_factory=list, max_length=10)
    answer: list[str] = Field(default_factory=list, max_length=10)

    @property
    def told(self) -> str:
        """The findings with what was answered, a line each."""
        pairs = zip(self.asked, self.answer, strict=False)
        answers = (f"{asked.strip()[:80]}：{answer.strip()[:200]}" for asked, answer in pairs if answer.strip())
        return "\n".join(text for text in (self.findings.strip(), *answers) if text)


@router.get("/projects/{project_id}/visit-card")
def card_real(request: Request, project_id: str, state: Seen = Depends(seen)) -> Response:
    """The card of a real project."""
    return _card(request, state, (REAL, project_id))


@router.get("/demo/{project_id}/visit-card")
def card_demo(request: Request, project_id: str, state: Seen = Depends(seen)) -> Response:
    """The card of a demonstration project."""
    return _card(request, state, (DEMO, project_id))


@router.post("/projects/{project_id}/visit-card")
def visit_real(
    request: Request, project_id: str, given: Annotated[VisitForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Record a visit to a real project."""
    return _visit(request, state, (REAL, project_id), given)


@router.post("/demo/{project_id}/visit-card")
def visit_demo(
    request: Request, project_id: str, given: Annotated[VisitForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Record a visit to a demonstration project."""
    return _visit(request, state, (DEMO, project_id), given)


def _visit(request: Request, state: Seen, place: tuple[str, str], given: VisitForm) -> Response:
    """Record it and come back; what is refused comes back with all that was written."""
    state.require("projects", Right.WRITE)
    name, project_id = place
    state.require_library(name)
    row_of(state.library(name), project_id)
    try:
        on = date_of(given.on, "on")
        visitors = tuple(text for text in re.split(r"[、，,;；\s]+", given.visitors) if text)
        told = said(given.told, "走访情况", "findings")
        done = add_visit(
            state.archive, NewVisit(project_id, on, visitors, told), By(name, state.viewer.actor, state.now)
        )
    except PolicyMatchError as refusal:
        issue = refusal.issues[0]
        said_back = {"given": given, "issue": issue}
        return _card(request, state, place, said_back, status=status_of(issue.code, refusal))
    address = f"{BASES[name]}/{quote(project_id, safe='')}/visit-card"
    return RedirectResponse(link(address, done="late" if done.is_late else "yes"), 303)


def _card(
    request: Request,
    state: Seen,
    place: tuple[str, str],
    more: Mapping[str, object] | None = None,
    *,
    status: int = 200,
) -> Response:
    name, project_id = place
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
            **_form(request, state, record),
            **(more or {}),
        },
        status,
    )


def _form(request: Request, state: Seen, record: RecordShown) -> dict[str, object]:
    """The visits before, and the form for the next one; none on a card of another day."""
    return {
        "visits": sorted(record.record.visits, key=lambda one: one.on, reverse=True)[:VISITS],
        "may_visit": state.may("projects", Right.WRITE) is not None and record.as_of == state.day,
        "given": VisitForm(on=state.day.isoformat(), visitors=state.viewer.name),
        "today": state.day,
        "issue": None,
        "done": request.query_params.get("done", ""),
    }
