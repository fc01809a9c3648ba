"""What a caseworker's day has beside its tasks: what changed, deciding together, handing over, visits, files, the front page."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from policy_match.access.passwords import DEMO_PASSWORD
from policy_match.access.second_factor import DEMO_SECRET, code_at
from policy_match.access.viewer import Means, Viewer
from policy_match.settings import Settings
from policy_match.store.tables import Audit
from policy_match.workflows.add_visit import NewVisit, add_visit
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app

CASEWORKER, COLLEAGUE = "demo-district-320412", "demo-second-320412"
NAME = "示范·武进区（辖市区）同事"


@pytest.fixture(scope="module")
def settings(shipped_in: Callable[[Path], Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    shipped = shipped_in(tmp_path_factory.mktemp("day"))
    return shipped.model_copy(update={"lookups_per_minute": 0, "matches_per_minute": 0, "logins_per_minute": 0})


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[TestClient]:
    """The service as it starts for the first time."""
    made = TestClient(create_app(settings))
    yield made
    archive_of(made).database.close()


def archive_of(app: TestClient) -> Archive:
    found: Archive = app.app.state.opened.archive  # type: ignore[attr-defined]
    return found


def signed_in(app: TestClient, login: str, code: str = "") -> TestClient:
    client = TestClient(app.app)
    sent = {"login": login, "password": DEMO_PASSWORD, "code": code}
    assert client.post("/login", data=sent, follow_redirects=False).status_code == 303
    return client


@pytest.fixture(scope="module")
def worker(app: TestClient) -> TestClient:
    return signed_in(app, CASEWORKER)


@pytest.fixture(scope="module")
def strong(app: TestClient, settings: Settings) -> TestClient:
    """The caseworker with a fresh code; a code is good once."""
    return signed_in(app, CASEWORKER, code_at(DEMO_SECRET, settings.instant()))


@pytest.fixture(scope="module")
def measure(worker: TestClient) -> str:
    """The measure of which most matches wait."""
    found = worker.get("/api/v1/reviews?library=demo&limit=200").json()["reviews"]
    return Counter(str(one["measure"]) for one in found).most_common(1)[0][0]


def projects_of(client: TestClient) -> set[str]:
    """The projects that somebody sees."""
    return set(re.findall(r'href="/demo/(D\d+)"', client.get("/demo?kind=project").text))


def words(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def news(text: str) -> str:
    """The part of the day that tells what changed."""
    found = re.search(r'<section class="card news".*?</section>', text, re.S)
    assert found is not None
    return words(found[0])


def rows_of(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def audited(app: TestClient, action: str) -> list[Audit]:
    with archive_of(app).database.reading() as session:
        return [row for row in session.query(Audit).order_by(Audit.seq) if row.action == action]


def visit(app: TestClient, project: str, by: str, settings: Settings) -> None:
    asked = NewVisit(project, settings.today(), ("示范走访员",), "在建")
    add_visit(archive_of(app), asked, By("demo", by, settings.instant()))


def test_the_first_visit_is_told_of_the_last_week_and_of_nothing_outside_the_own_area(worker: TestClient) -> None:
    text = news(worker.get("/today").text)

    assert "最近七天的变化" in text and "您第一次来" in text
    assert "走访" in text and "共 0" not in text
    theirs = {one.id for one in worker.app.state.opened.today().demo.matching.subjects}  # type: ignore[attr-defined]
    mine = set(re.findall(r'href="/demo/(D\d+)"', worker.get("/demo").text))
    shown = re.findall(r'href="/demo/([^"/]+)"', worker.get("/today").text.split('class="card news"')[1].split("</section>")[0])  # fmt: skip
    assert shown and set(shown) <= mine < theirs


def test_a_later_visit_is_told_of_what_others_did_since_the_last_one_ended_and_not_of_the_own_work(
    app: TestClient, settings: Settings
) -> None:
    """The clock stands still here: sessions are moved apart in the database."""
    archive, hour = archive_of(app), timedelta(hours=1)
    first = signed_in(app, CASEWORKER)
    own, others = sorted(projects_of(first))[:2]
    visit(app, own, CASEWORKER, settings)
    first.post("/logout")
    with archive.database.writing() as session:
        for row in session.query(Audit):
            if (
                row.actor == CASEWORKER
                and row.action in ("sign_in", "sign_out", "visit.add")
                and row.at == settings.instant()
            ):
                row.at = settings.instant() - 3 * hour
    again = signed_in(app, CASEWORKER)
    visit(app, others, "demo-development", settings)

    text = news(again.get("/today").text)

    assert "上次来过以后的变化" in text and "06:00 起" in text
    assert "1 个项目和企业" in text and "走访" in text
    assert "最近七天" not in text


def test_decisions_are_made_together_after_a_preview(app: TestClient, worker: TestClient, measure: str) -> None:
    page = worker.get(f"/today?measure={measure}").text
    assert f'href="/today/together?measure={measure}"' in page
    assert "together" not in worker.get("/today").text
    asked = worker.get(f"/today/together?measure={measure}").text
    ids = re.findall(r'name="review" value="([^"]+)"', asked)
    assert len(ids) > 2 and "checked" not in asked
    assert worker.get(f"/today/together?measure={measure}&all=true").text.count(" checked") == len(ids)
    colleague = signed_in(app, COLLEAGUE)
    assert colleague.post(f"/reviews/{ids[0]}/claim", follow_redirects=False).status_code == 303

    form = {"measure": measure, "decision": "reject", "reason": "不相关", "note": "核对<过>", "review": ids[:3]}
    shown = worker.post("/today/together/preview", data=form).text
    assert "预览：还没有办" in shown and "驳回这 2 项" in shown and NAME in words(shown)
    assert audited(app, "review.reject") == []
    bound = [unescape(one) for one in re.findall(r'name="bound" value="([^"]+)"', shown)]
    assert [one.split()[0] for one in bound] == ids[1:3] and "核对&lt;过&gt;" in shown

    sent = {**form, "bound": bound}
    del sent["review"]
    done = worker.post("/today/together", data=sent).text
    assert "已驳回 2 项" in done
    assert sorted(row.object_id for row in audited(app, "review.reject")) == sorted(ids[1:3])
    twice = worker.post("/today/together", data=sent)
    assert "已驳回 0 项" not in twice.text and len(audited(app, "review.reject")) == 2


def test_what_is_wrong_with_deciding_together_is_said_in_the_words_of_the_page_and_kept(
    worker: TestClient, measure: str
) -> None:
    ids = re.findall(r'name="review" value="([^"]+)"', worker.get(f"/today/together?measure={measure}").text)
    form = {"measure": measure, "decision": "reject", "note": "写过的话", "review": ids[:1]}

    for more, says in (
        ({}, "驳回要写原因"),
        ({"decision": "confirm", "reason": "不相关"}, "不用 “原因”"),
        ({"review": []}, "没有选中"),
    ):
        answer = worker.post("/today/together/preview", data={**form, **more})
        assert (answer.status_code, says in words(answer.text), "写过的话" in answer.text) == (400, True, True), more
        assert "--" not in words(answer.text)
    assert worker.post("/today/together", data={"measure": measure, "bound": "x"}).status_code == 404
    assert worker.get("/today/together?measure=none").status_code == 404


def test_who_decides_nothing_cannot_decide_together(app: TestClient, measure: str) -> None:
    auditor = signed_in(app, "demo-auditor")

    assert "together" not in auditor.get(f"/today?measure={measure}").text
    assert auditor.get(f"/today/together?measure={measure}").status_code == 403
    assert auditor.post("/today/together", data={"measure": measure}).status_code == 403


def test_a_queue_is_handed_over_and_taken_back(app: TestClient, worker: TestClient, settings: Settings) -> None:
    today = settings.today()
    assert NAME in worker.get("/today/handover").text
    wrong = {"taker": COLLEAGUE, "since": today.isoformat(), "through": "2026-01-01", "reason": "年假<一周>"}
    refused = worker.post("/today/handover", data=wrong)
    assert refused.status_code == 400 and "年假&lt;一周&gt;" in refused.text and f"selected>{NAME}" in refused.text

    sent = {**wrong, "through": (today + timedelta(6)).isoformat()}
    given = worker.post("/today/handover", data=sent)
    assert "我的待办由谁办" in given.text and "生效" in given.text
    colleague = signed_in(app, COLLEAGUE)
    assert "移交的待办" in colleague.get("/today").text and "我替谁办" in colleague.get("/today/handover").text
    place = re.findall(r'class="lead-cell"><a href="(/reviews/[^"]+)"', worker.get("/today?kind=decide").text)[-1]
    worker.post(f"{place}/claim")
    assert place in colleague.get("/today?mine=true").text
    text = colleague.get(place).text
    assert "已移交给您" in text and 'value="confirm"' in text

    number = re.search(r'action="/today/handover/(\d+)/end"', given.text)
    assert number is not None
    assert "结束" not in words(worker.post(f"/today/handover/{number[1]}/end").text.split("移交我的待办")[0])
    assert "移交的待办" not in colleague.get("/today").text and place not in colleague.get("/today?mine=true").text


def test_a_visit_is_recorded_on_its_card_with_what_the_firm_answered(app: TestClient, worker: TestClient) -> None:
    place = "/demo/D102/visit-card"
    text = worker.get(place).text
    asked = [unescape(one) for one in re.findall(r'name="asked" value="([^"]+)"', text)]
    assert asked and 'value="2026-11-28"' in text
    form = {"on": "2026-11-27", "visitors": "甲、乙", "findings": "厂房<封顶>", "asked": asked, "answer": ["约三千万", *[""] * (len(asked) - 1)]}  # fmt: skip

    late = worker.post(place, data={**form, "on": "2026-12-24"})
    assert (
        late.status_code == 400
        and "厂房&lt;封顶&gt;" in late.text
        and "约三千万" in late.text
        and "甲、乙" in late.text
    )
    empty = worker.post(place, data={**form, "findings": "", "answer": [""] * len(asked)})
    assert empty.status_code == 400 and "没有写走访情况" in empty.text

    done = worker.post(place, data=form, follow_redirects=False)
    assert done.status_code == 303
    after = words(worker.get(done.headers["location"]).text)
    assert "已登记" in after and f"2026-11-27 甲、乙：厂房<封顶> {asked[0]}：约三千万" in after


def test_who_may_not_record_a_visit_sees_no_form_and_is_refused(app: TestClient, worker: TestClient) -> None:
    auditor = signed_in(app, "demo-auditor")

    assert "登记走访" not in auditor.get("/demo/D102/visit-card").text
    assert auditor.post("/demo/D102/visit-card", data={"on": "2026-11-27", "findings": "x"}).status_code == 403
    mine = set(re.findall(r'href="/demo/(D\d+)"', worker.get("/demo").text))
    every = {one.id for one in worker.app.state.opened.today().demo.matching.subjects}  # type: ignore[attr-defined]
    theirs = min(one for one in every - mine if one.startswith("D1"))
    assert worker.post(f"/demo/{theirs}/visit-card", data={"on": "2026-11-27", "findings": "x"}).status_code == 404
    assert worker.post("/projects/P001/visit-card", data={"on": "2026-11-27", "findings": "x"}).status_code == 404


TABLES = ("/today/tasks.xlsx", "/today/calls.xlsx", "/today/changes.xlsx", "/demo.xlsx", "/msjx.xlsx")


def test_every_table_of_the_day_is_had_as_a_file_with_a_reason_that_is_kept(
    app: TestClient, strong: TestClient
) -> None:
    for place in TABLES:
        assert strong.get(place).status_code == 400, place
        answer = strong.get(f"{place}?reason=周会")
        assert answer.status_code == 200, (place, answer.text[:300])
        head, *rows = rows_of(answer.content)[:2]
        assert all(head), place
        assert rows or place == "/today/changes.xlsx", place
    noted = [(row.object_id, json.loads(row.detail)["reason"]) for row in audited(app, "access.export")]
    assert noted == [(place, "周会") for place in TABLES]


def test_a_file_holds_what_the_filters_leave_and_what_the_reader_sees(strong: TestClient) -> None:
    shown = len(re.findall(r'class="lead-cell"><a href="/reviews/', strong.get("/today?kind=decide").text))
    kinds = {row[0] for row in rows_of(strong.get("/today/tasks.xlsx?kind=decide&reason=x").content)[1:]}
    mine = projects_of(strong)
    listed = {str(row[0]) for row in rows_of(strong.get("/demo.xlsx?kind=project&reason=x").content)[1:]}

    assert shown and kinds == {"决定"}
    assert mine and mine == {one for one in listed if one.startswith("D")}


@pytest.mark.parametrize("place", TABLES)
def test_no_file_without_the_right_or_without_a_fresh_code(app: TestClient, worker: TestClient, place: str) -> None:
    firm = signed_in(app, "demo-enterprise-d001")

    assert worker.get(f"{place}?reason=x").status_code == 403
    assert firm.get(f"{place}?reason=x").status_code == 403


def test_the_front_page_says_what_awaits_whom(app: TestClient, worker: TestClient) -> None:
    visitor = words(app.get("/").text)
    assert "今天等谁办" in visitor and "武进区" in visitor
    found = re.search(r"示范·武进区[^：]*：待办 (\d+) 项", visitor)
    tasks = len(re.findall(r'class="lead-cell"><a href="/reviews/', worker.get("/today").text))
    assert found is not None and int(found[1]) == tasks <= 60
    assert "企业确认" in visitor or "主管单位" in visitor

    mine = words(worker.get("/").text)
    assert f"等我办的 我的一天 ：待办 {tasks} 项" in mine
    assert "今天等谁办" not in mine
    assert "待办" not in words(signed_in(app, "demo-treasury").get("/").text).split("示范库")[0]


def test_the_day_of_who_sees_everything_is_made_in_one_look_and_stays_small(app: TestClient) -> None:
    """What is weighed is kept: the second look weighs nothing, whoever looks."""
    opened = app.app.state.opened  # type: ignore[attr-defined]
    signed_in(app, "demo-auditor").get("/today")
    weighed = opened.today().demo.weighed
    kept = {one.id: weighed.of(one.id) for one in opened.today().demo.matching.subjects}
    signed_in(app, CASEWORKER).get("/today")

    seen = opened.seen_on(date(2026, 11, 28), caseworker())
    assert seen.demo.weighed is weighed
    assert all(weighed.of(name) is found for name, found in kept.items())


def caseworker() -> Viewer:
    return Viewer(CASEWORKER, "x", "district", Means.SESSION, region="320412", library="demo")
