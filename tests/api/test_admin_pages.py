"""Administration and the auditor's pages: who gets in, secrets shown once, nothing of business for administrators, nothing
written by auditors."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text
from starlette.testclient import TestClient

from policy_match.access.second_factor import DEMO_SECRET, code_at
from policy_match.facts.cells import Possible
from policy_match.facts.observations import Observation
from policy_match.ranking.decisions import Choice, Step
from policy_match.settings import Settings
from policy_match.store import cases, facts, reviews
from policy_match.store.account_tables import Account
from policy_match.store.tables import Actor, Audit
from policy_match.workflows.add_account import NewAccount, add_account
from policy_match.workflows.check_code import about_secret
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "library"))

from signed_in import Door  # noqa: E402

NEW = {"login": "zhao.wujin", "actor": "wujin-zhao", "name": "赵经办", "role": "district", "region": "320412"}
ADDRESSES = (
    "/admin",
    "/admin/keys",
    "/admin/delegations",
    "/admin/new-account",
    "/admin/new-key",
    "/admin/new-delegation",
)
PAID, FACT = "MX-2026-000035", "hnte_library_award_paid"
LOOKS = ("/audit", "/audit/overrides", "/audit/pairs", "/audit/corrections", "/audit/sample")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Door:
    """The shipped libraries with the history of the demonstration, and its accounts."""
    settings = shipped_in(tmp_path_factory.mktemp("admin")).model_copy(
        update={"lookups_per_minute": 0, "logins_per_minute": 0}
    )
    return Door.of(TestClient(create_app(settings)))


@pytest.fixture(scope="module")
def admin(door: Door) -> TestClient:
    return door.signed_in("admin", strong=True)


@pytest.fixture(scope="module")
def auditor(door: Door) -> TestClient:
    return door.signed_in("auditor", strong=True)


def secret_in(page: str) -> str:
    found = re.search(r'<code class="secret">([^<]+)</code>', page)
    assert found is not None, page
    return unescape(found[1])


def opened(door: Door, login: str, actor: str) -> str:
    """An account of somebody in office; its one-time password."""
    return add_account(door.archive, NewAccount(login, actor), By("real", "admin", door.now))


def of_demonstration(door: Door, role: str) -> str:
    """The actor of a role whose password anybody may know."""
    with door.archive.database.reading() as session:
        asked = select(Account.actor_id).join(Actor, Actor.id == Account.actor_id)
        return session.scalars(asked.where(Account.is_demo, Actor.role == role)).one()


def newest(door: Door) -> Audit:
    with door.archive.database.reading() as session:
        return session.scalars(select(Audit).order_by(Audit.seq.desc()).limit(1)).one()


def table(content: bytes) -> list[list[object]]:
    return [[*row] for row in CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()]


def test_administrators_and_auditors_get_in_and_nobody_else(door: Door) -> None:
    for address in ADDRESSES:
        for role in ("development", "data", "district-320412", "treasury"):
            assert door.signed_in(role, strong=True).get(address).status_code == 403, (address, role)
        assert door.client.get(address).status_code == 403, address
        assert door.signed_in("admin", strong=True).get(address).status_code == 200, address
    assert newest(door).action in ("sign_in", "access.refused")
    for address in ADDRESSES[:3]:
        assert door.signed_in("auditor", strong=True).get(address).status_code == 200, address
    for address in ADDRESSES[3:]:
        assert door.signed_in("auditor", strong=True).get(address).status_code == 403, address
    for address in LOOKS:
        assert door.signed_in("auditor").get(address).status_code == 200, address
        for role in ("admin", "development", "data"):
            assert door.signed_in(role, strong=True).get(address).status_code == 403, (address, role)
        assert door.client.get(address).status_code == 403, address
    for key in (door.with_key("auditor", ["read"]), door.with_key("development", ["read", "write"])):
        assert key.get("/audit").status_code == key.get("/admin").status_code == 403


def test_without_a_fresh_code_no_list_is_shown_and_the_page_says_where_to_give_one(door: Door) -> None:
    weak = door.signed_in("admin")
    opened(door, "qian.gongxin", "industry")

    for address in (*ADDRESSES, "/admin/accounts/qian.gongxin"):
        answer = weak.get(address)
        assert answer.status_code == 403 and 'href="/account"' in answer.text, address
        assert "industry" not in answer.text
    answer = weak.get("/admin/accounts.xlsx", params={"reason": "核对"})
    assert (answer.status_code, "SECOND_FACTOR" in answer.text) == (403, True)


def test_an_auditor_looks_at_accounts_and_changes_nothing(door: Door, auditor: TestClient) -> None:
    page = auditor.get("/admin")

    assert "new-account" not in page.text
    assert "close" not in auditor.get("/admin/accounts/admin").text
    for address in ("/admin/new-account", "/admin/accounts/admin/reset", "/admin/new-key", "/admin/delegations/1/end"):
        before = newest(door).seq
        answer = auditor.post(address, data={**NEW, "reason": "试"})
        assert (answer.status_code, "PERMISSION" in answer.text) == (403, True), address
        assert (newest(door).seq, newest(door).result) == (before + 1, "forbidden")


def test_a_new_person_gets_an_account_whose_password_is_shown_once_and_lets_in(door: Door, admin: TestClient) -> None:
    answer = admin.post("/admin/new-account", data=NEW, follow_redirects=False)
    once = secret_in(answer.text)

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    listed = admin.get("/admin", params={"q": "zhao", "state": "待改密码"}).text
    one = admin.get("/admin/accounts/zhao.wujin").text
    assert "赵经办" in listed and "武进区" in one and "没有记录" in one
    assert once not in listed + one and once not in newest(door).detail
    again = admin.post("/admin/new-account", data=NEW)
    assert (again.status_code, "LOGIN_TAKEN" in again.text, 'value="赵经办"' in again.text) == (409, True, True)
    browser = TestClient(door.client.app)
    entered = browser.post("/login", data={"login": "zhao.wujin", "password": once}, follow_redirects=False)
    assert (entered.status_code, entered.headers["location"]) == (303, "/account")
    assert "没有记录" not in admin.get("/admin/accounts/zhao.wujin").text


def test_what_is_wrong_in_a_form_is_told_in_words_of_the_page_and_nothing_written_is_lost(admin: TestClient) -> None:
    answer = admin.post("/admin/new-account", data={"login": "sun.x", "actor": "nobody-1"})
    assert answer.status_code == 400
    assert (
        "没有经办人" in answer.text
        and "加上 姓名或用处 和 角色" in answer.text
        and "--" not in answer.text.split("<form")[2]
    )
    answer = admin.post("/admin/new-account", data={**NEW, "login": "sun.x", "actor": "sun-x", "through": "2026-13-01"})
    assert (answer.status_code, "DATE_FORMAT" in answer.text, 'value="sun-x"' in answer.text) == (400, True, True)
    answer = admin.post("/admin/new-key", data={"actor": "data", "name": "对接", "through": "2027-01-01"})
    assert (answer.status_code, "KEY_SCOPE" in answer.text, 'value="对接"' in answer.text) == (400, True, True)


def test_a_form_sent_after_the_code_ran_out_comes_back_whole_and_goes_through_with_a_new_code(door: Door) -> None:
    weak = door.signed_in("admin")
    with door.archive.database.writing() as session:
        account = session.get_one(Account, "admin")
        account.totp_secret = door.archive.sealer.seal(DEMO_SECRET, about_secret("admin"))
        account.totp_confirmed = True
    form = {"login": "zhou.tongji", "actor": "statistics-2"}

    back = weak.post("/admin/new-account", data=form)
    wrong = weak.post("/admin/new-account", data={**form, "code": "000000"})
    good = weak.post("/admin/new-account", data={**form, "code": code_at(DEMO_SECRET, door.now)})

    assert (back.status_code, 'value="zhou.tongji"' in back.text, 'name="code"' in back.text) == (403, True, True)
    assert "<option value=" not in back.text.split('id="people"')[1].split("</datalist>")[0]
    assert (wrong.status_code, "CODE_WRONG" in wrong.text) == (403, True)
    assert good.status_code == 200 and secret_in(good.text)


def test_unlock_reset_and_close_say_what_they_did_and_a_reset_password_is_never_shown_again(
    door: Door, admin: TestClient
) -> None:
    first = opened(door, "wu.shangwu", "commerce")
    here = "/admin/accounts/wu.shangwu"

    unlocked = admin.post(f"{here}/unlock", follow_redirects=False)
    assert (unlocked.status_code, unlocked.headers["location"]) == (303, f"{here}?done=unlocked_none")
    assert "输错次数已清零" in admin.get(unlocked.headers["location"]).text
    once = secret_in(admin.post(f"{here}/reset", data={"second_factor": "off"}).text)
    assert once != first and once not in admin.get(here).text
    own = admin.post("/admin/accounts/admin/reset")
    assert (own.status_code, "OWN_ACCOUNT" in own.text) == (403, True)
    silent = admin.post(f"{here}/close", data={"reason": " "})
    assert silent.status_code == 400
    closed = admin.post(f"{here}/close", data={"reason": "调离"})
    assert (closed.status_code, "账号已停用" in closed.text, "已停用" in closed.text) == (200, True, True)
    assert f'action="{here}/close"' not in closed.text
    assert admin.post(f"{here}/reset").status_code == 409
    assert admin.get("/admin/accounts/nobody-at-all").status_code == 404


def test_a_key_is_issued_shown_once_and_revoked(door: Door, admin: TestClient) -> None:
    form = {
        "actor": "data",
        "name": "统一门户对接",
        "scopes": ["read", "subscribe"],
        "library": "real",
        "through": "2027-03-31",
    }
    key = secret_in(admin.post("/admin/new-key", data=form).text)
    name = key.split("_")[1]

    assert (
        TestClient(door.client.app, headers={"Authorization": f"Bearer {key}"}).get("/api/v1/measures").status_code
        == 200
    )
    listed = admin.get("/admin/keys", params={"q": "统一门户"}).text
    assert name in listed and key not in listed and "read、subscribe" in listed
    assert admin.post(f"/admin/keys/{name}/revoke", data={"reason": ""}).status_code == 400
    gone = admin.post(f"/admin/keys/{name}/revoke", data={"reason": "人员变动"})
    assert (gone.status_code, "密钥已吊销" in gone.text) == (200, True)
    assert (
        TestClient(door.client.app, headers={"Authorization": f"Bearer {key}"}).get("/api/v1/measures").status_code
        == 401
    )


def test_a_delegation_is_made_and_ended(admin: TestClient) -> None:
    form = {"giver": "science", "taker": "science-2", "through": "2026-12-31", "reason": "休假"}
    made = admin.post("/admin/new-delegation", data=form, follow_redirects=False)
    assert (made.status_code, made.headers["location"]) == (303, "/admin/delegations?done=made")
    listed = admin.get(made.headers["location"]).text
    assert "代理已登记" in listed and "休假" in listed
    number = re.findall(r"/admin/delegations/(\d+)", listed)[0]
    unlike = admin.post("/admin/new-delegation", data={**form, "taker": "treasury"})
    assert (unlike.status_code, "DELEGATION_ROLE" in unlike.text) == (400, True)
    assert "代理已结束" in admin.post(f"/admin/delegations/{number}/end").text
    again = admin.post(f"/admin/delegations/{number}/end")
    assert (again.status_code, "DELEGATION_ENDED" in again.text) == (409, True)


def test_each_table_goes_to_excel_as_it_is_filtered_with_a_reason_that_is_noted(door: Door, admin: TestClient) -> None:
    silent = admin.get("/admin/accounts.xlsx")
    assert (silent.status_code, "TEXT_MISSING" in silent.text) == (400, True)
    answer = admin.get("/admin/accounts.xlsx", params={"reason": "年度核对", "role": "admin"})
    rows = table(answer.content)
    assert rows[0][:4] == ["登录名", "经办人", "姓名", "角色"] and {row[3] for row in rows[1:]} == {"admin"}
    row = newest(door)
    assert (row.action, row.actor, "年度核对" in row.detail) == ("access.export", "admin", True)
    for name in ("keys", "delegations"):
        assert table(admin.get(f"/admin/{name}.xlsx", params={"reason": "核对"}).content)[0]
    assert admin.get("/admin/else.xlsx", params={"reason": "核对"}).status_code == 400


def test_an_administrator_sees_no_business_anywhere(door: Door, admin: TestClient) -> None:
    front = admin.get("/").text
    header = front.split("</header>")[0]

    assert 'href="/admin"' in header
    for address in ("/projects", "/demo", "/msjx", "/check", "/today", "/audit"):
        assert f'href="{address}"' not in header, address
    assert "已有符合项" not in front and "示范库" not in front.split("<main")[1]
    # Of projects what anybody may see who is not signed in, of the demonstration nothing.
    shown = [re.findall(r"共 (\d+) 个", client.get("/projects").text)[0] for client in (admin, door.client)]
    assert shown[0] == shown[1] and "共 0 个" in admin.get("/demo").text
    assert 'href="/audit"' in door.signed_in("auditor").get("/").text.split("</header>")[0]


def test_the_administrator_of_the_demonstration_sees_its_accounts_alone(door: Door) -> None:
    name = of_demonstration(door, "admin")
    demo = door.signed_in(name, strong=True)

    text_ = demo.get("/admin").text
    assert name in text_ and "/admin/accounts/admin" not in text_
    assert demo.post("/admin/accounts/admin/unlock").status_code == 404
    refused = newest(door)
    assert (refused.action, refused.result, refused.actor) == ("access.refused", "forbidden", name)


def test_the_chain_is_looked_at_and_a_changed_row_is_named(door: Door, auditor: TestClient) -> None:
    page = auditor.get("/audit").text
    assert "行完好" in page and "policy-match audit verify" in page
    with door.archive.database.writing() as session:
        seq = newest(door).seq - 3
        old = session.scalar(text("SELECT object_id FROM audit WHERE seq = :seq"), {"seq": seq})
    change = text("UPDATE audit SET object_id = :said WHERE seq = :seq")

    with door.archive.database.writing() as session:
        session.execute(change, {"said": "another", "seq": seq})
    broken = auditor.get("/audit").text
    with door.archive.database.writing() as session:
        session.execute(change, {"said": old, "seq": seq})

    assert f"第 {seq} 行的内容被改动" in broken
    assert "行完好" in auditor.get("/audit").text


def test_rows_are_found_by_actor_action_object_result_library_and_day(door: Door, auditor: TestClient) -> None:
    def total(**asked: str) -> int:
        answer = auditor.get("/audit", params=asked)
        assert answer.status_code == 200, answer.text
        return int(re.search(r"共 (\d+) 行，新的在前", answer.text)[1])  # type: ignore[index]

    every = total()
    day = door.now.date().isoformat()
    assert 0 < total(actor="admin") < every
    assert 0 < total(action="account.") < total(action="a") < every
    assert total(action="account_") == 0  # no wildcard of the database
    assert 0 < total(about="wu.shangwu") + total(about="commerce") < every
    assert 0 < total(result="forbidden") < every
    assert total(library="demo") > 0
    assert 0 < total(since=day, through=day) <= every and total(since="2099-01-01") == 0
    assert total(through="2000-01-01") == 0
    assert "没有符合筛选条件的记录" in auditor.get("/audit", params={"actor": "x"}).text
    assert auditor.get("/audit", params={"result": "x"}).status_code == 400
    assert auditor.get("/audit", params={"since": "昨天"}).status_code == 400
    assert auditor.get("/audit", params={"page": "99999"}).status_code == 400
    newest_first = [int(seq) for seq in re.findall(r"第 (\d+) 行</small>", auditor.get("/audit").text)]
    assert newest_first == sorted(newest_first, reverse=True) and len(newest_first) == 50


def test_a_sample_is_the_same_for_the_same_seed_and_leads_to_what_was_decided(auditor: TestClient) -> None:
    def drawn(**asked: str) -> list[str]:
        return re.findall(
            r'href="(/msjx/[^"]+)"', auditor.get("/audit/sample", params={"library": "demo", **asked}).text
        )

    first = drawn(seed="a1", size="5")
    assert len(first) == 5 == len(set(first))
    assert first == drawn(seed="a1", size="5") == drawn(seed="a1", size="8")[:5]
    assert first != drawn(seed="a2", size="5")
    for address in first:
        assert auditor.get(unescape(address)).status_code == 200
    assert auditor.get("/audit/sample", params={"size": "0"}).status_code == 400


def listed(auditor: TestClient, name: str, **asked: str) -> list[list[object]]:
    """The rows of a list of the auditor without its header."""
    answer = auditor.get(f"/audit/{name}.xlsx", params={"reason": "抽查", **asked})
    assert answer.status_code == 200, answer.text
    return table(answer.content)[1:]


def test_two_who_always_verify_together_are_marked_and_those_of_the_other_library_are_not_shown(
    auditor: TestClient,
) -> None:
    rows = {(row[0], row[1], row[2]): row[3:] for row in listed(auditor, "pairs", library="demo")}

    labour = ("办件核验", "市人社局经办1（labour）", "市人社局经办2（labour-2）")
    together, first, second, always = rows[labour]
    assert together == first == second and int(str(together)) >= 3 and always == "是"
    assert [row[6] for row in listed(auditor, "pairs", library="demo") if int(str(row[3])) < 3] == [""]
    assert listed(auditor, "pairs") == []
    assert "是</span>" in auditor.get("/audit/pairs", params={"library": "demo"}).text


def test_an_override_is_listed_with_its_second_person_or_without_one(door: Door, auditor: TestClient) -> None:
    def step(number: int, who: str, signs: int | None = None) -> Step:
        choice = Choice.OVERRIDE_ELIGIBLE
        return Step(number, choice, 1, "0" * 64, who, door.now, note="现场看过", signs=signs)

    with door.archive.database.writing() as session:
        reviews.add(session, "demo", ("D001", "m1"), step(1, "industry"))
        reviews.add(session, "demo", ("D001", "m1"), step(2, "industry-2", signs=1))
        reviews.add(session, "demo", ("D002", "m1"), step(1, "industry"))

    rows = {row[1]: row for row in listed(auditor, "overrides", library="demo")}
    assert [*rows] == ["D001", "D002"] and rows["D001"][2:5] == ["m1", "改判为符合", "现场看过"]
    assert rows["D001"][6] == "市工信局经办2" and rows["D002"][6] == "还没有人签，不算数"
    assert 'href="/demo/D001/m1"' in auditor.get("/audit/overrides", params={"library": "demo"}).text
    assert listed(auditor, "overrides") == []
    (signed,) = [row for row in listed(auditor, "pairs", library="demo") if row[0] == "改判"]
    assert signed[3:] == ["1", "1", "1", ""]
    assert len([row for row in listed(auditor, "sample", library="demo") if (row[0], row[3]) == ("审核", "m1")]) == 3


def test_a_fact_of_the_proof_told_otherwise_after_the_payment_is_a_correction_and_the_same_told_again_is_none(
    door: Door, auditor: TestClient
) -> None:
    def tell(value: str, source: str, at: datetime, fact: str = FACT) -> None:
        told = Observation(fact, Possible(frozenset({value})), source, door.now.date(), at)
        with door.archive.database.writing() as session:
            case = cases.by_number(session, "demo", PAID)
            facts.keep(session, {case.beneficiary_id: [told]}, door.archive.vocabulary, actor_id="data")

    assert listed(auditor, "corrections", library="demo") == []
    tell("false", "DEPT", door.now - timedelta(minutes=3))
    assert listed(auditor, "corrections", library="demo") == []
    tell("true", "FIN", door.now - timedelta(minutes=2))
    ((number, paid_at, at, sort, what, source),) = listed(auditor, "corrections", library="demo")

    assert (number, sort, what, source) == (PAID, "依据的事实", "已享受过高企培育库入库奖励", "FIN")
    assert str(paid_at) < str(at)
    page = auditor.get("/audit/corrections", params={"library": "demo"}).text
    assert f'href="/msjx/{PAID}?library=demo"' in page
    assert listed(auditor, "corrections") == []


def test_an_excel_of_the_auditor_takes_a_fresh_code_and_a_reason(door: Door, auditor: TestClient) -> None:
    for name in ("rows", "overrides", "pairs", "corrections", "sample"):
        address = f"/audit/{name}.xlsx"
        weak = door.signed_in("auditor").get(address, params={"reason": "抽查"})
        assert (weak.status_code, "SECOND_FACTOR" in weak.text) == (403, True), name
        assert auditor.get(address).status_code == 400, name
        good = auditor.get(address, params={"reason": "抽查", "library": "demo"})
        assert (good.status_code, len(table(good.content)) > 0) == (200, True), name
        assert (newest(door).action, newest(door).object_id) == ("access.export", address)
    assert auditor.get("/audit/else.xlsx", params={"reason": "抽查"}).status_code == 400
    assert auditor.get("/audit/else").status_code == 400


def test_the_auditor_of_the_demonstration_sees_nothing_of_the_real_library(door: Door) -> None:
    name = of_demonstration(door, "auditor")
    demo = door.signed_in(name, strong=True)

    page = demo.get("/audit")
    assert page.status_code == 200
    assert "真实项目库" not in page.text.split("<main")[1] and "zhao.wujin" not in page.text
    assert demo.get("/audit", params={"actor": "admin"}).text.count("第 ") <= 2
    assert demo.get("/audit/sample", params={"library": "real"}).status_code == 400
    rows = table(demo.get("/audit/rows.xlsx", params={"reason": "看"}).content)
    assert {row[7] for row in rows[1:]} <= {"demo", ""} and not [row for row in rows[1:] if row[2] == "系统管理员"]


def test_an_account_without_a_password_is_shown_no_form_for_one(door: Door) -> None:
    client = door.signed_in("labour")

    page = client.get("/account").text

    assert 'action="/account/password"' not in page and 'action="/account/second-factor"' not in page
    assert "没有密码" in page
    with door.archive.database.writing() as session:
        session.get_one(Account, "labour").password_hash = "x"
    page = client.get("/account").text
    assert 'action="/account/password"' in page and 'action="/account/second-factor"' in page
