"""Every shipped rule is proved: cases, boundaries, mutants, amounts, and no question that cannot matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_match.eligibility.nodes import leaves_of
from policy_match.eligibility.rulebook import Rulebook
from policy_match.facts.vocabulary import FactType
from policy_match.proving.completions import needless_unknowns
from policy_match.proving.prove import Proving
from policy_match.strict_yaml import read_file

KEYS = sorted(path.stem for path in (Path(__file__).parents[2] / "rules" / "measures").rglob("*.yaml"))


@pytest.mark.parametrize("key", KEYS)
def test_a_shipped_rule_is_proved_and_asks_nothing_in_vain(key: str, rulebook: Rulebook) -> None:
    rule = next(rule for rule in rulebook.rules if rule.measure.key == key)

    proof = Proving(rule, rulebook.vocabulary).proof()

    assert proof.failures == ()
    assert [survivor for survivor in proof.survivors if survivor.startswith("金额")] == []
    assert proof.killed >= 0.95 * proof.mutants
    assert needless_unknowns(rule, rulebook.vocabulary) == ()


def test_every_measure_has_an_eligible_and_a_refused_case(rulebook: Rulebook) -> None:
    for rule in rulebook.rules:
        if rule.measure.status == "draft":
            continue  # nobody may have it yet
        verdicts = {case.expect.verdict for case in rule.measure.cases}
        assert verdicts & {"eligible", "needs_human"}, rule.measure.key
        assert verdicts & {"ineligible", "not_in_force", "unknown"}, rule.measure.key


def test_an_amount_nobody_has_seen_is_never_computed(rulebook: Rulebook) -> None:
    for rule in rulebook.rules:
        if rule.measure.verified.benefit in ("unseen", "none"):
            assert rule.measure.benefit is None or rule.measure.benefit.form is None, rule.measure.key


def test_every_rule_file_is_valid_yaml_of_its_own(rulebook: Rulebook) -> None:
    files = list((Path(__file__).parents[2] / "rules").rglob("*.yaml"))

    assert len(files) > len(rulebook.rules)
    assert [issue for path in files for issue in read_file(path).issues] == []


def test_no_condition_reads_prose(rulebook: Rulebook) -> None:
    facts = {c.fact for rule in rulebook.rules for c in rule.conditions.values() if c.fact is not None}

    assert [fact for fact in sorted(facts) if rulebook.vocabulary[fact].type is FactType.TEXT] == []


@pytest.mark.parametrize("name", ["hundred_million_project", "earlier_title"])
def test_what_a_definition_says_no_measure_writes_out_again(name: str, rulebook: Rulebook) -> None:
    shared = {condition.model_dump_json() for condition in rulebook.definitions[name].conditions.values()}
    users = [rule for rule in rulebook.rules if name in rule.measure.use]

    assert len(users) >= 14
    for rule in rulebook.rules:
        assert not shared <= {each.model_dump_json() for each in rule.measure.conditions.values()}, rule.measure.key


def test_no_rule_reads_a_fact_of_statistics(rulebook: Rulebook) -> None:
    read = {fact for rule in rulebook.rules for leaf in leaves_of(rule.root) for fact in leaf.facts}

    assert [fact for fact in sorted(read) if "FAI" in rulebook.vocabulary[fact].registers] == []
