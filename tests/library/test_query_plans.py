"""No page and no part of the API makes PostgreSQL read a whole table that grows, to find a few rows of it.

Every address that can be read is asked for once by an office, every statement that this runs is kept, and PostgreSQL is
asked how it would run each with sequential scans forbidden: where it names one all the same, no index serves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr
from reviewing import by, code_named
from rolling import keep_few
from rows import row, taken
from servers import emptied_database
from signed_in import Door
from sqlalchemy import Connection, Engine, event
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match_api.app import create_app

NAME = "示范设备项目"
# A row for each of a handful of things, however large the library.
SMALL = {"actors", "alembic_version", "channel_switches", "matched", "releases", "rule_drafts", "roll_runs"}
# Files, streams and other services.
LEFT_OUT = ("/static", "/openapi", "/metrics", "/login/oidc")


@pytest.fixture(scope="module")
def door(server: str, reviewing_folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The service on PostgreSQL over the real library and one invented project, by two invented measures."""
    rules, corpus = reviewing_folders
    settings = Settings(
        now=by("x").now, database_url=emptied_database(server, "plans"), rules=rules, corpus=corpus,
        cache=tmp_path_factory.mktemp("plans"), secret=SecretStr("an installation of tests, nowhere else 7"),
        lookups_per_minute=0, matches_per_minute=0,
    )  # fmt: skip
    made = Door.of(TestClient(create_app(settings, demo=False), follow_redirects=False))
    taken(made.archive, row(made.archive, NAME, when=made.now, facts={"district": "320412"}), when=made.now)
    _add_roll(made)
    yield made
    made.archive.database.close()


def _add_roll(door: Door) -> None:
    """A roll of the last large run, with the measure and the project that addresses are asked for with."""
    measure, project = measure_of(door), code_named(door.archive, NAME)
    keep_few(door.archive, [(one, measure, "E", 1, "320412", "320412", 0) for one in (project, "another")])


def measure_of(door: Door) -> str:
    """A measure that the service has."""
    found: str = door.client.get("/api/v1/measures").json()["measures"][0]["id"]
    return found


@contextmanager
def statements_of(engine: Engine) -> Iterator[dict[str, object]]:
    """What is read while the block runs, each statement once with one set of its values."""
    found: dict[str, object] = {}

    def keep(_c: Connection, _cursor: object, statement: str, values: object, _x: object, _many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            found.setdefault(statement, values)

    event.listen(engine, "before_cursor_execute", keep)
    yield found
    event.remove(engine, "before_cursor_execute", keep)


def addresses(door: Door) -> list[str]:
    """Every address that answers GET, with a project, a measure and numbers that there may be."""
    project = code_named(door.archive, NAME)
    measure = measure_of(door)
    given = {
        "project_id": project, "subject_id": project, "measure_id": measure, "review_id": f"{project}.{measure}",
        "code": project, "month": "2025-02", "district": "320412", "login": "x", "key_id": "x", "policy_id": "x",
        "token": "x", "form": "csv", "kind": "months", "table": "accounts",
    }  # fmt: skip
    paths = {
        route.path or "" for route in iter_route_contexts(door.client.app.routes) if "GET" in (route.methods or ())
    }  # type: ignore[attr-defined]
    listed = {
        re.sub(r"\{(\w+)[^}]*\}", lambda m: given.get(m[1], "1"), path)
        for path in paths
        if not path.startswith(LEFT_OUT)
    }
    # The same list of an area, and from its second page on.
    more = (f"/roll/measures/{measure}?district=320412", f"/api/v1/roll/measures/{measure}?limit=1&cursor=1.another")
    return sorted({*listed, *more})


def sequential(engine: Engine, statements: dict[str, object]) -> dict[str, str]:
    """Tables that PostgreSQL would read from end to end though it is told not to, each with a statement."""
    found: dict[str, str] = {}
    with engine.connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, values in statements.items():
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars()  # type: ignore[arg-type]
            for table in re.findall(r"Seq Scan on (\w+)", "\n".join(plan)):
                found.setdefault(table, statement[statement.find("FROM") :])
    return found


def test_nothing_that_is_read_by_address_reads_a_growing_table_from_end_to_end(door: Door) -> None:
    engine = door.archive.database.engine
    office = door.signed_in("development", strong=True)

    with statements_of(engine) as statements:
        for path in addresses(door):
            assert office.get(path).status_code != 500, path

    assert len(statements) > 50
    assert sum("FROM roll_pairs" in one for one in statements) >= 4
    assert {table: one for table, one in sequential(engine, statements).items() if table not in SMALL} == {}


def test_the_look_would_notice_a_missing_index(door: Door) -> None:
    found = sequential(door.archive.database.engine, {"SELECT id FROM subjects WHERE name = %(name)s": {"name": NAME}})

    assert [*found] == ["subjects"]
