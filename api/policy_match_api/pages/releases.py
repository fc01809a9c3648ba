"""The list of releases: which rules decide, and who agreed to them."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.workflows.list_releases import list_releases, states
from policy_match.workflows.read_records import View
from policy_match_api.pages.render import page
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)


@router.get("/releases")
def show_releases(request: Request, state: Seen = Depends(seen)) -> Response:
    """Every activation with how it stands today, the newest first."""
    view = View(state.day)
    found = states(list_releases(state.archive, view), view)
    return page(request, "releases.html", {"as_of": view.as_of, "releases": found[::-1]})
