"""The list of releases: which rules decide, and who agreed to them."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.workflows.list_releases import list_releases, states
from policy_match.workflows.read_records import View
from policy_match_api.pages.render import page
from policy_match_api.state import Opened, opened

router = APIRouter(include_in_schema=False)


@router.get("/releases")
def show_releases(request: Request, state: Opened = Depends(opened)) -> Response:
    """Every activation with how it stands today, the newest first."""
    view = View(state.settings.today())
    found = states(list_releases(state.archive, view), view)
    return page(request, "releases.html", {"as_of": view.as_of, "releases": found[::-1]})
