"""The shipped release, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_match.exchange.release_folder import read_release
from policy_match.release import Release

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def release() -> Release:
    """The shipped rules and corpus as a release."""
    return read_release(ROOT / "rules", ROOT / "corpus", "test")
