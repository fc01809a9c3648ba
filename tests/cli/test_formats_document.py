"""docs/formats.zh.md: every example is run, every key and exit code is the real one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_match.errors import FactError
from policy_match.facts.read import read_value
from policy_match.facts.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "formats.zh.md").read_text("utf-8")
COMMAND = [sys.executable, "-c", "from policy_match.cli import main; main()"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example files of the document, as it names them."""
    for name, content in re.findall(r"文件名：`([^`]+)`\n\n```(?:jsonl|csv)\n(.*?)```", TEXT, re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def calls() -> list[tuple[str, list[str]]]:
    """Each command of the document with the lines it says come out."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def agrees(written: str, real: str) -> bool:
    """Whether a line is as written, where … stands for anything."""
    return re.fullmatch(".*".join(re.escape(part) for part in written.split("…")), real) is not None


@pytest.mark.parametrize(("call", "lines"), calls(), ids=[call for call, _ in calls()])
def test_every_command_of_the_document_prints_what_it_says(
    call: str, lines: list[str], folder: Path, called: Callable[[str, Path], subprocess.CompletedProcess[str]]
) -> None:
    done = called(call.partition(" ")[2], folder)

    out = [line for line in lines if not line.startswith(("! ", "= "))]
    err = [line[2:] for line in lines if line.startswith("! ")]
    code = next((int(line[2:]) for line in lines if line.startswith("= ")), 0)
    assert done.returncode == code
    for written, real in ((out, done.stdout.splitlines()), (err, done.stderr.splitlines())):
        assert len(written) == len(real), real
        assert all(agrees(one, other) for one, other in zip(written, real, strict=True)), real


def test_the_document_names_every_key_of_a_match_line(folder: Path) -> None:
    call = [*COMMAND, "match", "企业和项目.jsonl", "--as-of", "2025-06-15"]
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=True)
    line = json.loads(done.stdout.splitlines()[0])
    table = TEXT.split("## 匹配结果")[1].split("## 错误文件")[0]

    named = re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.splitlines() if row.startswith("| `")))

    assert named == list(line)
    for key in line["reasons"][0]:
        assert f"`{key}`" in table


@pytest.mark.parametrize(
    ("kind", "fact"),
    [("金额", "taxable_income"), ("比例", "debt_ratio"), ("人数", "staff_total"), ("面积", "land_area"), ("日期", "registered_on"),
     ("历年数", "revenue_by_year"), ("区间", "staff_total")],
)  # fmt: skip
def test_the_ways_of_writing_a_value_are_taken_and_the_others_refused(
    kind: str, fact: str, vocabulary: Vocabulary
) -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| {kind}"))
    taken, refused = (re.findall(r"`([^`]+)`", cell) for cell in row.split("|")[2:4])
    assert taken

    for written in taken:
        if "万元" not in written or fact != "staff_total":
            read_value(vocabulary[fact], json.loads(written), vocabulary)
    for written in refused:
        with pytest.raises(FactError):
            read_value(vocabulary[fact], written, vocabulary)
