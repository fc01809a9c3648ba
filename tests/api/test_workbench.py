"""The caseworker's pages over the shipped demonstration: my day, the match under review, call sheet and visit card."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape

import pytest
from starlette.testclient import TestClient

from policy_match.access.passwords import DEMO_PASSWORD
from policy_match.settings import Settings
from policy_match_api.app import create_app

CASEWORKER = "demo-district-320412"
COLLEAGUE = "demo-industry"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The service as it starts for the first time, with everything that is shipped."""
    folder = tmp_path_factory.mktemp("workbench")
    settings = Settings(
        now=datetime(2026, 11, 29, 9, 0), database_url=f"sqlite:///{folder / 'library.db'}", lookups_per_minute=0,
        matches_per_minute=0,
    )  # fmt: skip
    made = TestClient(create_app(settings))
    yield made
    made.app.state.opened.archive.database.close()  # type: ignore[attr-defined]


def signed_in(app: TestClient, login: str) -> TestClient:
    """A client that signed in at the form."""
    client = TestClient(app.app)
    answer = client.post("/login", data={"login": login, "password": DEMO_PASSWORD}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return client


@pytest.fixture(scope="module")
def worker(app: TestClient) -> TestClient:
    return signed_in(app, CASEWORKER)


def links(text: str) -> list[str]:
    """The matches that the tasks of a page open, in order."""
    return re.findall(r'class="lead-cell"><a href="(/reviews/[^"]+)"', text)


def words(text: str) -> str:
    """What a page says, without marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def version(text: str) -> str:
    found = re.search(r'name="row_version" value="(\d+)"', text)
    assert found is not None
    return found[1]


def reviews(client: TestClient, **more: str) -> list[dict[str, object]]:
    asked = "&".join(f"{name}={value}" for name, value in {"library": "demo", **more}.items())
    found: list[dict[str, object]] = client.get(f"/api/v1/reviews?{asked}").json()["reviews"]
    return found


def test_on_first_start_the_caseworker_of_wujin_has_at_most_sixty_tasks_for_all_that_waits(worker: TestClient) -> None:
    answer = worker.get("/today")

    tasks = links(answer.text)
    assert 10 < len(tasks) <= 60
    assert len(reviews(worker, limit="200")) > len(tasks)
    assert len(set(tasks)) == len(tasks)
    assert len(answer.content) < 100_000


def test_one_answer_that_settles_several_matches_is_one_task(worker: TestClient) -> None:
    asked = [one for one in reviews(worker, limit="200") if one["verdict"] == "unknown"]
    text = worker.get("/today?kind=ask").text

    assert len(links(text)) < len(asked) / 2
    assert "单凭这一项可定 11 项" in words(text)
    assert words(text).count("问：荣誉称号") <= len({one["name"] for one in asked})


def test_the_header_leads_to_my_day_for_those_who_review_and_for_nobody_else(
    app: TestClient, worker: TestClient
) -> None:
    assert 'href="/today"' in worker.get("/").text
    for login in ("demo-treasury", "demo-enterprise-d001"):
        client = signed_in(app, login)
        assert 'href="/today"' not in client.get("/").text
        assert client.get("/today").status_code == 403
    assert 'href="/today"' not in app.get("/").text
    assert TestClient(app.app).get("/today").status_code in (401, 403)


def test_filters_stand_in_the_address_and_narrow_what_is_listed(worker: TestClient) -> None:
    every, decide = links(worker.get("/today").text), links(worker.get("/today?kind=decide").text)
    one = worker.get("/today?measure=cz_growth_watchlist").text

    # How finely tasks are grouped depends on how many there are: fewer kinds may stand on more lines.
    asks = links(worker.get("/today?kind=ask").text)
    assert every and decide and set(decide) != set(asks)
    assert links(one) and len(links(one)) < len(decide)
    assert "列入新增长点培育库" in one
    assert links(worker.get("/today?district=320481").text) == []
    assert links(worker.get("/today?mine=true").text) == []
    for wrong in ("kind=x", "measure=none", "district=x", "mine=maybe", "page=99"):
        assert worker.get(f"/today?{wrong}").status_code in (400, 404), wrong


def test_the_tasks_of_one_firm_are_one_a_fact_and_one_a_benefit(worker: TestClient) -> None:
    text = worker.get("/today").text
    firm = re.search(r'href="(/today\?kind=decide[^"]*firm=[^"]+)"', text)
    assert firm is not None and "同一企业同一类的决定合为一项" in text

    alone = worker.get(unescape(firm[1])).text
    assert len(links(alone)) > 1
    assert "同一企业同一类的决定合为一项" not in alone


def test_a_match_is_claimed_and_confirmed_and_the_next_one_is_offered(worker: TestClient) -> None:
    place = links(worker.get("/today?kind=decide").text)[0]
    before = worker.get(place).text
    assert "没有人" in before and "条款与事实对照" in before and "为什么要审" in before
    assert 'value="confirm"' not in before

    claimed = worker.post(f"{place}/claim", follow_redirects=False)
    assert claimed.status_code == 303
    held = worker.get(claimed.headers["location"]).text
    assert "已认领" in held and 'value="confirm"' in held

    done = worker.post(
        f"{place}/decision", data={"decision": "confirm", "row_version": version(held)}, follow_redirects=False
    )
    assert done.status_code == 303
    after = worker.get(done.headers["location"]).text
    assert "已确认" in after and "下一项" in after and "（现行）" in after
    assert place not in links(worker.get("/today").text)


def test_what_another_one_holds_is_shown_with_name_and_time_and_cannot_be_decided(
    app: TestClient, worker: TestClient
) -> None:
    place = "/reviews/v6sq24-8nrs"
    colleague = signed_in(app, COLLEAGUE)
    assert colleague.post(f"{place}/claim", follow_redirects=False).status_code == 303

    text = worker.get(place).text
    assert "示范·市工信局" in text and "09:30" in text and 'value="confirm"' not in text
    refused = worker.post(f"{place}/claim")
    assert refused.status_code == 409 and "等他办完" in refused.text
    assert "示范·市工信局" in worker.get("/today?measure=cz_growth_watchlist").text
    late = worker.post(f"{place}/decision", data={"decision": "confirm", "row_version": "1"})
    assert late.status_code == 409 and "没有办成" in late.text


def test_an_old_version_is_refused_and_what_was_written_is_kept(worker: TestClient) -> None:
    place = links(worker.get("/today?kind=ask").text)[-1]
    old = worker.get(place).text
    assert "row_version" not in old
    worker.post(f"{place}/claim")
    stale = worker.post(
        f"{place}/decision",
        data={"decision": "reject", "reason": "不相关", "note": "核对过<年报>", "row_version": "0"},
    )

    assert stale.status_code == 409
    assert "有了新的记录" in stale.text and "您写的还在下面" in stale.text
    assert "核对过&lt;年报&gt;" in stale.text and "<option selected>不相关" in stale.text
    assert version(stale.text) == "1"


def test_a_rejection_without_a_reason_and_a_deferral_to_no_day_say_what_to_do(worker: TestClient) -> None:
    place = links(worker.get("/today?kind=ask").text)[-1]
    held = worker.get(worker.post(f"{place}/claim", follow_redirects=False).headers["location"]).text
    seen = version(held)

    for sent, says in (
        ({"decision": "reject"}, "驳回要写原因"),
        ({"decision": "reject", "reason": "其他"}, "说明"),
        ({"decision": "defer"}, "暂缓要写到哪天再看"),
        ({"decision": "defer", "until": "明天"}, "应写到日"),
        ({"decision": "correct_fact", "note": "不对"}, "没有写哪项数据有误"),
        ({"decision": "nothing"}, "没有决定"),
    ):
        answer = worker.post(f"{place}/decision", data={**sent, "row_version": seen})
        assert (answer.status_code, says in answer.text) == (400, True), sent
    put_off = worker.post(f"{place}/decision", data={"decision": "defer", "until": "2026-12-31", "row_version": seen})
    assert "已暂缓" in put_off.text and "到 2026-12-31 再看" in put_off.text


def test_an_override_waits_on_the_page_until_another_one_signs(app: TestClient, worker: TestClient) -> None:
    colleague = signed_in(app, COLLEAGUE)
    shared = {one["id"] for one in reviews(colleague, limit="200", district="320412")}
    one = next(row for row in reviews(worker, limit="200") if row["id"] in shared and not row["held"] and row["verdict"] == "eligible")  # fmt: skip
    place = f"/reviews/{one['id']}"
    held = worker.post(f"{place}/claim").text
    asked = {"decision": "override_ineligible", "note": "企业已停产", "row_version": version(held)}

    half = worker.post(f"{place}/decision", data=asked).text
    assert "还不算数" in half and "签字：改判为不符合" not in half
    waiting = colleague.get(place).text
    assert "签字：改判为不符合" in waiting and "企业已停产" in waiting
    signed = colleague.post(f"{place}/decision", data={**asked, "note": "核对过", "row_version": version(waiting)})
    assert "两个人都签了字" in signed.text


def test_what_lies_outside_the_own_area_is_answered_like_a_number_that_nobody_has(
    app: TestClient, worker: TestClient
) -> None:
    other = signed_in(app, "demo-district-320481")
    theirs = reviews(other)[0]["id"]

    assert other.get(f"/reviews/{theirs}").status_code == 200
    assert worker.get(f"/reviews/{theirs}").status_code == 404
    assert worker.get("/reviews/aaaaaa-aaaa").status_code == 404
    assert worker.post(f"/reviews/{theirs}/claim").status_code in (403, 404)
    assert worker.get(f"/reviews/{theirs}?library=real").status_code == 404


def test_the_auditor_reads_and_decides_nothing(app: TestClient, worker: TestClient) -> None:
    auditor = signed_in(app, "demo-auditor")
    place = links(worker.get("/today").text)[3]

    text = auditor.get(place).text
    assert "您可以看，不能决定" in text and "/claim" not in text
    assert auditor.post(f"{place}/claim").status_code == 403
    assert len(links(auditor.get("/today").text)) == 60


def test_the_call_sheet_asks_each_firm_at_most_five_facts_with_what_they_decide(worker: TestClient) -> None:
    text = worker.get("/today/calls").text

    sheets = text.split('class="card sheet"')[1:]
    assert len(sheets) > 3
    assert all(1 <= sheet.count('class="lead-cell"') <= 5 for sheet in sheets)
    assert "可定" in text and "最高" in text and "也可查" in text


def test_a_visit_card_is_of_a_project_and_one_that_the_reader_may_see(worker: TestClient) -> None:
    text = worker.get("/demo/D102/visit-card").text

    for part in ("走访卡", "亮灯和问题单", "可能享受的措施", "请教企业", "示范数据", "走访人"):
        assert part in text
    assert 'href="/demo/D102/visit-card"' in worker.get("/demo/D102").text
    assert worker.get("/demo/D001/visit-card").status_code == 404
    assert worker.get("/demo/nobody/visit-card").status_code == 404
    held = worker.app.state.opened.today().demo.matching.subjects  # type: ignore[attr-defined]
    theirs = {one.id for one in held} - set(re.findall(r'href="/demo/(D\d+)"', worker.get("/demo").text))
    assert theirs and worker.get(f"/demo/{min(theirs)}/visit-card").status_code == 404
