"""What was told and not answered: another channel after five working days, a call after ten where it is worth much (§6.7)."""

from __future__ import annotations

from datetime import date

import pytest
from pushing import HANDLER, LEGAL, PHONE, by, contact, delivery, message, person
from reviewing import EQ, with_project
from rows import LIBRARY, asked, audited
from sqlalchemy import select

from policy_match.push.words import Asked, Channel, DeliveryState
from policy_match.store import inbox
from policy_match.store.push_tables import ChannelSwitch, Contact, Message
from policy_match.workflows.follow_up import MUCH_FEN, Followed, follow_up
from policy_match.workflows.give_consent import Choice, give_consent
from policy_match.workflows.open_archive import Archive

# 2025-03-31 is a Monday, 04-04 a holiday: five working days after it are over on the 9th, ten on the 16th.
FIFTH, SIXTH, TENTH, ELEVENTH = "2025-04-08", "2025-04-09", "2025-04-15", "2025-04-16"


@pytest.fixture
def firm(reviewing: Archive) -> tuple[Archive, str]:
    """A firm whose handler has a phone and agreed to SMS, which is on; the code of its project."""
    code = with_project(reviewing)
    person(reviewing)
    person(reviewing, LEGAL)
    contact(reviewing, phone=PHONE, email="demo@example.gov.cn")
    give_consent(reviewing, [Choice("sms", "*", "granted", "网页")], by(HANDLER))
    switch(reviewing, Channel.SMS)
    return reviewing, code


def switch(archive: Archive, *channels: Channel) -> None:
    with archive.database.writing() as session:
        for channel in channels:
            session.add(ChannelSwitch(channel=channel.value, is_on=True, actor_id="admin", at=by("admin").now))


def follow(archive: Archive, on: str, hour: str = "09:00") -> Followed:
    return follow_up(archive, LIBRARY, by("importer", on, hour).now)


def channels_of(archive: Archive, number: int) -> dict[str, str]:
    with archive.database.reading() as session:
        return {one.channel: one.state for one in inbox.deliveries(session, [number])[number]}


def test_what_nobody_read_within_five_working_days_goes_out_on_a_second_channel_once(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    number = message(archive, subject=code, measure=EQ, version=1)

    assert follow(archive, FIFTH).second == 0
    assert follow(archive, SIXTH).second == 1
    assert channels_of(archive, number) == {"inbox": "sent", "sms": "pending"}
    assert follow(archive, "2025-04-10").second == 0
    assert len(audited(archive, "message.again")) == 1


def test_it_is_looked_at_once_a_day_and_not_before_nine(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    message(archive, subject=code, measure=EQ, version=1)

    assert follow(archive, SIXTH, "08:59") == Followed()
    assert follow(archive, SIXTH).second == 1
    message(archive, subject=code, measure=EQ, version=1)
    assert follow(archive, SIXTH, "15:00") == Followed()


@pytest.mark.parametrize(
    "more",
    [
        {"read_at": by(HANDLER).now},
        {"state": "recalled"},
        {"withheld": "dismissed"},
        {"last_day": date(2025, 4, 8)},
        {"inbox": None},
        {"topic": "税收", "subject": None},
    ],
)
def test_what_was_read_recalled_dismissed_or_is_over_goes_no_second_time(
    firm: tuple[Archive, str], more: dict[str, object]
) -> None:
    archive, code = firm
    message(archive, **({"subject": code, "measure": EQ, "version": 1} | more))  # type: ignore[arg-type]

    assert follow(archive, SIXTH).second == 0


def test_a_channel_needs_consent_an_address_and_to_be_on(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    give_consent(archive, [Choice("sms", "奖补", "withdrawn", "网页")], by(HANDLER))
    number = message(archive, subject=code, measure=EQ, version=1)

    assert follow(archive, SIXTH).second == 0
    give_consent(archive, [Choice("email", "*", "granted", "网页")], by(HANDLER))
    assert follow(archive, "2025-04-10").second == 0
    switch(archive, Channel.EMAIL, Channel.GATEWAY)
    assert follow(archive, "2025-04-11").second == 1
    assert channels_of(archive, number)["email"] == "pending"


def test_the_platform_comes_before_sms_and_a_channel_that_was_used_is_left_out(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    switch(archive, Channel.GATEWAY)
    with archive.database.writing() as session:
        session.scalars(select(Contact)).one().gateway_account = "sealed elsewhere"
    number = message(archive, subject=code, measure=EQ, version=1)

    follow(archive, SIXTH)
    assert channels_of(archive, number) == {"inbox": "sent", "gateway": "pending"}
    follow(archive, "2025-04-10")
    assert channels_of(archive, number) == {"inbox": "sent", "gateway": "pending", "sms": "pending"}


def test_who_is_no_contact_any_more_gets_none(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    message(archive, LEGAL, subject=code, measure=EQ, version=1)

    assert follow(archive, SIXTH).second == 0


def test_what_is_worth_much_and_was_not_answered_within_ten_working_days_becomes_a_call_once(
    firm: tuple[Archive, str],
) -> None:
    archive, code = firm
    for who in (HANDLER, LEGAL):
        message(archive, who, subject=code, measure=EQ, version=1, value_fen=MUCH_FEN)

    assert follow(archive, TENTH).calls == 0
    assert follow(archive, ELEVENTH).calls == 1
    assert asked(archive).count(Asked.CALL_FIRM) == 1
    assert follow(archive, "2025-04-17").calls == 0


@pytest.mark.parametrize("more", [{"value_fen": MUCH_FEN - 1}, {"value_fen": None}, {"last_day": date(2025, 4, 15)}])
def test_what_is_worth_less_or_not_known_or_over_needs_no_call(
    firm: tuple[Archive, str], more: dict[str, object]
) -> None:
    archive, code = firm
    message(archive, **({"subject": code, "measure": EQ, "version": 1, "value_fen": MUCH_FEN} | more))  # type: ignore[arg-type]

    assert follow(archive, ELEVENTH).calls == 0


def test_an_answer_of_anybody_of_the_firm_makes_the_call_needless(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    message(archive, subject=code, measure=EQ, version=1, value_fen=MUCH_FEN)
    message(archive, LEGAL, subject=code, measure=EQ, version=1, value_fen=MUCH_FEN, reply="seen")

    assert follow(archive, ELEVENTH).calls == 0


def test_an_entry_of_a_digest_is_called_about_by_itself(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    digest = message(archive, content="digest", topic="汇总", read_at=by(HANDLER).now)
    message(archive, subject=code, measure=EQ, version=1, value_fen=MUCH_FEN, digest_id=digest, inbox=None)

    assert follow(archive, ELEVENTH).calls == 1


def test_the_phone_of_a_contact_whose_end_has_come_is_erased(firm: tuple[Archive, str]) -> None:
    archive, _ = firm
    with archive.database.writing() as session:
        session.scalars(select(Contact)).one().until = date(2025, 4, 9)

    follow(archive, FIFTH)
    with archive.database.reading() as session:
        assert session.scalars(select(Contact)).one().phone is not None
    follow(archive, SIXTH)
    with archive.database.reading() as session:
        assert session.scalars(select(Contact)).one().phone is None


def test_a_message_that_is_unread_beside_a_delivered_sms_counts_the_sms_as_used(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    number = message(archive, subject=code, measure=EQ, version=1)
    with archive.database.writing() as session:
        session.add(delivery(number, Channel.SMS, DeliveryState.DELIVERED, by(HANDLER).now))

    assert follow(archive, SIXTH).second == 0
    with archive.database.reading() as session:
        assert session.get_one(Message, number).read_at is None
