"""GET /pipelines/…: the items of a pipeline and one of them, as far as the reader sees them; and the reports made of them."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Depends
from starlette.responses import Response

from policy_match.exchange.reports import Report, report_data
from policy_match.workflows.library_names import REAL
from policy_match.workflows.report_channels import channels_report
from policy_match.workflows.report_items import items_report
from policy_match.workflows.show_item import item_plain, show_item
from policy_match.workflows.write_entry import By
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import day_of
from policy_match_api.routes.reports import REFUSALS, ReportAnswer, area_asked
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["清单"])
PIPELINES = "pipelines"


@router.get("/pipelines/{kind}", response_model=ReportAnswer, responses=REFUSALS, summary="一种清单")
def pipeline(kind: str, library: str = REAL, as_of: str | None = None, state: Seen = Depends(seen)) -> Response:
    """Counts by step, and the items for whoever sees them (docs/pipelines.zh.md)."""
    by = _by(state, library)
    return _answer(items_report(state.archive, kind, by, day_of(as_of, state.day)))


@router.get("/pipelines/{kind}/{number}", response_model=ReportAnswer, responses=REFUSALS, summary="清单的一项")
def item(
    kind: str, number: str, library: str = REAL, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """One item with its stays and the steps it may go to."""
    by = _by(state, library)
    shown = show_item(state.archive, kind, number, by, as_of=day_of(as_of, state.day))
    return JsonAnswer(item_plain(shown), row_version=shown.line.row_version)


@router.get("/reports/listing", response_model=ReportAnswer, responses=REFUSALS, summary="上市后备")
def listing(library: str = REAL, as_of: str | None = None, state: Seen = Depends(seen)) -> Response:
    """Listing candidates by step and days in step; names for those alone who see the items."""
    by = _by(state, library)
    return _answer(items_report(state.archive, "listing", by, day_of(as_of, state.day)))


@router.get("/reports/channels", response_model=ReportAnswer, responses=REFUSALS, summary="项目来源")
def sources(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """Projects by the channel, event and station that they came from, of the city or of the reader's own area."""
    by = _by(state, library)
    area, view = area_asked(state, library, district, as_of)
    return _answer(channels_report(state.archive, by, view.as_of, area))


def _by(state: Seen, library: str) -> By:
    state.require(PIPELINES)
    state.require_library(library)
    return By(library, state.viewer.actor, state.now)


def _answer(report: Report) -> JsonAnswer:
    return JsonAnswer(orjson.loads(orjson.dumps(report_data(report))))
