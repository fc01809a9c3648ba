"""迟入库, 数据来源, 实物量: late from the day after the term, by how many days; of each source the last file and its age."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from reporting import code_of, fai_row, project, taken
from rows import LIBRARY, NOW, at, day

from policy_match.exchange.reports import Report, report_data
from policy_match.workflows.choose_district import Area
from policy_match.workflows.close_month import close_month
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match.workflows.list_late import late_report
from policy_match.workflows.list_sources import sources_report
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.report_month import check_month


def said(report: Report) -> Any:
    """The report as JSON has it."""
    return json.loads(json.dumps(report_data(report), default=str))


def late(archive: Archive, on: str = "2025-03-31", area: Area | None = None) -> list[tuple[str, int]]:
    """Name and days of those on the list."""
    rows = said(late_report(archive, LIBRARY, View(day(on)), area))["rows"]
    return [(row["name"].removeprefix("示范项目"), row["days_late"]) for row in rows]


# P10 was signed on Tuesday 2025-03-18; the tenth working day after it is Tuesday 2025-04-01.
@pytest.mark.parametrize(("entered", "days"), [("2025-03-31", []), ("2025-04-01", []), ("2025-04-02", [("P10", 1)])])
def test_the_last_day_is_in_time_and_the_day_after_is_late(
    archive: Archive, entered: str, days: list[tuple[str, int]]
) -> None:
    taken(archive, [project(archive, "P10", at(entered))], when=at(entered))

    assert late(archive, "2025-04-30") == days


def test_the_latest_come_first_and_a_district_sees_its_own(archive: Archive) -> None:
    taken(archive, [project(archive, name) for name in ("P07", "P01", "P10")])

    assert [name for name, _ in late(archive)] == ["P01", "P07"]
    assert [name for name, _ in late(archive, area=Area("JK"))] == ["P07"]


def test_a_term_that_the_calendar_does_not_reach_is_told_apart_and_not_guessed(archive: Archive) -> None:
    early = project(archive, "P11")
    first, *rest = early.points
    taken(archive, [replace(early, points=(replace(first, on=day("2020-02-17")), *rest))])

    found = said(late_report(archive, LIBRARY, View(day("2025-03-31")), None))

    assert found["rows"] == []
    assert [row["due_on"] for row in found["unsure"]] == [None]


def test_every_source_is_on_the_board_also_those_that_never_reported(archive: Archive) -> None:
    taken(archive, [project(archive, name) for name in ("P01", "P02")])

    found = {row["source"]: row for row in said(sources_report(archive, LIBRARY, at("2025-04-10")))["rows"]}

    assert set(found) == set(archive.table.imports)
    district = found["DISTRICT"]
    assert (district["rows"], district["refused"], district["new"], district["age_days"]) == (2, 0, 2, 10)
    assert (found["GG"]["file"], found["GG"]["age_days"], found["GG"]["rows"]) == (None, None, None)
    assert "市数据局" in found["TZXM"]["brought_by"]


def test_open_questions_and_unlinked_records_are_counted(archive: Archive) -> None:
    taken(archive, [fai_row(archive, 2, "2409-320412-89-01-100011", "3")], "FAI")

    report = said(sources_report(archive, LIBRARY, NOW))

    rows = {row["source"]: row["waiting"] for row in report["rows"]}
    assert (rows["FAI"], rows["GG"]) == (1, 0)


def test_money_for_two_months_without_more_built_is_asked_about_before_the_month_is_closed(archive: Archive) -> None:
    taken(archive, [project(archive, "P05", at("2025-01-10"))], when=at("2025-01-10"))
    code = code_of(archive, "P05")
    for month in ("01", "02", "03"):
        told = Told({"本月完成投资": "3000万元", "实物量完成比例": "45%"}, source="DISTRICT")
        tell_facts(archive, LIBRARY, code, told, "district-320481", at(f"2025-{month}-25"))
        asked = check_month(archive, LIBRARY, f"2025-{month}", at(f"2025-{month}-28"))
        assert any("实物量仍为 45%" in line for line in asked) is (month == "03")
        if month != "03":
            close_month(archive, LIBRARY, f"2025-{month}", by="development", now=at(f"2025-0{int(month) + 1}-02"))
