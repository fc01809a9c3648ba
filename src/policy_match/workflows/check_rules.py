"""Check a rule folder: everything the loader refuses, and trees that wait for what cannot matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from policy_match.authoring.indicator_file import load_indicators
from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.authoring.load import load_with_draft
from policy_match.authoring.look_back_file import load_look_back
from policy_match.authoring.retention_file import load_retention
from policy_match.authoring.scheme_figures import check_figures
from policy_match.authoring.scheme_file import load_schemes
from policy_match.authoring.watch_file import load_watch
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.errors import Issue, RuleError
from policy_match.exchange.entitlement_file import load_terms
from policy_match.exchange.letterhead import load_letterhead
from policy_match.exchange.message_file import load_templates
from policy_match.exchange.organisation import load_organisation
from policy_match.exchange.permissions_file import load_permissions
from policy_match.exchange.register_file import load_register
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.proving.completions import needless_unknowns
from policy_match.strict_yaml import Document, read_file
from policy_match.workflows.open_pipelines import check_pipelines
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.open_rules import open_rulebook, open_vocabulary


def check_rules(rules: Path, corpus: Path) -> Rulebook:
    """The rulebook of a folder; RuleError with every fault as `file:line: what, allowed, what to do`."""
    rulebook = open_rulebook(rules, corpus)
    # Before the pipelines, which read the permissions too and would tell of them alone.
    _check_the_rest(rules, rulebook.vocabulary)
    check_pipelines(rules, rulebook.vocabulary)
    open_ordering(rules)
    issues = [issue for rule in rulebook.rules for issue in _waits_in_folder(rule, rulebook.vocabulary, rules)]
    if issues:
        raise RuleError(*issues)
    return rulebook


def _check_the_rest(rules: Path, vocabulary: Vocabulary) -> None:
    """Read whatever else a folder has, if it has a lifecycle, whose points and roles it speaks of; RuleError with the faults of
    all files. A service reads most of them when first asked for what they say, perhaps at night.
    """
    lifecycle = rules / "lifecycle.yaml"
    if not lifecycle.is_file():
        return
    table = load_lifecycle(lifecycle)
    issues = list[Issue]()
    for name, read in _readers(vocabulary, table).items():
        for path in sorted(rules.glob(name)):
            try:
                read(path)
            except RuleError as error:
                issues += error.issues
    if issues:
        raise RuleError(*issues)
    schemes = load_schemes(rules / "schemes", vocabulary, table)
    indicators = rules / "indicators.yaml"
    if indicators.is_file():
        check_figures(schemes, load_indicators(indicators, vocabulary, table))


def _readers(vocabulary: Vocabulary, table: LifecycleTable) -> Mapping[str, Callable[[Path], object]]:
    """What reads each file by its name in the folder."""
    return {
        "permissions.yaml": partial(load_permissions, table=table, vocabulary=vocabulary),
        "organisation.yaml": partial(load_organisation, table=table, lists=vocabulary.taxonomies),
        "entitlement.yaml": load_terms,
        "letterhead.yaml": load_letterhead,
        "messages.yaml": load_templates,
        "retention.yaml": load_retention,
        "look_back.yaml": partial(load_look_back, table=table),
        "watch.yaml": partial(load_watch, vocabulary=vocabulary, table=table),
        "registers/*.yaml": partial(load_register, vocabulary=vocabulary, table=table),
    }


def check_draft(draft: Path, rules: Path, corpus: Path) -> tuple[Rulebook, Rule]:
    """The rulebook of a folder with one more measure file, and the rule of that file; RuleError as for `check_rules`."""
    vocabulary = open_vocabulary(rules, corpus)
    rulebook, rule = load_with_draft(rules, corpus / "documents", vocabulary, draft)
    issues = list(_waits_in_vain(rule, vocabulary, read_file(draft)))
    if issues:
        raise RuleError(*issues)
    return rulebook, rule


def _waits_in_folder(rule: Rule, vocabulary: Vocabulary, rules: Path) -> Iterator[Issue]:
    path = rules / "measures" / rule.level / rule.package / f"{rule.measure.key}.yaml"
    return _waits_in_vain(rule, vocabulary, read_file(path, shown_as=str(path.relative_to(rules.parent))))


def _waits_in_vain(rule: Rule, vocabulary: Vocabulary, document: Document) -> Iterator[Issue]:
    for one in needless_unknowns(rule, vocabulary):
        facts = "、".join(vocabulary[fact].label for fact in one.facts)
        what = f"用例“{one.case}”缺少“{facts}”时结论未知，但取任何值结论都是 {one.verdict}"
        hint = "改写条件树，使同一事实不在互补的条件中各出现一次"
        yield Issue("NEEDLESS_UNKNOWN", what, document.where(("eligible_when",)), "", hint)
