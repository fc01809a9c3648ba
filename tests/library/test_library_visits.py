"""Weekly visits: whose week it is, what counts once, what is late, who may tell."""

from __future__ import annotations

import pytest
from care import by, filled, with_agent
from reporting import PROJECTS
from rows import LIBRARY, at, audited, day, told

from policy_match.errors import Conflict, Forbidden, NotFound, UsageError
from policy_match.lifecycle.events import Evidence
from policy_match.lifecycle.visits import Week
from policy_match.lifecycle.words import EventKind
from policy_match.workflows.add_visit import NewVisit, add_visit
from policy_match.workflows.cover_visits import cover_visits, percent_text, read_week
from policy_match.workflows.move_aside import Aside, move_aside
from policy_match.workflows.open_archive import Archive

WEEK = Week(2025, 1)


def test_s11_one_visit_of_seven_projects_counts_once_and_a_late_entry_changes_nothing(archive: Archive) -> None:
    codes = filled(archive, *PROJECTS)
    for code in codes.values():
        with_agent(archive, code)

    first = add_visit(archive, NewVisit(codes["P01"], day("2024-12-30")), by("development", "2024-12-30"))
    before = cover_visits(archive, LIBRARY, WEEK, at("2025-04-01"))
    add_visit(archive, NewVisit(codes["P01"], day("2025-01-03")), by("development", "2025-01-03"))
    late = add_visit(archive, NewVisit(codes["P03"], day("2025-01-02")), by("development", "2025-01-08"))
    after = cover_visits(archive, LIBRARY, WEEK, at("2025-04-01"))

    assert str(first.week) == "2025-W01"
    assert before.total.required == tuple(codes[name] for name in ("P01", "P03", "P04", "P05", "P08", "P09", "P12"))
    assert before.total.visited == after.total.visited == (codes["P01"],)
    assert before.total.ratio is not None and percent_text(before.total.ratio) == "14.29%"
    assert (first.is_late, late.is_late) == (False, True)
    assert (before.total.late, after.total.late) == ((), (codes["P03"],))
    rows = {one.unit: (len(one.coverage.visited), len(one.coverage.required)) for one in after.units}
    assert rows == {
        "天宁区": (0, 1), "钟楼区": (0, 0), "新北区": (0, 1), "武进区": (1, 2), "常州经开区": (0, 0), "金坛区": (0, 2),
        "溧阳市": (0, 1),
    }  # fmt: skip
    assert cover_visits(archive, LIBRARY, WEEK, at("2024-12-29")).total.visited == ()


def test_where_a_project_stood_on_the_monday_decides(archive: Archive) -> None:
    codes = filled(archive, "P03", "P12")
    for code in codes.values():
        with_agent(archive, code)

    def required(week: str) -> list[str]:
        found = cover_visits(archive, LIBRARY, read_week(week), at("2025-04-01")).total.required
        return [name for name, code in codes.items() if code in found]

    # P03 was approved on a Tuesday, P12 on a Monday.
    assert [required(week) for week in ("2024-W42", "2024-W43", "2024-W50", "2024-W51")] == [
        [], ["P03"], ["P03"], ["P03", "P12"],
    ]  # fmt: skip


def test_a_project_without_an_agent_on_the_monday_is_not_required(archive: Archive) -> None:
    codes = filled(archive, "P01", "P08")
    with_agent(archive, codes["P01"], "2024-12-30")
    with_agent(archive, codes["P08"], "2024-12-31")

    assert cover_visits(archive, LIBRARY, WEEK, at("2025-04-01")).total.required == (codes["P01"],)


@pytest.mark.parametrize(("entered", "late"), [("11:59", False), ("12:00", False), ("12:01", True)])
def test_an_entry_is_in_time_until_tuesday_noon_of_the_week_after(archive: Archive, entered: str, late: bool) -> None:
    codes = filled(archive, "P01")

    visited = add_visit(archive, NewVisit(codes["P01"], day("2025-01-05")), by("development", "2025-01-07", entered))

    assert visited.is_late is late


def test_a_visit_still_to_come_or_by_another_area_or_of_nothing_is_refused(archive: Archive) -> None:
    codes = filled(archive, "P01")

    with pytest.raises(UsageError) as future:
        add_visit(archive, NewVisit(codes["P01"], day("2025-04-01")), by())
    with pytest.raises(Forbidden) as other:
        add_visit(archive, NewVisit(codes["P01"], day("2025-03-31")), by("district-320481"))
    with pytest.raises(NotFound):
        add_visit(archive, NewVisit("CZ-1", day("2025-03-31")), by())

    assert (told(future.value), told(other.value)) == ({"LC_FUTURE"}, {"CARE_ROLE"})
    assert "帮办代办" in other.value.issues[0].allowed
    assert [line.actor for line in audited(archive, "care.refused")] == ["district-320481"]
    assert audited(archive, "visit.add") == []


def test_a_terminated_project_is_not_visited(archive: Archive) -> None:
    codes = filled(archive, "P01")
    end = Aside(
        codes["P01"], EventKind.TERMINATE, day("2025-03-30"), (Evidence("已兑付政策清单", "清单1"),), reason="企业放弃"
    )
    move_aside(archive, LIBRARY, end, by="district-320412", second="development", now=at("2025-03-31"))

    with pytest.raises(Conflict) as refused:
        add_visit(archive, NewVisit(codes["P01"], day("2025-03-31")), by())

    assert told(refused.value) == {"LC_SIDE"}


@pytest.mark.parametrize("written", ["2025-W54", "2025-W00", "2025", "W01", "2025-53"])
def test_what_is_no_week_is_refused(written: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_week(written)

    assert told(refused.value) == {"WEEK"}


def test_weeks_are_read_as_people_write_them() -> None:
    assert [read_week(text) for text in ("2025-W01", "2025W1", " 2020-w53 ")] == [WEEK, WEEK, Week(2020, 53)]


def test_a_district_keeps_its_projects_when_nobody_told_the_region_again(archive: Archive) -> None:
    code = filled(archive, "P01")["P01"]

    add_visit(archive, NewVisit(code, day("2026-01-05")), by("district-320412", "2026-01-05"))
    with pytest.raises(Forbidden):
        add_visit(archive, NewVisit(code, day("2026-01-05")), by("district-320481", "2026-01-05"))

    assert len(audited(archive, "visit.add")) == 1
