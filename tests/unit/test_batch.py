"""Many subjects at once decide as each one alone does: any number of them, any block, unknowns, bands and lists included."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from policy_match.dates import Period
from policy_match.eligibility import nodes
from policy_match.eligibility.decide import Batch, Deciding, Verdict, Verdicts
from policy_match.eligibility.leaves import AgeAtLeast, HasAny, InOptions, InRange, InRegion, InTree, Leaf
from policy_match.eligibility.nodes import Evaluation, Human, questions_in
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.cells import Cell, Item, Items, Possible, Value
from policy_match.facts.planes import FEW, pack, unpack
from policy_match.facts.subjects import known_facts
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import Vocabulary
from policy_match.units import Band

AS_OF = date(2026, 3, 31)
CASES = Path(__file__).parents[1] / "data" / "verdict_cases_dev.jsonl"
Profiles = Sequence[Mapping[str, Cell]]


@pytest.fixture(scope="module")
def profiles(vocabulary: Vocabulary) -> Profiles:
    """The subjects of the hand-made cases, an empty one, and one that is known by bands and coarse codes only."""
    lines = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
    subjects = [subject_from_json({"id": line["id"], "facts": line["facts"]}, vocabulary) for line in lines]
    vague = {
        "industry_code": Cell(Possible.only("C30")),
        "registered_region": Cell(Possible.only("320000")),
        "enterprise_size": Cell(Possible(frozenset({"small", "micro"}))),
        "equipment_investment": Cell(Band(0, 10**12)),
        "registered_on": Cell(Band(date(2024, 1, 1).toordinal(), date(2026, 1, 1).toordinal())),
        "honours": Cell(Items((Item("高新技术企业"),))),
    }
    return [*(known_facts(subject, vocabulary, AS_OF) for subject in subjects), {}, vague]


@pytest.fixture(scope="module")
def rules(rulebook: Rulebook) -> list[Rule]:
    """The shipped measures in the version of the day."""
    return [rulebook.at(measure_id, AS_OF) for measure_id in rulebook.ids]


def named(verdicts: Verdicts) -> list[tuple[Verdict, ...]]:
    """Verdicts by measure and subject."""
    return [verdicts.decision(place).verdicts for place in range(len(verdicts.rules))]


def test_a_batch_decides_every_subject_as_it_decides_that_subject_alone(
    profiles: Profiles, rules: list[Rule], vocabulary: Vocabulary
) -> None:
    batch = Batch(rules, AS_OF)
    some = profiles[::3]

    together = named(batch.decide(FactTable(vocabulary, some)))
    alone = [[v[0] for v in named(batch.decide(FactTable(vocabulary, [profile])))] for profile in some]

    assert [list(row) for row in zip(*together, strict=True)] == alone
    assert {verdict for row in together for verdict in row} >= {Verdict.ELIGIBLE, Verdict.UNKNOWN, Verdict.INELIGIBLE}


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 130])
@pytest.mark.parametrize("block", [64, 128])
def test_neither_the_number_of_subjects_nor_the_block_changes_a_verdict(
    size: int, block: int, profiles: Profiles, rules: list[Rule], vocabulary: Vocabulary
) -> None:
    batch, some = Batch(rules[:8], AS_OF), [*profiles, *profiles][:size]
    whole = batch.decide(FactTable(vocabulary, some))

    table = FactTable(vocabulary, some)
    for fact in ("industry_code", "honours", "registered_on"):
        table.column(fact)
    blocks = batch.decide(table, block=block)

    assert named(blocks) == named(whole)
    assert all(len(row) == size for row in named(blocks))


def test_one_measure_decided_for_itself_is_decided_as_in_the_batch(
    profiles: Profiles, rules: list[Rule], vocabulary: Vocabulary
) -> None:
    table = FactTable(vocabulary, profiles)
    deciding = Deciding(table, AS_OF)

    assert named(Batch(rules, AS_OF).decide(table)) == [deciding.decide(rule).verdicts for rule in rules]


def test_the_program_says_of_every_rule_what_its_tree_says(
    profiles: Profiles, rules: list[Rule], vocabulary: Vocabulary
) -> None:
    table = FactTable(vocabulary, profiles)
    evaluation, verdicts = Evaluation(table, AS_OF), Batch(rules, AS_OF).decide(table)

    for place, rule in enumerate(rules):
        if verdicts.in_force[place]:
            truths = unpack(verdicts.eligible[place], table.size).astype(int)
            truths -= unpack(verdicts.refused[place], table.size)
            assert truths.tolist() == evaluation.truths(rule.root).tolist(), rule.id


def test_the_lists_hold_each_pair_once_and_only_where_the_verdict_is(
    profiles: Profiles, rules: list[Rule], vocabulary: Vocabulary
) -> None:
    verdicts = Batch(rules, AS_OF).decide(FactTable(vocabulary, profiles))
    found = [["" for _ in profiles] for _ in rules]

    for verdict in Verdict:
        for place, (rule, rows) in enumerate(verdicts.listed(verdict)):
            assert rule is rules[place]
            for row in rows.tolist():
                assert found[place][row] == ""
                found[place][row] = verdict.value

    assert found == [[verdict.value for verdict in row] for row in named(verdicts)]


def test_where_only_people_are_asked_the_verdict_waits_for_them(
    profiles: Profiles, rules: list[Rule], vocabulary: Vocabulary
) -> None:
    asking = [rule for rule in rules if questions_in(rule.root) and rule.validity.holds(AS_OF)]
    table = FactTable(vocabulary, profiles)

    decided = named(Batch(asking, AS_OF).decide(table))

    assert Verdict.NEEDS_HUMAN in {verdict for row in decided for verdict in row}
    assert all(row[-2] is not Verdict.ELIGIBLE for row in decided)


def test_a_measure_out_of_force_is_not_decided_and_one_perhaps_in_force_is_never_eligible(
    profiles: Profiles, rulebook: Rulebook
) -> None:
    table = FactTable(rulebook.vocabulary, profiles)
    before, long_after = date(1990, 1, 1), date(2090, 1, 1)
    perhaps = [rule for rule in rulebook.rules if rule.validity.holds(long_after) is None]

    early = Batch(rulebook.rules, before).decide(table)
    late = named(Batch(perhaps, long_after).decide(table))

    gone = [p for p, rule in enumerate(rulebook.rules) if rule.validity.holds(before) is False]
    assert gone
    assert all(set(early.decision(place).verdicts) == {Verdict.NOT_IN_FORCE} for place in gone)
    assert perhaps
    assert {verdict for row in late for verdict in row} == {Verdict.UNKNOWN, Verdict.INELIGIBLE}


LEAVES: list[tuple[str, Leaf, list[tuple[Value | None, int]]]] = [
    (
        "equipment_investment",
        InRange("equipment_investment", 200, None),
        [(Band(100, 100), 1), (Band(99, 99), -1), (Band(99, 100), 0), (Band(100, None), 1), (Band(None, 99), -1)],
    ),
    (
        "equipment_investment",
        InRange("equipment_investment", 200, 400),
        [(Band(100, 200), 1), (Band(201, 201), -1), (Band(150, 201), 0), (Band(99, 99), -1), (None, 0)],
    ),
    (
        "equipment_investment",
        InRange("equipment_investment", None, 400),
        [(Band(200, 200), 1), (Band(201, 201), -1), (Band(200, 201), 0), (Band(None, 200), 1), (None, 0)],
    ),
    (
        "enterprise_size",
        InOptions("enterprise_size", frozenset({"small", "micro"})),
        [
            (Possible.only("small"), 1),
            (Possible.only("large"), -1),
            (Possible(frozenset({"small", "micro"})), 1),
            (Possible(frozenset({"small", "large"})), 0),
            (Possible(frozenset({"medium", "large"})), -1),
        ],
    ),
    (
        "industry_code",
        InTree("industry_code", ("C",), ("C25", "C3011")),
        [
            (Possible.only("C3562"), 1),
            (Possible.only("C3011"), -1),
            (Possible.only("C30"), 0),
            (Possible.only("C25"), -1),
            (Possible.only("F"), -1),
            (Possible(frozenset({"C35", "F51"})), 0),
        ],
    ),
    (
        "registered_region",
        InRegion("registered_region", ("320412", "320481")),
        [
            (Possible.only("320412"), 1),
            (Possible.only("320400"), 0),
            (Possible.only("320411"), -1),
            (Possible.only("330000"), -1),
            (Possible(frozenset({"320412", "320411"})), 0),
        ],
    ),
    (
        "registered_on",
        AgeAtLeast("registered_on", Period(12, 0)),
        [
            (Band.exact(date(2025, 3, 31).toordinal()), 1),
            (Band.exact(date(2025, 4, 1).toordinal()), -1),
            (Band(date(2025, 1, 1).toordinal(), date(2025, 12, 31).toordinal()), 0),
        ],
    ),
    (
        "honours",
        HasAny("honours", frozenset({"甲", "乙"}), validity=False),
        [(Items((Item("乙"), Item("丙"))), 1), (Items((Item("丙"),)), -1), (Items(()), -1), (None, 0)],
    ),
    (
        "honours",
        HasAny("honours", frozenset({"甲"})),
        [
            (Items((Item("甲", Band.exact(1), Band.exact(AS_OF.toordinal())),)), 1),
            (Items((Item("甲", Band.exact(1), Band.exact(AS_OF.toordinal() - 1)),)), -1),
            (Items((Item("甲", Band.exact(1)),)), 0),
            (Items((Item("甲"), Item("甲", Band.exact(1), Band.exact(AS_OF.toordinal())))), 1),
        ],
    ),
]


@pytest.mark.parametrize("size", [1, FEW + 70], ids=["few", "many"])
@pytest.mark.parametrize(("fact", "leaf", "expected"), LEAVES, ids=[type(leaf).__name__ for _, leaf, _ in LEAVES])
def test_a_condition_is_the_same_for_few_subjects_and_for_many(
    fact: str, leaf: Leaf, expected: list[tuple[Value | None, int]], size: int, vocabulary: Vocabulary
) -> None:
    cases = [*expected, (None, 0)]
    rows = [{} if value is None else {fact: Cell(value)} for value, _ in cases]
    copies = -(-size // len(rows))

    truths = Evaluation(FactTable(vocabulary, rows * copies), AS_OF).truths(nodes.Test(leaf))

    assert truths.tolist() == [truth for _, truth in cases] * copies


def test_packing_keeps_every_flag_at_any_length() -> None:
    for size in (0, 1, 7, 63, 64, 65, 200):
        flags = np.arange(size) % 3 == 0
        assert unpack(pack(flags), size).tolist() == flags.tolist()
        assert len(pack(flags)) == (size + 63) // 64


def test_a_fact_without_a_column_is_unknown_for_every_subject(vocabulary: Vocabulary) -> None:
    table = FactTable(vocabulary, columns={}, size=3)
    tests = (
        InRange("equipment_investment", 2, None),
        InOptions("stage", frozenset({"开工"})),
        HasAny("lists", frozenset({"甲"})),
    )

    for leaf in tests:
        assert Evaluation(table, AS_OF).truths(nodes.Test(leaf)).tolist() == [0, 0, 0]
    assert Evaluation(table, AS_OF).truths(Human("是否突出")).tolist() == [0, 0, 0]
