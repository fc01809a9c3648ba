"""What to find out first: which unknown facts come up, in which order, and that answering them decides."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from policy_match.authoring.load import load_rulebook
from policy_match.eligibility.ask import Question
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.leaves import HasAny, InOptions, InRange, InRegion, InTree, Leaf
from policy_match.eligibility.nodes import leaves_of
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.cells import Cell, Item, Items, Possible, Series, Value
from policy_match.facts.read import Json
from policy_match.facts.table import SCALE
from policy_match.facts.vocabulary import NUMERIC, FactType, Vocabulary
from policy_match.units import Band
from policy_match.workflows.ask import questions
from policy_match.workflows.match import Matching

TODAY = date(2026, 6, 1)
CASES = Path(__file__).resolve().parents[1] / "data" / "verdict_cases_dev.jsonl"
DOCUMENT = 'schema: document/1\nid: invented\ntitle: 示例\nnumber: "示〔2020〕1号"\nissuers: [示例局]\nlevel: city\nregion: "320400"\nseen: page\neffective: {from: "2020-01-01", through: open}\n'
MEASURE = """schema: measure/1
id: {id}
version: 1
status: active
title: 示例措施{id}
topics: [green]
family: 奖补
mode: apply
target: {target}
document: {{id: invented}}
owner_unit: 示例局
verified: {{conditions: page, benefit: {seen}}}
effective: {effective}
reviewed_on: "2026-01-01"
next_review_on: "2027-01-01"
clauses:
  - {{article: "1", says: 全文, none: 示例}}
conditions:
{conditions}
eligible_when: {tree}
{benefit}
changes: [{{version: 1, date: "2026-01-01", why: 示例}}]
"""
IN_FORCE = '{from: "2020-01-01", through: open}'
PERHAPS = '{from: "2020-01-01", through: unknown, seen_in_force_on: ["2021-01-01"]}'


def measure(
    measure_id: str,
    conditions: Mapping[str, str],
    tree: str | None = None,
    *,
    target: str = "enterprise",
    effective: str = IN_FORCE,
    benefit: str = "",
) -> str:
    """An invented measure; without a tree all conditions must hold."""
    return MEASURE.format(
        id=measure_id,
        target=target,
        seen="page" if benefit else "none",
        effective=effective,
        conditions="\n".join(f"  {name}: {condition}" for name, condition in conditions.items()),
        tree=tree or "{all: [" + ", ".join(conditions) + "]}",
        benefit=f"benefit: {benefit}" if benefit else "",
    )


def flag(fact: str, value: bool = True) -> str:
    return f"{{fact: {fact}, op: is, value: {str(value).lower()}}}"


def cash(amount: str, kind: str = "cash") -> str:
    return f'{{kind: {kind}, fixed: "{amount}", rounding: {{to: "1元", mode: floor}}}}'


def invented(folder: Path, vocabulary: Vocabulary, *measures: str) -> Rulebook:
    """A rulebook of invented measures."""
    measures_folder, documents = folder / "rules" / "measures" / "city" / "X", folder / "corpus" / "documents"
    measures_folder.mkdir(parents=True)
    documents.mkdir(parents=True)
    (documents / "invented.yaml").write_text(DOCUMENT, encoding="utf-8")
    for text in measures:
        name = text.split("\nid: ")[1].split("\n")[0]
        (measures_folder / f"{name}.v1.yaml").write_text(text, encoding="utf-8")
    return load_rulebook(folder / "rules", documents, vocabulary, audited=False)


def matching(rulebook: Rulebook, facts: Mapping[str, Json], kind: str = "project", as_of: date = TODAY) -> Matching:
    subject = subject_from_json({"id": "S", "kind": kind, "facts": dict(facts)}, rulebook.vocabulary)
    return Matching(rulebook, [subject], as_of)


def asked(rulebook: Rulebook, facts: Mapping[str, Json], kind: str = "project", limit: int = 5) -> tuple[Question, ...]:
    return questions(matching(rulebook, facts, kind), 0, limit)


def test_the_one_missing_fact_comes_first_and_decides_that_measure_either_way(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    rules = invented(
        tmp_path, vocabulary, measure("one_open", {"a": flag("hnte_valid"), "b": flag("blacklisted", False)})
    )

    found = asked(rules, {"blacklisted": False})

    assert [(q.fact, q.label, q.decides) for q in found] == [("hnte_valid", "有效期内高新技术企业", ("one_open",))]
    assert found[0].registers == vocabulary["hnte_valid"].registers
    for answer, verdict in ((True, Verdict.ELIGIBLE), (False, Verdict.INELIGIBLE)):
        known = matching(rules, {"blacklisted": False, "hnte_valid": answer})
        assert known.decision("one_open").verdicts == (verdict,)


def test_a_fact_that_settles_three_measures_stands_before_facts_that_settle_one(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    texts = [measure(f"three_{n}", {"a": flag("resident_enterprise")}) for n in range(3)]
    rules = invented(
        tmp_path, vocabulary, *texts, measure("rich", {"a": flag("blacklisted")}, benefit=cash("9000万元"))
    )

    found = asked(rules, {})

    assert [(q.fact, q.decides) for q in found] == [
        ("resident_enterprise", ("three_0", "three_1", "three_2")),
        ("blacklisted", ("rich",)),
    ]


def test_money_breaks_ties_and_only_cash_and_tax_are_money(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rules = invented(
        tmp_path,
        vocabulary,
        measure("ten", {"a": flag("own_brand")}, benefit=cash("10万元")),
        measure("twenty", {"a": flag("resident_enterprise")}, benefit=cash("20万元", "tax")),
        measure("deducted", {"a": flag("first_loan")}, benefit=cash("500万元", "deduction")),
    )

    found = asked(rules, {})

    assert [(q.fact, q.low_fen, q.high_fen) for q in found] == [
        ("resident_enterprise", 20_000_000, 20_000_000),
        ("own_brand", 10_000_000, 10_000_000),
        ("first_loan", 0, 0),
    ]


def test_low_counts_what_a_fact_alone_secures_and_high_what_it_decides(tmp_path: Path, vocabulary: Vocabulary) -> None:
    conditions = {"a": flag("hnte_valid"), "b": flag("own_brand")}
    rules = invented(
        tmp_path,
        vocabulary,
        measure("both", conditions, benefit=cash("30万元")),
        measure("own", {"a": flag("hnte_valid")}, benefit=cash("1万元")),
    )

    found = {q.fact: (q.decides, q.low_fen, q.high_fen) for q in asked(rules, {})}

    assert found == {
        "hnte_valid": (("both", "own"), 1_000_000, 31_000_000),
        "own_brand": (("both",), 0, 30_000_000),
    }


def test_an_amount_without_upper_end_is_null_and_stands_before_any_sum(tmp_path: Path, vocabulary: Vocabulary) -> None:
    share = '{kind: cash, of: rd_last, rate: "10%", rounding: {to: "1元", mode: floor}}'
    rules = invented(
        tmp_path,
        vocabulary,
        measure("open_end", {"a": flag("resident_enterprise")}, benefit=share),
        measure("fixed", {"a": "{human: 专家认为可行}", "b": flag("own_brand")}, benefit=cash("90万元")),
    )

    found = asked(rules, {})

    assert [(q.fact, q.low_fen, q.high_fen) for q in found] == [
        ("resident_enterprise", 0, None),
        ("own_brand", 0, 90_000_000),
    ]


def test_a_register_is_asked_before_people_and_then_names_decide(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rules = invented(
        tmp_path,
        vocabulary,
        measure("by_people", {"a": "{fact: major_level, op: is, value: 市重大}"}, target="project"),
        measure("by_register", {"a": "{fact: project_kind, op: is, value: 技改}"}, target="project"),
        measure("by_register_too", {"a": "{fact: loan_kind, op: is, value: 项目贷款}"}, target="project"),
    )

    assert [q.fact for q in asked(rules, {})] == ["loan_kind", "project_kind", "major_level"]


def test_nothing_unknown_gives_no_questions(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rules = invented(tmp_path, vocabulary, measure("known", {"a": flag("own_brand")}))

    assert asked(rules, {"own_brand": True}) == asked(rules, {"own_brand": False}) == ()


@pytest.mark.parametrize(
    ("tree", "facts"),
    [
        ("{all: [a, b]}", {"blacklisted": False}),
        ("{any: [a, b]}", {"blacklisted": True}),
    ],
    ids=["ineligible", "eligible"],
)
def test_a_decided_measure_asks_nothing_whatever_is_unknown(
    tmp_path: Path, vocabulary: Vocabulary, tree: str, facts: dict[str, Json]
) -> None:
    rules = invented(tmp_path, vocabulary, measure("decided", {"a": flag("blacklisted"), "b": flag("own_brand")}, tree))

    assert asked(rules, facts) == ()


def test_a_measure_not_in_force_asks_nothing_and_one_perhaps_in_force_secures_nothing(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    over = '{from: "2020-01-01", through: "2026-05-31"}'
    rules = invented(
        tmp_path,
        vocabulary,
        measure("over", {"a": flag("first_loan")}, effective=over, benefit=cash("5万元")),
        measure("perhaps", {"a": flag("own_brand")}, effective=PERHAPS, benefit=cash("5万元")),
    )

    assert [(q.fact, q.decides, q.low_fen, q.high_fen) for q in asked(rules, {})] == [
        ("own_brand", ("perhaps",), 0, 5_000_000)
    ]


def test_person_measures_are_asked_of_persons_only(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rules = invented(
        tmp_path,
        vocabulary,
        measure("for_firms", {"a": flag("own_brand")}),
        measure("for_people", {"a": "{fact: degree, op: is, value: 博士}"}, target="person"),
    )

    assert [q.fact for q in asked(rules, {}, "project")] == ["own_brand"]
    assert [q.fact for q in asked(rules, {}, "person")] == ["degree"]


def test_without_a_fact_that_decides_alone_the_smallest_sets_are_asked_for(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    conditions = {"a": flag("own_brand"), "b": flag("first_loan"), "c": flag("hnte_valid")}
    either = "{any: [{all: [a, b]}, {all: [a, c]}, {not: {any: [a, b, c]}}]}"
    rules = invented(tmp_path, vocabulary, measure("tangled", conditions, either))

    found = asked(rules, {})

    assert [(q.fact, q.decides, q.low_fen, q.high_fen) for q in found] == [
        ("own_brand", (), 0, 0),
        ("first_loan", (), 0, 0),
        ("hnte_valid", (), 0, 0),
    ]


def test_a_derived_fact_that_nobody_can_give_stands_for_its_open_part(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rules = invented(tmp_path, vocabulary, measure("share", {"a": '{fact: rd_share, op: at_least, value: "3%"}'}))
    revenue: Json = ["100万元", "100万元", "100万元"]

    assert [(q.fact, q.decides) for q in asked(rules, {"revenue_by_year": revenue})] == [("rd_by_year", ("share",))]
    assert {(q.fact, q.decides) for q in asked(rules, {})} == {("rd_by_year", ()), ("revenue_by_year", ())}


def test_the_limit_keeps_the_best_questions(tmp_path: Path, vocabulary: Vocabulary) -> None:
    conditions = {f"c{n}": flag(fact) for n, fact in enumerate(("own_brand", "first_loan", "hnte_valid"))}
    rules = invented(tmp_path, vocabulary, measure("three", conditions))

    assert [q.fact for q in asked(rules, {}, limit=2)] == [q.fact for q in asked(rules, {})][:2]


FLAGS = ("own_brand", "first_loan", "hnte_valid", "resident_enterprise")
LEAVES = (*FLAGS, "people_a", "people_b")


def random_tree(chance: random.Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.25:
        return chance.choice(LEAVES)
    parts = [random_tree(chance, depth - 1) for _ in range(chance.randint(2, 3))]
    form = chance.choice(("all", "any", "not", "at_least"))
    if form == "not":
        return f"{{not: {parts[0]}}}"
    listed = "[" + ", ".join(parts) + "]"
    return f'{{at_least: {{"n": 2, of: {listed}}}}}' if form == "at_least" else f"{{{form}: {listed}}}"


def test_the_facts_that_decide_are_exactly_those_whose_answer_ends_the_unknown(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    """Random trees of flags and judgements by people, every profile of two flags: compared with trying every answer."""
    chance = random.Random(20260601)
    conditions = {fact: flag(fact) for fact in FLAGS} | dict.fromkeys(("people_a", "people_b"), "{human: 是否可行}")
    trees = [random_tree(chance, 3) for _ in range(60)]
    trees = [tree if tree.startswith("{") else f"{{all: [{tree}]}}" for tree in trees]
    rules = invented(
        tmp_path, vocabulary, *(measure(f"random_{n:02}", conditions, tree) for n, tree in enumerate(trees))
    )
    decided = 0

    for values in product((None, True, False), repeat=2):
        facts: dict[str, Json] = {f: v for f, v in zip(FLAGS, values, strict=False) if v is not None}
        before = matching(rules, facts)
        expected: dict[str, set[str]] = {}
        for fact in set(FLAGS) - set(facts):
            after = [matching(rules, facts | {fact: answer}) for answer in (True, False)]
            for measure_id in rules.ids:
                if before.decision(measure_id).verdicts[0] is Verdict.UNKNOWN and any(
                    a.decision(measure_id).verdicts[0] is not Verdict.UNKNOWN for a in after
                ):
                    expected.setdefault(fact, set()).add(measure_id)
        found = {q.fact: set(q.decides) for q in questions(before, 0, 10) if q.decides}
        assert found == expected
        decided += sum(len(measures) for measures in found.values())

    assert decided > 300


def candidates(leaf: Leaf, fact: str, vocabulary: Vocabulary) -> Iterable[Value]:
    """Values around the limits of a test."""
    spec = vocabulary[fact]
    if spec.type is FactType.SERIES:
        yield from (Series((Band.exact(figure),) * 3) for figure in (0, 10**9, 10**15))
    elif isinstance(leaf, InRange) and spec.type in NUMERIC:
        for key in (leaf.low, leaf.high):
            for step in () if key is None else (-2, 0, 2):
                yield Band.exact(Fraction((int(key or 0) + step) // 2, SCALE[spec.type]))
    elif isinstance(leaf, InOptions):
        every = spec.options or ("true", "false")
        yield from (Possible.only(option) for option in every)
    elif isinstance(leaf, InTree):
        yield from (Possible.only(code) for code in (*leaf.roots, *leaf.exceptions, "T"))
    elif isinstance(leaf, InRegion):
        yield from (Possible.only(code) for code in (*leaf.roots, "110101"))
    elif isinstance(leaf, HasAny):
        yield from (Items(()), *(Items((Item(name),)) for name in sorted(leaf.names)))
    elif spec.type is FactType.DATE:
        yield from (Band.exact(date(year, 1, 1).toordinal()) for year in (1950, 2000, 2020, 2024, 2026))


def has_answer(rulebook: Rulebook, before: Matching, fact: str, measure_id: str) -> bool:
    """Whether some answer takes the measure out of unknown, validity aside."""
    subject = before.subjects[0]
    rule = before.decision(measure_id).rule
    values = [
        v
        for leaf in leaves_of(rule.root)
        for v in candidates(leaf, fact, rulebook.vocabulary)
        if _reads(leaf, fact, rulebook.vocabulary)
    ]
    answered = [replace(subject, cells={**subject.cells, fact: Cell(value)}) for value in values]
    after = Matching(rulebook, answered, before.as_of)
    return (
        any(truth != 0 for truth in after.deciding.truths(rule.root))
        or Verdict.NEEDS_HUMAN in after.decision(measure_id).verdicts
    )


def _reads(leaf: Leaf, fact: str, vocabulary: Vocabulary) -> bool:
    return any(fact == name or fact in vocabulary.base_inputs(name) for name in leaf.facts)


def test_some_answer_to_the_first_question_ends_the_unknown_in_the_shipped_rules(rulebook: Rulebook) -> None:
    """Real profiles with one to three facts taken away, and the empty one."""
    chance = random.Random(7)
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    asked_first = 0
    for case in [{"facts": {}, "as_of": "2025-06-15"}, *chance.sample(cases, 40)]:
        gone = chance.sample(sorted(case["facts"]), min(len(case["facts"]), chance.randint(1, 3)))
        facts = {name: value for name, value in case["facts"].items() if name not in gone}
        before = matching(rulebook, facts, "project", date.fromisoformat(case["as_of"]))
        first = next((q for q in questions(before, 0) if q.decides), None)
        if first is None:
            continue
        asked_first += 1
        for measure_id in first.decides:
            assert before.decision(measure_id).verdicts[0] is Verdict.UNKNOWN
            assert has_answer(rulebook, before, first.fact, measure_id), (first.fact, measure_id, sorted(facts))

    assert asked_first > 30
