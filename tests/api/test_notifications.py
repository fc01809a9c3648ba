"""/notifications and /push over HTTP: one's own messages, answers, consents, receipts of channels, and the links in messages."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from policy_match.access.key_scopes import KeyScope
from policy_match.access.tokens import demo_key
from policy_match.push.words import Channel, DeliveryState
from policy_match.settings import Settings
from policy_match.store.push_tables import Delivery, Message
from policy_match.store.subjects import by_code
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.unsubscribe import read_path, unsubscribe_path
from policy_match_api.app import create_app
from policy_match_api.routes import notifications

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "library"))

from signed_in import Door

ME, OTHER = "demo-development", "demo-commerce"
SECRET, SMS_KEY = "whsec_" + base64.b64encode(b"s" * 32).decode(), "sms-key-of-tests"


@pytest.fixture(scope="module")
def door(small_in: Callable[[Path], Settings], tmp_path_factory: pytest.TempPathFactory) -> Door:
    """A service of its own that agreed on secrets with the platform and the SMS gateway."""
    more = {"gateway_secret": SecretStr(SECRET), "sms_key": SecretStr(SMS_KEY), "lookups_per_minute": 0}
    return Door.of(TestClient(create_app(small_in(tmp_path_factory.mktemp("told")).model_copy(update=more))))


@pytest.fixture
def me(door: Door) -> TestClient:
    """Somebody with an inbox, by the key of the demonstration, which may do all that keys may."""
    return TestClient(door.client.app, headers={"Authorization": f"Bearer {demo_key(ME)}"})


def message(door: Door, recipient: str = ME, *, channel: Channel = Channel.INBOX, **more: object) -> int:
    """A message about D002 that was sent; its number. The id of its delivery is `c` and the number."""
    with door.archive.database.writing() as session:
        row = by_code(session, DEMO, "D002")
        assert row is not None
        given = {
            "trigger": "TR3", "content": "notice", "topic": "部门通知", "mandatory": False, "template": "notice",
            "template_version": 1, "title": "示范通知", "body": "正文 <b>", "short": "通知", "why": "示范", "state": "out",
        } | more  # fmt: skip
        made = Message(
            library=DEMO,
            recipient_id=recipient,
            subject_id=row.id,
            made_at=door.now,
            dedup_key=f"{id(given):064d}",
            **given,
        )
        session.add(made)
        session.flush()
        session.add(
            Delivery(
                library=DEMO, message_id=made.id, channel=channel.value, client_msg_id=f"c{made.id}",
                state=DeliveryState.SENT.value, due_at=door.now, sent_at=door.now, changed_at=door.now,
            )
        )  # fmt: skip
        return made.id


def test_ones_own_messages_are_listed_by_pages_and_read_one_by_one(door: Door, me: TestClient) -> None:
    numbers = [message(door) for _ in range(3)]
    message(door, OTHER)

    first = me.get("/api/v1/notifications?library=demo&limit=2&unread=true")
    body = notifications.NotificationsAnswer.model_validate(first.json())
    second = me.get(f"/api/v1/notifications?library=demo&limit=2&cursor={body.next_cursor}").json()
    one = me.get(f"/api/v1/notifications/{numbers[2]}?library=demo")
    unread = me.get("/api/v1/notifications?library=demo&unread=true").json()

    assert [line.id for line in body.notifications] == numbers[:0:-1]
    assert numbers[0] in [line["id"] for line in second["notifications"]]
    read = notifications.NotificationAnswer.model_validate(one.json())
    assert read.read_at is not None
    assert (read.subject, read.body, read.why) == ("D002", "正文 <b>", "示范")
    assert [(row.channel, row.state) for row in read.channels] == [("inbox", "read")]
    assert numbers[2] not in [line["id"] for line in unread["notifications"]]


def test_nobody_sees_another_ones_message(door: Door, me: TestClient) -> None:
    number = message(door, OTHER)

    answers = [
        me.get(f"/api/v1/notifications/{number}?library=demo"),
        me.post(f"/api/v1/notifications/{number}/reply", json={"library": "demo", "reply": "seen"}),
        me.post(f"/api/v1/notifications/{number}/dismiss", json={"library": "demo", "reason": "不相关"}),
        me.get("/api/v1/notifications/99999?library=demo"),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "MESSAGE_UNKNOWN")}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/notifications"), ("GET", "/notifications/1"), ("POST", "/notifications/1/reply"),
        ("POST", "/notifications/1/dismiss"), ("GET", "/push/consents"), ("PUT", "/push/consents"),
    ],
)  # fmt: skip
def test_a_visitor_and_a_key_without_the_scope_have_no_inbox(door: Door, method: str, path: str) -> None:
    bodies: dict[str, object] = {
        "reply": {"library": "demo", "reply": "seen"}, "dismiss": {"library": "demo", "reason": "不相关"},
        "consents": {"library": "demo", "choices": [{"channel": "sms", "topic": "*", "state": "granted"}]},
    }  # fmt: skip
    body = None if method == "GET" else bodies[path.rsplit("/", 1)[1]]
    scopes = [KeyScope.READ.value, KeyScope.WRITE.value]
    for client in (door.client, door.with_key(ME, scopes, "demo")):
        answer = client.request(method, f"/api/v1{path}", params={"library": "demo"} if body is None else {}, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION")


def test_everybody_who_is_signed_in_has_an_inbox_of_the_library_of_their_account(door: Door) -> None:
    number = message(door, "demo-agent-320412")
    client = door.signed_in("demo-agent-320412")

    found = client.get("/api/v1/notifications?library=demo")
    assert [line["id"] for line in found.json()["notifications"]] == [number]
    assert client.get("/api/v1/notifications?library=real").json()["code"] == "LIBRARY_CLOSED"


def test_an_answer_is_noted_once_and_tells_what_came_of_it(door: Door, me: TestClient) -> None:
    number = message(door)
    body, key = {"library": "demo", "reply": "需要帮助", "note": "不会填"}, {"Idempotency-Key": f"help-{number}"}

    made = me.post(f"/api/v1/notifications/{number}/reply", json=body, headers=key)
    again = me.post(f"/api/v1/notifications/{number}/reply", json=body, headers=key)
    wrong = me.post(f"/api/v1/notifications/{number}/reply", json={"library": "demo", "reply": "好"})

    told = notifications.RepliedAnswer.model_validate(made.json())
    assert (made.status_code, told.reply) == (200, "help")
    assert (told.ticket is None) != (told.doubt is None)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (made.json(), "true")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "REPLY")


def test_a_dismissed_message_leaves_the_list(door: Door, me: TestClient) -> None:
    number = message(door)

    made = me.post(f"/api/v1/notifications/{number}/dismiss", json={"library": "demo", "reason": "不相关"})
    listed = me.get("/api/v1/notifications?library=demo").json()["notifications"]

    assert made.status_code == 200
    assert number not in [line["id"] for line in listed]
    assert me.get(f"/api/v1/notifications/{number}?library=demo").json()["dismissed"] is True


def test_consents_are_said_all_or_none_and_read_back_with_the_text(door: Door, me: TestClient) -> None:
    before = notifications.ConsentsAnswer.model_validate(me.get("/api/v1/push/consents?library=demo").json())
    choice = {"channel": "sms", "topic": "奖补", "state": "granted"}
    wrong = me.put("/api/v1/push/consents", json={"library": "demo", "choices": [choice, choice | {"topic": "烟草"}]})
    same = me.get("/api/v1/push/consents?library=demo").json()
    made = me.put("/api/v1/push/consents", json={"library": "demo", "choices": [choice]})
    after = notifications.ConsentsAnswer.model_validate(made.json())

    assert (wrong.status_code, wrong.json()["code"]) == (400, "TOPIC")
    assert same == before.model_dump()
    changed = [new for old, new in zip(before.consents, after.consents, strict=True) if old != new]
    assert [(one.channel, one.topic, one.said, one.allowed) for one in changed] == [("sms", "奖补", "granted", True)]
    assert "退订不影响企业享受政策" in after.text


def test_how_often_is_said_with_the_channel_of_all_and_read_back_by_topic(door: Door, me: TestClient) -> None:
    choices = [{"channel": "*", "topic": "奖补", "state": "off"}, {"channel": "*", "topic": "用电", "state": "weekly"}]
    wrong = me.put("/api/v1/push/consents", json={"library": "demo", "choices": [choices[0] | {"state": "granted"}]})
    made = me.put("/api/v1/push/consents", json={"library": "demo", "choices": choices})
    after = notifications.ConsentsAnswer.model_validate(made.json())
    back = me.put(
        "/api/v1/push/consents",
        json={"library": "demo", "choices": [{"channel": "*", "topic": "*", "state": "daily"}]},
    )

    assert (wrong.status_code, wrong.json()["code"]) == (400, "FREQUENCY")
    found = {one.topic: one.frequency for one in after.frequencies}
    assert (found["奖补"], found["用电"], found["税收"]) == ("off", "weekly", "daily")
    assert not any(one.allowed for one in after.consents if one.topic == "奖补")
    assert any(one.allowed for one in after.consents if one.topic == "用电")
    assert {one["frequency"] for one in back.json()["frequencies"]} == {"daily"}


def told(door: Door, body: object, secret: str = SECRET, *, at: datetime | None = None) -> tuple[int, str]:
    """Status and state or code of the answer to a receipt that is signed with a secret."""
    text, moment = json.dumps(body), at or datetime.now(UTC)
    headers = {
        "webhook-id": "r1", "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign("r1", moment, text),
    }  # fmt: skip
    answer = door.client.post("/api/v1/push/receipts", content=text, headers=headers)
    found = answer.json()
    return answer.status_code, found.get("state") or found["code"]


def test_a_receipt_that_the_channel_signed_moves_the_delivery_forward_only(door: Door) -> None:
    number = message(door, channel=Channel.GATEWAY)
    body = {"channel": "gateway", "client_msg_id": f"c{number}", "state": "delivered"}

    assert told(door, body | {"state": "read"}) == (200, "read")
    assert told(door, body) == (200, "read")
    assert told(door, body) == (200, "read")


def test_a_receipt_without_the_right_signature_is_refused(door: Door) -> None:
    number = message(door, channel=Channel.GATEWAY)
    body = {"channel": "gateway", "client_msg_id": f"c{number}", "state": "delivered"}
    other = "whsec_" + base64.b64encode(b"o" * 32).decode()
    sms = base64.b64encode(SMS_KEY.encode()).decode()

    assert told(door, body, other) == (403, "RECEIPT_SIGNATURE")
    assert told(door, body, sms) == (403, "RECEIPT_SIGNATURE")
    assert told(door, body, at=datetime(2020, 1, 1, tzinfo=UTC)) == (403, "RECEIPT_SIGNATURE")
    unsigned = door.client.post("/api/v1/push/receipts", json=body)
    assert (unsigned.status_code, unsigned.json()["code"]) == (403, "RECEIPT_SIGNATURE")
    assert told(door, body | {"channel": "sms"}, sms) == (404, "RECEIPT_UNKNOWN")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"channel": "gateway", "client_msg_id": "c0", "state": "gone"}, "RECEIPT_STATE"),
        ({"channel": "pigeon", "client_msg_id": "c0", "state": "read"}, "BODY_FORMAT"),
        ({"channel": "gateway", "state": "read"}, "BODY_FORMAT"),
        ([], "BODY_FORMAT"),
    ],
)
def test_a_receipt_of_another_form_is_refused(door: Door, body: object, code: str) -> None:
    assert told(door, body) == (400, code)


def test_scanners_that_follow_the_link_end_nothing_and_one_button_does(door: Door) -> None:
    number = message(door, channel=Channel.SMS)
    with door.archive.database.reading() as session:
        path = unsubscribe_path(door.archive, session.get_one(Message, number), Channel.SMS)

    looked = [door.client.get(path) for _ in range(2)]
    done = door.client.post(path)
    own = TestClient(door.client.app, headers={"Authorization": f"Bearer {demo_key(ME)}"})
    said = own.get("/api/v1/push/consents?library=demo").json()["consents"]

    assert all(page.text.count("<button>退订</button>") == 1 for page in looked)
    assert "示范通知" not in looked[0].text
    assert "已退订" in done.text
    assert [one["said"] for one in said if (one["channel"], one["topic"]) == ("sms", "部门通知")] == ["withdrawn"]
    assert door.client.get(path[:-1] + "!").status_code == 404


def test_the_link_of_a_message_leads_to_it_after_signing_in(door: Door) -> None:
    number = message(door)
    with door.archive.database.reading() as session:
        path = read_path(door.archive, session.get_one(Message, number), Channel.SMS, door.now)

    away = door.client.get(path, follow_redirects=False)
    within = door.signed_in(ME).get(path, follow_redirects=False)

    assert (away.status_code, away.headers["location"]) == (303, f"/login?next=%2Fmessages%2F{number}")
    assert (within.status_code, within.headers["location"]) == (303, f"/messages/{number}")
    assert door.client.get("/m/1-0-0-AAAA").status_code == 404
