"""Open the shipped or configured rules: vocabulary, taxonomies, documents, measures."""

from __future__ import annotations

from pathlib import Path

from policy_match.eligibility.load import load_rulebook
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.taxonomies import load_industries
from policy_match.facts.vocabulary import Vocabulary
from policy_match.facts.vocabulary_file import load_vocabulary


def open_vocabulary(rules: Path, corpus: Path) -> Vocabulary:
    """Read rules/facts.yaml with the industry tree of the corpus; FactError with every fault."""
    return load_vocabulary(rules / "facts.yaml", load_industries(corpus / "taxonomies" / "industries.csv"))


def open_rulebook(rules: Path, corpus: Path) -> Rulebook:
    """Read and compile all rules; RuleError with every fault of every file."""
    return load_rulebook(rules, corpus / "documents", open_vocabulary(rules, corpus))
