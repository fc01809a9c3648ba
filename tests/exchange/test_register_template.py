"""The workbook that districts fill in: it reads back as it was filled, and keeps slips of the hand away."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from library.f import PROJECTS, district_row
from python_calamine import CalamineWorkbook
from register_files import NOW, write_csv

from policy_match.exchange.intake_rows import Intake
from policy_match.exchange.register_template import choices, write_template
from policy_match.exchange.registers import Register, read_register
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable

TEXT = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"], exclude_characters="锟�"), max_size=30
)
Both: TypeAlias = Callable[[Sequence[Mapping[str, str]]], tuple[Intake, Intake]]
CELLS = {
    "库内编号": st.sampled_from(["", "CZ-2025-00001", "CZ-2025-00002"]),
    "项目代码": st.sampled_from(["", "2409-320412-89-01-100011", "24093204128901100011", "坏代码"]),
    "项目名称": TEXT,
    "建设单位": TEXT,
    "统一社会信用代码": st.sampled_from(["", "91320412MAYYYY0160", "91320412MAYYYY0161"]),
    "所在辖市区": st.sampled_from(["武进区", "320411", "常州经开区", ""]),
    "项目类型": st.sampled_from(["新招引", "技改", "其他"]),
    "总投资": st.sampled_from(["", "12000", "12.5亿", "12.5", "约3亿元", "0"]),
    "建设内容": TEXT,
    "签约日期": st.dates().map(str) | st.sampled_from(["", "2025年3月", "2025/2/30"]),
    "投资协议": TEXT,
    "计划开工": st.sampled_from(["", "2026-06", "2026-06-01"]),
    "填报月份": st.sampled_from(["", "2025-03", "2025-04"]),
    "本月完成投资": st.integers(0, 9999).map(str) | st.just(""),
    "形象进度": TEXT,
}


@pytest.fixture(scope="module")
def district(registers: Mapping[str, Register]) -> Register:
    return registers["DISTRICT"]


@pytest.fixture(scope="module")
def both(district: Register, vocabulary: Vocabulary) -> Both:
    """The rows read from a template filled with them, and from a plain file."""

    def reading(rows: Sequence[Mapping[str, str]]) -> tuple[Intake, Intake]:
        with TemporaryDirectory() as folder:
            filled, plain = Path(folder) / "t.xlsx", Path(folder) / "t.csv"
            write_template(filled, district, rows)
            write_csv(
                plain,
                [district.columns[name].header for name in CELLS],
                [[row[name] for name in CELLS] for row in rows],
            )
            first, second = (read_register(path, district, vocabulary, at=NOW) for path in (filled, plain))
        return first, second

    return reading


@given(rows=st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=4))
def test_what_is_filled_in_reads_back_as_from_a_plain_file(rows: list[dict[str, str]], both: Both) -> None:
    filled, plain = both(rows)

    assert (filled.rows, filled.refusals) == (plain.rows, plain.refusals)


def test_the_fixture_filled_in_reads_back_without_a_note(
    district: Register, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    rows = [{name.partition("（")[0]: text for name, text in district_row(project).items()} for project in PROJECTS]
    path = tmp_path / "t.xlsx"

    write_template(path, district, rows, months=["2025-03"])

    intake = read_register(path, district, vocabulary, at=NOW)
    assert (len(intake.rows), intake.refusals, intake.notes) == (12, (), ())
    assert intake.columns == tuple(column.header for column in district.columns.values())


def test_keys_that_are_filled_in_are_locked_without_a_password_and_choices_can_be_picked(
    district: Register, tmp_path: Path
) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, district, [{"库内编号": "CZ-2025-00001", "项目名称": "示范"}], months=["2025-02", "2025-03"])

    with zipfile.ZipFile(path) as book:
        sheet, styles = book.read("xl/worksheets/sheet1.xml").decode(), book.read("xl/styles.xml").decode()

    assert "<sheetProtection" in sheet and "password" not in sheet
    assert styles.count('locked="0"') == 1
    assert "2025-02,2025-03" in sheet and "新招引,技改" in sheet and "武进区" in sheet
    assert 'state="frozen"' in sheet


def test_the_second_sheet_says_how_every_column_is_written(district: Register, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, district, [])

    first, second = CalamineWorkbook.from_path(str(path)).sheet_names
    told = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(second).to_python()

    assert (first, second) == (district.name, "填写说明")
    assert [line[0] for line in told[1:]] == [column.header for column in district.columns.values()]
    assert all(line[2] for line in told)


def test_choices_are_those_of_the_vocabulary(district: Register, lifecycle: LifecycleTable) -> None:
    columns = district.columns

    assert choices(columns["项目类型"], ()) == ("新招引", "技改")
    assert {variant.kind for variant in lifecycle.variants.values()} == set(choices(columns["项目类型"], ()))
    assert choices(columns["技改含土建"], ()) == ("是", "否")
    assert "常州经开区" in choices(columns["所在辖市区"], ())
    assert choices(columns["项目名称"], ()) == ()


def test_a_name_that_is_no_column_is_not_written(district: Register, tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="工程名称"):
        write_template(tmp_path / "t.xlsx", district, [{"工程名称": "示范"}])

    assert not (tmp_path / "t.xlsx").exists()
