"""回头看, 市区联动看板 and 数据来源 as pages and JSON: who may what, the demonstration's false date, forms that come back."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from httpx2 import Response
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match.workflows.read_look_back import Drawn, read_look_back
from policy_match_api.app import create_app

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "library"))

from signed_in import Door

WUJIN, LEAD, OTHER = "demo-district-320412", "demo-development", "demo-industry"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Door:
    """The shipped libraries with the history of the demonstration, and its accounts."""
    settings = shipped_in(tmp_path_factory.mktemp("look_backs")).model_copy(update={"lookups_per_minute": 0})
    return Door.of(TestClient(create_app(settings)))


@pytest.fixture(scope="module")
def lead(door: Door) -> TestClient:
    return door.signed_in(LEAD, strong=True)


@pytest.fixture(scope="module")
def wujin(door: Door) -> TestClient:
    return door.signed_in(WUJIN, strong=True)


def words(answer: Response) -> str:
    """What a page says, without marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def drawn(door: Door, district: str) -> list[Drawn]:
    shown = read_look_back(door.archive, "demo", 1, door.now)
    return [one for one in shown.drawn if one.district == district]


def finding(one: Drawn, door: Door, **over: str) -> dict[str, str]:
    given = {"project": one.project, "point": one.point, "result": "holds", "visited_on": f"{door.now:%Y-%m-%d}"}
    return given | over


@pytest.mark.parametrize(
    ("actor", "pages"),
    [
        # look-backs, one of them, the board, the sources
        (LEAD, (200, 200, 200, 200)),
        ("demo-data", (200, 200, 200, 200)),
        ("demo-auditor", (200, 200, 200, 200)),
        ("demo-housing", (200, 200, 200, 403)),
        (WUJIN, (200, 200, 200, 403)),
        ("demo-treasury", (403, 403, 200, 403)),
        ("demo-enterprise-d001", (403, 403, 403, 403)),
    ],
)
def test_each_role_sees_the_pages_that_the_matrix_gives_it(door: Door, actor: str, pages: tuple[int, ...]) -> None:
    client = door.signed_in(actor, strong=True)
    api = ("lookback", "lookback?number=1", "board", "sources")

    assert (
        tuple(client.get(path).status_code for path in ("/look-backs", "/look-backs/1", "/board", "/sources")) == pages
    )
    separators = {path: "&" if "?" in path else "?" for path in api}
    found = tuple(client.get(f"/api/v1/reports/{path}{separators[path]}library=demo").status_code for path in api)
    assert found == pages


def test_the_demonstration_holds_one_look_back_with_one_false_date_and_its_effect(lead: TestClient) -> None:
    report = lead.get("/api/v1/reports/lookback?library=demo").json()
    page = words(lead.get("/look-backs/1"))

    (differing,) = report["differences"]
    assert (differing["project"], differing["point"], differing["result"]) == ("D115", "PRODUCING", "wrong_day")
    assert differing["ticket"] and not differing["corrected"]
    assert {(one["figure"], one["difference"]) for one in report["effects"]} >= {
        ("本月投产项目", "-1"),
        ("本月投产项目", "+1"),
    }
    assert "更正了会怎样" in page and "提请的更正还没有办" in page
    by_district: dict[str | None, int] = {}
    for one in report["drawn"]:
        by_district[one["district"]] = by_district.get(one["district"], 0) + 1
    # One project of the demonstration lies outside the city: it is of no district, and drawn all the same.
    assert (report["seed"], by_district.pop(None)) == (20261120, 1)
    assert len(by_district) == 7 and min(by_district.values()) >= 4


def test_a_district_sees_and_answers_its_own_part_and_no_other(door: Door, wujin: TestClient) -> None:
    own, other = drawn(door, "320412"), drawn(door, "320413")

    listed = wujin.get("/api/v1/reports/lookback?library=demo").json()["drawn"]
    page = wujin.get("/look-backs/1").text

    assert {one["district"] for one in listed} == {"320412"} and len(listed) == len(own)
    assert other[0].project not in page and "D115" not in page
    assert wujin.get("/api/v1/reports/lookback?library=demo&district=320413").status_code == 403
    refused = wujin.post("/look-backs/1/findings", data=finding(other[0], door))
    assert refused.status_code == 404 and "没有抽到" in words(refused)
    done = wujin.post("/look-backs/1/findings", data=finding(own[0], door), follow_redirects=False)
    assert done.status_code == 303
    assert drawn(door, "320412")[0].found is not None
    assert wujin.post("/look-backs", data={"seed": "7"}).status_code == 403


def test_what_is_refused_comes_back_with_all_that_was_written(door: Door, lead: TestClient) -> None:
    one = drawn(door, "320402")[0]
    given = finding(one, door, result="wrong_day", note="照片<b>三张", kind="施工日志")

    answer = lead.post("/look-backs/1/findings", data=given)

    assert answer.status_code == 400
    assert "没有写佐证的文号" in words(answer) and "照片&lt;b&gt;三张" in answer.text
    again = lead.post("/look-backs/1/findings", data=given | {"number": "1"})
    assert again.status_code == 400 and "要写查实的日期" in words(again)
    assert drawn(door, "320402")[0].found is None


def test_a_second_person_of_the_leading_unit_confirms_and_the_record_is_corrected(door: Door, lead: TestClient) -> None:
    this = {"project": "D115", "point": "PRODUCING"}
    # Found by an officer of the overall lead: the second one comes from the unit that leads the interval.
    same_unit = lead.post("/look-backs/1/corrections", data=this)
    second = door.signed_in(OTHER, strong=True)

    done = second.post("/look-backs/1/corrections", data=this, follow_redirects=False)

    assert same_unit.status_code == 403 and "市工信局" in words(same_unit)
    assert done.status_code == 303
    corrected = next(one for one in drawn(door, "320413") if (one.project, one.point) == ("D115", "PRODUCING"))
    assert corrected.found is not None and corrected.found.is_corrected
    assert second.post("/look-backs/1/corrections", data=this).status_code == 409


def test_the_lead_draws_by_a_seed_and_the_same_seed_leads_to_the_same(lead: TestClient) -> None:
    wrong = lead.post("/look-backs", data={"seed": "今天"})
    first = lead.post("/look-backs", data={"seed": "42"}, follow_redirects=False)
    second = lead.post("/look-backs", data={"seed": "42"}, follow_redirects=False)

    assert wrong.status_code == 400 and "不是随机种子" in words(wrong)
    assert first.status_code == 303 and first.headers["location"] == second.headers["location"]
    assert "第 2 号" in words(lead.get("/look-backs"))


def test_numbers_that_there_are_not_are_no_errors_of_the_service(lead: TestClient) -> None:
    assert [lead.get(f"/look-backs/{number}").status_code for number in ("99", "9" * 30)] == [404, 404]
    assert lead.get("/api/v1/reports/lookback?library=demo&number=x").status_code == 400
    assert lead.get("/look-backs/1?page=99").status_code == 400


def test_each_is_there_for_excel_with_a_reason(lead: TestClient) -> None:
    for path in ("/look-backs/1.xlsx", "/board.xlsx", "/sources.xlsx"):
        assert lead.get(path).status_code == 400
        book = CalamineWorkbook.from_filelike(BytesIO(lead.get(f"{path}?reason=核对").content))
        assert book.sheet_names


def test_the_board_leads_from_the_city_to_the_district_to_the_park_to_the_project(
    lead: TestClient, wujin: TestClient
) -> None:
    report = lead.get("/api/v1/reports/board?library=demo").json()
    city = report["city"]["projects"]

    assert city == sum(one["projects"] for one in report["districts"]) == sum(p["projects"] for p in report["parks"])
    assert city == len(report["projects"])
    page = lead.get("/board").text
    assert 'href="/board?district=320412"' in page
    district = lead.get("/board?district=320412").text
    park = re.search(r'href="(/board\?district=320412&amp;park=[^"]*)"', district)
    assert park is not None
    projects = words(lead.get(unescape(park[1])))
    assert "D101" in lead.get("/board?district=320412&park=").text or "D1" in projects
    assert wujin.get("/board?district=320413").status_code == 403
    assert words(wujin.get("/board")).count("武进区") >= 1
    assert lead.get("/board?district=320412&park=没有").status_code == 404
