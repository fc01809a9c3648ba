"""The shipped table and calendar, and the months of the twelve projects."""

from __future__ import annotations

from pathlib import Path

import pytest
from month_rows import month_of

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.dispatch.report import Background
from policy_match.dispatch.snapshot import Snapshot
from policy_match.exchange.calendars import load_calendars
from policy_match.lifecycle.table import LifecycleTable

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture(scope="session")
def table() -> LifecycleTable:
    """rules/lifecycle.yaml."""
    return load_lifecycle(RULES / "lifecycle.yaml")


@pytest.fixture(scope="session")
def background(table: LifecycleTable) -> Background:
    """The shipped rules, and two sections of GB/T 4754."""
    return Background(table, load_calendars(RULES / "calendar"), {"C": "制造业", "I": "信息传输、软件和信息技术服务业"})


@pytest.fixture(scope="session")
def march(table: LifecycleTable) -> Snapshot:
    """2025-03 of the twelve projects, closed on 10 April."""
    return month_of(table, "2025-03")
