"""What the public reads of notices, the desks of the auditor, and what an account of the demonstration may do to releases."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from policy_match.entitlement.states import State
from policy_match.settings import LOCAL, Settings
from policy_match.store import releases
from policy_match.store.case_tables import Case
from policy_match.workflows.activate_rules import NewRelease, propose_release
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "library"))

from signed_in import Door  # noqa: E402


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Settings:
    return shipped_in(tmp_path_factory.mktemp("notices")).model_copy(update={"lookups_per_minute": 0})


@pytest.fixture(scope="module")
def door(settings: Settings) -> Door:
    return Door.of(TestClient(create_app(settings)))


def running(door: Door) -> list[Case]:
    with door.archive.database.reading() as session:
        return list(session.scalars(select(Case).where(Case.state == State.NOTICE.value)))


def lines(page: str) -> list[str]:
    return re.findall(r"<tr><td class=\"day\" data-h=\"编号\">([^<]+)", page)


def test_the_board_shows_the_running_notices_with_their_last_day_and_where_to_object(door: Door) -> None:
    page = door.client.get("/notices").text
    cases = running(door)

    assert cases
    assert lines(page) == [case.number for case in sorted(cases, key=lambda one: (one.notice_last, one.number))]
    assert f"{cases[0].notice_first} 至 {cases[0].notice_last}" in page
    assert "受理单位" in page and "5 个工作日内" in page and "应享未享" in page and "示范数据" in page


def test_everybody_reads_the_same_board_and_nothing_but_what_is_published(door: Door) -> None:
    main = re.compile(r"<main.*</main>", re.DOTALL)
    boards = [
        main.findall(one.get("/notices").text)
        for one in (door.client, door.signed_in("labour"), door.signed_in("auditor"))
    ]

    assert boards[0] == boards[1] == boards[2]
    for secret in ("account", "户名", "账号", "/msjx/"):
        assert secret not in boards[0][0]


def test_the_last_day_is_still_on_the_board_and_the_day_after_is_not(door: Door) -> None:
    case = running(door)[0]
    last = case.notice_last
    assert last is not None

    def on(day: date) -> str:
        opened = door.client.app.state.opened  # type: ignore[attr-defined]
        kept = opened.settings
        opened.settings = kept.model_copy(update={"now": datetime(day.year, day.month, day.day, 23, tzinfo=LOCAL)})
        try:
            return door.client.get("/notices").text
        finally:
            opened.settings = kept

    assert case.number in lines(on(last)) and "今天 24 时截止" in on(last)
    assert case.number not in lines(on(date.fromordinal(last.toordinal() + 1)))


def test_the_page_is_in_the_foot_of_every_page_and_refuses_a_page_past_the_last(door: Door) -> None:
    assert '<a href="/notices">免申即享公示</a>' in door.client.get("/").text
    assert door.client.get("/notices?page=2").status_code == 400


def test_an_auditor_looks_back_and_checks_a_proof_that_was_brought(door: Door) -> None:
    auditor = door.signed_in("auditor", strong=True)
    back = auditor.get("/audit/recheck?library=demo").text
    number = re.findall(r"MX-2026-\d+", back)[0]
    assert "回头看" in back

    proof = auditor.get(f"/api/v1/msjx/cases/{number}/proof?library=demo&reason=抽查").content
    good = auditor.post("/audit/proof", files={"file": ("证明.json", proof)}).text
    other = auditor.post("/audit/proof", files={"file": ("证明.json", proof)}, data={"head": "0" * 64}).text
    assert "重新判定和计算都一致" in good and 'chip yes">通过' in good
    assert "不通过" in other

    for broken in (
        b"",
        b"[]",
        b"{}",
        b'{"schema": "proof/2"}',
        b"\xff",
        b"[" * 5000,
        proof.replace(number.encode(), b"MX-2026-000000"),
    ):
        page = auditor.post("/audit/proof", files={"file": ("x.json", broken)})
        assert page.status_code == 200 and 'chip no">不通过' in page.text, broken[:20]
    assert "没有选文件" in auditor.post("/audit/proof").text


@pytest.mark.parametrize("address", ["/audit/proof", "/audit/recheck"])
def test_nobody_but_an_auditor_comes_to_these_desks(door: Door, address: str) -> None:
    assert door.client.get(address).status_code in (401, 403)
    assert door.signed_in("labour").get(address).status_code == 403


def test_an_account_of_the_demonstration_neither_sees_nor_signs_a_release_of_the_real_library(door: Door) -> None:
    archive = door.archive
    with archive.database.reading() as session:
        invented = next(one for one in releases.activations(session, DEMO) if one.is_demo)
    asked = NewRelease(invented.release, "退回")
    number = propose_release(archive, archive.shelf.corpus, asked, By(REAL, "development", door.now)).activation.id
    demo = door.signed_in("demo-science", strong=True)

    page = demo.get(f"/releases/{number}").text
    answer = demo.post(f"/releases/{number}/approve")

    assert "需资金" not in page and "要多少钱" not in page and ">批准</button>" not in page
    assert answer.status_code == 404
    with archive.database.reading() as session:
        (real,) = (one for one in releases.activations(session, REAL) if one.id == number)
    assert real.signed == ()
    assert "要多少钱" in door.signed_in("science", strong=True).get(f"/releases/{number}").text
