"""The shipped weights, and rules and subjects of our own to score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from policy_match.eligibility.leaves import Leaf
from policy_match.eligibility.nodes import AllNode, Node, Test
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.exchange.ranking_file import load_ranking
from policy_match.ranking.limits import Atoms
from policy_match.ranking.weights import Ranking

ROOT = Path(__file__).resolve().parents[2]
MakeRule = Callable[..., Rule]


@pytest.fixture(scope="session")
def ranking() -> Ranking:
    """The shipped weights."""
    return load_ranking(ROOT / "rules" / "ranking.yaml")


@pytest.fixture(scope="session")
def atoms(rulebook: Rulebook) -> Atoms:
    """What limits are read over."""
    return Atoms(rulebook.vocabulary)


@pytest.fixture(scope="session")
def rule_of(rulebook: Rulebook) -> MakeRule:
    """A rule whose conditions are these leaves and nodes, all of them."""
    first = rulebook.rules[0]

    def make(*parts: Leaf | Node) -> Rule:
        nodes = tuple(part if isinstance(part, Node) else Test(part) for part in parts)
        return replace(first, root=AllNode(nodes))

    return make
