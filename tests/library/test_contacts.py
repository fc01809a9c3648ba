"""Who speaks for a firm and what they agree to: registered by whoever keeps it, sealed, ended, and said for oneself."""

from __future__ import annotations

from datetime import date

import pytest
from pushing import HANDLER, LEGAL, PHONE, by, contact, message, person
from reviewing import with_project
from rows import E1, E2, LIBRARY, audited, firm_row, taken, told
from sqlalchemy import text

from policy_match.errors import Conflict, Forbidden, NotFound, UsageError
from policy_match.push.consent import is_allowed
from policy_match.push.words import Channel
from policy_match.store import consents, contacts
from policy_match.store.account_tables import Account
from policy_match.store.push_tables import Contact, Message
from policy_match.store.tables import Actor
from policy_match.workflows.add_contact import NewContact, add_contact
from policy_match.workflows.end_contact import end_contact
from policy_match.workflows.give_consent import Choice, frequencies, give_consent, standings
from policy_match.workflows.open_archive import FIRST_DAY, Archive
from policy_match.workflows.push_rights import find_firm
from policy_match.workflows.reach_contact import address_of
from policy_match.workflows.unsubscribe import message_of_link, read_offer, read_path, unsubscribe, unsubscribe_path


@pytest.fixture
def firm(archive: Archive) -> Archive:
    """An archive with a firm in 武进 and its project, and two people of it with accounts."""
    with_project(archive)
    person(archive)
    person(archive, LEGAL)
    return archive


def holding(archive: Archive, on: date) -> list[str]:
    with archive.database.reading() as session:
        row = find_firm(session, LIBRARY, E1)
        return [one.actor_id for one in contacts.holding(session, LIBRARY, [row.id], on)[row.id]]


def test_what_a_contact_is_reached_by_lies_sealed_and_opens_for_the_sender(firm: Archive) -> None:
    number = contact(firm, phone="139 0000 0000", email="demo@example.gov.cn", gateway_account="demo-1")

    with firm.database.reading() as session:
        row = session.get_one(Contact, number)
        raw = " ".join(str(cell) for cell in session.execute(text("SELECT * FROM contacts")).one())
        assert PHONE not in raw
        assert "demo@example.gov.cn" not in raw
        assert address_of(firm, row, Channel.SMS) == PHONE
        assert address_of(firm, row, Channel.EMAIL) == "demo@example.gov.cn"
        assert address_of(firm, row, Channel.GATEWAY) == "demo-1"
        assert address_of(firm, row, Channel.INBOX) is None
    (line,) = audited(firm, "contact.add")
    assert PHONE not in line.detail


def test_a_sealed_phone_moved_to_another_contact_opens_no_more(firm: Archive) -> None:
    one, other = contact(firm, phone=PHONE), contact(firm, LEGAL, "legal")

    with firm.database.writing() as session:
        session.get_one(Contact, other).phone = session.get_one(Contact, one).phone
    with firm.database.reading() as session:
        assert address_of(firm, session.get_one(Contact, other), Channel.SMS) is None


@pytest.mark.parametrize("who", ["data", "district-320412", HANDLER])
def test_the_data_office_the_firms_own_area_and_the_firm_itself_keep_its_contacts(firm: Archive, who: str) -> None:
    add_contact(firm, NewContact(E1, LEGAL, "法定代表人"), by(who))

    assert holding(firm, date(2025, 3, 31)) == [LEGAL]


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("district-320411", "CONTACT_KEEPER"),
        ("industry", "CONTACT_KEEPER"),
        ("development", "PUSH_ROLE"),
        ("agent-320412", "PUSH_ROLE"),
        ("auditor", "PUSH_ROLE"),
    ],
)
def test_others_are_refused_and_the_refusal_is_noted(firm: Archive, who: str, code: str) -> None:
    with pytest.raises(Forbidden) as refused:
        add_contact(firm, NewContact(E1, LEGAL, "legal"), by(who))

    assert told(refused.value) == {code}
    assert [line.actor for line in audited(firm, "push.refused")] == [who]
    assert holding(firm, date(2025, 3, 31)) == []


def test_another_firms_people_neither_keep_nor_become_contacts(firm: Archive) -> None:
    taken(firm, firm_row(firm, E2, "示范氢能有限公司"), source="ENT")
    stranger = person(firm, "handler-e2", E2)

    with pytest.raises(Forbidden) as refused:
        add_contact(firm, NewContact(E1, LEGAL, "legal"), by(stranger))
    assert told(refused.value) == {"CONTACT_KEEPER"}
    with pytest.raises(Conflict) as other:
        add_contact(firm, NewContact(E1, stranger, "handler"), by("data"))
    assert told(other.value) == {"CONTACT_OTHER_FIRM"}


def test_who_has_no_account_cannot_be_a_contact(firm: Archive) -> None:
    with firm.database.writing() as session:
        if session.get(Actor, "nobody-e1") is None:
            session.add(Actor(id="nobody-e1", name="示范", role="enterprise", firm=E1, valid_from=FIRST_DAY))

    with pytest.raises(Conflict) as refused:
        contact(firm, "nobody-e1")
    assert told(refused.value) == {"CONTACT_NO_ACCOUNT"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"phone": "12345"}, "PHONE"),
        ({"email": "没有域名"}, "EMAIL"),
        ({"topics": ("烟草",)}, "TOPIC"),
        ({"topics": ()}, "TOPIC"),
        ({"until": date(2025, 3, 31)}, "CONTACT_DAYS"),
    ],
)
def test_what_is_written_wrong_is_refused_and_nothing_is_kept(
    firm: Archive, more: dict[str, object], code: str
) -> None:
    with pytest.raises(UsageError) as refused:
        contact(firm, **more)  # type: ignore[arg-type]

    assert told(refused.value) == {code}
    with firm.database.reading() as session:
        assert contacts.every(session, LIBRARY) == []


def test_an_unknown_role_firm_or_person_is_refused_with_what_is_allowed(firm: Archive) -> None:
    with pytest.raises(UsageError) as role:
        contact(firm, role="老板")
    with pytest.raises(NotFound) as unknown:
        add_contact(firm, NewContact("91320412MAYYYY999X", HANDLER, "handler"), by("data"))

    assert "handler 经办人、legal 法定代表人" in str(role.value)
    assert told(unknown.value) == {"FIRM_UNKNOWN"}


def test_a_person_is_a_contact_once_at_a_time(firm: Archive) -> None:
    contact(firm, until=date(2025, 6, 1))

    with pytest.raises(Conflict) as twice:
        contact(firm, role="legal", since=date(2025, 5, 31))
    contact(firm, role="legal", since=date(2025, 6, 1))

    assert told(twice.value) == {"CONTACT_THERE"}


def test_an_ended_contact_holds_no_more_and_its_phone_is_erased_that_day(firm: Archive) -> None:
    number = contact(firm, phone=PHONE)

    end_contact(firm, number, "离职", by(HANDLER))

    assert holding(firm, date(2025, 3, 30)) == []
    assert holding(firm, date(2025, 3, 31)) == []
    with firm.database.reading() as session:
        assert session.get_one(Contact, number).phone is None
    assert [line.reason for line in audited(firm, "contact.end")] == ["离职"]


def test_an_end_to_come_keeps_the_phone_until_then_and_may_be_brought_forward_but_not_put_off(firm: Archive) -> None:
    number = contact(firm, phone=PHONE)
    end_contact(firm, number, "调岗", by("data"), on=date(2025, 5, 1))

    assert holding(firm, date(2025, 4, 30)) == [HANDLER]
    assert holding(firm, date(2025, 5, 1)) == []
    with firm.database.reading() as session:
        assert session.get_one(Contact, number).phone is not None
    with pytest.raises(UsageError) as later:
        end_contact(firm, number, "调岗", by("data"), on=date(2025, 6, 1))
    assert told(later.value) == {"CONTACT_DAYS"}
    end_contact(firm, number, "调岗", by("data", "2025-04-10"))
    with pytest.raises(Conflict) as twice:
        end_contact(firm, number, "调岗", by("data", "2025-04-11"))
    assert told(twice.value) == {"CONTACT_ENDED"}


def test_who_left_office_or_lost_the_account_holds_no_contact(firm: Archive) -> None:
    contact(firm)
    contact(firm, LEGAL, "legal")

    with firm.database.writing() as session:
        session.get_one(Account, LEGAL).closed_at = by(LEGAL).now

    assert holding(firm, date(2025, 4, 1)) == [HANDLER]
    with firm.database.reading() as session:
        row = find_firm(session, LIBRARY, E1)
        assert contacts.holder(session, LIBRARY, HANDLER, row.id, date(2025, 4, 1)) is not None
        assert contacts.holder(session, LIBRARY, LEGAL, row.id, date(2025, 4, 1)) is None


def test_a_consent_is_kept_with_its_text_and_the_last_word_counts(firm: Archive) -> None:
    give_consent(firm, [Choice("sms", "*", "granted", "网页")], by(HANDLER))
    found = give_consent(firm, [Choice("短信", "税收", "withdrawn", "网页")], by(HANDLER))

    stands = {one.topic: one.allowed for one in found if one.channel is Channel.SMS}
    assert stands["奖补"]
    assert not stands["税收"]
    with firm.database.reading() as session:
        rows = consents.of_actor(session, LIBRARY, HANDLER)
        assert [(row.state, row.text_version, row.how) for row in rows] == [
            ("granted", 1, "网页"),
            ("withdrawn", 1, "网页"),
        ]
    assert all(not one.allowed for one in standings(firm, by(LEGAL)) if one.channel is Channel.SMS)


def test_the_same_word_again_adds_no_row(firm: Archive) -> None:
    for _ in range(2):
        give_consent(firm, [Choice("sms", "*", "granted", "网页")], by(HANDLER))
        give_consent(firm, [Choice("sms", "税收", "granted", "网页")], by(HANDLER))

    with firm.database.reading() as session:
        assert len(consents.of_actor(session, LIBRARY, HANDLER)) == 1


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        (("飞鸽", "*", "granted"), "CHANNEL"),
        (("sms", "烟草", "granted"), "TOPIC"),
        (("sms", "*", "也许"), "CONSENT_STATE"),
        (("*", "*", "granted"), "FREQUENCY"),
        (("sms", "*", "weekly"), "CONSENT_STATE"),
    ],
)
def test_an_unknown_word_refuses_all_choices(firm: Archive, choice: tuple[str, str, str], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        give_consent(firm, [Choice("sms", "*", "granted", "网页"), Choice(*choice, "网页")], by(HANDLER))

    assert told(refused.value) == {code}
    with firm.database.reading() as session:
        assert consents.of_actor(session, LIBRARY, HANDLER) == []


def test_how_often_is_noted_once_with_its_words_and_says_nothing_of_a_channel(firm: Archive) -> None:
    for _ in range(2):
        give_consent(firm, [Choice("全部", "税收", "每周汇总", "网页")], by(HANDLER))

    with firm.database.reading() as session:
        assert [(row.channel, row.topic, row.state) for row in consents.of_actor(session, LIBRARY, HANDLER)] == [
            ("*", "税收", "weekly")
        ]
    assert [line.actor for line in audited(firm, "consent.weekly")] == [HANDLER]
    assert all(one.said is None for one in standings(firm, by(HANDLER)))
    assert {topic for topic, often in frequencies(firm, by(HANDLER)).items() if often == "weekly"} == {"税收"}


def link(archive: Archive, number: int, channel: Channel = Channel.SMS) -> str:

    with archive.database.reading() as session:
        return unsubscribe_path(archive, session.get_one(Message, number), channel).rsplit("/", 1)[1]


def may_send(archive: Archive, channel: str, topic: str = "奖补") -> bool:
    with archive.database.reading() as session:
        return is_allowed(consents.of_actor(session, LIBRARY, HANDLER), channel, topic, False)


def test_looking_at_the_link_changes_nothing_and_one_tap_ends_it_at_once(firm: Archive) -> None:
    give_consent(firm, [Choice("sms", "*", "granted", "网页")], by(HANDLER))
    token = link(firm, message(firm))
    now = by(HANDLER, "2025-04-01", "07:00").now

    assert not read_offer(firm, token, now).is_done
    assert may_send(firm, "sms")
    done = unsubscribe(firm, token, now)

    assert (done.channel, done.topic, done.is_done) == ("短信", "奖补", True)
    assert not may_send(firm, "sms")
    assert may_send(firm, "sms", "税收")
    assert may_send(firm, "inbox")
    unsubscribe(firm, token, now)
    assert len(audited(firm, "consent.withdrawn")) == 1


def test_the_link_of_a_digest_ends_every_topic_and_says_what_still_comes(firm: Archive) -> None:
    token = link(firm, message(firm, content="digest", topic="汇总"), Channel.INBOX)

    done = unsubscribe(firm, token, by(HANDLER).now)

    assert done.topic is None
    assert done.keeps_mandatory
    assert not may_send(firm, "inbox", "税收")


def test_the_unsubscribe_link_lives_as_long_as_the_message_and_an_invented_one_never_did(firm: Archive) -> None:
    token = link(firm, message(firm))

    read_offer(firm, token, by(HANDLER, "2026-03-31").now)
    with pytest.raises(NotFound) as refused:
        unsubscribe(firm, token[:-1] + ("a" if token[-1] != "a" else "b"), by(HANDLER).now)
    assert told(refused.value) == {"LINK_OVER"}


def test_the_link_that_opens_a_message_ends_after_seven_days(firm: Archive) -> None:

    number = message(firm)
    with firm.database.reading() as session:
        token = read_path(firm, session.get_one(Message, number), Channel.SMS, by(HANDLER).now).rsplit("/", 1)[1]

    assert message_of_link(firm, token, by(HANDLER, "2025-04-07").now) == number
    with pytest.raises(NotFound):
        message_of_link(firm, token, by(HANDLER, "2025-04-08").now)
