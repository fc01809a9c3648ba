"""Requirements of the notice that are one enum, one list or one rule of the tables, and that no other test states."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from care import by, filled, with_agent
from pydantic import ValidationError
from reporting import PROJECTS, view
from rows import LIBRARY, NOW, at, audited, day, read, row, taken
from sqlalchemy.exc import IntegrityError

from policy_match.dispatch.figures import Figure
from policy_match.dispatch.report import Dispatch
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Service
from policy_match.eligibility.schema_words import Instrument
from policy_match.errors import PolicyMatchError
from policy_match.exchange.reports import Report, report_data, write_report
from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import Given
from policy_match.lifecycle.acceptance import Readiness
from policy_match.lifecycle.words import MilestoneStatus
from policy_match.store import subjects
from policy_match.store.tables import Actor, Fact
from policy_match.workflows.correct_event import Correction, correct_event
from policy_match.workflows.dispatch_plain import dispatch_plain
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match.workflows.list_gaps import NO_LIAISON, list_gaps
from policy_match.workflows.list_late import late_report
from policy_match.workflows.list_stalled import stall_report
from policy_match.workflows.match import Matching
from policy_match.workflows.name_liaison import Liaison, name_liaison
from policy_match.workflows.open_archive import Archive, offices
from policy_match.workflows.open_organisation import open_organisation
from policy_match.workflows.open_record import open_record
from policy_match.workflows.own_measure import is_own
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_subjects
from policy_match.workflows.report_month import read_month
from policy_match.workflows.set_milestone import Step, set_milestone
from policy_match.workflows.show_benefit import services_for, services_of
from policy_match.workflows.show_board import board_report
from policy_match.workflows.show_record import plain, show_record
from policy_match.workflows.watch_scale import watch_report

NOTICE = "czbf-2024-37"
PUSHED_FAMILIES = {"金融", "人才", "用工"}
FACILITIES = {"guarantee", "risk_compensation", "equity_fund"}


def figures(dispatch: Dispatch) -> dict[str, Figure]:
    return {figure.id: figure for block in dispatch.blocks for figure in block.figures}


# one library


def test_departments_read_the_same_record_and_every_edit_names_its_author(archive: Archive) -> None:
    code = filled(archive, "P01")["P01"]
    set_milestone(archive, Step(code, "环评批复", actual_on=day("2025-03-31")), by("ecology"))

    seen = [
        open_record(archive, LIBRARY, code, view("2025-03-31"), by=who, now=NOW)
        for who in ("commerce", "development", "industry", "district-320412")
    ]

    assert all(record == seen[0] for record in seen)
    assert [line.actor for line in audited(archive, "milestone.set")] == ["ecology"]
    assert {event.actor for event in seen[0].log} == {"importer"}


@pytest.mark.parametrize("lacking", ["source", "received_at", "actor_id"])
def test_a_fact_without_source_instant_or_author_cannot_be_kept(archive: Archive, lacking: str) -> None:
    code = filled(archive, "P01")["P01"]
    told = {"source": "DISTRICT", "received_at": NOW, "actor_id": "importer"}

    def keep(**more: object) -> None:
        with archive.database.writing() as session:
            subject = subjects.by_code(session, LIBRARY, code)
            assert subject is not None
            session.add(
                Fact(subject_id=subject.id, fact="content", value='"甲"', confidence=80, row_hash=b"new", **more)
            )

    with pytest.raises(IntegrityError):
        keep(**told | {lacking: None})
    keep(**told)


def test_a_kind_of_number_that_nobody_foresaw_is_kept_and_leads_to_its_project(archive: Archive) -> None:
    number = Given("SSNY", "示范-0001")
    taken(archive, replace(row(archive), keys=(Given(subjects.PROJECT_CODE, "2409-320412-89-01-100011"), number)))

    with archive.database.reading() as session:
        found = subjects.by_key(session, LIBRARY, number)
        held = [] if found is None else subjects.keys_of(session, [found.id])[found.id]

    assert found is not None and found.code == "CZ-2025-00001"
    assert [(key.kind, key.value, key.source) for key in held if key.kind == "SSNY"] == [
        ("SSNY", "示范-0001", "DISTRICT")
    ]


def test_steps_of_procedure_and_of_building_stand_side_by_side(archive: Archive) -> None:
    code = filled(archive, "P01")["P01"]
    for name, on in (("环评批复", "2024-12-20"), ("主体封顶", "2025-03-20")):
        set_milestone(archive, Step(code, name, actual_on=day(on)), by())

    shown = show_record(archive, LIBRARY, code, view("2025-03-31"))

    assert [(step.name, step.actual_on) for step in shown.steps] == [
        ("环评批复", day("2024-12-20")),
        ("主体封顶", day("2025-03-20")),
    ]


def test_what_is_in_the_library_and_not_yet_approved_is_the_stage_of_attraction(archive: Archive) -> None:
    codes = filled(archive, *PROJECTS)

    stages = {group.id: group for group in read_month(archive, LIBRARY, "2025-03", NOW).breakdown("stages").groups}

    assert set(stages["ATTRACT"].projects) == {codes["P02"], codes["P10"]}


# the lists of the notice


def test_the_tracks_are_those_that_the_notice_names(vocabulary: Vocabulary) -> None:
    assert set(vocabulary.taxonomies.tracks) == {
        "合成生物", "低空经济", "新一代固态电池", "新能源汽车智能网联", "第三代半导体", "氢能", "人工智能",
    }  # fmt: skip


def test_needs_are_told_of_the_eight_elements(one_archive: Archive) -> None:
    causes = one_archive.table.tickets.causes

    assert [name for name, cause in causes.items() if cause.unit is not None] == [
        "土地", "用林", "资金", "人才", "用工", "电力", "排污", "能耗",
    ]  # fmt: skip


def test_forest_land_is_a_step_that_a_project_may_do_without(archive: Archive) -> None:
    code = filled(archive, "P01")["P01"]
    (forest,) = [step for step in archive.table.milestones if step.id == "forest"]
    before = read(archive, code).milestones

    done = set_milestone(archive, Step(code, "林地审核", actual_on=day("2025-03-20")), by("resources"))

    assert forest.optional
    assert "forest" not in {step.kind for step in before}
    assert (done.status, done.actual_on) == (MilestoneStatus.DONE, day("2025-03-20"))


def test_full_capacity_is_a_step_of_the_industry_bureau_and_counts_in_its_month(archive: Archive) -> None:
    codes = filled(archive, "P06", "P11")
    set_milestone(archive, Step(codes["P06"], "达产", actual_on=day("2025-03-10")), by("industry"))
    set_milestone(archive, Step(codes["P11"], "达产", actual_on=day("2025-02-10")), by("industry"))

    found = figures(read_month(archive, LIBRARY, "2025-03", NOW))

    owners = {step.id: step.owner for step in archive.table.milestones}
    assert (owners["full_capacity"], owners["full_return"]) == ("industry", "industry")
    assert found["full_month"].projects == (codes["P06"],)
    assert set(found["full_year"].projects) == set(codes.values())


def test_every_district_unit_without_a_liaison_is_listed(archive: Archive) -> None:
    name_liaison(archive, Liaison("武进区", "张三", day("2025-03-31")), by())

    lacking = [gap.about for gap in list_gaps(archive, LIBRARY, View(day("2025-03-31"))) if gap.what == NO_LIAISON]

    districts = [area.unit for area in open_organisation(archive).areas]
    assert len(districts) == 7
    assert [unit for unit in districts if unit not in lacking] == ["武进区人民政府"]


# reports


def test_the_month_has_the_three_blocks_of_the_notice(archive: Archive) -> None:
    filled(archive, "P01")

    found = read_month(archive, LIBRARY, "2025-03", NOW)

    assert [block.name for block in found.blocks] == ["落地情况", "投资开工", "竣工投产"]
    assert all(block.figures for block in found.blocks)


def test_the_ladder_of_landing_counts_company_approval_land_and_start_of_those_signed_this_year(
    archive: Archive,
) -> None:
    codes = filled(archive, "P10")
    steps = {"公司注册": "2025-03-20", "土地成交": "2025-03-25"}
    before = figures(read_month(archive, LIBRARY, "2025-03", NOW))
    for name, on in steps.items():
        set_milestone(archive, Step(codes["P10"], name, actual_on=day(on)), by())

    after = figures(read_month(archive, LIBRARY, "2025-03", NOW))

    ladder = ("ladder_company", "signed_year_approved", "ladder_land", "ladder_started")
    assert [(before[rung].numerator, before[rung].denominator) for rung in ladder] == [(0, 1)] * 4
    assert [after[rung].numerator for rung in ladder] == [1, 0, 1, 0]


def test_units_are_shown_by_what_started_completed_and_produced_and_no_person_is_named(archive: Archive) -> None:
    codes = filled(archive, *PROJECTS)
    with_agent(archive, codes["P01"])

    found = read_month(archive, LIBRARY, "2025-03", NOW)

    units = {one.group.id: (one.started, one.completed, one.produced) for one in found.units}
    assert units["320412"] == ((codes["P01"],), (), ())
    assert units["320411"] == ((codes["P09"],), (), ())
    assert units["320413"] == ((), (codes["P04"],), ())
    assert units["JK"] == ((), (), ())
    assert read(archive, codes["P01"]).agent == "示范帮办"
    assert "示范帮办" not in str(dispatch_plain(found))


# measures


def test_the_notice_is_a_document_with_its_day_and_without_an_end_that_was_seen(rulebook: Rulebook) -> None:
    document = rulebook.documents[NOTICE]
    of_notice = [rule for rule in rulebook.rules if rule.document.id == NOTICE]

    assert (document.number, document.effective.from_, document.effective.through) == (
        "常政办发〔2024〕37号", "2024-08-16", "open",
    )  # fmt: skip
    assert of_notice
    assert {rule.in_force(date(2024, 8, 15)) for rule in of_notice} == {False}
    assert {rule.in_force(date(2024, 8, 16)) for rule in of_notice} == {True}


def test_every_measure_names_document_article_and_version_and_both_packages_of_the_notice_have_some(
    rulebook: Rulebook,
) -> None:
    for rule in rulebook.rules:
        measure = rule.measure
        assert measure.document.id in rulebook.documents, measure.key
        assert measure.version >= 1 and measure.changes, measure.key
        assert all(clause.article for clause in measure.clauses), measure.key
        assert all(condition.article for condition in rule.conditions.values()), measure.key
    assert {"CX20", "CY30"} < {rule.package for rule in rulebook.rules}


def test_finance_talent_and_labour_measures_are_matched_together_with_those_of_city_and_district(
    archive: Archive, rulebook: Rulebook
) -> None:
    filled(archive, "P01")
    with archive.database.reading() as session:
        found = read_subjects(session, archive, LIBRARY, view("2025-03-31"))
    place = [subject.name for subject in found].index("示范项目P01")

    matched = list(Matching(rulebook, list(found), day("2025-03-31")).of(place))

    assert {match.rule.measure.family for match in matched} >= PUSHED_FAMILIES
    assert {match.rule.level for match in matched} >= {"city", "district"}


@pytest.mark.parametrize("topic", sorted(FACILITIES))
def test_guarantees_risk_pools_and_funds_are_never_cash_of_the_firm(rulebook: Rulebook, topic: str) -> None:
    found = [rule.measure for rule in rulebook.rules if topic in rule.measure.topics and rule.measure.family == "金融"]

    assert found
    assert {measure.benefit.kind for measure in found if measure.benefit is not None} <= {"facility", "service"}


# responsibility


@pytest.mark.parametrize("action", ["rule_stop", "rule_release", "msjx_case", "review"])
def test_every_measure_is_somebodys_own_also_where_the_document_names_no_unit(
    action: str, one_archive: Archive, rulebook: Rulebook
) -> None:
    people = offices(one_archive.table)

    without = [rule.measure.key for rule in rulebook.rules if not owners(one_archive, rule, people, action)]
    unseen = [rule for rule in rulebook.rules if rule.measure.owner_unit is None]

    assert without == []
    # Of a district whose unit nobody has seen its own people answer, and no others.
    local = [rule for rule in unseen if rule.measure.key.startswith("tianning_")]
    assert local
    assert {who.region for rule in local for who in owners(one_archive, rule, people, action)} == {"320402"}


def owners(archive: Archive, rule: Rule, people: Iterable[Actor], action: str) -> list[Actor]:
    return [who for who in people if is_own(archive, rule, who, action)]


def test_a_project_that_is_told_to_lie_in_the_power_zone_is_flagged_and_the_others_are_asked_or_out(
    archive: Archive, rulebook: Rulebook
) -> None:
    codes = filled(archive, "P01", "P08", "P02")
    for name in ("P01", "P02"):
        told = Told({"地块在“开门接电”示范区内": "是"}, source="DEPT")
        tell_facts(archive, LIBRARY, codes[name], told, "development", NOW)

    with archive.database.reading() as session:
        found = list(read_subjects(session, archive, LIBRARY, view("2025-03-31")))
    matching = Matching(rulebook, found, day("2025-03-31"))
    decision = matching.decision("wujin_open_door_power")
    matches = {subject.name: matching.match(decision, place) for place, subject in enumerate(found)}

    # Nothing is lacking of P01: what is open is only whether the zone, last seen in August 2024, is still in force.
    seen = {name: (matches[f"示范项目{name}"].verdict, matches[f"示范项目{name}"].missing) for name in codes}
    assert seen == {
        "P01": (Verdict.UNKNOWN, ()),
        "P08": (Verdict.UNKNOWN, (("in_open_power_zone",),)),
        "P02": (Verdict.INELIGIBLE, ()),
    }


# building and its procedures


def test_procedure_and_physical_progress_stand_beside_each_other_with_day_and_source(archive: Archive) -> None:
    code = filled(archive, "P01")["P01"]
    before = show_record(archive, LIBRARY, code, view("2025-03-31"))
    tell_facts(archive, LIBRARY, code, Told({"实物量完成比例": "45%"}, source="DISTRICT"), "district-320412", NOW)
    set_milestone(archive, Step(code, "环评批复", actual_on=day("2024-12-20")), by("ecology"))
    set_milestone(archive, Step(code, "图审", applied_on=day("2025-03-20")), by("housing"))

    shown = show_record(archive, LIBRARY, code, view("2025-03-31"))
    data = plain(shown, archive.table)

    assert (before.procedure, before.progress, plain(before, archive.table)["built_ratio"]) == (
        "没有登记", "没有报", None,
    )  # fmt: skip
    assert shown.procedure == "办结 1 项，在办 1 项"
    assert shown.progress == "45%（2025-03-31，区县填报）"
    assert (data["built_ratio"], data["built_on"]) == (0.45, day("2025-03-31"))


@pytest.mark.parametrize("mode", ["审批前置整体开工", "正常审批分步开工", "告知承诺"])
def test_the_mode_of_the_start_is_one_of_three_and_the_upgrade_is_a_flag(mode: str, archive: Archive) -> None:
    code = filled(archive, "P01")["P01"]
    told = Told({"开工审批模式": mode, "按“拿地即开工”升级版办理": "是"}, source="DEPT")

    tell_facts(archive, LIBRARY, code, told, "development", NOW)

    record = read(archive, code)
    assert (record.choice("start_mode"), record.choice("start_upgraded")) == (mode, "true")
    with pytest.raises(PolicyMatchError, match="告知承诺"):
        tell_facts(archive, LIBRARY, code, Told({"开工审批模式": "边建边批"}, source="DEPT"), "development", NOW)


def test_joint_acceptance_is_offered_once_all_parts_are_recorded(archive: Archive) -> None:
    code = filled(archive, "P01")["P01"]
    parts = ("规划核实", "土地核验", "消防验收", "人防验收", "档案验收", "质量验收")

    def acceptance() -> Readiness | None:
        return show_record(archive, LIBRARY, code, view("2025-03-31")).acceptance

    for place, part in enumerate(parts):
        found = acceptance()
        assert found is not None and (found.ready, found.is_complete) == (parts[:place], False)
        set_milestone(archive, Step(code, "联合竣工验收", evidence=(f"{part} 示范文{place}号",)), by("housing"))

    found = acceptance()
    assert found is not None and found.is_complete


# instruments of finance


def test_the_instruments_are_those_that_the_notice_names_and_only_these_words_are_taken(rulebook: Rulebook) -> None:
    financing = rulebook.at("cz_project_financing", date(2026, 11, 25)).measure

    assert {one.name: one.instrument for one in services_of(financing) if one.instrument} == {
        "配套专项资金": "EARMARKED_FUND", "风险补偿": "RISK_COMPENSATION", "政策性担保": "GUARANTEE",
        "贷款贴息": "INTEREST_SUBSIDY", "设备购置更新贷款": "EQUIPMENT_LOAN", "政府投资基金引导": "GOV_FUND",
    }  # fmt: skip
    assert {one.instrument for one in services_of(financing)} - {None} == set(get_args(Instrument))
    assert [one.brand for one in services_of(financing) if one.brand] == ["邻里配套"]
    with pytest.raises(ValidationError):
        Service.model_validate({"name": "甲", "unit": None, "instrument": "CASH"})


def test_what_pays_the_bank_is_no_cash_of_the_firm(rulebook: Rulebook) -> None:
    for rule in rulebook.rules:
        if any(one.instrument for one in services_of(rule.measure)):
            assert rule.measure.benefit is not None and rule.measure.benefit.kind == "service", rule.measure.key
            risk = [one for one in services_of(rule.measure) if one.instrument == "RISK_COMPENSATION"]
            assert all("不是给企业的现金" in (one.note or "") for one in risk), rule.measure.key


def test_a_loan_for_equipment_must_say_that_it_is_for_manufacturing_alone() -> None:
    loan = {"name": "甲", "unit": None, "instrument": "EQUIPMENT_LOAN"}

    for sections in ([], ["C", "I"], ["I"]):
        with pytest.raises(ValidationError, match="只对制造业"):
            Service.model_validate(loan | {"only_sections": sections})
    assert Service.model_validate(loan | {"only_sections": ["C"]}).only_sections == ["C"]


@pytest.mark.parametrize(("industry", "is_offered"), [("C3841", True), ("I6513", False), (None, True)])
def test_a_loan_for_equipment_is_offered_to_manufacturers_and_where_the_industry_is_unknown(
    industry: str | None, is_offered: bool, rulebook: Rulebook
) -> None:
    line = {"id": "甲", "kind": "project", "facts": {} if industry is None else {"industry_code": industry}}
    subject = subject_from_json(line, rulebook.vocabulary)  # type: ignore[arg-type]
    financing = rulebook.at("cz_project_financing", date(2026, 11, 25)).measure

    names = [one.name for one in services_for(financing, subject)]

    assert ("设备购置更新贷款" in names) is is_offered
    assert len(names) == 9 - (not is_offered)


# a frozen state


@pytest.mark.parametrize("made", [stall_report, late_report, board_report, watch_report])
def test_a_report_of_a_day_by_what_was_known_at_an_instant_is_the_same_bytes_whatever_is_recorded_later(
    made: Callable[[Archive, str, View, None], Report], archive: Archive, tmp_path: Path
) -> None:
    codes = filled(archive, "P01", "P10")
    frozen = View(day("2025-03-31"), NOW)

    def written(name: str) -> bytes:
        write_report(made(archive, LIBRARY, frozen, None), "xlsx", tmp_path / name)
        return (tmp_path / name).read_bytes()

    first = written("first.xlsx")
    later = at("2025-04-20")
    correction = Correction(codes["P01"], "开工", day("2025-03-01"), "施工日志所载为3月1日")
    correct_event(archive, LIBRARY, correction, by="development", second="development-2", now=later)

    assert written("again.xlsx") == first
    by_now = stall_report(archive, LIBRARY, View(day("2025-03-31"), later), None)
    assert report_data(by_now) != report_data(stall_report(archive, LIBRARY, frozen, None))
