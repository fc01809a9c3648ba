"""What a channel tells later moves a delivery forward and never back; a person puts what failed back into the queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from pushing import HANDLER, PHONE, by, contact, person
from rows import E1, LIBRARY, audited, firm_row, taken, told
from sending import Sending, posts, sending

from policy_match.errors import Conflict, Forbidden, NotFound, UsageError
from policy_match.push.words import Asked, Channel, Consent
from policy_match.store import doubts
from policy_match.store.push_tables import Message
from policy_match.workflows.give_consent import Choice, give_consent
from policy_match.workflows.list_queue import channel_rows, queue_rows
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.retry_delivery import retry_delivery
from policy_match.workflows.switch_channel import switch_channel
from policy_match.workflows.take_receipt import Receipt, take_receipt

SMS = Channel.SMS


@pytest.fixture
def out(archive: Archive) -> Iterator[Sending]:
    """Two channels that are on, and a handler of a firm who agreed to SMS."""
    taken(archive, firm_row(archive, E1, "示范一"))
    person(archive)
    contact(archive, phone=PHONE, gateway_account="acct-1")
    give_consent(archive, [Choice("sms", "*", Consent.GRANTED.value, "测试")], by(HANDLER))
    with sending(archive) as found:
        yield found


def receipts(out: Sending, number: int, states: Sequence[str], channel: Channel = SMS) -> list[str]:
    """The state after each."""
    name = out.row(number, channel).client_msg_id
    return [take_receipt(out.archive, Receipt(channel, name, state), out.now).value for state in states]


def test_s23_callbacks_that_come_twice_and_out_of_order_never_move_it_back(out: Sending) -> None:
    number = out.due(SMS)
    out.dispatch()
    assert receipts(out, number, ["delivered", "delivered", "sent"]) == ["delivered"] * 3
    assert receipts(out, number, ["read", "delivered", "failed"]) == ["read"] * 3

    assert [row.action for row in audited(out.archive, "delivery.delivered")] == ["delivery.delivered"]
    assert [state for _, state, _ in out.attempts(number, SMS)] == [
        "sent", "delivered", "delivered", "sent", "read", "delivered", "failed",
    ]  # fmt: skip
    with out.archive.database.reading() as session:
        assert session.get_one(Message, number).read_at == out.now


def test_a_callback_that_is_faster_than_the_answer_stays(out: Sending) -> None:
    number = out.due(SMS)
    out.die(SMS, before=False)
    assert receipts(out, number, ["delivered"]) == ["delivered"]
    out.wait(seconds=61)
    assert out.dispatch() == {}
    assert (out.row(number, SMS).state, len(posts(out.sms))) == ("delivered", 1)


def test_a_failure_that_is_told_later_of_what_has_to_be_told_is_a_call(out: Sending) -> None:
    number = out.due(SMS, mandatory=True)
    out.dispatch()
    assert receipts(out, number, ["failed"]) == ["failed"]
    with out.archive.database.reading() as session:
        assert [one.code for one in doubts.still_open(session, LIBRARY)] == [Asked.CALL_FIRM]
    assert receipts(out, number, ["delivered"]) == ["delivered"]


def test_a_receipt_needs_a_state_a_message_of_its_own_channel_and_one_that_was_sent(out: Sending) -> None:
    number = out.due(SMS)
    name = out.row(number, SMS).client_msg_id
    faults: list[tuple[Receipt, type[Exception], str]] = [
        (Receipt(SMS, name, "acked"), UsageError, "RECEIPT_STATE"),
        (Receipt(SMS, "nobody", "sent"), NotFound, "RECEIPT_UNKNOWN"),
        (Receipt(Channel.GATEWAY, name, "sent"), NotFound, "RECEIPT_UNKNOWN"),
        (Receipt(SMS, name, "delivered"), Conflict, "RECEIPT_EARLY"),
    ]
    for receipt, error, code in faults:
        with pytest.raises(error) as caught:
            take_receipt(out.archive, receipt, out.now)
        assert told(caught.value) == {code}  # type: ignore[arg-type]
    assert out.row(number, SMS).state == "pending"


def fail(out: Sending, channel: Channel, status: int | None) -> int:
    """A delivery that failed in the end; the id of its row."""
    number = out.due(channel)
    there = out.sms if channel is SMS else out.gateway
    there.status, there.asked_status = status, 501
    for _ in range(6):
        out.dispatch()
        out.wait(hours=24)
    there.status, there.asked_status = 200, None
    row = out.row(number, channel)
    assert row.state == "failed"
    return row.id


def test_what_failed_goes_back_into_the_queue_with_all_its_tries_by_whoever_keeps_it(out: Sending) -> None:
    number = fail(out, Channel.GATEWAY, 503)
    with pytest.raises(Forbidden, match="不办重发"):
        retry_delivery(out.archive, number, by("development"))
    row = retry_delivery(out.archive, number, by("data"))
    assert (row.state, row.tries) == ("pending", 0)
    with pytest.raises(Conflict, match="只有发送失败"):
        retry_delivery(out.archive, number, by("data"))
    assert out.dispatch() == {"sent": 1}
    (line,) = audited(out.archive, "delivery.requeue")
    assert line.actor == "data"


def test_what_perhaps_arrived_goes_again_only_if_somebody_says_so(out: Sending) -> None:
    out.now = by(HANDLER, "2025-03-31").now
    number = fail(out, SMS, None)
    sent = len(posts(out.sms))
    with pytest.raises(Conflict, match="可能已经收到"):
        retry_delivery(out.archive, number, by("data"))
    retry_delivery(out.archive, number, by("data"), again=True)
    out.now = by(HANDLER, "2025-04-14").now
    assert out.dispatch() == {"sent": 1}
    assert (sent, len(posts(out.sms))) == (1, 2)


def test_a_delivery_that_does_not_exist_is_not_found(out: Sending) -> None:
    with pytest.raises(NotFound, match="没有第 99 号发送"):
        retry_delivery(out.archive, 99, by("data"))


def test_the_queue_shows_what_waits_and_what_failed_with_its_last_answer_to_those_who_see_everything(
    out: Sending,
) -> None:
    fail(out, Channel.GATEWAY, 503)
    out.due()
    rows = queue_rows(out.archive, by("data")).rows
    assert [(row["state"], row["outcome"]) for row in rows] == [("failed", "对方现在不收（503）"), ("pending", None)]
    assert [row["state"] for row in queue_rows(out.archive, by("data"), failed_only=True).rows] == ["failed"]
    with pytest.raises(Forbidden, match="不看整个发送队列"):
        queue_rows(out.archive, by("district-320412"))


def test_a_new_installation_sends_nothing_until_an_administrator_switches_a_channel_on(archive: Archive) -> None:
    assert {row["is_on"] for row in channel_rows(archive, [SMS]).rows} == {False}
    assert switch_channel(archive, "短信", True, by("admin"), there=[SMS]) is SMS
    (line,) = audited(archive, "channel.on")
    assert (line.actor, line.object_id) == ("admin", "sms")
    on = {row["channel"]: (row["is_on"], row["is_set"], row["by"]) for row in channel_rows(archive, [SMS]).rows}
    assert on["sms"] == (True, True, "admin")
    assert on["gateway"] == (False, False, None)
    switch_channel(archive, "sms", False, by("admin"), there=[])
    assert {row["is_on"] for row in channel_rows(archive, [SMS]).rows} == {False}


@pytest.mark.parametrize(
    ("asked", "who", "error", "code"),
    [
        ("sms", "data", Forbidden, "CHANNEL_ADMIN"),
        ("email", "admin", UsageError, "CHANNEL_UNSET"),
        ("inbox", "admin", UsageError, "CHANNEL"),
        ("pigeon", "admin", UsageError, "CHANNEL"),
    ],
)
def test_who_may_not_and_what_has_no_address_is_not_switched(
    archive: Archive, asked: str, who: str, error: type[Exception], code: str
) -> None:
    with pytest.raises(error) as caught:
        switch_channel(archive, asked, True, by(who), there=[SMS])
    assert told(caught.value) == {code}  # type: ignore[arg-type]
    assert len(audited(archive, "channel.on")) == 0


def test_what_is_on_already_is_told_and_not_recorded_again(archive: Archive) -> None:
    switch_channel(archive, "sms", True, by("admin"), there=[SMS])
    with pytest.raises(Conflict, match="已经开通"):
        switch_channel(archive, "sms", True, by("admin"), there=[SMS])
    assert len(audited(archive, "channel.on")) == 1
