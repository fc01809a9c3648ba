"""`simulate` as people call it: the commands of its guide, and a faulty draft."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "simulate.zh.md").read_text("utf-8")
COMMANDS = re.findall(r"^\.venv/bin/policy-match (.+)$", GUIDE, re.MULTILINE)
HNTE = ROOT / "rules/measures/district/WUJIN/wujin_hnte_award.v1.yaml"


Called = Callable[[str, Path], subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("corpus", "rules"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "var").mkdir()
    return tmp_path


def head(text: str) -> list[str]:
    """The first two lines; how many subjects the demonstration library holds is left out."""
    return re.sub(r"\d+ 个主体", "…", text).splitlines()[:2]


def test_every_command_of_the_guide_runs_and_the_first_prints_what_it_shows(folder: Path, called: Called) -> None:
    results = [called(command, folder) for command in COMMANDS]
    shown = re.search(r"```text\n(.+?)\n```", GUIDE, re.DOTALL)

    assert [result.returncode for result in results] == [0, 0, 0]
    assert shown is not None and head(results[0].stdout) == head(shown[1])
    assert (folder / "var" / "simulate.xlsx").read_bytes().startswith(b"PK")


def test_a_faulty_draft_is_refused_with_its_line_and_exit_code_2(folder: Path, called: Called) -> None:
    text = HNTE.read_text("utf-8").replace("320412", "不存在的区", 1)
    (folder / "draft.yaml").write_text(text, "utf-8")
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "不存在的区" in one)

    result = called("simulate draft.yaml --subjects corpus/demo/subjects.jsonl", folder)

    assert (result.returncode, result.stdout) == (2, "")
    assert f"错误 draft.yaml:{line}: " in result.stderr
    assert "Traceback" not in result.stderr


def test_rows_that_cannot_be_read_are_told_and_the_rest_is_weighed(folder: Path, called: Called) -> None:
    (folder / "s.jsonl").write_text('{"id": "E1", "facts": {"registered_region": "320412"}}\n{"id": 3}\n', "utf-8")

    result = called(f"simulate {HNTE} --subjects s.jsonl --as-of 2023-06-15", folder)

    assert result.returncode == 1
    assert "1 个主体" in result.stdout.splitlines()[0]
    assert "共 1 行未读入" in result.stderr
