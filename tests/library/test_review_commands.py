"""`review list`, `note`, `claim` and `decide`: what they print, the forms, and the exit codes 0, 2, 3 and 4."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_match.cli import main

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., tuple[int, str, str]]
MEASURE = ("--measure", "cz_growth_watchlist", "--library", "demo")
ID = "v6sq24-8nrs"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one database, with the demonstration in it, and of what is kept for it."""
    return tmp_path_factory.mktemp("reviews")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], home: Path) -> Run:
    """Run a command at a time of 2026-11-29."""
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{home / 'own.db'}")
    monkeypatch.setenv("POLICY_MATCH_CACHE", str(home / "cache"))

    def run(*arguments: str, at: str = "09:00") -> tuple[int, str, str]:
        monkeypatch.setenv("POLICY_MATCH_NOW", f"2026-11-29T{at}:00+08:00")
        monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(str(ended.value.code)), said.out, said.err

    return run


def test_the_commands_of_the_guide_print_what_it_shows(run: Run) -> None:
    guide = (ROOT / "docs" / "review.zh.md").read_text("utf-8")
    blocks = re.findall(r"^\.venv/bin/policy-match (.+)\n((?:(?!\.venv|```).+\n)*)", guide, re.MULTILINE)

    assert len(blocks) > 6
    for command, shown in blocks:
        code, out, err = run(*command.split())
        assert code == (3 if "还不算数" in shown else 0), (command, err)
        told = out + "".join(line for line in err.splitlines(keepends=True) if "还不算数" in line)
        assert shown in told, (command, told)


def test_a_list_is_given_as_json_and_xlsx(run: Run, tmp_path: Path) -> None:
    run("init")
    code, out, _ = run("review", "list", *MEASURE, "--format", "json")
    path = tmp_path / "reviews.xlsx"
    written = run("review", "list", *MEASURE, "--out", str(path))

    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and rows and all(row["measure"] == "cz_growth_watchlist" for row in rows)
    assert {"id", "row_version", "signature", "why", "why_codes", "since", "due", "held_by", "before"} <= rows[0].keys()
    priorities = [float(row["priority"]) for row in rows]
    assert priorities == sorted(priorities, reverse=True)
    assert written[0] == 0
    assert path.read_bytes()[:2] == b"PK"


def test_claims_and_decisions_end_with_the_code_that_says_what_went_wrong(run: Run) -> None:
    run("init")
    decide = ("review", "decide", "D109/cz_growth_watchlist", "--library", "demo", "--by", "industry")
    assert run("review", "claim", "D109/cz_growth_watchlist", "--library", "demo", "--by", "industry")[0] == 0

    busy = run("review", "claim", "D109/cz_growth_watchlist", "--library", "demo", "--by", "industry-2", at="09:10")
    stale = run(*decide, "--decision", "confirm", "--seen", "0")
    wordless = run(*decide, "--decision", "reject")
    outside = run("review", "claim", f"{ID}", "--library", "demo", "--by", "district-320481")
    nobody = run("review", "list", "--library", "demo", "--by", "admin")
    unknown = run("review", "claim", "nothing", "--library", "demo")
    where = run("review", "list", "--district", "上海")
    what = run("review", "list", "--measure", "nothing")

    assert busy[0] == 3 and "市工信局经办1" in busy[2] and "09:30" in busy[2]
    assert stale[0] == 3 and "第 0 版" in stale[2]
    assert wordless[0] == 2 and "企业无此业务" in wordless[2]
    assert (outside[0], nobody[0], unknown[0], where[0], what[0]) == (4, 4, 2, 2, 2)
    assert "溧阳市" in outside[2] and "武进区" in where[2] and "--measure" in what[2]
