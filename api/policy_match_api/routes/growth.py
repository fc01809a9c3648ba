"""GET /projects/{id}/indicators: the monthly figures of one project after completion."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Depends
from pydantic import JsonValue, RootModel
from starlette.responses import Response

from policy_match.workflows.read_records import View
from policy_match.workflows.show_indicators import find_series, series_plain
from policy_match.workflows.show_match import Plain
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import day_of, found_in
from policy_match_api.routes.answers import PROBLEM
from policy_match_api.routes.projects import only_projects
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["项目"])
_REFUSALS: dict[int | str, dict[str, Any]] = {400: PROBLEM, 404: PROBLEM}


class IndicatorsAnswer(RootModel[dict[str, JsonValue]]):
    """The series of a project; its keys are those of `indicators show … --format json` (docs/indicators.zh.md)."""


@router.get(
    "/projects/{project_id}/indicators",
    response_model=IndicatorsAnswer,
    responses=_REFUSALS,
    summary="一个项目竣工以后的按月指标",
)
def list_indicators(
    project_id: str, library: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """Every month with its figures, who told them and how late, the plan, and what is to be asked. A month that was not told
    is null and no 0; a figure that the reader may not see exactly is null, and its text says what may be seen. A project that
    is not completed has none: `entered_on` is null."""
    libraries = state.on(day_of(as_of, state.day))
    held, row = found_in(libraries, project_id, library)
    only_projects(held, row)
    code, view = held.matching.subjects[row].id, View.of(libraries.as_of, None, state.now)
    shown = find_series(state.archive, held.name, code, view, held.matching.veil)
    if shown is None:
        empty: dict[str, Plain] = {"entered_on": None, "exit": None, "exit_why": "", "indicators": [], "findings": []}
        return JsonAnswer({"library": held.name, "code": code, "as_of": libraries.as_of.isoformat(), **empty})
    return JsonAnswer(orjson.loads(orjson.dumps(series_plain(shown, held.name))))
