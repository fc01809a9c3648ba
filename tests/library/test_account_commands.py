"""The commands of accounts, keys and delegations: what they print, how they refuse, and that the guide really runs."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policy_match.access.second_factor import code_at
from policy_match.cli import main
from policy_match.cli_accounts import account_app, delegate_app, key_app

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "accounts.zh.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"^\.venv/bin/policy-match (.+)$", GUIDE, re.MULTILINE)
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
NEW = "four plain words here"
Run = Callable[..., tuple[int, str, str]]
Called = Callable[[str, Path], subprocess.CompletedProcess[str]]
ASKING = ("account password", "account second-factor")
"""They read what they are told from standard input, so the guide runs them as it does: in a process."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command at 09:00 on 2026-03-02, on a library of its own; `said`: the lines of standard input."""
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")
    monkeypatch.setenv("POLICY_MATCH_NOW", NOW.isoformat())

    def run(*arguments: str, said: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(said))
        with pytest.raises(SystemExit) as ended:
            main()
        heard = capfd.readouterr()
        return int(str(ended.value.code)), heard.out, heard.err

    return run


def once_of(printed: str) -> str:
    found = re.search(r"一次性密码：(\S+)", printed)
    assert found is not None, printed
    return found[1]


def test_from_the_first_account_to_the_last_day(run: Run) -> None:
    code, out, err = run("account", "add", "li.fagai", "--actor", "development")
    once = once_of(out)
    assert (code, once in err) == (0, False)
    assert "只显示这一次" in err

    assert run("account", "password", "li.fagai", said=f"{once}\n{NEW}\n")[:2] == (0, "密码已改\n")
    assert run("account", "password", "li.fagai", said=f"{once}\n{NEW}\n")[0] == 4
    row = json.loads(run("account", "list", "--format", "json", "--by", "auditor")[1])
    assert (row["login"], row["actor"], row["state"]) == ("li.fagai", "development", "正常")
    assert run("account", "close", "li.fagai", "--reason", "调离")[:2] == (0, "已停用\n")
    assert run("account", "close", "li.fagai", "--reason", "调离")[0] == 3


def test_without_a_line_to_read_nothing_is_done_and_that_is_told(run: Run) -> None:
    once = once_of(run("account", "add", "li.fagai", "--actor", "development")[1])

    nothing = run("account", "password", "li.fagai")
    half = run("account", "password", "li.fagai", said=f"{once}\n")

    assert nothing[0] == half[0] == 2
    assert "没有读到原密码" in nothing[2] and "没有读到新密码" in half[2]
    assert run("account", "password", "li.fagai", said=f"{once}\n{NEW}\n")[0] == 0


def test_a_password_is_no_argument(run: Run) -> None:
    assert run("account", "password", "li.fagai", "secret")[0] == 2
    assert run("account", "add", "li.fagai", "--actor", "development", "--password", "secret")[0] == 2


def test_a_lock_is_lifted_by_hand(run: Run) -> None:
    run("account", "add", "li.fagai", "--actor", "development")
    for _ in range(5):
        refused = run("account", "password", "li.fagai", said=f"wrong password\n{NEW}\n")
        assert (refused[0], "登录名、密码或动态口令不对" in refused[2]) == (4, True)

    assert run("account", "unlock", "li.fagai")[1] == "已解锁\n"
    assert "没有锁定" in run("account", "unlock", "li.fagai")[1]


def test_a_key_is_printed_once_and_the_list_does_not_hold_it(run: Run) -> None:
    issued = run("key", "issue", "data", "--name", "对接", "--scopes", "read, subscribe", "--through", "2026-06-30")
    key = issued[1].strip()
    assert issued[0] == 0 and re.fullmatch(r"pmk_\w+_[\w-]{43}", key)

    listed = run("key", "list", "--format", "json")[1]
    row = json.loads(listed)
    assert (row["id"], row["scopes"], row["state"]) == (key.split("_")[1], ["read", "subscribe"], "有效")
    assert key.split("_", 2)[2] not in listed
    assert run("key", "revoke", row["id"], "--reason", "人员变动")[:2] == (0, "已吊销\n")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("account", "add", "li.fagai", "--actor", "development", "--by", "data"), 4, "不办账号和密钥"),
        (("account", "add", "li.fagai", "--actor", "nobody"), 2, "--name 和 --role"),
        (("account", "add", "li.fagai", "--actor", "new", "--name", "示范"), 2, "development 市发改委"),
        (("account", "close", "nobody", "--reason", "调离"), 2, "没有账号“nobody”"),
        (("account", "list", "--by", "development"), 4, "系统管理员、审计"),
        (("key", "issue", "data", "--name", "对接", "--scopes", "approve", "--through", "2026-06-30"), 2, "read 读取"),
        (("key", "issue", "data", "--name", "对接", "--scopes", "read", "--through", "2028-01-01"), 2, "2027-03-02"),
        (("key", "issue", "data", "--name", "对接", "--scopes", "read", "--through", "x"), 2, "--through"),
        (
            (
                "key",
                "issue",
                "data",
                "--name",
                "测试",
                "--scopes",
                "read",
                "--through",
                "2026-06-30",
                "--fixed-now",
                "x",
            ),
            2,
            "--fixed-now",
        ),
        (("key", "revoke", "nothing", "--reason", "泄露"), 2, "没有密钥"),
        (("delegate", "add", "development", "data", "--through", "2026-03-13", "--reason", "休假"), 2, "同一角色"),
        (("delegate", "end", "7"), 2, "没有代理 7"),
    ],
)
def test_what_is_refused_is_told_in_chinese_with_what_is_allowed(
    run: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = run(*arguments)

    assert (done[0], done[1]) == (code, "")
    assert said in done[2]


def test_the_guide_runs_one_command_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: Called
) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'guide.db'}")
    monkeypatch.setenv("POLICY_MATCH_NOW", NOW.isoformat())
    password = ""

    assert len(COMMANDS) > 14
    for command in COMMANDS:
        if not command.startswith(ASKING):
            done = called(command, ROOT)
            assert done.returncode == 0, (command, done.stderr)
            if command.startswith("account add li.fagai"):
                password = once_of(done.stdout)
            continue
        arguments = [sys.executable, "-c", "from policy_match.cli import main; main()", *shlex.split(command)]
        pipe = subprocess.PIPE
        with subprocess.Popen(arguments, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as running:
            assert running.stdin is not None and running.stdout is not None
            if command.startswith("account password"):
                running.stdin.write(f"{password}\n{NEW}\n")
            if command.startswith("account second-factor"):
                running.stdin.write(f"{NEW}\n")
                running.stdin.flush()
                secret = re.search(r"secret=(\w+)", running.stdout.readline())
                assert secret is not None
                running.stdin.write(f"{code_at(secret[1], NOW)}\n")
            _, err = running.communicate()
        assert running.returncode == 0, (command, err)


def test_every_command_stands_in_the_readme_and_in_the_guide() -> None:
    for group, opened in (("account", account_app), ("key", key_app), ("delegate", delegate_app)):
        row = re.search(rf"`{group} ([\w/-]+)`", README)
        names = {command.name for command in opened.registered_commands}
        assert row is not None and set(row[1].split("/")) == names
        assert [name for name in names if f"{group} {name}" not in GUIDE] == []
