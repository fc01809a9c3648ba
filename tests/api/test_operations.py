"""Health, readiness, metrics and log lines: what they say, what they never hold, and how an outage of the database reads."""

from __future__ import annotations

import io
import json
import logging
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, event
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from policy_match.settings import Settings
from policy_match.store.availability import Outage
from policy_match.workflows.open_archive import last_change
from policy_match_api import logs
from policy_match_api.app import create_app
from policy_match_api.observe import network_of
from policy_match_api.outage import OUTAGE_WORDS
from policy_match_api.routes import health as health_routes
from policy_match_api.state import Opened

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.zh.md").read_text("utf-8")
DIRTY = "甲\n2026-01-01T00:00:00Z error forged\r\x1b[31m\x7f\u2028"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the database of the service lies, own.db."""
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def service(corpus: Path, folder: Path) -> Iterator[FastAPI]:
    """A service that tests may break, with routes that write, fill the disk, crash and ask wrongly."""
    settings = Settings(
        now=datetime(2026, 3, 10, 9, 0), corpus=corpus, database_url=f"sqlite:///{folder / 'own.db'}", cache=folder
    )
    app = create_app(settings, demo=False)
    database = app.state.opened.archive.database
    wait(database.engine, 200)

    def write() -> None:
        with database.writing() as session:
            session.connection().exec_driver_sql("UPDATE subjects SET name = name || '。'")

    def fill() -> None:
        with database.writing() as session:
            session.connection().exec_driver_sql("CREATE TABLE filler (x)")
            session.connection().exec_driver_sql("INSERT INTO filler VALUES (zeroblob(10000000))")

    def crash() -> None:
        raise RuntimeError(DIRTY)

    def ask_wrongly() -> None:
        with database.reading() as session:
            session.connection().exec_driver_sql("SELECT nothing FROM nowhere")

    for route in (write, fill, crash, ask_wrongly):
        app.add_api_route(f"/api/v1/test/{route.__name__}", route, methods=["POST"])
    yield app
    database.close()


def wait(engine: Engine, milliseconds: int) -> None:
    """Another patience with other writers than the service has."""
    event.listen(
        engine, "connect", lambda connection, _: connection.execute(f"PRAGMA busy_timeout={milliseconds}").close()
    )
    engine.dispose()


@pytest.fixture
def own(service: FastAPI) -> Iterator[TestClient]:
    """The same, whole again after each test."""
    settings = service.state.opened.settings
    yield TestClient(service)
    service.state.opened.settings = settings


@contextmanager
def lost(client: TestClient, folder: Path) -> Iterator[None]:
    """The file of the database is somewhere else."""
    for path in folder.glob("own.db*"):
        path.rename(path.with_name("moved-" + path.name))
    try:
        yield
    finally:
        for path in folder.glob("moved-own.db*"):
            path.rename(path.with_name(path.name.removeprefix("moved-")))


@contextmanager
def told_at_every_connection(client: TestClient, pragma: str) -> Iterator[None]:
    """Every connection of the service is told this first."""
    engine = client.app.state.opened.archive.database.engine  # type: ignore[attr-defined]

    def say(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute(pragma).close()

    event.listen(engine, "connect", say)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", say)
        engine.dispose()


@pytest.fixture
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the log writes in the form that the test names; the loggers are as before afterwards."""
    root, service = logging.getLogger(), logging.getLogger("policy_match.requests")
    before = (root.handlers[:], root.level, service.level)
    found = io.StringIO()
    logs.set_up_logs(request.param)
    root.handlers[0].setStream(found)  # type: ignore[attr-defined]
    yield found
    root.handlers[:], root.level, service.level = before
    logging.captureWarnings(False)


Figures: TypeAlias = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def figures(client: TestClient) -> Figures:
    text = client.get("/metrics").text
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples}


# the log


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_a_request_is_one_json_line_with_the_template_and_without_what_was_asked(
    own: TestClient, written: io.StringIO
) -> None:
    answer = own.get("/api/v1/projects/D-NEW-ENERGY?as_of=2026-03-01", headers={"Authorization": "Bearer pmk_secret"})

    (line,) = lines(written)
    assert (line["event"], line["method"], line["route"]) == ("request", "GET", "/api/v1/projects/{project_id}")
    assert (line["status"], line["trace_id"]) == (answer.status_code, answer.headers["x-trace-id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", str(line["time"]))
    assert isinstance(line["duration_ms"], float) and line["duration_ms"] >= 0
    assert line["actor"] is None
    assert "D-NEW-ENERGY" not in written.getvalue()
    assert "2026-03-01" not in written.getvalue()
    assert "pmk_secret" not in written.getvalue()


@pytest.mark.parametrize("written", ["off"], indirect=True)
def test_nothing_is_written_of_requests_unless_it_is_wanted(own: TestClient, written: io.StringIO) -> None:
    own.get("/health")

    assert written.getvalue() == ""


@pytest.mark.parametrize("written", ["plain"], indirect=True)
def test_the_plain_form_is_one_short_line_a_request(own: TestClient, written: io.StringIO) -> None:
    own.get("/health")

    (line,) = written.getvalue().splitlines()
    assert "info request method=GET route=/health status=200 duration_ms=" in line


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_the_actor_is_named_by_id_where_the_request_has_one(own: TestClient, written: io.StringIO) -> None:
    async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["actor"] = "development-2"
        await own.app(scope, receive, send)

    TestClient(signed_in).get("/health")

    assert lines(written)[-1]["actor"] == "development-2"


@pytest.mark.parametrize("written", ["json", "plain", "off"], indirect=True)
def test_text_of_others_cannot_pretend_to_be_a_line_of_the_log(own: TestClient, written: io.StringIO) -> None:
    answer = own.post("/api/v1/test/crash")

    told = written.getvalue()
    assert answer.status_code == 500
    assert "forged" in told
    assert answer.headers["x-trace-id"] in told
    assert not any(line.startswith("2026-01-01T00:00:00Z") for line in told.splitlines())
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", told) is None


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_a_hostile_address_leaves_only_the_word_other(own: TestClient, written: io.StringIO) -> None:
    own.get("/nowhere/%0A%7B%22event%22:%22request%22%7D/91320412MAYYYY0160")

    (line,) = lines(written)
    assert (line["route"], line["status"]) == ("other", 404)
    assert "91320412MAYYYY0160" not in written.getvalue()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("testclient", None),
        ("", None),
        (None, None),
    ],
)
def test_of_the_client_only_the_network_is_kept(address: str | None, network: str | None) -> None:
    assert network_of(address) == network


# the metrics


def test_requests_are_counted_by_template_method_and_class_of_status(own: TestClient) -> None:
    def count(found: Figures, status: str) -> float:
        labels = (("method", "GET"), ("route", "/projects/{project_id}"), ("status", status))
        return found.get(("policy_match_requests_total", labels), 0)

    timed = ("policy_match_request_seconds_count", (("route", "/projects/{project_id}"),))
    before = figures(own)
    for project in ("P001", "P002", "nobody"):
        own.get(f"/projects/{project}")
    after = figures(own)

    assert count(after, "2xx") - count(before, "2xx") == 2
    assert count(after, "4xx") - count(before, "4xx") == 1
    assert after[timed] - before.get(timed, 0) == 3
    assert after[("policy_match_requests_in_flight", ())] == 1


def test_figures_of_the_database_are_told(own: TestClient) -> None:
    opened: Opened = own.app.state.opened  # type: ignore[attr-defined]

    found = figures(own)

    assert found[("policy_match_last_change", ())] == last_change(opened.archive) > 0
    real = found[("policy_match_subjects", (("kind", "project"), ("library", "real")))]
    assert real == len(opened.today().real.matching.subjects) > 100
    assert found[("policy_match_database_up", ())] == 1
    assert found[("policy_match_memory_bytes", ())] > 10_000_000


def test_labels_stay_few_whatever_is_asked(own: TestClient) -> None:
    for number in range(5):
        own.get(f"/unknown-{number}/91320412MAYYYY0160")
        own.get(f"/projects/CZ-2025-{number:05}")
        own.get(f"/static/{number}.css")
        own.request(f"VERB{number}", "/health")

    text = own.get("/metrics").text
    labels = [dict(labels) for _, labels in figures(own)]
    routes = {one["route"] for one in labels if "route" in one}
    assert [route for route in routes if not re.fullmatch(r"other|(/[a-z_]+|/v1|/\{[a-z_]+\}|\.json)+", route)] == []
    assert {"other", "/projects/{project_id}", "/static", "/health", "/metrics"} <= routes
    assert len(routes) < 20
    assert {one["method"] for one in labels if "method" in one} <= {"GET", "POST", "other"}
    assert "91320412MAYYYY0160" not in text
    assert "CZ-2025" not in text


def test_the_metrics_still_answer_when_the_database_is_gone(own: TestClient, folder: Path) -> None:
    with lost(own, folder):
        found = figures(own)

    assert found[("policy_match_database_up", ())] == 0
    assert ("policy_match_last_change", ()) not in found


@pytest.mark.parametrize(
    ("setting", "headers", "status"),
    [
        ("auto", {}, 200),
        ("auto", {"X-Forwarded-For": "203.0.113.7"}, 404),
        ("on", {"X-Forwarded-For": "203.0.113.7"}, 200),
        ("off", {}, 404),
    ],
)
def test_who_may_read_the_metrics(own: TestClient, setting: str, headers: dict[str, str], status: int) -> None:
    opened: Opened = own.app.state.opened  # type: ignore[attr-defined]
    opened.settings = opened.settings.model_copy(update={"metrics": setting})

    assert own.get("/metrics", headers=headers).status_code == status


# readiness and outages (BI-101)


def test_a_whole_service_is_ready(own: TestClient) -> None:
    answer = own.get("/ready")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert answer.json()["free_mb"] > 0
    assert own.get("/ready?x=1").json()["code"] == "PARAM_UNKNOWN"


def test_readiness_changes_nothing(own: TestClient, folder: Path) -> None:
    opened: Opened = own.app.state.opened  # type: ignore[attr-defined]
    other = sqlite3.connect(folder / "own.db")

    before = other.execute("PRAGMA data_version").fetchone(), last_change(opened.archive)
    own.get("/ready")
    after = other.execute("PRAGMA data_version").fetchone(), last_change(opened.archive)

    other.close()
    assert before == after


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_red_when_the_database_is_gone_and_green_when_it_is_back(own: TestClient, folder: Path, path: str) -> None:
    with lost(own, folder):
        red = own.get(path)

    assert (red.status_code, red.headers["retry-after"]) == (503, "10")
    assert OUTAGE_WORDS[Outage.GONE] in red.json()["message_zh"]
    assert own.get(path).status_code == 200


def test_a_locked_database_answers_503_and_nothing_is_kept_and_reading_goes_on(own: TestClient, folder: Path) -> None:
    other = sqlite3.connect(folder / "own.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    locked = own.post("/api/v1/test/write")
    red, reading, page = own.get("/ready"), own.get("/health"), own.get("/projects/P001")
    other.execute("ROLLBACK")
    changed = other.execute("SELECT count(*) FROM subjects WHERE name LIKE '%。'").fetchone()[0]
    free = own.post("/api/v1/test/write")
    other.close()

    assert (locked.status_code, locked.headers["retry-after"]) == (503, "10")
    assert (locked.headers["content-type"], locked.json()["code"]) == ("application/problem+json", "STORE_UNAVAILABLE")
    assert OUTAGE_WORDS[Outage.BUSY] in locked.json()["message_zh"]
    assert OUTAGE_WORDS[Outage.BUSY] in red.json()["message_zh"]
    assert (reading.status_code, page.status_code, changed, free.status_code) == (200, 200, 0, 200)


def test_a_read_only_database_answers_503_to_writers_and_turns_readiness_red(own: TestClient) -> None:
    with told_at_every_connection(own, "PRAGMA query_only=ON"):
        refused, red, reading = own.post("/api/v1/test/write"), own.get("/ready"), own.get("/health")

    assert (refused.status_code, refused.json()["code"]) == (503, "STORE_UNAVAILABLE")
    assert OUTAGE_WORDS[Outage.READ_ONLY] in refused.json()["message_zh"]
    assert OUTAGE_WORDS[Outage.READ_ONLY] in red.json()["message_zh"]
    assert reading.status_code == 200


def test_a_full_disk_answers_503_and_leaves_no_part_behind(own: TestClient, folder: Path) -> None:
    with told_at_every_connection(own, "PRAGMA max_page_count=1"):
        full = own.post("/api/v1/test/fill")

    other = sqlite3.connect(folder / "own.db")
    left = other.execute("SELECT count(*) FROM sqlite_master WHERE name = 'filler'").fetchone()
    other.close()
    assert (full.status_code, full.json()["code"], left) == (503, "STORE_UNAVAILABLE", (0,))
    assert OUTAGE_WORDS[Outage.FULL] in full.json()["message_zh"]


def test_the_page_of_an_outage_needs_no_database(own: TestClient, folder: Path) -> None:
    own.get("/projects")
    with lost(own, folder):
        answer = own.get("/projects")

    assert answer.status_code in (500, 503)
    assert "<h1>" in answer.text
    assert "追踪号" in answer.text


def test_a_fault_in_a_statement_is_ours_and_no_outage(own: TestClient) -> None:
    assert own.post("/api/v1/test/ask_wrongly").status_code == 500


def test_a_cache_without_room_turns_readiness_red(own: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_routes, "free", lambda _folder: 99 * 2**20)

    red = own.get("/ready")

    assert red.status_code == 503
    assert "只剩 99 MB" in red.json()["message_zh"]


def test_an_old_schema_turns_readiness_red(own: TestClient, folder: Path) -> None:
    other = sqlite3.connect(folder / "own.db", isolation_level=None)
    (newest,) = other.execute("SELECT version_num FROM alembic_version").fetchone()
    other.execute("UPDATE alembic_version SET version_num = '0001'")

    red = own.get("/ready")

    other.execute("UPDATE alembic_version SET version_num = ?", (newest,))
    other.close()
    assert OUTAGE_WORDS[Outage.OTHER_SCHEMA] in red.json()["message_zh"]


def test_a_writer_waits_for_another_one_that_ends_in_time(own: TestClient, folder: Path) -> None:
    database = own.app.state.opened.archive.database  # type: ignore[attr-defined]
    other = sqlite3.connect(folder / "own.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    wait(database.engine, 5000)
    release = threading.Timer(0.5, lambda: other.execute("ROLLBACK"))
    release.start()

    answer = own.post("/api/v1/test/write")

    release.join()
    other.close()
    wait(database.engine, 200)
    assert answer.status_code == 200


# the documents


def test_the_table_of_settings_names_exactly_the_settings_that_there_are() -> None:
    named = re.findall(r"^\| `(POLICY_MATCH_[A-Z_]+)` \|", OPERATIONS, re.MULTILINE)

    assert sorted(named) == sorted(f"POLICY_MATCH_{name.upper()}" for name in Settings.model_fields)


def test_the_example_of_the_environment_lists_every_setting_and_holds_no_secret() -> None:
    example = (ROOT / "deploy" / "policy-match.env.example").read_text("utf-8")
    named = re.findall(r"^#? ?(POLICY_MATCH_[A-Z_]+)=(.*)$", example, re.MULTILINE)

    assert sorted(name for name, _ in named) == sorted(f"POLICY_MATCH_{name.upper()}" for name in Settings.model_fields)
    assert {value for name, value in named if name.endswith("SECRET")} == {""}
