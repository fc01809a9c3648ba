"""Check a rule folder: everything the loader refuses, and trees that wait for what cannot matter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.errors import Issue, RuleError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.proving.completions import needless_unknowns
from policy_match.strict_yaml import read_file
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.open_rules import open_rulebook


def check_rules(rules: Path, corpus: Path) -> Rulebook:
    """The rulebook of a folder; RuleError with every fault as `file:line: what, allowed, what to do`."""
    rulebook = open_rulebook(rules, corpus)
    open_ordering(rules)
    issues = [issue for rule in rulebook.rules for issue in _waits_in_vain(rule, rulebook.vocabulary, rules)]
    if issues:
        raise RuleError(*issues)
    return rulebook


def _waits_in_vain(rule: Rule, vocabulary: Vocabulary, rules: Path) -> Iterator[Issue]:
    found = needless_unknowns(rule, vocabulary)
    if not found:
        return
    path = rules / "measures" / rule.level / rule.package / f"{rule.measure.key}.yaml"
    where = read_file(path, shown_as=str(path.relative_to(rules.parent))).where(("eligible_when",))
    for one in found:
        facts = "、".join(vocabulary[fact].label for fact in one.facts)
        what = f"用例“{one.case}”缺少“{facts}”时结论未知，但取任何值结论都是 {one.verdict}"
        yield Issue("NEEDLESS_UNKNOWN", what, where, "", "改写条件树，使同一事实不在互补的条件中各出现一次")
