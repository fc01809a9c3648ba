"""The `ask` command: lines, table, limits and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "from policy_match.cli import main; main()", "ask"]
FIRMS = '{"id": "E1", "facts": {"registered_region": "武进区"}}\n{"id": "N1", "kind": "person", "facts": {"degree": "博士"}}\n'


Ask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ask(called: Callable[[Sequence[str], Path], subprocess.CompletedProcess[str]], tmp_path: Path) -> Ask:
    """The command in this process."""
    return lambda *arguments: called(["ask", *arguments], tmp_path)


def test_a_line_a_subject_with_the_keys_of_the_format(tmp_path: Path) -> None:
    (tmp_path / "firms.jsonl").write_text(FIRMS, encoding="utf-8")

    arguments = ["firms.jsonl", "--as-of", "2023-06-15", "--limit", "3"]
    done = subprocess.run([*COMMAND, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in lines] == ["E1", "N1"]
    assert len(lines[0]["questions"]) == 3
    for question in lines[0]["questions"]:
        assert list(question) == ["fact", "label", "from", "decides", "low_fen", "high_fen"]
        assert question["decides"] == sorted(question["decides"]) != []


def test_the_award_of_a_district_asks_for_the_event_and_its_worth(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "firms.jsonl").write_text(FIRMS, encoding="utf-8")

    done = ask("firms.jsonl", "--as-of", "2023-06-15", "--limit", "100")

    found = {q["fact"]: q for q in json.loads(done.stdout.splitlines()[0])["questions"]}
    assert "wujin_hnte_award" in found["hnte_event"]["decides"]
    assert found["hnte_event"]["from"] == ["DEPT", "ENT", "SELF"]
    assert found["hnte_event"]["high_fen"] is None or found["hnte_event"]["high_fen"] >= 45_000_000
    assert "registered_region" not in found


def test_the_table_numbers_the_questions_and_goes_to_a_file_whole(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "firms.jsonl").write_text(FIRMS, encoding="utf-8")

    done = ask("firms.jsonl", "--format", "table", "--limit", "2", "--as-of", "2023-06-15", "--out", "q.txt")

    lines = (tmp_path / "q.txt").read_text(encoding="utf-8").splitlines()
    assert (done.returncode, done.stdout) == (0, "")
    assert lines[0] == "E1  E1"
    assert lines[1].startswith("  1. ") and lines[2].startswith("  2. ")
    assert "可定" in lines[1] and "项：" in lines[1]


def test_a_limit_under_one_and_an_unknown_format_are_refused(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "firms.jsonl").write_text(FIRMS, encoding="utf-8")

    assert ask("firms.jsonl", "--limit", "0").returncode == 2
    refused = ask("firms.jsonl", "--format", "xlsx")
    assert refused.returncode == 2
    assert "jsonl、table" in refused.stderr


def test_a_refused_row_leaves_the_others_asked(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "firms.jsonl").write_text(FIRMS + '{"id": "E2", "facts": {"no_such_fact": 1}}\n', encoding="utf-8")

    done = ask("firms.jsonl")

    assert done.returncode == 1
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["E1", "N1"]
    assert "no_such_fact" in done.stderr
