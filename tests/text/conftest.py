"""The index of the shipped rules and corpus, built once for all tests of search."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.lexicon import load_lexicon
from policy_match.text.index import SearchIndex
from policy_match.text.lexicon import Lexicon
from policy_match.workflows.open_index import open_index

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return load_lexicon(CORPUS / "lexicon")


@pytest.fixture(scope="session")
def index(rulebook: Rulebook) -> SearchIndex:
    return open_index(rulebook, CORPUS, Path(os.environ["POLICY_MATCH_CACHE"]))
