"""What a department, district or firm writes about projects: a new one, facts, points and moves of its life.

Every write is judged by the same workflow as a command; a second person never comes with the request of the first.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from policy_match.access.permissions import Right
from policy_match.lifecycle.events import Evidence
from policy_match.lifecycle.words import EventKind
from policy_match.workflows.advance_project import Advance, advance_project
from policy_match.workflows.enter_by_hand import Entered, Told, add_project, tell_facts
from policy_match.workflows.move_aside import Aside, move_aside
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.record_event import Recorded
from policy_match.workflows.show_match import Plain
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import date_of
from policy_match_api.preconditions import version_seen
from policy_match_api.routes.answers import PROBLEM, Answer
from policy_match_api.seen import Seen, seen
from policy_match_api.write_once import Sent, sent, write_once

router = APIRouter(tags=["办理"])
REFUSALS: dict[int | str, dict[str, Any]] = {400: PROBLEM, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM}
ProjectId = Annotated[str, Path(description="库内编号")]


class Written(BaseModel):
    """A body; an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewProject(Written):
    """What is known of a project: facts by name or label with their unit, as in a cell of a file."""

    library: Literal["real", "demo"] = "real"
    name: str = Field(max_length=200)
    uscc: str | None = None
    firm: str | None = None
    project_code: str | None = None
    facts: dict[str, str] = Field(default_factory=dict, max_length=200)
    source: str = "DISTRICT"


class MoreFacts(Written):
    """More about a project."""

    uscc: str | None = None
    firm: str | None = None
    project_code: str | None = None
    facts: dict[str, str] = Field(default_factory=dict, max_length=200)
    source: str = "DEPT"
    record: str | None = Field(default=None, max_length=120)


class Piece(Written):
    """One piece of evidence: its kind, and its number or the SHA-256 of its file."""

    kind: str = Field(max_length=60)
    number: str = Field(max_length=120)


class NewEvent(Written):
    """A point reached, or a move beside the points (`kind`); `on`: YYYY-MM-DD, today without it."""

    kind: Literal["point", "pause", "resume", "terminate", "exit", "reenter"] = "point"
    point: str | None = None
    on: str | None = None
    expected_on: str | None = None
    evidence: list[Piece] = Field(default_factory=list, max_length=20)
    facts: dict[str, str] = Field(default_factory=dict, max_length=200)
    cause: str = Field(default="", max_length=60)
    reason: str = Field(default="", max_length=2000)
    source: str = "DEPT"


class EnteredAnswer(Answer):
    """The library number, and what a person has to look at."""

    id: str
    library: Literal["real", "demo"]
    asked: list[str]


class RecordedAnswer(Answer):
    """`new` false: the same request was recorded before. `notes`: what to see to; `row_version` for the next write."""

    id: str
    library: Literal["real", "demo"]
    new: bool
    row_version: int
    notes: list[str]


@router.post("/projects", response_model=EnteredAnswer, status_code=201, responses=REFUSALS, summary="登记一个项目")
def enter_project(asked: NewProject, request: Sent = Depends(sent), state: Seen = Depends(seen)) -> Response:
    """Enter a project; its number is in the answer and in `Location`."""
    state.require("projects", Right.WRITE)
    state.require_library(asked.library)
    told = Told(asked.facts, asked.name, asked.uscc, asked.firm, asked.project_code, asked.source)

    def do(archive: Archive) -> Response:
        entered = add_project(archive, asked.library, told, state.viewer.actor, state.now)
        answer = _entered(entered, asked.library, 201)
        answer.headers["Location"] = f"/api/v1/projects/{entered.code}"
        return answer

    return write_once(state.archive, request, do, actor=state.viewer.actor, now=state.now)


@router.post(
    "/projects/{project_id}/facts", response_model=EnteredAnswer, responses=REFUSALS, summary="补充一个项目的事实"
)
def add_facts(
    project_id: ProjectId,
    asked: MoreFacts,
    library: str | None = None,
    request: Sent = Depends(sent),
    state: Seen = Depends(seen),
) -> Response:
    """Add what is known; what was said before is kept."""
    state.require("projects", Right.WRITE)
    held = state.library_to_write(project_id, library)
    state.require_library(held.name)
    told = Told(asked.facts, None, asked.uscc, asked.firm, asked.project_code, asked.source, asked.record)

    def do(archive: Archive) -> Response:
        entered = tell_facts(archive, held.name, project_id, told, state.viewer.actor, state.now)
        return _entered(entered, held.name, 200)

    return write_once(state.archive, request, do, actor=state.viewer.actor, now=state.now)


@router.post(
    "/projects/{project_id}/events", response_model=RecordedAnswer, responses=REFUSALS, summary="推进、暂停、恢复、出库"
)
def record_event(
    project_id: ProjectId,
    asked: NewEvent,
    library: str | None = None,
    version: int | None = Depends(version_seen),
    request: Sent = Depends(sent),
    state: Seen = Depends(seen),
) -> Response:
    """Record an event; whether the role may, and whether the evidence does, the lifecycle table decides.

    `If-Match` with the ETag of the project: refused if somebody changed it since.
    """
    held = state.library_to_write(project_id, library)
    state.require_library(held.name)
    state.require("advance" if asked.kind == "point" else "correct", Right.WRITE)
    on = state.day if asked.on is None else date_of(asked.on, "on")
    evidence = tuple(Evidence(piece.kind, piece.number) for piece in asked.evidence)

    def do(archive: Archive) -> Response:
        if asked.kind == "point":
            wanted = Advance(
                project_id, (asked.point or "",), (on,), evidence, asked.facts, asked.cause, asked.reason, asked.source
            )
            recorded = advance_project(archive, held.name, wanted, by=state.viewer.actor, now=state.now, seen=version)
        else:
            aside = Aside(
                project_id, EventKind(asked.kind.upper()), on, evidence, asked.cause, asked.reason,
                None if asked.expected_on is None else date_of(asked.expected_on, "expected_on"), asked.source,
            )  # fmt: skip
            recorded = move_aside(archive, held.name, aside, by=state.viewer.actor, now=state.now, seen=version)
        return JsonAnswer(_recorded(recorded, project_id, held.name))

    return write_once(state.archive, request, do, actor=state.viewer.actor, now=state.now)


def _entered(entered: Entered, library: str, status: int) -> JsonAnswer:
    asked: list[Plain] = list(entered.asked)
    return JsonAnswer({"id": entered.code, "library": library, "asked": asked}, status)


def _recorded(recorded: Recorded, project_id: str, library: str) -> dict[str, Plain]:
    notes: list[Plain] = [note.what for note in recorded.notes]
    head: dict[str, Plain] = {"id": project_id, "library": library, "new": recorded.is_new}
    return {**head, "row_version": recorded.row_version, "notes": notes}
