"""The first case of a rule without any: facts under which every condition is just met, its verdict left to a person."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml

from policy_match.benefits.formula import Amount
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.facts.cells import Cell, Possible
from policy_match.facts.derive import derive_all
from policy_match.proving.first_facts import first_facts
from policy_match.proving.ground import Ground
from policy_match.units import Band, parse_money
from policy_match.workflows.extract_files import dumped
from policy_match.workflows.prove_rules import suggest_cases

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "rules" / "measures" / "national" / "STANDARD" / "above_scale_industry.v1.yaml"


def tried(rule: Rule, rulebook: Rulebook) -> tuple[str, Amount | None]:
    """The verdict and amount of a rule on its first facts."""
    as_of, values = first_facts(rule, rulebook.vocabulary)
    cells = {fact: Cell(value) for fact, value in values.items()}
    known = derive_all(cells, rulebook.vocabulary, as_of, fixed=frozenset(cells))
    ground = Ground([(as_of, known)], rulebook.vocabulary)
    return ground.verdicts(rule)[0], ground.amounts(rule)[0]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """规上工业企业 as a draft without cases and boundaries."""
    place = tmp_path / "rules" / "measures" / "national" / "STANDARD"
    place.mkdir(parents=True)
    (tmp_path / "rules" / "facts.yaml").write_bytes((ROOT / "rules" / "facts.yaml").read_bytes())
    path = place / SHIPPED.name
    rewrite(path, SHIPPED.read_text("utf-8"), status="draft", boundaries={}, cases=[])
    return path


def rewrite(path: Path, text: str, **parts: object) -> None:
    """A rule file with some of its parts replaced."""
    path.write_text(dumped(yaml.safe_load(text) | parts), "utf-8")


def test_each_condition_is_just_met_on_the_first_day_in_force(rulebook: Rulebook) -> None:
    rule = next(rule for rule in rulebook.rules if rule.id == "above_scale_industry")

    as_of, values = first_facts(rule, rulebook.vocabulary)

    assert as_of == date(2011, 12, 31)
    assert values["main_revenue"] == Band.exact(parse_money("2000万元"))
    assert values["entity_type"] != Possible.only("个体工商户")


def test_no_shipped_rule_refuses_its_first_facts_and_few_leave_anything_unknown(rulebook: Rulebook) -> None:
    found = Counter(tried(rule, rulebook)[0] for rule in rulebook.rules)

    assert found["ineligible"] == found["not_in_force"] == 0
    assert found["eligible"] + found["needs_human"] >= 0.95 * found.total()


def test_hardly_a_first_case_leaves_nothing_to_pay(rulebook: Rulebook) -> None:
    amounts = [amount for rule in rulebook.rules if (amount := tried(rule, rulebook)[1]) is not None]

    assert sum(amount.high_fen == 0 for amount in amounts) <= 0.02 * len(amounts)


def test_a_draft_without_cases_is_given_a_first_one_with_its_verdict_open(bare: Path) -> None:
    said = suggest_cases(bare, ROOT / "corpus")

    assert said.startswith("  # 还没有用例：先写这一条")
    assert 'as_of: "2011-12-31"' in said and '"main_revenue": "2000万元"' in said
    assert said.endswith("expect: {verdict: }}\n")


def test_a_draft_that_reads_no_fact_is_told_to_write_conditions_first(bare: Path) -> None:
    judged = {"judged": {"human": "示例"}}
    clauses = [{"article": "条款未见", "says": "示例", "by": ["judged"]}]
    rewrite(bare, bare.read_text("utf-8"), clauses=clauses, conditions=judged, eligible_when={"all": ["judged"]})

    assert suggest_cases(bare, ROOT / "corpus").startswith("# 条件和待遇都没有读事实")
