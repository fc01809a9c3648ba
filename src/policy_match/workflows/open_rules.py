"""Open the shipped or configured rules: vocabulary, taxonomies, documents, measures."""

from __future__ import annotations

from pathlib import Path

from policy_match.authoring.load import load_rulebook
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, UsageError
from policy_match.exchange.taxonomies import load_industries
from policy_match.facts.vocabulary import Vocabulary
from policy_match.facts.vocabulary_file import load_vocabulary


def open_vocabulary(rules: Path, corpus: Path) -> Vocabulary:
    """Read rules/facts.yaml with the industry tree of the corpus; FactError with every fault, UsageError without the files."""
    facts, industries = rules / "facts.yaml", corpus / "taxonomies" / "industries.csv"
    for path in (facts, industries):
        if not path.is_file():
            raise UsageError(Issue("FOLDER", f"没有 {path.name}", str(path.parent), path.name, "检查目录是否写对"))
    return load_vocabulary(facts, load_industries(industries))


def open_rulebook(rules: Path, corpus: Path) -> Rulebook:
    """Read and compile all rules; RuleError with every fault of every file."""
    return load_rulebook(rules, corpus / "documents", open_vocabulary(rules, corpus))
