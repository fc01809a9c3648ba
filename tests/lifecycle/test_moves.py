"""May an event be recorded: each fault by its code, in a fixed order, in words that help."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import (
    COMMERCE,
    DEVELOPMENT,
    DEVELOPMENT_2,
    DISTRICT,
    IMPORTER,
    INDUSTRY,
    OTHER_DISTRICT,
    case,
    day,
    event,
    state,
)

from policy_match.errors import Issue
from policy_match.lifecycle.case import Actor, Case
from policy_match.lifecycle.events import Event, State, replay
from policy_match.lifecycle.moves import NOTES, check, check_batch, is_refused
from policy_match.lifecycle.table import LifecycleTable

SIGNED = event("SIGNED", "2024-12-20", id="s")
APPROVED = event("APPROVED", "2025-01-22", id="a")
STARTED = event("STARTED", "2025-02-10", id="b")
COMPLETED = event("COMPLETED", "2025-03-12", id="c")
WORKS = "施工许可证 现场照片"
LADDER = (SIGNED, APPROVED, STARTED, COMPLETED)


def codes(issues: tuple[Issue, ...]) -> list[str]:
    return [issue.code for issue in issues]


@pytest.fixture
def at(table: LifecycleTable) -> list[State]:
    """The states after none, one, … of the points."""
    return [state(table, *LADDER[:count], as_of="2025-03-31") for count in range(5)]


# points


def test_each_point_may_follow_the_one_before_it(table: LifecycleTable, at: list[State]) -> None:
    moves = [
        (event("SIGNED", "2024-12-20", evidence="投资协议"), COMMERCE),
        (event("APPROVED", "2025-01-22", evidence="备案证"), DISTRICT),
        (event("STARTED", "2025-02-10", evidence="分阶段施工许可证 监理记录"), DEVELOPMENT),
        (event("COMPLETED", "2025-03-12", evidence="联合竣工验收意见书"), DEVELOPMENT),
        (event("PRODUCING", "2025-03-31", evidence="销售发票"), INDUSTRY),
    ]

    assert [check(move, at[place], table, case(actor)) for place, (move, actor) in enumerate(moves)] == [()] * 5


def test_the_industry_bureau_may_not_approve_and_the_commerce_bureau_may_not_skip(
    table: LifecycleTable, at: list[State]
) -> None:
    (role,) = check(event("APPROVED", "2025-01-22", evidence="备案证"), at[1], table, case(INDUSTRY))
    (skip,) = check(event("COMPLETED", "2025-01-22"), at[1], table, case(COMMERCE))

    assert (role.code, role.what) == ("LC_ROLE", "当前阶段由市商务局负责，您无权办理")
    assert role.allowed == "市发改委；辖市区；系统导入（来源 TZXM）"
    assert (skip.code, skip.what) == ("LC_SKIP", "不能跳过“立项”，请先补录并上传佐证")


def test_a_start_before_approval_is_a_milestone_and_not_a_point(table: LifecycleTable, at: list[State]) -> None:
    (skip,) = check(event("STARTED", "2025-01-02", evidence=WORKS), at[1], table, case())
    (order,) = check(event("STARTED", "2025-01-02", evidence=WORKS), at[2], table, case())

    assert (skip.code, order.code) == ("LC_SKIP", "LC_DATE_ORDER")
    assert "实体开工" in skip.hint and "实体开工" in order.hint
    assert order.what == "“开工”日期早于“立项”日期 2025-01-22"


@pytest.mark.parametrize("point", ["SIGNED", "APPROVED"])
def test_points_never_go_back(point: str, table: LifecycleTable, at: list[State]) -> None:
    (issue,) = check(event(point, "2025-03-01"), at[2], table, case())

    assert (issue.code, issue.what) == ("LC_BACKWARD", "阶段不可回退；如录入有误，请走更正流程")


def test_the_day_of_the_point_before_and_today_are_in_time_and_the_days_beside_them_are_not(
    table: LifecycleTable, at: list[State]
) -> None:
    def on(text: str) -> list[str]:
        return codes(check(event("STARTED", text, evidence=WORKS), at[2], table, case(today="2025-03-31")))

    assert [on(text) for text in ("2025-01-21", "2025-01-22", "2025-03-31", "2025-04-01")] == [
        ["LC_DATE_ORDER"],
        [],
        [],
        ["LC_FUTURE"],
    ]


@pytest.mark.parametrize(
    ("evidence", "lacking"),
    [
        ("", "缺少佐证：施工许可、实体开工佐证"),
        ("施工许可证", "缺少佐证：实体开工佐证"),
        ("现场照片", "缺少佐证：施工许可"),
        ("备案证", "缺少佐证：施工许可、实体开工佐证"),
    ],
)
def test_lacking_evidence_is_named(evidence: str, lacking: str, table: LifecycleTable, at: list[State]) -> None:
    (issue,) = check(event("STARTED", "2025-02-10", evidence=evidence), at[2], table, case())

    assert (issue.code, issue.what) == ("LC_EVIDENCE", lacking)
    assert issue.allowed


def test_separate_acceptances_stand_for_the_joint_one_only_all_together(table: LifecycleTable, at: list[State]) -> None:
    parts = ["规划核实", "土地核验", "消防验收", "人防验收", "档案验收", "质量验收"]

    complete = event("COMPLETED", "2025-03-12", evidence=" ".join(parts))
    lacking = event("COMPLETED", "2025-03-12", evidence=" ".join(parts[1:]))

    assert check(complete, at[3], table, case()) == ()
    assert codes(check(lacking, at[3], table, case())) == ["LC_EVIDENCE"]


def test_operating_permits_are_asked_only_where_the_class_needs_them(table: LifecycleTable, at: list[State]) -> None:
    produced = event("PRODUCING", "2025-03-31", evidence="产出记录")
    needs = case(INDUSTRY, needed=frozenset({"排污许可"}))

    assert check(produced, at[4], table, case(INDUSTRY)) == ()
    assert [issue.what for issue in check(produced, at[4], table, needs)] == ["缺少佐证：排污许可"]
    licensed = event("PRODUCING", "2025-03-31", evidence="产出记录 排污登记回执")
    assert check(licensed, at[4], table, needs) == ()


def test_an_upgrade_enters_at_approval_and_starts_without_a_construction_permit(table: LifecycleTable) -> None:
    upgrade = case(INDUSTRY, variant="upgrade_equipment")
    entered = state(table, event("APPROVED", "2024-11-11"), as_of="2025-03-31")
    contract = event("STARTED", "2025-01-15", evidence="设备购置合同")
    complete = event("STARTED", "2025-01-15", evidence="设备购置合同 现场照片 付款凭证")

    assert check(event("APPROVED", "2024-11-11", evidence="备案证"), state(table), table, upgrade) == ()
    (issue,) = check(contract, entered, table, replace(upgrade, actor=DEVELOPMENT))
    assert (issue.code, issue.what) == ("LC_EVIDENCE", "缺少佐证：到货佐证、付款凭证")
    assert check(complete, entered, table, replace(upgrade, actor=DEVELOPMENT)) == ()


def test_a_new_project_enters_at_approval_only_with_the_reason(table: LifecycleTable) -> None:
    bare = event("APPROVED", "2025-01-22", evidence="备案证")

    (issue,) = check(bare, state(table), table, case())

    assert (issue.code, issue.what, issue.allowed) == ("LC_REASON", "请填写原因", "无签约环节")
    assert check(replace(bare, cause="无签约环节"), state(table), table, case()) == ()
    assert codes(check(replace(bare, cause="其他"), state(table), table, case())) == ["LC_REASON"]


def test_the_industry_bureau_accepts_an_upgrade_of_equipment_only(table: LifecycleTable, at: list[State]) -> None:
    done = event("COMPLETED", "2025-03-12", evidence="技改验收记录 联合竣工验收意见书")

    assert check(done, at[3], table, case(INDUSTRY, variant="upgrade_equipment")) == ()
    assert codes(check(done, at[3], table, case(INDUSTRY, variant="upgrade_works"))) == ["LC_ROLE"]


def test_an_imported_start_needs_the_word_of_the_district(table: LifecycleTable, at: list[State]) -> None:
    imported = event("STARTED", "2025-02-10", evidence=WORKS, source="GG")

    def told(second: Actor | None, moved: Event = imported) -> list[str]:
        return codes(check(moved, at[2], table, case(IMPORTER, second=second)))

    assert told(None) == told(OTHER_DISTRICT) == told(DEVELOPMENT) == ["LC_ROLE"]
    assert told(DISTRICT) == []
    assert told(DISTRICT, replace(imported, source="TZXM")) == ["LC_ROLE"]


def test_a_district_acts_in_its_own_area_and_the_zones_inside_it(table: LifecycleTable, at: list[State]) -> None:
    approved = event("APPROVED", "2025-01-22", evidence="备案证")

    assert codes(check(approved, at[1], table, case(OTHER_DISTRICT))) == ["LC_ROLE"]
    assert check(approved, at[1], table, case(DISTRICT, region="WJ-GX")) == ()


def test_a_code_that_is_missing_or_taken_stops_approval(table: LifecycleTable, at: list[State]) -> None:
    approved = event("APPROVED", "2025-01-22", evidence="备案证")

    def told(**more: object) -> list[tuple[str, str]]:
        return [(issue.code, issue.what) for issue in check(approved, at[1], table, case(**more))]  # type: ignore[arg-type]

    assert told(valid_keys=frozenset({"统一社会信用代码"})) == [("LC_KEY_MISSING", "立项须有有效项目代码")]
    assert told(valid_keys=frozenset({"项目代码"})) == [("LC_KEY_MISSING", "立项须有有效统一社会信用代码")]
    assert told(code_taken_by="CZ-2025-00007") == [("LC_KEY_TAKEN", "项目代码已属于 CZ-2025-00007，请先做重复核验")]


def test_signing_needs_no_key(table: LifecycleTable) -> None:
    signed = event("SIGNED", "2024-12-20", evidence="投资协议")

    assert check(signed, state(table), table, case(COMMERCE, valid_keys=frozenset())) == ()


def test_every_fault_that_a_person_can_mend_is_told_at_once_and_in_a_fixed_order(
    table: LifecycleTable, at: list[State]
) -> None:
    wrong = event("APPROVED", "2026-01-22")

    issues = check(wrong, state(table), table, case(valid_keys=frozenset(), closed_months=frozenset({2026 * 12})))

    assert codes(issues) == [
        "LC_REASON", "LC_FUTURE", "LC_KEY_MISSING", "LC_KEY_MISSING", "LC_EVIDENCE", "LC_CLOSED_MONTH",
    ]  # fmt: skip
    assert all(re.search(r"[\u4e00-\u9fff]", issue.what) for issue in issues)


def test_what_was_only_seen_in_public_opens_no_gate(table: LifecycleTable, at: list[State]) -> None:
    for source in ("PUBLIC", "READING"):
        seen = event("STARTED", "2025-02-10", evidence=WORKS, source=source)
        assert codes(check(seen, at[2], table, case())) == ["LC_EVIDENCE"]
    assert table.interval(table.point_of("竣工")).lead == "industry"


def test_a_repeated_key_and_a_closed_month_are_notes(table: LifecycleTable, at: list[State]) -> None:
    repeated = event("STARTED", "2025-02-10", idempotency_key="k1")
    closed = event("STARTED", "2025-02-10", evidence=WORKS)

    assert codes(check(repeated, at[2], table, case(seen_keys=frozenset({"k1"})))) == ["LC_DUP_EVENT"]
    notes = check(closed, at[2], table, case(closed_months=frozenset({2025 * 12 + 1})))
    assert [issue.what for issue in notes] == ["已受理，将计入“更正”，不改已封存月报"]
    assert {issue.code for issue in notes} <= NOTES and not is_refused(notes)
    assert check(closed, at[2], table, case(closed_months=frozenset({2025 * 12}))) == ()


def test_an_event_without_a_key_is_never_a_repetition(table: LifecycleTable, at: list[State]) -> None:
    assert check(event("STARTED", "2025-02-10", evidence=WORKS), at[2], table, case(seen_keys=frozenset({""}))) == ()


def test_a_row_that_somebody_else_changed_is_told_with_the_name(table: LifecycleTable, at: list[State]) -> None:
    started = event("STARTED", "2025-02-10", evidence=WORKS)

    (issue,) = check(started, at[2], table, case(version_seen=3, version_now=4, changed_by="示范区王某"))

    assert (issue.code, issue.what) == ("LC_STALE", "数据已被他人（示范区王某）修改，请刷新")


def test_start_and_completion_may_be_recorded_together_and_nothing_else(table: LifecycleTable, at: list[State]) -> None:
    started = event("STARTED", "2025-02-10", evidence=WORKS)
    done = event("COMPLETED", "2025-03-12", evidence="联合竣工验收意见书")
    approved = event("APPROVED", "2025-01-22", evidence="备案证")

    assert check_batch([started, done], at[2], table, case()) == ((), ())
    early = replace(done, effective_on=day("2025-02-09"))
    assert [codes(found) for found in check_batch([started, early], at[2], table, case())] == [[], ["LC_DATE_ORDER"]]
    assert [codes(found) for found in check_batch([approved, started], at[1], table, case())] == [[], ["LC_SKIP"]]
    bare = replace(started, evidence=())
    assert [codes(found) for found in check_batch([bare, done], at[2], table, case())] == [["LC_EVIDENCE"], ["LC_SKIP"]]


def test_a_project_enters_once(table: LifecycleTable, at: list[State]) -> None:
    entry = event("ENTER", "2024-12-20")

    assert check(entry, state(table), table, case(COMMERCE)) == ()
    assert codes(check(entry, state(table), table, case(Actor("x", "power")))) == ["LC_ROLE"]
    assert codes(check(entry, at[1], table, case(COMMERCE))) == ["LC_BACKWARD"]
    assert codes(check(replace(entry, effective_on=day("2025-04-01")), state(table), table, case())) == ["LC_FUTURE"]


# beside the points

PAUSE = event("PAUSE", "2025-03-01", cause="资金", expected_on=day("2025-06-01"), evidence="停工报告", id="p")


def test_a_pause_needs_its_reason_the_day_it_ends_and_a_report(table: LifecycleTable, at: list[State]) -> None:
    assert check(PAUSE, at[3], table, case(DISTRICT)) == ()
    assert codes(check(replace(PAUSE, cause=""), at[3], table, case())) == ["SIDE_REASON"]
    assert codes(check(replace(PAUSE, expected_on=None), at[3], table, case())) == ["SIDE_REASON"]
    assert codes(check(replace(PAUSE, evidence=()), at[3], table, case())) == ["LC_EVIDENCE"]
    assert codes(check(PAUSE, at[3], table, case(COMMERCE))) == ["SIDE_ROLE"]
    assert codes(check(replace(PAUSE, effective_on=day("2024-12-19")), at[3], table, case())) == ["LC_DATE_ORDER"]


def test_a_paused_project_does_not_advance_until_it_resumes_with_evidence(table: LifecycleTable) -> None:
    paused = state(table, *LADDER[:2], PAUSE, as_of="2025-03-31")
    resume = event("RESUME", "2025-03-20")

    (issue,) = check(event("STARTED", "2025-03-20", evidence=WORKS), paused, table, case())
    assert (issue.code, issue.what) == ("LC_SIDE", "项目处于“暂停”，不能推进阶段")
    assert (issue.allowed, issue.hint) == ("在库", "先办理“恢复”")
    assert codes(check(PAUSE, paused, table, case())) == ["LC_SIDE"]
    assert codes(check(resume, paused, table, case())) == ["SIDE_RESUME_EVIDENCE"]
    assert check(event("RESUME", "2025-03-20", evidence="复工报告"), paused, table, case()) == ()
    early = event("RESUME", "2025-02-28", evidence="复工报告")
    assert [issue.what for issue in check(early, paused, table, case())] == ["“恢复”日期早于“暂停”日期 2025-03-01"]


def test_the_end_of_a_project_needs_two_persons_a_text_and_no_open_payout(
    table: LifecycleTable, at: list[State]
) -> None:
    end = event("TERMINATE", "2025-03-31", reason="投资方退出", evidence="已兑付政策清单")

    assert check(end, at[3], table, case(DISTRICT, second=DEVELOPMENT)) == ()
    assert check(end, at[3], table, case(DEVELOPMENT, second=DISTRICT)) == ()
    assert codes(check(end, at[3], table, case(DISTRICT))) == ["SIDE_ROLE"]
    assert codes(check(end, at[3], table, case(DISTRICT, second=INDUSTRY))) == ["SIDE_ROLE"]
    both = case(DISTRICT, second=DEVELOPMENT)
    assert codes(check(replace(end, reason=" "), at[3], table, both)) == ["SIDE_REASON"]
    (issue,) = check(end, at[3], table, replace(both, open_cases=("M-2025-001",)))
    assert issue.code == "SIDE_OPEN_CASES" and "M-2025-001" in issue.what


def test_leaving_the_library_after_full_capacity_takes_two_years_of_production(table: LifecycleTable) -> None:
    produced = event("PRODUCING", "2023-11-15")
    now = state(table, event("APPROVED", "2022-08-09"), produced)

    def leaves(on: str, *, evidence: str = "年度评价结论", cause: str = "达产出库") -> list[str]:
        exit_ = event("EXIT", on, cause=cause, evidence=evidence)
        return codes(check(exit_, now, table, case(today="2026-11-25")))

    assert [leaves("2025-11-14"), leaves("2025-11-15")] == [["LC_REASON"], []]
    assert leaves("2025-11-15", evidence="") == ["LC_EVIDENCE"]
    assert leaves("2025-11-15", cause="") == ["LC_REASON"]
    assert leaves("2025-11-15", cause="终止出库") == ["LC_REASON"]
    assert leaves("2025-11-15", cause="迁出", evidence="") == []


def test_a_merge_names_the_project_that_stays_and_can_be_undone(table: LifecycleTable, at: list[State]) -> None:
    merge = event("MERGE", "2025-03-31", reason="同一项目", survivor="P2")
    merged = state(table, *LADDER, merge, as_of="2025-03-31")

    assert check(merge, at[4], table, case(Actor("sj", "data"))) == ()
    assert codes(check(replace(merge, survivor=None), at[4], table, case())) == ["SIDE_REASON"]
    assert check(event("UNMERGE", "2025-03-31", reason="不是同一项目"), merged, table, case()) == ()
    assert codes(check(event("UNMERGE", "2025-03-31", reason="不是"), at[4], table, case())) == ["LC_SIDE"]


def test_what_is_not_in_the_library_cannot_be_paused(table: LifecycleTable) -> None:
    (issue,) = check(PAUSE, state(table), table, case())

    assert (issue.code, issue.what) == ("LC_SIDE", "项目处于“尚未入库”，不能办理“暂停”")


# corrections

MOVE = event("CORRECT", "2025-02-12", recorded="2025-03-20", supersedes="b", reason="日期录错", id="k")
TWO = case(DEVELOPMENT, second=DEVELOPMENT_2)


def test_a_correction_needs_a_reason_and_a_second_person(table: LifecycleTable, at: list[State]) -> None:
    assert check(MOVE, at[4], table, TWO) == ()
    assert codes(check(replace(MOVE, reason=""), at[4], table, TWO)) == ["LC_REASON"]
    assert codes(check(MOVE, at[4], table, case())) == ["LC_ROLE"]
    assert codes(check(MOVE, at[4], table, case(second=DEVELOPMENT))) == ["LC_ROLE"]
    assert codes(check(MOVE, at[4], table, case(INDUSTRY, second=DEVELOPMENT))) == ["LC_ROLE"]


def test_the_lead_of_the_interval_that_the_point_opens_corrects_it_with_the_overall_lead(
    table: LifecycleTable, at: list[State]
) -> None:
    signed = replace(MOVE, supersedes="s", effective_on=day("2024-12-19"))

    assert check(signed, at[4], table, case(COMMERCE, second=DEVELOPMENT)) == ()
    assert codes(check(signed, at[4], table, case(INDUSTRY, second=DEVELOPMENT))) == ["LC_ROLE"]


@pytest.mark.parametrize(
    ("on", "told"),
    [
        ("2025-01-21", ["LC_DATE_ORDER"]),
        ("2025-01-22", []),
        ("2025-03-12", []),
        ("2025-03-13", ["LC_DATE_ORDER"]),
        ("2025-04-01", ["LC_FUTURE", "LC_DATE_ORDER"]),
    ],
)
def test_a_corrected_date_stays_between_its_neighbours(
    on: str, told: list[str], table: LifecycleTable, at: list[State]
) -> None:
    assert codes(check(replace(MOVE, effective_on=day(on)), at[4], table, TWO)) == told


def test_only_the_last_point_can_be_withdrawn(table: LifecycleTable, at: list[State]) -> None:
    withdrawn = event("WITHDRAW", "2025-03-20", supersedes="b", reason="误录", id="w")

    (issue,) = check(withdrawn, at[4], table, TWO)
    assert (issue.code, issue.what) == ("LC_SKIP", "不能跳过“开工”，请先撤销其后的“竣工”")
    assert check(withdrawn, at[3], table, TWO) == ()


def test_a_correction_in_a_closed_month_old_or_new_is_a_restatement(table: LifecycleTable, at: list[State]) -> None:
    for month in (2025 * 12 + 1, 2025 * 12):
        moved = replace(MOVE, effective_on=day("2025-01-31"))
        assert codes(check(moved, at[4], table, replace(TWO, closed_months=frozenset({month})))) == ["LC_CLOSED_MONTH"]
    assert check(MOVE, at[4], table, replace(TWO, closed_months=frozenset({2025 * 12}))) == ()


def test_a_correction_of_what_is_no_longer_there_is_stale(table: LifecycleTable, at: list[State]) -> None:
    assert codes(check(MOVE, at[2], table, TWO)) == ["LC_STALE"]


def test_a_corrected_pause_stays_before_its_end(table: LifecycleTable) -> None:
    log = (*LADDER[:2], PAUSE, event("RESUME", "2025-03-10", id="r"))
    now = state(table, *log, as_of="2025-03-31")

    def moved(on: str) -> list[str]:
        correction = event("CORRECT", on, supersedes="p", reason="日期录错", id="k")
        return codes(check(correction, now, table, TWO))

    assert (moved("2025-03-09"), moved("2025-03-11")) == ([], ["LC_DATE_ORDER"])


PAUSED = event("PAUSE", "2025-01-10", id="p", evidence="停工报告", cause="用地", expected_on=day("2025-03-01"))
RESUMED = event("RESUME", "2025-01-20", id="r", evidence="复工报告")
ENTERED = event("ENTER", "2024-12-01", id="e")


@pytest.mark.parametrize(
    ("what", "on", "told"),
    [
        ("s", "2025-01-10", []),
        ("s", "2025-01-11", ["LC_SIDE"]),
        ("s", "2025-01-20", ["LC_SIDE"]),
        ("s", "2025-01-21", []),
        ("a", "2025-01-21", []),
        ("a", "2025-01-19", ["LC_SIDE"]),
        ("p", "2024-12-31", []),
        ("p", "2024-12-19", ["LC_SIDE"]),
        ("p", "2024-11-30", ["LC_DATE_ORDER"]),
        ("r", "2025-01-22", []),
        ("r", "2025-01-23", ["LC_SIDE"]),
    ],
)
def test_no_correction_puts_a_point_into_a_pause_or_a_pause_over_a_point(
    what: str, on: str, told: list[str], table: LifecycleTable
) -> None:
    now = state(table, ENTERED, SIGNED, PAUSED, RESUMED, APPROVED, as_of="2025-03-31")
    who = case(COMMERCE if what == "s" else DEVELOPMENT, second=DEVELOPMENT_2)

    issues = check(event("CORRECT", on, supersedes=what, reason="日期录错", id="k"), now, table, who)

    assert codes(issues) == told


def test_a_signing_is_not_corrected_to_a_day_after_a_pause_that_has_not_ended(table: LifecycleTable) -> None:
    commerce = case(COMMERCE, second=DEVELOPMENT)
    moved = event("CORRECT", "2025-02-01", supersedes="s", reason="录错", id="k")

    for log in ((ENTERED, SIGNED, PAUSED), (SIGNED, PAUSED)):
        (issue,) = check(moved, state(table, *log, as_of="2025-03-31"), table, commerce)
        assert (issue.code, issue.what) == ("LC_SIDE", "项目处于“暂停”，不能推进阶段")


def test_a_correction_that_another_entry_does_not_survive_names_that_entry(table: LifecycleTable) -> None:
    now = state(table, SIGNED, PAUSED, RESUMED, APPROVED, as_of="2025-03-31")

    (issue,) = check(event("CORRECT", "2025-01-23", supersedes="r", reason="录错", id="k"), now, table, TWO)

    assert issue.what == "更正后，2025-01-22 的“立项”不成立：项目处于“暂停”，不能推进阶段"


@pytest.mark.parametrize(("what", "told"), [("p", ["LC_SIDE"]), ("r", ["LC_SIDE"])])
def test_neither_end_of_a_pause_is_withdrawn_alone(what: str, told: list[str], table: LifecycleTable) -> None:
    now = state(table, SIGNED, PAUSED, RESUMED, APPROVED, as_of="2025-03-31")

    assert (
        codes(check(event("WITHDRAW", "2025-03-20", supersedes=what, reason="误录", id="w"), now, table, TWO)) == told
    )


def test_what_did_not_follow_before_the_correction_does_not_stand_in_its_way(table: LifecycleTable) -> None:
    late = replace(APPROVED, effective_on=day("2025-01-15"))
    now = state(table, SIGNED, PAUSED, RESUMED, late, as_of="2025-03-31")

    assert check(event("CORRECT", "2025-01-16", supersedes="a", reason="录错", id="k"), now, table, TWO) == ()


def test_an_exit_that_needed_a_point_for_two_years_holds_the_point_where_it_is(table: LifecycleTable) -> None:
    points = [event(name, f"2022-0{place}-01", id=name) for place, name in enumerate(("SIGNED", "APPROVED", "STARTED", "COMPLETED", "PRODUCING"), start=1)]  # fmt: skip
    out = event("EXIT", "2024-06-01", id="x", cause="达产出库", reason="达产")
    now, who = state(table, *points, out, as_of="2025-03-31"), case(INDUSTRY, second=DEVELOPMENT)

    moved = [
        codes(check(event("CORRECT", on, supersedes="PRODUCING", reason="录错", id="k"), now, table, who))
        for on in ("2022-05-31", "2022-06-01", "2022-06-02")
    ]

    assert moved == [[], [], ["LC_REASON"]]


@pytest.mark.parametrize("kind", ["CORRECT", "WITHDRAW"])
def test_a_merge_is_taken_back_and_not_corrected(kind: str, table: LifecycleTable) -> None:
    merge = event("MERGE", "2025-03-01", id="m", reason="同一项目", survivor="Q")
    now = state(table, SIGNED, merge, as_of="2025-03-31")

    (issue,) = check(event(kind, "2025-02-28", supersedes="m", reason="录错", id="k"), now, table, TWO)

    assert (issue.code, issue.what) == ("LC_SIDE", "“并库”不能更正")


def test_an_accepted_correction_moves_the_date_of_the_state(table: LifecycleTable, at: list[State]) -> None:
    assert check(MOVE, at[4], table, TWO) == ()

    moved = replay((*LADDER, MOVE), table, day("2025-03-31"), MOVE.recorded_at)

    assert [reached.on for reached in moved.reached] == [
        day(text) for text in ("2024-12-20", "2025-01-22", "2025-02-12", "2025-03-12")
    ]


def test_another_table_moves_through_its_own_points(six_points: LifecycleTable) -> None:
    planner, works = Actor("p", "planning"), Actor("w", "works")
    request = Case(variant="any", region="320412", actor=planner, today=day("2025-03-31"))
    log = [event("TALKED", "2025-01-01"), event("SIGNED", "2025-01-02"), event("APPROVED", "2025-01-03")]
    now = state(six_points, *log)

    assert codes(check(event("STARTED", "2025-02-01"), now, six_points, request)) == ["LC_SKIP"]
    landed = event("LANDED", "2025-02-01", evidence="土地合同")
    assert check(landed, now, six_points, request) == ()
    assert codes(check(landed, now, six_points, replace(request, actor=works))) == ["LC_ROLE"]
    assert state(six_points, *log, landed).lead == "works"
    assert state(six_points, event("TALKED", "2025-01-01")).lead == "district"


@given(what=st.sampled_from("sapr"), on=st.dates(day("2024-11-25"), day("2025-02-05")))
def test_whatever_correction_is_taken_no_point_lies_in_the_pause_and_the_order_holds(
    what: str, on: date, table: LifecycleTable
) -> None:
    log = (ENTERED, SIGNED, PAUSED, RESUMED, APPROVED)
    moved = event("CORRECT", str(on), recorded="2025-03-20", supersedes=what, reason="日期录错", id="k")
    who = case(COMMERCE if what == "s" else DEVELOPMENT, second=DEVELOPMENT_2)

    issues = check(moved, state(table, *log, as_of="2025-03-31"), table, who)

    after = state(table, *log, moved, as_of="2025-03-31")
    (pause,) = after.pauses or (None,)
    days = [reached.on for reached in after.reached]
    inside = pause is not None and any(pause.since < one < (pause.until or date.max) for one in days)
    assert is_refused(issues) or (pause is not None and not inside and days == sorted(days))
