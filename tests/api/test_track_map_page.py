"""The investment map as a page, as files and over the API: who sees which projects of it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match.store.tables import Audit
from policy_match_api.app import create_app
from policy_match_api.pages.track_map import FORMS

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "library"))

from signed_in import Door  # noqa: E402

WUJIN, LEAD, FIRM = "demo-district-320412", "demo-development", "demo-enterprise-d001"
DEMO = {"library": "demo"}
HYDROGEN = "氢能"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Door:
    """The shipped libraries with the history of the demonstration, and its accounts."""
    settings = shipped_in(tmp_path_factory.mktemp("map")).model_copy(update={"lookups_per_minute": 0})
    return Door.of(TestClient(create_app(settings)))


@pytest.fixture(scope="module")
def visitor(door: Door) -> TestClient:
    """Whoever is not signed in."""
    return TestClient(door.client.app)


def table(answer: Response, title: str) -> dict[str, dict[str, str]]:
    """A table of the page by the first cell of its rows."""
    assert answer.status_code == 200, answer.text
    (found,) = re.findall(rf">{title}</h2>\n<table.*?</table>", answer.text, re.S)
    header = re.findall(r"<th[^>]*>([^<]+)", found)
    rows = [re.findall(r"<td[^>]*>([^<\n]+)", row) for row in found.split("<tr>")[2:]]
    return {row[0]: dict(zip(header, row, strict=True)) for row in rows}


def map_of(client: TestClient, params: Mapping[str, str]) -> dict[str, object]:
    """The map over the API."""
    answer = client.get("/api/v1/reports/map", params={**params})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def codes(found: dict[str, object]) -> set[str]:
    """The projects of an answer of the API."""
    assert isinstance(found["projects"], list)
    return {one["code"] for one in found["projects"]}


def test_the_tiles_show_the_figures_of_the_table_and_lead_to_the_projects_of_the_district(visitor: TestClient) -> None:
    answer = visitor.get("/map", params=DEMO)

    lines = table(answer, "各地")
    (svg,) = re.findall(r"<svg.*?</svg>", answer.text, re.S)
    picture = ElementTree.fromstring(svg)
    links = {str(one.get("href")): str(one.get("aria-label")) for one in picture.iter("{http://www.w3.org/2000/svg}a")}
    assert len(links) == 7
    for address, label in links.items():
        name = label.partition("：")[0]
        listed = visitor.get(address)
        assert re.search(r"共 (\d+) 个", listed.text)[1] == lines[name]["项目数"]  # type: ignore[index]
        assert f"{lines[name]['项目数']}个项目" in label and lines[name]["总投资（已知）"].strip("未知") in label
    assert "示范数据" in answer.text and "不是测绘" in svg


def test_a_track_in_the_address_narrows_the_page_and_stands_chosen(visitor: TestClient) -> None:
    answer = visitor.get("/map", params={**DEMO, "track": HYDROGEN, "shade": "sum"})

    assert set(table(answer, "各赛道")) == {HYDROGEN, "合计"}
    assert f'<option value="{HYDROGEN}" selected>' in answer.text and '<option value="sum" selected>' in answer.text
    assert table(visitor.get("/map", params={**DEMO, "track": "unknown"}), "各赛道").keys() == {"赛道未知", "合计"}
    wrong = visitor.get("/map", params={"track": "光伏"})
    assert wrong.status_code == 400 and HYDROGEN in wrong.text
    assert visitor.get("/map", params={"library": "nowhere"}).status_code == 400


def test_a_visitor_sees_the_whole_demonstration_and_what_is_public_of_the_real_library(visitor: TestClient) -> None:
    for library, base in (("demo", "/demo"), ("real", "/projects")):
        total = table(visitor.get("/map", params={"library": library}), "各地")["合计"]["项目数"]
        listed = re.search(r"共 (\d+) 个", visitor.get(base, params={"kind": "project"}).text)
        assert listed is not None and listed[1] == total
    assert 'href="/map?library=demo"' in visitor.get("/demo").text


def test_a_project_that_only_a_register_tells_of_is_hidden_from_a_visitor_and_not_from_the_lead(door: Door) -> None:
    lead = door.signed_in("development")
    answer = lead.post(
        "/api/v1/projects",
        json={"name": "示范未公开氢能项目", "facts": {"district": "武进区", "track": HYDROGEN}},
    )
    assert answer.status_code == 201, answer.text
    made = answer.json()["id"]

    assert made in codes(map_of(lead, {"track": HYDROGEN}))
    assert made not in codes(map_of(TestClient(door.client.app), {"track": HYDROGEN}))
    assert made not in codes(map_of(TestClient(door.client.app), {}))
    there = door.signed_in(door.add_actor("district-320481", "district", region="320481"))
    here = door.signed_in(door.add_actor("district-320412", "district", region="320412"))
    assert made in codes(map_of(here, {})) and made not in codes(map_of(there, {}))
    assert table(here.get("/map"), "各地").keys() == {"武进区", "合计"}
    assert "示范未公开氢能项目" not in TestClient(door.client.app).get("/map.csv").content.decode()


def test_a_district_gets_the_map_of_its_own_area_and_of_no_other(door: Door) -> None:
    client = door.signed_in(WUJIN)

    own = map_of(client, DEMO)
    assert own["district"] == "320412" and {"D101", "D102"} <= codes(own)
    assert codes(own) < codes(map_of(door.signed_in(LEAD), DEMO))
    refused = client.get("/api/v1/reports/map", params={**DEMO, "district": "320481"})
    assert (refused.status_code, refused.json()["code"]) == (403, "PERMISSION")
    assert map_of(door.signed_in(LEAD), {**DEMO, "district": "unknown"})["district"] is None
    # Its account is for the demonstration: elsewhere it is as good as a visitor.
    assert codes(map_of(client, {"library": "real"})) == codes(map_of(TestClient(door.client.app), {}))


def test_a_key_gets_the_map_of_its_own_library_alone(door: Door) -> None:
    key = door.with_key(LEAD, ["read"], "demo")

    assert len(codes(map_of(key, DEMO))) > 20
    assert key.get("/api/v1/reports/map").json()["code"] == "LIBRARY_CLOSED"
    assert key.get("/api/v1/reports/map", params={**DEMO, "trak": HYDROGEN}).json()["code"] == "PARAM_UNKNOWN"


@pytest.mark.parametrize("form", FORMS)
def test_files_are_for_those_who_may_export_with_a_reason_and_noted(form: str, door: Door, visitor: TestClient) -> None:
    path, lead = f"/map.{form}", door.signed_in(LEAD, strong=True)

    assert lead.get(path, params=DEMO).status_code == 400
    taken = lead.get(path, params={**DEMO, "reason": "招商推介"})
    assert taken.status_code == 200
    assert unquote(taken.headers["content-disposition"]).endswith(f"产业赛道招商地图 2026-11-28.{form}")
    assert taken.content == visitor.get(path, params=DEMO).content
    with door.archive.database.reading() as session:
        line = session.scalars(select(Audit).where(Audit.action == "access.export").order_by(Audit.seq.desc())).first()
    assert line is not None and line.actor == LEAD and json.loads(line.detail)["reason"] == "招商推介"
    assert door.signed_in(LEAD).get(path, params={**DEMO, "reason": "招商推介"}).status_code == 403
    assert door.signed_in(FIRM, strong=True).get(path, params={**DEMO, "reason": "招商推介"}).status_code == 403


def test_a_form_that_there_is_not_is_told_with_those_that_there_are(visitor: TestClient) -> None:
    answer = visitor.get("/map.pdf")

    assert answer.status_code == 404 and "geojson" in answer.text


def test_only_who_may_take_files_is_shown_the_buttons(door: Door, visitor: TestClient) -> None:
    assert 'formaction="/map.geojson"' in visitor.get("/map").text
    assert 'name="reason"' not in visitor.get("/map").text
    assert 'name="reason"' in door.signed_in(LEAD).get("/map").text
    assert "/map.geojson" not in door.signed_in("demo-park-320412").get("/map").text
    assert 'href="/map"' in door.signed_in("demo-park-320412").get("/reports").text
