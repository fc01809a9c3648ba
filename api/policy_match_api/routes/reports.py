"""GET /reports/…: the reports of the command line as JSON, for the whole city or the reader's own area."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
from policy_match.workflows.assess_jobs import jobs_report
from policy_match.workflows.choose_district import Area, chosen_district
from policy_match.workflows.compare_fai import recon_report
from policy_match.workflows.count_targets import targets_report
from policy_match.workflows.dispatch_plain import dispatch_plain
from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_late import late_report
from policy_match.workflows.list_sources import sources_report
from policy_match.workflows.list_stalled import stall_report
from policy_match.workflows.map_tracks import MapAsked, chosen_track, map_report, map_tracks
from policy_match.workflows.open_release import rulebook_in_force
from policy_match.workflows.read_records import View
from policy_match.workflows.report_growth import growth_report
from policy_match.workflows.report_look_back import look_back_report
from policy_match.workflows.report_month import read_month
from policy_match.workflows.show_board import board_report
from policy_match.workflows.watch_scale import watch_report
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import count_of, day_of
from policy_match_api.routes.answers import PROBLEM
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["报告"])
MOST = 999_999_999
REFUSALS: dict[int | str, dict[str, Any]] = {400: PROBLEM, 403: PROBLEM, 404: PROBLEM}


@dataclass(frozen=True, slots=True)
class Made:
    """A report that is made on any day: what it is called, what it says, how it is made for a reader."""

    title: str
    about: str
    make: Callable[[Seen, str, View, Area | None], Report]


class ReportAnswer(RootModel[dict[str, JsonValue]]):
    """A report; its keys are those of `report … --format json` (docs/reports.zh.md)."""


@router.get("/reports/stall", response_model=ReportAnswer, responses=REFUSALS, summary="停滞清单")
def stall(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """Which projects stand still, since when, whose turn it is."""
    area, view = area_asked(state, library, district, as_of)
    return report_answer(_stall(state, library, view, area))


@router.get("/reports/targets", response_model=ReportAnswer, responses=REFUSALS, summary="年度目标")
def targets(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """The two yearly targets with their evidence, and the measures by way of paying."""
    area, view = area_asked(state, library, district, as_of)
    return report_answer(_targets(state, library, view, area))


@router.get("/reports/watch", response_model=ReportAnswer, responses=REFUSALS, summary="入规预警")
def watch(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """Firms that are to be entered as above scale, and the growth library; revenue as far as the reader's role may see it."""
    area, view = area_asked(state, library, district, as_of)
    return report_answer(_watch(state, library, view, area))


@router.get("/reports/growth", response_model=ReportAnswer, responses=REFUSALS, summary="新增长点培育库")
def growth(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """The projects after completion with their latest figures, what is not as expected and whose turn it is. Figures of
    firms as far as the reader's role may see them; asking opens no ticket."""
    area, view = area_asked(state, library, district, as_of)
    return report_answer(_growth(state, library, view, area))


@router.get("/reports/map", response_model=ReportAnswer, responses=REFUSALS, summary="产业赛道招商地图")
def track_map(
    library: str = REAL,
    track: str | None = None,
    district: str | None = None,
    as_of: str | None = None,
    state: Seen = Depends(seen),
) -> Response:
    """Projects by district and track, with points reached and investments: of the city for those who see its reports, of
    their own area for a district, else of the projects that the reader may see. `track`: a name, or unknown."""
    return report_answer(map_report(map_tracks(state.archive, map_asked(state, library, (track, district), as_of))))


@router.get("/reports/recon", response_model=ReportAnswer, responses=REFUSALS, summary="项目库与固投库比对")
def recon(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """The comparison with the investment library; figures of one firm as far as the reader's role may see them."""
    area, view = area_asked(state, library, district, as_of)
    return report_answer(_recon(state, library, view, area))


@router.get("/reports/jobs", response_model=ReportAnswer, responses=REFUSALS, summary="带动就业评估")
def jobs(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """Jobs planned and actual of major projects, per 亿元, what of the form is due; estimates stand apart."""
    area, view = area_asked(state, library, district, as_of)
    return report_answer(jobs_report(state.archive, library, view, area))


@router.get("/reports/late", response_model=ReportAnswer, responses=REFUSALS, summary="迟入库清单")
def late(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """Projects that entered the library after the last day in time, and by how many days."""
    area, view = area_asked(state, library, district, as_of)
    return report_answer(_late(state, library, view, area))


@router.get("/reports/board", response_model=ReportAnswer, responses=REFUSALS, summary="市区联动看板")
def board(
    library: str = REAL, district: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """The city, its districts, their parks and projects; each level adds up to the one above."""
    area, view = area_asked(state, library, district, as_of)
    return report_answer(_board(state, library, view, area))


@router.get("/reports/sources", response_model=ReportAnswer, responses=REFUSALS, summary="数据来源")
def sources(library: str = REAL, state: Seen = Depends(seen)) -> Response:
    """Of each source the last file, how old it is, what was refused and what waits."""
    state.require_library(library)
    state.require("sources")
    return report_answer(sources_report(state.archive, library, state.now))


@router.get("/reports/lookback", response_model=ReportAnswer, responses=REFUSALS, summary="回头看")
def look_back(
    library: str = REAL, number: str | None = None, district: str | None = None, state: Seen = Depends(seen)
) -> Response:
    """One look-back, the newest without a number: the sample, what differs, the effect on closed months."""
    state.require_library(library)
    area = own_area(state, state.require("look_backs"), chosen_district(district))
    wanted = count_of(number, "number", 0, 1, MOST) or None
    return report_answer(look_back_report(state.archive, library, wanted, state.now, area))


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


def area_asked(state: Seen, library: str, district: str | None, as_of: str | None) -> tuple[Area | None, View]:
    """The area that the reader may see of what was asked for, and the day. Forbidden PERMISSION beyond it."""
    state.require_library(library)
    area = own_area(state, state.require("months"), chosen_district(district))
    return area, View.of(day_of(as_of, state.day), None, state.now)


def own_area(state: Seen, reach: Reach, area: Area | None) -> Area | None:
    """The area that was asked for, as far as a right reaches; Forbidden PERMISSION beyond it."""
    if reach is not Reach.OWN or (area is not None and area.district == state.viewer.region):
        return area
    if area is not None:
        raise _beyond(state)
    return Area(state.viewer.region)


def map_asked(state: Seen, library: str, narrowed: tuple[str | None, str | None], as_of: str | None) -> MapAsked:
    """The map that the reader may see of what was asked for; `narrowed`: track and district. Forbidden PERMISSION beyond
    the own area, NotFound LIBRARY_CLOSED."""
    track, district = chosen_track(narrowed[0], state.archive), narrowed[1]
    if state.may("months") is not None and state.viewer.library in (None, library):
        area, view = area_asked(state, library, district, as_of)
        return MapAsked(library, view, area, track)
    area, view = chosen_district(district), View.of(day_of(as_of, state.day), None, state.now)
    return MapAsked(library, view, area, track, state.library(library, view.as_of).rows.keys())


def _beyond(state: Seen) -> Forbidden:
    own = "" if state.viewer.region is None else region_name(state.viewer.region)
    return Forbidden(
        Issue("PERMISSION", f"“{state.viewer.name}”只看本地区的报告", "district", own, "不写地区即为本地区")
    )


def report_answer(report: Report) -> JsonAnswer:
    return JsonAnswer(orjson.loads(orjson.dumps(report_data(report))))


def _stall(state: Seen, library: str, view: View, area: Area | None) -> Report:
    return stall_report(state.archive, library, view, area)


def _targets(state: Seen, library: str, view: View, area: Area | None) -> Report:
    return targets_report(state.archive, rulebook_in_force(state.archive, library, view), library, view, area)


def _late(state: Seen, library: str, view: View, area: Area | None) -> Report:
    return late_report(state.archive, library, view, area)


def _board(state: Seen, library: str, view: View, area: Area | None) -> Report:
    return board_report(state.archive, library, view, area)


def _watch(state: Seen, library: str, view: View, area: Area | None) -> Report:
    return watch_report(state.archive, library, view, area, state.veil(library))


def _growth(state: Seen, library: str, view: View, area: Area | None) -> Report:
    return growth_report(state.archive, library, view, area, state.veil(library))


def _jobs(state: Seen, library: str, view: View, area: Area | None) -> Report:
    return jobs_report(state.archive, library, view, area)


def _recon(state: Seen, library: str, view: View, area: Area | None) -> Report:
    view = View.of(view.as_of, None, state.now, Purpose.STATISTICS)
    return recon_report(state.archive, library, view, by=state.viewer.actor, today=state.day, area=area)


REPORTS: Mapping[str, Made] = {
    "stall": Made("停滞清单", "每个项目停在哪一步、多少天、亮什么灯、该谁办", _stall),
    "targets": Made("年度目标", "拿地即开工、提前服务的进度和佐证，措施按兑现方式的数目", _targets),
    "watch": Made("入规预警", "应申报入规的企业和期限，新增长点培育库", _watch),
    "growth": Made("新增长点培育库", "列入日期、最近的指标、占计划的比例、预警和待核、由谁办", _growth),
    "jobs": Made("带动就业评估", "重大项目的计划和实际用工、每亿元带动、该填未填；间接带动只是估算", _jobs),
    "late": Made("迟入库清单", "首个跟踪点后过了期限才入库的项目，迟了几天", _late),
    "recon": Made("项目库与固投库比对", "分类、列统缺口、要备的材料；单个企业的固投库数字按权限给", _recon),
}
