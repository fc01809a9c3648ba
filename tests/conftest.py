"""What every test shares: the shipped vocabulary and rulebook, read once."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, Phase, settings

from policy_match.eligibility.rulebook import Rulebook
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.open_rules import open_rulebook, open_vocabulary

ROOT = Path(__file__).resolve().parents[1]
# No test touches the library of whoever runs it: commands find an empty one, made anew for every run.
os.environ["POLICY_MATCH_DATABASE_URL"] = f"sqlite:///{mkdtemp(prefix='policy_match_')}/library.db"
# The search index is built once for all tests of a run; a folder named outside keeps it for the next.
os.environ.setdefault("POLICY_MATCH_CACHE", mkdtemp(prefix="policy_match_cache_"))
# Set, not made: whatever database a test opens, a command in it opens with the same.
os.environ.setdefault("POLICY_MATCH_SECRET", "tests-vG3kQ9xZr7TnB1uWc5LpYd8HsJfMa2E")
RULES, CORPUS = ROOT / "rules", ROOT / "corpus"

# `campaign` is the long run; both leave time out of the verdict, so that a busy machine changes nothing.
settings.register_profile(
    "default",
    max_examples=60,
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
settings.register_profile("campaign", settings.get_profile("default"), max_examples=5_000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The shipped rulebook."""
    return open_rulebook(RULES, CORPUS)


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The shipped vocabulary, read by itself: what tests facts alone needs no rules."""
    return open_vocabulary(RULES, CORPUS)
