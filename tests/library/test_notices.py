"""A department writes to firms: named by filters, seen first, with a sender and a reason, within its own reach (TR9)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pushing import HANDLER, LEGAL, by, contact, person
from reviewing import EQ, with_project
from rows import E1, E2, E3, LIBRARY, asked, audited, told
from sqlalchemy import select

from policy_match.errors import Conflict, Forbidden, UsageError
from policy_match.push.words import Asked
from policy_match.store.push_tables import Message
from policy_match.workflows.list_projects import Wanted
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.send_notice import NewNotice, preview_notice, send_notice

NOTICE = NewNotice("用工对接会", "4月8日下午两点。\n请带招聘需求。", "市工信局企业服务处", "您的项目正在建设")


@pytest.fixture
def firms(reviewing: Archive) -> Archive:
    """Three firms: one in 武进 with two people, one in 新北 with one, one in 武进 with nobody."""
    with_project(reviewing)
    with_project(reviewing, name="示范新北项目", firm="示范新北公司", uscc=E2, district="320411", industry_code="2614")
    with_project(reviewing, name="示范大项目", firm="示范大公司", uscc=E3, enterprise_size="large")
    for who, uscc in ((HANDLER, E1), (LEGAL, E1), ("handler-e2", E2)):
        person(reviewing, who, uscc)
        contact(reviewing, who, uscc=uscc)
    return reviewing


def recipients_of(archive: Archive) -> list[str]:
    with archive.database.reading() as session:
        rows = session.scalars(select(Message).where(Message.library == LIBRARY).order_by(Message.id))
        return [row.recipient_id for row in rows]


def test_a_notice_is_seen_with_its_numbers_before_anything_is_written(firms: Archive) -> None:
    seen = preview_notice(firms, NOTICE, by("industry"))

    assert (seen.people, seen.firms, seen.without_contact, seen.would_be_held) == (3, 2, 1, False)
    assert seen.words.title == "市工信局企业服务处：用工对接会"
    assert "4月8日下午两点。\n请带招聘需求。" in seen.words.body
    assert "为什么发给您：您的项目正在建设" in seen.words.body
    assert recipients_of(firms) == []
    assert asked(firms) == []


def test_it_goes_to_everybody_who_speaks_for_the_firms_once_with_sender_and_reason(firms: Archive) -> None:
    made = send_notice(firms, NOTICE, 3, by("industry"))

    assert recipients_of(firms) == [HANDLER, LEGAL, "handler-e2"]
    assert {(row.content, row.topic, row.trigger, row.state, row.sent_by) for row in made} == {
        ("notice", "部门通知", "TR9", "waiting", "industry")
    }
    assert "您的项目正在建设" in made[0].why
    assert asked(firms) == [Asked.CONTACT_MISSING]
    (line,) = audited(firms, "notice.send")
    assert (line.actor, line.reason) == ("industry", "您的项目正在建设")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(district="320412"), [HANDLER, LEGAL]),
        (Wanted(industry="C26"), ["handler-e2"]),
        (Wanted(stage="开工"), [HANDLER, LEGAL, "handler-e2"]),
        (Wanted(district="320411", industry="C26"), ["handler-e2"]),
    ],
)
def test_filters_narrow_it(firms: Archive, wanted: Wanted, found: list[str]) -> None:
    send_notice(firms, replace(NOTICE, wanted=wanted), len(found), by("industry"))

    assert recipients_of(firms) == found


def test_a_measure_narrows_it_to_those_who_are_eligible_and_to_its_own_unit(firms: Archive) -> None:
    person(firms, "handler-e3", E3)
    contact(firms, "handler-e3", uscc=E3)
    asked_ = replace(NOTICE, measure=EQ)

    assert preview_notice(firms, NOTICE, by("commerce")).people == 4
    assert [row.measure for row in send_notice(firms, asked_, 3, by("industry"))] == [EQ] * 3
    with pytest.raises(Forbidden) as other:
        preview_notice(firms, asked_, by("commerce"))
    assert told(other.value) == {"CARE_ROLE"}


def test_an_area_writes_to_its_own_firms_only(firms: Archive) -> None:
    assert preview_notice(firms, NOTICE, by("district-320411")).people == 1
    assert preview_notice(firms, NOTICE, by("district-320412")).people == 2
    with pytest.raises(Conflict):
        send_notice(firms, NOTICE, 0, by("district-320481"))


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("data", "NOTICE_ROLE"), (HANDLER, "NOTICE_ROLE"), ("development", "PUSH_ROLE"), ("auditor", "PUSH_ROLE"),
        ("park-320412", "PUSH_ROLE"), ("agent-320412", "PUSH_ROLE"), ("statistics", "PUSH_ROLE"), ("admin", "PUSH_ROLE"),
    ],
)  # fmt: skip
def test_others_send_none(firms: Archive, who: str, code: str) -> None:
    with pytest.raises(Forbidden) as refused:
        send_notice(firms, NOTICE, 3, by(who))

    assert told(refused.value) == {code}
    assert recipients_of(firms) == []
    assert [line.actor for line in audited(firms, "push.refused")] == [who]


def test_another_number_of_people_than_was_seen_stops_it(firms: Archive) -> None:
    with pytest.raises(Conflict) as refused:
        send_notice(firms, NOTICE, 2, by("industry"))

    assert told(refused.value) == {"NOTICE_CHANGED"}
    assert recipients_of(firms) == []


@pytest.mark.parametrize("lacking", ["title", "text", "sender", "reason"])
def test_title_text_sender_and_reason_are_needed(firms: Archive, lacking: str) -> None:
    with pytest.raises(UsageError) as refused:
        preview_notice(firms, replace(NOTICE, **{lacking: " "}), by("industry"))  # type: ignore[arg-type]
    assert told(refused.value) == {"TEXT_MISSING"}


def test_a_filter_that_there_is_not_is_refused_with_those_there_are(firms: Archive) -> None:
    with pytest.raises(UsageError) as refused:
        preview_notice(firms, replace(NOTICE, wanted=Wanted(stage="飞升")), by("industry"))

    assert told(refused.value) == {"PARAM_VALUE"}
    assert "开工" in str(refused.value)


def test_the_same_notice_again_is_kept_as_not_sent(firms: Archive) -> None:
    send_notice(firms, NOTICE, 3, by("industry"))
    again = send_notice(firms, NOTICE, 3, by("industry", "2025-04-01"))

    assert {(row.state, row.withheld) for row in again} == {("suppressed", "duplicate")}


def test_links_and_credit_codes_in_the_text_do_not_go_out(firms: Archive) -> None:
    seen = preview_notice(firms, replace(NOTICE, text=f"见 http://evil.example/x {E1}"), by("industry"))

    assert "evil" not in seen.words.body
    assert E1 not in seen.words.body
