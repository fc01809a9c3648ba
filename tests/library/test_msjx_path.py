"""The path of a 免申即享 case from candidate to approval, every exit on the way, and the clock of it (S-18, S-19)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msjx import (
    ACCOUNT,
    APPROVER,
    FIRM,
    FIRST,
    GX,
    HOLDER,
    SECOND,
    URL,
    approved,
    by,
    confirmed,
    found,
    noticed,
    state,
    to_approved,
    verified,
    with_firm,
    with_lists,
    with_money,
)
from rows import E2, LIBRARY

from policy_match.errors import Conflict, Forbidden, NotFound, UsageError
from policy_match.store import cases, subjects
from policy_match.store.case_tables import Payment
from policy_match.store.tables import Actor
from policy_match.workflows.approve_case import approve_case
from policy_match.workflows.confirm_case import Consent, confirm_case, decline_case, reopen_case
from policy_match.workflows.leave_case import hold_case, release_case
from policy_match.workflows.list_objections import print_objections
from policy_match.workflows.move_cases import move_cases
from policy_match.workflows.object_case import NewObjection, answer_objection, claim_omission, object_case
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.publish_notice import Notice, publish_notice
from policy_match.workflows.verify_case import verify_case

SAID = NewObjection("示范甲", "13800000000", "名单有误")


def codes(error: pytest.ExceptionInfo[Conflict]) -> set[str]:
    return {issue.code for issue in error.value.issues}


def test_s18_the_happy_path_to_the_approval_with_its_days(paying: Archive) -> None:
    with_firm(paying)
    with_money(paying)
    number = found(paying).opened[0]
    assert state(paying, number) == "M0"
    assert verified(paying, number).amount_fen == 20_000_000
    case = noticed(paying, number)
    assert (case.notice_first, case.notice_last) == (date(2025, 6, 4), date(2025, 6, 10))
    assert move_cases(paying, by(FIRST, "2025-06-10")) == ()
    move_cases(paying, by(FIRST, "2025-06-11"))
    assert state(paying, number) == "M3"
    with paying.database.reading() as session:
        case = cases.by_number(session, LIBRARY, number)
        asked = cases.body_of(cases.steps_of(session, case)[-1])
    assert case.consent_last == date(2025, 6, 25)
    assert asked["reminders"] == ["2025-06-16", "2025-06-20"]
    assert confirmed(paying, number).state == "M4"
    assert approved(paying, number).state == "M5"
    assert found(paying).passed == {"已有办件": 1}


def test_the_steps_are_chained_and_a_changed_one_is_named(paying: Archive) -> None:
    number = to_approved(paying)
    with paying.database.writing() as session:
        steps = cases.steps_of(session, cases.by_number(session, LIBRARY, number))
        assert [step.action for step in steps] == [
            "find", "check", "verify", "publish", "end_notice", "confirm", "approve",
        ]  # fmt: skip
        assert cases.first_break(steps) is None
        steps[3].body = steps[3].body.replace("gs/1", "gs/2")
        broken = cases.first_break(steps)
        session.rollback()
    assert broken is not None and broken.seq == 4


def test_one_officer_cannot_verify_twice_nor_a_verifier_approve(paying: Archive) -> None:
    with_firm(paying)
    with_money(paying)
    number = found(paying).opened[0]
    verify_case(paying, number, by(FIRST, "2025-06-03"))
    with pytest.raises(Conflict) as twice:
        verify_case(paying, number, by(FIRST, "2025-06-03"))
    assert codes(twice) == {"MSJX_SAME_PERSON"}
    verify_case(paying, number, by(SECOND, "2025-06-03"))
    noticed(paying, number)
    move_cases(paying, by(FIRST, "2025-06-11"))
    confirmed(paying, number)
    with_lists(paying, "2025-06-13")
    for officer in (FIRST, SECOND):
        with pytest.raises(Conflict) as same:
            approve_case(paying, number, by(officer, "2025-06-13"))
        assert codes(same) == {"MSJX_SAME_PERSON"}
    assert state(paying, number) == "M4"


def test_another_unit_may_not_verify(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    with pytest.raises(Forbidden):
        verify_case(paying, number, by("industry", "2025-06-03"))


@pytest.mark.parametrize(
    ("on", "last"), [("2024-09-26", "2024-10-09"), ("2025-09-26", "2025-10-10")]
)  # fmt: skip
def test_s19_a_notice_over_the_holidays_ends_on_its_last_working_day(paying: Archive, on: str, last: str) -> None:
    calendar = paying.calendar
    assert calendar.add_working_days(date.fromisoformat(on), 5) == date.fromisoformat(last)


def test_s19_an_objection_on_the_last_evening_is_in_time_and_one_the_day_after_is_not(paying: Archive) -> None:
    with_firm(paying, on="2025-09-26")
    number = found(paying, "2025-09-26").opened[0]
    verified(paying, number, "2025-09-26")
    assert noticed(paying, number, "2025-09-26").notice_last == date(2025, 10, 10)
    with pytest.raises(Conflict) as late:
        object_case(paying, number, SAID, by(FIRST, "2025-10-11", "00:10"))
    assert codes(late) == {"OBJECTION_LATE"}
    one = object_case(paying, number, SAID, by(FIRST, "2025-10-10", "23:30"))
    assert state(paying, number) == "H"
    assert one.due_on == date(2025, 10, 16)
    assert move_cases(paying, by(FIRST, "2025-10-13")) == ()
    answer_objection(paying, one.id, "rejected", "名单无误，依据为认定文件", by(APPROVER, "2025-10-15"))
    assert state(paying, number) == "M3"


def test_an_objection_upheld_ends_the_case_and_the_same_facts_open_no_other(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    verified(paying, number)
    noticed(paying, number)
    one = object_case(paying, number, SAID, by(FIRST, "2025-06-05"))
    with pytest.raises(UsageError):
        answer_objection(paying, one.id, "upheld", "  ", by(APPROVER, "2025-06-05"))
    with pytest.raises(Conflict) as own:
        answer_objection(paying, one.id, "upheld", "认定已撤销", by(FIRST, "2025-06-05"))
    assert codes(own) == {"MSJX_SAME_PERSON"}
    answer_objection(paying, one.id, "upheld", "认定已撤销", by(APPROVER, "2025-06-05"))
    assert state(paying, number) == "X3"
    assert found(paying).passed == {"事实没有变，上次异议成立": 1}
    with pytest.raises(Conflict) as again:
        answer_objection(paying, one.id, "rejected", "再答", by(APPROVER, "2025-06-05"))
    assert codes(again) == {"OBJECTION_DECIDED"}


def test_of_two_objections_the_case_waits_for_the_second_answer(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    verified(paying, number)
    noticed(paying, number)
    one = object_case(paying, number, SAID, by(FIRST, "2025-06-05"))
    with pytest.raises(Conflict) as held:
        release_case(paying, number, "再议", by(APPROVER, "2025-06-05"))
    assert codes(held) == {"OBJECTION_OPEN"}
    answer_objection(paying, one.id, "rejected", "名单无误", by(APPROVER, "2025-06-06"))
    assert state(paying, number) == "M2"


def test_silence_is_no_consent_it_expires_and_is_reopened_once(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    verified(paying, number)
    noticed(paying, number)
    move_cases(paying, by(FIRST, "2025-06-11"))
    told = [move_cases(paying, by(FIRST, on)) for on in ("2025-06-16", "2025-06-16", "2025-06-20", "2025-06-25")]
    assert [len(one) for one in told] == [1, 0, 1, 0]
    move_cases(paying, by(FIRST, "2025-06-26"))
    assert state(paying, number) == "X5"
    assert found(paying).passed == {"已有办件，逾期未确认（可重新请企业确认）": 1}
    reopen_case(paying, number, "电话联系上", by(FIRST, "2025-07-01"))
    assert state(paying, number) == "M3"
    move_cases(paying, by(FIRST, "2025-08-01"))
    assert state(paying, number) == "X5"
    with pytest.raises(Conflict) as twice:
        reopen_case(paying, number, "再联系", by(FIRST, "2025-08-01"))
    assert codes(twice) == {"MSJX_REOPENED"}


def test_a_firm_that_declined_may_come_back_within_its_window(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    verified(paying, number)
    noticed(paying, number)
    move_cases(paying, by(FIRST, "2025-06-11"))
    decline_case(paying, number, "示范负责人", "", by(FIRM, "2025-06-12"))
    assert state(paying, number) == "X4"
    with pytest.raises(Conflict):
        confirmed(paying, number, "2025-06-12")
    reopen_case(paying, number, "企业改主意", by(FIRST, "2025-06-20"))
    assert confirmed(paying, number, "2025-06-20").state == "M4"


def test_only_the_beneficiarys_own_account_and_its_own_area_confirm(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    verified(paying, number)
    noticed(paying, number)
    move_cases(paying, by(FIRST, "2025-06-11"))
    with pytest.raises(Conflict) as holder:
        confirmed(paying, number, holder="示范别家有限公司")
    assert codes(holder) == {"ACCOUNT_HOLDER"}
    with pytest.raises(UsageError):
        confirm_case(paying, number, Consent("示范负责人", "政企通实名", HOLDER, "12-34"), by(FIRM, "2025-06-13"))
    with pytest.raises(UsageError):
        confirm_case(paying, number, Consent(" ", "政企通实名", HOLDER, ACCOUNT), by(FIRM, "2025-06-13"))
    with pytest.raises(Forbidden):
        confirm_case(paying, number, Consent("示范负责人", "政企通实名", HOLDER, ACCOUNT), by(FIRST, "2025-06-13"))
    with pytest.raises(Conflict) as late:
        confirmed(paying, number, "2025-06-26")
    assert codes(late) == {"CONSENT_LATE"}


def test_a_jump_is_refused_with_what_may_be_done(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    with pytest.raises(Conflict) as jump:
        confirmed(paying, number)
    assert codes(jump) == {"MSJX_STATE"}
    assert "第一人核验" in jump.value.issues[0].allowed
    with pytest.raises(UsageError):
        publish_notice(paying, number, Notice("https://example.com/1", date(2025, 6, 3), "0"), by(FIRST, "2025-06-03"))
    with pytest.raises(UsageError):
        publish_notice(paying, number, Notice(URL, date(2025, 6, 9), "0"), by(FIRST, "2025-06-03"))
    with pytest.raises(NotFound) as unknown:
        verify_case(paying, "MX-2025-000009", by(FIRST, "2025-06-03"))
    assert number in unknown.value.issues[0].allowed


def test_stale_facts_keep_a_candidate_waiting_and_name_themselves(paying: Archive) -> None:
    with_firm(paying, on="2025-06-01")
    number = found(paying, "2025-06-03").opened[0]
    with_firm(paying, on="2025-05-20", blacklisted="CREDIT:否")
    with paying.database.writing() as session:
        cases.by_number(session, LIBRARY, number).as_of = date(2025, 6, 9)
    with pytest.raises(Conflict) as stale:
        verify_case(paying, number, by(FIRST, "2025-06-09"))
    assert codes(stale) == {"MSJX_EVIDENCE"}
    assert any("严重失信主体" in issue.what and "过期" in issue.what for issue in stale.value.issues)
    assert state(paying, number) == "M0"


def test_sources_that_contradict_each_other_hold_the_case_until_one_is_corrected(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    with_firm(paying, on="2025-06-02", hnte_event="SELF:再次认定高企")
    verify_case(paying, number, by(FIRST, "2025-06-03"))
    assert state(paying, number) == "H"
    with pytest.raises(Conflict) as stands:
        release_case(paying, number, "看过", by(FIRST, "2025-06-03"))
    assert codes(stands) == {"HOLD_STANDS"}
    with_firm(paying, on="2025-06-03", hnte_event="SELF:首次认定高企")
    release_case(paying, number, "企业已更正", by(FIRST, "2025-06-04"))
    assert state(paying, number) == "M0"


def test_a_fact_that_turned_ends_the_case_and_new_facts_open_a_new_one(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    with_firm(paying, on="2025-06-02", hnte_event="DEPT:再次认定高企")
    verify_case(paying, number, by(FIRST, "2025-06-03"))
    assert state(paying, number) == "X1"
    assert found(paying).passed == {"不符合": 1}
    with_firm(paying, on="2025-06-03")
    assert found(paying).opened == ("MX-2025-000002",)


def test_another_amount_at_the_approval_starts_the_case_anew(paying: Archive) -> None:
    number = to_approved_but_one(paying)
    with paying.database.writing() as session:
        session.add(
            Payment(
                library=LIBRARY, reference="示范凭证1", measure="gx_first_hnte", beneficiary="enterprise:91320411MAYYYY024C",
                period="2020-01-01", paid_on=date(2025, 5, 1), amount_fen=15_000_000, source="FIN",
                recorded_at=by(FIRST, "2025-06-12").now,
            )
        )  # fmt: skip
    with_lists(paying, "2025-06-13")
    case = approve_case(paying, number, by(APPROVER, "2025-06-13"))
    assert case.state == "M0"
    assert verified(paying, number, "2025-06-13").amount_fen == 15_000_000


def to_approved_but_one(archive: Archive) -> str:
    with_firm(archive)
    with_money(archive)
    number = found(archive).opened[0]
    verified(archive, number)
    noticed(archive, number)
    move_cases(archive, by(FIRST, "2025-06-11"))
    confirmed(archive, number)
    return number


def test_the_approval_asks_for_lists_of_the_day_and_for_money(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    verified(paying, number)
    noticed(paying, number)
    move_cases(paying, by(FIRST, "2025-06-11"))
    confirmed(paying, number)
    with pytest.raises(Conflict) as old:
        approve_case(paying, number, by(APPROVER, "2025-06-13"))
    assert codes(old) == {"EXCLUSIONS_OLD"}
    with_lists(paying, "2025-06-11")
    with pytest.raises(Conflict) as two_days:
        approve_case(paying, number, by(APPROVER, "2025-06-13"))
    assert codes(two_days) == {"EXCLUSIONS_OLD"}
    with_lists(paying, "2025-06-12")
    with pytest.raises(Conflict) as poor:
        approve_case(paying, number, by(APPROVER, "2025-06-13"))
    assert codes(poor) == {"MSJX_BUDGET"}
    with_money(paying, amount=19_999_999)
    with pytest.raises(Conflict) as short:
        approve_case(paying, number, by(APPROVER, "2025-06-13"))
    assert codes(short) == {"MSJX_BUDGET"}
    hold_case(paying, number, "等预算", by(FIRST, "2025-06-13"))
    assert state(paying, number) == "H"


def test_bi89_nobody_confirms_for_a_firm_of_another_area_or_another_firm(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    verified(paying, number)
    noticed(paying, number)
    move_cases(paying, by(FIRST, "2025-06-11"))
    asked = Consent("示范负责人", "政企通实名", HOLDER, ACCOUNT)
    with pytest.raises(Forbidden) as area:
        confirm_case(paying, number, asked, by("enterprise-320412", "2025-06-13"))
    assert codes(area) == {"CONSENT_AUTHORITY"}
    with paying.database.writing() as session:
        session.get_one(Actor, FIRM).firm = "91320412MAYYYY0160"
    with pytest.raises(Forbidden) as firm:
        decline_case(paying, number, "示范负责人", "", by(FIRM, "2025-06-13"))
    assert codes(firm) == {"CONSENT_AUTHORITY"}
    with paying.database.writing() as session:
        session.get_one(Actor, FIRM).firm = None
    assert state(paying, number) == "M3"


@pytest.mark.parametrize(("days", "then"), [(30, "H"), (31, "M4")])
def test_bi90_a_firm_renamed_of_late_is_held_for_a_look_at_its_account(paying: Archive, days: int, then: str) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    verified(paying, number)
    noticed(paying, number)
    move_cases(paying, by(FIRST, "2025-06-11"))
    renamed = by("importer", (date(2025, 6, 13) - timedelta(days=days)).isoformat()).now
    with paying.database.writing() as session:
        row = subjects.by_code(session, LIBRARY, E2)
        assert row is not None
        subjects.change(session, row, subjects.NAME, "示范氢能新名有限公司", at=renamed)
    confirmed(paying, number, holder="示范氢能新名有限公司")
    assert state(paying, number) == then


@pytest.mark.parametrize("said", ["注销", "吊销"])
def test_bi06_a_firm_that_has_ended_is_not_paid(paying: Archive, said: str) -> None:
    number = to_approved_but_one(paying)
    with_firm(paying, on="2025-06-12", status=f"ENT:{said}")
    with_lists(paying, "2025-06-13")
    approve_case(paying, number, by(APPROVER, "2025-06-13"))
    assert state(paying, number) == "X2"


def test_s40_a_fact_of_statistics_never_pays_and_the_attempt_says_so(paying: Archive) -> None:
    with_firm(paying, hnte_event="FAI:首次认定高企")
    assert found(paying).opened == ()
    with_firm(paying, on="2025-06-02", hnte_event="DEPT:首次认定高企")
    number = found(paying).opened[0]
    verified(paying, number)
    assert state(paying, number) == "M1"


def test_a_firm_says_that_it_was_left_out_and_gets_an_answer(
    paying: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    with_firm(paying)
    claimed = claim_omission(paying, E2, GX, SAID, by(FIRM, "2025-06-03"))
    with pytest.raises(NotFound):
        claim_omission(paying, "没有这家", GX, SAID, by(FIRM, "2025-06-03"))
    with pytest.raises(UsageError):
        claim_omission(paying, E2, "gx_fist_hnte", SAID, by(FIRM, "2025-06-03"))
    print_objections(paying, LIBRARY, waiting=True, form="table")
    listed = capsys.readouterr().out
    assert E2 in listed and "13800000000" not in listed
    answer_objection(paying, claimed.id, "upheld", "漏列，已补为候选", by(APPROVER, "2025-06-04"))
    print_objections(paying, LIBRARY, waiting=True, form="table")
    assert "共 0 条" in capsys.readouterr().out
    assert len(found(paying, "2025-06-04").opened) == 1
