"""The stage evaluation of a cohort and the assessment of jobs (S-31) over the twelve projects of the scenarios."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from evaluating import by
from reporting import PROJECTS, code_of, project, step, taken, view
from rows import LIBRARY, at

from policy_match.errors import Conflict, Forbidden, NotFound, UsageError
from policy_match.exchange.reports import report_data
from policy_match.schemes.cohorts import Group
from policy_match.workflows.assess_jobs import jobs_report
from policy_match.workflows.choose_district import Area
from policy_match.workflows.evaluate_stage import (
    StageAsked,
    evaluate_stage,
    freeze_stage,
    parse_cohort,
    read_stage,
)
from policy_match.workflows.evaluate_year import read_run
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.replay_evaluation import list_runs, replay_run
from policy_match.workflows.report_stage import stage_report

NOW = at("2025-07-01")


def twelve(archive: Archive) -> None:
    """The projects of the scenarios on 2025-06-30, two with a channel and money spent."""
    told = {
        "P05": {"lead_channel": "基金", "agreed_investment": "100亿元", "investment_done": "40亿元"},
        "P08": {"lead_channel": "链主", "agreed_investment": "10亿元", "track": "氢能;低空经济"},
    }
    rows = [project(archive, name, at("2025-06-30"), **told.get(name, {})) for name in PROJECTS]
    taken(archive, rows, when=at("2025-06-30"))


def line(group: Group, index: str) -> tuple[Fraction | None, int, int]:
    """Value, part and whole of an index of a group."""
    return next((one.value, one.part, one.whole) for one in group.lines if one.index == index)


def test_the_cohort_of_a_half_year_by_district_track_and_channel(archive: Archive) -> None:
    twelve(archive)

    found = evaluate_stage(archive, LIBRARY, StageAsked("2024H1"), NOW)

    # P05 signed 2024-03-28 and P08 signed 2024-05-06, both approved and started.
    whole = found.groups[0]
    assert whole.projects == tuple(sorted((code_of(archive, "P05"), code_of(archive, "P08"))))
    assert [line(whole, index) for index in ("to_approved", "to_started", "to_completed")] == [
        (1, 2, 2),
        (1, 2, 2),
        (0, 0, 2),
    ]
    assert line(whole, "days_to_approved") == (Fraction(84 + 74, 2), 2, 2)
    assert line(whole, "investment_done") == (Fraction(2, 5), 1, 2)
    named = {(one.axis, one.name): len(one.projects) for one in found.groups}
    assert named == {
        ("city", None): 2, ("district", "320412"): 1, ("district", "320481"): 1, ("track", "低空经济"): 1,
        ("track", "氢能"): 1, ("track", None): 1, ("channel", "基金"): 1, ("channel", "链主"): 1,
    }  # fmt: skip


@pytest.mark.parametrize(("period", "by_point", "names"), [
    ("2024", None, "P01 P02 P03 P05 P07 P08 P12"), ("2024H2", None, "P01 P02 P03 P07 P12"),
    ("2024Q4", "签约", "P02 P07 P12"), ("2024", "开工", "P05 P08"), ("2025Q1", "竣工", "P04"),
])  # fmt: skip
def test_cohorts_by_half_year_quarter_start_and_completion(
    archive: Archive, period: str, by_point: str | None, names: str
) -> None:
    twelve(archive)

    found = evaluate_stage(archive, LIBRARY, StageAsked(period, by=by_point), NOW)

    assert {one.name.removeprefix("示范项目") for one in found.members} == set(names.split())


def test_full_capacity_is_the_milestone(archive: Archive) -> None:
    row = project(archive, "P06", at("2025-06-30"))
    taken(archive, [replace(row, milestones=(step("full_capacity", "2024-11-15"),))], when=at("2025-06-30"))

    found = evaluate_stage(archive, LIBRARY, StageAsked("2022", by="立项"), NOW)

    assert line(found.groups[0], "to_capacity") == (1, 1, 1)
    assert line(found.groups[0], "days_to_capacity") == (366, 1, 1)


def test_half_yearly_and_yearly_runs_are_frozen_and_computed_again(archive: Archive) -> None:
    twelve(archive)

    frozen = [freeze_stage(archive, StageAsked(period), by(now=NOW)) for period in ("2024H1", "2024")]

    for one in frozen:
        assert one.number is not None
        assert read_stage(archive, LIBRARY, one.number) == one
        assert replay_run(archive, LIBRARY, one.number).holds
        with pytest.raises(NotFound, match="没有编号"):
            read_run(archive, LIBRARY, one.number)
    assert [run.period for run in list_runs(archive, LIBRARY)] == ["2024", "2024H1"]


def test_an_open_period_another_cohort_and_others_are_not_frozen(archive: Archive) -> None:
    with pytest.raises(UsageError, match="还没有结束"):
        freeze_stage(archive, StageAsked("2025"), by(now=NOW))
    with pytest.raises(Conflict, match="按方案写的跟踪点分批"):
        freeze_stage(archive, StageAsked("2024", by="开工"), by(now=NOW))
    with pytest.raises(Forbidden):
        freeze_stage(archive, StageAsked("2024"), by("commerce", NOW))
    with pytest.raises(UsageError, match="不按“2024Q1”"):
        evaluate_stage(archive, LIBRARY, StageAsked("2024Q1"), NOW)
    with pytest.raises(UsageError, match="没有跟踪点“验收”"):
        evaluate_stage(archive, LIBRARY, StageAsked("2024", by="验收"), NOW)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2025h1", date(2025, 1, 1), date(2025, 6, 30)),
        ("2025H2", date(2025, 7, 1), date(2025, 12, 31)),
        ("2024Q1", date(2024, 1, 1), date(2024, 3, 31)),
        ("2025Q4", date(2025, 10, 1), date(2025, 12, 31)),
    ],
)
def test_a_period_holds_both_its_days(written: str, first: date, last: date) -> None:
    found = parse_cohort(written)

    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("written", ["25H1", "2025H3", "2025Q5", "2025-06", ""])
def test_another_way_to_write_a_period_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="不是评价期间"):
        parse_cohort(written)


def test_the_report_of_a_stage_names_every_group_and_project(archive: Archive) -> None:
    twelve(archive)
    found = evaluate_stage(archive, LIBRARY, StageAsked("2024H1"), NOW)

    groups, members = stage_report(archive, found, found.groups).grids

    assert groups.rows[0][:4] == ("合计", "全市", "2", "—")
    assert groups.rows[0][4] == "1.00（2/2）"
    assert len(members.rows) == 2


# jobs


def jobs(archive: Archive, **facts: str) -> dict[str, object]:
    """The row of P01 with these facts."""
    taken(archive, [project(archive, "P01", at("2025-06-30"), **facts)], when=at("2025-06-30"))
    report = jobs_report(archive, LIBRARY, view("2025-09-01", at("2025-09-01")), None)
    data = json.loads(json.dumps(report_data(report), default=str))
    (row,) = data["rows"]
    found: dict[str, object] = row
    return found


def test_s31_255_of_300_planned_jobs_and_25_planned_jobs_per_yi(archive: Archive) -> None:
    row = jobs(archive, major_level="市重大", jobs_planned="300人", jobs_actual="255人", jobs_indirect="900人")

    assert row["shown"] == {"fulfilment": "0.85", "per_yi": "25.0"}
    assert row["figures"] == {"fulfilment": 0.85, "per_yi": 25.0}
    assert row["estimates"] == {"jobs_indirect": "900人"}
    assert [(step["name"], step["late"]) for step in row["due"]] == [  # type: ignore[attr-defined]
        ("立项时填计划", 0), ("开工满6个月填建设期用工", 1), ("投产满6个月填实际用工", 0),
    ]  # fmt: skip


def test_a_project_of_unknown_level_is_listed_once_somebody_reported_jobs(archive: Archive) -> None:
    assert jobs(archive, jobs_planned="300人")["major_level"] is None


def test_what_is_not_reported_is_unknown_and_what_is_no_major_project_is_not_listed(archive: Archive) -> None:
    rows = [
        project(archive, "P01", at("2025-06-30"), major_level="省重大"),
        project(archive, "P02", at("2025-06-30"), major_level="无", jobs_planned="10人"),
        project(archive, "P03", at("2025-06-30")),
    ]
    taken(archive, rows, when=at("2025-06-30"))

    report = jobs_report(archive, LIBRARY, view("2025-07-01", NOW), None)

    (cells,) = report.grids[0].rows
    assert cells[1] == "示范项目P01"
    assert cells[4:9] == ("未知", "未知", "12亿元", "未知", "未知")
    assert cells[9] == "立项时填计划（计划用工，2024-09-25 应填）"
    elsewhere = jobs_report(archive, LIBRARY, view("2025-07-01", NOW), Area("320411"))
    assert elsewhere.grids[0].rows == ()
