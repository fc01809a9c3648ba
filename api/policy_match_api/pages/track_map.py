"""The investment map of the tracks: the tiles of the districts, the same figures as tables, and both as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.access.permissions import Reach
from policy_match.errors import Issue, NotFound
from policy_match.exchange.tile_map import draw
from policy_match.facts.taxonomies import TRACK
from policy_match.identifiers import DISTRICTS
from policy_match.workflows.choose_district import UNKNOWN
from policy_match.workflows.library_names import DEMO, REAL, TITLES, shown_library
from policy_match.workflows.list_projects import listing_of
from policy_match.workflows.map_tracks import (
    SHADE_NAMES,
    TITLE,
    Mapped,
    chosen_shade,
    map_report,
    map_tracks,
    picture_of,
    scope_text,
    tally_text,
    track_name,
    write_map,
)
from policy_match_api.pages.projects import BASES, XLSX
from policy_match_api.pages.render import has_demo, link, page
from policy_match_api.pages.tables import attachment, reason_noted
from policy_match_api.routes.reports import map_asked
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
FORMS = {"svg": "SVG 图", "xlsx": "Excel", "csv": "CSV", "geojson": "GeoJSON"}
TYPES = {
    "svg": "image/svg+xml",
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
}


@router.get("/map")
def show_map(request: Request, state: Seen = Depends(seen)) -> Response:
    """The map with its tables."""
    mapped, shade = _mapped(request, state), chosen_shade(request.query_params.get("shade"))
    report, links, export = map_report(mapped), _links(state, mapped), state.may("export")
    context = {
        "as_of": state.day,
        "is_demo": mapped.asked.library == DEMO,
        "library_name": shown_library(mapped.asked.library),
        "scope": scope_text(mapped.asked),
        "total": tally_text(mapped.found.total),
        "picture": draw(picture_of(mapped, shade), links),
        "links": links,
        "grids": (*report.grids[1:3], report.grids[0]),
        "forms": FORMS,
        "sees_export": export is not None,
        "asks_reason": export is not Reach.PUBLIC,
    }
    return page(request, "track_map.html", _choices(request, state, mapped) | {"shade": shade} | context)


@router.get("/map.{form}")
def take_map(request: Request, form: str, state: Seen = Depends(seen)) -> Response:
    """The same as a file; whoever is known leaves a note with the reason."""
    if form not in FORMS:
        raise NotFound(Issue("NOT_FOUND", f"地图没有“{form[:20]}”格式", "", "、".join(FORMS), "改用列出的格式"))
    mapped, shade = _mapped(request, state), chosen_shade(request.query_params.get("shade"))
    if state.require("export") is not Reach.PUBLIC:
        reason_noted(request, state)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"map.{form}"
        write_map(mapped, shade, form, path)
        return attachment(path.read_bytes(), f"{TITLE} {state.day}.{form}", TYPES[form])


def _mapped(request: Request, state: Seen) -> Mapped:
    given = request.query_params
    library = given.get("library") or state.viewer.library or REAL
    return map_tracks(state.archive, map_asked(state, library, (given.get("track"), None), None))


def _choices(request: Request, state: Seen, mapped: Mapped) -> dict[str, object]:
    """What may be chosen, and what is."""
    asked = mapped.asked
    tracks = (*state.archive.vocabulary[TRACK].options, None)
    return {
        "library": asked.library,
        "libraries": [(name, title) for name, title in TITLES.items() if name != DEMO or has_demo(request)],
        "track": "" if asked.track is None else asked.track.name or UNKNOWN,
        "tracks": [(track or UNKNOWN, track_name(track)) for track in tracks],
        "shades": SHADE_NAMES,
    }


def _links(state: Seen, mapped: Mapped) -> Mapping[str, str]:
    """The list of projects of each district that has some there: the list goes by what is fresh, the map by what was said last."""
    library = mapped.asked.library
    listed = {option.value for option in listing_of(state.library(library)).options["district"]}
    return {
        unit: link(BASES[library], district=unit, kind="project")
        for unit in DISTRICTS
        if unit in listed and mapped.found.by_district[unit].projects
    }
