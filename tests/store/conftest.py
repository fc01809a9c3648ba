"""Every test of the store runs on real SQLite and on real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import emptied_database, postgresql

from policy_match.store.database import Database, open_database


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a PostgreSQL server."""
    with postgresql() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'library.db'}"
    server: str = request.getfixturevalue("server")
    return emptied_database(server, "store")


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    """An empty database at the newest schema."""
    opened = open_database(address)
    yield opened
    opened.close()
