"""`policy-match serve`: it says where it answers, fails in plain Chinese, and its files are in the wheel."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [str(Path(sys.executable).with_name("policy-match")), "serve"]


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


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_service_prints_its_address_and_answers_there() -> None:
    with serving() as address:
        status, text = fetched(address + "/")
        projects = fetched(address + "/projects/P001")

    assert (status, projects[0]) == (200, 200)
    assert "真实项目库" in text


def test_no_demo_leaves_the_demonstration_library_away() -> None:
    with serving("--no-demo") as address:
        _, text = fetched(address + "/")

    assert "示范" not in text


def test_the_search_index_is_prepared_after_the_start_without_being_asked(tmp_path: Path) -> None:
    for part in ("documents", "taxonomies", "projects.csv"):
        (tmp_path / part).symlink_to(ROOT / "corpus" / part)
    cache, archive = tmp_path / "cache", f"sqlite:///{tmp_path / 'library.db'}"
    with serving(POLICY_MATCH_CORPUS=str(tmp_path), POLICY_MATCH_DATABASE_URL=archive, POLICY_MATCH_CACHE=str(cache)):
        end = time.monotonic() + 60
        while not [*cache.glob("search-*.pickle")] and time.monotonic() < end:
            time.sleep(0.2)

    assert [*cache.glob("search-*.pickle")]


def test_a_taken_port_is_one_plain_sentence_and_exit_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = run("--port", str(port))

    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "换一个 --port" in done.stderr
    assert "Traceback" not in done.stderr


def test_rules_that_do_not_load_are_told_with_file_and_line_and_exit_2(tmp_path: Path) -> None:
    for part in ("facts.yaml", "lifecycle.yaml", "entitlement.yaml", "permissions.yaml", "calendar", "definitions"):
        (tmp_path / part).symlink_to(ROOT / "rules" / part)
    folder = tmp_path / "measures" / "city" / "BAD"
    folder.mkdir(parents=True)
    (folder / "bad.v1.yaml").write_text("schema: measure/1\nid: bad\n", encoding="utf-8")

    own = f"sqlite:///{tmp_path / 'library.db'}"
    done = run("--port", "0", POLICY_MATCH_RULES=str(tmp_path), POLICY_MATCH_DATABASE_URL=own)

    assert done.returncode == 2
    assert "bad.v1.yaml:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_project_file_is_told_and_exit_2(tmp_path: Path) -> None:
    for part in ("documents", "taxonomies"):
        (tmp_path / part).symlink_to(ROOT / "corpus" / part)

    empty = f"sqlite:///{tmp_path / 'library.db'}"
    done = run("--port", "0", POLICY_MATCH_CORPUS=str(tmp_path), POLICY_MATCH_DATABASE_URL=empty)

    assert done.returncode == 2
    assert "projects.csv" in done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_template_and_static_file(wheel: Path) -> None:
    source = ROOT / "api"
    files = {str(p.relative_to(source)) for p in (source / "policy_match_api").rglob("*") if p.is_file() and "__pycache__" not in p.parts}  # fmt: skip

    with zipfile.ZipFile(wheel) as packed:
        held = set(packed.namelist())

    assert any(name.endswith(".html") for name in files)
    assert any(name.endswith(".css") for name in files)
    assert files <= held
