"""Each department's list of what falls due: thirty days ahead, what is overdue, of active projects only."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from care import by, filled
from python_calamine import CalamineWorkbook
from rows import LIBRARY, at, day, proof, told

from policy_match.errors import UsageError
from policy_match.lifecycle.words import EventKind
from policy_match.workflows.list_due_steps import list_due_steps, print_due_steps
from policy_match.workflows.move_aside import Aside, move_aside
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.set_milestone import Step, set_milestone

TODAY = View(day("2025-03-31"))


def planned(archive: Archive, code: str, kind: str, on: str) -> None:
    set_milestone(archive, Step(code, kind, planned_on=day(on)), by())


@pytest.fixture
def codes(archive: Archive) -> dict[str, str]:
    """Steps of three departments: overdue, on the last day, one day too far, and done."""
    found = filled(archive, "P01", "P03")
    planned(archive, found["P01"], "送电", "2025-04-30")
    planned(archive, found["P03"], "送电", "2025-05-01")
    planned(archive, found["P03"], "环评批复", "2025-03-30")
    planned(archive, found["P03"], "实体开工", "2025-03-31")
    planned(archive, found["P01"], "环评批复", "2025-04-10")
    set_milestone(archive, Step(found["P01"], "环评批复", actual_on=day("2025-03-31")), by("ecology"))
    return found


def test_due_is_what_lies_within_30_days_or_has_passed_by_role_and_day(archive: Archive, codes: dict[str, str]) -> None:
    found = list_due_steps(archive, LIBRARY, TODAY)

    assert [(one.due.owner, one.due.kind, one.project.code, one.due.is_late) for one in found] == [
        ("ecology", "environment", codes["P03"], True),
        ("power", "power_on", codes["P01"], False),
        ("district", "physical_start", codes["P03"], False),
    ]


def test_one_department_sees_its_own_by_id_or_name(archive: Archive, codes: dict[str, str]) -> None:
    ours = [list_due_steps(archive, LIBRARY, TODAY, role=name) for name in ("power", "国网常州供电公司")]

    assert ours[0] == ours[1] and [one.due.kind for one in ours[0]] == ["power_on"]
    with pytest.raises(UsageError) as unknown:
        list_due_steps(archive, LIBRARY, TODAY, role="供水公司")
    assert told(unknown.value) == {"ROLE_UNKNOWN"}


def test_a_terminated_project_has_nothing_due(archive: Archive, codes: dict[str, str]) -> None:
    end = Aside(codes["P03"], EventKind.TERMINATE, day("2025-03-31"), proof("已兑付政策清单", "P03"), reason="放弃")
    move_aside(archive, LIBRARY, end, by="district-320402", second="development", now=at("2025-03-31"))

    assert [one.project.code for one in list_due_steps(archive, LIBRARY, TODAY)] == [codes["P01"]]


def test_json_csv_and_a_sheet_per_department_tell_the_same(
    archive: Archive, codes: dict[str, str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    print_due_steps(archive, LIBRARY, TODAY, role=None, form="json", out=None)
    plain = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    for name in ("due.csv", "due.xlsx"):
        print_due_steps(archive, LIBRARY, TODAY, role=None, form=None, out=tmp_path / name)

    with (tmp_path / "due.csv").open(encoding="utf-8-sig", newline="") as lines:
        table = list(csv.DictReader(lines))
    book = CalamineWorkbook.from_path(str(tmp_path / "due.xlsx"))
    assert [row["unit"] for row in plain] == ["市生态环境局", "国网常州供电公司", "天宁区人民政府"]
    assert [(row["责任单位"], row["项目"]) for row in table] == [(row["role_name"], row["project"]) for row in plain]
    assert [row["已逾期"] for row in table] == ["是", "", ""]
    assert book.sheet_names == ["市生态环境局", "国网常州供电公司", "辖市区"]
