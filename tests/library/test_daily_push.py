"""Reminders, the digest of the week, corrections of measures and counts: what is told at its time, and only once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from announcing import SMALL, Telling, begun, sure_project, tell
from msjx import rule_folders
from pushing import HANDLER, contact, person
from reviewing import EQ, MEASURE, by
from rows import LIBRARY, emptied
from servers import emptied_database
from sqlalchemy import select

from policy_match.push.words import Asked, MessageState
from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.store import doubts
from policy_match.store.account_tables import Account
from policy_match.store.database import open_database
from policy_match.store.push_tables import ChannelSwitch, Message
from policy_match.workflows.daily_push import Pushed, daily_push
from policy_match.workflows.give_consent import Choice, give_consent
from policy_match.workflows.open_archive import Archive, open_archive
from policy_match.workflows.open_release import rulebook_in_force
from policy_match.workflows.read_records import View
from policy_match.workflows.stop_rule import NewLift, NewStop, lift_rule, stop_rule

BIG = {"total_investment": "12亿元"}
WINDOW = 'apply_window: {from: "2025-03-01", through: "2025-06-30"}\nreviewed_on: "2025-01-02"'
"""30 June is 91 days after 31 March, a Monday; reminders: 31 May, 16, 23, 27 and 29 June."""


@pytest.fixture(scope="session")
def windowed_folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Rules with a measure that is applied for until 2025-06-30."""
    text = MEASURE.replace('reviewed_on: "2025-01-02"', WINDOW)
    return rule_folders(tmp_path_factory.mktemp("windowed"), more={"eq_device.v1.yaml": text})


@pytest.fixture(scope="session")
def windowed_file(
    tmp_path_factory: pytest.TempPathFactory, windowed_folders: tuple[Path, Path]
) -> tuple[Archive, Path]:
    """An empty archive by those rules, closed again, and its file."""
    path = tmp_path_factory.mktemp("windowed_empty") / "library.db"
    made = open_archive(f"sqlite:///{path}", *windowed_folders, secret=open_secret(Settings()))
    made.database.close()
    return made, path


@pytest.fixture(scope="session")
def windowed_on_server(server: str, windowed_folders: tuple[Path, Path]) -> Iterator[Archive]:
    """One archive by those rules on PostgreSQL."""
    made = open_archive(emptied_database(server, "windowed"), *windowed_folders, secret=open_secret(Settings()))
    yield made
    made.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An archive by those rules with nothing in it but those who may act."""
    if request.param == "postgresql":
        opened: Archive = request.getfixturevalue("windowed_on_server")
        emptied(opened)
    else:
        empty, path = request.getfixturevalue("windowed_file")
        shutil.copy(path, tmp_path / "library.db")
        opened = replace(empty, database=open_database(f"sqlite:///{tmp_path / 'library.db'}"))
    yield opened
    if request.param == "sqlite":
        opened.database.close()


def at(on: str, hour: str = "09:30") -> datetime:
    return by("importer", hour, on).now


def told(archive: Archive, on: str = "2025-03-31") -> tuple[str, Telling]:
    """A firm heard on a day that its project may have the award."""
    code, telling = begun(archive)
    telling.sampled()
    tell(archive, code, at(on, "11:00"), **BIG, stage="开工", district="320412", industry_code="3670")
    telling.match(at(on, "11:00"))
    assert telling.send(at(on, "11:00")).messages == 1
    return code, telling


def pushed(archive: Archive, on: str, hour: str = "09:30") -> Pushed:
    return daily_push(archive, LIBRARY, at(on, hour))


def reminders(telling: Telling) -> list[str]:
    """The titles of the reminders of the handler."""
    return [row.title for row in telling.told() if row.content == "deadline"]


def calls(archive: Archive) -> list[str]:
    with archive.database.reading() as session:
        return [one.what for one in doubts.unanswered(session, LIBRARY, Asked.CALL_FIRM).values()]


def read(archive: Archive, number: int, on: str, reply: str | None = None) -> None:
    with archive.database.writing() as session:
        row = session.get_one(Message, number)
        row.read_at, row.reply = at(on), reply


def test_a_firm_that_has_not_acted_is_reminded_on_five_days_and_on_no_other(archive: Archive) -> None:
    _, telling = told(archive)
    read(archive, telling.told()[0].id, "2025-04-01")
    for on in (
        "05-30",
        "05-31",
        "06-01",
        "06-15",
        "06-16",
        "06-17",
        "06-23",
        "06-27",
        "06-28",
        "06-29",
        "06-30",
        "07-01",
    ):
        pushed(archive, f"2025-{on}")
    assert reminders(telling) == [f"“示范设备补助”还有{days}天截止" for days in (30, 14, 7, 3, 1)]
    assert {row.state for row in telling.told() if row.content == "deadline"} == {"out"}


def test_a_reminder_names_the_day_and_hangs_on_the_first_message(archive: Archive) -> None:
    _, telling = told(archive)
    pushed(archive, "2025-06-16")
    first, reminder = telling.told()[0], next(row for row in telling.told() if row.content == "deadline")
    assert "申报到2025年6月30日截止，还有14天" in reminder.body
    assert reminder.thread_id == first.id
    assert (reminder.trigger, reminder.topic) == ("TR5", "奖补")


def test_a_worker_that_was_away_reminds_once_and_with_the_days_that_are_left(archive: Archive) -> None:
    _, telling = told(archive)
    for on in ("2025-06-18", "2025-06-19"):
        pushed(archive, on)
    assert reminders(telling) == ["“示范设备补助”还有12天截止"]


def test_who_hears_of_it_late_is_not_reminded_of_days_before(archive: Archive) -> None:
    _, telling = told(archive, on="2025-06-20")
    pushed(archive, "2025-06-21")
    assert reminders(telling) == []
    pushed(archive, "2025-06-23")
    assert reminders(telling) == ["“示范设备补助”还有7天截止"]


@pytest.mark.parametrize("reply", ["interested", "help", "not_for_us"])
def test_who_acted_or_does_not_want_it_is_not_reminded(archive: Archive, reply: str) -> None:
    _, telling = told(archive)
    read(archive, telling.told()[0].id, "2025-04-01", reply)
    assert pushed(archive, "2025-06-16").reminders == 0
    assert reminders(telling) == []


def test_who_only_saw_it_is_reminded(archive: Archive) -> None:
    _, telling = told(archive)
    read(archive, telling.told()[0].id, "2025-04-01", "seen")
    assert pushed(archive, "2025-06-16").reminders == 1


def test_what_is_not_so_any_more_is_not_reminded_of(archive: Archive) -> None:
    code, telling = told(archive)
    tell(archive, code, at("2025-06-10"), **SMALL)
    telling.match(at("2025-06-10"))
    pushed(archive, "2025-06-16")
    assert reminders(telling) == []


def test_before_nine_nothing_of_the_day_is_told(archive: Archive) -> None:
    _, telling = told(archive)
    pushed(archive, "2025-06-16", "08:59")
    assert reminders(telling) == []
    pushed(archive, "2025-06-16", "09:00")
    assert len(reminders(telling)) == 1


def test_somebody_phones_who_has_not_read_within_seven_days_and_everybody_on_the_last(archive: Archive) -> None:
    told(archive)
    assert [pushed(archive, on).calls for on in ("2025-06-16", "2025-06-23", "2025-06-27")] == [0, 1, 0]
    assert len(calls(archive)) == 1
    assert "2025年6月30日截止" in calls(archive)[0]


def test_who_has_read_is_phoned_on_the_last_day_only(archive: Archive) -> None:
    _, telling = told(archive)
    read(archive, telling.told()[0].id, "2025-04-01")
    assert [pushed(archive, on).calls for on in ("2025-06-23", "2025-06-27", "2025-06-29")] == [0, 0, 1]


def test_the_reminder_of_the_last_day_stays_in_the_house_and_earlier_ones_may_go_by_sms(archive: Archive) -> None:
    code, telling = begun(archive, with_contact=False)
    telling.sampled()
    person(archive)
    contact(archive, phone="13900000000")
    give_consent(archive, [Choice("sms", "奖补", "granted", "测试")], by(HANDLER))
    with archive.database.writing() as session:
        session.add(ChannelSwitch(channel="sms", is_on=True, actor_id="importer", at=at("2025-03-31")))
    tell(archive, code, at("2025-03-31", "11:00"), **BIG, stage="开工", district="320412", industry_code="3670")
    telling.match(at("2025-03-31", "11:00"))
    for on in ("2025-03-31", "2025-06-27", "2025-06-29"):
        pushed(archive, on, "12:00")
    titles = {row.id: row.title for row in telling.told()}
    by_sms = [titles[one.message_id] for one in telling.deliveries() if one.channel == "sms"]
    assert by_sms == ["“示范设备补助”：预计20万元", "“示范设备补助”还有3天截止"]
    assert reminders(telling)[-1] == "“示范设备补助”还有1天截止"


def test_a_held_match_whose_window_has_ended_is_never_sent(archive: Archive) -> None:
    code, telling = begun(archive)
    tell(archive, code, at("2025-03-31", "11:00"), **BIG)
    telling.match(at("2025-03-31", "11:00"))
    assert pushed(archive, "2025-06-30").expired == 0
    assert pushed(archive, "2025-07-01").expired == 1
    assert [row.state for row in telling.told()] == ["expired"]


def test_what_waited_goes_in_the_digest_of_monday_at_nine(archive: Archive) -> None:
    _, telling = told(archive, on="2025-03-31")
    pushed(archive, "2025-03-31", "11:30")
    other = sure_project(archive, "示范第二项目", **SMALL)
    telling.match(at("2025-03-31", "12:00"))
    tell(archive, other, at("2025-03-31", "13:00"), **BIG)
    telling.match(at("2025-03-31", "13:00"))
    pushed(archive, "2025-03-31", "13:01")
    waiting = [row for row in telling.told() if row.state == MessageState.WAITING]
    assert [row.withheld for row in waiting] == ["cap"]
    # 4 April, a Friday, is a holiday; 7 April is the next Monday.
    for on, hour in (("2025-04-03", "10:00"), ("2025-04-06", "10:00"), ("2025-04-07", "08:59")):
        assert pushed(archive, on, hour).digests == 0
    assert pushed(archive, "2025-04-07", "09:00").digests == 1
    assert pushed(archive, "2025-04-07", "09:05").digests == 0
    digest = telling.told()[-1]
    assert (digest.content, digest.template, digest.state) == ("digest", "weekly", "out")
    assert "（示范第二项目）" in digest.body
    assert "30天内截止" not in digest.body


def test_where_monday_is_a_holiday_the_digest_comes_on_the_first_working_day(archive: Archive) -> None:
    """5 May 2025 is a holiday: the digest that names the deadline comes on the 6th."""
    _, telling = told(archive, on="2025-03-31")
    other = sure_project(archive, "示范第二项目", **SMALL)
    telling.match(at("2025-04-28", "12:00"))
    pushed(archive, "2025-04-28", "12:30")
    for code in (other,):
        tell(archive, code, at("2025-04-29", "13:00"), **BIG)
    telling.match(at("2025-04-29", "13:00"))
    pushed(archive, "2025-04-29", "13:01")
    third = sure_project(archive, "示范第三项目", **SMALL)
    telling.match(at("2025-04-29", "14:00"))
    tell(archive, third, at("2025-04-29", "14:01"), **BIG)
    telling.match(at("2025-04-29", "14:01"))
    pushed(archive, "2025-04-29", "14:02")
    assert pushed(archive, "2025-05-05", "10:00").digests == 0
    assert pushed(archive, "2025-05-06", "10:00").digests == 1


def test_a_week_with_nothing_to_say_has_no_digest(archive: Archive) -> None:
    _, telling = told(archive)
    assert pushed(archive, "2025-04-07").digests == 0
    assert [row.content for row in telling.told()] == ["match"]


def test_the_digest_names_what_ends_within_30_days(archive: Archive) -> None:
    _, telling = told(archive)
    pushed(archive, "2025-05-31")
    pushed(archive, "2025-06-03")
    digest = telling.told()[-1]
    assert digest.template == "weekly"
    assert "2025年6月30日截止，还有27天" in digest.body


def want(archive: Archive, often: str, topic: str = "奖补", hour: str = "10:30") -> None:
    give_consent(archive, [Choice("*", topic, often, "测试")], by(HANDLER, hour))


def waiting(archive: Archive, often: str = "weekly") -> Telling:
    """Who wants the topic so often is to be told of a match of Monday 31 March 2025."""
    code, telling = begun(archive)
    telling.sampled()
    want(archive, often)
    pushed(archive, "2025-03-31")
    tell(archive, code, at("2025-03-31", "11:00"), **BIG, stage="开工", district="320412", industry_code="3670")
    telling.match(at("2025-03-31", "11:00"))
    return telling


def test_what_is_wanted_weekly_waits_for_the_digest_of_monday(archive: Archive) -> None:
    telling = waiting(archive)
    assert pushed(archive, "2025-03-31", "11:30").sent.later == 1
    assert [(row.state, row.withheld) for row in telling.told()] == [("waiting", "weekly")]
    for on in ("2025-04-02", "2025-04-06"):
        assert (pushed(archive, on).sent.messages, pushed(archive, on).digests) == (0, 0)
    assert pushed(archive, "2025-04-07").digests == 1
    match, digest = telling.told()
    assert (digest.template, match.state, match.withheld, match.digest_id) == ("weekly", "out", None, digest.id)


def test_what_was_left_for_the_week_goes_at_once_where_it_is_wanted_daily_again(archive: Archive) -> None:
    telling = waiting(archive)
    pushed(archive, "2025-03-31", "11:30")
    want(archive, "weekly", "税收", "11:31")
    want(archive, "daily", "税收", "11:32")
    sent = pushed(archive, "2025-03-31", "11:33").sent
    assert (sent.messages, sent.later) == (0, 0)
    want(archive, "每天汇总", "*", "11:34")
    assert pushed(archive, "2025-03-31", "11:35").sent.messages == 1
    assert [row.state for row in telling.told()] == ["out"]


@pytest.mark.parametrize("before", ["daily", "weekly"])
def test_what_is_not_wanted_any_more_does_not_go_though_it_was_queued(archive: Archive, before: str) -> None:
    telling = waiting(archive, before)
    if before == "weekly":
        pushed(archive, "2025-03-31", "11:30")
    want(archive, "off", hour="11:40")
    pushed(archive, "2025-03-31", "11:45")
    pushed(archive, "2025-04-07")
    assert [(row.state, row.withheld) for row in telling.told()] == [("suppressed", "consent")]


@pytest.mark.parametrize(("on", "messages", "later"), [("2025-06-22", 0, 1), ("2025-06-23", 1, 0)])
def test_what_ends_by_the_day_of_the_next_digest_does_not_wait_for_it(
    archive: Archive, on: str, messages: int, later: int
) -> None:
    """The window ends on Monday 30 June: from the 22nd the next digest is that of the 23rd, from the 23rd that of the 30th."""
    code, telling = begun(archive)
    telling.sampled()
    want(archive, "weekly")
    pushed(archive, on)
    tell(archive, code, at(on, "11:00"), **BIG, stage="开工", district="320412", industry_code="3670")
    telling.match(at(on, "11:00"))
    sent = pushed(archive, on, "11:30").sent
    assert (sent.messages, sent.later) == (messages, later)


def test_a_reminder_that_waited_for_the_digest_is_said_with_the_days_that_are_left_then(archive: Archive) -> None:
    _, telling = told(archive)
    want(archive, "weekly")
    pushed(archive, "2025-05-26")
    pushed(archive, "2025-05-31")
    (reminder,) = [row for row in telling.told() if row.content == "deadline"]
    assert (reminder.state, reminder.withheld) == ("waiting", "weekly")
    pushed(archive, "2025-06-03")
    digest = telling.told()[-1]
    assert "2025年6月30日截止，还有27天" in digest.body
    assert "还有30天" not in digest.body
    assert "新的消息" not in digest.body
    assert digest.title == "本周政策汇总（1项）"
    assert [row.digest_id for row in telling.told() if row.content == "deadline"] == [digest.id]


@pytest.mark.parametrize("often", ["weekly", "off"])
def test_a_correction_reaches_who_heard_of_it_at_once_however_often_they_want_to_be_told(
    archive: Archive, often: str
) -> None:
    _, telling = told(archive)
    want(archive, often, "*")
    stopped(archive, "2025-04-01")
    pushed(archive, "2025-04-01", "09:30")
    assert [(row.content, row.state) for row in telling.told()] == [("match", "recalled"), ("recall", "out")]


def stopped(archive: Archive, on: str) -> None:
    book = rulebook_in_force(archive, LIBRARY, View(by("industry", on=on).today))
    stop_rule(archive, book, NewStop(EQ, 1, "文件被撤回"), by("industry", on=on))


def test_a_measure_that_is_stopped_is_corrected_to_who_heard_of_it(archive: Archive) -> None:
    _, telling = told(archive)
    stopped(archive, "2025-04-01")
    telling.match(at("2025-04-01", "11:00"))
    pushed(archive, "2025-04-01", "11:00")
    first, correction = telling.told()
    assert (correction.content, correction.state, correction.thread_id) == ("recall", "out", first.id)
    assert "已停用，请不要再据此办理" in correction.body
    assert first.state == "recalled"


def test_who_acted_hears_of_the_stop_from_the_office(archive: Archive) -> None:
    _, telling = told(archive)
    read(archive, telling.told()[0].id, "2025-03-31", "interested")
    stopped(archive, "2025-04-01")
    telling.match(at("2025-04-01", "11:00"))
    pushed(archive, "2025-04-01", "11:00")
    assert [row.content for row in telling.told()] == ["match"]


def test_a_held_match_of_a_stopped_measure_is_taken_back(archive: Archive) -> None:
    code, telling = begun(archive)
    tell(archive, code, at("2025-03-31", "11:00"), **BIG)
    telling.match(at("2025-03-31", "11:00"))
    stopped(archive, "2025-04-01")
    telling.match(at("2025-04-01", "11:00"))
    assert [(row.state, row.withheld) for row in telling.told()] == [("cancelled", "withdrawn")]


def test_a_stop_is_corrected_by_the_work_of_the_day_where_no_pair_changed(archive: Archive) -> None:
    _, telling = told(archive)
    stopped(archive, "2025-04-01")
    pushed(archive, "2025-04-02")
    assert [row.content for row in telling.told()] == ["match", "recall"]
    pushed(archive, "2025-04-03")
    assert [row.content for row in telling.told()] == ["match", "recall"]


def test_a_measure_put_back_is_told_as_an_update(archive: Archive) -> None:
    _, telling = told(archive)
    stopped(archive, "2025-04-01")
    telling.match(at("2025-04-01", "11:00"))
    pushed(archive, "2025-04-01", "11:00")
    book = rulebook_in_force(archive, LIBRARY, View(by("industry", on="2025-04-02").today))
    lift_rule(archive, book, NewLift(EQ, 1, "恢复"), by("industry", on="2025-04-02"))
    telling.match(at("2025-04-02", "11:00"))
    pushed(archive, "2025-04-02", "11:00")
    assert [row.content for row in telling.told()] == ["match", "recall", "update"]
    assert "现在又可以办理" in telling.told()[-1].body


@pytest.fixture(scope="session")
def changed_rules(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive by rules in which the measure gives 30万元 and is applied for until 31 July; only its rules are of use."""
    text = MEASURE.replace('reviewed_on: "2025-01-02"', WINDOW.replace("06-30", "07-31")).replace(
        'fixed: "20万元"', 'fixed: "30万元"'
    )
    folder = tmp_path_factory.mktemp("changed")
    rules = rule_folders(folder, more={"eq_device.v1.yaml": text.replace('amount: "20万元"', 'amount: "30万元"')})
    made = open_archive(f"sqlite:///{folder / 'library.db'}", *rules, secret=open_secret(Settings()))
    made.database.close()
    return made


def under(archive: Archive, other: Archive) -> Archive:
    """The same library under other rules."""
    return replace(other, database=archive.database)


def test_another_amount_and_window_are_one_update_in_the_old_thread(archive: Archive, changed_rules: Archive) -> None:
    """TR2: the message says what changed, once."""
    _, telling = told(archive)
    later = under(archive, changed_rules)
    Telling(later).match(at("2025-04-01", "11:00"))
    for on in ("2025-04-01", "2025-04-02"):
        daily_push(later, LIBRARY, at(on, "11:00"))
    first, update = telling.told()
    assert (update.content, update.state, update.thread_id, update.value_fen) == ("update", "out", first.id, 30_000_000)
    assert "金额：原来20万元，现在预计30万元" in update.body
    assert "申报截止：原来2025年6月30日，现在2025年7月31日" in update.body
    assert update.last_day is not None
    assert update.last_day.isoformat() == "2025-07-31"


def test_who_acted_is_not_bothered_with_the_change_of_a_measure(archive: Archive, changed_rules: Archive) -> None:
    _, telling = told(archive)
    read(archive, telling.told()[0].id, "2025-03-31", "interested")
    later = under(archive, changed_rules)
    Telling(later).match(at("2025-04-01", "11:00"))
    daily_push(later, LIBRARY, at("2025-04-01", "11:00"))
    assert [row.content for row in telling.told()] == ["match"]


def test_another_window_alone_is_told_by_the_work_of_the_day(archive: Archive, changed_rules: Archive) -> None:
    _, telling = told(archive)
    later = under(archive, changed_rules)
    for on in ("2025-04-01", "2025-04-02"):
        daily_push(later, LIBRARY, at(on, "11:00"))
    first, update = telling.told()
    assert (update.content, update.thread_id) == ("update", first.id)
    assert "申报截止：原来2025年6月30日，现在2025年7月31日" in update.body
    assert "金额" not in update.body


def test_a_new_measure_is_told_to_whom_it_fits_and_held_until_somebody_looked(
    archive: Archive, paying_file: tuple[Archive, Path]
) -> None:
    """TR1: the rules had nothing for the firm; with the new measure they have."""
    before = under(archive, paying_file[0])
    code = sure_project(archive, **BIG)
    person(archive)
    contact(archive)
    Telling(before).match(at("2025-03-31", "11:00"))
    telling = Telling(archive)
    telling.match(at("2025-04-01", "11:00"))
    assert [(row.state, row.content, row.trigger, row.measure) for row in telling.told()] == [
        ("held", "match", "TR1", EQ)
    ]
    assert telling.told()[0].why.endswith("新政策生效（2025-04-01）")
    assert code


def test_departments_are_told_each_day_how_often_their_measures_were(archive: Archive) -> None:
    with archive.database.writing() as session:
        for who in ("industry", "science"):
            session.add(
                Account(
                    actor_id=who, login=who, must_change=False, failed=[], totp_confirmed=False, is_demo=False,
                    made_at=at("2025-03-30"),
                )
            )  # fmt: skip
    _, telling = told(archive)
    for on in ("2025-03-31", "2025-04-01", "2025-04-02"):
        pushed(archive, on, "18:00")
    counts = telling.told(recipient="industry")
    assert [(row.template, row.state) for row in counts] == [("counts", "out")]
    assert "示范设备补助：1次" in counts[0].body
    assert telling.told(recipient="science") == []


def test_the_inbox_of_the_handler_is_the_only_one(archive: Archive) -> None:
    told(archive)
    pushed(archive, "2025-06-16")
    with archive.database.reading() as session:
        people = set(session.scalars(select(Message.recipient_id).where(Message.dedup_key.not_like("past%"))))
    assert people == {HANDLER}
