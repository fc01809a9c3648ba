"""请假移交: hand the own queue over to a colleague from a day through a day, and take it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from policy_match.errors import Issue, PolicyMatchError
from policy_match.workflows.delegate import NewDelegation, delegate
from policy_match.workflows.end_delegation import end_delegation
from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_standins import list_standins
from policy_match.workflows.write_entry import By
from policy_match_api.error_codes import status_of
from policy_match_api.pages.render import page
from policy_match_api.params import date_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)


class HandoverForm(BaseModel):
    """What the form sends; both days are included."""

    model_config = ConfigDict(extra="forbid")

    taker: str = Field(default="", max_length=60)
    since: str = Field(default="", max_length=10)
    through: str = Field(default="", max_length=10)
    reason: str = Field(default="", max_length=200)


@router.get("/today/handover")
def show(request: Request, state: Seen = Depends(seen)) -> Response:
    """Who keeps one's queue and whose one keeps, and the form."""
    return _page(request, state, HandoverForm(since=state.day.isoformat()))


@router.post("/today/handover")
def hand_over(request: Request, given: Annotated[HandoverForm, Form()], state: Seen = Depends(seen)) -> Response:
    """Hand it over; what is refused comes back with all that was written."""

    def do(by: By) -> None:
        since, through = date_of(given.since, "since"), date_of(given.through, "through")
        delegate(state.archive, NewDelegation(by.actor, given.taker, since, through, given.reason), by)

    return _done(request, state, given, do)


@router.post("/today/handover/{number}/end")
def take_back(request: Request, number: int, state: Seen = Depends(seen)) -> Response:
    """End it before its last day, by either of the two."""
    given = HandoverForm(since=state.day.isoformat())
    return _done(request, state, given, lambda by: end_delegation(state.archive, number, by))


def _done(request: Request, state: Seen, given: HandoverForm, do: Callable[[By], None]) -> Response:
    state.require("reviews")
    try:
        do(By(state.viewer.library or REAL, state.viewer.actor, state.now))
    except PolicyMatchError as refusal:
        issue = refusal.issues[0]
        return _page(request, state, given, issue, status=status_of(issue.code, refusal))
    return RedirectResponse("/today/handover", 303)


def _page(
    request: Request, state: Seen, given: HandoverForm, issue: Issue | None = None, *, status: int = 200
) -> Response:
    state.require("reviews")
    found = list_standins(state.archive, state.viewer.actor, state.day)
    return page(request, "handover.html", {"found": found, "given": given, "issue": issue, "today": state.day}, status)
