"""`policy-match serve`: it says where it answers, prepares search, and fails in plain Chinese."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from policy_match.settings import Settings
from policy_match_api import serve as service

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [str(Path(sys.executable).with_name("policy-match")), "serve"]
Called = Callable[[Sequence[str], Path], subprocess.CompletedProcess[str]]
Run = Callable[..., subprocess.CompletedProcess[str]]


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[str]:
    """A running service on a free port; gives its address once it has printed it."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("服务已启动：http://127.0.0.1:"), line + (process.communicate()[1] if not line else "")
        yield line.removeprefix("服务已启动：").partition("（")[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def fetched(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.status, answer.read().decode()


@pytest.fixture
def run(called: Called, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in this process, in a folder and on a database of its own, where it has to give up before it serves."""
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'library.db'}")
    # What it would leave behind, or never come back from.
    monkeypatch.setattr(service, "set_up_logs", lambda form: None)
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: pytest.fail("it serves"))
    return lambda *arguments: called(["serve", *arguments], tmp_path)


def test_the_service_prints_its_address_and_answers_there(
    tmp_path: Path, shipped_in: Callable[[Path], Settings]
) -> None:
    shipped = shipped_in(tmp_path)
    environment = {"POLICY_MATCH_NOW": shipped.instant().isoformat(), "POLICY_MATCH_DATABASE_URL": shipped.database_url}
    with serving(**environment) as address:
        status, text = fetched(address + "/")
        projects = fetched(address + "/projects/P001")

    assert (status, projects[0]) == (200, 200)
    assert "真实项目库" in text and "示范" in text


def test_an_empty_library_is_filled_without_the_demonstration_and_search_prepared_without_being_asked(
    tmp_path: Path,
) -> None:
    for part in ("documents", "taxonomies", "projects.csv", "demo"):
        (tmp_path / part).symlink_to(ROOT / "corpus" / part)
    cache = tmp_path / "cache"
    environment = {
        "POLICY_MATCH_CORPUS": str(tmp_path),
        "POLICY_MATCH_DATABASE_URL": f"sqlite:///{tmp_path / 'library.db'}",
        "POLICY_MATCH_CACHE": str(cache),
    }
    with serving("--no-demo", **environment) as address:
        _, text = fetched(address + "/")
        end = time.monotonic() + 60
        while not [*cache.glob("search-*.pickle")] and time.monotonic() < end:
            time.sleep(0.2)

    assert "真实项目库" in text and "示范" not in text
    assert [*cache.glob("search-*.pickle")]


def test_a_taken_port_is_one_plain_sentence_and_exit_2(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = run("--port", str(port))

    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "换一个 --port" in done.stderr
    assert "Traceback" not in done.stderr


def test_rules_that_do_not_load_are_told_with_file_and_line_and_exit_2(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in ("facts.yaml", "lifecycle.yaml", "entitlement.yaml", "permissions.yaml", "calendar", "definitions"):
        (tmp_path / part).symlink_to(ROOT / "rules" / part)
    folder = tmp_path / "measures" / "city" / "BAD"
    folder.mkdir(parents=True)
    (folder / "bad.v1.yaml").write_text("schema: measure/1\nid: bad\n", encoding="utf-8")

    monkeypatch.setenv("POLICY_MATCH_RULES", str(tmp_path))

    done = run("--port", "0")

    assert done.returncode == 2
    assert "bad.v1.yaml:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_project_file_is_told_and_exit_2(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("documents", "taxonomies"):
        (tmp_path / part).symlink_to(ROOT / "corpus" / part)

    monkeypatch.setenv("POLICY_MATCH_CORPUS", str(tmp_path))

    done = run("--port", "0")

    assert done.returncode == 2
    assert "projects.csv" in done.stderr
