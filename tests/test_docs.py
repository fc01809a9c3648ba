"""The documents say what the program does: commands run, operators and forms are all there, the worked file is the shipped one."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from policy_match.cli import app
from policy_match.cli_rules import rules_app
from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.schema import Formula, Operator, Stacking, Verdict
from policy_match.facts.vocabulary import SUBJECTS, FactType

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
GUIDE = (ROOT / "docs" / "rule-authoring.zh.md").read_text("utf-8")
COMMANDS = re.findall(r'make run ARGS="([^"]+)"', README)
COMMANDS = [command for command in COMMANDS if "…" not in command]
GUIDE_COMMANDS = re.findall(r"^\.venv/bin/policy-match (.+)$", GUIDE, re.MULTILINE)
LIBRARY = (ROOT / "docs" / "library.zh.md").read_text("utf-8")
LIBRARY_COMMANDS = re.findall(r"^\.venv/bin/policy-match (.+)$", LIBRARY, re.MULTILINE)
SEARCH = (ROOT / "docs" / "search.zh.md").read_text("utf-8")
CLASSIFY = (ROOT / "docs" / "classify.zh.md").read_text("utf-8")
SEARCH_COMMANDS = re.findall(r"^\.venv/bin/policy-match (.+)$", SEARCH + CLASSIFY, re.MULTILINE)
Called = Callable[[str, Path], subprocess.CompletedProcess[str]]
OUTSIDE = re.compile(r"https?://(?!127\.0\.0\.1)[^\s)\"'>]+")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_runs(command: str, tmp_path: Path, called: Called) -> None:
    for name in ("corpus", "rules"):
        (tmp_path / name).symlink_to(ROOT / name)

    result = called(command, tmp_path)

    assert result.returncode == 0, result.stderr
    assert (tmp_path / command.split("--out ")[1]).stat().st_size > 0


@pytest.mark.parametrize("command", GUIDE_COMMANDS)
def test_every_command_of_the_rule_guide_runs(command: str, called: Called) -> None:
    result = called(command, ROOT)

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("command", SEARCH_COMMANDS)
def test_every_command_of_the_search_guide_runs(command: str, called: Called) -> None:
    result = called(command, ROOT)

    assert result.returncode == 0, result.stderr


def test_the_search_guide_shows_what_its_second_command_prints(called: Called) -> None:
    shown = re.search(r"```text\n(.+?) +…\n```", SEARCH, re.DOTALL)

    assert shown is not None
    assert called(SEARCH_COMMANDS[1], ROOT).stdout.startswith(shown[1])


def test_every_command_of_the_library_guide_runs_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: Called
) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'library.db'}")
    monkeypatch.setenv("POLICY_MATCH_NOW", "2025-03-31T10:00:00+08:00")
    for name in ("corpus", "rules"):
        (tmp_path / name).symlink_to(ROOT / name)

    assert len(LIBRARY_COMMANDS) > 10
    for command in LIBRARY_COMMANDS:
        result = called(command, tmp_path)
        assert result.returncode == 0, (command, result.stderr)


def test_every_command_stands_in_the_readme() -> None:
    names = [command.name or command.callback.__name__ for command in app.registered_commands]
    rules = [command.name or command.callback.__name__ for command in rules_app.registered_commands]

    assert [name for name in names if f"`{name}" not in README] == []
    assert [name for name in rules if f"rules {name}" not in README and f"/{name}" not in README] == []


def test_every_operator_and_every_form_of_amount_stands_in_the_rule_guide() -> None:
    forms = [name for name in Formula.model_fields if name not in ("of", "cap", "floor")]

    assert [name for name in (*get_args(Operator), *forms) if f"`{name}" not in GUIDE] == []


def test_every_closed_word_that_authors_write_stands_in_the_rule_guide() -> None:
    words = [*get_args(Verdict), *FactType, *SUBJECTS, *Stacking.model_fields]

    assert [word for word in words if not re.search(rf"[`{{]{word}\b", GUIDE)] == []


def test_honours_in_the_examples_of_the_rule_guide_are_listed(rulebook: Rulebook) -> None:
    named = re.findall(r"has_any, value: \[([^]]+)\]|honours: \[\{name: ([^,]+),", GUIDE)
    honours = [name for group in named for part in group if part for name in part.split(", ")]

    assert len(honours) > 3
    assert [name for name in honours if name not in rulebook.vocabulary.taxonomies.honours] == []


def test_the_worked_file_of_the_rule_guide_is_the_shipped_one() -> None:
    shipped = ROOT / "rules" / "measures" / "national" / "STANDARD" / "above_scale_industry.v1.yaml"

    assert shipped.read_text("utf-8") in GUIDE


def test_documents_name_only_files_that_are_there() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)

    assert [link for link in links if not OUTSIDE.match(link) and not (ROOT / link).exists()] == []


def test_documents_and_rules_carry_official_addresses_only() -> None:
    files = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    files += [*(ROOT / "corpus").rglob("*.*"), *(ROOT / "rules").rglob("*.yaml")]
    found = [(path.name, url) for path in files for url in OUTSIDE.findall(path.read_text("utf-8"))]

    assert [(name, url) for name, url in found if not re.match(r"https?://([a-z0-9-]+\.)*gov\.cn(/|:|$)", url)] == []
