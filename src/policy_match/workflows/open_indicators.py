"""The rules of the growth library, as the folder of rules holds them."""

from __future__ import annotations

from policy_match.authoring.indicator_file import load_indicators
from policy_match.series.rules import IndicatorRules
from policy_match.workflows.open_archive import Archive


def open_indicators(archive: Archive) -> IndicatorRules:
    """Read `rules/indicators.yaml`; RuleError with every fault."""
    return load_indicators(archive.rules / "indicators.yaml", archive.vocabulary, archive.table)
