"""The reports of a month as pages: who may what, files that are refused whole, good rows in and bad rows back, the closing."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from docx import Document
from httpx2 import Response
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match.store import month_reports
from policy_match.store.tables import Audit, Batch, MonthReport
from policy_match.workflows.follow_month import DistrictLine, follow_month, list_months
from policy_match.workflows.import_register import import_register
from policy_match.workflows.note_report import ReportOf
from policy_match.workflows.receive_report import give_template
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app
from policy_match_api.bodies import MEGABYTE

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "library"))

from filling import filled, rows_of  # noqa: E402
from signed_in import Door  # noqa: E402

# On 28 November 2026: August and September are closed, October is over, November runs.
MONTH, RUNS, CLOSED = "2026-10", "2026-11", "2026-09"
HERE, THERE = "320412", "320481"
WUJIN, LIYANG, LEAD = "demo-district-320412", "demo-district-320481", "demo-development"
SPENT = "本月完成投资"
GOOD = {"D101": {SPENT: "4100"}}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Door:
    """The shipped libraries with the history of the demonstration, and its accounts."""
    settings = shipped_in(tmp_path_factory.mktemp("reports")).model_copy(update={"lookups_per_minute": 0})
    return Door.of(TestClient(create_app(settings)))


@pytest.fixture(scope="module")
def wujin(door: Door) -> TestClient:
    """A caseworker of the district, with a fresh code."""
    return door.signed_in(WUJIN, strong=True)


@pytest.fixture(scope="module")
def lead(door: Door) -> TestClient:
    """The overall lead, with a fresh code."""
    return door.signed_in(LEAD, strong=True)


@pytest.fixture(scope="module")
def template(door: Door) -> bytes:
    """The workbook of the district, as it was given out before anything came."""
    return give_template(door.archive, ReportOf(MONTH, HERE), By("demo", WUJIN, door.now)).content


def hand_in(
    client: TestClient, content: bytes, *, name: str = "武进.xlsx", month: str = MONTH, district: str = HERE
) -> Response:
    """The answer to a file handed in at the form."""
    given = {"month": month, "district": district}
    return client.post("/reports/upload", data=given, files={"file": (name, content)}, follow_redirects=False)


def words(answer: Response) -> str:
    """What a page says, without marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def alert(answer: Response) -> str:
    """The one fault that a page tells."""
    (found,) = re.findall(r'role="alert">(.*?)</p>', answer.text, re.S)
    return unescape(re.sub(r"<[^>]+>", "", found))


def held(door: Door) -> tuple[int, int]:
    """How many batches and reports of months are stored."""
    with door.archive.database.reading() as session:
        batches, reports = (session.scalar(select(func.count()).select_from(one)) for one in (Batch, MonthReport))
        return batches or 0, reports or 0


def noted(door: Door, action: str) -> list[Audit]:
    """The rows of the audit chain of an action, in time."""
    with door.archive.database.reading() as session:
        return list(session.scalars(select(Audit).where(Audit.action == action).order_by(Audit.seq)))


def reason_of(line: Audit) -> object:
    """Why somebody took something away, as they said."""
    return json.loads(line.detail)["reason"]


# who may what

ALL = ("demo-commerce", "demo-industry", "demo-treasury", "demo-statistics", "demo-auditor", "demo-housing")
MAY = {
    # account: reports, check and report of the city, template of 武进, file of 武进, closing
    WUJIN: (200, 403, 200, 400, 403),
    LEAD: (200, 200, 200, 400, 400),
    "demo-data": (200, 200, 403, 400, 403),
    **dict.fromkeys(ALL, (200, 200, 403, 403, 403)),
    "demo-park-320412": (200, 403, 403, 403, 403),
    "demo-agent-320412": (200, 403, 403, 403, 403),
    "demo-enterprise-d001": (403, 403, 403, 403, 403),
    "demo-admin": (403, 403, 403, 403, 403),
}


@pytest.mark.parametrize("actor", MAY)
def test_each_role_may_what_the_matrix_and_the_table_of_imports_say(door: Door, actor: str) -> None:
    client, before = door.signed_in(actor, strong=True), held(door)

    found = (
        client.get("/reports").status_code,
        client.get(f"/reports/{MONTH}/check").status_code,
        client.get(f"/reports/{MONTH}/template/{HERE}.xlsx").status_code,
        hand_in(client, b"", name="empty.xlsx").status_code,  # 400: it was read
        client.post(f"/reports/{RUNS}/close").status_code,  # 400: the month is not over
    )

    assert found == MAY[actor]
    assert ('href="/reports"' in client.get("/account").text) == (found[0] == 200)
    assert held(door) == before


def test_a_visitor_is_told_to_sign_in_and_sees_no_link(door: Door) -> None:
    visitor = TestClient(door.client.app)

    for path in ("/reports", f"/reports/{MONTH}", f"/reports/{MONTH}/template/{HERE}.xlsx", "/reports/stall.xlsx"):
        answer = visitor.get(path)
        assert answer.status_code == 403 and "请先登录" in answer.text, path
    assert 'href="/reports"' not in visitor.get("/login").text
    assert hand_in(visitor, b"x").status_code == 403


def test_a_key_reads_and_neither_takes_files_away_nor_brings_or_closes(door: Door) -> None:
    key = door.with_key(WUJIN, ["read"], "demo")

    assert key.get(f"/reports/{MONTH}").status_code == 200
    assert key.get(f"/reports/{MONTH}/template/{HERE}.xlsx").status_code == 403
    assert hand_in(key, b"x").status_code == 403
    assert door.with_key(LEAD, ["read", "write"], "demo").post(f"/reports/{MONTH}/close").status_code == 403


def test_a_file_that_another_site_sends_is_not_taken(door: Door, wujin: TestClient, template: bytes) -> None:
    before = held(door)

    answer = wujin.post(
        "/reports/upload", data={"month": MONTH, "district": HERE}, files={"file": ("a.xlsx", template)},
        headers={"Origin": "http://elsewhere.invalid"},
    )  # fmt: skip

    assert answer.status_code == 403 and held(door) == before


# the workbook that is given out


def test_the_workbook_of_the_own_district_holds_its_projects_and_is_noted(door: Door, wujin: TestClient) -> None:
    before = len(noted(door, "access.export"))

    answer = wujin.get(f"/reports/{MONTH}/template/{HERE}.xlsx")

    assert "2026-10%20%E6%AD%A6%E8%BF%9B%E5%8C%BA" in answer.headers["content-disposition"]
    rows = rows_of(answer.content)
    assert {row["所在辖市区"] for row in rows} == {"武进区"}
    assert {row["填报月份"] for row in rows} == {MONTH} and "D101" in {row["库内编号"] for row in rows}
    *_, line = noted(door, "access.export")
    assert len(noted(door, "access.export")) == before + 1
    assert (line.actor, reason_of(line)) == (WUJIN, "填报 2026-10 月报")


@pytest.mark.parametrize("district", [THERE, "320402", "320400", "nowhere"])
def test_the_workbook_of_another_district_is_not_there_for_a_district(
    door: Door, wujin: TestClient, district: str
) -> None:
    answer = wujin.get(f"/reports/{MONTH}/template/{district}.xlsx")

    assert answer.status_code == 404 and "没有这份报表" in answer.text
    *_, line = noted(door, "access.refused")
    assert (line.actor, line.object_id) == (WUJIN, f"GET /reports/{MONTH}/template/{district}.xlsx")


def test_the_lead_takes_the_workbook_of_every_district_and_of_nothing_else(lead: TestClient) -> None:
    page = lead.get(f"/reports/{MONTH}").text

    links = re.findall(r'href="(/reports/2026-10/template/[^"]+)"', page)
    assert len(links) == 7
    assert {lead.get(path).status_code for path in links} == {200}
    assert lead.get(f"/reports/{MONTH}/template/320400.xlsx").status_code == 404


def test_without_a_fresh_code_no_file_is_given_out(door: Door) -> None:
    client = door.signed_in(WUJIN)

    answer = client.get(f"/reports/{MONTH}/template/{HERE}.xlsx")

    assert answer.status_code == 403 and "要先输动态口令" in answer.text
    page = client.get(f"/reports/{MONTH}").text
    assert "/template/" not in page and "先输动态口令" in page


@pytest.mark.parametrize(("month", "status"), [("2026-12", 400), ("2026-13", 400), ("x", 400), (RUNS, 200)])
def test_a_month_that_has_not_begun_or_is_none_is_told(wujin: TestClient, month: str, status: int) -> None:
    for path in (f"/reports/{month}", f"/reports/{month}/template/{HERE}.xlsx"):
        assert wujin.get(path).status_code == status, path


# files that are refused as a whole

OTHER_MONTH = {code: {"填报月份": CLOSED} for code in ("D101", "D102", "D113", "D121", "D127")}


def not_a_workbook(_template: bytes) -> bytes:
    return b"%PDF-1.7 ..."


def of_another_month(template: bytes) -> bytes:
    return filled(template, OTHER_MONTH)


def with_a_formula(template: bytes) -> bytes:
    return filled(template, {"D101": {SPENT: "=1200+300"}})


def empty(_template: bytes) -> bytes:
    return b""


def without_rows(template: bytes) -> bytes:
    return (",".join(rows_of(template)[0]) + "\n").encode()


def of_other_columns(_template: bytes) -> bytes:
    return "甲,乙\n1,2\n".encode()


def too_long(template: bytes) -> bytes:
    return (",".join(rows_of(template)[0]) + "\n").encode() + b"1,2\n" * 50_001


REFUSED = {
    "a name of another ending": (not_a_workbook, "月报.pdf", 400, "FILE_KIND", "不收 .pdf 文件"),
    "a name without an ending": (not_a_workbook, "月报", 400, "FILE_KIND", "不收 没有扩展名的 文件"),
    "a file of programs": (not_a_workbook, "月报.parquet", 400, "FILE_KIND", "不收 .parquet 文件"),
    "a PDF by the name of a workbook": (not_a_workbook, "月报.xlsx", 400, "FILE_KIND", "PDF"),
    "another month": (of_another_month, "月报.xlsx", 400, "MONTH_OTHER", "这份文件是 2026-09 的，不是 2026-10 的"),
    "a formula without its result": (with_a_formula, "月报.xlsx", 400, "UPLOAD_FORMULA", "是公式"),
    "an empty file": (empty, "月报.xlsx", 400, "FILE_EMPTY", "文件是空的"),
    "a header alone": (without_rows, "月报.csv", 400, "FILE_EMPTY", "没有数据行"),
    "other columns": (of_other_columns, "月报.csv", 400, None, "列"),
    "too many rows": (too_long, "月报.csv", 413, "UPLOAD_TOO_LARGE", "超过 50000 行"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_none_is_told_in_one_sentence_and_nothing_of_it_is_kept(
    door: Door, wujin: TestClient, template: bytes, what: str
) -> None:
    make, name, status, code, sentence = REFUSED[what]
    before = held(door)

    answer = hand_in(wujin, make(template), name=name)

    assert answer.status_code == status
    assert sentence in alert(answer) and (code or "") in alert(answer)
    assert "/tmp" not in answer.text
    assert 'type="file"' in answer.text
    assert held(door) == before


def test_no_file_at_all_is_told_too(door: Door, wujin: TestClient) -> None:
    before = held(door)

    answer = wujin.post("/reports/upload", data={"month": MONTH, "district": HERE})

    assert answer.status_code == 400 and "没有选文件" in alert(answer) and held(door) == before


def test_more_than_the_form_may_send_is_told_and_not_read(door: Door, wujin: TestClient) -> None:
    before = held(door)

    answer = hand_in(wujin, b"x" * (21 * MEGABYTE))

    assert answer.status_code == 413 and "不超过 21 MB" in answer.text and held(door) == before


@pytest.mark.parametrize("district", [THERE, "", "JS"])
def test_a_file_for_another_district_finds_no_such_report(
    door: Door, wujin: TestClient, template: bytes, district: str
) -> None:
    before = held(door)

    assert hand_in(wujin, template, district=district).status_code == 404
    assert held(door) == before


def test_a_batch_that_fails_leaves_nothing_behind(
    door: Door, template: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, before = tmp_path / "a.xlsx", held(door)
    path.write_bytes(filled(template, {"D101": {SPENT: "777"}}))

    def broken(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(month_reports, "add", broken)
    with pytest.raises(RuntimeError):
        import_register(
            door.archive, "demo", "DISTRICT", path, by=WUJIN, now=door.now, report=ReportOf(MONTH, HERE)
        )  # fmt: skip

    assert held(door) == before


# rows that are refused


def refused_rows(wujin: TestClient, content: bytes) -> tuple[Response, list[dict[str, str]]]:
    """The page of a file that was taken, and the lines of its error file."""
    answer = hand_in(wujin, content)
    assert answer.status_code == 303, answer.text
    place = answer.headers["location"].partition("?")[0]
    errors = wujin.get(f"{place}/errors.csv")
    assert errors.headers["content-type"] == "text/csv; charset=utf-8"
    return wujin.get(answer.headers["location"]), list(csv.DictReader(StringIO(errors.content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("changes", "code", "sentence"),
    [
        ({"D121": {"库内编号": "D127"}}, "CODE_NAME", "编号 D127 是“示范精密齿轮技改项目”"),
        ({"D121": {"库内编号": "D101"}}, "CODE_NAME", "这一行写的是“示范协作机器人产业园项目”"),
        ({"D121": {"库内编号": "D999"}}, "CODE_UNKNOWN", "库里没有这个编号的项目"),
        ({"D121": {"填报月份": CLOSED}}, "MONTH_OTHER", "填报月份不是 2026-10"),
        ({"D121": {"所在辖市区": "溧阳市"}}, "ROW_AREA", "项目在溧阳市，不属于武进区"),
        ({"D121": {SPENT: "约3000"}}, "NUM_INEXACT", "不是确切的金额"),
        ({"D121": {SPENT: "#REF!"}}, "CELL_ERROR", "公式错误"),
    ],
)
def test_a_row_that_cannot_be_right_comes_back_with_one_sentence_and_the_others_are_kept(
    door: Door, wujin: TestClient, template: bytes, changes: dict[str, dict[str, str]], code: str, sentence: str
) -> None:
    batches, reports = held(door)

    page, lines = refused_rows(wujin, filled(template, changes))

    assert [line["代码"] for line in lines] == [code]
    assert sentence in lines[0]["问题"] and lines[0]["怎么办"] and lines[0]["行号"] == "5"
    assert "1 没收" in words(page) and sentence in words(page) and "--" not in lines[0]["怎么办"]
    assert held(door) == (batches + 1, reports + 1)


def test_two_projects_whose_ids_were_exchanged_take_nothing_of_each_other(
    door: Door, wujin: TestClient, template: bytes
) -> None:
    swapped = {"D121": {"库内编号": "D127", SPENT: "1"}, "D127": {"库内编号": "D121", SPENT: "2"}}

    _, lines = refused_rows(wujin, filled(template, swapped))

    assert [line["代码"] for line in lines] == ["CODE_NAME", "CODE_NAME"]
    lacking = {one.code for one in line_of(door, HERE).lacking}
    assert {"D121", "D127"} <= lacking


def line_of(door: Door, district: str) -> DistrictLine:
    """How the month stands for one district."""
    return next(one for one in follow_month(door.archive, "demo", MONTH, door.now) if one.district == district)


def test_good_rows_are_taken_bad_ones_come_back_and_mended_the_month_is_complete(
    door: Door, wujin: TestClient, lead: TestClient, template: bytes
) -> None:
    assert "D101" in {one.code for one in line_of(door, HERE).lacking}
    first = {
        "D101": {SPENT: "4200"},
        "D121": {SPENT: "大概3000"},
        "D127": {SPENT: "150", "形象进度": "设备安装", "填报日期": "2026-10-30"},
    }

    page, lines = refused_rows(wujin, filled(template, first))

    assert [(line["行号"], line["值"]) for line in lines] == [("5", "大概3000")]
    assert "5 行" in words(page) and "1 没收" in words(page)
    assert [one.code for one in line_of(door, HERE).lacking] == ["D121"]
    assert "1 行没收" in words(wujin.get(f"/reports/{MONTH}"))
    assert "1 行没收" in words(lead.get(f"/reports/{MONTH}"))
    assert "示范协作机器人产业园项目 D121 ：在建，本月完成投资未报" in words(wujin.get(f"/reports/{MONTH}"))

    mended, lines = refused_rows(wujin, filled(template, first | {"D121": {SPENT: "3000"}}))

    assert lines == [] and "都已收下" in words(mended)
    assert line_of(door, HERE).lacking == ()
    assert "已收到" in words(wujin.get("/reports"))
    assert "武进区 已收到" in words(lead.get(f"/reports/{MONTH}"))


def test_the_same_file_twice_is_taken_once_and_leads_to_what_became_of_it(
    door: Door, wujin: TestClient, template: bytes
) -> None:
    content = filled(template, {"D102": {SPENT: "约1"}})
    first = hand_in(wujin, content).headers["location"]
    before = held(door)

    again = hand_in(wujin, content)

    assert again.headers["location"] == first.replace("done=taken", "done=same")
    page = words(wujin.get(again.headers["location"]))
    assert "已经导入过，没有新内容" in page and "1 没收" in page
    assert held(door) == before


def test_what_a_district_brings_by_command_is_seen_on_the_page_and_its_file_is_not_for_others(
    door: Door, lead: TestClient, tmp_path: Path
) -> None:
    own, client = door.signed_in(LIYANG, strong=True), door.signed_in(WUJIN)
    path = tmp_path / "溧阳.xlsx"
    path.write_bytes(own.get(f"/reports/{MONTH}/template/{THERE}.xlsx").content)
    assert "没有收到" in words(own.get(f"/reports/{MONTH}"))

    taken = import_register(door.archive, "demo", "DISTRICT", path, by=LIYANG, now=door.now)

    place = f"/reports/{MONTH}/files/{taken.report}"
    assert own.get(place).status_code == lead.get(place).status_code == 200
    assert "已收到" in words(own.get(f"/reports/{MONTH}"))
    for hidden in (place, f"{place}/errors.csv", f"/reports/{MONTH}/files/99999"):
        assert client.get(hidden).status_code == 404, hidden
    assert own.get(place.replace(MONTH, RUNS)).status_code == 404
    assert "溧阳市" not in client.get(f"/reports/{MONTH}").text


def test_the_lead_hands_in_for_a_district_and_rows_of_another_one_come_back(
    door: Door, lead: TestClient, template: bytes
) -> None:
    content = filled(template, {"D113": {SPENT: "5"}})

    wrong = hand_in(lead, content, district="320402")
    assert wrong.status_code == 303
    page = words(lead.get(wrong.headers["location"]))
    assert "天宁区 2026-10 报表 5 行没收" in page and "不属于天宁区" in page

    right = hand_in(lead, filled(template, {"D113": {SPENT: "6"}}))
    assert "武进区 2026-10 报表 都已收下" in words(lead.get(right.headers["location"]))


def test_what_a_file_says_is_shown_as_text(wujin: TestClient, template: bytes) -> None:
    hostile = "<img src=x onerror=alert(1)>"

    page, lines = refused_rows(wujin, filled(template, {"D121": {SPENT: hostile}}))

    assert hostile not in page.text and hostile in unescape(page.text)
    answer = hand_in(wujin, filled(template, {"D121": {SPENT: "=" * 2 + "x"}}), name="../../<b>x.xlsx")
    assert "UPLOAD_FORMULA" in alert(answer)
    assert lines[0]["值"] == hostile


# the month of the city


def test_the_list_of_months_begins_with_the_one_that_runs_and_holds_what_is_closed(
    door: Door, lead: TestClient
) -> None:
    found = list_months(door.archive, "demo", door.now)

    assert [one.month for one in found] == [RUNS, MONTH, CLOSED, "2026-08"]
    assert [(one.closed_at is None, one.is_over) for one in found] == [
        (True, False), (True, True), (False, True), (False, True),
    ]  # fmt: skip
    assert [one.month for one in list_months(door.archive, "real", door.now)] == [RUNS, MONTH]
    assert "2 / 7" in words(lead.get("/reports")) or "3 / 7" in words(lead.get("/reports"))


def test_the_check_says_who_has_not_sent_and_is_taken_along_with_a_reason(lead: TestClient) -> None:
    page = lead.get(f"/reports/{MONTH}/check")

    assert "未报送 示范飞行器总装基地项目 D107 溧阳市 在建，本月完成投资未报" in words(page)
    assert lead.get(f"/reports/{MONTH}/check.xlsx").status_code == 400
    book = lead.get(f"/reports/{MONTH}/check.xlsx?reason=催报")
    rows = CalamineWorkbook.from_filelike(BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert any(row[2] == "D107" for row in rows)


@pytest.mark.parametrize("kind", ["stall", "targets", "watch", "recon"])
def test_the_other_reports_are_taken_for_the_city_or_the_own_area(
    door: Door, wujin: TestClient, lead: TestClient, kind: str
) -> None:
    assert lead.get(f"/reports/{kind}.xlsx").status_code == 400
    for client, area in ((lead, "全市"), (wujin, "武进区")):
        answer = client.get(f"/reports/{kind}.xlsx?reason=例会")
        first = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert f"范围：{area}" in str(first)
    *_, line = noted(door, "access.export")
    assert (line.actor, line.object_id, reason_of(line)) == (WUJIN, f"/reports/{kind}.xlsx", "例会")
    assert lead.get("/reports/nothing.xlsx?reason=x").status_code == 404
    assert door.signed_in(LEAD).get(f"/reports/{kind}.xlsx?reason=x").status_code == 403


def test_the_month_is_closed_once_by_the_lead_with_a_code_and_its_circular_bears_the_figures(
    door: Door, wujin: TestClient, lead: TestClient, template: bytes
) -> None:
    weak = door.signed_in(LEAD)
    assert "先输动态口令" in words(weak.get(f"/reports/{MONTH}/check"))
    assert weak.post(f"/reports/{MONTH}/close").status_code == 403
    early = lead.post(f"/reports/{RUNS}/close")
    assert early.status_code == 400 and "还没有结束" in alert(early)
    hand_in(wujin, filled(template, {"D101": {SPENT: "4321"}}))
    assert "这个月还没有封存" in words(lead.get(f"/reports/{MONTH}/report"))

    done = lead.post(f"/reports/{MONTH}/close", follow_redirects=False)

    assert done.headers["location"] == f"/reports/{MONTH}/report?done=closed"
    page = lead.get(done.headers["location"])
    assert "已封存" in words(page) and "这个月还没有封存" not in words(page)
    assert page.text.count("<h1") == 1 and "<style" not in page.text and len(page.content) < 100_000
    again = lead.post(f"/reports/{MONTH}/close")
    assert again.status_code == 409 and "已封存，不再改动" in alert(again)
    (line,) = [one for one in noted(door, "month.close") if one.object_id == f"demo {MONTH}"]
    assert line.actor == LEAD
    assert lead.get(f"/reports/{MONTH}/report.docx").status_code == 400
    taken = {form: lead.get(f"/reports/{MONTH}/report.{form}?reason=印发") for form in ("docx", "xlsx", "csv")}
    text = "\n".join(one.text for one in Document(BytesIO(taken["docx"].content)).paragraphs)
    assert "通报" in text and "完成投资" in text
    assert taken["xlsx"].content[:2] == b"PK" and taken["csv"].content.startswith(b"\xef\xbb\xbf")
    assert lead.get(f"/reports/{MONTH}/report.pdf?reason=x").status_code == 404
    late = hand_in(wujin, filled(template, {"D101": {SPENT: "4322"}}))
    assert late.status_code == 303 and "还可以补报" in words(wujin.get(f"/reports/{MONTH}"))
