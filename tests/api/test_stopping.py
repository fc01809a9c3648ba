"""Stopping a real process: what has begun ends, nothing new is taken, nothing is left behind; also with several workers."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from os import kill
from pathlib import Path

import pytest
from running import Running, running

from policy_match.settings import Settings
from policy_match_api.app import filled_archive

WHAT_IF = json.dumps({"subjects": [{"id": "P1", "facts": {"total_investment": "3亿元"}}]}).encode()


@pytest.fixture(scope="module")
def corpus_only(without_lexicon: Path, few_rules: Path) -> dict[str, str]:
    """The shipped corpus and rules without what is heavy."""
    return {
        "POLICY_MATCH_CORPUS": str(without_lexicon),
        "POLICY_MATCH_RULES": str(few_rules),
        "POLICY_MATCH_NOW": "2026-03-10T09:00:00",
    }


@pytest.fixture(scope="module")
def filled(without_lexicon: Path, few_rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the real library in it, filled once for all tests here."""
    path = tmp_path_factory.mktemp("filled") / "library.db"
    own = {"rules": few_rules, "corpus": without_lexicon, "database_url": f"sqlite:///{path}"}
    settings = Settings(now=datetime(2026, 3, 10, 9), **own)
    archive, _ = filled_archive(settings, demo=False)
    archive.database.close()
    return path


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    """The same in a folder of the test's own."""
    shutil.copy(filled, tmp_path / "library.db")
    return tmp_path


@pytest.fixture
def service(folder: Path, corpus_only: dict[str, str]) -> Iterator[Running]:
    """One process that logs as JSON."""
    with running(folder, POLICY_MATCH_LOG="json", POLICY_MATCH_STOP_SECONDS="5", **corpus_only) as found:
        yield found


def answer_on(connection: socket.socket) -> bytes:
    """Everything that comes until the other side closes."""
    received = b""
    while part := connection.recv(65536):
        received += part
    return received


def is_refused(service: Running) -> bool:
    try:
        service.connect().close()
    except ConnectionRefusedError:
        return True
    return False


def until(true: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def test_a_request_in_flight_ends_and_nothing_new_is_taken(service: Running) -> None:
    connection, last = service.begin_post("/api/v1/match", WHAT_IF)
    time.sleep(0.3)

    service.tell(signal.SIGTERM)
    closed = until(lambda: is_refused(service))
    still_running = service.process.poll() is None
    connection.sendall(last)
    answer = answer_on(connection)
    connection.close()

    assert closed
    assert still_running
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"subject":"P1"' in answer
    assert service.end() in (0, -signal.SIGTERM)
    assert [line["status"] for line in service.logged() if line["event"] == "request"] == [200]


def test_a_request_that_does_not_end_is_left_after_the_time_that_was_set(service: Running) -> None:
    connection, _ = service.begin_post("/api/v1/match", WHAT_IF)
    time.sleep(0.3)

    begun = time.monotonic()
    service.tell(signal.SIGTERM)
    service.end(15)
    connection.close()

    assert 4 < time.monotonic() - begun < 12


def test_an_idle_connection_holds_nobody_up_and_every_line_told_is_json(service: Running) -> None:
    connection = service.connect()
    connection.sendall(b"GET /projects/P001 HTTP/1.1\r\nHost: x\r\n\r\n")
    connection.recv(65536)

    begun = time.monotonic()
    service.tell(signal.SIGTERM)
    service.end(15)
    connection.close()

    assert time.monotonic() - begun < 4
    (line,) = service.logged()
    assert (line["route"], line["client"]) == ("/projects/{project_id}", "127.0.0.0/24")


def test_workers_answer_count_and_stop_together_and_one_that_dies_is_replaced(
    folder: Path, corpus_only: dict[str, str]
) -> None:
    with running(folder, "--workers", "2", POLICY_MATCH_LOG="json", **corpus_only) as service:
        kill(workers_of(service)[0], signal.SIGKILL)
        replaced = until(lambda: any(line["event"] == "worker replaced" for line in service.logged()))
        asked = {service.get("/projects/P001")[0] for _ in range(6)}
        figures = service.get("/metrics")[1]
        children = workers_of(service)
        connection, last = service.begin_post("/api/v1/match", WHAT_IF)
        time.sleep(0.5)
        service.tell(signal.SIGTERM)
        time.sleep(1)
        connection.sendall(last)
        answer = answer_on(connection)
        connection.close()
        code = service.end()

    assert replaced
    assert asked == {200}
    assert re.search(r'requests_total\{method="GET",route="/projects/\{project_id\}",status="2xx"\} 6\.0', figures)
    assert "policy_match_requests_in_flight 1.0" in figures
    assert answer.startswith(b"HTTP/1.1 200")
    assert (len(children), code) == (2, 0)
    assert until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    assert [*(folder / "cache").glob("metrics-*")] == []


def workers_of(service: Running) -> list[int]:
    """The processes that answer; the tracker that multiprocessing starts is none."""
    parent = service.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
    return [int(one) for one in children if b"resource_tracker" not in Path(f"/proc/{one}/cmdline").read_bytes()]
