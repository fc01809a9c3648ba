"""What a firm is told of its 免申即享 case: with the step, to whom it concerns, and never before it was asked (TR8)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msjx import FIRST, GX, HOLDER, by, confirmed, found, noticed, to_approved, verified, with_firm
from paying import exported, failed_row, paid_row, receipts
from pushing import contact, person
from rows import E2, LIBRARY, asked, audited
from sqlalchemy import select

from policy_match.errors import Conflict
from policy_match.push.words import Asked
from policy_match.store import cases
from policy_match.store.push_tables import Delivery, Message
from policy_match.store.tables import Actor
from policy_match.workflows.confirm_case import decline_case, reopen_case
from policy_match.workflows.daily_push import daily_push
from policy_match.workflows.give_consent import Choice, give_consent
from policy_match.workflows.leave_case import cancel_case
from policy_match.workflows.move_cases import move_cases
from policy_match.workflows.open_archive import Archive

HANDLER = "handler-e2"
ORDER = "MX-2025-000001-1"


@pytest.fixture
def firm(paying: Archive) -> Archive:
    """The firm with a handler; officers of the treasury, two units and two areas have accounts."""
    with_firm(paying)
    person(paying, HANDLER, E2)
    contact(paying, HANDLER, uscc=E2, since=date(2025, 1, 1))
    with paying.database.reading() as session:
        offices = [session.get_one(Actor, one) for one in ("science", "industry", "treasury")]
        offices += [session.get_one(Actor, f"district-{area}") for area in ("320411", "320412")]
    for office in offices:
        person(paying, office.id, None)
    return paying


def told(archive: Archive, recipient: str | None = HANDLER) -> list[Message]:
    with archive.database.reading() as session:
        rows = session.scalars(select(Message).where(Message.library == LIBRARY).order_by(Message.id))
        return [row for row in rows if recipient in (None, row.recipient_id)]


def asked_on(archive: Archive) -> str:
    """A case whose notice is over and whose firm is asked on 2025-06-11; its number."""
    number = found(archive).opened[0]
    verified(archive, number)
    noticed(archive, number)
    assert told(archive, None) == []
    move_cases(archive, by(FIRST, "2025-06-11"))
    return number


def test_a_firm_is_told_when_it_is_asked_and_of_nothing_before(firm: Archive) -> None:
    number = asked_on(firm)

    (message,) = told(firm)
    with firm.database.reading() as session:
        case = cases.by_number(session, LIBRARY, number)
        assert message.case_id == case.id
        assert message.last_day == case.consent_last
    assert message.mandatory
    assert (message.content, message.topic, message.trigger, message.measure) == ("case", "免申即享", "TR8", GX)
    assert HOLDER in message.body
    assert "不确认不拨付" in message.body
    assert E2 not in message.body + message.title + message.short
    assert "万元" not in message.short
    assert len(message.short) <= 70


def test_who_works_for_the_area_of_the_firm_hears_what_it_is_asked_and_nobody_else(firm: Archive) -> None:
    asked_on(firm)

    copies = [row for row in told(firm, None) if row.recipient_id != HANDLER]
    assert [(row.recipient_id, row.mandatory) for row in copies] == [("district-320411", False)]


@pytest.mark.parametrize("often", ["weekly", "off"])
def test_what_a_firm_is_asked_lies_in_its_inbox_at_once_however_often_it_wants_to_be_told(
    firm: Archive, often: str
) -> None:
    give_consent(firm, [Choice("*", "*", often, "测试")], by(HANDLER, "2025-06-10"))
    asked_on(firm)
    daily_push(firm, LIBRARY, by(FIRST, "2025-06-11").now)

    assert [row.state for row in told(firm)] == ["out"]
    with firm.database.reading() as session:
        found = session.scalars(select(Delivery).where(Delivery.message_id == told(firm)[0].id))
        assert [(one.channel, one.state) for one in found] == [("inbox", "sent")]


def test_each_reminder_is_told_once(firm: Archive) -> None:
    asked_on(firm)
    days = [f"2025-06-{day}" for day in range(12, 31)]
    for day in days:
        move_cases(firm, by(FIRST, day))

    reminders = [row for row in told(firm) if "还没有确认" in row.title]
    assert len(reminders) == len({row.made_at for row in reminders}) >= 2
    assert len(told(firm)) == len(reminders) + 2  # asked, reminded, and at last that the window has closed


def test_a_step_that_is_refused_tells_nothing(firm: Archive) -> None:
    number = asked_on(firm)

    with pytest.raises(Conflict):
        confirmed(firm, number, holder="别的公司")
    assert len(told(firm)) == 1


def test_what_the_firm_did_itself_is_not_told_to_it_and_asking_again_is(firm: Archive) -> None:
    number = asked_on(firm)
    decline_case(firm, number, "示范负责人", "不需要", by("enterprise-320411", "2025-06-12"))
    before = len(told(firm))
    reopen_case(firm, number, "企业来电", by(FIRST, "2025-06-12"))

    assert before == 1
    assert len(told(firm)) == 2


def test_the_window_that_closed_without_an_answer_is_told(firm: Archive) -> None:
    asked_on(firm)
    move_cases(firm, by(FIRST, "2025-08-29"))

    assert "逾期没有确认" in told(firm)[-1].title


def test_a_payment_that_arrived_is_told_to_the_firm_alone(paying: Archive, tmp_path: Path) -> None:
    _with_people(paying)
    to_approved(paying)
    exported(paying)
    before = len(told(paying, None))

    receipts(paying, tmp_path, paid_row(ORDER, "200000.00元"))

    new = told(paying, None)[before:]
    assert [row.recipient_id for row in new] == [HANDLER]
    assert "资金已拨付" in new[0].title


def test_a_payment_that_failed_is_told_to_the_firm_the_unit_of_the_measure_and_the_treasury(
    paying: Archive, tmp_path: Path
) -> None:
    _with_people(paying)
    to_approved(paying)
    exported(paying)
    before = len(told(paying, None))

    receipts(paying, tmp_path, failed_row(ORDER))

    new = told(paying, None)[before:]
    assert sorted((row.recipient_id, row.mandatory) for row in new) == [
        (HANDLER, True), ("science", False), ("treasury", False),
    ]  # fmt: skip
    assert all("拨付没有成功" in row.title for row in new)


def test_a_case_of_which_the_firm_never_heard_ends_without_a_word(firm: Archive) -> None:
    number = found(firm).opened[0]
    verified(firm, number)
    cancel_case(firm, number, "重复办件", by(FIRST, "2025-06-04"))

    with firm.database.reading() as session:
        assert cases.by_number(session, LIBRARY, number).state == "X9"
    assert told(firm, None) == []


def test_without_anybody_who_speaks_for_the_firm_somebody_is_asked_for_a_contact(paying: Archive) -> None:
    with_firm(paying)
    asked_on(paying)

    assert asked(paying).count(Asked.CONTACT_MISSING) == 1
    assert told(paying) == []


def test_the_question_for_a_contact_is_settled_by_the_contact(paying: Archive) -> None:
    with_firm(paying)
    asked_on(paying)
    person(paying, HANDLER, E2)
    contact(paying, HANDLER, uscc=E2)

    assert Asked.CONTACT_MISSING not in asked(paying)
    assert [line.result for line in audited(paying, "doubt.settle")] == ["accepted"]


def test_the_step_and_its_message_are_in_the_audit_chain_together(firm: Archive) -> None:
    asked_on(firm)

    assert len(audited(firm, "message.make")) == 2
    assert len(audited(firm, "msjx.end_notice")) == 1


def _with_people(archive: Archive) -> None:
    """The same people, for a case whose firm comes with it."""
    with_firm(archive)
    person(archive, HANDLER, E2)
    contact(archive, HANDLER, uscc=E2, since=date(2025, 1, 1))
    for office in ("science", "industry", "treasury"):
        person(archive, office, None)
