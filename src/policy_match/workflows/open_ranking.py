"""Open what matches are ordered by: `rules/ranking.yaml`, where the rule folder has one."""

from __future__ import annotations

from pathlib import Path

from policy_match.exchange.ranking_file import load_ranking
from policy_match.ranking.scoring import Ordering


def open_ordering(rules: Path) -> Ordering | None:
    """The weights of a rule folder, texts left out; None without the file: nothing is scored then. RuleError for a fault of it."""
    path = rules / "ranking.yaml"
    return Ordering(load_ranking(path)) if path.is_file() else None
