"""The growth library as pages, as files and over the API: who sees which projects, and which figures of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match_api.app import create_app
from policy_match_api.pages.series_chart import SeriesPoint, series_chart

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "library"))

from signed_in import Door  # noqa: E402

INDUSTRY, LEAD, FIRM = "demo-industry", "demo-development", "demo-enterprise-d001"
WUJIN = "demo-district-320412"
DEMO = {"library": "demo"}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Door:
    """The shipped libraries with the history of the demonstration, and its accounts."""
    settings = shipped_in(tmp_path_factory.mktemp("growth")).model_copy(update={"lookups_per_minute": 0})
    return Door.of(TestClient(create_app(settings)))


@pytest.fixture(scope="module")
def industry(door: Door) -> TestClient:
    """市工信局, which sees all figures."""
    return door.signed_in(INDUSTRY)


def sheet_texts(content: bytes) -> str:
    """Every text of a workbook."""
    with ZipFile(BytesIO(content)) as parts:
        return parts.read("xl/sharedStrings.xml").decode()


def listed(client: TestClient, **params: str) -> set[str]:
    """The projects of the page."""
    answer = client.get("/growth", params={**DEMO, **params})
    assert answer.status_code == 200, answer.text
    return set(re.findall(r'href="/growth/(D\d+)', answer.text))


def series(client: TestClient, code: str) -> dict[str, Any]:
    """The series of a project over the API."""
    answer = client.get(f"/api/v1/projects/{code}/indicators", params=DEMO)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_list_names_what_is_below_its_plan_with_its_ticket_and_filters_stand_in_the_address(
    industry: TestClient,
) -> None:
    page = industry.get("/growth", params=DEMO).text

    assert {"D102", "D109", "D132"} <= listed(industry) and "D112" not in listed(industry)
    assert listed(industry, light="red") == {"D109"} and listed(industry, district="320404") == {"D109", "D129"}
    assert "产值累计为计划的45%" in page and re.search(r"问题单 T-2026-\d{5}", page) and "市工信局" in page
    assert '<option value="red" selected>' in industry.get("/growth", params={**DEMO, "light": "red"}).text
    assert "示范数据" in page and "达产年产值" in page
    assert industry.get("/growth", params={**DEMO, "light": "blue"}).status_code == 400
    assert "/growth" in industry.get("/reports").text


def test_the_series_is_drawn_with_its_plan_and_a_missing_month_is_a_gap(industry: TestClient) -> None:
    page = industry.get("/growth/D132", params=DEMO).text

    (svg,) = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(re.findall(r'<polyline class="low"', svg)) == 3 and len(re.findall(r'<polyline class="high"', svg)) == 2
    assert svg.count(">缺<") == 1 and "不是0" in page and "缺报" in page and "个月没有报" in page
    assert len(re.findall(r"<circle", svg)) == 11
    power = industry.get("/growth/D132", params={**DEMO, "indicator": "electricity"}).text
    assert '<polyline class="high"' not in power and "万千瓦时" in power
    assert industry.get("/growth/D132", params={**DEMO, "indicator": "wind"}).status_code == 400


def test_figures_are_exact_for_industry_and_ranges_for_the_lead(door: Door, industry: TestClient) -> None:
    lead = door.signed_in(LEAD)

    exact, ranged = industry.get("/growth/D109", params=DEMO).text, lead.get("/growth/D109", params=DEMO).text
    assert "<svg" in exact and "1.34" in exact
    assert "<svg" not in ranged and "1亿元至5亿元" in ranged and "不显示" in ranged and "1.34" not in ranged
    assert "45%" in ranged
    output = next(one for one in series(lead, "D109")["indicators"] if one["id"] == "output")["months"][-1]
    assert (output["value"], output["plan"], output["text"]) == (None, None, "1亿元至5亿元")
    known = next(one for one in series(industry, "D109")["indicators"] if one["id"] == "output")["months"][-1]
    assert isinstance(known["value"], int) and known["plan"] == 30_000 * 10**6
    ticket = r"产能利用率偏低（黄灯）[^<]*（2026-10 产值累计"
    assert re.search(ticket, industry.get("/demo/D109").text)
    assert not re.search(ticket, lead.get("/demo/D109").text)


def test_a_firm_sees_its_own_series_and_no_other_and_no_list(door: Door) -> None:
    firm = door.signed_in(FIRM)

    assert "<svg" in firm.get("/growth/D102", params=DEMO).text
    assert series(firm, "D102")["code"] == "D102"
    assert firm.get("/growth/D109", params=DEMO).status_code == 404
    assert firm.get("/api/v1/projects/D109/indicators", params=DEMO).status_code == 404
    assert firm.get("/growth", params=DEMO).status_code == 403
    assert firm.get("/api/v1/reports/growth", params=DEMO).status_code == 403


def test_a_district_sees_its_own_area_alone(door: Door) -> None:
    own = door.signed_in(door.add_actor("district-320404", "district", region="320404"))
    other = door.signed_in(WUJIN)

    assert listed(own) == {"D109", "D129"} and "D109" not in listed(other)
    assert other.get("/growth/D109", params=DEMO).status_code == 404
    assert other.get("/growth", params={**DEMO, "district": "320404"}).status_code == 403


def test_tickets_are_opened_with_a_button_by_those_who_may_and_only_once(door: Door) -> None:
    client = door.signed_in(INDUSTRY)
    told = Told({"full_capacity_output": "60000万元"}, source="DEPT")
    tell_facts(door.archive, "demo", "D132", told, INDUSTRY, door.now)
    page = client.get("/growth", params=DEMO).text
    assert (
        "还没有问题单" in page
        and "<button>登记问题单" not in door.signed_in("demo-commerce").get("/growth", params=DEMO).text
    )

    first = client.post("/growth/tickets", data=DEMO, follow_redirects=False)
    again = client.post("/growth/tickets", data=DEMO, follow_redirects=False)

    assert (first.status_code, first.headers["location"]) == (303, "/growth?library=demo&done=opened")
    assert again.headers["location"] == "/growth?library=demo&done=none"
    assert "还没有问题单" not in client.get(first.headers["location"]).text
    assert door.signed_in("demo-commerce").post("/growth/tickets", data=DEMO).status_code == 200
    assert TestClient(door.client.app).post("/growth/tickets", data=DEMO).status_code in (401, 403)


def test_a_visitor_gets_no_list_and_no_real_project(door: Door) -> None:
    visitor = TestClient(door.client.app)

    assert visitor.get("/growth", params=DEMO).status_code in (401, 403)
    assert visitor.get("/api/v1/reports/growth").status_code in (401, 403)


def test_the_report_over_the_api_says_the_same_and_opens_no_ticket(door: Door, industry: TestClient) -> None:
    before = industry.get("/demo/D122").text.count("T-2026-")

    found = industry.get("/api/v1/reports/growth", params=DEMO).json()
    ranged = door.signed_in(LEAD).get("/api/v1/reports/growth", params=DEMO).json()

    rows, veiled = ({row["code"]: row for row in one["rows"]} for one in (found, ranged))
    assert (rows["D109"]["light"], rows["D109"]["share"]) == ("red", veiled["D109"]["share"])
    assert isinstance(rows["D109"]["figures"]["output"], int) and veiled["D109"]["figures"]["output"] == "1亿元至5亿元"
    assert [one["code"] for one in found["left"]] == ["D112", "D113"]
    assert industry.get("/demo/D122").text.count("T-2026-") == before > 0


def test_the_table_is_taken_with_a_reason_and_shows_what_the_reader_may_see(door: Door) -> None:
    strong = door.signed_in(INDUSTRY, strong=True)

    assert strong.get("/growth/D109/series.xlsx", params=DEMO).status_code == 400
    taken = strong.get("/growth/D109/series.xlsx", params={**DEMO, "reason": "月度调度"})
    assert taken.status_code == 200 and taken.content[:2] == b"PK"
    lead = door.signed_in(LEAD, strong=True)
    ranged = lead.get("/growth/D109/series.xlsx", params={**DEMO, "reason": "月度调度"})
    assert "1亿元至5亿元" in sheet_texts(ranged.content) and "1亿元至5亿元" not in sheet_texts(taken.content)
    assert strong.get("/reports/growth.xlsx", params={"reason": "月度调度"}).status_code == 200


def test_the_timeline_ends_with_the_latest_figures_and_leads_to_the_series(industry: TestClient) -> None:
    page = industry.get("/demo/D109").text
    events = industry.get("/api/v1/projects/D109/events", params=DEMO).json()["events"]

    assert "2026-10 指标" in page and "/growth/D109?library=demo" in page
    assert events[-1]["what"] == "2026-10 指标" and "产值（累计）" in events[-1]["reason"]
    assert industry.get("/api/v1/projects/D101/events", params=DEMO).json()["events"][-1]["what"] == "竣工"


def test_a_project_that_is_not_completed_has_no_series(industry: TestClient) -> None:
    found = series(industry, "D105")

    assert (found["entered_on"], found["indicators"], found["findings"]) == (None, [], [])
    answer = industry.get("/growth/D105", params=DEMO)
    assert answer.status_code == 404 and "还没有列入新增长点培育库" in answer.text


def test_a_chart_breaks_at_a_gap_and_reaches_below_zero() -> None:
    points = [SeriesPoint(str(n), v, None, begins=n == 4) for n, v in enumerate([10, None, -30, 40, 5])]

    chart = series_chart("利润", points, str)

    assert [len(run.split()) for run in chart.actual] == [1, 2, 1] and chart.plan == ()
    assert len(chart.gaps) == 1 and len(chart.dots) == 4
    assert (chart.upward[0].text, chart.upward[-1].text) == ("-40", "40")
    assert series_chart("空", [], str).dots == ()
