"""The pipelines as pages and over the API: counts, lists, one item, moves as forms, and who is answered 404."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from html import unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from httpx2 import Response
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match.store.tables import Audit
from policy_match_api.app import create_app

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "library"))

from signed_in import Door  # noqa: E402

FINANCE, LABOUR, LEAD = "demo-finance", "demo-labour", "demo-development"
WUJIN, FIRM, OTHER_FIRM = "demo-district-320412", "demo-enterprise-d001", "demo-enterprise-d005"
LISTING, NUMBER, HERE = "/pipelines/listing", "SS-2026-00001", "/pipelines/listing/SS-2026-00001"
POSTING = {
    "title": "示范叉车工", "level": "初级工", "headcount": "2人", "site": "示范厂区", "pay_low": "5000元", "pay_high": "7000元",
    "until": "2027-01-31",
}  # fmt: skip


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Door:
    """The shipped libraries with the history of the demonstration, and its accounts."""
    settings = shipped_in(tmp_path_factory.mktemp("pipelines")).model_copy(update={"lookups_per_minute": 0})
    return Door.of(TestClient(create_app(settings)))


def words(answer: Response) -> str:
    """What a page says, without marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def form(said: dict[str, str], **more: str) -> str:
    """What a browser sends of a form: names and values of fields side by side."""
    pairs = [*more.items(), *(pair for name, text in said.items() for pair in (("field", name), ("value", text)))]
    return "&".join(f"{name}={quote(text)}" for name, text in pairs)


def send(client: TestClient, address: str, body: str) -> Response:
    """The answer to a form."""
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    return client.post(address, content=body, headers=head, follow_redirects=False)


def test_the_front_of_the_pipelines_tells_what_is_late_and_which_quarter_lacks_a_training(door: Door) -> None:
    said = words(door.signed_in(LEAD).get("/pipelines"))

    assert re.search(r"融资需求 1 1 超时 1", said)
    assert "2026年第3季度缺" in said and "示范数据" in said
    assert re.search(r"上市后备 只看数 1 1", said)


def test_a_list_is_filtered_by_its_address_and_taken_away_as_it_is_with_a_reason(door: Door) -> None:
    labour = door.signed_in(LABOUR, strong=True)

    said = words(labour.get("/pipelines/job_posting", params={"state": "expired"}))
    file = labour.get("/pipelines/job_posting.xlsx", params={"state": "expired", "reason": "示范"})

    assert "示范仓管员" in said and "示范装配工" not in said and "共 1 项" in said
    rows = CalamineWorkbook.from_filelike(BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows if str(row[0]).startswith("ZP-")] == ["ZP-2026-00001"]
    assert labour.get("/pipelines/job_posting.xlsx").status_code == 400
    assert door.signed_in(LABOUR).get("/pipelines/job_posting.xlsx", params={"reason": "示范"}).status_code == 403
    assert labour.get("/pipelines/job_posting", params={"state": "nowhere"}).status_code == 400
    with door.archive.database.reading() as session:
        noted = [row.object_id for row in session.scalars(select(Audit).where(Audit.action == "access.export"))]
    assert "/pipelines/job_posting.xlsx" in noted


def test_the_firm_sees_itself_others_and_the_district_find_nothing_and_the_lead_counts_alone(door: Door) -> None:
    assert "120 天" in words(door.signed_in(FIRM).get(HERE))
    for who, address in ((OTHER_FIRM, HERE), (WUJIN, HERE), (WUJIN, LISTING), (WUJIN, f"{LISTING}/new"), (LEAD, HERE)):
        assert door.signed_in(who).get(address).status_code == 404, (who, address)
    with door.archive.database.reading() as session:
        noted = {
            (row.actor, row.object_id) for row in session.scalars(select(Audit).where(Audit.action == "access.refused"))
        }
    assert {(OTHER_FIRM, f"GET {HERE}"), (WUJIN, f"GET {HERE}"), (WUJIN, f"GET {LISTING}")} <= noted
    said = words(door.signed_in(LEAD).get(LISTING))
    assert "这里只看数" in said and "示范常储动力电池" not in said and NUMBER not in said
    visitor = TestClient(door.client.app)
    for address in ("/pipelines", LISTING, HERE):
        assert visitor.get(address).status_code == 403
    for who, address in ((LEAD, "/reports"), (FIRM, "/firm")):
        assert 'href="/pipelines"' in door.signed_in(who).get(address).text


def test_only_who_changes_a_pipeline_is_shown_the_forms_and_may_send_them(door: Door) -> None:
    auditor = door.signed_in("demo-auditor")

    assert "<form" not in auditor.get(HERE).text.partition("<main")[2]
    assert auditor.get(f"{LISTING}/new").status_code == 403
    assert send(auditor, HERE, form({}, step="paused", reason="示范")).status_code == 403
    assert send(door.signed_in(FIRM), HERE, form({}, step="paused", reason="示范")).status_code == 403


def test_an_item_is_opened_and_moved_with_the_forms_of_its_page(door: Door) -> None:
    labour = door.signed_in(LABOUR)
    blank = labour.get("/pipelines/job_posting/new")
    assert set(re.findall(r'name="field" value="(\w+)"', blank.text)) > set(POSTING)

    opened = send(labour, "/pipelines/job_posting/new", form(POSTING, subject="D001", step="posted"))
    again = send(labour, "/pipelines/job_posting/new", form(POSTING, subject="D001", step="posted"))
    place = opened.headers["location"].partition("?")[0]
    assert (opened.status_code, again.headers["location"]) == (303, f"{place}?done=same")
    shown = labour.get(place)
    assert "到“招满”" in words(shown) and "示范叉车工" in words(shown)
    (seen, *_) = re.findall(r'name="seen" value="(\d+)"', shown.text)

    moved = send(labour, place, form({}, step="filled", seen=seen))
    twice = send(labour, place, form({}, step="filled", seen=seen))
    late = send(labour, place, form({"headcount": "3人"}, seen=seen))

    assert (moved.status_code, moved.headers["location"]) == (303, f"{place}?done=moved")
    assert twice.headers["location"] == f"{place}?done=again"
    assert late.status_code == 409 and "别人的改动" in words(late)
    assert "已经办完" in words(labour.get(place))


def test_what_was_written_stands_on_the_form_again_when_it_is_refused(door: Door) -> None:
    labour = door.signed_in(LABOUR)

    refused = send(
        labour,
        "/pipelines/job_posting/new",
        form(POSTING | {"title": "示范<b>工</b>", "demands": "限男性"}, subject="D001"),
    )
    lacking = send(labour, "/pipelines/job_posting/new", form({"title": "示范"}, subject="D001"))

    assert refused.status_code == 400 and "JOB_DISCRIM" in refused.text and "限男性" in refused.text
    assert "示范&lt;b&gt;工&lt;/b&gt;" in refused.text
    assert len(re.findall("PIPELINE_LACKS", lacking.text)) == 6


def test_an_illegal_move_is_answered_with_the_legal_ones_and_changes_nothing(door: Door) -> None:
    finance = door.signed_in(FINANCE)

    refused = send(finance, HERE, form({}, step="passed"))
    early = send(finance, HERE, form({}, step="accepted", on="2026-01-01", kind="受理通知", document="示范受9"))

    assert refused.status_code == 409 and "辅导验收、申报受理、中止、终止或撤回" in words(refused)
    assert early.status_code == 400 and "PIPELINE_DAY" in early.text and 'value="示范受9"' in early.text
    assert "辅导备案，120 天" in words(finance.get(HERE))


def test_the_api_answers_by_the_same_rights(door: Door) -> None:
    def ask(who: str, address: str) -> Response:
        key = door.with_key(who, ["read"], library="demo")
        return key.get(f"/api/v1{address}", params={"library": "demo"})

    one = ask(FINANCE, HERE)
    assert (one.json()["step"], one.json()["days"], one.json()["next"][:2]) == ("filed", 120, ["tutored", "accepted"])
    assert [row["number"] for row in ask(FINANCE, LISTING).json()["rows"]] == [NUMBER]
    lead = ask(LEAD, "/reports/listing").json()
    assert (lead["items"], "rows" in lead) == (1, False)
    for who, address in (
        (WUJIN, LISTING),
        (WUJIN, HERE),
        (WUJIN, "/reports/listing"),
        (LEAD, HERE),
        (LEAD, "/pipelines/nowhere"),
    ):
        assert ask(who, address).status_code == 404, (who, address)
    assert ask(LEAD, LISTING).status_code == 200
    assert TestClient(door.client.app).get(f"/api/v1{LISTING}").status_code == 403
    assert door.with_key(FINANCE, ["subscribe"], library="demo").get(f"/api/v1{LISTING}").status_code == 403
    assert (
        door.with_key(FINANCE, ["read"], library="demo").get(f"/api/v1{LISTING}").status_code == 404
    )  # the real library


def test_the_api_tells_where_projects_came_from(door: Door) -> None:
    found = (
        door.with_key(LEAD, ["read"], library="demo").get("/api/v1/reports/channels", params={"library": "demo"}).json()
    )
    own = (
        door.with_key(WUJIN, ["read"], library="demo")
        .get("/api/v1/reports/channels", params={"library": "demo"})
        .json()
    )

    assert found["by"]["channel"] == {"unknown": found["projects"]} and found["projects"] > own["projects"] > 0
    assert own["district"] == "320412"


def test_every_page_of_every_pipeline_opens_for_whoever_changes_it(door: Door) -> None:
    for who in (FINANCE, LABOUR, "demo-commerce", "demo-power", "demo-resources", "demo-talent"):
        client = door.signed_in(who)
        kinds = re.findall(r'href="(/pipelines/\w+)"', client.get("/pipelines").text)
        assert kinds
        for address in kinds:
            page = client.get(address)
            assert page.status_code == 200, (who, address)
            if f"{address}/new" in page.text:
                assert client.get(f"{address}/new").status_code == 200, (who, address)
