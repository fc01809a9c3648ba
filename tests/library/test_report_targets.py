"""`report targets`: the two yearly targets with pace, evidence and who does not count, and the measures by mode."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from reporting import project, step, taken, view
from rows import LIBRARY, day

from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.intake_rows import IntakeRow
from policy_match.exchange.reports import Report
from policy_match.workflows.choose_district import Area
from policy_match.workflows.count_targets import targets_report
from policy_match.workflows.open_archive import Archive

Board = dict[str, object]


def major(archive: Archive, name: str, level: str, *steps: str) -> IntakeRow:
    """A project of a level; steps as `kind on`, those of acceptance applied for on their day."""
    row = project(archive, name, major_level=level)
    made = []
    for written in steps:
        kind, on = written.split()
        made.append(step(kind, on, applied=on if kind == "joint_acceptance" else None, evidence=f"{name}-{kind}"))
    return replace(row, milestones=tuple(made))


@pytest.fixture
def board(archive: Archive, rulebook: Rulebook) -> Report:
    """The projects of the scenario: A P02, B P03, C P07, D P10; P04, P06, P11 completed this year."""
    rows = [
        major(archive, "P02", "市重大", "land_contract 2025-03-10", "construction_permit 2025-03-20", "phase_permit 2025-03-11"),
        major(archive, "P03", "市重大", "land_contract 2025-02-01", "construction_permit 2025-03-18"),
        major(archive, "P07", "省重大", "land_contract 2025-01-20", "construction_permit 2025-02-19"),
        major(archive, "P10", "无", "land_contract 2025-03-01", "construction_permit 2025-03-02"),
        major(archive, "P04", "市重大", "early_service 2025-02-20", "joint_acceptance 2025-03-05"),
        _completed(major(archive, "P06", "省重大", "early_service 2025-01-15", "joint_acceptance 2025-02-01")),
        _completed(major(archive, "P11", "区重大", "joint_acceptance 2025-02-01")),
    ]  # fmt: skip
    taken(archive, rows)
    return targets_report(archive, rulebook, LIBRARY, view("2025-03-31"), None)


def _completed(row: IntakeRow) -> IntakeRow:
    """The project completed on 2025-02-10 and not yet in production."""
    kept = [replace(p, on=day("2025-02-10")) if p.point == "COMPLETED" else p for p in row.points]
    return replace(row, points=tuple(p for p in kept if p.point != "PRODUCING"))


def rows_of(report: Report, key: str) -> dict[str, Board]:
    target = cast(Board, report.content[key])
    return {str(row["name"]).removeprefix("示范项目"): row for row in cast(list[Board], target["rows"])}


def test_s28_two_of_thirty_start_on_land_handover(board: Report) -> None:
    target, rows = cast(Board, board.content["land_start"]), rows_of(board, "land_start")

    assert (target["done"], target["goal"], target["pace"]) == (2, 30, 7.5)
    assert {name: row["counts"] for name, row in rows.items()} == {"P02": True, "P03": False, "P07": True, "P10": False}
    assert [str(rows[name]["why"]) for name in ("P02", "P07")] == [
        "1天（2025-03-10 至 2025-03-11），当日",
        "30天（2025-01-20 至 2025-02-19），30天内",
    ]
    assert "45天" in str(rows["P03"]["why"]) and rows["P10"]["why"] == "不是重大项目"


def test_s28_two_of_fifty_were_served_before_acceptance(board: Report) -> None:
    target, rows = cast(Board, board.content["early_service"]), rows_of(board, "early_service")

    assert (target["done"], target["goal"], target["pace"]) == (2, 50, 12.5)
    assert {name: row["counts"] for name, row in rows.items()} == {"P04": True, "P06": True, "P11": False}
    assert rows["P11"]["why"] == "没有提前服务记录"


def test_every_row_names_its_evidence(board: Report) -> None:
    rows = rows_of(board, "land_start")

    assert rows["P07"]["evidence"] == [
        "土地合同 2025-01-20（GG）：P07-land_contract",
        "施工许可 2025-02-19（GG）：P07-construction_permit",
    ]


def test_figures_show_what_they_are_a_share_of(board: Report) -> None:
    figures = next(grid for grid in board.grids if grid.title == "进度")

    assert figures.rows == (
        ("拿地即开工", "2", "30", "2/30（6.67%）", "7.5", "2"),
        ("提前服务", "2", "50", "2/50（4.00%）", "12.5", "1"),
    )


def test_a_district_counts_its_own_projects(board: Report, archive: Archive, rulebook: Rulebook) -> None:
    pages = [
        targets_report(archive, rulebook, LIBRARY, view("2025-03-31"), Area(district))
        for district in ("320402", "320404", "320411", "320412", "JK", "320413", "320481")
    ]

    for key in ("land_start", "early_service"):
        done = [cast(int, cast(Board, page.content[key])["done"]) for page in pages]
        assert sum(done) == 2
        assert sum(len(rows_of(page, key)) for page in pages) == len(rows_of(board, key))


def test_measures_are_counted_by_mode_and_days_to_pay_are_not_known(board: Report, rulebook: Rulebook) -> None:
    counts = cast(list[dict[str, int | None]], board.content["modes"])

    assert len(counts) == 3
    for one in counts:
        assert sum(cast(int, one[mode]) for mode in ("msjx", "jsjx", "apply", "service")) == one["total"]
        assert cast(int, one["total"]) + cast(int, one["unsure"]) <= len(rulebook.ids)
        assert one["median_days_to_pay"] is None
    assert {row[-1] for row in board.grids[2].rows} == {"未知"}
