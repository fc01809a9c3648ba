"""A running service and Debian's Chromium; a machine without the browser gets it through apt, or the tests fail."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from watching import ROOT, Watched, serving, watched

from policy_match.settings import Settings

# The build of Chromium without a screen takes half the processor time of the whole browser; either will do.
CHROMIUM = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser; without it every page goes untried, so this never skips."""
    if not any(path.exists() for path in CHROMIUM) and shutil.which("apt-get"):
        for command in (["update", "-qq"], ["install", "-y", "-qq", CHROMIUM[0].name, "fonts-noto-cjk"]):
            subprocess.run(["apt-get", *command], check=False, capture_output=True, timeout=500)
    found = next((path for path in CHROMIUM if path.exists()), None)
    assert found is not None, f"没有 Chromium：apt-get install {CHROMIUM[0].name} fonts-noto-cjk"
    return found


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service on a free port, with the shipped projects and the small demonstration library, on 10 March 2026."""
    corpus = tmp_path_factory.mktemp("corpus")
    for part in ("documents", "lexicon", "taxonomies", "projects.csv"):
        (corpus / part).symlink_to(ROOT / "corpus" / part)
    (corpus / "demo").mkdir()
    (corpus / "demo" / "subjects.jsonl").symlink_to(ROOT / "tests" / "data" / "demo_library.jsonl")
    archive = f"sqlite:///{corpus / 'library.db'}"
    yield from serving(Settings(now=datetime(2026, 3, 10), corpus=corpus, database_url=archive))


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture
def window(browser: Browser, address: str) -> Iterator[Watched]:
    """A desktop window; the test fails if anything went wrong in it."""
    made = watched(browser, address)
    yield made
    made.context.close()
    assert made.faults == []
