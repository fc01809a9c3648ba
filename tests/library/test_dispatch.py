"""Messages go out once: by workers that die, to services that answer late, wrongly or not at all, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pushing import HANDLER, PHONE, by, contact, delivery, person
from rows import E1, LIBRARY, audited, codes, firm_row, pause, point, row, taken
from sending import Change, Meanwhile, Sending, posts, sending

from policy_match.exchange.channels import http_call
from policy_match.exchange.channels.gateway import Gateway
from policy_match.push.words import Asked, Channel, Consent, Content, DeliveryState, MessageState
from policy_match.store import audit, deliveries, doubts
from policy_match.store.push_tables import Delivery, Message
from policy_match.workflows.dispatch_messages import dispatch_messages
from policy_match.workflows.end_contact import end_contact
from policy_match.workflows.give_consent import Choice, give_consent
from policy_match.workflows.open_archive import Archive

GATEWAY, SMS = Channel.GATEWAY, Channel.SMS


@pytest.fixture
def out(archive: Archive) -> Iterator[Sending]:
    """Two channels that are on, a project of a firm, and a handler of the firm who agreed to SMS."""
    taken(archive, row(archive, points=[point("SIGNED", "2024-09-20")]), firm_row(archive, E1, "示范一"))
    person(archive)
    contact(archive, phone=PHONE, gateway_account="acct-1")
    agree(archive, Consent.GRANTED)
    with sending(archive) as found:
        yield found


def agree(archive: Archive, state: Consent, hour: str = "10:00", on: str = "2025-03-31") -> None:
    give_consent(archive, [Choice("sms", "*", state.value, "测试")], by(HANDLER, on, hour))


def shown(out: Sending) -> list[str]:
    """What the platform shows: each webhook-id once, however often it came."""
    return list(dict.fromkeys(one.headers["webhook-id"] for one in posts(out.gateway)))


def delivery_rows(out: Sending, number: int, channel: Channel) -> list[tuple[str, str | None]]:
    """What the audit chain says of one delivery: the act and the reason."""
    name = out.row(number, channel).client_msg_id
    with out.archive.database.reading() as session:
        assert audit.first_break(session) is None
        rows = session.query(audit.Audit).filter_by(object_id=name).order_by(audit.Audit.seq)
        return [(one.action, one.reason) for one in rows]


def test_a_due_message_goes_out_once_signed_and_is_sent(out: Sending) -> None:
    number = out.due()

    assert out.dispatch() == {"sent": 1}
    assert out.dispatch() == {}
    (got,) = posts(out.gateway)
    assert got.told["data"]["account"] == "acct-1"  # type: ignore[index]
    assert "https://push.example.gov.cn/m/" in got.told["data"]["body"]  # type: ignore[index]
    assert out.attempts(number) == [(1, "sent", 200)]
    assert delivery_rows(out, number, GATEWAY) == [("delivery.sent", "对方已收到")]


def test_an_sms_is_the_short_text_with_its_links_to_the_phone_of_the_contact(out: Sending) -> None:
    out.due(SMS)
    out.dispatch()
    (got,) = posts(out.sms)
    assert got.told["phone"] == PHONE
    assert str(got.told["text"]).startswith("有一项政策待确认 查看：https://push.example.gov.cn/m/")
    assert "退订：https://push.example.gov.cn/unsubscribe/" in str(got.told["text"])
    assert len(str(got.told["text"])) <= 201


def test_s35_killed_after_the_commit_and_before_the_sending_everything_goes_out_once(out: Sending) -> None:
    numbers = [out.due() for _ in range(10)] + [out.due(SMS)]

    out.die(GATEWAY, before=True)
    assert out.dispatch() == {"sent": 10}
    assert out.states() == ["sending"] + ["sent"] * 9
    out.wait(seconds=61)
    assert out.dispatch() == {"sent": 1}

    assert out.states() + out.states(SMS) == ["sent"] * 11
    assert sorted(shown(out)) == sorted(out.row(number).client_msg_id for number in numbers[:10])
    assert len(posts(out.gateway)) == 10
    assert out.attempts(numbers[0]) == [(1, "retry", 404), (2, "sent", 200)]
    assert delivery_rows(out, numbers[0], GATEWAY) == [("delivery.sent", "对方已收到")]


def test_s35_killed_after_the_sending_and_before_the_mark_nothing_is_sent_again(out: Sending) -> None:
    numbers = [out.due() for _ in range(10)]

    out.die(GATEWAY, before=False)
    out.took()
    out.wait(seconds=61)
    assert out.dispatch() == {"sent": 10}

    assert len(posts(out.gateway)) == len(shown(out)) == 10
    assert delivery_rows(out, numbers[0], GATEWAY) == [("delivery.sent", "问过对方：已经收到")]


@pytest.mark.parametrize("before", [True, False])
def test_s35_an_sms_goes_at_most_once_wherever_the_worker_is_killed(out: Sending, before: bool) -> None:
    number = out.due(SMS)
    out.die(SMS, before=before)
    out.took()
    out.wait(seconds=61)

    assert out.dispatch() == {"sent": 1}
    assert len(posts(out.sms)) == 1
    assert out.row(number, SMS).state == "sent"


@pytest.mark.parametrize("before", [True, False])
def test_an_sms_of_which_nobody_can_tell_is_never_sent_again_and_a_person_decides_in_the_end(
    out: Sending, before: bool
) -> None:
    number, posted = out.due(SMS), 0 if before else 1
    out.sms.asked_status = 501
    out.die(SMS, before=before)
    for _ in range(8):
        out.wait(hours=13)
        out.dispatch()

    assert len(posts(out.sms)) == posted
    assert out.row(number, SMS).state == "failed"
    assert [state for _, state, _ in out.attempts(number, SMS)] == ["unknown"] * 5


def test_the_platform_gets_again_what_it_cannot_tell_of_under_the_same_id(out: Sending) -> None:
    out.due()
    out.gateway.asked_status = 501
    out.die(GATEWAY, before=False)
    out.wait(seconds=61)

    assert out.dispatch() == {"sent": 1}
    assert (len(posts(out.gateway)), len(shown(out))) == (2, 1)


def test_a_lease_holds_for_a_minute_and_then_comes_back(out: Sending) -> None:
    out.due()
    out.die(GATEWAY, before=True)
    out.wait(seconds=59)
    assert out.dispatch() == {}
    out.wait(seconds=1)
    assert out.dispatch() == {"sent": 1}


def test_a_worker_whose_lease_ran_out_before_it_began_sends_nothing(out: Sending) -> None:
    number = out.due()
    times = iter([out.now, out.now + timedelta(seconds=60), out.now])
    slow = replace(out.post(), clock=lambda: next(times))

    assert dispatch_messages(slow) == {}
    assert (out.row(number).state, posts(out.gateway)) == ("pending", [])
    out.wait(seconds=60)
    assert out.dispatch() == {"sent": 1}


def test_what_a_slow_worker_says_it_sent_while_another_one_asks_is_not_sent_again(out: Sending) -> None:
    number = out.due(SMS)
    out.die(SMS, before=False)
    out.wait(seconds=61)

    def noted() -> None:
        with out.archive.database.writing() as session:
            deliveries.locked(session, out.row(number, SMS).id).state = DeliveryState.SENT.value

    assert out.dispatch({**out.carriers, SMS: Meanwhile(out.carriers[SMS], noted)}) == {}
    assert (len(posts(out.sms)), out.row(number, SMS).state, out.row(number, SMS).leased_by) == (1, "sent", None)


def test_two_workers_never_get_the_same_delivery(out: Sending) -> None:
    numbers = {out.row(out.due()).id for _ in range(2)}
    database = out.archive.database
    with database.claiming() as session:
        first = deliveries.claim(session, "w-a", out.now)
        if session.get_bind().dialect.name == "postgresql":
            # The first has not ended yet: its row is skipped and not waited for.
            with database.claiming() as beside:
                second = deliveries.claim(beside, "w-b", out.now)
    if database.engine.dialect.name == "sqlite":
        with database.claiming() as session:
            second = deliveries.claim(session, "w-b", out.now)
    assert first is not None
    assert second is not None
    assert {first.id, second.id} == numbers


def test_a_failure_for_now_is_tried_six_times_by_the_schedule_and_then_lies_with_people(out: Sending) -> None:
    number = out.due()
    out.gateway.status = 503
    waited = []
    for _ in range(6):
        out.dispatch()
        waited.append((out.row(number).due_at - out.now) / timedelta(minutes=1))
        assert out.dispatch() == {}
        out.now = max(out.now, out.row(number).due_at)

    assert waited[:5] == [1, 5, 30, 120, 720]
    assert (out.row(number).state, out.row(number).tries, len(posts(out.gateway))) == ("failed", 6, 6)
    out.wait(days=30)
    assert out.dispatch() == {}


def test_what_the_channel_refuses_for_good_fails_at_once(out: Sending) -> None:
    number = out.due(SMS)
    out.sms.status = 400
    assert out.dispatch() == {"failed": 1}
    assert out.attempts(number, SMS) == [(1, "failed", 400)]
    assert open_calls(out) == []


def open_calls(out: Sending) -> list[str]:
    with out.archive.database.reading() as session:
        return [one.what for one in doubts.still_open(session, LIBRARY) if one.code == Asked.CALL_FIRM]


def test_what_has_to_be_told_and_fails_is_a_call_for_the_district_within_one_working_day(out: Sending) -> None:
    out.due(mandatory=True, subject=codes(out.archive)[0], title="示范补助资金退回")
    out.gateway.status = 422
    out.dispatch()
    (what,) = open_calls(out)
    assert "示范补助资金退回" in what
    assert "2025-04-01" in what


def test_no_answer_in_time_leaves_it_unknown_and_the_next_try_asks_first(
    out: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_call, "SECONDS", 0.2)
    number = out.due(SMS)
    out.sms.seconds = 0.5
    assert out.dispatch() == {"unknown": 1}
    out.sms.seconds = 0
    out.took()
    out.wait(minutes=1)
    assert out.dispatch() == {"sent": 1}
    assert [one.method for one in out.sms.got] == ["POST", "GET"]
    assert [state for _, state, _ in out.attempts(number, SMS)] == ["unknown", "sent"]


def test_a_channel_without_an_address_keeps_its_messages_for_a_later_try(out: Sending) -> None:
    out.due()
    assert out.dispatch({}) == {"retry": 1}
    out.wait(minutes=1)
    assert out.dispatch() == {"sent": 1}


@pytest.mark.parametrize(
    ("change", "state", "why"),
    [
        (lambda out, number: out.switch(GATEWAY, False), "suppressed", "channel_off"),
        (lambda out, number: end_contact(out.archive, 1, "离职", by("data")), "suppressed", "contact_left"),
        (lambda out, number: give_consent(out.archive, [Choice("*", "奖补", "off", "测试")], by(HANDLER)),
         "suppressed", "consent"),
        (lambda out, number: give_consent(out.archive, [Choice("gateway", "奖补", "withdrawn", "测试")], by(HANDLER)),
         "suppressed", "consent"),
        (lambda out, number: pause(out.archive, codes(out.archive)[0], "commerce"), "suppressed", "side_state"),
        (lambda out, number: out.change(number, last_day=date(2025, 3, 30)), "expired", None),
        (lambda out, number: out.change(number, state=MessageState.CANCELLED.value), "cancelled", None),
        (lambda out, number: out.change(number, state=MessageState.RECALLED.value), "recalled", None),
    ],
)  # fmt: skip
def test_what_holds_no_more_in_the_moment_of_sending_is_not_sent_and_says_why(
    out: Sending, change: Change, state: str, why: str | None
) -> None:
    number = out.due(subject=codes(out.archive)[0])
    change(out, number)

    assert out.dispatch() == {state: 1}
    assert (out.row(number).withheld, posts(out.gateway)) == (why, [])
    ((action, reason),) = delivery_rows(out, number, GATEWAY)
    assert action == f"delivery.{state}"
    assert reason
    out.wait(days=30)
    assert out.dispatch() == {}


@pytest.mark.parametrize(
    "more", [{"last_day": date(2025, 3, 31)}, {"mandatory": True}, {"content": Content.RECALL.value}]
)
def test_on_its_last_day_or_where_it_has_to_be_told_it_goes(out: Sending, more: dict[str, object]) -> None:
    code = codes(out.archive)[0]
    out.due(subject=code, **more)
    if "last_day" not in more:
        pause(out.archive, code, "commerce")
    assert out.dispatch() == {"sent": 1}


def test_what_has_to_be_told_goes_although_its_topic_was_ended(out: Sending) -> None:
    give_consent(out.archive, [Choice("gateway", "*", "withdrawn", "测试")], by(HANDLER))
    out.due(mandatory=True)
    out.due()
    assert out.dispatch() == {"sent": 1, "suppressed": 1}


@pytest.mark.parametrize("state", [MessageState.HELD, MessageState.WAITING])
def test_what_somebody_has_to_let_go_first_is_not_touched(out: Sending, state: MessageState) -> None:
    number = out.due(state=state.value)
    assert out.dispatch() == {}
    assert out.row(number).state == "pending"


def test_nothing_of_the_demonstration_ever_leaves_the_house(out: Sending) -> None:
    number = out.due()
    with out.archive.database.writing() as session:
        session.get_one(Message, number).library = "demo"
        session.query(Delivery).filter_by(message_id=number).one().library = "demo"
    assert out.dispatch() == {"suppressed": 1}
    assert posts(out.gateway) == []


def test_without_an_address_of_its_recipient_a_message_fails_at_once(out: Sending) -> None:
    person(out.archive, "second")
    contact(out.archive, "second")
    give_consent(out.archive, [Choice("sms", "*", "granted", "测试")], by("second"))
    out.due(SMS, "second")
    assert out.dispatch() == {"failed": 1}
    assert posts(out.sms) == []


def test_s23_at_night_the_platform_is_told_and_the_sms_waits_until_half_past_eight_of_the_next_working_day(
    out: Sending,
) -> None:
    out.now = by(HANDLER, "2025-04-03", "22:11").now
    number = out.due()
    with out.archive.database.writing() as session:
        short = delivery(number, SMS, DeliveryState.PENDING, out.now)
        short.sent_at = None
        session.add(short)
    assert out.dispatch() == {"sent": 1, "held": 1}
    # Friday 2025-04-04 is 清明, the weekend follows.
    assert out.row(number, SMS).due_at == by(HANDLER, "2025-04-07", "08:30").now

    out.now = by(HANDLER, "2025-04-07", "08:29").now
    assert out.dispatch() == {}
    agree(out.archive, Consent.WITHDRAWN, "07:00", "2025-04-07")
    out.now = by(HANDLER, "2025-04-07", "08:31").now
    assert out.dispatch() == {"suppressed": 1}
    assert (out.row(number, SMS).withheld, posts(out.sms)) == ("consent", [])


def test_what_waited_for_the_morning_goes_in_its_order_and_never_after_its_last_day(out: Sending) -> None:
    out.now = by(HANDLER, "2025-03-31", "22:11").now
    numbers = [out.due(SMS), out.due(SMS, last_day=date(2025, 3, 31)), out.due(SMS)]
    assert out.dispatch() == {"held": 3}
    out.now = by(HANDLER, "2025-04-01", "08:30").now
    assert out.dispatch() == {"sent": 2, "expired": 1}
    sent = [one.told["client_msg_id"] for one in posts(out.sms)]
    assert sent == [out.row(number, SMS).client_msg_id for number in (numbers[0], numbers[2])]


def test_where_the_working_days_of_a_year_are_not_known_an_sms_waits_and_is_looked_at_every_day(out: Sending) -> None:
    last = max(out.archive.calendar.years)
    out.now = by(HANDLER, f"{last + 1}-03-02", "10:00").now
    number = out.due(SMS)
    assert out.dispatch() == {"held": 1}
    assert out.row(number, SMS).due_at == by(HANDLER, f"{last + 1}-03-03", "08:30").now


def test_the_third_sms_of_a_day_and_the_sixth_of_a_week_are_not_sent(out: Sending) -> None:
    got = []
    for day in ("2025-03-31", "2025-04-01", "2025-04-02", "2025-04-03"):
        out.now = by(HANDLER, day).now
        for _ in range(3):
            out.due(SMS)
        got.append(out.dispatch())
    assert got == [
        {"sent": 2, "suppressed": 1}, {"sent": 2, "suppressed": 1}, {"sent": 1, "suppressed": 2}, {"suppressed": 3},
    ]  # fmt: skip
    assert len(posts(out.sms)) == 5


def test_the_eleventh_message_of_a_day_on_the_platform_is_not_sent_but_for_what_has_to_be_told(out: Sending) -> None:
    for _ in range(11):
        out.due()
    out.due(mandatory=True)
    assert out.dispatch() == {"sent": 11, "suppressed": 1}


def test_a_try_that_failed_does_not_count_against_the_limit(out: Sending) -> None:
    out.sms.status = 503
    numbers = [out.due(SMS) for _ in range(2)]
    assert out.dispatch() == {"retry": 2}
    out.sms.status = 200
    out.wait(minutes=1)
    assert out.dispatch() == {"sent": 2}
    assert [out.row(number, SMS).state for number in numbers] == ["sent", "sent"]


def test_a_channel_that_breaks_keeps_no_other_waiting_and_its_message_lies_with_people_in_the_end(
    out: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = out.due(), out.due(SMS)
    carriers = {**out.carriers, GATEWAY: Gateway(out.gateway.url, "whsec_abcde")}
    assert out.dispatch(carriers) == {"unknown": 1, "sent": 1}
    for _ in range(6):
        out.wait(hours=13)
        out.dispatch(carriers)
    assert (out.row(broken).state, out.row(whole, SMS).state) == ("failed", "sent")
    assert "渠道出错" in caplog.text


def test_every_attempt_is_in_the_chain_by_the_job_of_the_house(out: Sending) -> None:
    out.due()
    out.dispatch()
    (row,) = audited(out.archive, "delivery.sent")
    assert (row.actor, row.object_kind) == ("importer", "delivery")
