"""The shipped rules of the growth library, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_match.authoring.indicator_file import load_indicators
from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.series.rules import IndicatorRules

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture(scope="session")
def table() -> LifecycleTable:
    """rules/lifecycle.yaml."""
    return load_lifecycle(RULES / "lifecycle.yaml")


@pytest.fixture(scope="session")
def rules(vocabulary: Vocabulary, table: LifecycleTable) -> IndicatorRules:
    """rules/indicators.yaml."""
    return load_indicators(RULES / "indicators.yaml", vocabulary, table)
