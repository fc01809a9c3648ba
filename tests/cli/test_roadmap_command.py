"""`policy-match roadmap`: one project of a file or of the library, in every form, and wrong calls."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from policy_match.cli import main

ROOT = Path(__file__).resolve().parents[2]
LINE = {
    "id": "示1", "kind": "project", "name": "示范产线项目", "facts": {
        "stage": "开工", "completed_on": "2027-06-30", "district": "320412", "registered_region": "320412",
        "industry_code": "C3562", "equipment_loan": "20000万元", "loan_purpose": "设备购置", "loan_kind": "项目贷款",
        "central_interest_subsidy": False,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Call the command in a folder of its own, with an empty database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICY_MATCH_NOW", "2026-06-15T10:00:00+08:00")
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'library.db'}")
    monkeypatch.setenv("POLICY_MATCH_RULES", str(ROOT / "rules"))
    monkeypatch.setenv("POLICY_MATCH_CORPUS", str(ROOT / "corpus"))
    lines = [LINE, LINE | {"id": "示2"}, {"id": "企1", "kind": "enterprise", "facts": {}}]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + '\n{"id": "示3", "facts": {"无此": 1}}\n'
    (tmp_path / "示范.jsonl").write_text(text, "utf-8")

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["policy-match", "roadmap", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        return Done(int(end.value.code or 0), captured.out, captured.err)

    return call


def test_a_project_of_a_file_is_shown_for_people(run: Run) -> None:
    done = run("示1", "--subjects", "示范.jsonl")

    assert done.code == 1
    assert "第4行" in done.err
    assert done.out.startswith("示1 示范产线项目（示范.jsonl），以2026-06-15为准\n测算，不是决定")
    assert "  竣工  2027-06-30（计划）；须有：" in done.out
    assert "江苏省制造业贷款财政贴息（2026年版）（js_mfg_loan_discount）" in done.out
    assert "原因：不在施行期：2026-01-01至2026-12-31" in done.out


def test_json_has_a_column_per_point_and_the_measures(run: Run) -> None:
    data = json.loads(run("示1", "--subjects", "示范.jsonl", "--format", "json", "--as-of", "2026-12-31").out)

    assert [column["name"] for column in data["columns"]] == ["现在", "竣工", "投产"]
    assert [column["dating"] for column in data["columns"]] == [None, "planned", "undated"]
    assert (data["library"], data["demo"], data["as_of"]) == (None, False, "2026-12-31")
    loan = next(one for one in data["measures"] if one["measure"] == "js_mfg_loan_discount")
    assert loan["turns"] == ["closes", "stays"]
    assert loan["columns"][0]["amount"]["high_fen"] == 400_000_000


def test_sheets_hold_measures_points_and_dates(run: Run, tmp_path: Path) -> None:
    run("示1", "--subjects", "示范.jsonl", "--out", "路线图.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "路线图.xlsx"))
    rows = book.get_sheet_by_name("路线图").to_python()

    assert book.sheet_names == ["路线图", "各点须有", "日期条件"]
    assert "测算，不是决定" in str(rows[0][0])
    assert rows[1][4:] == ["现在\n2026-06-15", "竣工\n2027-06-30（计划）", "投产\n日期未定，按2027-06-30测算"]
    first = (tmp_path / "路线图.xlsx").read_bytes()
    run("示1", "--subjects", "示范.jsonl", "--out", "路线图.xlsx")
    assert (tmp_path / "路线图.xlsx").read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("示9", "--subjects", "示范.jsonl"), ("没有编号为“示9”的项目", "示1", "检查编号")),
        (("示3", "--subjects", "示范.jsonl"), ("没有编号为“示3”的项目", "未读入的行")),
        (("企1", "--subjects", "示范.jsonl"), ("是企业，没有跟踪点", "项目编号")),
        (("示1", "--subjects", "没有.jsonl"), ("没有.jsonl",)),
        (("示1", "--subjects", "示范.jsonl", "--format", "csv"), ("不认识的格式“csv”", "table、json、xlsx")),
        (("示1", "--subjects", "示范.jsonl", "--format", "xlsx"), ("xlsx 需要写到文件", "--out")),
        (("示1", "--subjects", "示范.jsonl", "--out", "没有/路.json"), ("没有这个文件夹",)),
        (("示1", "--subjects", "示范.jsonl", "--out", "示范.jsonl", "--format", "json"), ("输出文件就是输入文件",)),
        (("示1", "--subjects", "示范.jsonl", "--as-of", "2026-13-01"), ("--as-of", "2026-13-01")),
        (("示1", "--subjects", "示范.jsonl", "--as-of", "2026-06"), ("--as-of", "应写到日")),
        (("示1", "--subjects", "示范.jsonl", "--demo"), ("--subjects 用文件，--demo 用库", "去掉一个")),
        (("示1",), ("真实项目库里没有项目", "policy-match init", "--subjects")),
        (("D101", "--demo"), ("示范库里没有项目", "policy-match init")),
        ((), ("项目",)),
    ],
)
def test_a_wrong_call_is_refused_with_what_to_do(arguments: tuple[str, ...], words: tuple[str, ...], run: Run) -> None:
    done = run(*arguments)

    assert done.code == 2
    assert done.out == ""
    assert [word for word in words if word not in done.err] == []


def test_the_example_of_the_guide_is_what_the_command_prints(run: Run, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "roadmap.zh.md").read_text("utf-8")
    (tmp_path / "示范.jsonl").write_text(guide.partition("```json\n")[2].partition("```")[0], "utf-8")
    shown = guide.partition("```text\n")[2].partition("```")[0].splitlines()
    lines = iter(run("示范1", "--subjects", "示范.jsonl", "--as-of", "2026-06-15").out.splitlines())

    assert len(shown) > 10
    assert [line for line in shown if line != "  …" and line not in lines] == []
