"""The shipped table and calendar, and another table with six points, each read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.exchange.calendars import load_calendars
from policy_match.lifecycle.table import LifecycleTable
from policy_match.working_days import WorkingDays

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture(scope="session")
def table() -> LifecycleTable:
    """rules/lifecycle.yaml."""
    return load_lifecycle(RULES / "lifecycle.yaml")


@pytest.fixture(scope="session")
def six_points() -> LifecycleTable:
    """Another lifecycle: six points, other leads."""
    return load_lifecycle(Path(__file__).parent / "six_points.yaml")


@pytest.fixture(scope="session")
def calendar() -> WorkingDays:
    """rules/calendar."""
    return load_calendars(RULES / "calendar")
