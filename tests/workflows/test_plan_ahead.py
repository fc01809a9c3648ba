"""The roadmap of a project: what opens, closes and changes by its planned days, what to have, and what would spoil it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.benefits.formula import Amount
from policy_match.eligibility.date_limits import Keeping
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import UsageError
from policy_match.exchange.subjects import read_subjects, subject_from_json
from policy_match.facts.read import Json
from policy_match.facts.subjects import Kind, Subject
from policy_match.lifecycle.table import LifecycleTable
from policy_match.workflows.decide_ahead import Outcome, Planned, Roadmap, Row, Turn, decide_ahead
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.show_match import match_data
from policy_match.workflows.show_roadmap import (
    amount_change,
    day_text,
    details,
    outcome_text,
    roadmap_data,
    roadmap_grids,
    roadmap_lines,
    turn_text,
)

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 6, 15)
LOAN = {
    "stage": "开工", "district": "320412", "registered_region": "320412", "industry_code": "C3562",
    "provincial_or_national_specialised": False, "equipment_loan": "20000万元", "loan_purpose": "设备购置",
    "loan_kind": "项目贷款", "central_interest_subsidy": False,
}  # fmt: skip
BASE = {
    "stage": "开工", "entity_type": "企业法人", "status": "存续", "registered_on": "2015-05-01", "district": "武进区",
    "approved_on": "2022-03-01", "started_on": "2022-07-01", "major_incident_3y": False, "blacklisted": False,
}  # fmt: skip
RESEARCH = {
    "stage": "开工", "main_industry": "专用设备制造业", "main_industry_rev_ratio": "95%", "resident_enterprise": True,
    "collection_method": "查账征收", "rd_accurately_accounted": True, "enhanced_sector": "工业母机",
    "rd_expensed": "600万元", "rd_outsourced_domestic": "0元", "rd_outsourced_overseas": "0元",
    "rd_intangible_cost": "0元", "amortisation_years": 10,
}  # fmt: skip


@pytest.fixture(scope="session")
def table() -> LifecycleTable:
    return load_lifecycle(ROOT / "rules" / "lifecycle.yaml")


@pytest.fixture(scope="session")
def demo(rulebook: Rulebook) -> tuple[Subject, ...]:
    every = read_subjects(ROOT / "corpus" / "demo" / "subjects.jsonl", rulebook.vocabulary).subjects
    return tuple(subject for subject in every if subject.kind is Kind.PROJECT)


def project(rulebook: Rulebook, facts: dict[str, object], kind: str = "project") -> Subject:
    line: Json = {"id": "甲", "kind": kind, "facts": facts}  # type: ignore[dict-item]
    return subject_from_json(line, rulebook.vocabulary)


def seen(
    rulebook: Rulebook,
    table: LifecycleTable,
    facts: dict[str, object],
    as_of: date = DAY,
    **told: str,
) -> Roadmap:
    """The roadmap of a project; `told`: planned days by point, as a library records them."""
    days = {point: date.fromisoformat(day) for point, day in told.items()}
    return decide_ahead(rulebook, table, Planned(project(rulebook, facts), days), as_of)


def row(roadmap: Roadmap, measure: str) -> Row:
    return next(one for one in roadmap.rows if one.id == measure)


def verdicts(one: Row) -> list[str]:
    return [outcome.match.verdict.value for outcome in one.outcomes]


def titled(found: list[tuple[str, list[str]]], title: str) -> list[str]:
    return dict(found).get(title, [])


# columns


def test_a_signed_project_has_a_column_for_now_and_each_later_point(rulebook: Rulebook, table: LifecycleTable) -> None:
    found = seen(
        rulebook, table, {"stage": "签约", "project_kind": "新招引"},
        APPROVED="2026-07-01", STARTED="2026-09-01", COMPLETED="2027-12-31", PRODUCING="2028-05-01",
    )  # fmt: skip

    assert [(column.name, day_text(column)) for column in found.columns] == [
        ("现在", "2026-06-15"),
        ("立项", "2026-07-01（计划）"),
        ("开工", "2026-09-01（计划）"),
        ("竣工", "2027-12-31（计划）"),
        ("投产", "2028-05-01（计划）"),
    ]
    assert found.notes == ()


def test_a_column_without_a_planned_day_says_so_and_is_judged_on_the_earliest_day(
    rulebook: Rulebook, table: LifecycleTable
) -> None:
    found = seen(rulebook, table, LOAN, PRODUCING="2026-06-14")

    assert [day_text(column) for column in found.columns[1:]] == [
        "日期未定，按2026-06-15测算",
        "原定2026-06-14已过仍未到，日期未定，按2026-06-15测算",
    ]
    assert found.notes[0].startswith("日期未定的跟踪点")
    assert verdicts(row(found, "js_mfg_loan_discount")) == ["eligible"] * 3


def test_planned_days_of_a_file_are_the_date_facts_that_lie_ahead(rulebook: Rulebook, table: LifecycleTable) -> None:
    found = seen(rulebook, table, LOAN | {"completed_on": "2026-12-31", "produced_on": "2027-02"})

    assert [day_text(column) for column in found.columns[1:]] == ["2026-12-31（计划）", "2027-02-28（计划）"]


def test_what_the_library_planned_goes_before_what_a_fact_says(rulebook: Rulebook, table: LifecycleTable) -> None:
    found = seen(rulebook, table, LOAN | {"completed_on": "2026-12-31"}, COMPLETED="2027-03-01")

    assert found.columns[1].on == date(2027, 3, 1)


def test_a_producing_project_has_nothing_ahead_and_an_unknown_one_everything(
    rulebook: Rulebook, table: LifecycleTable
) -> None:
    last = seen(rulebook, table, LOAN | {"stage": "投产"})
    unknown = seen(rulebook, table, {"district": "320412"})

    assert [column.name for column in last.columns] == ["现在"]
    assert last.notes == ("已到最后一个跟踪点，后面没有别的跟踪点",)
    assert [column.name for column in unknown.columns] == ["现在", "签约", "立项", "开工", "竣工", "投产"]
    assert unknown.notes[0] == "项目阶段未知，从第一个跟踪点列起"


def test_a_point_asks_for_the_evidence_and_numbers_of_the_lifecycle(rulebook: Rulebook, table: LifecycleTable) -> None:
    new = seen(rulebook, table, LOAN | {"project_kind": "新招引"})
    upgrade = seen(rulebook, table, LOAN | {"project_kind": "技改", "upgrade_works": False})
    unknown = seen(rulebook, table, LOAN)

    assert [group.name for group in new.columns[1].evidence] == ["竣工验收"]
    assert [group.name for group in upgrade.columns[1].evidence] == ["技改验收记录"]
    assert [group.name for group in unknown.columns[1].evidence] == ["竣工验收", "技改验收记录"]
    assert new.columns[1].keys == ("项目代码", "统一社会信用代码")
    assert new.columns[0].evidence == ()


def test_a_paused_project_is_told_to_be_judged_as_if_it_went_on(rulebook: Rulebook, table: LifecycleTable) -> None:
    found = decide_ahead(rulebook, table, Planned(project(rulebook, LOAN), {}, "暂停"), DAY)

    assert found.notes[0] == "项目现为“暂停”，以下按恢复推进测算"


@pytest.mark.parametrize(("kind", "word"), [("enterprise", "企业"), ("person", "个人")])
def test_only_projects_have_a_roadmap(kind: str, word: str, rulebook: Rulebook, table: LifecycleTable) -> None:
    with pytest.raises(UsageError, match=f"是{word}，没有跟踪点"):
        decide_ahead(rulebook, table, Planned(project(rulebook, {}, kind)), DAY)


# turns


@pytest.mark.parametrize(("planned", "last"), [("2026-12-31", "eligible"), ("2027-01-01", "not_in_force")])
def test_a_measure_closes_when_its_version_ends_before_the_planned_point(
    planned: str, last: str, rulebook: Rulebook, table: LifecycleTable
) -> None:
    found = seen(rulebook, table, LOAN, COMPLETED=planned)
    one = row(found, "js_mfg_loan_discount")

    assert verdicts(one)[1] == last
    assert one.turn is (Turn.STAYS if last == "eligible" else Turn.CLOSES)
    if one.turn is Turn.CLOSES:
        told = details(one, 1, found, rulebook.vocabulary)
        assert titled(told, "原因") == ["不在施行期：2026-01-01至2026-12-31"]
        assert titled(told, "此前期限") == ["施行2026-01-01至2026-12-31"]


def test_a_version_that_is_superseded_by_then_gives_way_to_the_next(rulebook: Rulebook, table: LifecycleTable) -> None:
    found = seen(rulebook, table, LOAN, date(2025, 12, 1), COMPLETED="2026-01-01")
    one = row(found, "js_mfg_loan_discount")

    assert [outcome.match.rule.measure.version for outcome in one.outcomes] == [3, 4, 4]
    assert one.turns[0] is not Turn.STAYS
    assert "改用第4版" in turn_text(one.outcomes[0], one.outcomes[1], one.turns[0])


def test_a_measure_for_finished_projects_opens_at_completion(rulebook: Rulebook, table: LifecycleTable) -> None:
    facts = {"stage": "开工", "district": "武进区", "compound_semiconductor": True, "lists": [{"name": "市重大项目库"}]}
    today = seen(rulebook, table, facts, date(2024, 4, 8), COMPLETED="2024-04-08")
    later = seen(rulebook, table, facts, date(2024, 4, 8), COMPLETED="2024-04-09")

    assert verdicts(row(today, "cz_compound_semi_equipment")) == ["ineligible", "eligible", "eligible"]
    assert row(today, "cz_compound_semi_equipment").turns == (Turn.OPENS, Turn.STAYS)
    one = row(later, "cz_compound_semi_equipment").outcomes[1]
    assert (one.match.verdict, one.in_force, one.holds) == (Verdict.UNKNOWN, None, True)
    assert "是否施行未见，各条件都满足" in outcome_text(one)
    assert row(later, "cz_compound_semi_equipment").turn is Turn.OPENS


def test_a_condition_that_time_changes_is_told_while_it_stands_in_the_way(
    rulebook: Rulebook, table: LifecycleTable
) -> None:
    facts = {"stage": "立项", "district": "武进区", "compound_semiconductor": True, "lists": [{"name": "市重大项目库"}]}
    found = seen(rulebook, table, facts, date(2024, 4, 8), STARTED="2024-04-08")
    one = row(found, "cz_compound_semi_equipment")

    assert [reason.condition for reason in one.outcomes[1].to_change] == ["finished"]
    assert titled(details(one, 1, found, rulebook.vocabulary), "要备")[0].startswith("随时间满足：项目阶段：开工")


def test_unknown_facts_are_named_with_the_registers_that_hold_them(rulebook: Rulebook, table: LifecycleTable) -> None:
    facts = {name: value for name, value in LOAN.items() if name != "loan_kind"}
    found = seen(rulebook, table, facts)
    told = details(row(found, "js_mfg_loan_discount"), 0, found, rulebook.vocabulary)

    assert titled(told, "要备")[0] == "了解贷款种类（财政、部门填报、企业自报）"


def test_a_judgement_is_asked_for_only_where_the_verdict_waits_for_it(
    rulebook: Rulebook, table: LifecycleTable
) -> None:
    proved = seen(rulebook, table, LOAN)
    waiting = seen(rulebook, table, LOAN | {"loan_kind": "新型政策性金融工具"})
    asked = [
        titled(details(row(found, "js_mfg_loan_discount"), 0, found, rulebook.vocabulary), "要备")
        for found in (proved, waiting)
    ]

    assert asked[0] == []
    assert [line[:5] for line in asked[1]] == ["由人判断："]


def test_an_amount_changes_when_its_switch_ends_before_the_point(rulebook: Rulebook, table: LifecycleTable) -> None:
    kept = row(seen(rulebook, table, RESEARCH, COMPLETED="2027-12-31"), "rd_super_deduction")
    ended = row(seen(rulebook, table, RESEARCH, COMPLETED="2028-01-01"), "rd_super_deduction")

    assert kept.turns == (Turn.STAYS, Turn.STAYS)
    assert ended.turns == (Turn.CHANGES, Turn.STAYS)
    assert [one.match.amount.high_fen for one in ended.outcomes if one.match.amount] == [
        720_000_000, 600_000_000, 600_000_000,
    ]  # fmt: skip
    assert turn_text(ended.outcomes[0], ended.outcomes[1], Turn.CHANGES) == "变化，金额减少120万元"


def edit(place: Path, *edits: tuple[str, str]) -> None:
    text = place.read_text("utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    place.write_text(text, "utf-8")


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """The shipped rules, but the deduction doubles from 2028 on, and a date is an exclusion and not a requirement."""
    rules = tmp_path_factory.mktemp("rules")
    shutil.copytree(ROOT / "rules", rules, dirs_exist_ok=True)
    measures = rules / "measures"
    edit(
        measures / "national" / "NATIONAL-TAX" / "rd_super_deduction.v1.yaml",
        (
            'times: "120%"}], from: "2023-01-01", through: "2027-12-31"}',
            'times: "200%"}], from: "2028-01-01", through: "2028-12-31"}',
        ),
    )
    edit(
        measures / "city" / "CZ2024" / "cz_base_capacity_equipment.v1.yaml",
        ('produced_on, op: before, value: "2025-07-01"', 'produced_on, op: on_or_after, value: "2025-07-01"'),
        ("permits, in_production, short", "permits, {not: in_production}, short"),
    )
    return open_rulebook(rules, ROOT / "corpus")


@pytest.mark.parametrize(("planned", "keeping"), [("2025-06-30", Keeping.KEPT), ("2025-07-01", Keeping.SPOILED)])
def test_a_date_that_must_not_be_reached_is_kept_before_it(
    planned: str, keeping: Keeping, edited: Rulebook, table: LifecycleTable
) -> None:
    found = seen(edited, table, BASE, date(2024, 9, 25), PRODUCING=planned)
    limits = {limit.condition: limit for limit in row(found, "cz_base_capacity_equipment").outcomes[2].limits}

    assert limits["in_production"].keeping is keeping
    assert limits["in_production"].text == "投产日期，排除情形：不早于2025-07-01"


def test_an_amount_that_doubles_is_said_to(edited: Rulebook, table: LifecycleTable) -> None:
    found = seen(edited, table, RESEARCH, COMPLETED="2028-01-01", PRODUCING="2029-01-01")
    one = row(found, "rd_super_deduction")

    assert turn_text(one.outcomes[0], one.outcomes[1], one.turns[0]) == "变化，金额翻倍"
    assert turn_text(one.outcomes[1], one.outcomes[2], one.turns[1]) == "变化，金额减少600万元"


AMOUNT = Amount("cash", 100, 100, "1元", True, "exact", "once")


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (100, 100, ""),
        (200, 200, "金额翻倍"),
        (0, 200, "金额翻倍"),
        (300, 300, "金额增加2元"),
        (0, 0, "金额减少1元"),
        (0, 100, "金额下限变化"),
        (0, None, ""),
    ],
)
def test_amounts_are_compared_by_their_upper_ends(low: int, high: int | None, text: str) -> None:
    assert amount_change(AMOUNT, replace(AMOUNT, low_fen=low, high_fen=high)) == text
    assert amount_change(None, AMOUNT) == amount_change(AMOUNT, None) == ""


# what would spoil it


@pytest.mark.parametrize(
    ("planned", "keeping", "turn"),
    [("2025-06-30", Keeping.KEPT, Turn.STAYS), ("2025-07-01", Keeping.SPOILED, Turn.CLOSES)],
)
def test_a_date_before_a_fixed_day_is_kept_or_spoiled_as_planned(
    planned: str, keeping: Keeping, turn: Turn, rulebook: Rulebook, table: LifecycleTable
) -> None:
    found = seen(rulebook, table, BASE, date(2024, 9, 25), COMPLETED="2024-10-01", PRODUCING=planned)
    one = row(found, "cz_base_capacity_equipment")
    limits = {limit.condition: limit for limit in one.outcomes[2].limits}

    assert limits["in_production"].through == date(2025, 6, 30)
    assert limits["in_production"].since is None
    assert limits["in_production"].keeping is keeping
    assert one.turns[1] is turn
    assert {limit.condition: limit.keeping for limit in one.outcomes[0].limits} == {
        "in_production": Keeping.OPEN,
        "short": Keeping.OPEN,
    }
    if turn is Turn.CLOSES:
        told = details(one, 2, found, rulebook.vocabulary)
        assert titled(told, "别错过") == ["投产日期，要求早于2025-07-01：赶不上"]
        assert any(line.startswith("投产日期2025-07-01，要求早于2025-07-01") for line in titled(told, "原因"))


@pytest.mark.parametrize(("started", "keeping"), [("2022-06-30", Keeping.KEPT), ("2022-06-29", Keeping.SPOILED)])
def test_a_date_within_a_time_of_another_is_told_with_its_last_day(
    started: str, keeping: Keeping, rulebook: Rulebook, table: LifecycleTable
) -> None:
    facts = BASE | {"started_on": started}
    found = seen(rulebook, table, facts, date(2024, 9, 25), PRODUCING="2025-06-30")
    limits = {limit.condition: limit for limit in row(found, "cz_base_capacity_equipment").outcomes[2].limits}

    assert limits["short"].keeping is keeping
    assert limits["short"].through == date(2025, int(started[5:7]), int(started[8:]))
    assert f"{limits['short'].through}止" in limits["short"].text


def test_a_date_that_has_passed_can_no_longer_be_spoiled(rulebook: Rulebook, table: LifecycleTable) -> None:
    found = seen(rulebook, table, BASE | {"approved_on": "2021-12-31"}, date(2024, 9, 25), PRODUCING="2025-06-30")
    told = {limit.fact for one in row(found, "cz_base_capacity_equipment").outcomes for limit in one.limits}

    assert told == {"produced_on"}


def test_a_last_day_that_lies_behind_the_column_is_said_to_have_passed(
    rulebook: Rulebook, table: LifecycleTable
) -> None:
    found = seen(rulebook, table, BASE, date(2025, 7, 1))
    told = details(row(found, "cz_base_capacity_equipment"), 0, found, rulebook.vocabulary)

    assert "投产日期，要求早于2025-07-01：这个期限届时已过" in titled(told, "别错过")


# laws


def said(match: Match, as_of: date) -> dict[str, object]:
    return {name: value for name, value in match_data(match, as_of).items() if name != "score"}


def test_at_the_present_point_the_roadmap_says_exactly_what_match_says(
    rulebook: Rulebook, table: LifecycleTable, demo: tuple[Subject, ...]
) -> None:
    for subject in demo[:6]:
        found = decide_ahead(rulebook, table, Planned(subject, {"PRODUCING": date(2029, 1, 1)}), DAY)
        matches = {match.rule.id: match for match in Matching(rulebook, (subject,), DAY).of(0)}

        assert {one.id: said(one.outcomes[0].match, DAY) for one in found.rows} == {
            name: said(match, DAY) for name, match in matches.items()
        }


dates = st.dates(date(2026, 6, 16), date(2029, 12, 31)).map(date.isoformat)


@given(planned=dates, later=dates)
def test_no_column_uses_what_is_seen_only_later(
    planned: str, later: str, rulebook: Rulebook, table: LifecycleTable
) -> None:
    """What somebody observes after the day asked about changes no column; a planned day does."""
    told = {"COMPLETED": date.fromisoformat(planned)}
    future = {"value": "C3562", "source": "ENT", "observed_on": later}
    plain = {name: value for name, value in LOAN.items() if name != "industry_code"}
    ids = ("js_mfg_loan_discount", "cz_completed_project_hiring", "cz_joint_acceptance")
    few = replace(rulebook, rules=tuple(rule for rule in rulebook.rules if rule.id in ids))
    with_it, without = (
        decide_ahead(few, table, Planned(project(rulebook, facts), told), DAY)
        for facts in (plain | {"industry_code": future}, plain)
    )

    assert [verdicts(row(with_it, name)) for name in ids] == [verdicts(row(without, name)) for name in ids]


def test_every_day_and_fact_of_the_last_column_is_known_today_or_planned(
    rulebook: Rulebook, table: LifecycleTable, demo: tuple[Subject, ...]
) -> None:
    for subject in demo[:5]:
        plain = decide_ahead(rulebook, table, Planned(subject), DAY)
        assert {column.on for column in plain.columns} == {DAY}
        for one in plain.rows:
            facts = {r.fact for o in one.outcomes for r in o.match.reasons if r.have is not None}
            known = Matching(rulebook, (subject,), DAY).table
            assert all(f in ("stage", None) or known.cell(0, f).value is not None for f in facts)


def test_rows_are_grouped_and_ordered_by_turn_column_and_id(
    rulebook: Rulebook, table: LifecycleTable, demo: tuple[Subject, ...]
) -> None:
    found = decide_ahead(rulebook, table, Planned(demo[2], {"PRODUCING": date(2029, 1, 1)}), DAY)
    groups = [list(Turn).index(one.turn) for one in found.rows]

    assert groups == sorted(groups)
    assert len({one.id for one in found.rows}) == len(found.rows)
    stays = [one.id for one in found.turning(Turn.STAYS)]
    assert stays == sorted(stays)


def test_the_same_input_gives_the_same_lines_sheets_and_data(rulebook: Rulebook, table: LifecycleTable) -> None:
    first, second = (seen(rulebook, table, LOAN, COMPLETED="2027-01-01") for _ in range(2))

    for show in (roadmap_lines, roadmap_grids):
        one, other = (tuple(show(found, table, rulebook.vocabulary, "示范.jsonl")) for found in (first, second))
        assert one == other
    assert roadmap_data(first) == roadmap_data(second)


def test_every_form_is_marked_as_an_estimate(rulebook: Rulebook, table: LifecycleTable) -> None:
    found = seen(rulebook, table, LOAN, COMPLETED="2027-01-01")

    assert "测算，不是决定" in list(roadmap_lines(found, table, rulebook.vocabulary, "示范.jsonl"))[1]
    assert all("测算，不是决定" in grid.note for grid in roadmap_grids(found, table, rulebook.vocabulary, "示范.jsonl"))
    assert "测算，不是决定" in str(roadmap_data(found)["reading"])


def is_open(outcome: Outcome) -> bool:
    return outcome.match.verdict in (Verdict.ELIGIBLE, Verdict.NEEDS_HUMAN, Verdict.UNKNOWN)


def test_what_closes_was_open_and_what_opens_is_open(
    rulebook: Rulebook, table: LifecycleTable, demo: tuple[Subject, ...]
) -> None:
    seen_turns = set()
    for subject in demo[:5]:
        found = decide_ahead(rulebook, table, Planned(subject, {"COMPLETED": date(2027, 1, 1)}), DAY)
        for one in found.rows:
            for at, turn in enumerate(one.turns):
                seen_turns.add(turn)
                before, now = one.outcomes[at], one.outcomes[at + 1]
                assert (turn is Turn.CLOSES) == (is_open(before) and not is_open(now))
                assert turn is not Turn.OPENS or is_open(now)
                assert turn is not Turn.CHANGES or (is_open(before) and is_open(now))
    assert seen_turns >= {Turn.OPENS, Turn.CLOSES, Turn.STAYS}
