"""The index of the shipped rules and corpus, built once for all tests of search."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.lexicon import load_lexicon
from policy_match.text.index import SearchIndex
from policy_match.text.lexicon import Lexicon
from policy_match.text.searchable import searchables
from policy_match.workflows.open_index import build_index

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return load_lexicon(CORPUS / "lexicon")


@pytest.fixture(scope="session")
def index(rulebook: Rulebook, lexicon: Lexicon) -> SearchIndex:
    return build_index(lexicon, searchables(rulebook))
