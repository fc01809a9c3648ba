"""Open the shipped or configured rules: vocabulary, taxonomies, documents, measures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from policy_match.authoring.load import load_rulebook
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, UsageError
from policy_match.exchange.taxonomies import load_industries, load_taxonomies
from policy_match.facts.vocabulary import Vocabulary
from policy_match.facts.vocabulary_file import load_vocabulary


def open_vocabulary(rules: Path, corpus: Path) -> Vocabulary:
    """Read rules/facts.yaml with the taxonomies of the corpus.

    FactError or RuleError with every fault, UsageError without the facts or the industries.
    """
    if rules.is_file():
        hint = "直接运行 rules check，会检查全部文件；只测一项用 rules test --measures 编号"
        raise UsageError(Issue("FOLDER", "这是一个文件，要的是规则目录", str(rules), "含 facts.yaml 的目录", hint))
    facts, industries = rules / "facts.yaml", corpus / "taxonomies" / "industries.csv"
    for path in (facts, industries):
        if not path.is_file():
            raise UsageError(Issue("FOLDER", f"没有 {path.name}", str(path.parent), path.name, "检查目录是否写对"))
    vocabulary = load_vocabulary(facts, load_industries(industries))
    return replace(vocabulary, taxonomies=load_taxonomies(industries.parent, vocabulary))


def open_rulebook(rules: Path, corpus: Path) -> Rulebook:
    """Read and compile all rules; RuleError with every fault of every file."""
    return load_rulebook(rules, corpus / "documents", open_vocabulary(rules, corpus))
