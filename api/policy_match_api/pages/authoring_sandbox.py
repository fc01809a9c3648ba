"""The sandbox: what a draft would do to a library, by district, tier, industry and size. Nothing is stored."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.errors import Issue, UsageError
from policy_match.exchange.tables import write_workbook
from policy_match.workflows.group_subjects import WAYS
from policy_match.workflows.read_draft import Checked, check_authored, find_drafts
from policy_match.workflows.read_records import View
from policy_match.workflows.simulate_draft import Simulation, cost_text, simulation_grids
from policy_match.workflows.weigh_draft import weigh_draft
from policy_match_api.pages.authoring import draft_of, library_name, library_of_drafts, require_reader
from policy_match_api.pages.projects import XLSX
from policy_match_api.pages.render import page
from policy_match_api.pages.tables import reason_noted
from policy_match_api.params import count_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)


@router.get("/sandbox")
def show(request: Request, state: Seen = Depends(seen)) -> Response:
    """Choose a draft; `?draft=` shows what it would do."""
    require_reader(state)
    with state.archive.database.reading() as session:
        drafts = find_drafts(session, library_name(state))
    found = _weighed(request, state) if request.query_params.get("draft") else None
    context = {
        "as_of": state.day,
        "drafts": drafts,
        "library": library_of_drafts(state),
        "checked": None if found is None else found[0],
        "found": None if found is None else found[1],
        "ways": WAYS,
        "cost_text": cost_text,
    }
    return page(request, "sandbox.html", context)


@router.get("/sandbox.xlsx")
def export(request: Request, state: Seen = Depends(seen)) -> Response:
    """The same for Excel, a sheet for each way to group; noted with its reason."""
    require_reader(state)
    state.require("export")
    checked, found = _weighed(request, state)
    if found is None:
        raise UsageError(Issue("DRAFT_UNREADABLE", "草案还不能判断，没有可导出的测算", "draft", "", "先改正草案"))
    reason_noted(request, state)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.xlsx"
        write_workbook(path, simulation_grids(found))
        body = path.read_bytes()
    name = f"{checked.draft.key}-{state.day}.xlsx"
    return Response(body, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _weighed(request: Request, state: Seen) -> tuple[Checked, Simulation | None]:
    number = count_of(request.query_params.get("draft"), "draft", 0, 1, 10**9)
    checked = check_authored(state.archive, draft_of(state, number), View(state.day))
    return checked, weigh_draft(checked, library_of_drafts(state))
