"""The roadmap on its page and in JSON: by planned days as recorded, marked as an estimate, of one library."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match.workflows.join_projects import merge_projects
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.set_milestone import Step, set_milestone
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app
from policy_match_api.routes.roadmap_answers import RoadmapAnswer


@pytest.fixture(scope="module")
def settings(small_in: Callable[[Path], Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The shipped rules and projects with an archive of this file alone, which it writes to."""
    return small_in(tmp_path_factory.mktemp("roadmaps"))


@pytest.fixture(scope="module")
def client(settings: Settings) -> TestClient:
    return TestClient(create_app(settings))


@pytest.fixture(scope="module")
def planned(client: TestClient, settings: Settings) -> TestClient:
    """The service with planned days of one demonstration project."""
    archive: Archive = client.app.state.opened.archive  # type: ignore[attr-defined]
    for point, on in (("竣工", date(2026, 12, 31)), ("投产", date(2027, 1, 1))):
        set_milestone(archive, Step("D002", point, planned_on=on), By("demo", "development", settings.instant()))
    return client


def text_of(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]))


def test_the_page_has_a_column_per_point_with_its_planned_day(planned: TestClient) -> None:
    page = planned.get("/demo/D002/roadmap").text
    heads = re.findall(r'<th scope="col">([^<]+)<small>([^<]+)', page)

    assert heads == [("现在", "2026-03-10"), ("竣工", "2026-12-31（计划）"), ("投产", "2027-01-01（计划）")]
    assert "示范数据" in page
    assert "测算，不是决定" in page


def test_the_page_says_what_closes_and_why(planned: TestClient) -> None:
    page = text_of(planned, "/demo/D002/roadmap")
    closing = page.partition("关闭")[2]

    assert "江苏省制造业贷款财政贴息（2026年版）" in closing
    assert "不在施行期：2026-01-01至2026-12-31" in re.sub(r"\s+", "", closing)


def test_json_says_the_same_in_the_shape_that_is_published(planned: TestClient) -> None:
    answer = planned.get("/api/v1/projects/D002/roadmap")
    body = RoadmapAnswer.model_validate_json(answer.content, strict=True)
    matches = planned.get("/api/v1/projects/D002/matches").json()["matches"]

    assert (body.library, body.demo, body.subject) == ("demo", True, "D002")
    assert [(one.name, one.on) for one in body.columns] == [
        ("现在", "2026-03-10"), ("竣工", "2026-12-31"), ("投产", "2027-01-01"),
    ]  # fmt: skip
    loan = next(one for one in body.measures if one.measure == "js_mfg_loan_discount")
    assert loan.turns == ["stays", "closes"]
    now = {one.measure: (one.columns[0].verdict, one.columns[0].version) for one in body.measures}
    assert now == {match["measure"]: (match["verdict"], match["version"]) for match in matches}


def test_the_page_of_a_project_leads_to_its_roadmap_on_the_day_asked(client: TestClient) -> None:
    page = client.get("/demo/D002", params={"as_of": "2026-03-09"}).text

    assert '<a href="/demo/D002/roadmap?as_of=2026-03-09">' in page
    assert "/roadmap" not in client.get("/demo/D001").text
    assert "以 2026-03-09 为准" in client.get("/demo/D002/roadmap", params={"as_of": "2026-03-09"}).text


def test_every_link_of_the_roadmap_leads_somewhere(planned: TestClient) -> None:
    page = planned.get("/demo/D002/roadmap").text
    links = set(re.findall(r'href="([^"#]+)"', page))
    places = set(re.findall(r'href="#([^"]+)"', page))

    assert any("/demo/D002/js_mfg_loan_discount" in link for link in links)
    assert [link for link in sorted(links) if planned.get(link).status_code != 200] == []
    assert places <= set(re.findall(r'id="([^"]+)"', page))


def test_real_projects_have_small_pages_without_anything_invented(client: TestClient) -> None:
    for project in ("P001", "P009", "P064"):
        answer = client.get(f"/projects/{project}/roadmap")
        assert answer.status_code == 200
        assert len(answer.content) < 100 * 1024
        assert "示范数据" not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/projects/P00l/roadmap", 404, "没有编号为"),
        ("/projects/D002/roadmap", 404, "没有编号为"),
        ("/demo/P001/roadmap", 404, "没有编号为"),
        ("/demo/D001/roadmap", 400, "是企业，没有跟踪点"),
        ("/demo/D002/roadmap?as_of=2026-02-30", 400, "应写到日"),
        ("/api/v1/projects/D001/roadmap", 400, "SUBJECT_KIND"),
        ("/api/v1/projects/P00l/roadmap", 404, "SUBJECT_UNKNOWN"),
        ("/api/v1/projects/P001/roadmap?library=demo", 404, "SUBJECT_UNKNOWN"),
        ("/api/v1/projects/P001/roadmap?library=all", 400, "PARAM_VALUE"),
        ("/api/v1/projects/P001/roadmap?day=1", 400, "PARAM_UNKNOWN"),
        ("/api/v1/projects/P001/roadmap?as_of=heute", 400, "DATE_FORMAT"),
    ],
)
def test_a_wrong_request_is_answered_with_what_is_wrong(path: str, status: int, words: str, client: TestClient) -> None:
    answer = client.get(path)

    assert answer.status_code == status
    assert words in unescape(answer.text)
    assert "The request cannot be answered." not in answer.text


def test_a_merged_project_leads_to_the_one_that_stands_for_it(client: TestClient, settings: Settings) -> None:
    archive: Archive = client.app.state.opened.archive  # type: ignore[attr-defined]
    merge_projects(archive, "real", "P003", "P002", reason="同一项目", by="data", now=settings.instant())

    page = client.get("/projects/P003/roadmap")

    assert page.status_code == 200
    assert '<a href="/projects/P002">' in page.text
