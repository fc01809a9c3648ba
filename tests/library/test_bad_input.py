"""Bad input of the domain specification (§8) that touches the archive: each by its number."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from rows import (
    CODE,
    E1,
    E2,
    E3,
    LATER_CODE,
    LIBRARY,
    NOW,
    advance,
    asked,
    at,
    audited,
    codes,
    day,
    doubt_number,
    firm_row,
    pause,
    point,
    proof,
    read,
    row,
    seen,
    taken,
    told,
)

from policy_match.errors import Conflict, Issue, UsageError
from policy_match.exchange.intake_rows import Doubt
from policy_match.identifiers import Given
from policy_match.lifecycle.clocks import Mark
from policy_match.lifecycle.events import Evidence
from policy_match.store import batches, doubts, months
from policy_match.workflows.advance_project import Advance, advance_project
from policy_match.workflows.enter_by_hand import Told, add_project, tell_facts
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.settle_doubt import settle_doubt

P, Q = "CZ-2025-00001", "CZ-2025-00002"
SIGNED = point("SIGNED", "2024-08-20")


def signed(archive: Archive, **more: object) -> None:
    taken(archive, row(archive, points=[SIGNED], **more))  # type: ignore[arg-type]


# firms


def test_bi05_a_firm_that_the_enterprise_archives_do_not_know_is_asked_about_and_holds_up_approval(
    archive: Archive,
) -> None:
    taken(archive, firm_row(archive, E2, "示范氢能有限公司", status="存续"), source="ENT")
    signed(archive)

    with pytest.raises(UsageError) as refused:
        advance(archive, P, "APPROVED", "2024-09-25", "development")

    assert asked(archive) == ["ENT_UNKNOWN"]
    assert told(refused.value) == {"ENT_UNKNOWN"}
    assert E1 in refused.value.issues[0].what


def test_bi05_the_firm_is_known_once_the_archives_tell_of_it_or_a_person_has_looked(archive: Archive) -> None:
    taken(archive, firm_row(archive, E2, "示范氢能有限公司", status="存续"), source="ENT")
    signed(archive)
    other = point("SIGNED", "2024-08-20", "乙")
    taken(archive, row(archive, "示范另一项目", uscc=E3, firm="示范芯片有限公司", code=None, points=[other]))
    assert asked(archive) == ["ENT_UNKNOWN", "ENT_UNKNOWN"]

    taken(archive, firm_row(archive, E1, "示范电池有限公司", status="存续"), source="ENT")
    assert asked(archive) == ["ENT_UNKNOWN"]
    advance(archive, P, "APPROVED", "2024-09-25", "development")
    settle_doubt(archive, LIBRARY, doubt_number(archive, "ENT_UNKNOWN"), "accepted", by="data", now=NOW)
    tell_facts(archive, LIBRARY, Q, Told({}, project_code=LATER_CODE, source="DEPT"), "development", NOW)
    advance(archive, Q, "APPROVED", "2025-03-25", "development")

    assert [read(archive, code).state.point for code in (P, Q)] == ["APPROVED", "APPROVED"]


def test_bi05_a_firm_that_came_before_the_archives_is_asked_about_when_it_holds_a_project_up(archive: Archive) -> None:
    signed(archive)
    taken(archive, firm_row(archive, E2, "示范氢能有限公司", status="存续"), source="ENT")
    assert asked(archive) == []

    with pytest.raises(UsageError):
        advance(archive, P, "APPROVED", "2024-09-25", "development")
    settle_doubt(archive, LIBRARY, doubt_number(archive, "ENT_UNKNOWN"), "accepted", by="data", now=NOW)
    advance(archive, P, "APPROVED", "2024-09-25", "development")

    assert read(archive, P).state.point == "APPROVED"


def test_bi05_nothing_is_asked_while_the_library_holds_no_enterprise_archives(archive: Archive) -> None:
    signed(archive)

    advance(archive, P, "APPROVED", "2024-09-25", "development")

    assert asked(archive) == []


@pytest.mark.parametrize("status", ["注销", "吊销"])
def test_bi06_a_firm_that_is_gone_is_told_at_intake_and_bars_what_follows(archive: Archive, status: str) -> None:
    taken(archive, firm_row(archive, E1, "示范电池有限公司", status=status), source="ENT")

    entered = taken(archive, row(archive, points=[SIGNED]))
    with pytest.raises(UsageError) as refused:
        advance(archive, P, "APPROVED", "2024-09-25", "development")

    assert any(status in note and E1 in note for note in entered.notes)
    assert told(refused.value) == {"FIRM_GONE"}
    assert status in refused.value.issues[0].what
    assert read(archive, P).state.point == "SIGNED"


def test_bi06_an_import_of_a_gone_firm_moves_no_point(archive: Archive) -> None:
    signed(archive)
    taken(archive, firm_row(archive, E1, "示范电池有限公司", status="注销"), source="ENT")
    filed = row(archive, source="TZXM", facts={}, points=[point("APPROVED", "2024-09-25")])

    done = taken(archive, filed, source="TZXM")

    assert read(archive, P).state.point == "SIGNED"
    assert done.refusals == () and asked(archive) == ["POINT_TOLD"]


def test_bi07_a_second_name_is_asked_about_and_the_old_name_of_a_renamed_firm_is_known(archive: Archive) -> None:
    signed(archive)
    taken(archive, row(archive, firm="示范动力电池有限公司"))
    assert asked(archive) == ["NAME_CONFLICT"]

    taken(archive, firm_row(archive, E1, "示范动力电池有限公司", status="存续"), source="ENT")
    firm = read(archive, P).firm
    assert firm is not None and firm.name == "示范动力电池有限公司"
    again = taken(archive, row(archive, firm="示范电池有限公司"))

    assert again.asked == ()
    assert codes(archive, "enterprise") == [E1]


# codes


def test_bi11_a_code_of_another_project_refuses_the_row_and_names_that_project(archive: Archive) -> None:
    signed(archive)
    taken(archive, row(archive, "示范另一项目", code=None, points=[SIGNED]))

    done = taken(archive, replace(row(archive, "示范另一项目", facts={"total_investment": "1亿元"}), code=Q))
    with pytest.raises(Conflict) as refused:
        tell_facts(archive, LIBRARY, Q, Told({}, project_code=CODE), "development", NOW)

    assert [(one.code, P in one.what) for one in done.refusals] == [("LC_KEY_TAKEN", True)]
    assert told(refused.value) == {"LC_KEY_TAKEN"}
    assert read(archive, Q).whole("total_investment") == 12 * 10**10


def test_a_number_that_the_library_never_gave_refuses_its_row_and_opens_no_project(archive: Archive) -> None:
    done = taken(archive, replace(row(archive), code="D101"))

    assert [(one.row, one.value, one.code) for one in done.refusals] == [(2, "D101", "CODE_UNKNOWN")]
    assert "收进的是真实项目库（real）" in done.refusals[0].hint
    assert done.new == 0
    assert taken(archive, row(archive)).new == 1


def test_bi12_the_same_project_under_a_second_code_is_asked_about(archive: Archive) -> None:
    signed(archive)

    done = taken(archive, row(archive, code=LATER_CODE))

    assert asked(archive) == ["DUP_SUSPECT"]
    assert done.new == 1


def test_bi12_a_refiled_code_is_taken_when_confirmed_and_the_old_one_ends_and_still_leads_here(
    archive: Archive,
) -> None:
    signed(archive)
    taken(archive, replace(row(archive, code=LATER_CODE), code=P))
    assert asked(archive) == ["CODE_CHANGED"]
    assert read(archive, P).key("XMDM") == CODE

    settle_doubt(archive, LIBRARY, doubt_number(archive, "CODE_CHANGED"), "accepted", by="data", now=NOW)

    held = {key.value: key.valid_through for key in read(archive, P).keys if key.kind == "XMDM"}
    assert held == {CODE: day("2025-03-31"), LATER_CODE: None}
    assert [read(archive, code).code for code in (CODE, LATER_CODE)] == [P, P]
    for code in (CODE, LATER_CODE):
        done = taken(archive, row(archive, None, uscc=None, firm=None, code=code, facts={}), source="GG")
        assert (done.waiting, done.asked, done.same) == (0, (), 1)


def test_bi13_a_second_phase_is_asked_about_and_never_joined_by_itself(archive: Archive) -> None:
    signed(archive)

    taken(archive, row(archive, "示范电池项目二期", code=LATER_CODE))

    assert asked(archive) == ["DUP_SUSPECT"]
    assert codes(archive) == [P, Q]


def test_bi14_a_code_of_another_region_is_told_and_the_site_counts(archive: Archive) -> None:
    elsewhere = {"district": "320411", "project_kind": "新招引"}
    economic = {"district": "JK", "project_kind": "新招引"}

    one = taken(archive, row(archive, facts=elsewhere))
    two = taken(archive, row(archive, "示范另一项目", code=LATER_CODE, facts=economic))

    assert [("PCODE_REGION_MISMATCH" in note) or ("320412" in note) for note in one.notes] == [True]
    assert two.notes == ()
    with archive.database.reading() as session:
        rows = list_standings(session, archive, LIBRARY, View(day("2025-03-31")))
    assert {one.code: one.district for one in rows} == {P: "320411", Q: "JK"}


# figures


def test_bi15_a_figure_ten_thousand_times_another_is_set_apart_until_somebody_confirms_it(archive: Archive) -> None:
    signed(archive)

    taken(archive, row(archive, facts={"total_investment": "12万元"}, when=at("2025-03-30")), when=at("2025-03-30"))
    assert asked(archive) == ["UNIT_SUSPECT"]
    assert read(archive, P).whole("total_investment") == 12 * 10**10
    taken(archive, row(archive, source="TZXM", facts={"total_investment": "12.1万元"}), source="TZXM")
    settle_doubt(archive, LIBRARY, newest_doubt(archive), "accepted", by="data", now=NOW)

    assert read(archive, P).whole("total_investment") == 121_000 * 100


def newest_doubt(archive: Archive) -> int:
    with archive.database.reading() as session:
        return doubts.still_open(session, LIBRARY)[-1].id


def test_bi15_a_figure_that_is_refused_stays_apart_and_is_not_asked_about_again(archive: Archive) -> None:
    signed(archive)
    wrong = row(archive, facts={"total_investment": "12万元"})
    taken(archive, wrong)
    settle_doubt(archive, LIBRARY, doubt_number(archive, "UNIT_SUSPECT"), "refused", by="data", now=NOW)

    done = taken(archive, wrong)

    assert (done.asked, done.same) == ((), 1)
    assert read(archive, P).whole("total_investment") == 12 * 10**10


def test_a_doubt_of_the_reader_is_kept_with_the_row(archive: Archive) -> None:
    doubt = Doubt("总投资", "12.5", Issue("UNIT_SUSPECT", "低于500万元，可能写错单位"))

    taken(archive, row(archive, facts={"district": "320412"}, doubts=(doubt,)))

    assert asked(archive) == ["UNIT_SUSPECT"]
    assert read(archive, P).whole("total_investment") is None


def test_bi22_an_investment_that_changes_by_more_than_a_fifth_is_told_and_taken(archive: Archive) -> None:
    signed(archive)

    same = taken(
        archive, row(archive, facts={"total_investment": "14.4亿元"}, when=at("2025-04-01")), when=at("2025-04-01")
    )
    done = taken(
        archive, row(archive, facts={"total_investment": "17.29亿元"}, when=at("2025-04-02")), when=at("2025-04-02")
    )

    assert same.notes == ()
    assert len(done.notes) == 1 and "+20.1%" in done.notes[0] and "备案" in done.notes[0]
    assert read(archive, P, "2025-04-02").whole("total_investment") == 1729 * 10**8


def test_bi23_a_filing_below_1_yi_does_not_take_the_project_out(archive: Archive) -> None:
    signed(archive)
    taken(archive, row(archive, source="TZXM", facts={"total_investment": "9800万元"}), source="TZXM")

    record = read(archive, P)

    assert record.state.is_active
    assert [light.id for light in record.lights if light.id == "threshold"] == ["threshold"]


# days


@pytest.mark.parametrize("is_there", [False, True])
def test_bi27_a_point_of_tomorrow_refuses_the_row(archive: Archive, is_there: bool) -> None:
    if is_there:
        taken(archive, row(archive, facts={"district": "320412"}))

    done = taken(archive, row(archive, points=[point("SIGNED", "2025-04-01")]))
    today = taken(archive, row(archive, "示范另一项目", code=None, points=[point("SIGNED", "2025-03-31", "乙")]))

    assert [one.code for one in done.refusals] == ["LC_FUTURE"]
    assert today.refusals == ()
    assert len(codes(archive)) == (2 if is_there else 1)


def test_bi27_tomorrow_begins_at_midnight_in_changzhou(archive: Archive) -> None:
    late = NOW.replace(hour=16, minute=30)

    done = taken(archive, row(archive, points=[point("SIGNED", "2025-04-01")]), when=late)

    assert done.refusals == ()
    assert read(archive, P, "2025-04-01", known_at=late).state.point == "SIGNED"


@pytest.mark.parametrize(("on", "is_asked"), [("1989-12-31", True), ("1990-01-01", False)])
def test_bi28_a_point_before_1990_is_asked_about(archive: Archive, on: str, is_asked: bool) -> None:
    taken(archive, row(archive, points=[point("SIGNED", on)]))

    assert asked(archive) == ["DATE_SUSPECT"] * is_asked


def test_bi28_a_point_before_the_firm_was_founded_is_asked_about(archive: Archive) -> None:
    taken(archive, firm_row(archive, E1, "示范电池有限公司", status="存续", registered_on="2024-09-01"), source="ENT")

    taken(archive, row(archive, points=[SIGNED, point("APPROVED", "2024-09-25")]))

    assert asked(archive) == ["DATE_SUSPECT"]


def test_bi29_a_point_behind_the_last_one_refuses_the_row_and_leaves_nothing_of_it(archive: Archive) -> None:
    upgrade = {"project_kind": "技改", "upgrade_works": "否", "district": "320412"}
    taken(archive, row(archive, facts=upgrade, points=[point("APPROVED", "2024-09-25")]))
    wrong = row(
        archive,
        facts={"total_investment": "3亿元"},
        points=[point("APPROVED", "2024-09-26"), point("SIGNED", "2024-08-20")],
        doubts=(Doubt("名称", "？", Issue("NAME_CONFLICT", "看不清")),),
    )

    done = taken(archive, wrong)

    assert [one.code for one in done.refusals] == ["LC_BACKWARD"]
    assert (asked(archive), read(archive, P).whole("total_investment")) == ([], None)
    assert (done.new, done.changed, done.same) == (0, 0, 0)


@pytest.mark.parametrize("is_there", [False, True])
def test_bi30_a_point_left_out_refuses_the_row(archive: Archive, is_there: bool) -> None:
    if is_there:
        signed(archive)

    done = taken(archive, row(archive, points=[SIGNED, point("STARTED", "2025-02-10")]))

    assert [(one.code, "立项" in one.what) for one in done.refusals] == [("LC_SKIP", True)]
    assert len(codes(archive)) == int(is_there)


@pytest.mark.parametrize("is_there", [False, True])
def test_bi31_days_out_of_order_refuse_the_row(archive: Archive, is_there: bool) -> None:
    if is_there:
        signed(archive)
    source = "TZXM" if is_there else "DISTRICT"

    done = taken(archive, row(archive, facts={}, points=[SIGNED, point("APPROVED", "2024-08-19")]), source=source)

    assert [one.code for one in done.refusals] == ["LC_DATE_ORDER"]
    assert len(codes(archive)) == int(is_there)


# evidence


def test_bi32_lacking_evidence_refuses_by_hand_and_is_asked_about_in_a_file(archive: Archive) -> None:
    signed(archive)

    with pytest.raises(UsageError) as refused:
        advance(archive, P, "APPROVED", "2024-09-25", "development", shown="")
    taken(archive, row(archive, facts={}, points=[point("APPROVED", "2024-09-25", shown="")]), source="TZXM")

    assert told(refused.value) == {"LC_EVIDENCE"}
    assert asked(archive) == ["POINT_TOLD"]
    assert read(archive, P).state.point == "SIGNED"


def test_bi32_evidence_of_another_project_is_never_taken_in_silence(archive: Archive) -> None:
    signed(archive)
    taken(archive, row(archive, "示范另一项目", code=LATER_CODE, points=[point("SIGNED", "2024-08-20", "乙")]))
    shared = (Evidence("备案证", "备2024-1"),)
    request = Advance(P, ("APPROVED",), (day("2024-09-25"),), shared)
    advance_project(archive, LIBRARY, request, by="development", now=NOW)

    both = (*shared, Evidence("核准批复", "核2024-9"))
    for pieces in (shared, both):
        with pytest.raises(UsageError) as refused:
            advance_project(archive, LIBRARY, replace(request, project=Q, evidence=pieces), by="development", now=NOW)
        assert "EVID_REUSED" in told(refused.value)
        assert P in "".join(issue.what for issue in refused.value.issues)
    assert [line.result for line in audited(archive, "event.refused")] == ["refused", "refused"]
    settle_doubt(archive, LIBRARY, doubt_number(archive, "EVID_REUSED"), "accepted", by="data", now=NOW)
    advance_project(archive, LIBRARY, replace(request, project=Q), by="development", now=NOW)

    assert read(archive, Q).state.point == "APPROVED"


def test_bi32_a_file_that_shows_the_evidence_of_another_project_moves_no_point(archive: Archive) -> None:
    signed(archive)
    filed = point("APPROVED", "2024-09-25", "甲")
    taken(archive, row(archive, facts={}, points=[filed]), source="TZXM")
    taken(archive, row(archive, "示范另一项目", code=LATER_CODE, points=[point("SIGNED", "2024-08-20", "乙")]))

    taken(archive, row(archive, "示范另一项目", code=LATER_CODE, facts={}, points=[filed]), source="TZXM")

    assert [read(archive, code).state.point for code in (P, Q)] == ["APPROVED", "SIGNED"]
    assert "EVID_REUSED" in asked(archive)


def test_bi32_evidence_shown_twice_in_one_file_is_asked_about(archive: Archive) -> None:
    taken(
        archive,
        row(archive, points=[SIGNED]),
        row(archive, "示范另一项目", number=3, code=LATER_CODE, points=[SIGNED]),
    )

    assert asked(archive) == ["EVID_REUSED"]


def test_bi33_a_permit_revoked_later_takes_no_point_back(archive: Archive) -> None:
    points = [SIGNED, point("APPROVED", "2024-09-25"), point("STARTED", "2025-02-10")]
    taken(archive, row(archive, points=points))
    revoked = Doubt("撤销日期", "2025-03-20", Issue("PERMIT_REVOKED", "施工许可证于2025-03-20撤销，建议更正开工"))

    mark = Mark("permit_revoked", day("2025-03-20"))
    taken(archive, row(archive, None, uscc=None, firm=None, facts={}, doubts=(revoked,), marks=(mark,)), source="GG")
    lit = {light.id: light.colour for light in read(archive, P).lights}
    settle_doubt(archive, LIBRARY, doubt_number(archive, "PERMIT_REVOKED"), "accepted", by="development", now=NOW)

    assert read(archive, P).state.point == "STARTED"
    assert lit["permit_revoked"] == "red"
    assert {light.id: light.colour for light in read(archive, P).lights}["permit_revoked"] == "green"


# batches


def test_bi37_an_older_record_that_comes_later_does_not_override_and_tells_of_no_jump(archive: Archive) -> None:
    signed(archive)
    newer = row(archive, source="TZXM", facts={"total_investment": "15亿元"}, when=at("2025-03-20"))
    older = row(archive, source="TZXM", facts={"total_investment": "11亿元"}, when=at("2025-03-01"))

    taken(archive, newer, source="TZXM")
    done = taken(archive, older, source="TZXM")
    again = taken(archive, older, source="TZXM")

    assert read(archive, P).whole("total_investment") == 15 * 10**10
    assert (done.notes, again.notes) == ((), ())
    assert (again.changed, again.same) == (0, 1)


def test_bi38_a_list_shorter_by_more_than_a_fifth_is_stopped_and_leaves_everything_as_it_was(
    archive: Archive,
) -> None:
    ten = [row(archive, f"示范项目{n}", number=n, code=None, points=[]) for n in range(2, 12)]
    taken(archive, *ten, is_whole=True)
    add_project(archive, LIBRARY, Told({}, "示范手工项目"), "development", NOW)

    with pytest.raises(UsageError) as stopped:
        taken(archive, *ten[:6], row(archive, "示范新项目", code=LATER_CODE), is_whole=True)

    assert told(stopped.value) == {"SOURCE_SHRINK"}
    assert len(codes(archive)) == 11
    eight = taken(archive, *ten[:8], is_whole=True)
    meant = taken(archive, *ten[:5], is_whole=True, may_shrink=True)
    assert (eight.same, meant.same) == (8, 5)


def test_bi40_the_same_file_again_changes_nothing_and_is_logged(archive: Archive) -> None:
    first = taken(archive, row(archive, points=[SIGNED]), file="f" * 64)
    again = taken(archive, row(archive, points=[SIGNED]), file="f" * 64)

    assert (first.new, again.new, again.changed, again.same) == (1, 0, 0, 1)
    assert "2025-03-31" in again.notes[-1]
    assert [line.result for line in audited(archive, "import")] == ["done", "same"]


# people


def test_bi75_of_two_who_edit_one_project_the_second_is_told_by_whom_and_loses_nothing(archive: Archive) -> None:
    signed(archive)
    version = read(archive, P).row_version
    advance(archive, P, "APPROVED", "2024-09-25", "development", seen=version)

    with pytest.raises(Conflict) as stale:
        pause(archive, P, "development-2", seen=version)

    assert told(stale.value) == {"LC_STALE"}
    assert "市发改委经办1" in stale.value.issues[0].what
    assert read(archive, P).state.side == "ACTIVE"
    pause(archive, P, "development-2", seen=version + 1)
    assert read(archive, P).state.side == "PAUSED"


def test_bi75_of_two_at_the_same_instant_one_is_recorded(archive: Archive) -> None:
    signed(archive)
    version = read(archive, P).row_version
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def act(by: str) -> None:
        barrier.wait()
        try:
            advance(archive, P, "APPROVED", "2024-09-25", by, seen=version)
            outcomes.append("done")
        except Conflict as conflict:
            outcomes.append(conflict.issues[0].code)

    threads = [threading.Thread(target=act, args=(by,)) for by in ("development", "development-2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["LC_STALE", "done"]
    assert [event.point for event in read(archive, P).log].count("APPROVED") == 1


def test_bi77_a_request_sent_twice_is_recorded_once_and_another_one_under_its_number_is_refused(
    archive: Archive,
) -> None:
    signed(archive)

    first = advance(archive, P, "APPROVED", "2024-09-25", "development", key="请求1")
    again = advance(archive, P, "APPROVED", "2024-09-25", "development", key="请求1")

    assert (first.is_new, again.is_new) == (True, False)
    assert [event.id for event in again.events] == [event.id for event in first.events]
    for other in ({"on": "2024-09-26"}, {"shown": "核准批复"}, {"cause": "无签约环节"}):
        with pytest.raises(UsageError) as mismatch:
            advance(archive, P, "APPROVED", **({"on": "2024-09-25", "by": "development", "key": "请求1"} | other))  # type: ignore[arg-type]
        assert told(mismatch.value) == {"IDEMP_MISMATCH"}


def test_bi77_both_events_of_a_request_come_back(archive: Archive) -> None:
    points = [SIGNED, point("APPROVED", "2024-09-25")]
    taken(archive, row(archive, points=points))
    both = Advance(
        P,
        ("STARTED", "COMPLETED"),
        (day("2025-02-10"), day("2025-03-12")),
        proof("施工许可证 现场照片 联合竣工验收意见书", P),
    )

    first = advance_project(archive, LIBRARY, both, by="development", now=NOW, key="请求2")
    again = advance_project(archive, LIBRARY, both, by="development", now=NOW, key="请求2")

    assert [event.point for event in again.events] == ["STARTED", "COMPLETED"]
    assert again.events == first.events


def test_bi81_a_refused_row_leaves_nothing_half_linked(archive: Archive) -> None:
    signed(archive)
    wrong = row(archive, "示范另一项目", code=LATER_CODE, points=[point("STARTED", "2025-02-10")])

    done = taken(archive, row(archive, "示范第三项目", number=3, code=None), replace(wrong, row=4))

    assert [one.row for one in done.refusals] == [4]
    assert codes(archive) == [P, Q]
    assert codes(archive, "enterprise") == [E1]


def test_bi106_nobody_speaks_for_a_source_system_and_a_person_never_outranks_it(archive: Archive) -> None:
    signed(archive)
    taken(archive, row(archive, source="TZXM", facts={"total_investment": "12亿元"}), source="TZXM")

    for source in ("TZXM", "FAI", "GG", "ENT"):
        with pytest.raises(UsageError) as refused:
            tell_facts(archive, LIBRARY, P, Told({"total_investment": "15亿元"}, source=source), "development", NOW)
        assert told(refused.value) == {"SOURCE"}
    tell_facts(archive, LIBRARY, P, Told({"total_investment": "15亿元"}, source="DEPT"), "development", NOW)

    found = read(archive, P).fact("total_investment")
    assert found.cell.value is not None and read(archive, P).whole("total_investment") == 12 * 10**10
    assert "DEPT" in [other.source for other in found.against]


def test_bi106_a_closed_month_is_not_changed_by_what_is_recorded_later(archive: Archive) -> None:
    signed(archive)
    with archive.database.writing() as session:
        months.close(session, LIBRARY, "2024-09", by="development", at=NOW, content_hash="0" * 64, body="{}")

    done = advance(archive, P, "APPROVED", "2024-09-25", "development")

    assert [note.code for note in done.notes] == ["LC_CLOSED_MONTH"]
    with archive.database.reading() as session:
        month = months.closed(session, LIBRARY, "2024-09")
    assert month is not None and month.body == "{}"


# rows that are hard to place


def test_the_same_rows_twice_change_nothing_even_without_any_number(archive: Archive) -> None:
    bare = row(archive, "示范无企业项目", uscc=None, firm=None, code=None)
    named = row(archive, "示范无代码项目", number=3, uscc=None, firm="示范筹建公司", code=None)

    first = taken(archive, bare, named)
    again = taken(archive, bare, named)

    assert (first.new, again.new, again.same) == (2, 0, 2)


def test_two_rows_of_one_name_that_nothing_tells_apart_are_both_given_back(archive: Archive) -> None:
    bare = row(archive, "示范标准厂房项目", uscc=None, firm=None, code=None)

    done = taken(archive, bare, replace(bare, row=3))

    assert done.new == 0
    assert [(one.row, one.code) for one in done.refusals] == [(2, "PROJECT_UNCLEAR"), (3, "PROJECT_UNCLEAR")]


def test_a_contract_number_of_two_projects_is_kept_for_both_once(archive: Archive) -> None:
    contract = (Given("HTBH", "合同2024-1"),)
    rows = [
        row(archive, "示范一号项目", code=None, keys=contract),
        row(archive, "示范厂房", number=3, code=None, uscc=E2, firm="示范氢能有限公司", keys=contract),
    ]

    taken(archive, *rows)
    again = taken(archive, *rows)

    assert asked(archive) == ["DUP_SUSPECT"]
    assert (again.changed, again.same) == (0, 2)


def test_a_new_project_told_twice_in_one_file_is_one_project_with_all_its_points(archive: Archive) -> None:
    first = row(archive, points=[SIGNED])
    second = row(archive, number=3, facts={}, points=[SIGNED, point("APPROVED", "2024-09-25")])

    done = taken(archive, first, second)

    assert (done.new, done.refusals, done.asked) == (1, (), ())
    assert codes(archive) == [P]
    assert read(archive, P).state.point == "APPROVED"


def test_a_project_seen_on_public_pages_enters_when_its_district_reports_it(archive: Archive) -> None:
    public = row(archive, code=None, source="PUBLIC", facts={"stage": "签约", "district": "320412"})
    taken(archive, public, source="PUBLIC")
    assert read(archive, P).state.history == ()

    taken(archive, row(archive, points=[SIGNED]))

    record = read(archive, P)
    assert codes(archive) == [P]
    assert (record.state.point, record.state.entered_on) == ("SIGNED", day("2025-03-31"))


def test_the_code_and_the_filing_of_one_row_count_together(archive: Archive) -> None:
    taken(archive, row(archive, code=None, points=[SIGNED]))

    done = taken(archive, row(archive, source="TZXM", points=[point("APPROVED", "2024-09-25")]), source="TZXM")

    assert done.asked == ()
    assert read(archive, P).state.point == "APPROVED"


def test_records_that_have_neither_number_nor_name_are_refused_and_not_written_over_each_other(
    archive: Archive,
) -> None:
    blank = row(archive, None, uscc=None, firm=None, code=None)

    done = taken(archive, blank, replace(blank, row=3), source="GG")

    assert [one.code for one in done.refusals] == ["ROW_UNNAMED", "ROW_UNNAMED"]
    assert done.waiting == 0


def test_a_batch_by_hand_is_not_taken_for_a_list(archive: Archive) -> None:
    add_project(archive, LIBRARY, Told({}, "示范手工项目"), "development", NOW)

    with archive.database.reading() as session:
        assert batches.last_of(session, LIBRARY, "DISTRICT") is None


def test_a_day_is_shown_as_it_is_in_changzhou(archive: Archive) -> None:
    late = NOW + timedelta(hours=14, minutes=30)
    taken(archive, row(archive, points=[SIGNED]), when=late, file="e" * 64)

    again = taken(archive, row(archive, points=[SIGNED]), when=late, file="e" * 64)

    assert "2025-04-01" in again.notes[-1]
    assert seen(archive, "total_investment", "1亿元").confidence == 70


def test_points_that_wait_for_a_person_do_not_cost_the_rest_of_the_row(archive: Archive) -> None:
    signed(archive)
    monthly = row(
        archive,
        facts={"month_investment": "3000万元"},
        points=[SIGNED, point("APPROVED", "2024-09-25"), point("STARTED", "2025-02-10")],
    )

    done = taken(archive, monthly)

    assert (done.refusals, asked(archive)) == ((), ["POINT_TOLD", "POINT_TOLD"])
    record = read(archive, P)
    assert (record.state.point, record.whole("month_investment")) == ("SIGNED", 3000 * 10**6)
    wrong = row(archive, facts={}, points=[point("APPROVED", "2024-09-25"), point("STARTED", "2024-09-24")])
    assert [one.code for one in taken(archive, wrong).refusals] == ["LC_DATE_ORDER"]


def test_a_record_of_a_project_that_never_entered_moves_no_point_and_is_not_lost(archive: Archive) -> None:
    public = row(archive, source="PUBLIC", facts={"stage": "开工", "district": "320412"})
    taken(archive, public, source="PUBLIC")
    acceptance = row(archive, None, uscc=None, firm=None, facts={}, points=[point("COMPLETED", "2025-03-12")])

    done = taken(archive, acceptance, source="GG")

    assert (done.refusals, asked(archive)) == ((), ["POINT_TOLD"])
    assert read(archive, P).state.history == ()


def test_another_day_of_a_recorded_point_is_asked_about_and_changes_nothing(archive: Archive) -> None:
    signed(archive)

    done = taken(archive, row(archive, facts={}, points=[point("SIGNED", "2024-08-21")]))

    assert (asked(archive), done.same) == (["POINT_DATE"], 1)
    assert "2024-08-20" in done.asked[0] and "2024-08-21" in done.asked[0]
    assert read(archive, P).state.on("SIGNED") == day("2024-08-20")


def test_bi31_two_points_of_one_day_are_in_order(archive: Archive) -> None:
    done = taken(archive, row(archive, points=[SIGNED, point("APPROVED", "2024-08-20")]))

    assert done.refusals == ()
    assert read(archive, P).state.point == "APPROVED"
