"""What every test shares: the shipped vocabulary and rulebook, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_match.eligibility.rulebook import Rulebook
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.open_rules import open_rulebook

ROOT = Path(__file__).resolve().parents[1]
RULES, CORPUS = ROOT / "rules", ROOT / "corpus"


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The shipped rulebook."""
    return open_rulebook(RULES, CORPUS)


@pytest.fixture(scope="session")
def vocabulary(rulebook: Rulebook) -> Vocabulary:
    """The shipped vocabulary."""
    return rulebook.vocabulary
