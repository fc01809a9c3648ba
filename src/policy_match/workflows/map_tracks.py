"""The investment map of the tracks: projects by track and district, as a report, as GeoJSON and as a picture (`report map`).

A track is what a source says of a project; what its name or industry suggests is not counted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

import orjson

from policy_match.dispatch.track_map import Tally, TrackAsked, TrackMap, is_of, track_map
from policy_match.dispatch.wording import Unit, with_unit
from policy_match.errors import Issue, UsageError
from policy_match.exchange.reports import FORMS, NONE, Plain, Report, write_report
from policy_match.exchange.screen import write_lines
from policy_match.exchange.tables import Grid
from policy_match.exchange.tile_map import NOTE, Figure, Picture, draw, polygon
from policy_match.facts.taxonomies import TRACK
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.store import subjects
from policy_match.workflows.choose_district import UNKNOWN, Area, district_name, scope_name
from policy_match.workflows.library_names import DEMO, INVENTED, shown_library
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View

TITLE = "产业赛道招商地图"
MAP_FORMS = (*FORMS, "geojson", "svg")
_Tallies: TypeAlias = dict[tuple[str, ...], Tally]
_TWICE = "一个项目可以属于几个赛道：各赛道都计，合计只计一次"


class Shade(StrEnum):
    """What the tiles are shaded by."""

    NUMBER = "number"
    SUM = "sum"


SHADE_NAMES = {Shade.NUMBER: "项目数", Shade.SUM: "总投资"}


@dataclass(frozen=True, slots=True)
class MapAsked:
    """What is to be on the map; None: all. `codes`: only of these projects."""

    library: str
    view: View
    area: Area | None = None
    track: TrackAsked | None = None
    codes: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """What was asked and counted, with the table that names the points."""

    asked: MapAsked
    found: TrackMap
    table: LifecycleTable


def report_map(archive: Archive, asked: MapAsked, shade: Shade, *, form: str | None, out: Path | None) -> None:
    """Write the map; UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, MAP_FORMS)
    write_map(map_tracks(archive, asked), shade, form, out)


def write_map(mapped: Mapped, shade: Shade, form: str, out: Path | None) -> None:
    """Write it in one of MAP_FORMS to a file, or to the screen without one."""
    if form == "svg":
        write_lines([draw(picture_of(mapped, shade)).encode()], out)
    elif form == "geojson":
        write_lines([geojson_of(mapped)], out)
    else:
        write_report(map_report(mapped), form, out)


def map_tracks(archive: Archive, asked: MapAsked) -> Mapped:
    """Count the projects of a library on a day."""
    with archive.database.reading() as session:
        among = None
        if asked.codes is not None:
            every = subjects.every(session, asked.library, "project")
            among = [row for row in every if row.code in asked.codes]
        standings = list_standings(session, archive, asked.library, asked.view, among)
    area = asked.area
    here = [row for row in standings if area is None or row.district == area.district]
    found = track_map(here, archive.vocabulary[TRACK].options, asked.track, archive.table)
    return Mapped(asked, found, archive.table)


def chosen_track(written: str | None, archive: Archive) -> TrackAsked | None:
    """The track of `--track` by its name; None: all tracks. UsageError PARAM_VALUE for anything else."""
    name = (written or "").strip()
    if not name:
        return None
    if name == UNKNOWN:
        return TrackAsked(None)
    options = archive.vocabulary[TRACK].options
    if name not in options:
        allowed = f"{'、'.join(options)}、{UNKNOWN} 赛道未知"
        raise UsageError(Issue("PARAM_VALUE", f"没有赛道“{name[:20]}”", "track", allowed, "改用列出的一个"))
    return TrackAsked(name)


def chosen_shade(written: str | None) -> Shade:
    """What to shade by, the number without a word; UsageError PARAM_VALUE for anything else."""
    name = written or Shade.NUMBER
    if name not in tuple(Shade):
        allowed = "、".join(f"{shade} {title}" for shade, title in SHADE_NAMES.items())
        raise UsageError(Issue("PARAM_VALUE", f"不能按“{name[:20]}”着色", "shade", allowed, "改用列出的一个"))
    return Shade(name)


def track_name(track: str | None) -> str:
    """The name of a track; 赛道未知 for None."""
    return "赛道未知" if track is None else track


def map_report(mapped: Mapped) -> Report:
    """The figures by district and track, of each district, of each track, and the projects."""
    asked = mapped.asked
    return Report(
        id="map",
        title=TITLE,
        as_of=asked.view.as_of,
        grids=(*_figure_grids(mapped), _project_grid(mapped)),
        content=_content(mapped),
        notes=(("项目库", shown_library(asked.library)), ("范围", scope_text(asked)), ("口径", _TWICE)),
    )


def _figure_grids(mapped: Mapped) -> tuple[Grid, Grid, Grid]:
    asked, found, table = mapped.asked, mapped.found, mapped.table
    by_both: _Tallies = {
        (district_name(unit), track_name(track)): tally for (unit, track), tally in found.by_both.items()
    }
    by_district: _Tallies = {
        (district_name(unit),): tally for unit, tally in found.by_district.items() if _is_asked(unit, asked)
    }
    by_track: _Tallies = {(track_name(track),): tally for track, tally in found.by_track.items()}
    total: _Tallies = {("合计",): found.total}
    return (
        _grid("各地各赛道", ("辖市区", "赛道"), by_both, table),
        _grid("各地", ("辖市区",), by_district | total, table),
        _grid("各赛道", ("赛道",), by_track | total, table),
    )


def _project_grid(mapped: Mapped) -> Grid:
    header = ("编号", "项目", "赛道", "辖市区", "跟踪点", "总投资")
    rows = (_project_cells(row, track, mapped.table) for row, track in _members(mapped.found))
    return Grid("项目", header, tuple(rows))


def scope_text(asked: MapAsked) -> str:
    """Which part of the city and which tracks, in words."""
    tracks = "全部赛道" if asked.track is None else track_name(asked.track.name)
    return f"{scope_name(asked.area)}，{tracks}"


def picture_of(mapped: Mapped, shade: Shade) -> Picture:
    """The map as a picture, every district with its figures."""
    asked, found = mapped.asked, mapped.found
    figures = tuple(_figure(unit, tally, shade) for unit, tally in found.by_district.items() if _is_asked(unit, asked))
    most = max((figure.value or 0 for figure in figures), default=0)
    mark = (INVENTED,) if asked.library == DEMO else ()
    head = f"{TITLE}（{scope_text(asked)}，截至{asked.view.as_of}）"
    return Picture(
        title=head,
        text="；".join((*(figure.text for figure in figures), f"合计：{tally_text(found.total)}", NOTE, *mark)),
        figures=figures,
        shaded=SHADE_NAMES[shade],
        most=_value_text(most, shade),
        notes=(head, f"合计：{tally_text(found.total)}；深浅表示{SHADE_NAMES[shade]}", NOTE, *mark),
    )


def geojson_of(mapped: Mapped) -> bytes:
    """A feature per project and track (RFC 7946); the geometry is the tile of the district, null where it has none."""
    asked = mapped.asked
    mark = {"mark": INVENTED} if asked.library == DEMO else {}
    features = [_feature(row, track, mapped) for row, track in _members(mapped.found)]
    return orjson.dumps({
        "type": "FeatureCollection",
        "name": TITLE,
        "note": f"{NOTE}；几何是格网的格，单位是格，不是经纬度；{_TWICE}",
        "library": asked.library,
        **mark,
        "as_of": asked.view.as_of,
        "features": features,
    }) + b"\n"  # fmt: skip


def _feature(row: Standing, track: str | None, mapped: Mapped) -> Plain:
    place = polygon(row.district)
    mark: dict[str, Plain] = {"mark": "示范"} if mapped.asked.library == DEMO else {}
    return {
        "type": "Feature",
        "id": f"{row.code}/{track or UNKNOWN}",
        "geometry": None if place is None else {"type": "Polygon", "coordinates": place},  # type: ignore[dict-item]
        "properties": {
            "id": row.code, "name": row.name, "track": track, **mark, "district": row.district,
            "district_name": district_name(row.district), "point": row.point, "point_name": _point(row, mapped.table),
            "observed_only": row.observed_point is not None, "investment_fen": row.investment_fen,
        },
    }  # fmt: skip


def _members(found: TrackMap) -> list[tuple[Standing, str | None]]:
    """Every project with each of its tracks that are asked for."""
    return [(row, track) for row in found.rows for track in found.tracks if is_of(row, track)]


def _is_asked(unit: str | None, asked: MapAsked) -> bool:
    return asked.area is None or unit == asked.area.district


def _grid(title: str, names: tuple[str, ...], tallies: _Tallies, table: LifecycleTable) -> Grid:
    points = (*(point.name for point in table.points), "没有登记")
    header = (*names, "项目数", *points, "只见于公开页面", "总投资（已知）", "总投资未知")
    return Grid(title, header, tuple((*key, *_tally_cells(tally)) for key, tally in tallies.items()))


def _tally_cells(tally: Tally) -> tuple[str, ...]:
    counts = [tally.projects, *map(len, tally.by_point.values()), len(tally.group.observed)]
    return (*map(str, counts), _sum_text(tally), str(tally.lacking))


def _sum_text(tally: Tally) -> str:
    if tally.projects == 0:
        return NONE
    return "未知" if tally.fen is None else with_unit(tally.fen, Unit.MONEY)


def tally_text(tally: Tally) -> str:
    """Number and investments in words; how many are not known is told apart."""
    if tally.projects == 0:
        return "0个项目"
    if tally.fen is None:
        return f"{tally.projects}个项目，总投资未知"
    rest = f"，另{tally.lacking}个未知" if tally.lacking else ""
    return f"{tally.projects}个项目，总投资{_sum_text(tally)}{rest}"


def _figure(unit: str | None, tally: Tally, shade: Shade) -> Figure:
    name, lines = district_name(unit), [f"{tally.projects}个"]
    if tally.projects:
        lines.append("总投资未知" if tally.fen is None else _sum_text(tally))
    if tally.fen is not None and tally.lacking:
        lines.append(f"另{tally.lacking}个未知")
    value = tally.projects if shade is Shade.NUMBER else tally.fen
    return Figure(unit or UNKNOWN, value, (name, *lines), f"{name}：{tally_text(tally)}")


def _value_text(value: int, shade: Shade) -> str:
    return f"{value}个" if shade is Shade.NUMBER else with_unit(value, Unit.MONEY)


def _point(row: Standing, table: LifecycleTable) -> str | None:
    return None if row.point is None else table.name(row.point)


def _project_cells(row: Standing, track: str | None, table: LifecycleTable) -> tuple[str, ...]:
    point = _point(row, table)
    fen = row.investment_fen
    return (
        row.code,
        row.name,
        track_name(track),
        district_name(row.district),
        NONE if point is None else point + ("（未经登记）" if row.observed_point else ""),
        "未知" if fen is None else with_unit(fen, Unit.MONEY),
    )


def _content(mapped: Mapped) -> dict[str, Plain]:
    asked, found = mapped.asked, mapped.found
    return {
        "library": asked.library,
        "district": None if asked.area is None else asked.area.district,
        "track": None if asked.track is None else asked.track.name or UNKNOWN,
        "rows": [{"district": unit, "track": track, **_plain(tally)} for (unit, track), tally in found.by_both.items()],
        "by_district": [
            {"district": unit, **_plain(tally)} for unit, tally in found.by_district.items() if _is_asked(unit, asked)
        ],
        "by_track": [{"track": track, **_plain(tally)} for track, tally in found.by_track.items()],
        "total": _plain(found.total),
        "projects": [_project_plain(row, mapped.table) for row in found.rows],
    }


def _plain(tally: Tally) -> dict[str, Plain]:
    return {
        "projects": tally.projects,
        "by_point": {point or UNKNOWN: len(found) for point, found in tally.by_point.items()},
        "observed_only": len(tally.group.observed),
        "investment_fen": tally.fen,
        "investment_unknown": tally.lacking,
    }


def _project_plain(row: Standing, table: LifecycleTable) -> Plain:
    return {
        "code": row.code, "name": row.name, "tracks": [*row.tracks], "district": row.district, "point": row.point,
        "point_name": _point(row, table), "observed_only": row.observed_point is not None,
        "investment_fen": row.investment_fen,
    }  # fmt: skip
