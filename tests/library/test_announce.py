"""What is told to whom: matches that go out by themselves, updates, corrections, and what is held or was said before."""

from __future__ import annotations

from datetime import datetime

import pytest
from announcing import SMALL, Telling, begun, sure_project, tell
from msjx import with_firm
from pushing import HANDLER, LEGAL, contact, message, person
from reviewing import EQ, by
from rows import CODE, E2, LIBRARY, advance, point
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from policy_match.lifecycle.words import Side
from policy_match.push.words import Asked, MessageState
from policy_match.store import doubts
from policy_match.store.push_tables import ChannelSwitch, Message, PairChange
from policy_match.store.subjects import by_code
from policy_match.store.tables import Audit
from policy_match.workflows.add_contact import NewContact, add_contact
from policy_match.workflows.end_contact import end_contact
from policy_match.workflows.give_consent import Choice, give_consent
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.send_waiting import Sending

OUT, HELD, WAITING = MessageState.OUT, MessageState.HELD, MessageState.WAITING
BIG = {"total_investment": "12亿元"}


def at(hour: str = "11:00", on: str = "2025-03-31") -> datetime:
    return by("importer", hour, on).now


@pytest.fixture
def archive(reviewing: Archive) -> Archive:
    """An archive with the invented measures."""
    return reviewing


def started(archive: Archive) -> tuple[str, Telling]:
    """A firm was told that its project may have the award, which is past its sample; nothing else."""
    code, telling = begun(archive)
    telling.sampled()
    tell(archive, code, at(), **BIG)
    telling.match(at())
    assert telling.send(at()).messages == 1
    return code, telling


def said(telling: Telling, recipient: str = HANDLER) -> list[tuple[str, str, str]]:
    """State, content and trigger of what somebody was told."""
    return [(row.state, row.content, row.trigger) for row in telling.told(recipient=recipient)]


def test_a_match_that_goes_out_by_itself_is_told_once_in_the_words_of_the_specification(archive: Archive) -> None:
    _, telling = started(archive)
    (row,) = telling.told()
    assert (row.state, row.content, row.trigger, row.measure, row.version) == ("out", "match", "TR4", EQ, 1)
    assert row.body.startswith(
        "您的“示范设备项目”预计可享受“示范设备补助”，预计20万元。依据：总投资：12亿元（要求不少于1亿元）"
    )
    assert "请点“数据更正”" in row.body
    assert "请点“退订”" in row.body
    assert "市工信局" in row.body
    assert row.short == "【常享优服】您有一项政策待确认，请登录查看。"
    assert row.why == "您是“示范设备有限公司”的经办人；数据有变化（2025-03-31）"
    assert row.value_fen == 20_000_000
    assert [(one.channel, one.state) for one in telling.deliveries()] == [("inbox", "sent")]


def test_s15_on_the_day_on_which_building_starts_one_message_is_in_the_inbox(archive: Archive) -> None:
    """S-15: STARTED is recorded on a Monday at 10:00 and a round follows."""
    code = sure_project(
        archive, stage="", code=CODE, points=[point("SIGNED", "2024-09-20"), point("APPROVED", "2024-12-20")]
    )
    person(archive)
    contact(archive)
    telling = Telling(archive)
    telling.sampled()
    telling.match(at("09:00"))
    assert said(telling) == []
    advance(archive, code, "STARTED", "2025-03-31", "development", now=at("10:00"))
    telling.match(at("10:00"))
    telling.send(at("10:00"))
    assert said(telling) == [("out", "match", "TR3")]
    (row,) = telling.told()
    assert "项目阶段：开工" in row.body
    assert row.why == "您是“示范设备有限公司”的经办人；项目到了新的阶段（2025-03-31）"
    assert [(one.channel, one.state) for one in telling.deliveries()] == [("inbox", "sent")]


def test_message_and_change_are_of_one_transaction(archive: Archive) -> None:
    _, telling = started(archive)
    (row,) = telling.told()
    with archive.database.reading() as session:
        change = session.get_one(PairChange, row.change_id)
        actions = list(session.scalars(select(Audit.action).where(Audit.object_id == str(row.id))))
    assert (change.measure, change.now, change.at) == (EQ, "eligible", row.made_at)
    assert actions == ["message.make", "message.send"]


def test_the_same_again_is_told_to_nobody(archive: Archive) -> None:
    code, telling = started(archive)
    tell(archive, code, at("12:00"), **BIG)
    assert telling.match(at("12:00")) == 0
    assert telling.send(at("12:00")).messages == 0
    assert said(telling) == [("out", "match", "TR4")]


def test_a_pair_that_comes_back_within_90_days_is_written_down_and_not_sent(archive: Archive) -> None:
    """What was told holds again: the correction in between is updated, the first words are not repeated."""
    code, telling = started(archive)
    tell(archive, code, at("12:00"), **SMALL)
    telling.match(at("12:00"))
    tell(archive, code, at("13:00"), **BIG)
    telling.match(at("13:00"))
    # Nothing went out between: the correction is taken back, and what the firm heard is true again.
    assert said(telling) == [
        ("out", "match", "TR4"), ("cancelled", "recall", "TR4"), ("suppressed", "match", "TR4"),
    ]  # fmt: skip
    assert [row.withheld for row in telling.told()] == [None, "withdrawn", "duplicate"]


def test_what_is_not_so_any_more_is_corrected_in_its_thread(archive: Archive) -> None:
    code, telling = started(archive)
    tell(archive, code, at("12:00"), **SMALL)
    telling.match(at("12:00"))
    telling.send(at("12:00"))
    first, correction = telling.told()
    assert (first.state, correction.state, correction.content, correction.thread_id) == (
        "recalled",
        "out",
        "recall",
        first.id,
    )
    assert "不再符合条件" in correction.body


def test_after_a_correction_the_match_comes_back_as_an_update(archive: Archive) -> None:
    code, telling = started(archive)
    for hour, facts in (("12:00", SMALL), ("13:00", BIG)):
        tell(archive, code, at(hour), **facts)
        telling.match(at(hour))
        telling.send(at(hour))
    first, _, back = telling.told()
    assert (back.state, back.content, back.thread_id) == ("out", "update", first.id)
    assert "现在又可以办理" in back.body


def test_who_acted_is_not_corrected_by_a_message(archive: Archive) -> None:
    code, telling = started(archive)
    with archive.database.writing() as session:
        session.get_one(Message, telling.told()[0].id).reply = "interested"
    tell(archive, code, at("12:00"), **SMALL)
    telling.match(at("12:00"))
    assert said(telling) == [("out", "match", "TR4")]


def test_a_message_that_still_waits_is_taken_back_when_its_basis_goes(archive: Archive) -> None:
    code, telling = begun(archive)
    telling.sampled()
    tell(archive, code, at(), **BIG)
    telling.match(at())
    tell(archive, code, at("12:00"), **SMALL)
    telling.match(at("12:00"))
    assert said(telling) == [("cancelled", "match", "TR4")]
    assert telling.send(at("12:00")).messages == 0


def test_the_first_matches_of_a_version_are_held_until_somebody_looked(archive: Archive) -> None:
    code, telling = begun(archive)
    tell(archive, code, at(), **BIG)
    telling.match(at())
    assert said(telling) == [("held", "match", "TR4")]
    assert telling.send(at()).messages == 0
    assert telling.deliveries() == []


def test_s17_unknown_tells_nobody_and_once_decided_one_message_goes(archive: Archive) -> None:
    """S-17: without the fact, or with it in conflict, nothing is pushed; once it is settled there is one TR6 push."""
    code, telling = begun(archive, total_investment="", track="低空经济")
    telling.sampled()
    assert said(telling) == []
    tell(archive, code, at(), **BIG)
    telling.match(at())
    telling.send(at())
    assert said(telling) == [("out", "match", "TR6")]


def test_a_match_that_people_look_at_is_not_told(archive: Archive) -> None:
    code, telling = begun(archive)
    telling.sampled()
    far = Telling(archive, like=0.017)
    tell(archive, code, at(), **BIG)
    assert far.match(at()) == 1
    assert said(far) == []


def test_a_firm_without_contact_is_told_nothing_and_somebody_is_asked_for_one(archive: Archive) -> None:
    code, telling = begun(archive, with_contact=False)
    telling.sampled()
    tell(archive, code, at(), **BIG)
    telling.match(at())
    with archive.database.reading() as session:
        asked = doubts.unanswered(session, LIBRARY, Asked.CONTACT_MISSING)
        told = list(session.scalars(select(Message).where(Message.measure == EQ, Message.state == "waiting")))
    assert ["请补充联系人" in one.what for one in asked.values()] == [True]
    assert told == []


def test_a_contact_is_asked_for_once_however_many_matches_there_are(archive: Archive) -> None:
    code, telling = begun(archive, with_contact=False)
    telling.sampled()
    other = sure_project(archive, "示范第二项目", **SMALL)
    telling.match(at())
    for one in (code, other):
        tell(archive, one, at(), **BIG)
    telling.match(at())
    with archive.database.reading() as session:
        assert len(doubts.unanswered(session, LIBRARY, Asked.CONTACT_MISSING)) == 1


def test_handlers_of_another_topic_leave_it_to_the_representative(archive: Archive) -> None:
    code, telling = begun(archive, with_contact=False)
    telling.sampled()
    person(archive)
    person(archive, LEGAL)
    contact(archive, topics=("税收",))
    contact(archive, LEGAL, "legal")
    tell(archive, code, at(), **BIG)
    telling.match(at())
    assert said(telling) == []
    assert said(telling, LEGAL) == [("waiting", "match", "TR4")]


def test_nobody_of_another_firm_hears_of_it(archive: Archive) -> None:
    code, telling = begun(archive)
    telling.sampled()
    sure_project(archive, "示范别家项目", uscc=E2, firm="示范别家有限公司", **SMALL)
    person(archive, "handler-e2", E2)
    telling.match(at())
    tell(archive, code, at(), **BIG)
    telling.match(at())
    telling.send(at())
    assert said(telling, "handler-e2") == []
    assert len(said(telling)) == 1


def test_who_left_between_is_not_told(archive: Archive) -> None:
    code, telling = begun(archive, with_contact=False)
    telling.sampled()
    person(archive)
    number = contact(archive)
    tell(archive, code, at(), **BIG)
    telling.match(at())
    end_contact(archive, number, "调离", by("data", hour="11:30"), on=by("data").today)
    telling.send(at("12:00"))
    assert [(row.state, row.withheld) for row in telling.told()] == [("suppressed", "contact_left")]
    with archive.database.reading() as session:
        assert len(doubts.unanswered(session, LIBRARY, Asked.CONTACT_MISSING)) == 1


def test_who_speaks_for_the_firm_now_is_told_instead_of_who_left(archive: Archive) -> None:
    code, telling = begun(archive, with_contact=False)
    telling.sampled()
    person(archive)
    person(archive, LEGAL)
    number = contact(archive)
    contact(archive, LEGAL, "legal")
    tell(archive, code, at(), **BIG)
    telling.match(at())
    end_contact(archive, number, "调离", by("data", hour="11:30"), on=by("data").today)
    telling.send(at("12:00"))
    assert said(telling) == []
    assert said(telling, LEGAL) == [("out", "match", "TR4")]
    assert telling.told(recipient=LEGAL)[0].why.startswith("您是“示范设备有限公司”的法定代表人；接替原来的联系人")


def test_who_left_has_no_stand_in_where_the_other_one_hears_of_it_anyway(archive: Archive) -> None:
    code, telling = begun(archive, with_contact=False)
    telling.sampled()
    for who in (HANDLER, LEGAL):
        person(archive, who)
    number = contact(archive)
    contact(archive, LEGAL)
    tell(archive, code, at(), **BIG)
    telling.match(at())
    end_contact(archive, number, "调离", by("data", hour="11:30"), on=by("data").today)
    telling.send(at("12:00"))
    assert [row.withheld for row in telling.told()] == ["contact_left"]
    assert said(telling, LEGAL) == [("out", "match", "TR4")]


def test_two_projects_of_a_firm_under_one_measure_are_one_message_that_lists_them(archive: Archive) -> None:
    code, telling = begun(archive)
    telling.sampled()
    other = sure_project(archive, "示范第二项目", **SMALL)
    telling.match(at())
    for one in (code, other):
        tell(archive, one, at(), **BIG)
    telling.match(at())
    assert telling.send(at()).messages == 1
    rows = telling.told()
    letter = rows[-1]
    assert [row.content for row in rows] == ["match", "match", "digest"]
    assert letter.title == "“示范设备补助”：2个项目"
    assert "（示范设备项目）" in letter.body
    assert "（示范第二项目）" in letter.body
    assert {row.digest_id for row in rows[:2]} == {letter.id}
    assert letter.value_fen == 40_000_000
    assert [one.message_id for one in telling.deliveries()] == [letter.id]


def test_a_second_match_of_the_day_waits_for_the_digest(archive: Archive) -> None:
    _, telling = started(archive)
    other = sure_project(archive, "示范第二项目", **SMALL)
    telling.match(at("12:00"))
    tell(archive, other, at("13:00"), **BIG)
    telling.match(at("13:00"))
    sent = telling.send(at("13:00"))
    assert (sent.messages, sent.later) == (0, 1)
    assert [(row.state, row.withheld) for row in telling.told()] == [("out", None), ("waiting", "cap")]


def test_a_firm_that_unsubscribed_from_the_topic_is_not_told_and_its_match_stands(archive: Archive) -> None:

    code, telling = begun(archive)
    telling.sampled()
    give_consent(archive, [Choice("inbox", "奖补", "withdrawn", "测试")], by(HANDLER))
    tell(archive, code, at(), **BIG)
    assert telling.match(at()) == 1
    telling.send(at())
    assert [(row.state, row.withheld) for row in telling.told()] == [("suppressed", "consent")]
    with archive.database.reading() as session:
        assert by_code(session, LIBRARY, code) is not None


def test_s23_an_sms_waits_for_the_sender_while_the_inbox_is_reached_at_once(archive: Archive) -> None:
    """S-23: granted, the text for an SMS lies ready beside the message in the inbox; without consent there is none."""

    code, telling = begun(archive, with_contact=False)
    telling.sampled()
    for who in (HANDLER, LEGAL):
        person(archive, who)
        contact(archive, who, phone="13900000000")
    give_consent(archive, [Choice("sms", "奖补", "granted", "测试")], by(HANDLER))
    with archive.database.writing() as session:
        session.add(ChannelSwitch(channel="sms", is_on=True, actor_id="importer", at=at("10:00")))
    tell(archive, code, at("22:10"), **BIG)
    telling.match(at("22:11"))
    telling.send(at("22:11"))
    rows = {row.id: row.recipient_id for row in (*telling.told(), *telling.told(recipient=LEGAL))}
    found = sorted((rows[one.message_id], one.channel, one.state) for one in telling.deliveries())
    assert found == [(HANDLER, "inbox", "sent"), (HANDLER, "sms", "pending"), (LEGAL, "inbox", "sent")]


def with_excluded(archive: Archive, on: str, listed: str) -> None:
    """The firm of the other measure, as the credit lists have it on a day."""
    with_firm(archive, on=on, blacklisted=f"CREDIT:{listed}")


def test_an_exclusion_is_told_in_one_message_that_names_the_unit_and_nothing_of_the_list(archive: Archive) -> None:
    """TR10, added and lifted: each once, whatever the number of measures."""
    with_excluded(archive, "2025-03-31", "否")
    person(archive, "handler-e2", E2)
    add_contact(archive, NewContact(E2, "handler-e2", "handler"), by("data"))
    telling = Telling(archive)
    telling.match(at(on="2025-04-01"))
    for on, listed in (("2025-04-02", "是"), ("2025-04-03", "否"), ("2025-04-07", "是")):
        with_excluded(archive, on, listed)
        telling.match(at(on=on))
        telling.send(at(on=on))
    added, lifted, again = telling.told(recipient="handler-e2")
    assert [row.state for row in (added, lifted, again)] == ["out", "out", "suppressed"]
    assert {row.trigger for row in (added, lifted, again)} == {"TR10"}
    assert added.body == lifted.body == "“示范氢能有限公司”享受惠企政策的资格状态有变化，请联系市科技局。"
    assert not any(word in added.title + added.body + added.short for word in ("失信", "名单", "黑"))


def test_the_database_keeps_one_message_for_a_key_and_forgets_what_was_never_told(archive: Archive) -> None:
    person(archive)
    for state in ("cancelled", "expired", "suppressed", "out"):
        message(archive, dedup_key="k" * 64, state=state)
    with pytest.raises(IntegrityError):
        message(archive, dedup_key="k" * 64, state="waiting")


def test_a_paused_project_waits_and_an_ended_one_is_not_told(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:

    code, telling = begun(archive)
    telling.sampled()
    tell(archive, code, at(), **BIG)
    telling.match(at())
    number = telling.told()[0].subject_id
    with monkeypatch.context() as paused:
        paused.setattr(Sending, "sides", {number: Side.PAUSED})
        assert telling.send(at()).messages == 0
    assert said(telling) == [("waiting", "match", "TR4")]
    with monkeypatch.context() as ended:
        ended.setattr(Sending, "sides", {number: Side.TERMINATED})
        telling.send(at())
    assert [(row.state, row.withheld) for row in telling.told()] == [("suppressed", "side_state")]
