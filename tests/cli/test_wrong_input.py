"""Wrong files and wrong calls through the command line: what is told, what is done all the same, and the exit code."""

from __future__ import annotations

import codecs
import csv
import json
import os
import pty
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from policy_match.cli import main

COMMAND = [sys.executable, "-c", "from policy_match.cli import main; main()"]
GOOD = '{"id": "好", "facts": {"staff_total": 5}}'


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def ids(self) -> list[str]:
        return [json.loads(line)["id"] for line in self.out.splitlines()]


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Call the command line in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("POLICY_MATCH_NOW", raising=False)

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        return Done(int(end.value.code or 0), captured.out, captured.err)

    return call


def errors_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


@pytest.mark.parametrize("command", ["check", "test", "coverage", "due"])
def test_a_rule_file_in_the_place_of_the_rule_folder_is_told(command: str, run: Run) -> None:
    shipped = Path(__file__).parents[2] / "rules" / "measures" / "national" / "STANDARD" / "tech_sme.v1.yaml"

    done = run("rules", command, str(shipped))

    assert done.code == 2
    assert "要的是规则目录" in done.err
    assert "rules test --measures 编号" in done.err


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"id": "坏", "facts": {"staff_totl": 5}}', "FACT_UNKNOWN"),
        ('{"id": "坏", "facts": {"total_investment": 3000}}', "UNIT_MISSING"),
        ('{"id": "坏", "facts": {"total_investment": "约3亿元"}}', "NUM_INEXACT"),
        ('{"id": 913204121234567, "facts": {}}', "ID_MISSING"),
        ('{"id": "坏", "enterprise": 913204121234567}', "TEXT_FORMAT"),
        ('{"id": "91320412MAYYYY0161", "facts": {}}', "USCC_CHECKSUM"),
        ('{"id": "坏", "enterprise": "91320412MAYYYYO160"}', "USCC_CHARSET"),
        ('{"id": "2013-320412-89-01-100029"}', "PCODE_TIME"),
        ('{"id": "坏", "facts": {"staff_total": 5', "JSON"),
        ('{"id": "坏", "facts": {"staff_total": NaN}}', "NUM_RANGE"),
        ('{"id": "坏", "facts": {"staff_total": -Infinity}}', "NUM_RANGE"),
        ('{"id": "坏", "facts": {"staff_total": 1e999999999}}', "NUM_RANGE"),
        ('{"id": "坏", "facts": {"rd_staff_ratio": 1e-999999999}}', "NUM_RANGE"),
        ('{"id": "坏", "facts": {"staff_total": ' + "9" * 5000 + "}}", "JSON"),
        ('{"id": "好", "facts": {}}', "ID_TAKEN"),
        ('{"id": "坏", "facts": {"staff_total": 5, "staff_total": 6}}', "DUPLICATE_KEY"),
        ('{"id": "坏", "facts": {"staff_total": 5, "从业人员": 6}}', "DUPLICATE_KEY"),
        ('{"facts": {"staff_total": 5}}', "ID_MISSING"),
        ('{"id": "  "}', "ID_MISSING"),
        ('{"id": "坏", "facts": []}', "FACTS_FORMAT"),
        ('{"id": "坏", "kind": "公司"}', "KIND"),
        ('{"id": "坏", "staff_total": 5}', "KEY_UNKNOWN"),
        ("[1, 2]", "JSON"),
        ("[" * 100_000, "JSON_DEPTH"),
        ('{"id": "坏", "facts": {"content": "' + "长" * 1_000_000 + '"}}', "TOO_LONG"),
        ('{"id": "坏\\u0000"}', "CONTROL_CHARACTER"),
        ('{"id": "坏", "name": "\\ud800"}', "CONTROL_CHARACTER"),
        ('{"id": "坏", "facts": {"registered_on": "2024-02-30"}}', "DATE_INVALID"),
        ('{"id": "坏", "facts": {"registered_on": "3月31日前"}}', "DATE_FORMAT"),
        ('{"id": "坏", "facts": {"staff_total": {"low": 5, "high": 1}}}', "NUM_RANGE"),
        ('{"id": "坏", "facts": {"staff_total": -5}}', "NUM_RANGE"),
        ('{"id": "坏", "facts": {"rd_staff_ratio": 500}}', "RATIO_SUSPECT"),
        ('{"id": "坏", "facts": {"staff_total": {"value": 5, "source": "微信"}}}', "SOURCE_UNKNOWN"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_a_wrong_line_comes_back_and_the_good_lines_are_done(line: str, code: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f"{GOOD}\n{line}\n", encoding="utf-8")

    done = run("facts", "a.jsonl")

    assert (done.code, done.ids) == (1, ["好"])
    (refused,) = errors_of(tmp_path / "a.errors.csv")
    assert (refused["行号"], refused["代码"]) == ("2", code)
    assert refused["问题"]
    assert len(refused["值"]) <= 60
    assert f"[{code}]" in done.err


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("坏,3000,", "UNIT_MISSING", "总投资"),
        ("2.40932E+19,,", "CODE_AS_NUMBER", "id"),
        ("好,,", "ID_TAKEN", "id"),
        (",1亿元,", "ID_MISSING", "id"),
        ("坏,1亿元", "ROW_LENGTH", ""),
        ("坏,1亿元,,多", "ROW_LENGTH", ""),
        ("id,总投资,建设内容", "HEADER_AGAIN", ""),
        ("坏,,#REF!", "CELL_ERROR", "建设内容"),
        ("坏,,甲\x00乙", "CONTROL_CHARACTER", "建设内容"),
        ("坏,,锟斤拷", "MOJIBAKE", "建设内容"),
        ('坏,,"半截', "CSV", ""),
        ("坏,," + "长" * 1_000_000, "TOO_LONG", "建设内容"),
        ("坏,5亿元~1亿元,", "NUM_RANGE", "总投资"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_a_wrong_row_comes_back_with_its_place(row: str, code: str, column: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"id,总投资,建设内容\n好,1亿元,\n{row}\n", encoding="utf-8", newline="")

    done = run("facts", "a.csv")

    assert (done.code, done.ids) == (1, ["好"])
    (refused,) = errors_of(tmp_path / "a.errors.csv")
    assert (refused["行号"], refused["代码"], refused["列"]) == ("3", code, column)


def test_a_file_cut_in_the_middle_of_a_character_keeps_its_whole_lines(run: Run, tmp_path: Path) -> None:
    whole = f'{GOOD}\n{{"id": "坏", "name": "示范'.encode()
    for name, raw in (("a.jsonl", whole[:-1]), ("b.jsonl", whole)):
        (tmp_path / name).write_bytes(raw)

        done = run("facts", name)

        assert (done.code, done.ids) == (1, ["好"])


def test_a_line_in_another_encoding_than_its_file_is_refused_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(
        f"{GOOD}\n{GOOD.replace('好', '行')}\n".encode() + '{"id": "工业"}\n'.encode("gbk")
    )

    done = run("facts", "a.jsonl")

    assert (done.code, done.ids) == (1, ["好", "行"])
    assert errors_of(tmp_path / "a.errors.csv")[0]["代码"] == "MOJIBAKE"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b"", "文件是空的"),
        ("a.csv", b"\n\n", "文件是空的"),
        ("a.jsonl", b"\n  \n", "没有数据行"),
        ("a.csv", "id,总投资\n".encode(), "没有数据行"),
        ("a.csv", "编号,项目,投资\n,名称,亿元\nA,甲,1\n".encode(), "不认识的列“项目”"),
        ("a.csv", "总投资\n1亿元\n".encode(), "没有编号列"),
        ("a.csv", b"id,id\nA,B\n", "有两列"),
        ("a.csv", b"%PDF-1.7 ...", "PDF"),
        ("a.xlsx", b"%PDF-1.7 ...", "PDF"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "加密"),
        ("a.xlsx", b"<html><table></table></html>", "网页"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 100, "Excel"),
        ("a.parquet", b"id\nA\n", "不是有效的 .parquet 文件"),
        ("a.jsonl", b"PAR1xxxx", "Parquet"),
        ("a.csv", bytes(range(256)) * 40, "不是文本文件"),
        ("a.csv", b"id,name\nA,\xff\xff\xff\xff\n", "第 11 字节"),
        ("a.docx", b"x", "不认识的文件类型"),
        ("a.json", b"{}", "不认识的文件类型"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_file_that_is_wrong_as_a_whole_is_refused_and_nothing_is_written(
    name: str, content: bytes, words: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)

    done = run("facts", name, "--out", "out.jsonl")

    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert done.err.startswith("错误 ")
    assert os.listdir(tmp_path) == [name]


def test_a_zip_that_is_no_workbook_and_a_workbook_without_rows_are_refused(run: Run, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as parts:
        parts.writestr("x.txt", "x")
    xlsxwriter.Workbook(str(tmp_path / "b.xlsx")).close()

    assert run("facts", "a.xlsx").code == run("facts", "b.xlsx").code == 2


@pytest.mark.parametrize("path", ["没有.jsonl", ".", "没有/a.csv"])
def test_a_missing_file_or_a_folder_is_refused(path: str, run: Run) -> None:
    done = run("facts", path)

    assert done.code == 2
    assert path in done.err


def test_gbk_is_read_and_utf_16_too_and_both_are_told(run: Run, tmp_path: Path) -> None:
    for encoding in ("gbk", "utf-16"):
        (tmp_path / "a.csv").write_bytes("id,项目名称\n甲,示范项目\n".encode(encoding))

        done = run("facts", "a.csv")

        assert (done.code, done.ids) == (0, ["甲"])
        assert "编码读取" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("match", "a.jsonl", "--measures", "hightech_enterprize"), "hightech_enterprise"),
        (("match", "a.jsonl", "--verdicts", "maybe"), "eligible"),
        (("match", "a.jsonl", "--format", "pdf"), "jsonl"),
        (("match", "a.jsonl", "--format", "xlsx"), "--out"),
        (("facts", "a.jsonl", "--format", "parquet"), "jsonl"),
        (("facts", "a.jsonl", "--as-of", "昨天"), "--as-of"),
        (("facts", "a.jsonl", "--as-of", "2025-06"), "写到日"),
        (("facts", "a.jsonl", "--out", "没有/out.jsonl"), "没有这个文件夹"),
        (("match", "a.jsonl", "--out", "没有/out.csv"), "没有这个文件夹"),
        (("facts", "a.jsonl", "--out", "a.jsonl"), "就是输入文件"),
        (("facts", "a.jsonl", "--out", "夹", "--format", "csv"), "写不了文件"),
        (("match", "a.jsonl", "--out", "/proc/out.csv"), "写不了文件"),
        (("facts", "a.jsonl", "--nothing"), "没有选项 --nothing"),
        (("factz", "a.jsonl"), "没有命令 factz"),
        (("facts",), "缺少参数"),
        (("facts", "a.jsonl", "b.jsonl"), "多余的参数"),
        ((), "用法"),
        (("match", "a.jsonl", "--out", "m.xlsx", "--format", "csv"), "扩展名是 .xlsx，格式却是 csv"),
        (("match", "a.jsonl", "--out", "m.pdf"), "--out: 不认识的格式“pdf”"),
        (("ask", "a.jsonl", "--limit", "0"), "不小于 1 的整数"),
        (("ask", "a.jsonl", "--limit", "三"), "--limit 的值不对；允许：整数"),
        (("serve", "--port", "99999"), "不大于 65535 的整数"),
        (("rules", "check", "夹"), "没有 facts.yaml"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_refused_in_chinese_and_changes_nothing(
    arguments: tuple[str, ...], words: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD, encoding="utf-8")
    (tmp_path / "夹").mkdir()

    done = run(*arguments)

    assert done.code == 2
    assert words in done.err
    assert sorted(os.listdir(tmp_path)) == ["a.jsonl", "夹"]
    assert (tmp_path / "a.jsonl").read_text("utf-8") == GOOD


def test_a_wrong_clock_setting_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD, encoding="utf-8")
    monkeypatch.setenv("POLICY_MATCH_NOW", "明天")

    done = run("facts", "a.jsonl")

    assert done.code == 2
    assert "POLICY_MATCH_NOW" in done.err


def test_the_error_file_lies_beside_the_output_opens_in_a_spreadsheet_and_holds_no_formula(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "a.csv").write_text("id,项目阶段\n好,竣工\n坏,=cmd|'/c calc'!A1\n", encoding="utf-8")

    done = run("facts", "in/a.csv", "--out", "out/facts.jsonl")

    assert done.code == 1
    assert sorted(os.listdir(tmp_path / "out")) == ["a.errors.csv", "facts.jsonl"]
    assert os.listdir(tmp_path / "in") == ["a.csv"]
    assert (tmp_path / "out" / "a.errors.csv").read_bytes().startswith(codecs.BOM_UTF8)
    assert errors_of(tmp_path / "out" / "a.errors.csv")[0]["值"] == "'=cmd|'/c calc'!A1"


def test_without_a_place_for_the_error_file_every_refusal_is_told_on_the_screen(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD + "\n" + "x\n" * 12, encoding="utf-8")
    (tmp_path / "a.errors.csv").mkdir()

    done = run("facts", "a.jsonl")

    assert (done.code, done.ids) == (1, ["好"])
    assert done.err.count("[JSON]") == 12


def test_only_the_first_ten_refusals_are_told_and_all_are_in_the_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD + "\n" + "x\n" * 12, encoding="utf-8")

    done = run("facts", "a.jsonl")

    assert done.err.count("[JSON]") == 10
    assert "共 12 行未读入" in done.err
    assert len(errors_of(tmp_path / "a.errors.csv")) == 12


def test_a_device_can_be_written_to(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD, encoding="utf-8")

    assert run("facts", "a.jsonl", "--out", "/dev/null").code == 0


def test_a_reader_that_stops_early_is_no_fault(tmp_path: Path) -> None:
    lines = "".join(f'{{"id": "{number}", "facts": {{"staff_total": 5}}}}\n' for number in range(3000))
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")

    with subprocess.Popen(
        [*COMMAND, "facts", "a.jsonl"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["id"] == "0"
        process.stdout.close()
        told = process.stderr.read()

    assert (process.returncode, told) == (0, b"")


def test_help_is_in_chinese_and_waits_for_nothing_that_only_work_needs(tmp_path: Path) -> None:
    # How long it takes is in the benchmark; what makes it long is what is imported.
    command = [sys.executable, "-X", "importtime", *COMMAND[1:], "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}

    assert done.returncode == 0
    assert "用法：" in done.stdout
    assert "命令：" in done.stdout
    assert "Usage" not in done.stdout
    assert {"typer", "policy_match"} <= imported
    allowed = {"typer", "policy_match", "shellingham", "annotated_doc", "_distutils_hack"}
    assert (imported & packages_distributions().keys()) - sys.stdlib_module_names <= allowed


def test_long_work_shows_its_progress_to_a_person_and_never_in_the_output(tmp_path: Path) -> None:
    def told(count: int) -> tuple[bytes, str]:
        lines = "".join(f'{{"id": "{number}"}}\n' for number in range(count))
        (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
        ours, theirs = pty.openpty()
        done = subprocess.run(
            [*COMMAND, "facts", "a.jsonl"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, check=True
        )
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 65536):
                seen += part
        except OSError:
            pass
        os.close(ours)
        return done.stdout, seen.decode()

    for count, is_shown in ((10, False), (5001, True)):
        written, seen = told(count)
        assert len([json.loads(line) for line in written.splitlines()]) == count
        assert ("列出事实" in seen) == is_shown


def test_a_workbook_of_matches_has_chinese_names_a_frozen_head_and_codes_as_text(run: Run, tmp_path: Path) -> None:
    line = '{"id": "00123", "name": "=1+1", "facts": {"industry_code": "C3670", "project_kind": "技改"}}'
    (tmp_path / "a.jsonl").write_text(line, encoding="utf-8")

    assert run("match", "a.jsonl", "--out", "m.xlsx", "--as-of", "2025-06-15").code == 0

    sheet = CalamineWorkbook.from_path(str(tmp_path / "m.xlsx")).get_sheet_by_index(0)
    head, *rows = sheet.to_python()
    assert head[:4] == ["项目或企业", "名称", "措施编号", "措施"]
    assert {row[0] for row in rows} == {"00123"}
    assert {row[1] for row in rows} == {"=1+1"}
    with zipfile.ZipFile(tmp_path / "m.xlsx") as parts:
        xml = parts.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in xml
    assert "<f>" not in xml
    widths = [float(part.split('"')[0]) for part in xml.split('<col min="')[1:] for part in [part.split('width="')[1]]]
    assert all(8 <= width <= 62 for width in widths)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_facts_as_a_table_say_where_each_value_is_from_and_what_was_set_aside(
    form: str, run: Run, tmp_path: Path
) -> None:
    stale = '{"id": "甲", "facts": {"status": {"value": "存续", "source": "ENT", "observed_on": "2024-01-01"}, "registered_on": "2024-06-15"}}'
    (tmp_path / "a.jsonl").write_text(stale, encoding="utf-8")

    assert run("facts", "a.jsonl", "--out", f"f.{form}", "--as-of", "2025-06-15").code == 0

    if form == "csv":
        rows = list(csv.reader((tmp_path / "f.csv").read_text("utf-8-sig").splitlines()))
    else:
        rows = CalamineWorkbook.from_path(str(tmp_path / "f.xlsx")).get_sheet_by_index(0).to_python()
    assert ["甲", "status", "登记状态", "存续", "企业数字档案库", "2024-01-01", "未采用：已过期"] in rows
    assert ["甲", "registered_days", "注册成立天数", "365天", "", "", "推导"] in rows
