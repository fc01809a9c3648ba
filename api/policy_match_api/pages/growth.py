"""The growth library: who is in it and what is not as expected, and the series of one project with its chart."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Reach, Right
from policy_match.errors import Issue, UsageError
from policy_match.exchange.reports import write_report
from policy_match.identifiers import DISTRICTS
from policy_match.lifecycle.table import LEAD
from policy_match.series.evidence import percent_text, value_text
from policy_match.series.indicator import Indicator
from policy_match.series.months import january_of, month_text
from policy_match.series.words import LEVEL_NAMES, Basis, Level
from policy_match.workflows.choose_district import district_name
from policy_match.workflows.follow_growth import Followed, Growth, follow_growth
from policy_match.workflows.library_names import DEMO, shown_library
from policy_match.workflows.list_standings import reporting_unit
from policy_match.workflows.open_growth_tickets import open_growth_tickets, wanted
from policy_match.workflows.print_rows import Row
from policy_match.workflows.read_records import View
from policy_match.workflows.report_growth import TITLE, Reported, closings, light_of, share_of
from policy_match.workflows.show_indicators import (
    SeriesShown,
    findings_grid,
    series_grid,
    series_report,
    show_indicators,
)
from policy_match.workflows.write_entry import By
from policy_match_api.pages.month_reports import library_of_reports
from policy_match_api.pages.projects import BASES, XLSX
from policy_match_api.pages.render import link, page
from policy_match_api.pages.series_chart import SeriesChart, SeriesPoint, series_chart
from policy_match_api.pages.tables import attachment, part_of, reason_noted
from policy_match_api.params import day_of, library_of, one_of, row_of
from policy_match_api.routes.reports import area_asked
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
SAID = {"opened": "问题单已登记。", "none": "没有要登记的问题单：都已登记，或已由他人登记。"}
LIGHTS = {"red": Level.RED, "yellow": Level.YELLOW, "query": Level.QUERY, "green": Level.GOOD, "unknown": Level.OPEN}
STYLES = {Level.RED: "no", Level.YELLOW: "open", Level.QUERY: "near", Level.GOOD: "yes", Level.OPEN: "off"}


@router.get("/growth")
def show_growth(request: Request, state: Seen = Depends(seen)) -> Response:
    """The projects of the city, or of the reader's own area, as they are filtered."""
    given = request.query_params
    library = given.get("library") or library_of_reports(state)
    area, view = area_asked(state, library, given.get("district") or None, given.get("as_of"))
    light = one_of(given.get("light"), "light", LIGHTS)
    with state.archive.database.reading() as session:
        growth = follow_growth(session, state.archive, library, view, area)
    shown = Reported(growth, state.archive.table, state.veil(library), state.archive.vocabulary.registers)
    lines = [one for one in growth.members if light is None or light_of(one, growth) is LIGHTS[light]]
    is_all = state.may("months") is Reach.ALL
    return page(
        request,
        "growth.html",
        {
            "as_of": view.as_of,
            "today": state.day,
            "library": library,
            "library_name": shown_library(library),
            "is_demo": library == DEMO,
            "title": TITLE,
            "growth": growth,
            "shown": shown,
            "part": part_of(request, [_line(one, shown) for one in lines]),
            "light": light or "",
            "lights": {word: LEVEL_NAMES[level] for word, level in LIGHTS.items()},
            "district": "" if area is None else area.district or "",
            "districts": [(code, district_name(code)) for code in DISTRICTS] if is_all else [],
            "opens": _wanted(state, growth),
            "said": SAID.get(given.get("done", ""), ""),
            "definitions": [(state.archive.table.name(one.milestone), one.says) for one in growth.rules.definitions],
        },
    )


@router.post("/growth/tickets")
def open_tickets(
    library: Annotated[str, Form(max_length=10)],
    district: Annotated[str, Form(max_length=10)] = "",
    state: Seen = Depends(seen),
) -> Response:
    """Open the tickets that today's findings call for, of the city or of the reader's own area; one per project and cause."""
    state.require("projects", Right.WRITE)
    area, view = area_asked(state, library, district or None, None)
    made = open_growth_tickets(state.archive, view, area, By(library, state.viewer.actor, state.now))
    return RedirectResponse(link("/growth", library=library, done="opened" if made else "none"), 303)


def _wanted(state: Seen, growth: Growth) -> int:
    """How many tickets the reader may open for what is found: those of projects that the reader's role may open them for."""
    if state.may("projects", Right.WRITE) is None or growth.view.as_of != state.day:
        return 0
    role, roles = state.viewer.role, {one.role for one in state.archive.table.may["ticket"]}
    leads = role in roles, LEAD in roles
    return sum(leads[0] or (leads[1] and one.record.state.lead == role) for one, _ in wanted(growth))


def _line(one: Followed, shown: Reported) -> Row:
    """One project of the list in words."""
    growth, record = shown.growth, one.record
    share, level = share_of(one, growth), light_of(one, growth)
    causes = dict.fromkeys(found.cause for found in one.findings)
    return {
        "code": record.code,
        "name": record.name,
        "district": district_name(reporting_unit(record.choice("district"))),
        "entered_on": one.place.entered_on.isoformat(),
        "point": shown.table.name(record.state.point or ""),
        "month": "没有" if one.last_month is None else month_text(one.last_month),
        "share": "—" if share is None else percent_text(share),
        "light": LEVEL_NAMES[level],
        "style": STYLES[level],
        "findings": [[found.title, found.text] for found in one.findings],
        "duty": "、".join(dict.fromkeys(shown.duty(one, cause) for cause in causes)),
        "tickets": "、".join(number for cause in causes if (number := shown.ticket(one, cause))),
        "closing": "、".join(number for number, _ in closings(one, growth)),
        "exit": one.place.why,
    }


@router.get("/growth/{code}")
def show_series(request: Request, code: str, state: Seen = Depends(seen)) -> Response:
    """The series of one project, for whoever sees the project; figures as far as they may be seen."""
    shown, library = _series(request, state, code)
    one = _chosen(request, shown)
    return page(
        request,
        "growth_one.html",
        {
            "as_of": shown.growth.view.as_of,
            "library": library,
            "is_demo": library == DEMO,
            "title": TITLE,
            "base": BASES[library],
            "shown": shown,
            "record": shown.one.record,
            "level": light_of(shown.one, shown.growth),
            "level_names": LEVEL_NAMES,
            "styles": STYLES,
            "indicator": one,
            "chart": None if shown.reported.veil.facts or not shown.months else _chart(shown, one),
            "grid": series_grid(shown),
            "findings": findings_grid(shown),
            "closing": [*closings(shown.one, shown.growth)],
            "sees_list": state.may("months") is not None,
            "sees_export": state.viewer.actor and state.may("export") is not None,
        },
    )


@router.get("/growth/{code}/series.xlsx")
def take_series(request: Request, code: str, state: Seen = Depends(seen)) -> Response:
    """The same for Excel; whoever is known leaves a note with the reason."""
    shown, library = _series(request, state, code)
    if state.require("export") is not Reach.PUBLIC:
        reason_noted(request, state)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "series.xlsx"
        write_report(series_report(shown, library), "xlsx", path)
        name = f"{shown.one.record.code} 按月指标 {shown.growth.view.as_of}.xlsx"
        return attachment(path.read_bytes(), name, XLSX)


def _series(request: Request, state: Seen, code: str) -> tuple[SeriesShown, str]:
    """The series of a project that the viewer sees; NotFound otherwise."""
    given = request.query_params
    name, day = given.get("library") or library_of_reports(state), day_of(given.get("as_of"), state.day)
    library = library_of(state.on(day), name)
    found = library.matching.subjects[row_of(library, code)].id
    view = View.of(day, None, state.now)
    return show_indicators(state.archive, name, found, view, library.matching.veil), name


def _chosen(request: Request, shown: SeriesShown) -> Indicator:
    """The indicator of the chart: as asked, else the first one that has a plan, else the first."""
    codes = {one.id: one for one in shown.codes}
    asked = request.query_params.get("indicator") or next(iter(shown.growth.rules.plans), shown.codes[0].id)
    if asked not in codes:
        allowed = "、".join(f"{one.id} {one.title}" for one in shown.codes)
        raise UsageError(Issue("PARAM_VALUE", f"没有指标“{asked[:20]}”", "indicator", allowed, "改用列出的一项"))
    return codes[asked]


def _chart(shown: SeriesShown, one: Indicator) -> SeriesChart:
    points = [
        SeriesPoint(
            month_text(month),
            None if (cell := shown.cell(one, month)) is None else cell.value,
            shown.growth.plan(shown.one, one.id, month),
            begins=one.basis is Basis.YEAR and january_of(month) == month,
        )
        for month in shown.months
    ]
    return series_chart(f"{one.named}", points, lambda amount: value_text(amount, one.unit))
