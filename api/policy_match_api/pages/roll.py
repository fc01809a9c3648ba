"""大批名单: what the last large run found, by measure and by subject, for who reads matches."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from policy_match.identifiers import DISTRICTS, region_name
from policy_match.workflows.choose_district import district_name
from policy_match.workflows.list_roll import region_text
from policy_match.workflows.read_roll import (
    EVERYTHING,
    USUAL,
    VERDICT_IDS,
    VERDICT_NAMES,
    Wanted,
    list_measures,
    list_runs,
    roll_of_measure,
    roll_of_subject,
)
from policy_match_api.pages.render import link, page
from policy_match_api.params import one_of
from policy_match_api.routes.roll import sight_in
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)


@router.get("/roll")
def show(request: Request, state: Seen = Depends(seen)) -> Response:
    """The last run with its measures, or the subject that is looked for."""
    sight_in(state)
    code = request.query_params.get("subject", "").strip()
    if code:
        return RedirectResponse(f"/roll/subjects/{quote(code, safe='')}", 303)
    runs = list_runs(state.archive, 10)
    context = {"runs": runs, "measures": list_measures(state.archive) if runs else (), "is_demo": False}
    return page(request, "roll.html", context)


@router.get("/roll/subjects/{code:path}")
def show_subject(request: Request, code: str, state: Seen = Depends(seen)) -> Response:
    """The measures of one subject."""
    found = roll_of_subject(state.archive, code, sight_in(state))
    return page(request, "roll_subject.html", {"found": found, "verdict_names": VERDICT_NAMES, "is_demo": False})


@router.get("/roll/measures/{measure_id}")
def show_measure(request: Request, measure_id: str, state: Seen = Depends(seen)) -> Response:
    """The subjects of one measure, some at a time."""
    given, sight = request.query_params, sight_in(state)
    verdict = one_of(given.get("verdict"), "verdict", VERDICT_IDS) or "eligible"
    wanted = Wanted(measure_id, VERDICT_IDS[verdict], given.get("district") or None, given.get("cursor") or None, USUAL)
    found = roll_of_measure(state.archive, wanted, sight)
    context = {
        "found": found,
        "verdict": verdict,
        "verdicts": {name: VERDICT_NAMES[letter] for name, letter in VERDICT_IDS.items()},
        "districts": {one: region_name(one) for one in DISTRICTS} if sight == EVERYTHING else {},
        "district_name": district_name,
        "region_text": region_text,
        "is_demo": False,
        "next": found.cursor
        and link(
            f"/roll/measures/{quote(measure_id, safe='')}",
            verdict=verdict,
            district=found.district,
            cursor=found.cursor,
        ),
    }
    return page(request, "roll_measure.html", context)
