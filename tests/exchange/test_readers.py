"""The four file formats give the same subjects; what they hold is read as a person sees it there."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import UsageError
from policy_match.exchange.subjects import Loaded, read_subjects
from policy_match.facts.cells import Possible
from policy_match.facts.subjects import Kind
from policy_match.facts.vocabulary import Vocabulary
from policy_match.units import Band
from policy_match.workflows.match import Matching
from policy_match.workflows.show_match import match_data

HEADER = ["id", "项目名称", "企业", "kind", "总投资（亿元）", "设备投入（万元）", "项目阶段", "国民经济行业代码", "注册地", "从业人员", "上年度营业收入（万元）",
          "研发人员占比（%）", "严重失信主体", "赛道", "近三年销售收入（万元）", "开工日期", "x_备注"]  # fmt: skip
ROWS = [
    ["E1", "示范甲公司", "", "enterprise", "", "", "", "C3670", "武进区", "350", "19990", "12.5", "否", "", "100;200;300", "", "随便"],
    ["P1", "示范甲项目", "E1", "project", "1~2", "3000", "竣工", "", "", "", "", "", "", "氢能;人工智能", "", "2024年5月", "/"],
    ["P2", "示范乙项目", "", "", "0", "无", "开工", "3841", "", "—", "/", "", "", "", "", "2024-05-09", ""],
]  # fmt: skip
FACTS = [
    {"id": "E1", "name": "示范甲公司", "kind": "enterprise",
     "facts": {"industry_code": "C3670", "registered_region": "320412", "staff_total": 350, "revenue_last": "19990万元", "rd_staff_ratio": "12.5%",
               "blacklisted": False, "revenue_by_year": ["100万元", "200万元", "300万元"]}},
    {"id": "P1", "name": "示范甲项目", "kind": "project", "enterprise": "E1",
     "facts": {"total_investment": {"low": "1亿元", "high": "2亿元"}, "equipment_investment": "3000万元", "stage": "竣工",
               "track": ["氢能", "人工智能"], "started_on": "2024年5月"}},
    {"id": "P2", "name": "示范乙项目", "facts": {"total_investment": "0元", "stage": "开工", "industry_code": "C3841", "started_on": "2024-05-09"}},
]  # fmt: skip


def write_jsonl(path: Path) -> None:
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in FACTS))


def write_csv(path: Path, *, encoding: str = "utf-8", mark: str = ",") -> None:
    lines = [mark.join(f'"{cell}"' if ";" in cell else cell for cell in row) for row in [HEADER, *ROWS]]
    path.write_bytes("\r\n".join(lines).encode(encoding))


def write_xlsx(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("项目")
        for number, row in enumerate([HEADER, *ROWS]):
            for column, cell in enumerate(row):
                sheet.write(number, column, float(cell) if number and cell.replace(".", "", 1).isdigit() else cell)
        sheet.write_datetime(3, 15, datetime(2024, 5, 9), book.add_format({"num_format": "yyyy-mm-dd"}))


def write_parquet(path: Path) -> None:
    columns = {name: pa.array([row[i] or None for row in ROWS], pa.string()) for i, name in enumerate(HEADER)}
    columns["从业人员"] = pa.array([350, None, None], pa.int64())
    columns["研发人员占比（%）"] = pa.array([12.5, None, None], pa.float64())
    columns["严重失信主体"] = pa.array([False, None, None], pa.bool_())
    columns["赛道"] = pa.array([None, ["氢能", "人工智能"], None], pa.list_(pa.string()))
    pq.write_table(pa.table(columns), path)


WRITERS = {
    "a.jsonl": write_jsonl,
    "a.csv": write_csv,
    "bom.csv": lambda path: write_csv(path, encoding="utf-8-sig"),
    "gbk.csv": lambda path: write_csv(path, encoding="gbk"),
    "utf16.csv": lambda path: write_csv(path, encoding="utf-16"),
    "semicolon.csv": lambda path: write_csv(path, mark=";"),
    "tab.csv": lambda path: write_csv(path, mark="\t"),
    "a.xlsx": write_xlsx,
    "a.parquet": write_parquet,
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_subjects_in_every_format_give_the_same_match_lines(
    name: str, tmp_path: Path, rulebook: Rulebook
) -> None:
    def lines(path: Path) -> list[bytes]:
        loaded = read_subjects(path, rulebook.vocabulary)
        assert not loaded.refusals
        day = date(2025, 6, 15)
        return [orjson.dumps(match_data(match, day)) for match in Matching(rulebook, loaded.subjects, day).lines()]

    write_jsonl(tmp_path / "expected.jsonl")
    WRITERS[name](tmp_path / name)

    assert lines(tmp_path / name) == lines(tmp_path / "expected.jsonl")


@pytest.mark.parametrize(
    ("name", "note"),
    [("gbk.csv", "gb18030"), ("utf16.csv", "utf-16"), ("semicolon.csv", "分号"), ("tab.csv", "制表符")],
)
def test_an_encoding_or_separator_that_was_found_out_is_told(
    name: str, note: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    WRITERS[name](tmp_path / name)

    assert any(note in line for line in read_subjects(tmp_path / name, vocabulary).notes)


def table(tmp_path: Path, vocabulary: Vocabulary, text: str) -> Loaded:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return read_subjects(path, vocabulary)


def test_a_project_reads_its_enterprise_by_id_and_by_credit_code_its_own_line_first(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    loaded = table(
        tmp_path,
        vocabulary,
        "id,统一社会信用代码,kind,从业人员,国民经济行业代码,项目阶段\n"
        "甲,91320412MAYYYY0160,enterprise,350,C3670,\n"
        "P1,９１３２０４１２ｍａｙｙｙｙ０１６０,project,,C3841,竣工\n"
        "P2,甲,project,,,竣工\n"
        "P3,丙,project,,,竣工\n",
    )

    firm, first, second, third = loaded.subjects
    assert firm.kind is Kind.ENTERPRISE
    assert first.cells["staff_total"].value == second.cells["staff_total"].value == Band(350, 350)
    assert first.cells["industry_code"].value == Possible.only("C3841")
    assert second.cells["industry_code"].value == Possible.only("C3670")
    assert "staff_total" not in third.cells
    assert any("P3" in note and "企业不在文件中" in note for note in loaded.notes)


def test_without_a_word_on_its_kind_a_person_fact_makes_a_person_and_a_project_fact_a_project(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    loaded = table(tmp_path, vocabulary, "id,学历,项目阶段,从业人员\nA,硕士,,\nB,,竣工,\nC,,,5\nD,,,\n")

    assert [subject.kind for subject in loaded.subjects] == [
        Kind.PERSON,
        Kind.PROJECT,
        Kind.ENTERPRISE,
        Kind.ENTERPRISE,
    ]


@pytest.mark.parametrize(
    "header",
    [
        "近两年新增股权融资（合格机构投资者实缴）（万元）",
        "近两年新增股权融资(合格机构投资者实缴)(万元)",
        "equity_financing_2y（万元）",
    ],
)
def test_a_label_with_brackets_of_its_own_takes_a_unit_all_the_same(
    header: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    (subject,) = table(tmp_path, vocabulary, f"id,{header}\nA,5\n").subjects

    assert subject.cells["equity_financing_2y"].value == Band(5 * 10**6, 5 * 10**6)


def test_source_day_and_readings_of_a_row_stay_with_its_cells(tmp_path: Path, vocabulary: Vocabulary) -> None:
    (subject,) = table(
        tmp_path, vocabulary, "id,来源,观察日期,解读,项目阶段,项目类型\nA,PUBLIC,2025-06-01,project_kind,开工,技改\n"
    ).subjects

    assert (subject.cells["stage"].source, subject.cells["stage"].observed_on) == ("PUBLIC", date(2025, 6, 1))
    assert subject.cells["project_kind"].source == "READING"


def test_totals_remarks_and_blank_rows_are_no_subjects_and_are_told(tmp_path: Path, vocabulary: Vocabulary) -> None:
    loaded = table(tmp_path, vocabulary, "id,总投资（亿元）\nA,1\n,\n合计,1\n注：单位亿元,\n")

    assert [subject.id for subject in loaded.subjects] == ["A"]
    assert not loaded.refusals
    assert len(loaded.notes) == 2


def book(path: Path, rows: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def test_a_spreadsheet_number_is_what_the_spreadsheet_shows(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = book(tmp_path / "t.xlsx", [["id", "总投资（亿元）", "国民经济行业代码"], [7, 1.1 * 3, 3670]])

    (subject,) = read_subjects(path, vocabulary).subjects

    assert subject.id == "7"
    assert subject.cells["total_investment"].value == Band(33 * 10**9, 33 * 10**9)
    assert subject.cells["industry_code"].value == Possible.only("C3670")


@pytest.mark.parametrize(
    ("header", "cell", "code"),
    [
        ("id", 913204121234567, "CODE_AS_NUMBER"),
        ("id", 2.40932e19, "CODE_AS_NUMBER"),
        ("企业", 913204121234567000, "CODE_AS_NUMBER"),
        ("国民经济行业代码", 111, "CODE_AS_NUMBER"),
        ("开工日期", 2024.1, "DATE_AMBIGUOUS"),
        ("开工日期", 45747, "DATE_SERIAL_SUSPECT"),
    ],
)
def test_what_a_spreadsheet_lost_is_refused_and_not_guessed(
    header: str, cell: float, code: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    rows: list[list[object]] = [["id"], [cell]] if header == "id" else [["id", header], ["A", cell]]

    loaded = read_subjects(book(tmp_path / "t.xlsx", rows), vocabulary)

    assert [refusal.code for refusal in loaded.refusals] == [code]
    assert not loaded.subjects


@pytest.mark.parametrize(
    ("row", "column", "hint"),
    [
        ("P2,91320412MAYYYY0161,", "统一社会信用代码", "校验位应为0"),
        ("P1,,", "项目编号", "改号"),
        ("P2,,氢能、人工智能", "赛道", "用 ; 分开"),
        ("P2,,甲乙丙丁", "赛道", "从允许的值中选"),
    ],
)
def test_a_refused_row_names_the_column_as_the_file_does_and_says_what_to_do(
    row: str, column: str, hint: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    loaded = table(tmp_path, vocabulary, f"项目编号,统一社会信用代码,赛道\nP1,,氢能;人工智能\n{row}\n")

    assert [refusal.column for refusal in loaded.refusals] == [column]
    assert hint in loaded.refusals[0].hint


def test_one_known_column_among_blank_ones_is_a_header_and_no_title(tmp_path: Path, vocabulary: Vocabulary) -> None:
    assert [subject.id for subject in table(tmp_path, vocabulary, "项目编号,\nP1,\n").subjects] == ["P1"]


def test_only_the_first_visible_sheet_is_read_and_the_others_are_told(tmp_path: Path, vocabulary: Vocabulary) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "t.xlsx")) as workbook:
        for name, identity in (("隐藏", "H"), ("项目", "A"), ("旧表", "B")):
            workbook.add_worksheet(name).write_column(0, 0, ["id", identity])
        workbook.get_worksheet_by_name("隐藏").hide()
        workbook.get_worksheet_by_name("项目").activate()
        workbook.get_worksheet_by_name("项目").set_first_sheet()

    loaded = read_subjects(tmp_path / "t.xlsx", vocabulary)

    assert [subject.id for subject in loaded.subjects] == ["A"]
    assert any("项目" in note for note in loaded.notes)


def test_whole_numbers_of_a_parquet_file_keep_all_their_digits(tmp_path: Path, vocabulary: Vocabulary) -> None:
    pq.write_table(pa.table({"id": pa.array([123456789012345678], pa.int64())}), tmp_path / "t.parquet")

    assert read_subjects(tmp_path / "t.parquet", vocabulary).subjects[0].id == "123456789012345678"


def test_a_parquet_number_that_is_none_is_refused(tmp_path: Path, vocabulary: Vocabulary) -> None:
    pq.write_table(pa.table({"id": ["A", "B"], "staff_total": [float("nan"), 5.0]}), tmp_path / "t.parquet")

    loaded = read_subjects(tmp_path / "t.parquet", vocabulary)

    assert [refusal.code for refusal in loaded.refusals] == ["NUM_RANGE"]
    assert [subject.id for subject in loaded.subjects] == ["B"]


@pytest.mark.parametrize(
    ("header", "code", "near"),
    [
        ("id,总投姿（亿元）", "COLUMN_UNKNOWN", "总投资"),
        ("id,total_invesment", "COLUMN_UNKNOWN", "total_investment"),
        ("id,总投资（亩）", "UNIT_UNKNOWN", "亿元"),
        ("id,从业人员（万元）", "UNIT_UNKNOWN", "人"),
        ("id,开工日期（年）", "UNIT_UNKNOWN", "不带单位"),
        ("id,总投资（亿元）,total_investment（万元）", "COLUMN_TWICE", "每个事实一列"),
        ("id,编号", "COLUMN_TWICE", "每个事实一列"),
        ("项目阶段", "COLUMN_MISSING", "项目编号"),
        ("id,备注", "COLUMN_UNKNOWN", "以 x_ 开头的备注列"),
        ("id,开工时间", "COLUMN_UNKNOWN", "开工日期"),
        ("2025年项目一览表,", "HEADER_TITLE", "第1行是表头"),
    ],
)
def test_a_header_that_is_not_understood_refuses_the_file_with_the_nearest_names(
    header: str, code: str, near: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    with pytest.raises(UsageError) as error:
        table(tmp_path, vocabulary, f"{header}\nA,1,2\n")

    issue = next(issue for issue in error.value.issues if issue.code == code)
    assert near in issue.allowed
    assert issue.where.endswith(":1")


def test_every_fault_of_a_header_is_told_at_once(tmp_path: Path, vocabulary: Vocabulary) -> None:
    with pytest.raises(UsageError) as error:
        table(tmp_path, vocabulary, "编好,总投姿,项目阶断\nA,1,2\n")

    assert len(error.value.issues) == 4


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_every_wrong_cell_of_a_row_is_told_at_once(suffix: str, tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / f"错{suffix}"
    if suffix == ".jsonl":
        line = '{"id": "甲", "facts": {"total_investment": 5, "stage": "开建", "started_on": "2024-02-30"}}'
        path.write_text(f'{line}\n{{"id": "乙", "facts": {{"stage": "开工"}}}}\n', encoding="utf-8")
    else:
        path.write_text("id,总投资,项目阶段,开工日期\n甲,5,开建,2024-02-30\n乙,,开工,\n", encoding="utf-8")

    loaded = read_subjects(path, vocabulary)

    assert [subject.id for subject in loaded.subjects] == ["乙"]
    assert [refusal.code for refusal in loaded.refusals] == ["UNIT_MISSING", "CHOICE", "DATE_INVALID"]
    assert len({refusal.row for refusal in loaded.refusals}) == 1
