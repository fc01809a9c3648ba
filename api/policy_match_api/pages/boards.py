"""Two boards: 市区联动 (city, districts, parks, projects) for the leads, and 数据来源 for the data bureau; both also for Excel."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.errors import Issue, NotFound
from policy_match.exchange.reports import Report, write_report
from policy_match.workflows.choose_district import district_name
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.list_sources import sources_report
from policy_match.workflows.show_board import NO_PARK, Park, board_report, line_cells, show_board
from policy_match_api.pages.month_reports import library_of_reports
from policy_match_api.pages.projects import BASES, XLSX
from policy_match_api.pages.render import page
from policy_match_api.pages.tables import attachment, reason_noted
from policy_match_api.routes.reports import area_asked
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
# As many projects of a park as stay under 100 KB.
LISTED = 200


@router.get("/board")
def show(request: Request, state: Seen = Depends(seen)) -> Response:
    """The board: of the whole, of one district by its parks, of one park by its projects."""
    given = request.query_params
    area, view = area_asked(state, library_of_reports(state), given.get("district"), None)
    found = show_board(state.archive, library_of_reports(state), view, area)
    park = given.get("park")
    lines = () if area is None or park is None else found.projects.get(Park(area.district, park or None))
    if lines is None:
        raise NotFound(Issue("NOT_FOUND", f"没有园区“{park}”的项目", "park", "", "从看板逐级进入"))
    context = _frame(state) | {
        "board": found,
        "area": area,
        "park": park,
        "lines": lines[:LISTED],
        "total": len(lines),
        "district_name": district_name,
        "no_park": NO_PARK,
        "cells": line_cells,
        "sees_export": state.may("export") is not None,
    }
    return page(request, "board.html", context)


@router.get("/board.xlsx")
def take(request: Request, state: Seen = Depends(seen)) -> Response:
    """All levels for Excel."""
    area, view = area_asked(state, library_of_reports(state), request.query_params.get("district"), None)
    state.require("export")
    return _taken(request, state, board_report(state.archive, library_of_reports(state), view, area))


@router.get("/sources")
def show_sources(request: Request, state: Seen = Depends(seen)) -> Response:
    """What came of each source, and what is open."""
    state.require("sources")
    report = sources_report(state.archive, library_of_reports(state), state.now)
    return page(
        request, "sources.html", _frame(state) | {"report": report, "sees_export": state.may("export") is not None}
    )


@router.get("/sources.xlsx")
def take_sources(request: Request, state: Seen = Depends(seen)) -> Response:
    """The same for Excel."""
    state.require("sources")
    state.require("export")
    return _taken(request, state, sources_report(state.archive, library_of_reports(state), state.now))


def _frame(state: Seen) -> dict[str, object]:
    library = library_of_reports(state)
    return {"as_of": state.day, "is_demo": library == DEMO, "base": BASES[library]}


def _taken(request: Request, state: Seen, report: Report) -> Response:
    reason_noted(request, state)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "board.xlsx"
        write_report(report, "xlsx", path)
        return attachment(path.read_bytes(), f"{report.title} {state.day}.xlsx", XLSX)
