"""The service over the shipped rules and projects and a small demonstration library, on a fixed day."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match.workflows.open_libraries import Libraries, Library
from policy_match_api.app import create_app

ROOT = Path(__file__).resolve().parents[2]
DEMO_FILE = ROOT / "tests" / "data" / "demo_library.jsonl"


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped corpus with six demonstration subjects of our own."""
    folder = tmp_path_factory.mktemp("corpus")
    for part in ("documents", "lexicon", "taxonomies", "projects.csv"):
        (folder / part).symlink_to(ROOT / "corpus" / part)
    (folder / "demo").mkdir()
    (folder / "demo" / "subjects.jsonl").write_bytes(DEMO_FILE.read_bytes())
    return folder


@pytest.fixture(scope="session")
def without_lexicon(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without the words of search and industries: a service on it has nothing to learn, which takes half a minute."""
    folder = tmp_path_factory.mktemp("without_lexicon")
    for part in corpus.iterdir():
        if part.name != "lexicon":
            (folder / part.name).symlink_to(part)
    return folder


@pytest.fixture(scope="session")
def few_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped rules with the measures of the zones alone: a service that is only started and stopped reads less."""
    folder = tmp_path_factory.mktemp("few") / "rules"
    shutil.copytree(ROOT / "rules", folder, ignore=shutil.ignore_patterns("city", "district", "national", "province"))
    return folder


@pytest.fixture(scope="session")
def small_in(corpus: Path, filled_once: Callable[[str, Settings, Path], Settings]) -> Callable[[Path], Settings]:
    """The shipped projects and the small demonstration library on 10 March 2026: a copy of the database in a folder."""
    return partial(filled_once, "small", Settings(now=datetime(2026, 3, 10, 9, 0), corpus=corpus))


@pytest.fixture(scope="session")
def settings(corpus: Path, small_in: Callable[[Path], Settings]) -> Settings:
    """The shipped rules on 10 March 2026, with an archive of their own."""
    return small_in(corpus).model_copy(update={"lookups_per_minute": 0, "matches_per_minute": 0})


@pytest.fixture(scope="session")
def client(settings: Settings) -> TestClient:
    """The whole service in this process."""
    return TestClient(create_app(settings))


@pytest.fixture(scope="session")
def libraries(client: TestClient) -> Libraries:
    """What the service holds."""
    held: Libraries = client.app.state.opened.today()  # type: ignore[attr-defined]
    return held


@pytest.fixture(scope="session")
def demo(libraries: Libraries) -> Library:
    """The demonstration library."""
    assert libraries.demo is not None
    return libraries.demo
