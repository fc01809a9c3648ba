"""`report recon`: classes, the 列统 gap, who sees the figures, and what names only suggest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import cast

import pytest
from reporting import PROJECTS, code_of, fai_row, project, step, taken, view
from rows import LIBRARY, at, day

from policy_match.errors import Forbidden
from policy_match.exchange.intake_rows import Firm
from policy_match.exchange.reports import Report
from policy_match.facts.cells import Cause
from policy_match.facts.observations import Purpose
from policy_match.linkage.classes import Kind
from policy_match.store.tables import Actor
from policy_match.workflows.choose_district import Area
from policy_match.workflows.compare_fai import recon_report
from policy_match.workflows.list_stalled import stall_report
from policy_match.workflows.open_archive import FIRST_DAY, Archive
from policy_match.workflows.read_records import View, read_record

Row = dict[str, object]
LISTED = {"P01": "11.2", "P03": "30", "P04": "1.0", "P05": "105", "P06": "1.8", "P11": "1.2"}
STRANGER = "2403-320411-89-01-200017"
WIDE = "２４１１－３２０４１１－８９－０２－１０００９５"


def recon(archive: Archive, as_of: str = "2025-03-31", by: str = "statistics", area: Area | None = None) -> Report:
    asked = View.of(day(as_of), None, at(as_of), Purpose.STATISTICS)
    return recon_report(archive, LIBRARY, asked, by=by, today=day(as_of), area=area)


def rows_of(report: Report) -> list[Row]:
    return cast(list[Row], report.content["rows"])


def row_of(report: Report, code: str) -> Row:
    return next(row for row in rows_of(report) if row["code"] == code)


@pytest.fixture
def compared(archive: Archive) -> Archive:
    """The twelve projects and eight records of the 固投库."""
    taken(archive, [project(archive, name) for name in PROJECTS])
    records = [fai_row(archive, n, PROJECTS[name][5], yi) for n, (name, yi) in enumerate(LISTED.items(), 1)]
    records += [fai_row(archive, 7, WIDE, "2.2"), fai_row(archive, 8, STRANGER, "1.6")]
    taken(archive, records, source="FAI")
    return archive


def test_s27_every_pair_gets_its_class(compared: Archive) -> None:
    report = recon(compared)

    names = {code_of(compared, name): name for name in PROJECTS}
    found = {
        kind: [names.get(str(row["code"]), "") for row in rows_of(report) if row["class"] == kind] for kind in Kind
    }
    assert sorted(found[Kind.MATCHED]) == ["P04", "P05", "P06", "P09", "P11"]
    assert found[Kind.AMOUNT_DIFF] == ["P01"]
    assert found[Kind.LIB_STARTED_NOT_FAI] == ["P08"]
    assert found[Kind.LIB_NOT_STARTED_IN_FAI] == ["P03"]
    assert found[Kind.FAI_ONLY] == [""]
    assert report.content["classes"] == {
        "MATCHED": 5, "AMOUNT_DIFF": 1, "STATE_DIFF": 0, "LIB_STARTED_NOT_FAI": 1, "LIB_NOT_STARTED_IN_FAI": 1,
        "FAI_ONLY": 1, "CODE_MISSING": 0, "DUP_CODE": 0,
    }  # fmt: skip


def test_s27_the_gap_is_one_project_of_9_9999_yi_red_since_february(compared: Archive) -> None:
    report = recon(compared)

    missing = row_of(report, code_of(compared, "P08"))
    assert report.content["gap"] == {"projects": 1, "filed_fen": 99_999_000_000, "unfiled": 0, "undated": 0}
    assert (missing["light"], missing["since"]) == ("red", date(2025, 2, 5))
    assert row_of(report, code_of(compared, "P01"))["difference"] == 0.066667
    assert "6.67%" in next(row for row in report.grids[0].rows if row[0] == "投资额相差5%以上")


def test_the_firm_is_told_what_to_bring_and_what_is_there_already(compared: Archive) -> None:
    asked = row_of(recon(compared), code_of(compared, "P08"))["evidence"]

    assert asked == [
        {"name": "备案、核准或审批文件", "there": True},
        {"name": "施工合同", "there": False},
        {"name": "带日期的现场照片", "there": True},
        {"name": "施工许可", "there": True},
    ]


@pytest.mark.parametrize(
    ("by", "seen"),
    [("statistics", {"P01", "P03", "P04", "P05", "P06", "P09", "P11", ""}), ("district-320412", {"P01"}), ("development", set()), ("park-320412", set())],
)  # fmt: skip
def test_figures_are_for_statistics_and_the_own_district(compared: Archive, by: str, seen: set[str]) -> None:
    report = recon(compared, by=by)

    names = {code_of(compared, name): name for name in PROJECTS}
    shown = {names.get(str(row["code"]), "") for row in rows_of(report) if row["fai_planned_total_fen"] is not None}
    differing = [row["difference"] for row in rows_of(report) if row["class"] == Kind.AMOUNT_DIFF]
    cells = [cell for row in report.grids[0].rows for cell in row]
    assert shown == seen
    assert (differing == [None]) == ("P01" not in seen)
    assert ("11.2亿元" in cells) == ("P01" in seen) and ("1.6亿元" in cells) == ("" in seen)
    assert len(rows_of(report)) == 9


def test_s27_an_enterprise_gets_nothing(compared: Archive) -> None:
    with compared.database.writing() as session:
        session.add(Actor(id="firm-1", name="示范企业", role="enterprise", region="320412", valid_from=FIRST_DAY))

    with pytest.raises(Forbidden, match="固投库"):
        recon(compared, by="firm-1")


def test_a_district_page_has_its_own_rows_alone(compared: Archive) -> None:
    found = recon(compared, area=Area("320412"))

    assert {row["district"] for row in rows_of(found)} == {"320412"}
    assert found.content["gap"] == recon(compared).content["gap"]


def test_facts_of_the_register_are_for_statistics_alone(compared: Archive) -> None:
    code = code_of(compared, "P01")
    with compared.database.reading() as session:
        cells = [
            read_record(session, compared, LIBRARY, code, View(day("2025-03-31"), purpose=purpose)).fact(
                "fai_planned_total"
            )
            for purpose in (Purpose.SERVICE, Purpose.PAYOUT, Purpose.STATISTICS)
        ]

    assert [one.cell.cause for one in cells] == [Cause.PURPOSE, Cause.PURPOSE, None]


def test_two_records_on_one_project_are_told_and_not_compared(compared: Archive) -> None:
    taken(compared, [fai_row(compared, 20, PROJECTS["P01"][5], "12")], source="FAI")

    rows = [row for row in rows_of(recon(compared)) if row["code"] == code_of(compared, "P01")]

    assert [(row["class"], row["record"]) for row in rows] == [("DUP_CODE", "F1"), ("DUP_CODE", "F20")]


def test_a_new_month_of_the_same_record_is_no_double(compared: Archive) -> None:
    later = at("2025-04-10")
    taken(compared, [fai_row(compared, 1, PROJECTS["P01"][5], "12", later)], source="FAI", when=later)

    found = row_of(recon(compared, "2025-04-11"), code_of(compared, "P01"))

    assert (found["class"], found["fai_planned_total_fen"]) == ("MATCHED", 12 * 10**10)


def test_a_record_of_an_earlier_month_is_no_double_of_the_newest_one(compared: Archive) -> None:
    later = at("2025-04-10")
    taken(compared, [fai_row(compared, 21, PROJECTS["P01"][5], "12", later)], source="FAI", when=later)

    asked = View.of(day("2025-04-11"), None, at("2025-04-12"), Purpose.STATISTICS)
    report = recon_report(compared, LIBRARY, asked, by="statistics", today=day("2025-04-12"), area=None)

    rows = [row for row in rows_of(report) if row["code"] == code_of(compared, "P01")]
    assert [(row["class"], row["record"]) for row in rows] == [("MATCHED", "F21")]


def test_a_name_only_suggests(compared: Archive) -> None:
    alike = fai_row(
        compared, 30, None, "3.5", name="示范项目P02工程", firm=Firm(None, "示范企业E2"),
    )  # fmt: skip
    taken(compared, [alike], source="FAI")

    row = next(row for row in rows_of(recon(compared)) if row["record"] == "F30")

    code = code_of(compared, "P02")
    assert (row["class"], row["code"]) == ("CODE_MISSING", None)
    assert str(row["suggestion"]).startswith(f"疑似 {code}（")
    hidden = next(row for row in rows_of(recon(compared, by="commerce")) if row["record"] == "F30")
    assert hidden["suggestion"] == f"疑似 {code}"


def test_a_started_project_without_a_code_cannot_be_found_in_the_register(archive: Archive) -> None:
    taken(archive, [replace(project(archive, "P08"), keys=())])

    assert [row["class"] for row in rows_of(recon(archive))] == ["CODE_MISSING"]


def test_a_code_that_came_later_joins_a_record_that_waits(archive: Archive) -> None:
    taken(archive, [fai_row(archive, 1, PROJECTS["P05"][5], "105")], source="FAI")
    taken(archive, [project(archive, "P05")])

    assert [(row["class"], row["record"]) for row in rows_of(recon(archive))] == [("MATCHED", "F1")]


def test_the_clock_of_the_listing_turns_and_keeps_its_history(archive: Archive) -> None:
    taken(archive, [project(archive, "P01")])
    code = code_of(archive, "P01")
    seen = [row_of(recon(archive, as_of), code) for as_of in ("2025-03-31", "2025-04-15")]
    april = at("2025-04-20")
    record = fai_row(
        archive, 1, PROJECTS["P01"][5], "12", april, milestones=(step("listed", "2025-04-20", source="FAI"),)
    )
    taken(archive, [record], source="FAI", when=april)

    lights = cast(list[Row], cast(Row, rows_of(stall_report(archive, LIBRARY, view("2025-04-21"), None))[0])["lights"])

    assert [(row["light"], row["since"]) for row in seen] == [("yellow", day("2025-03-10")), ("red", day("2025-04-10"))]
    listing = next(light for light in lights if light["id"] == "started_listed")
    assert (listing["colour"], listing["yellow_on"], listing["red_on"]) == (
        "green",
        day("2025-03-10"),
        day("2025-04-10"),
    )
    assert [row["class"] for row in rows_of(recon(archive, "2025-04-21"))] == ["MATCHED"]
