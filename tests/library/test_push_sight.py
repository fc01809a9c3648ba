"""Which messages an office sees, with why and how far; and what the push achieved, by measure and week."""

from __future__ import annotations

from datetime import date

import pytest
from pushing import HANDLER, LEGAL, by, contact, delivery, message, person
from reviewing import EQ, with_project
from rows import E1, E3, LIBRARY, audited, told

from policy_match.errors import Forbidden, NotFound
from policy_match.push.words import Channel, DeliveryState
from policy_match.store.case_tables import Payment
from policy_match.workflows.count_push import count_push
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.reply_message import Answer, reply_message
from policy_match.workflows.show_message import explain_message, message_rows


@pytest.fixture
def firm(reviewing: Archive) -> tuple[Archive, str, int]:
    """A project of 武进 and a message about it and the measure of 市工信局; its code, the number of the message."""
    code = with_project(reviewing)
    person(reviewing)
    person(reviewing, LEGAL)
    contact(reviewing)
    return reviewing, code, message(reviewing, subject=code, measure=EQ, version=1)


def seen(archive: Archive, who: str) -> list[object]:
    return [row["id"] for row in message_rows(archive, by(who)).rows]


@pytest.mark.parametrize("who", ["development", "data", "auditor", "industry", "district-320412", HANDLER, LEGAL])
def test_those_in_whose_reach_it_is_see_a_message(firm: tuple[Archive, str, int], who: str) -> None:
    archive, _, number = firm

    assert seen(archive, who) == [number]
    assert explain_message(archive, number, by(who)).shown.message.why == "项目已开工"


@pytest.mark.parametrize("who", ["commerce", "science", "district-320411"])
def test_others_see_none_and_are_told_that_there_is_none(firm: tuple[Archive, str, int], who: str) -> None:
    archive, _, number = firm

    assert seen(archive, who) == []
    with pytest.raises(NotFound) as refused:
        explain_message(archive, number, by(who))
    assert told(refused.value) == {"MESSAGE_UNKNOWN"}


@pytest.mark.parametrize("who", ["statistics", "treasury", "park-320412", "agent-320412", "admin"])
def test_roles_without_the_right_are_refused(firm: tuple[Archive, str, int], who: str) -> None:
    archive, _, number = firm

    for attempt in (lambda: message_rows(archive, by(who)), lambda: explain_message(archive, number, by(who))):
        with pytest.raises(Forbidden) as refused:
            attempt()
        assert told(refused.value) == {"PUSH_ROLE"}


def test_another_firm_sees_none(firm: tuple[Archive, str, int]) -> None:
    archive, _, _ = firm
    stranger = person(archive, "handler-e3", E3)

    assert seen(archive, stranger) == []


def test_an_office_sees_what_came_to_itself_and_what_it_sent(firm: tuple[Archive, str, int]) -> None:
    archive, code, number = firm
    own = message(archive, "commerce")
    sent = message(archive, subject=code, content="notice", topic="部门通知", sent_by="commerce")

    assert seen(archive, "commerce") == [sent, own]
    assert seen(archive, "development") == [sent, own, number]


def test_a_message_tells_how_far_it_is_on_each_channel_and_what_was_done(firm: tuple[Archive, str, int]) -> None:
    archive, _, number = firm
    with archive.database.writing() as session:
        session.add(delivery(number, Channel.SMS, DeliveryState.HELD, by(HANDLER).now))
    reply_message(archive, number, Answer("interested"), by(HANDLER))

    (line,) = message_rows(archive, by("development")).rows
    found = explain_message(archive, number, by("development"))

    assert line["channels"] == "站内消息已回应、短信到时再发"
    assert line["reply_name"] == "有意申请"
    assert [row.action for row in found.history] == ["message.interested"]
    assert len(audited(archive, "message.interested")) == 1


def test_counters_tell_sent_read_answered_acted_and_paid_by_measure_and_week(firm: tuple[Archive, str, int]) -> None:
    archive, code, number = firm
    reply_message(archive, number, Answer("interested"), by(HANDLER))
    message(archive, subject=code, measure=EQ, version=1, at=by(HANDLER, "2025-03-30").now)
    message(archive, subject=code, measure=EQ, version=1, inbox=None, state="suppressed", withheld="consent")
    message(archive, subject=code, measure=EQ, version=1, inbox=None, state="held")
    digest = message(archive, content="digest", topic="汇总")
    message(archive, subject=code, measure="other", version=1, inbox=None, digest_id=digest)
    with archive.database.writing() as session:
        session.add(
            Payment(
                library=LIBRARY, reference="r1", measure=EQ, beneficiary=E1, period="2025", paid_on=date(2025, 3, 31),
                amount_fen=100, source="FIN", recorded_at=by("treasury").now,
            )
        )  # fmt: skip

    week, other, before = count_push(archive, by("development")).rows

    assert week == {
        "week": "2025-03-31", "measure": EQ, "sent": 1, "delivered": 1, "read": 1, "acked": 1, "acted": 1,
        "realised": 1, "opted_out": 1,
    }  # fmt: skip
    assert {type(value) for key, value in week.items() if key not in ("week", "measure")} == {int}
    assert (before["week"], before["sent"], before["read"], before["realised"]) == ("2025-03-24", 1, 0, 1)
    assert (other["measure"], other["sent"], other["delivered"]) == ("other", 1, 1)


def test_money_paid_before_the_message_was_not_brought_by_it(firm: tuple[Archive, str, int]) -> None:
    archive, _, _ = firm
    with archive.database.writing() as session:
        session.add(
            Payment(
                library=LIBRARY, reference="r1", measure=EQ, beneficiary=E1, period="2025", paid_on=date(2025, 3, 30),
                amount_fen=100, source="FIN", recorded_at=by("treasury").now,
            )
        )  # fmt: skip

    (week,) = count_push(archive, by("development")).rows
    assert week["realised"] == 0


def test_weeks_before_those_asked_for_are_left_out_and_units_count_their_own_measures(
    firm: tuple[Archive, str, int],
) -> None:
    archive, _, _ = firm

    assert len(count_push(archive, by("industry", "2025-04-06"), weeks=1).rows) == 1
    assert count_push(archive, by("industry", "2025-04-07"), weeks=1).rows == []
    assert count_push(archive, by("commerce")).rows == []
    assert count_push(archive, by("district-320412")).rows == []
    with pytest.raises(Forbidden):
        count_push(archive, by("admin"))
