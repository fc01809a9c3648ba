"""GET /reports/…: the reports of the command line as JSON, for the whole city or the reader's own area."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Depends
from pydantic import JsonValue, RootModel
from starlette.responses import Response

from policy_match.access.permissions import Reach
from policy_match.errors import Forbidden, Issue
from policy_match.exchange.reports import Report, report_data
from policy_match.facts.observations import Purpose
from policy_match.identifiers import region_name
from policy_match.workflows.choose_district import Area, chosen_district
from policy_match.workflows.compare_fai import recon_report
from policy_match.workflows.count_targets import targets_report
from policy_match.workflows.dispatch_plain import dispatch_plain
from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_stalled import stall_report
from policy_match.workflows.open_release import rulebook_in_force
from policy_match.workflows.read_records import View
from policy_match.workflows.report_month import read_month
from policy_match.workflows.watch_scale import watch_report
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import day_of
from policy_match_api.routes.answers import PROBLEM
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["报告"])
REFUSALS: dict[int | str, dict[str, Any]] = {400: PROBLEM, 403: PROBLEM, 404: PROBLEM}


class ReportAnswer(RootModel[dict[str, JsonValue]]):
    """A report; its keys are those of `report … --format json` (docs/reports.zh.md)."""


@router.get("/reports/stall", response_model=ReportAnswer, responses=REFUSALS, summary="停滞清单")
def stall(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """Which projects stand still, since when, whose turn it is."""
    area, view = _asked(state, library, district, as_of)
    return _answer(stall_report(state.archive, library, view, area))


@router.get("/reports/targets", response_model=ReportAnswer, responses=REFUSALS, summary="年度目标")
def targets(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """The two yearly targets with their evidence, and the measures by way of paying."""
    area, view = _asked(state, library, district, as_of)
    rulebook = rulebook_in_force(state.archive, library, view)
    return _answer(targets_report(state.archive, rulebook, library, view, area))


@router.get("/reports/watch", response_model=ReportAnswer, responses=REFUSALS, summary="入规预警")
def watch(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """Firms that are to be entered as above scale, and the growth library."""
    area, view = _asked(state, library, district, as_of)
    return _answer(watch_report(state.archive, library, view, area))


@router.get("/reports/recon", response_model=ReportAnswer, responses=REFUSALS, summary="项目库与固投库比对")
def recon(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """The comparison with the investment library; figures of one firm as far as the reader's role may see them."""
    area, asked = _asked(state, library, district, as_of)
    view = View.of(asked.as_of, None, state.now, Purpose.STATISTICS)
    who = state.viewer.actor
    return _answer(recon_report(state.archive, library, view, by=who, today=state.day, area=area))


@router.get("/reports/month/{month}", response_model=ReportAnswer, responses=REFUSALS, summary="月度调度")
def month(month: str, library: str = REAL, state: Seen = Depends(seen)) -> Response:
    """The dispatch of a month (YYYY-MM): frozen, or a preview of an open one. It is of the whole city, and so for those
    who may see that."""
    state.require_library(library)
    if state.require("months") is Reach.OWN:
        raise _beyond(state)
    dispatch = read_month(state.archive, library, month, state.now)
    body = orjson.dumps({"library": library, **dispatch_plain(dispatch)})
    return Response(body, media_type="application/json")


def _asked(state: Seen, library: str, district: str | None, as_of: str | None) -> tuple[Area | None, View]:
    """The area that the reader may see of what was asked for, and the day."""
    state.require_library(library)
    reach, area = state.require("months"), chosen_district(district)
    if reach is Reach.OWN and (area is None or area.district != state.viewer.region):
        if area is not None:
            raise _beyond(state)
        area = Area(state.viewer.region)
    return area, View.of(day_of(as_of, state.day), None, state.now)


def _beyond(state: Seen) -> Forbidden:
    own = "" if state.viewer.region is None else region_name(state.viewer.region)
    return Forbidden(
        Issue("PERMISSION", f"“{state.viewer.name}”只看本地区的报告", "district", own, "不写地区即为本地区")
    )


def _answer(report: Report) -> JsonAnswer:
    return JsonAnswer(orjson.loads(orjson.dumps(report_data(report))))
