"""`rules stop`, `lift` and `stops`: what they print, and the exit codes 0, 2, 3 and 4 with a Chinese line each."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_match.cli import main

Run = Callable[..., tuple[int, str, str]]
M = "cz_joint_training"
STOP = ("rules", "stop", M, "--version", "1", "--reason", "文件被撤回", "--by", "industry")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command at 10:00 of a day, on a library of its own."""
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")

    def run(*arguments: str, on: str = "2026-11-10") -> tuple[int, str, str]:
        monkeypatch.setenv("POLICY_MATCH_NOW", f"{on}T10:00:00+08:00")
        monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(str(ended.value.code)), said.out, said.err

    return run


def test_a_rule_is_stopped_listed_refused_a_second_time_and_put_back(run: Run) -> None:
    stopped = run(*STOP, "--from", "2026-11-09")
    again = run(*STOP, on="2026-11-11")
    listed = run("rules", "stops", "--format", "json", on="2026-11-11")
    lifted = run("rules", "lift", M, "--version", "1", "--reason", "文件恢复", "--by", "industry-2", on="2026-11-12")
    lifted_again = run("rules", "lift", M, "--version", "1", "--reason", "再恢复", "--by", "industry", on="2026-11-12")

    assert stopped == (0, f"已停用 {M} 第 1 版，自 2026-11-09 起\n", "")
    assert again[0] == 3
    assert "市工信局经办1停用" in again[2] and "2026-11-10 登记" in again[2] and "rules lift" in again[2]
    assert json.loads(listed[1]) == {
        "measure": M, "version": 1, "state": "停用中", "since": "2026-11-09", "stopped_by": "市工信局经办1",
        "stopped_on": "2026-11-10", "reason": "文件被撤回", "source": None, "lifted_from": None, "lifted_by": None,
        "lift_reason": None, "library": "real", "place": "全部",
    }  # fmt: skip
    assert lifted == (0, f"已恢复 {M} 第 1 版，自 2026-11-12 起\n", "")
    assert lifted_again[0] == 3 and "没有停用" in lifted_again[2]


def test_the_list_reads_both_axes_of_time(run: Run) -> None:
    run(*STOP)
    run("rules", "lift", M, "--version", "1", "--reason", "文件恢复", "--by", "industry", on="2026-11-14")

    def said(*options: str) -> str:
        code, out, _ = run("rules", "stops", *options, on="2026-11-20")
        assert code == 0
        return out

    assert "已恢复" in said() and "共 1 条" in said()
    assert "停用中" in said("--as-of", "2026-11-13")
    assert "停用中" in said("--known-at", "2026-11-13")
    assert "共 0 条" in said("--known-at", "2026-11-09")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("cz_joint_trainin", "--version", "1", "--reason", "x"), 2, M),
        ((M, "--version", "7", "--reason", "x"), 2, "没有第 7 版"),
        ((M, "--version", "1", "--reason", " "), 2, "没有写原因"),
        ((M, "--version", "1", "--reason", "x", "--from", "2026-11"), 2, "--from"),
        ((M, "--version", "1", "--reason", "x", "--source", "https://example.com"), 2, "gov.cn"),
        ((M, "--version", "1", "--reason", "x", "--library", "both"), 2, "真实项目库"),
        ((M, "--version", "1", "--reason", "x", "--by", "nobody"), 2, "经办人"),
        ((M, "--version", "1", "--reason", "x", "--by", "commerce"), 4, "市工信局"),
    ],
)
def test_what_is_refused_says_why_and_what_is_allowed(
    run: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ended, out, err = run("rules", "stop", *arguments)

    assert (ended, out) == (code, "") and said in err
    assert "共 0 条" in run("rules", "stops")[1]
