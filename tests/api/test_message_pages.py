"""The pages of messages: one's own inbox, answers, what one wants to be told, and what offices see of what was sent."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from policy_match.access.passwords import DEMO_PASSWORD
from policy_match.push.words import Channel, DeliveryState
from policy_match.settings import Settings
from policy_match.store.account_tables import Account
from policy_match.store.push_tables import Delivery, Message
from policy_match.store.subjects import by_code
from policy_match.workflows.begin_session import begin_session
from policy_match.workflows.give_consent import standings
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app
from policy_match_api.pages import messages, messages_notice, messages_sent, messages_settings
from policy_match_api.who import COOKIE

Called = Callable[[str, Path], subprocess.CompletedProcess[str]]
GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "push.zh.md").read_text("utf-8")
FIRM, OTHER_FIRM, OFFICE, DATA = "demo-enterprise-d001", "demo-enterprise-d045", "demo-industry", "demo-data"
AREA, AUDITOR = "demo-district-320412", "demo-auditor"
MEASURE = "js_mfg_loan_discount"
HOSTILE = "<img src=x onerror=alert(1)> {{ 7*7 }} 忽略规则"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Iterator[TestClient]:
    """The service over the shipped demonstration."""
    settings = shipped_in(tmp_path_factory.mktemp("messages"))
    free = settings.model_copy(update={"lookups_per_minute": 0, "matches_per_minute": 0, "logins_per_minute": 0})
    made = TestClient(create_app(free))
    yield made
    archive_of(made).database.close()


def archive_of(app: TestClient) -> Archive:
    found: Archive = app.app.state.opened.archive  # type: ignore[attr-defined]
    return found


def by(app: TestClient, actor: str) -> By:
    return By(DEMO, actor, app.app.state.opened.settings.instant())  # type: ignore[attr-defined]


def signed_in(app: TestClient, login: str) -> TestClient:
    """A client that signed in at the form and follows no redirect by itself."""
    client = TestClient(app.app, follow_redirects=False)
    answer = client.post("/login", data={"login": login, "password": DEMO_PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


@pytest.fixture(scope="module")
def firm(app: TestClient) -> TestClient:
    return signed_in(app, FIRM)


@pytest.fixture(scope="module")
def office(app: TestClient) -> TestClient:
    return signed_in(app, OFFICE)


def message(
    app: TestClient, recipient: str = FIRM, *, inbox: DeliveryState | None = DeliveryState.SENT, **more: object
) -> int:
    """A message about D101 that lies in an inbox; its number."""
    asked = by(app, recipient)
    with archive_of(app).database.writing() as session:
        row = by_code(session, DEMO, "D101")
        assert row is not None
        count = len(session.scalars(select(Message.id)).all())
        given = {
            "dedup_key": f"page{count:060d}", "trigger": "TR3", "content": "match", "topic": "金融", "mandatory": False,
            "template": "match", "template_version": 1, "title": "示范贷款贴息", "body": "正文", "short": "有一项政策待确认",
            "why": "您是示范企业的经办人", "state": "out", "measure": MEASURE, "version": 1, "subject_id": row.id,
        } | more  # fmt: skip
        made = Message(recipient_id=recipient, made_at=asked.now, **({"library": DEMO} | given))
        session.add(made)
        session.flush()
        if inbox is not None:
            session.add(delivery(made.id, Channel.INBOX, inbox, asked))
        return made.id


def delivery(number: int, channel: Channel, state: DeliveryState, asked: By) -> Delivery:
    return Delivery(
        library=DEMO, message_id=number, channel=channel.value, client_msg_id=f"page-{number}-{channel}", state=state.value,
        due_at=asked.now, sent_at=asked.now, changed_at=asked.now,
    )  # fmt: skip


def stored(app: TestClient, number: int) -> Message:
    with archive_of(app).database.reading() as session:
        return session.get_one(Message, number)


def words(text: str) -> str:
    """What a page says, without marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def test_unread_messages_come_first_and_the_header_counts_them(app: TestClient, firm: TestClient) -> None:
    old = message(app, title="示范旧的未读")
    new = message(app, title="示范新的已读")
    firm.get(f"/messages/{new}")

    page = firm.get("/messages").text

    unread = re.search(r"消息，(\d+) 条未读", page)
    assert unread is not None and int(unread[1]) == page.split('id="read"')[0].count('href="/messages/') - page.count(
        'href="/messages/settings"'
    )
    assert page.index(f'href="/messages/{old}"') < page.index(f'href="/messages/{new}"')
    assert stored(app, old).read_at is None


def test_the_list_is_narrowed_by_the_address(app: TestClient, firm: TestClient) -> None:
    talent, notice = message(app, topic="上市", title="示范上市"), message(app, topic="用电", title="示范用电")

    page = firm.get("/messages?topic=上市").text
    assert f"/messages/{talent}" in page and f"/messages/{notice}" not in page
    firm.get(f"/messages/{talent}")
    assert "没有符合条件的消息" in firm.get("/messages?topic=上市&show=unread").text
    assert firm.get("/messages?topic=没有").status_code == 400


def test_more_messages_than_a_page_holds_are_reached_by_links(app: TestClient, firm: TestClient) -> None:
    numbers = [message(app, topic="市场", title=f"示范{n}") for n in range(101)]

    first = firm.get("/messages?topic=市场&show=unread").text
    following = re.search(r'href="(/messages\?[^"]*before=\d+)"', first)
    assert following is not None and f'"/messages/{numbers[0]}"' not in first
    assert f'"/messages/{numbers[0]}"' in firm.get(unescape(following[1])).text
    assert "列出全部未读" in firm.get("/messages?topic=市场").text


def test_a_message_says_why_it_came_and_what_happened_to_it_and_is_then_read(app: TestClient, firm: TestClient) -> None:
    number = message(app)

    page = words(firm.get(f"/messages/{number}").text)

    assert "为什么发给您 您是示范企业的经办人（项目到了新的阶段）" in page
    assert "站内消息：已发出" in page and "您打开了它" in page
    assert stored(app, number).read_at is not None


def test_hostile_text_of_a_message_and_of_an_answer_stays_text(
    app: TestClient, firm: TestClient, office: TestClient
) -> None:
    number = message(app, title=HOSTILE, body=f"{HOSTILE}\n第二行", why=HOSTILE)
    assert firm.post(f"/messages/{number}/reply", data={"reply": "help", "note": HOSTILE}).status_code == 303

    seen = signed_in(app, DATA)
    for page in (
        firm.get(f"/messages/{number}"), firm.get("/messages"), seen.get("/messages/sent"), seen.get(f"/messages/sent/{number}"),
    ):  # fmt: skip
        assert page.status_code == 200
        assert (
            "<img" not in page.text and "&lt;img" in page.text and "49" not in words(page.text).split(HOSTILE)[0][-3:]
        )
        assert "<script" not in page.text and " style=" not in page.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reply": "seen"}, "已记下：已知悉"),
        ({"reply": "interested"}, "有意申请"),
        ({"reply": "help", "note": "不会填表"}, "会有人联系您"),
        ({"reply": "not_for_us", "reason": "企业无此业务"}, "不适用"),
        ({"reply": "wrong_facts", "fact": "registered_region", "note": "已迁到新北"}, "来源单位核对"),
    ],
)
def test_an_answer_is_recorded_and_shown_after_a_redirect(
    app: TestClient, firm: TestClient, given: dict[str, str], said: str
) -> None:
    number = message(app)
    given = given | ({"fact": fact_of(firm, number)} if "fact" in given else {})

    answer = firm.post(f"/messages/{number}/reply", data=given)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/messages/{number}?done={given['reply']}")
    assert said in words(firm.get(answer.headers["location"]).text)
    assert stored(app, number).reply == given["reply"]


def fact_of(client: TestClient, number: int) -> str:
    """A fact that the form of a correction offers."""
    found = re.search(
        r'<select name="fact".*?<option value="([a-z0-9_]+)"', client.get(f"/messages/{number}").text, re.DOTALL
    )
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "given",
    [
        {"reply": "help", "note": " "},
        {"reply": "not_for_us", "reason": "随便", "note": "写好的说明"},
        {"reply": "wrong_facts", "fact": "没有这项", "note": "写好的说明"},
        {"reply": "nonsense"},
    ],
)
def test_an_answer_that_cannot_be_taken_comes_back_with_what_was_written(
    app: TestClient, firm: TestClient, given: dict[str, str]
) -> None:
    number = message(app)

    answer = firm.post(f"/messages/{number}/reply", data=given)

    assert answer.status_code == 400 and 'role="alert"' in answer.text and "--" not in words(answer.text)
    assert given.get("note", "").strip() in answer.text
    assert stored(app, number).reply is None


def test_what_is_about_no_measure_offers_no_answer_that_needs_one(app: TestClient, firm: TestClient) -> None:
    number = message(app, measure=None, version=None, content="notice", topic="部门通知")

    page = firm.get(f"/messages/{number}").text

    assert "已知悉" in page and "需要帮助" in page and "有意申请" not in page and "数据更正" not in page


def test_an_entry_of_a_digest_is_taken_out_with_a_reason_and_the_others_stay(app: TestClient, firm: TestClient) -> None:
    digest = message(app, measure=None, version=None, content="digest", title="示范汇总")
    gone, stays = (message(app, inbox=None, digest_id=digest, title=title) for title in ("示范甲", "示范乙"))
    assert f'action="/messages/{gone}/dismiss"' in firm.get(f"/messages/{digest}").text

    refused = firm.post(f"/messages/{gone}/dismiss", data={"digest": digest, "reason": ""})
    assert refused.status_code == 400 and "示范乙" in refused.text
    answer = firm.post(f"/messages/{gone}/dismiss", data={"digest": digest, "reason": "不相关"})

    assert (answer.status_code, answer.headers["location"]) == (303, f"/messages/{digest}?done=dismissed")
    page = firm.get(f"/messages/{digest}").text
    assert f'action="/messages/{gone}/dismiss"' not in page and f'action="/messages/{stays}/dismiss"' in page
    assert (stored(app, gone).withheld, stored(app, stays).withheld) == ("dismissed", None)


def test_a_message_is_taken_off_the_list_and_a_mandatory_one_is_not(app: TestClient, firm: TestClient) -> None:
    plain, must = message(app), message(app, mandatory=True)

    assert (
        firm.post(f"/messages/{plain}/dismiss", data={"reason": "已享受"}).headers["location"]
        == "/messages?done=dismissed"
    )
    assert f'"/messages/{plain}"' not in firm.get("/messages").text
    assert "不能去掉" in firm.get(f"/messages/{must}").text
    assert firm.post(f"/messages/{must}/dismiss", data={"reason": "已享受"}).status_code == 409


def test_nobody_opens_answers_or_dismisses_another_ones_message(app: TestClient, firm: TestClient) -> None:
    number = message(app, OTHER_FIRM)

    for answer in (
        firm.get(f"/messages/{number}"),
        firm.post(f"/messages/{number}/reply", data={"reply": "seen"}),
        firm.post(f"/messages/{number}/dismiss", data={"reason": "不相关"}),
        firm.get("/messages/999999"),
    ):
        assert answer.status_code == 404 and "MESSAGE_UNKNOWN" in answer.text
    assert stored(app, number).reply is None


def test_a_visitor_is_led_through_the_sign_in_and_changes_nothing(app: TestClient) -> None:
    visitor, number = TestClient(app.app, follow_redirects=False), message(app)

    for path in ("/messages", f"/messages/{number}", "/messages/settings"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path.replace('/', '%2F')}")
    assert visitor.post(f"/messages/{number}/reply", data={"reply": "seen"}).status_code == 403
    assert visitor.get("/messages/sent").status_code == 403
    assert 'href="/messages"' not in visitor.get("/").text


def test_a_form_of_another_site_changes_nothing(app: TestClient, firm: TestClient) -> None:
    number = message(app)

    answer = firm.post(f"/messages/{number}/reply", data={"reply": "seen"}, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403 and stored(app, number).reply is None


def test_settings_hold_at_once_by_tick_and_by_one_tap(app: TestClient) -> None:
    client, asked = signed_in(app, OTHER_FIRM), by(app, OTHER_FIRM)

    def allowed() -> set[str]:
        return {f"{one.channel}:{one.topic}" for one in standings(archive_of(app), asked) if one.allowed}

    before = allowed()
    assert "inbox:金融" in before
    wanted = (before - {"inbox:金融"}) | {"email:奖补"}
    shown = re.findall(r'name="channels" value="(\w+)"', client.get("/messages/settings").text)
    answer = client.post("/messages/settings", data={"channels": shown, "on": sorted(wanted)})

    assert (answer.status_code, answer.headers["location"]) == (303, "/messages/settings?done=saved")
    assert allowed() == wanted
    page = client.get("/messages/settings").text
    assert 'value="email:奖补" aria-label="电子邮件：奖补" checked' in page
    assert 'value="inbox:金融" aria-label="站内消息：金融">' in page

    client.post("/messages/settings", data={"channels": shown, "every": "email:granted"})
    assert {one for one in allowed() if one.startswith("email:")} == {f"email:{topic}" for topic in topics_of(page)}
    client.post("/messages/settings", data={"channels": shown, "every": "email:withdrawn"})
    assert not {one for one in allowed() if one.startswith("email:")}
    assert client.post("/messages/settings", data={"every": "pigeon:granted"}).status_code == 400


def test_how_often_is_chosen_by_topic_and_leaves_the_ticks_as_they_were(app: TestClient) -> None:
    client, asked = signed_in(app, OTHER_FIRM), by(app, OTHER_FIRM)

    def ticked(page: str) -> list[str]:
        return re.findall(r'name="on" value="([^"]+)"[^>]* checked', page)

    def save(**often: str) -> str:
        page = client.get("/messages/settings").text
        shown = re.findall(r'name="channels" value="(\w+)"', page)
        asked_for = {"channels": shown, "on": ticked(page), "often": [f"{one}:{word}" for one, word in often.items()]}
        answer = client.post("/messages/settings", data=asked_for)
        assert answer.status_code == (303 if "monthly" not in often.values() else 400)
        return client.get("/messages/settings").text

    def said() -> list[object]:
        return [(one.channel, one.topic, one.said) for one in standings(archive_of(app), asked)]

    before, spoken = ticked(client.get("/messages/settings").text), said()
    page = save(税收="weekly", 创新="off")
    assert ticked(page) == before
    assert '<option value="税收:weekly" selected>每周汇总' in page
    assert '<option value="创新:off" selected>不收' in page
    assert not any(one.allowed for one in standings(archive_of(app), asked) if one.topic == "创新")
    assert ticked(save(税收="daily", 创新="daily")) == before
    assert said() == spoken
    assert any(one.allowed for one in standings(archive_of(app), asked) if one.topic == "创新")
    assert 'value="税收:daily" selected' in save(税收="monthly")


def topics_of(page: str) -> list[str]:
    return re.findall(r'value="email:([^"]+)" aria-label="电子邮件：', page)


def test_ticks_of_a_channel_that_the_page_did_not_show_stay(app: TestClient) -> None:
    client, asked = signed_in(app, OTHER_FIRM), by(app, OTHER_FIRM)
    before = {one for one in standings(archive_of(app), asked) if one.channel == "gateway"}

    client.post("/messages/settings", data={"channels": ["inbox"], "on": []})

    after = standings(archive_of(app), asked)
    assert {one for one in after if one.channel == "gateway"} == before
    assert not any(one.allowed for one in after if one.channel == "inbox")


@pytest.mark.parametrize("path", ["/messages/sent", "/messages/sent/held", "/messages/sent/queue", "/messages/sent/figures", "/messages/notice"])  # fmt: skip
def test_a_firm_sees_nothing_of_what_offices_see(firm: TestClient, path: str) -> None:
    assert firm.get(path).status_code == 403
    assert f'href="{path}"' not in firm.get("/messages").text


def test_each_office_has_the_pages_that_its_rights_allow(app: TestClient) -> None:
    every = {
        OFFICE: ("sent", "sent/held", "sent/figures", "notice"),
        DATA: ("sent", "sent/queue", "sent/figures"),
        AREA: ("sent", "sent/held", "sent/figures", "notice"),
        AUDITOR: ("sent", "sent/queue", "sent/figures"),
    }
    for login, names in every.items():
        client = signed_in(app, login)
        home = client.get("/messages").text
        for name in ("sent", "sent/held", "sent/queue", "sent/figures", "notice"):
            path = f"/messages/{name}"
            status = client.get(path).status_code
            is_linked = f'<a href="{path}"' in home
            assert (status == 200) == is_linked, (login, path, status)
            if name in names:
                assert is_linked, (login, path)


def test_what_was_sent_is_narrowed_and_tells_why(app: TestClient) -> None:
    client = signed_in(app, DATA)
    number, held = message(app, title="示范要找的"), message(app, title="示范要找的留下", state="held", inbox=None)

    page = client.get("/messages/sent?q=要找的&state=out").text
    assert f'href="/messages/sent/{number}"' in page and f'href="/messages/sent/{held}"' not in page
    one = words(client.get(f"/messages/sent/{number}").text)
    assert "为什么是他 您是示范企业的经办人" in one and "起因 项目到了新的阶段" in one and "站内消息 ：已发出" in one
    assert client.get("/messages/sent?state=nonsense").status_code == 400
    assert client.get("/messages/sent/999999").status_code == 404


def test_held_messages_are_stopped_or_let_go_by_whose_measure_it_is(app: TestClient, office: TestClient) -> None:
    own = {"state": "held", "inbox": None, "measure": "cz_equipment_award", "version": 1, "topic": "奖补"}
    number = message(app, **own)  # type: ignore[arg-type]
    page = office.get("/messages/sent/held").text
    assert "cz_equipment_award.v1" in page and f'href="/messages/sent/{number}"' in page

    form = {"target": "cz_equipment_award.v1", "seen": "1", "reason": "示范条件写错", "outcome": "cancel"}
    refused = office.post("/messages/sent/held", data=form | {"seen": "2"})
    assert refused.status_code == 409 and "示范条件写错" in refused.text and "--" not in words(refused.text)
    assert office.post("/messages/sent/held", data=form | {"reason": " "}).status_code == 400
    assert signed_in(app, DATA).post("/messages/sent/held", data=form).status_code == 403
    assert stored(app, number).state == "held"

    done = office.post("/messages/sent/held", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/messages/sent/held?done=cancel")
    assert stored(app, number).state == "cancelled"

    other = message(app, **own)  # type: ignore[arg-type]
    released = office.post("/messages/sent/held", data=form | {"reason": "抽查无误", "outcome": "release"})
    assert released.headers["location"] == "/messages/sent/held?done=release"
    assert stored(app, other).state != "held"


def test_a_dead_letter_is_put_back_by_the_data_office_alone(app: TestClient) -> None:
    number = message(app, "data", title="示范死信", inbox=None, library=REAL, subject_id=None)
    with archive_of(app).database.writing() as session:
        row = delivery(number, Channel.EMAIL, DeliveryState.FAILED, by(app, FIRM))
        row.library = REAL
        session.add(row)
        session.flush()
        path = f"/messages/sent/queue/{row.id}/retry"
    data, auditor = in_session(app, "data"), in_session(app, "auditor")

    assert path in data.get("/messages/sent/queue?failed=true").text
    seen = auditor.get("/messages/sent/queue").text
    assert "示范死信" in seen and path not in seen
    assert auditor.post(path, data={}).status_code == 403
    assert data.post(path, data={}).headers["location"] == "/messages/sent/queue?done=retry"
    again = data.post(path, data={})
    assert again.status_code == 409 and "只有发送失败的可以重发" in again.text


def in_session(app: TestClient, actor: str) -> TestClient:
    """A client of somebody of the real library, who has an account from now on."""
    now = by(app, actor).now
    with archive_of(app).database.writing() as session:
        account = Account(
            actor_id=actor, login=actor, must_change=False, failed=[], totp_confirmed=False, is_demo=False, made_at=now
        )
        session.add(account)
        session.flush()
        token = begin_session(session, account, now, strong=False, client="test").token
    return TestClient(app.app, cookies={COOKIE: token}, follow_redirects=False)


def test_figures_are_those_of_the_count_of_the_push(app: TestClient) -> None:
    page = words(signed_in(app, DATA).get("/messages/sent/figures?weeks=2").text)

    assert "周（周一）" in page and "2026-11-23" in page
    assert signed_in(app, DATA).get("/messages/sent/figures?weeks=0").status_code == 400


def test_a_notice_is_seen_first_and_goes_to_as_many_as_were_typed(
    app: TestClient, office: TestClient, firm: TestClient
) -> None:
    form = {
        "title": "示范对接会",
        "text": f"{HOSTILE}\r\n第二行",
        "sender": "示范企业服务处",
        "reason": "您的项目正在建设",
    }

    seen = office.post("/messages/notice", data=form)
    assert seen.status_code == 200 and "<img" not in seen.text
    people = re.search(r"家企业的 (\d+) 人", seen.text)
    assert people is not None and people[1] == "3"
    assert office.post("/messages/notice", data=form | {"title": " "}).status_code == 400

    wrong = office.post("/messages/notice/send", data=form | {"people": "2"})
    assert (
        wrong.status_code == 409
        and "示范对接会" in wrong.text
        and "将发给" in wrong.text
        and "--" not in words(wrong.text)
    )
    assert office.post("/messages/notice/send", data=form | {"people": ""}).status_code == 409
    before = count_of(app)
    sent = office.post("/messages/notice/send", data=form | {"people": "3"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/messages/sent?content=notice&done=notice")
    assert count_of(app) == before + 3
    assert "示范对接会" in office.get(sent.headers["location"]).text

    assert firm.post("/messages/notice", data=form).status_code == 403
    assert signed_in(app, DATA).post("/messages/notice/send", data=form | {"people": "3"}).status_code == 403
    assert count_of(app) == before + 3


def count_of(app: TestClient) -> int:
    with archive_of(app).database.reading() as session:
        return len(session.scalars(select(Message.id)).all())


def test_the_call_sheet_names_the_contact_that_is_on_file(app: TestClient) -> None:
    page = words(signed_in(app, AREA).get("/today/calls?firm=D001").text)

    assert re.search(r"联系人：示范·示范常储动力电池有限公司（经办人.*?） 手机尾号 \d{4} ", page)
    assert "没有登记企业联系人" not in page


def test_every_command_of_the_guide_runs_one_after_the_other(
    shipped_in: Callable[[Path], Settings], called: Called, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands = re.findall(r"^\.venv/bin/policy-match (.+)$", GUIDE, re.MULTILINE)
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", shipped_in(tmp_path).database_url)
    monkeypatch.setenv("POLICY_MATCH_NOW", "2026-11-28T09:00:00+08:00")

    assert len(commands) > 10
    for command in commands:
        done = called(command, tmp_path)
        assert done.returncode == 0, (command, done.stderr)


def test_every_address_of_the_guide_is_a_page(app: TestClient) -> None:
    named = {one.replace("编号", "{number}") for one in re.findall(r"`(/messages[^`]*)`", GUIDE)}
    pages = {
        route.path for route in messages_routes() if isinstance(route, APIRoute) and "GET" in (route.methods or set())
    }

    assert named == pages


def messages_routes() -> list[BaseRoute]:
    return [
        *messages.router.routes,
        *messages_settings.router.routes,
        *messages_sent.router.routes,
        *messages_notice.router.routes,
    ]
