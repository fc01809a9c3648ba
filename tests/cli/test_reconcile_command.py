"""`policy-match reconcile`: right files in every form, wrong files, exit codes, remembered answers."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from policy_match.cli import main
from policy_match.exchange import project_rows
from policy_match.linkage.records import ProjectRecord

DATA = Path(__file__).resolve().parents[1] / "data"
LIBRARY = """项目编号,项目名称,建设单位,统一社会信用代码,项目代码,所在地区,总投资,金额单位
P1,示范锂离子电池隔膜项目,常州示范材料有限公司,91320412MAYYYY0160,2409-320412-89-01-100011,武进区,12.5,亿元
P2,示范高压连接器项目,示范电气有限公司,91320411MAYYYY024C,2410-320411-89-01-100037,新北区,3,亿元
"""
OTHERS = """序号,项目名称,建设单位,项目代码,所在地区,总投资（万元）
M1,示范锂离子电池隔膜,示范材料,24093204128901100011,武进,125000
M2,示范高压连接器二期,示范电气,,新北,9000
M3,无关医院,,,溧阳,
"""


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Call the command in a folder that holds 库.csv and 他.csv."""
    monkeypatch.chdir(tmp_path)
    Path("库.csv").write_text(LIBRARY, "utf-8")
    Path("他.csv").write_text(OTHERS, "utf-8")

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["policy-match", "reconcile", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        return Done(int(end.value.code or 0), captured.out, captured.err)

    return call


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def decisions(text: str) -> list[tuple[str, str, str]]:
    return [(row["other_id"], row["library_id"], row["decision"]) for row in rows(text)]


EXPECTED = [("M1", "P1", "link"), ("M2", "", "apart"), ("M3", "", "apart")]


def test_each_record_gets_a_line_in_its_order(run: Run) -> None:
    done = run("库.csv", "他.csv")

    assert done.code == 0
    assert done.out.splitlines()[0] == "other_id,library_id,decision,score,why"
    assert decisions(done.out) == EXPECTED
    assert "项目代码相同 +60" in rows(done.out)[0]["why"]
    assert "期次不同（二期/库内未写） −55" in rows(done.out)[1]["why"]
    assert "3 条：link 1，review 0，apart 2" in done.err


def test_the_file_has_a_mark_for_excel_and_the_same_bytes_each_time(run: Run) -> None:
    assert run("库.csv", "他.csv", "--out", "一.csv").code == 0
    assert run("库.csv", "他.csv", "--out", "二.csv").code == 0

    written = Path("一.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    assert written == Path("二.csv").read_bytes()
    assert decisions(written.decode("utf-8-sig")) == EXPECTED


def test_an_id_that_looks_like_a_formula_is_made_harmless(run: Run) -> None:
    Path("他.csv").write_text('编号,项目名称\n"=HYPERLINK(""x"")",示范锂离子电池隔膜\n', "utf-8")

    assert rows(run("库.csv", "他.csv").out)[0]["other_id"].startswith("'=")


def test_the_carried_sample_runs_from_file_to_file(run: Run) -> None:
    done = run(str(DATA / "library_for_linkage.csv"), str(DATA / "projects_messy_dev.csv"), "--out", "果.csv")

    assert (done.code, done.out) == (0, "")
    assert len(rows(Path("果.csv").read_text("utf-8-sig"))) == 60
    assert "未读入的列" not in done.err


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8-sig", "utf-16"])
def test_other_encodings_give_the_same(run: Run, encoding: str) -> None:
    Path("他.csv").write_text(OTHERS, encoding)

    done = run("库.csv", "他.csv")

    assert (done.code, decisions(done.out)) == (0, EXPECTED)


def test_a_workbook_and_a_parquet_file_give_the_same(run: Run) -> None:
    cells = [line.split(",") for line in OTHERS.splitlines()]
    with xlsxwriter.Workbook("他.xlsx") as book:
        sheet = book.add_worksheet()
        for place, line in enumerate(cells):
            sheet.write_row(place, 0, [*line[:5], int(line[5]) if line[5].isdigit() else line[5]])
    pq.write_table(
        pa.table({name: [line[i] or None for line in cells[1:]] for i, name in enumerate(cells[0])}), "他.parquet"
    )

    assert decisions(run("库.csv", "他.xlsx").out) == EXPECTED
    assert decisions(run("库.csv", "他.parquet").out) == EXPECTED


def test_a_code_that_a_spreadsheet_took_for_a_number_is_told_and_the_rest_decides(run: Run) -> None:
    with xlsxwriter.Workbook("他.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["编号", "项目名称", "建设单位", "项目代码", "所在地区", "总投资（亿元）", "开工时间"])
        sheet.write_row(1, 0, [1, "示范锂离子电池隔膜", "示范材料有限公司", 24093204128901100011, "武进区", 12.5])
        sheet.write_datetime(1, 6, date(2024, 5, 9), book.add_format({"num_format": "yyyy-mm-dd"}))

    done = run("库.csv", "他.xlsx")

    assert decisions(done.out) == [("1", "P1", "link")]
    assert "项目代码不是20位数字（2.40932041289011E+19） +0" in rows(done.out)[0]["why"].replace("e+", "E+")


@pytest.mark.parametrize(
    ("library", "others", "message"),
    [
        ("没有.csv", "他.csv", "没有这个文件"),
        ("库.csv", "没有.csv", "没有这个文件"),
        (".", "他.csv", "是文件夹"),
        ("空.csv", "他.csv", "文件是空的"),
        ("库.csv", "只有表头.csv", "没有数据行"),
        ("库.csv", "无编号.csv", "第一列应是编号，实为“项目名称”"),
        ("库.csv", "错列.csv", "不认识的列“项目名秤”；允许：项目名称"),
        ("库.csv", "两列.csv", "“建设单位”和“企业名称”是同一项"),
        ("库.csv", "无名.csv", "没有可比对的列"),
        ("库.csv", "文本.txt", "不认识的文件类型"),
        ("库.csv", "假.xlsx", "不是有效的 .xlsx 文件"),
    ],
)
def test_a_file_that_cannot_be_compared_is_refused_and_nothing_is_written(
    run: Run, library: str, others: str, message: str
) -> None:
    made = {
        "空.csv": "", "只有表头.csv": "编号,项目名称\n", "无编号.csv": "项目名称,建设单位\n甲,乙\n",
        "错列.csv": "编号,项目名秤,建设单位\n1,甲,乙\n", "两列.csv": "编号,项目名称,建设单位,企业名称\n1,甲,乙,丙\n",
        "无名.csv": "编号,所在地区\n1,武进\n", "文本.txt": "x", "假.xlsx": "编号,项目名称\n1,甲\n",
    }  # fmt: skip
    for name, content in made.items():
        Path(name).write_text(content, "utf-8")

    done = run(library, others, "--out", "果.csv")

    assert done.code == 2
    assert message in done.err
    assert not Path("果.csv").exists()


def test_an_unknown_column_is_left_out_and_named(run: Run) -> None:
    Path("他.csv").write_text("编号,项目名称,联系人,x_备注,项目阶段\n1,示范高压连接器项目,张,甲,开工\n", "utf-8")

    done = run("库.csv", "他.csv")

    assert done.code == 0
    assert "他.csv：未读入的列：联系人\n" in done.err


def test_wrong_rows_come_back_and_the_others_are_compared(run: Run) -> None:
    Path("他.csv").write_text(
        "编号,项目名称,所在地区\nM1,示范高压连接器,新北\n,无编号,武进\nM1,再次,武进\nM2,少一列\nM3,乱码\ufffd,武进\n合计,3,\n\nM4,示范,武进\n",
        "utf-8",
    )

    done = run("库.csv", "他.csv", "--out", "果.csv")

    assert done.code == 1
    assert [row["other_id"] for row in rows(Path("果.csv").read_text("utf-8-sig"))] == ["M1", "M4"]
    errors = rows(Path("他.errors.csv").read_text("utf-8-sig"))
    assert [(row["行号"], row["代码"]) for row in errors] == [
        ("3", "ID_MISSING"), ("4", "ID_TAKEN"), ("5", "ROW_LENGTH"), ("6", "MOJIBAKE")
    ]  # fmt: skip
    assert "编号与第2行重复" in errors[1]["问题"]
    assert "“合计”不是项目，未读入" in done.err


def test_wrong_rows_of_the_library_count_too(run: Run) -> None:
    Path("库.csv").write_text(LIBRARY + "P1,重复,,,,,,\n", "utf-8")

    done = run("库.csv", "他.csv")

    assert (done.code, decisions(done.out)) == (1, EXPECTED)
    assert "共 1 行未读入，详见 库.errors.csv" in done.err


@pytest.mark.parametrize("arguments", [(), ("库.csv",), ("库.csv", "他.csv", "多.csv"), ("库.csv", "他.csv", "--form")])
def test_a_wrong_call_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).code == 2


@pytest.mark.parametrize("out", ["库.csv", "他.csv", "没有/果.csv"])
def test_an_output_that_would_replace_an_input_or_has_no_folder_is_refused(run: Run, out: str) -> None:
    before = Path("库.csv").read_bytes() + Path("他.csv").read_bytes()

    assert run("库.csv", "他.csv", "--out", out).code == 2
    assert Path("库.csv").read_bytes() + Path("他.csv").read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="a device is a POSIX thing")
def test_the_screen_is_named_by_a_dash(run: Run) -> None:
    assert decisions(run("库.csv", "他.csv", "--out", "-").out) == EXPECTED


def test_a_persons_answers_win(run: Run) -> None:
    Path("答.csv").write_text(
        "other_id,library_id,decision,why\nM3,P2,link,同一处\nM1,P1,apart,\nM2,,review,\n", "utf-8"
    )

    done = run("库.csv", "他.csv", "--decisions", "答.csv")

    assert decisions(done.out) == [("M1", "", "apart"), ("M2", "", "apart"), ("M3", "P2", "link")]
    assert "人工确认" in rows(done.out)[2]["why"]


def test_answers_about_ids_of_neither_file_are_told(run: Run) -> None:
    Path("答.csv").write_text("other_id,library_id,decision\nM9,P1,link\nM1,P9,apart\n", "utf-8")

    done = run("库.csv", "他.csv", "--decisions", "答.csv")

    assert (done.code, decisions(done.out)) == (0, EXPECTED)
    assert "2 条人工答复没有用上（M1、M9）" in done.err


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("M1,P1,maybe\n", "答.csv:2: “maybe”不是答复"),
        (",P1,link\n", "缺少编号"),
        ("M1,,link\n", "缺少编号"),
        ("M1,P1,link\nM1,P2,link\n", "答.csv:3: M1 已确认为 P1"),
        ("M1,P1,link\nM1,P1,apart\n", "M1 既确认又否定"),
        ("M1,P1,link\nM1,,apart\n", "M1 既确认又否定"),
    ],
)
def test_a_fault_in_the_answers_refuses_them_all(run: Run, lines: str, message: str) -> None:
    Path("答.csv").write_text("other_id,library_id,decision\n" + lines, "utf-8")

    done = run("库.csv", "他.csv", "--decisions", "答.csv")

    assert done.code == 2
    assert message in done.err


def test_answers_without_their_columns_are_refused(run: Run) -> None:
    Path("答.csv").write_text("other_id,decision\nM1,link\n", "utf-8")

    assert "缺少列：library_id" in run("库.csv", "他.csv", "--decisions", "答.csv").err


def test_every_part_of_a_record_has_a_column() -> None:
    assert set(project_rows.NAMES) == {field.name for field in fields(ProjectRecord)} - {"id"}
