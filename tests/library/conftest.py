"""An empty archive by the shipped rules, on real SQLite and on real PostgreSQL."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from msjx import rule_folders
from reviewing import MEASURE
from rows import emptied

from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.store.database import open_database
from policy_match.workflows.open_archive import Archive, open_archive

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "store"))

from servers import emptied_database, postgresql  # noqa: E402


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a PostgreSQL server."""
    with postgresql() as address:
        yield address


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, Path]:
    """An archive just made, closed again, and its file: rules are read once, and each test starts from a copy."""
    path = tmp_path_factory.mktemp("empty") / "library.db"
    made = open_archive(f"sqlite:///{path}", ROOT / "rules", ROOT / "corpus", secret=open_secret(Settings()))
    made.database.close()
    return made, path


@pytest.fixture(scope="session")
def on_server(server: str) -> Iterator[Archive]:
    """One archive on PostgreSQL, to be emptied before each test."""
    made = open_archive(
        emptied_database(server, "library"), ROOT / "rules", ROOT / "corpus", secret=open_secret(Settings())
    )
    yield made
    made.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An archive with nothing in it but those who may act."""
    if request.param == "postgresql":
        made: Archive = request.getfixturevalue("on_server")
        emptied(made)
        yield made
        return
    empty, path = request.getfixturevalue("empty_file")
    shutil.copy(path, tmp_path / "library.db")
    opened = replace(empty, database=open_database(f"sqlite:///{tmp_path / 'library.db'}"))
    yield opened
    opened.database.close()


@pytest.fixture(scope="module")
def one_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """One archive on SQLite for all examples of a property: each of them takes a library of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('laws') / 'library.db'}"
    opened = open_archive(url, ROOT / "rules", ROOT / "corpus", secret=open_secret(Settings()))
    yield opened
    opened.database.close()


@pytest.fixture(scope="session")
def paying_folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Rules and corpus with the invented measure that pays without application."""
    return rule_folders(tmp_path_factory.mktemp("paying"))


@pytest.fixture(scope="session")
def paying_file(tmp_path_factory: pytest.TempPathFactory, paying_folders: tuple[Path, Path]) -> tuple[Archive, Path]:
    """An empty archive by those rules, closed again, and its file."""
    path = tmp_path_factory.mktemp("paying_empty") / "library.db"
    made = open_archive(f"sqlite:///{path}", *paying_folders, secret=open_secret(Settings()))
    made.database.close()
    return made, path


@pytest.fixture(scope="session")
def paying_on_server(server: str, paying_folders: tuple[Path, Path]) -> Iterator[Archive]:
    """One archive by those rules on PostgreSQL, to be emptied before each test."""
    made = open_archive(emptied_database(server, "paying"), *paying_folders, secret=open_secret(Settings()))
    yield made
    made.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def paying(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An archive by those rules with nothing in it but those who may act."""
    if request.param == "postgresql":
        opened: Archive = request.getfixturevalue("paying_on_server")
        emptied(opened)
    else:
        empty, path = request.getfixturevalue("paying_file")
        shutil.copy(path, tmp_path / "library.db")
        opened = replace(empty, database=open_database(f"sqlite:///{tmp_path / 'library.db'}"))
    yield opened
    if request.param == "sqlite":
        opened.database.close()


@pytest.fixture(scope="session")
def reviewing_folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Rules and corpus with a measure that is applied for beside it: its matches people look at."""
    return rule_folders(tmp_path_factory.mktemp("reviewing"), more={"eq_device.v1.yaml": MEASURE})


@pytest.fixture(scope="session")
def reviewing_file(
    tmp_path_factory: pytest.TempPathFactory, reviewing_folders: tuple[Path, Path]
) -> tuple[Archive, Path]:
    """An empty archive by those rules, closed again, and its file."""
    path = tmp_path_factory.mktemp("reviewing_empty") / "library.db"
    made = open_archive(f"sqlite:///{path}", *reviewing_folders, secret=open_secret(Settings()))
    made.database.close()
    return made, path


@pytest.fixture(scope="session")
def reviewing_on_server(server: str, reviewing_folders: tuple[Path, Path]) -> Iterator[Archive]:
    """One archive by those rules on PostgreSQL, to be emptied before each test."""
    made = open_archive(emptied_database(server, "reviewing"), *reviewing_folders, secret=open_secret(Settings()))
    yield made
    made.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def reviewing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An archive by those rules with nothing in it but those who may act."""
    if request.param == "postgresql":
        opened: Archive = request.getfixturevalue("reviewing_on_server")
        emptied(opened)
    else:
        empty, path = request.getfixturevalue("reviewing_file")
        shutil.copy(path, tmp_path / "library.db")
        opened = replace(empty, database=open_database(f"sqlite:///{tmp_path / 'library.db'}"))
    yield opened
    if request.param == "sqlite":
        opened.database.close()
