"""The evaluations as pages and over the API: who sees which results, the steps, and what is refused.

One module-wide service over the small libraries; projects of our own with a frozen run are put into the real library.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match.store.evaluation_tables import EvaluationOverride
from policy_match.store.tables import Actor, Audit
from policy_match.workflows.evaluate_stage import StageAsked, freeze_stage
from policy_match.workflows.evaluate_year import Asked, freeze_year
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "library"))

from evaluating import monthly, take  # noqa: E402
from signed_in import Door  # noqa: E402

LEAD, SECOND, INDUSTRY, WUJIN, XINBEI = "development", "development-2", "industry", "district-320412", "district-320411"
E1 = "91320412MAYYYY0160"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, small_in: Callable[[Path], Settings], few_rules: Path) -> Door:
    """The small service, with two projects in 武进, one of them without tax, one in 新北, and runs 1 (2025) and 2 (2020)."""
    settings = small_in(tmp_path_factory.mktemp("evaluations")).model_copy(
        update={"lookups_per_minute": 0, "rules": few_rules}
    )
    door = Door.of(TestClient(create_app(settings)))
    archive = door.archive
    codes = take(archive, ["甲"], uscc=E1) | take(archive, ["缺税"]) | take(archive, ["乙"], district="320411")
    worked = {"tax": 2_700, "output": 72_000}
    monthly(archive, {codes["甲"]: worked, codes["乙"]: worked, codes["缺税"]: {"output": 72_000}})
    by = By("real", LEAD, door.now)
    freeze_year(archive, Asked(2025), by)
    freeze_stage(archive, StageAsked("2020H1"), by)
    with archive.database.writing() as session:
        firm = session.get_one(Actor, "enterprise-320412")
        session.execute(update(Actor).where(Actor.id == firm.id).values(firm=E1))
    door.client.app.state.codes = codes  # type: ignore[attr-defined]
    return door


@pytest.fixture(scope="module")
def codes(door: Door) -> dict[str, str]:
    """The code of each project."""
    found: dict[str, str] = door.client.app.state.codes  # type: ignore[attr-defined]
    return found


def text(client: TestClient, path: str, status: int = 200) -> str:
    """A page."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:300]
    return answer.text


def test_who_is_not_signed_in_or_has_no_right_sees_nothing(door: Door) -> None:
    for client in (TestClient(door.client.app), door.signed_in("commerce"), door.signed_in("statistics")):
        assert client.get("/evaluations").status_code == 403
        assert client.get("/evaluations/1").status_code == 403
        assert client.get("/api/v1/evaluations").status_code == 403


def test_the_lead_sees_the_ranking_what_is_missing_and_one_computation(door: Door, codes: dict[str, str]) -> None:
    lead = door.signed_in(LEAD)

    assert "2025 投入产出评价" in text(lead, "/evaluations") and "2020H1 阶段评价" in text(lead, "/evaluations")
    shown = text(lead, "/evaluations/1")
    assert "42.00+16.67+16.00+13.50+15.00 = 103.17" in shown
    assert "数据不全：缺实缴税收（2025年没有月度数" in shown
    one = text(lead, f"/evaluations/1/{codes['甲']}")
    cells = re.findall(r'<td class="slim">亩均税收(.*)', one)
    assert [re.sub("<[^>]+>", " ", cells[0]).split()] == [
        ["30.00", "万元/亩", "25.00", "方案基准", "1.20", "0.35", "42.00", "—"]
    ]


def test_figures_of_tax_lie_under_the_veil_of_the_reader(door: Door, codes: dict[str, str]) -> None:
    path = f"/evaluations/1/{codes['甲']}"

    lead, industry, data = (text(door.signed_in(actor), path) for actor in (LEAD, INDUSTRY, "data"))

    assert "2700万元" not in lead.split('id="taken"')[1].split("协议年税收")[0] and "2000万元至5000万元" in lead
    assert ">2700万元" in industry.split("实缴税收")[1]
    assert "不显示" in data


def test_a_district_sees_its_own_results_alone(door: Door, codes: dict[str, str]) -> None:
    wujin, xinbei = door.signed_in(WUJIN), door.signed_in(XINBEI)

    assert "示范项目甲" in text(wujin, "/evaluations/1") and "示范项目乙" not in text(wujin, "/evaluations/1")
    assert "示范项目甲" not in text(xinbei, "/evaluations/1")
    text(xinbei, f"/evaluations/1/{codes['甲']}", 404)
    found = xinbei.get("/api/v1/evaluations/1").json()
    assert {row["district"] for row in found["rows"]} == {"320411"}
    assert [row["code"] for row in found["rows"] if row["grade"]] == [codes["乙"]]
    groups = xinbei.get("/api/v1/evaluations/2").json()["groups"]
    assert {(one["axis"], one["name"]) for one in groups} == {("district", "320411")}


def test_over_the_api_every_figure_is_exact_and_typing_errors_are_told(door: Door, codes: dict[str, str]) -> None:
    lead = door.signed_in(LEAD)

    runs = lead.get("/api/v1/evaluations").json()["runs"]
    assert [(run["number"], run["of"], run["period"], run["stage"]) for run in runs][1] == (
        1,
        "project",
        "2025",
        "草稿",
    )
    rows = {row["code"]: row for row in lead.get("/api/v1/evaluations/1").json()["rows"]}
    assert (rows[codes["甲"]]["exact"], rows[codes["甲"]]["score"]) == ("619/6", "103.17")
    assert rows[codes["缺税"]]["missing"][0]["input"] == "tax"
    assert lead.get("/api/v1/evaluations/77").json()["code"] == "EVAL_RUN"
    assert lead.get("/api/v1/evaluations/1?libary=real").json()["code"] == "PARAM_UNKNOWN"
    assert lead.get("/api/v1/evaluations?library=demo").json()["runs"] == []
    assert lead.get("/api/v1/reports/jobs").json()["report"] == "jobs"


def test_the_stage_evaluation_is_a_page(door: Door) -> None:
    shown = text(door.signed_in(LEAD), "/evaluations/2")

    assert "2020H1 签约项目阶段评价" in shown and "1.00（3/3）" in shown


def test_an_excel_file_asks_for_code_and_reason_and_leaves_a_note(door: Door) -> None:
    weak, strong = door.signed_in(LEAD), door.signed_in(LEAD, strong=True)

    assert weak.get("/evaluations/1.xlsx?reason=核对").status_code == 403
    assert strong.get("/evaluations/1.xlsx").status_code == 400
    for number in (1, 2):
        assert strong.get(f"/evaluations/{number}.xlsx?reason=核对").content.startswith(b"PK")
    with door.archive.database.reading() as session:
        noted = session.scalars(select(Audit).where(Audit.object_id == "/evaluations/1.xlsx")).all()
    assert ["核对" in one.detail for one in noted] == [True]


def test_the_flow_from_the_draft_to_the_award_on_pages(door: Door, codes: dict[str, str]) -> None:
    firm, industry = door.signed_in("enterprise-320412"), door.signed_in(INDUSTRY)
    text(firm, "/evaluations/1", 404)
    assert door.signed_in(WUJIN).post("/evaluations/1/send").status_code == 403

    sent = industry.post("/evaluations/1/send", follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/evaluations/1?done=send")
    own = text(firm, "/evaluations/1")
    assert "示范项目甲" in own and "示范项目缺税" not in own
    text(firm, f"/evaluations/1/{codes['缺税']}", 404)
    assert firm.post(f"/evaluations/1/{codes['乙']}/appeal", data={"text": "x"}).status_code == 404
    assert firm.post(f"/evaluations/1/{codes['甲']}/appeal", data={"text": " "}).status_code == 400
    assert "申诉已收到" in firm.post(f"/evaluations/1/{codes['甲']}/appeal", data={"text": "<b>少计</b>"}).text
    shown = text(industry, "/evaluations/1")
    assert "&lt;b&gt;少计&lt;/b&gt;" in shown and "<b>少计" not in shown
    (which,) = re.findall(r'name="which" value="(\d+)"', shown)
    decided = {"which": which, "outcome": "维持", "reason": "一致"}
    assert "申诉已处理" in industry.post("/evaluations/1/decide", data=decided).text
    early = industry.post("/evaluations/1/finish")
    assert early.status_code == 409 and "企业核对到" in early.text
    assert industry.post("/evaluations/1/award").status_code == 409
    assert industry.post("/evaluations/1/steal").status_code == 404


def test_a_figure_by_hand_is_proposed_and_confirmed_by_two(door: Door, codes: dict[str, str]) -> None:
    industry, second = door.signed_in(INDUSTRY), door.signed_in("industry-2")
    given = {"project": codes["缺税"], "name": "实缴税收", "year": "2025", "figure": "2700万元", "reason": "税务回函"}

    assert industry.post("/evaluations/figures", data={**given, "reason": ""}).status_code == 400
    assert industry.post("/evaluations/figures", data={**given, "year": "今年"}).status_code == 400
    assert "待另一个人确认" in industry.post("/evaluations/figures", data=given).text
    with door.archive.database.reading() as session:
        number = session.scalars(select(EvaluationOverride.id)).one()
    assert industry.post(f"/evaluations/figures/{number}/confirm").status_code == 403
    assert "已确认" in second.post(f"/evaluations/figures/{number}/confirm").text
    again = industry.post("/evaluations/freeze", data={"scheme": "input_output:1", "period": "2025"})
    assert again.text.count("= 103.17") == 3


def test_freezing_on_the_page_tells_what_is_wrong(door: Door) -> None:
    industry = door.signed_in(INDUSTRY)

    for scheme, period, code in (
        ("input_output:9", "2025", "SCHEME_UNKNOWN"), ("input_output:1", "25", "PERIOD_FORM"),
        ("input_output:1", "2026", "EVAL_YEAR_OPEN"), ("stage:1", "2024Q1", "PERIOD_FORM"),
    ):  # fmt: skip
        answer = industry.post("/evaluations/freeze", data={"scheme": scheme, "period": period})
        assert answer.status_code in (400, 404) and code in answer.text
    done = industry.post("/evaluations/freeze", data={"scheme": "stage:1", "period": "2020"})
    assert "2020 签约项目阶段评价" in done.text
