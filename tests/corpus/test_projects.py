"""The library of real projects: reproducible, complete, nothing invented, readings marked as such."""

from __future__ import annotations

import csv
import json
import re
import runpy
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from policy_match.exchange.subjects import read_subjects
from policy_match.facts.cells import Cell, Items, Possible
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.vocabulary import Vocabulary
from policy_match.units import Band

ROOT = Path(__file__).resolve().parents[2]
SCRIPT, LIBRARY = ROOT / "scripts" / "make_projects.py", ROOT / "corpus" / "projects.csv"
SOURCE, ELSEWHERE = ROOT / "corpus" / "sources" / "projects.csv", ROOT / "tests" / "data" / "projects_elsewhere.csv"
YI = 10**10
STAGES = ("签约", "立项", "开工", "竣工", "投产")
STAGE_DATES = ("signed_on", "approved_on", "started_on", "completed_on", "produced_on")


@pytest.fixture(scope="module")
def projects(vocabulary: Vocabulary) -> dict[str, Subject]:
    """The library as the product reads it."""
    loaded = read_subjects(LIBRARY, vocabulary)
    assert (loaded.refusals, loaded.notes) == ((), ())
    return {subject.id: subject for subject in loaded.subjects}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def source_of(project: Subject, fact: str) -> str | None:
    return project.cells[fact].source


def days(year: int, month: int, day: int) -> Cell:
    ordinal = date(year, month, day).toordinal()
    return Cell(Band(ordinal, ordinal), None, "PUBLIC", None)


def test_the_script_makes_the_library_byte_for_byte(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), str(SOURCE), str(tmp_path / "again.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "again.csv").read_bytes() == LIBRARY.read_bytes()


def test_projects_of_other_cities_are_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = runpy.run_path(str(SCRIPT))["main"]([str(ELSEWHERE), str(tmp_path / "none.csv")])

    assert code == 2
    assert "P170 不是常州的项目：南京市" in capsys.readouterr().err
    assert not (tmp_path / "none.csv").exists()


def test_all_184_projects_of_changzhou_are_read_and_none_of_the_33_others(projects: dict[str, Subject]) -> None:
    assert len(rows(SOURCE)) == len(projects) == 184
    assert len(rows(ELSEWHERE)) == 33
    assert not {row["project_id"] for row in rows(ELSEWHERE)} & set(projects)
    assert {project.kind for project in projects.values()} == {Kind.PROJECT}
    assert Counter(_one(project, "district") for project in projects.values()) == {
        "320412": 57, "320411": 42, "320413": 32, "320481": 20, "JK": 14, "320402": 10, "320404": 9,
    }  # fmt: skip


def _one(project: Subject, fact: str) -> str | None:
    value = project.cells[fact].value
    assert isinstance(value, Possible)
    return value.single


def test_five_projects_hold_what_their_pages_say(projects: dict[str, Subject]) -> None:
    solar, battery, film, park, clinic = (projects[key] for key in ("P001", "P007", "P142", "P133", "P167"))

    assert (solar.name, solar.enterprise_name) == ("科隆威智能光伏设备制造项目", "科隆威(江苏)新能源装备有限公司")
    assert solar.cells["total_investment"] == Cell(Band.exact(10 * YI), None, "PUBLIC", None)
    assert solar.cells["started_on"] == days(2024, 5, 9)
    assert (_one(solar, "stage"), _one(solar, "major_level")) == ("开工", "省重大")
    assert (_one(solar, "industry_code"), source_of(solar, "industry_code")) == ("C3562", "READING")
    assert battery.cells["signed_on"] == days(2015, 8, 18)
    assert battery.cells["started_on"] == days(2016, 1, 8)
    assert battery.cells["total_investment"].value == Band.exact(125 * YI)
    assert film.cells["total_investment"] == Cell(Band(10 * YI, None), None, "READING", None)
    assert park.cells["started_on"] == days(2020, 9, 26)
    assert "completed_on" not in park.cells
    assert park.extra["x_计划竣工"] == "2023-03"
    assert (_one(clinic, "district"), _one(clinic, "stage"), source_of(clinic, "stage")) == ("JK", "开工", "READING")
    assert clinic.cells["total_investment"].value == Band.exact(19 * YI // 10)


def test_under_construction_is_read_as_started_and_keeps_its_own_word(projects: dict[str, Subject]) -> None:
    building = [project for project in projects.values() if project.extra["x_阶段原文"] == "在建"]

    assert len(building) == 64
    assert {_one(project, "stage") for project in building} == {"开工"}
    assert {_one(p, "stage") for p in projects.values() if p not in building} == set(STAGES)


def test_no_date_lies_beyond_the_stage_reached(projects: dict[str, Subject]) -> None:
    for project in projects.values():
        reached = STAGES.index(str(_one(project, "stage")))
        dated = {STAGE_DATES.index(fact) for fact in STAGE_DATES if fact in project.cells}
        assert not dated or max(dated) <= reached, project.id
    assert sum("x_计划竣工" in p.extra or "x_计划投产" in p.extra for p in projects.values()) == 13


def test_a_date_known_to_the_month_is_a_band_and_an_inferred_year_a_reading(projects: dict[str, Subject]) -> None:
    month = projects["P012"].cells["started_on"]
    inferred = projects["P036"].cells["started_on"]

    assert month.value == Band(date(2022, 7, 1).toordinal(), date(2022, 7, 31).toordinal())
    assert (month.source, inferred.source) == ("PUBLIC", "READING")


def test_honours_below_a_major_level_are_lists(projects: dict[str, Subject]) -> None:
    listed = {p.id: p.cells["lists"].value for p in projects.values() if "lists" in p.cells}

    assert Counter(value.items[0].name for value in listed.values() if isinstance(value, Items)) == {
        "市重点": 6, "区重点": 4, "省民间投资重点": 2, "省重点工业": 1,
    }  # fmt: skip
    assert not any("major_level" in projects[key].cells for key in listed)
    assert Counter(_one(p, "major_level") for p in projects.values() if "major_level" in p.cells) == {
        "省重大": 17, "市重大": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("project", "low", "high", "source"),
    [
        ("P016", 20 * YI, None, "PUBLIC"),
        ("P135", 10846 * 10**6, 10846 * 10**6, "PUBLIC"),
        ("P107", 80325 * YI // 10**4, 108675 * YI // 10**4, "READING"),
        ("P138", 595 * YI // 10, None, "READING"),
        ("P163", 8 * YI, 8 * YI, "READING"),
        ("P169", 15 * YI // 10, 15 * YI // 10, "READING"),
    ],
    ids=["more than", "万元", "foreign currency", "more than, foreign", "financing", "about"],
)
def test_an_investment_is_as_exact_as_the_page(
    projects: dict[str, Subject], project: str, low: int, high: int | None, source: str
) -> None:
    assert projects[project].cells["total_investment"] == Cell(Band(low, high), None, source, None)


def test_an_order_of_magnitude_is_no_investment(projects: dict[str, Subject]) -> None:
    for key in ("P057", "P058", "P059", "P060"):
        assert "total_investment" not in projects[key].cells
        assert projects[key].extra["x_总投资原文"].endswith("亿元级")


def test_what_was_written_from_memory_is_a_reading_throughout(projects: dict[str, Subject]) -> None:
    recalled = [project for project in projects.values() if project.extra["x_依据"] != "网页"]

    assert [project.id for project in recalled] == [f"P{number}" for number in range(203, 218)]
    assert {cell.source for project in recalled for cell in project.cells.values()} == {"READING"}


def test_every_fact_has_a_source_and_every_industry_is_a_reading(projects: dict[str, Subject]) -> None:
    assert {cell.source for p in projects.values() for cell in p.cells.values()} == {"PUBLIC", "READING"}
    assert {source_of(project, "industry_code") for project in projects.values()} == {"READING"}
    assert {source_of(p, "project_kind") for p in projects.values() if _has(p, "project_kind", "新招引")} == {"READING"}


def test_a_district_that_was_inferred_is_a_reading(projects: dict[str, Subject]) -> None:
    inferred = {key for key, p in projects.items() if source_of(p, "district") == "READING" and key < "P203"}

    assert inferred == {"P139", "P140"}


def _has(project: Subject, fact: str, option: str) -> bool:
    return fact in project.cells and _one(project, fact) == option


def test_no_key_is_invented_and_only_government_addresses_stand(projects: dict[str, Subject]) -> None:
    assert {project.enterprise for project in projects.values()} == {None}
    assert not any("registered_region" in project.cells for project in projects.values())
    for path in (LIBRARY, SOURCE, ELSEWHERE):
        hosts = re.findall(r"https?://([^/\s,\"]+)", path.read_text(encoding="utf-8"))
        assert all(host.endswith(".gov.cn") for host in hosts)
        assert not re.search(r"\b9[0-9A-Z]{17}\b", path.read_text(encoding="utf-8"))


def test_the_library_matches_without_a_refusal(
    tmp_path: Path, called: Callable[[Sequence[str], Path], subprocess.CompletedProcess[str]]
) -> None:
    done = called(["match", str(LIBRARY), "--verdicts", "eligible,unknown"], tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["subject"] for line in lines} <= {row["项目编号"] for row in rows(LIBRARY)}
    assert {line["verdict"] for line in lines} <= {"eligible", "unknown"}
    assert len({line["subject"] for line in lines}) == 184
