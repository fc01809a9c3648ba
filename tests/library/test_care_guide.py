"""Every command of the guide to the daily care runs, one after the other, on a library of its own."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from policy_match.cli import main
from policy_match.cli_care import CARE

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "library-care.zh.md").read_text("utf-8")
COMMANDS = re.findall(r"^\.venv/bin/policy-match (.+)$", GUIDE, re.MULTILINE)


def test_every_command_of_the_guide_runs(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")
    monkeypatch.setenv("POLICY_MATCH_NOW", "2025-03-31T10:00:00+08:00")
    monkeypatch.chdir(tmp_path)

    assert len(COMMANDS) > 30
    for command in COMMANDS:
        monkeypatch.setattr(sys, "argv", ["policy-match", *shlex.split(command)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0, (command, capfd.readouterr().err)


def test_every_command_of_the_daily_care_stands_in_the_guide() -> None:
    names = [(group, command.name) for group, app in CARE.items() for command in app.registered_commands]

    assert [name for name in names if f"{name[0]} {name[1]}" not in GUIDE] == []
