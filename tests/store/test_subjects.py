"""A number leads to one subject; one that is taken cannot be given twice, and a merged subject leads to its survivor."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from policy_match.store.database import Database
from policy_match.store.subjects import (
    PROJECT_CODE,
    Given,
    add,
    add_key,
    by_code,
    by_key,
    end_key,
    keys_of,
    next_project_code,
)

NOW = datetime(2025, 3, 31, 2, tzinfo=UTC)
CODE = Given(PROJECT_CODE, "2409-320412-89-01-100011")


def test_a_project_is_found_by_each_of_its_numbers_in_its_library_only(database: Database) -> None:
    with database.writing() as session:
        project = add(session, "real", "project", code="CZ-2025-00001", name="示例项目", at=NOW)
        for given in (CODE, Given("YDHH", "0001")):
            add_key(session, project, given, source="TZXM", at=NOW)
            add_key(session, project, given, source="GG", at=NOW)
    with database.reading() as session:
        for given in (CODE, Given("YDHH", "0001")):
            found = by_key(session, "real", given)
            assert found is not None and found.id == project.id
            assert by_key(session, "demo", given) is None
        assert by_code(session, "real", "CZ-2025-00001") is not None
        assert [(key.kind, key.source) for key in keys_of(session, [project.id])[project.id]] == [
            ("XMDM", "TZXM"),
            ("YDHH", "TZXM"),
        ]


def test_a_project_code_belongs_to_one_project_at_a_time(database: Database) -> None:
    with database.writing() as session:
        first = add(session, "real", "project", code="P1", name=None, at=NOW)
        second = add(session, "real", "project", code="P2", name=None, at=NOW)
        add_key(session, first, CODE, source="TZXM", at=NOW)

    def take() -> None:
        with database.writing() as session:
            add_key(session, second, CODE, source="TZXM", at=NOW)

    with pytest.raises(IntegrityError):
        take()
    with database.writing() as session:
        end_key(session, first, CODE, at=NOW)
    take()
    with database.reading() as session:
        found = by_key(session, "real", CODE)
        assert found is not None and found.code == "P2"


def test_a_merged_project_leads_to_the_one_that_survives(database: Database) -> None:
    with database.writing() as session:
        gone, last = (add(session, "real", "project", code=code, name=None, at=NOW) for code in ("P1", "P2"))
        add_key(session, gone, CODE, source="TZXM", at=NOW)
        gone.survivor_id = last.id
    with database.reading() as session:
        found, merged = by_key(session, "real", CODE), by_code(session, "real", "P1")
        assert found is not None and found.code == "P2"
        assert merged is not None and merged.code == "P1"


def test_the_next_library_number_follows_the_last_of_its_year_that_has_the_form_of_one(database: Database) -> None:
    with database.writing() as session:
        assert next_project_code(session, "real", 2025) == "CZ-2025-00001"
        for code in ("CZ-2024-00007", "CZ-2025-00009", "CZ-2025-二期", "CZ-2025-1234A", "CZ-2025-123456"):
            add(session, "real", "project", code=code, name=None, at=NOW)
        assert next_project_code(session, "real", 2025) == "CZ-2025-00010"
        assert next_project_code(session, "demo", 2025) == "CZ-2025-00001"
