"""`report map`: projects by track and district counted by hand, what is not known, and the files of them."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from reporting import code_of, project, taken, view
from rows import LIBRARY, at, day, proof

from policy_match.dispatch.track_map import TrackAsked
from policy_match.errors import UsageError
from policy_match.exchange.reports import report_data
from policy_match.exchange.tile_map import NOTHING as NO_TONE
from policy_match.exchange.tile_map import SHADES, TILES, Figure, Picture, Tone, draw, polygon, tone_of
from policy_match.exchange.tile_map import UNKNOWN as UNKNOWN_TONE
from policy_match.identifiers import DISTRICTS
from policy_match.lifecycle.words import EventKind
from policy_match.workflows.choose_district import Area
from policy_match.workflows.map_tracks import (
    MAP_FORMS,
    MapAsked,
    Shade,
    chosen_shade,
    chosen_track,
    geojson_of,
    map_report,
    map_tracks,
    picture_of,
    write_map,
)
from policy_match.workflows.move_aside import Aside, move_aside
from policy_match.workflows.open_archive import Archive

DAY = "2025-03-31"
SVG = "{http://www.w3.org/2000/svg}"
YI = 10**10
HYDROGEN, AI, BATTERY = "氢能", "人工智能", "新一代固态电池"


@pytest.fixture
def counted(archive: Archive) -> Archive:
    """Seven projects: P01 (武进) in two tracks; P02 (新北) and P09 (新北) in one, P09 without an investment; P05 (溧阳) and
    P07 (常州经开区) of no known track though P07's name says one; P12 of no known district; P04 of the city itself, which
    in no way is known to cost anything."""
    rows = {
        "P01": project(archive, "P01", track=f"{HYDROGEN};{AI}"),
        "P02": project(archive, "P02", track=HYDROGEN),
        "P04": project(archive, "P04", track=BATTERY, district="常州市本级"),
        "P05": project(archive, "P05"),
        "P07": replace(project(archive, "P07"), name="示范燃料电池制氢储氢项目"),
        "P09": project(archive, "P09", track=AI),
        "P12": project(archive, "P12", track=AI),
    }
    for name, hidden in (("P09", "total_investment"), ("P04", "total_investment"), ("P12", "district")):
        left = tuple(one for one in rows[name].observations if one.fact != hidden)
        rows[name] = replace(rows[name], observations=left)
    taken(archive, [*rows.values()])
    return archive


def said(archive: Archive, **asked: object) -> dict[str, Any]:
    """The report as data."""
    given = MapAsked(LIBRARY, view(DAY, at("2025-04-01")), **asked)  # type: ignore[arg-type]
    return {**report_data(map_report(map_tracks(archive, given)))}


def figures(lines: list[dict[str, Any]], key: str) -> dict[str | None, tuple[int, int | None, int]]:
    """Projects, known investments in 分 and how many are not known, by the name of a line."""
    return {one[key]: (one["projects"], one["investment_fen"], one["investment_unknown"]) for one in lines}


def test_a_project_counts_in_each_of_its_tracks_and_once_in_every_total(counted: Archive) -> None:
    found = said(counted)

    assert figures(found["by_track"], "track") == {
        "合成生物": (0, 0, 0),
        "低空经济": (0, 0, 0),
        BATTERY: (1, None, 1),
        "新能源汽车智能网联": (0, 0, 0),
        "第三代半导体": (0, 0, 0),
        HYDROGEN: (2, 155 * YI // 10, 0),
        AI: (3, 1298 * YI // 100, 1),
        None: (2, 157 * YI, 0),
    }
    total = found["total"]
    assert (total["projects"], total["investment_fen"], total["investment_unknown"]) == (7, 17348 * YI // 100, 2)
    assert len(found["projects"]) == 7


def test_every_district_has_its_line_and_what_is_not_known_is_told_apart_from_nothing(counted: Archive) -> None:
    found = said(counted)

    assert figures(found["by_district"], "district") == {
        "320481": (1, 105 * YI, 0),
        "320413": (0, 0, 0),
        "320412": (1, 12 * YI, 0),
        "320411": (2, 35 * YI // 10, 1),
        "320402": (0, 0, 0),
        "320404": (0, 0, 0),
        "JK": (1, 52 * YI, 0),
        "320400": (1, None, 1),
        None: (1, 98 * YI // 100, 0),
    }
    grid = map_report(map_tracks(counted, MapAsked(LIBRARY, view(DAY)))).grids[1]
    cells = {row[0]: dict(zip(grid.header, row, strict=True))["总投资（已知）"] for row in grid.rows}
    assert (cells["市本级"], cells["金坛区"], cells["新北区"]) == ("未知", "—", "3.5亿元")


def test_the_lines_of_district_and_track_say_which_point_was_reached(counted: Archive) -> None:
    lines = said(counted)["rows"]

    assert {(one["district"], one["track"]): [p for p, n in one["by_point"].items() if n] for one in lines} == {
        ("320412", HYDROGEN): ["STARTED"],
        ("320412", AI): ["STARTED"],
        ("320411", HYDROGEN): ["SIGNED"],
        ("320411", AI): ["STARTED"],
        ("320400", BATTERY): ["COMPLETED"],
        ("320481", None): ["STARTED"],
        ("JK", None): ["APPROVED"],
        (None, AI): ["APPROVED"],
    }
    assert all(sum(one["by_point"].values()) == one["projects"] for one in lines)


def test_what_a_name_suggests_is_no_track(counted: Archive) -> None:
    one = next(p for p in said(counted)["projects"] if p["code"] == code_of_name(counted, "示范燃料电池制氢储氢项目"))

    assert one["tracks"] == []


def code_of_name(archive: Archive, name: str) -> str:
    found = map_tracks(archive, MapAsked(LIBRARY, view(DAY))).found
    return next(row.code for row in found.rows if row.name == name)


def test_asked_for_one_track_only_its_projects_are_there_and_under_no_other_track(counted: Archive) -> None:
    found = said(counted, track=TrackAsked(HYDROGEN))

    assert figures(found["by_track"], "track") == {HYDROGEN: (2, 155 * YI // 10, 0)}
    assert {one["track"] for one in found["rows"]} == {HYDROGEN}
    assert found["total"]["projects"] == 2
    unknown = said(counted, track=TrackAsked(None))
    assert (unknown["track"], unknown["total"]["projects"], unknown["total"]["investment_fen"]) == (
        "unknown",
        2,
        157 * YI,
    )


def test_a_district_and_the_projects_that_may_be_seen_narrow_every_figure(counted: Archive) -> None:
    wujin = said(counted, area=Area("320412"))
    assert figures(wujin["by_district"], "district") == {"320412": (1, 12 * YI, 0)}
    assert wujin["total"]["projects"] == 1

    lost = said(counted, area=Area(None))
    assert figures(lost["by_district"], "district") == {None: (1, 98 * YI // 100, 0)}

    seen = said(counted, codes={code_of(counted, "P02")})
    assert (seen["total"]["projects"], seen["total"]["investment_fen"]) == (1, 35 * YI // 10)
    assert said(counted, codes=set())["total"]["projects"] == 0


def test_a_project_that_was_given_up_is_on_the_map_until_that_day(counted: Archive) -> None:
    code = code_of(counted, "P02")
    end = Aside(code, EventKind.TERMINATE, day("2025-03-30"), proof("已兑付政策清单", code), reason="放弃")
    move_aside(counted, LIBRARY, end, by="district-320411", second="commerce", now=at(DAY))

    on = {
        asked: {row.code for row in map_tracks(counted, MapAsked(LIBRARY, view(asked, at("2025-04-01")))).found.rows}
        for asked in ("2025-03-29", "2025-03-30")
    }

    assert code in on["2025-03-29"] and on["2025-03-30"] == on["2025-03-29"] - {code} != set()


# GeoJSON


def test_geojson_holds_a_feature_per_project_and_track_on_the_tile_of_its_district(counted: Archive) -> None:
    data = json.loads(geojson_of(map_tracks(counted, MapAsked(LIBRARY, view(DAY)))))

    assert (data["type"], data["as_of"], len(data["features"])) == ("FeatureCollection", DAY, 8)
    assert "不是测绘" in data["note"] and "不是经纬度" in data["note"] and "mark" not in data
    ids = [one["id"] for one in data["features"]]
    assert len(set(ids)) == len(ids)
    for one in data["features"]:
        assert set(one) == {"type", "id", "geometry", "properties"} and one["type"] == "Feature"
        shown = one["properties"]
        assert set(shown) == {
            "id", "name", "track", "district", "district_name", "point", "point_name", "observed_only", "investment_fen",
        }  # fmt: skip
        assert_tile(one["geometry"], shown["district"])
    by_name = {(one["properties"]["name"], one["properties"]["track"]): one for one in data["features"]}
    assert by_name["示范项目P01", HYDROGEN]["geometry"] == by_name["示范项目P01", AI]["geometry"]
    assert by_name["示范项目P12", AI]["geometry"] is None and by_name["示范项目P04", BATTERY]["geometry"] is None
    assert by_name["示范项目P09", AI]["properties"]["investment_fen"] is None
    assert by_name["示范项目P05", None]["id"].endswith("/unknown")


def assert_tile(geometry: dict[str, Any] | None, district: str | None) -> None:
    """A closed ring of five places, counterclockwise, of size one; nothing for what has no tile."""
    if district not in DISTRICTS:
        assert geometry is None
        return
    assert geometry is not None and set(geometry) == {"type", "coordinates"} and geometry["type"] == "Polygon"
    (ring,) = geometry["coordinates"]
    assert len(ring) == 5 and ring[0] == ring[-1]
    area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))
    assert area == 2  # twice the area of a tile; more than 0: counterclockwise


def test_a_file_of_the_demonstration_is_marked_at_its_head_and_at_every_feature(counted: Archive) -> None:
    taken(counted, [project(counted, "P03", track=AI)], library="demo")

    asked = MapAsked("demo", view(DAY))
    data = json.loads(geojson_of(map_tracks(counted, asked)))

    assert "虚构" in data["mark"]
    assert [one["properties"]["mark"] for one in data["features"]] == ["示范"]
    assert "虚构" in draw(picture_of(map_tracks(counted, asked), Shade.NUMBER))


def test_every_district_has_a_tile_of_its_own_about_where_it_lies() -> None:
    assert set(TILES) == set(DISTRICTS)
    assert len(set(TILES.values())) == len(TILES)
    rings = [polygon(district) for district in DISTRICTS]
    assert all(one != other for one, other in combinations(rings, 2))
    west, north = ({name: place[axis] for name, place in TILES.items()} for axis in (0, 1))
    assert west["320413"] < west["320404"] < west["320402"] < west["JK"]
    assert north["320411"] < north["320404"] < north["320412"] and north["320481"] > north["320413"]
    assert polygon("320400") is None and polygon(None) is None


# the picture


def test_the_picture_shows_every_figure_in_text_and_says_that_it_is_no_survey(counted: Archive) -> None:
    root = ET.fromstring(draw(picture_of(map_tracks(counted, MapAsked(LIBRARY, view(DAY))), Shade.SUM)))

    assert root.get("role") == "img"
    named = {one.get("id"): one.text for one in root if one.get("id")}
    assert set(str(root.get("aria-labelledby")).split()) == set(named)
    assert "新北区：2个项目，总投资3.5亿元，另1个未知" in str(named["map-desc"])
    assert "市本级：1个项目，总投资未知" in str(named["map-desc"])
    shown = [one.text for one in root.iter(f"{SVG}text")]
    for district in ("天宁区", "钟楼区", "新北区", "武进区", "常州经开区", "金坛区", "溧阳市", "市本级", "辖市区未知"):
        assert shown.count(district) == 1
    assert {"105亿元", "另1个未知", "总投资未知"} <= set(shown)
    assert any("不是测绘" in str(line) for line in shown)


def test_names_are_escaped_and_links_make_a_group_of_the_image() -> None:
    figure = Figure("320412", 1, ("<武进>&",), "<武进>&")
    picture = Picture("题", "文", (figure,), "项目数", "1个", ())

    root = ET.fromstring(draw(picture, {"320412": '/projects?a=1&b="2"'}))

    (link,) = root.iter(f"{SVG}a")
    assert (root.get("role"), link.get("href"), link.get("aria-label")) == (
        "group", '/projects?a=1&b="2"', "<武进>&，查看项目",
    )  # fmt: skip


def test_a_shade_is_a_fifth_of_the_most_and_unknown_is_neither_nothing_nor_little() -> None:
    assert [tone_of(value, 10) for value in (0, 1, 2, 3, 4, 8, 9, 10)] == [
        NO_TONE, SHADES[0], SHADES[0], SHADES[1], SHADES[1], SHADES[3], SHADES[4], SHADES[4],
    ]  # fmt: skip
    assert tone_of(None, 10) is UNKNOWN_TONE and tone_of(0, 0) is NO_TONE and tone_of(1, 1) is SHADES[4]
    assert len({tone.fill for tone in (*SHADES, NO_TONE, UNKNOWN_TONE)}) == 7


@pytest.mark.parametrize("tone", [*SHADES, NO_TONE, UNKNOWN_TONE])
def test_the_ink_of_every_shade_can_be_read(tone: Tone) -> None:
    light, dark = sorted((luminance(tone.fill), luminance(tone.ink)), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# files


@pytest.mark.parametrize("form", MAP_FORMS)
def test_the_same_library_gives_the_same_bytes(form: str, counted: Archive, tmp_path: Path) -> None:
    first, second = tmp_path / f"a.{form}", tmp_path / f"b.{form}"

    for path in (first, second):
        write_map(map_tracks(counted, MapAsked(LIBRARY, view(DAY))), Shade.NUMBER, form, path)

    assert first.read_bytes() == second.read_bytes() != b""


def test_the_csv_lists_every_project_with_each_of_its_tracks(counted: Archive, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    write_map(map_tracks(counted, MapAsked(LIBRARY, view(DAY))), Shade.NUMBER, "csv", path)

    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    place = rows.index(["编号", "项目", "赛道", "辖市区", "跟踪点", "总投资"])
    listed = [row[1:] for row in rows[place + 1 :]]
    assert ["示范项目P01", HYDROGEN, "武进区", "开工", "12亿元"] in listed
    assert ["示范项目P01", AI, "武进区", "开工", "12亿元"] in listed
    assert ["示范项目P05", "赛道未知", "溧阳市", "开工", "105亿元"] in listed
    assert ["示范项目P12", AI, "辖市区未知", "立项", "0.98亿元"] in listed
    assert len(listed) == 8


def test_tracks_and_shades_that_there_are_not_are_refused_with_those_that_there_are(archive: Archive) -> None:
    assert chosen_track(None, archive) is None and chosen_track(" ", archive) is None
    assert chosen_track("unknown", archive) == TrackAsked(None) and chosen_track(AI, archive) == TrackAsked(AI)
    assert (chosen_shade(None), chosen_shade("sum")) == (Shade.NUMBER, Shade.SUM)
    with pytest.raises(UsageError) as wrong:
        chosen_track("光伏", archive)
    assert HYDROGEN in wrong.value.issues[0].allowed and "unknown" in wrong.value.issues[0].allowed
    with pytest.raises(UsageError) as wrong:
        chosen_shade("dark")
    assert "sum 总投资" in wrong.value.issues[0].allowed
