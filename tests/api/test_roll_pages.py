"""The roll over HTTP and as pages: who may see it, what is asked for wrongly, and pages that lead from one to the next."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from policy_match.store import rolls
from policy_match.store.roll_tables import RollRun

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "library"))

from rolling import Line, keep_few  # noqa: E402
from signed_in import Door  # noqa: E402

SUBJECTS = 60
MEASURES = {
    "a_first": {"title": "<甲> 措施", "version": 1, "eligible": 70, "unknown": 3, "needs_human": 2},
    "b_second": {"title": "乙措施", "version": 2, "eligible": 1, "unknown": 0, "needs_human": 0},
}


@pytest.fixture(scope="module")
def door(client: TestClient) -> Door:
    """The service with a roll of invented subjects: the larger the lower the number, every second one in 武进区."""
    made = Door.of(client)
    lines: list[Line] = [
        (f"示范/{number:03d}", "a_first", "E", 1, area, area, -1000 + number)
        for number in range(SUBJECTS)
        for area in ["320412" if number % 2 == 0 else "320481"]
    ]
    lines.append(("示范/000", "b_second", "O", 2, "320412", "320412", -1000))
    keep_few(made.archive, lines, MEASURES)
    yield made
    with made.archive.database.claiming() as session:
        session.query(RollRun).delete()
        rolls.replace(session, [], lambda _subjects: [])


@pytest.fixture(scope="module")
def office(door: Door) -> TestClient:
    """市发改委, which sees everything."""
    return door.signed_in("development")


@pytest.fixture(scope="module")
def district(door: Door) -> TestClient:
    """A caseworker of 武进区."""
    return door.signed_in(door.add_actor("roll-wujin", "district", region="320412"))


def subjects_of(answer: str) -> list[str]:
    """The subjects of a page, in order."""
    return re.findall(r'href="/roll/subjects/[^"]+">([^<]+)<', answer)


def test_the_pages_of_a_list_hold_everybody_once_the_largest_first(office: TestClient) -> None:
    page, found = "/roll/measures/a_first", list[str]()
    while page:
        answer = office.get(page)
        assert answer.status_code == 200, answer.text
        found += subjects_of(answer.text)
        following = re.search(r'rel="next" href="([^"]+)"', answer.text)
        page = following[1].replace("&amp;", "&") if following else ""

    assert found == [f"示范/{number:03d}" for number in range(SUBJECTS)]


def test_the_json_pages_hold_the_same_and_tell_no_size(office: TestClient) -> None:
    found, cursor = list[str](), None
    while True:
        params = {"limit": "25"} | ({"cursor": cursor} if cursor else {})
        answer = office.get("/api/v1/roll/measures/a_first", params=params)
        assert answer.status_code == 200, answer.text
        assert "-1000" not in answer.text
        found += [one["id"] for one in answer.json()["subjects"]]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break

    assert found == [f"示范/{number:03d}" for number in range(SUBJECTS)]
    assert answer.json()["measure"]["eligible"] == 70


def test_the_first_page_has_the_counts_and_leads_to_measures_and_subjects(office: TestClient) -> None:
    text = office.get("/roll").text

    assert "&lt;甲&gt; 措施" in text
    assert "<甲>" not in text
    assert 'href="/roll/measures/b_second"' in text
    looked = office.get("/roll", params={"subject": " 示范/000 "}, follow_redirects=False)
    assert looked.status_code == 303
    shown = office.get(looked.headers["location"]).text
    assert shown.index("&lt;甲&gt; 措施") < shown.index("乙措施")
    assert 'href="/roll"' in office.get("/reports").text


def test_a_subject_over_json_says_what_stands_and_of_which_day(office: TestClient) -> None:
    answer = office.get("/api/v1/roll/subjects/示范%2F000").json()

    assert [(line["measure"], line["verdict"]) for line in answer["lines"]] == [
        ("a_first", "eligible"),
        ("b_second", "open"),
    ]
    assert answer["run"]["as_of"] == "2026-03-01"


def test_a_district_sees_its_own(district: TestClient) -> None:
    answer = district.get("/api/v1/roll/measures/a_first", params={"limit": "200"}).json()

    assert answer["subjects"] == [{"id": f"示范/{number:03d}", "region": "320412"} for number in range(0, SUBJECTS, 2)]
    assert answer["district"] == "320412"
    assert district.get("/api/v1/roll/subjects/示范%2F001").status_code == 404
    assert "辖市区 <select" not in district.get("/roll/measures/a_first").text
    assert district.get("/roll/measures/a_first", params={"district": "320481"}).status_code == 400


def test_who_may_read_no_matches_sees_nothing(door: Door) -> None:
    for path in ("/roll", "/roll/measures/a_first", "/roll/subjects/x"):
        assert door.client.get(path, follow_redirects=False).status_code in (303, 401, 403)
        assert door.client.get(f"/api/v1{path}").status_code in (401, 403)
        assert door.signed_in("treasury").get(path).status_code == 403
        assert door.signed_in("demo-development").get(path).status_code == 404
    assert 'href="/roll"' not in door.signed_in("treasury").get("/reports").text


def test_a_firm_sees_itself_alone(door: Door) -> None:
    firm = door.signed_in(door.add_actor("roll-firm", "enterprise", firm="示范/002"))

    assert firm.get("/api/v1/roll/measures/a_first").json()["subjects"] == [{"id": "示范/002", "region": "320412"}]
    assert firm.get("/api/v1/roll/subjects/示范%2F002").status_code == 200
    assert firm.get("/api/v1/roll/subjects/示范%2F000").status_code == 404


def test_what_is_asked_for_wrongly_is_told(office: TestClient) -> None:
    def code(path: str, **params: str) -> tuple[int, str]:
        answer = office.get(f"/api/v1/roll{path}", params=params)
        return answer.status_code, answer.json()["code"]

    assert code("/measures/none") == (404, "MEASURE_UNKNOWN")
    assert code("/subjects/none") == (404, "ROLL_SUBJECT")
    assert code("/measures/a_first", verdict="E") == (400, "PARAM_VALUE")
    assert code("/measures/a_first", district="unknown") == (400, "DISTRICT")
    assert code("/measures/a_first", cursor="1.x") == (400, "CURSOR_INVALID")
    assert code("/measures/a_first", limit="0") == (400, "PARAM_VALUE")
    assert code("/measures/a_first", wrong="x") == (400, "PARAM_UNKNOWN")
