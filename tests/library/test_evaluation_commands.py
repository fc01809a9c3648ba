"""The commands of the evaluations: what they print, and the exit codes 0, 2, 3 and 4 with a Chinese line each."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_match.cli import main

Run = Callable[..., tuple[int, str, str]]
P = "CZ-2026-00001"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command at 10:00 of a day, on a library of its own with one 市重大 project that was told of."""
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, on: str = "2026-03-02") -> tuple[int, str, str]:
        monkeypatch.setenv("POLICY_MATCH_NOW", f"{on}T10:00:00+08:00")
        monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(str(ended.value.code)), said.out, said.err

    facts = ("总投资=12亿元", "所在辖市区=武进区", "重大项目级别=市重大", "计划用工=300人", "实际用工=255人")
    told = [part for fact in facts for part in ("--fact", fact)]
    assert run("project", "add", "--name", "示范电池项目", "--source", "DEPT", *told)[:2] == (0, f"{P}\n")
    return run


def test_jobs_of_a_project_that_was_told_of(run: Run) -> None:
    code, out, _ = run("report", "jobs", "--format", "json")

    (row,) = json.loads(out)["rows"]
    assert (code, row["code"], row["shown"]) == (0, P, {"fulfilment": "0.85", "per_yi": "25.0"})


def test_a_run_from_the_computation_to_the_replay(run: Run) -> None:
    shown = run("report", "evaluate", "2025", "--format", "json")
    frozen = run("report", "evaluate", "2025", "--freeze", "--by", "industry")
    again = run("report", "evaluate", "--run", "1", "--format", "json")
    replayed = run("report", "evaluate", "--replay", "1")

    (row,) = json.loads(shown[1])["rows"]
    assert (shown[0], row["standing"], row["reasons"]) == (0, "out", ["是否投产未知"])
    assert frozen[0] == 0 and frozen[2].startswith("已封存，编号 1，")
    assert json.loads(again[1])["run"] == 1
    assert replayed[:2] == (0, "评价 1：按封存的数重算，结果逐字节一致；散列一致\n")
    assert run("evaluation", "send", "1", "--by", "industry")[1] == "已送企业核对，到 2026-03-16 为止\n"
    assert run("evaluation", "finish", "1")[0] == 3
    assert run("evaluation", "finish", "1", on="2026-03-17")[0] == 0
    assert run("evaluation", "award", "1", on="2026-03-17")[1] == "建议表彰 0 个：无；待另一个人批准\n"
    assert run("evaluation", "sign", "1", "--by", "development", on="2026-03-17")[0] == 4
    assert run("evaluation", "sign", "1", "--by", "development-2", on="2026-03-17")[0] == 0


def test_a_figure_by_hand_takes_two(run: Run) -> None:
    asked = ("evaluation", "figure", P, "实缴税收", "3000万元", "--year", "2025", "--reason", "退库未入账")

    assert run(*asked, "--by", "industry")[1] == "人工改数 1 已提出，待另一个人确认\n"
    assert run("evaluation", "confirm", "1", "--by", "industry")[0] == 4
    assert run("evaluation", "confirm", "1", "--by", "industry-2")[0] == 0
    assert run("evaluation", "confirm", "1", "--by", "development")[0] == 3


def test_the_stage_evaluation_and_its_files(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("report", "evaluate", "--stage", "2025H1")
    assert code == 0 and "2025H1 签约项目阶段评价" in out

    assert run("report", "evaluate", "--stage", "2025H1", "--freeze")[0] == 0
    assert run("report", "evaluate", "--replay", "1")[0] == 0
    assert run("report", "evaluate", "--run", "1", "--out", "stage.xlsx")[0] == 0
    assert (tmp_path / "stage.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "要写且只写一种"),
        (("2025", "--stage", "2025"), "要写且只写一种"),
        (("2025", "--version", "9"), "没有评价方案“9”"),
        (("--replay", "4"), "没有编号 4 的评价"),
        (("--stage", "去年"), "不是评价期间"),
        (("2026", "--freeze"), "还没有结束"),
        (("2025", "--freeze", "--as-of", "2026-01-05"), "封存的按今天所知"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    code, _, error = run("report", "evaluate", *arguments)

    assert code == 2
    assert said in error
