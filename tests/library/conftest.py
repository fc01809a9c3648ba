"""An empty archive by the shipped rules, on real SQLite and on real PostgreSQL."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy_match.workflows.open_archive import Archive, open_archive

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "store"))

from servers import emptied_database, postgresql  # noqa: E402


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a PostgreSQL server."""
    with postgresql() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An archive with nothing in it."""
    url = f"sqlite:///{tmp_path / 'library.db'}"
    if request.param == "postgresql":
        url = emptied_database(request.getfixturevalue("server"), "library")
    opened = open_archive(url, ROOT / "rules", ROOT / "corpus")
    yield opened
    opened.database.close()


@pytest.fixture(scope="module")
def one_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """One archive on SQLite for all examples of a property: each of them takes a library of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('laws') / 'library.db'}"
    opened = open_archive(url, ROOT / "rules", ROOT / "corpus")
    yield opened
    opened.database.close()
