"""Files of monthly figures: columns by title, an empty cell is not told, a row with a fault is refused whole."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policy_match.errors import UsageError
from policy_match.exchange.indicator_rows import ToldRow, read_indicators
from policy_match.exchange.named_columns import ReadRows
from policy_match.exchange.tables import write_xlsx
from policy_match.series.indicator import Indicator
from policy_match.series.words import Basis, Unit

OUTPUT = Indicator("output", "产值", Unit.MONEY, Basis.YEAR, also=("累计产值",))
USE = Indicator("use", "产能利用率", Unit.RATIO, Basis.MONTH)
POWER = Indicator("power", "用电", Unit.KWH, Basis.MONTH)
CODES = {one.id: one for one in (OUTPUT, USE, POWER)}
MARCH = 2025 * 12 + 2
TODAY = date(2025, 4, 10)
HEADER = ("项目编号", "月份", "累计产值（万元）", "产能利用率（%）", "用电（万千瓦时）", "更正", "说明")


def read(tmp_path: Path, *rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> ReadRows[ToldRow]:
    path = tmp_path / "figures.csv"
    path.write_text("\n".join(",".join(row) for row in (header, *rows)), "utf-8")
    return read_indicators(path, CODES, TODAY)


def test_an_empty_cell_is_not_told_and_a_zero_is(tmp_path: Path) -> None:
    found = read(tmp_path, ("A1", "2025-03", "16500", "", "0", "", ""))

    assert found.refusals == ()
    assert [row for _, row in found.rows] == [ToldRow("A1", MARCH, {"output": 16_500 * 10**6, "power": 0}, False, "")]


def test_a_workbook_is_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "figures.xlsx"
    write_xlsx(path, HEADER, [("A1", "2025年3月", "1", "55%", "", "是", "漏报一笔")], title="指标")

    ((number, row),) = read_indicators(path, CODES, TODAY).rows

    assert number == 2
    assert row == ToldRow("A1", MARCH, {"output": 10**6, "use": 550_000}, True, "漏报一笔")


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        (("A1", "2025-03", "约3", "0.5", "x", "", ""), ["NUM_INEXACT", "RATIO_SUSPECT", "NUM_FORMAT"]),
        (("A1", "2025-04", "1", "", "", "", ""), ["MONTH_OPEN"]),
        (("A1", "2025-03-15", "1", "", "", "", ""), ["MONTH_FORM"]),
        (("A1", "2025", "1", "", "", "", ""), ["MONTH_FORM"]),
        (("", "2025-03", "1", "", "", "", ""), ["CELL_EMPTY"]),
        (("A1", "2025-03", "", "", "", "", "没有数"), ["CELL_EMPTY"]),
        (("A1", "2025-03", "1", "", "", "也许", ""), ["FLAG_FORMAT"]),
    ],
)
def test_a_row_with_a_fault_is_refused_whole_with_every_fault(
    row: tuple[str, ...], codes: list[str], tmp_path: Path
) -> None:
    found = read(tmp_path, row, ("A2", "2025-03", "5", "", "", "", ""))

    assert [one.code for one in found.refusals] == codes
    assert [number for number, _ in found.rows] == [3]


def test_the_first_day_of_a_month_that_a_spreadsheet_made_of_it_is_the_month(tmp_path: Path) -> None:
    ((_, row),) = read(tmp_path, ("A1", "2025-03-01", "1", "", "", "", "")).rows

    assert row.month == MARCH


def test_a_month_of_a_project_stands_in_a_file_once(tmp_path: Path) -> None:
    found = read(tmp_path, ("A1", "2025-03", "1", "", "", "", ""), ("A1", "2025年3月", "2", "", "", "", ""))

    assert [one.code for one in found.refusals] == ["ROW_TWICE"]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (("项目编号", "月份", "本月产值（万元）"), "不认识的列"),
        (("项目编号", "月份", "产值（万千瓦时）"), "单位不对"),
        (("项目编号", "月份", "产值（万元）", "累计产值（万元）"), "有两列"),
        (("项目编号", "产值（万元）"), "没有列：月份"),
    ],
)
def test_a_header_that_is_not_understood_refuses_the_file(header: tuple[str, ...], told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=told):
        read(tmp_path, tuple("1" for _ in header), header=header)
