"""Random measures over the shipped vocabulary, random subjects, and the small way from a measure to a rulebook."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from reference.words import number_of

from policy_match.eligibility.documents import PolicyDocument
from policy_match.eligibility.rulebook import Rule, Rulebook, RuleCompiler
from policy_match.eligibility.schema import Measure
from policy_match.eligibility.validity import validity_of
from policy_match.facts.cells import Cell
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.open_rules import open_vocabulary
from properties.vocabulary import (
    DAYS,
    FACTS,
    HONOURS,
    INDUSTRIES,
    KINDS,
    LEVELS,
    OPTIONS,
    PLACES,
    SERIES,
    THRESHOLDS,
    values_of,
)

Written = dict[str, object]
LADDERS = ("revenue_last", "staff_total", "debt_ratio")
CHANGES = st.sampled_from(["enterprise", "time", "authority", "never"])
COMPARISONS = ("at_least", "at_most", "more_than", "less_than", "between", "is")
FIGURES = tuple(fact for fact, kind in KINDS.items() if kind != "date")
DATES = tuple(fact for fact, kind in KINDS.items() if kind == "date")
PERIODS = ("1年", "12个月", "365天", "6个月", "2年")
PLAIN_EFFECT = {"from": "2020-01-01", "through": "open"}


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary; no fixture, since a failing property prints its arguments."""
    root = Path(__file__).resolve().parents[2]
    return open_vocabulary(root / "rules", root / "corpus")


@cache
def edges() -> dict[str, list]:
    """Thresholds as numbers."""
    return {fact: [number_of(KINDS[fact], text) for text in texts] for fact, texts in THRESHOLDS.items()}


@cache
def pool(fact: str) -> list[Cell]:
    """Cells worth trying for a fact."""
    return values_of(fact, edges())


@st.composite
def comparisons(draw: st.DrawFn) -> Written:
    """A figure or date against one threshold, two, or a table of them by another fact."""
    fact = draw(st.sampled_from(FIGURES + DATES))
    ops = (*COMPARISONS, "before", "on_or_after") if KINDS[fact] == "date" else COMPARISONS
    op = draw(st.sampled_from(ops))
    threshold = st.sampled_from(THRESHOLDS[fact])
    if op == "between":
        low, high = sorted(draw(st.tuples(threshold, threshold)), key=lambda text: number_of(KINDS[fact], text))
        return {"fact": fact, "op": op, "value": [low, high]}
    if draw(st.integers(0, 3)):
        return {"fact": fact, "op": op, "value": draw(threshold)}
    by, bounds = draw(ladders())
    return {"fact": fact, "op": op, "by": by, "rows": [bound | {"value": draw(threshold)} for bound in bounds]}


@st.composite
def ladders(draw: st.DrawFn) -> tuple[str, list[Written]]:
    """The key of a table and its bounds, the last row without one."""
    kind = draw(st.sampled_from(["number", "number", "options", "industry"]))
    if kind == "options":
        by = draw(st.sampled_from(["stage", "loan_kind"]))
        chosen = draw(st.lists(st.sampled_from(OPTIONS[by]), min_size=2, max_size=3, unique=True))
        return by, [{"is": chosen[0]}, {"one_of": chosen[1:]}, {}]
    if kind == "industry":
        return "industry_code", [{"within_tree": [draw(st.sampled_from(["C30", "C3011", "C35"]))]}, {}]
    by = draw(st.sampled_from(LADDERS))
    texts = draw(st.lists(st.sampled_from(THRESHOLDS[by]), min_size=1, max_size=2, unique=True))
    texts.sort(key=lambda text: number_of(KINDS[by], text))
    return by, [*({draw(st.sampled_from(["at_most", "less_than"])): text} for text in texts), {}]


@st.composite
def date_relations(draw: st.DrawFn) -> Written:
    """Ages against today, a day or another date, and windows around another date."""
    fact, other = draw(st.permutations(DATES))[:2]
    if draw(st.booleans()):
        at = draw(st.sampled_from([{}, {}, {"at": "2025-12-31"}, {"at": other}]))
        return {"fact": fact, "op": "age_at_least", "value": draw(st.sampled_from(PERIODS))} | at
    window = draw(
        st.sampled_from(
            [{"from": "-12个月", "to": "36个月"}, {"from": "0天"}, {"to": "180天"}, {"from": "-1年", "to": "30天"}]
        )
    )
    return {"fact": fact, "op": "within", "of": other} | window


@st.composite
def growths(draw: st.DrawFn) -> Written:
    """Growth of a list, or of one figure over another."""
    rate = draw(st.sampled_from(["10%", "0%", "-5%", "12.5%"]))
    if draw(st.booleans()):
        return {"fact": SERIES, "op": "growth_at_least", "value": rate}
    return {"fact": "revenue_last", "op": "growth_at_least", "value": rate, "base": "annual_sales"}


@st.composite
def holdings(draw: st.DrawFn) -> Written:
    """Honours with their validity, and lists."""
    if draw(st.integers(0, 2)) == 0:
        return {"fact": "lists", "op": "on_list", "value": ["市重大项目库", "上市后备"][: draw(st.integers(1, 2))]}
    names = draw(st.lists(st.sampled_from(HONOURS), min_size=1, max_size=2, unique=True))
    more = draw(st.sampled_from([{}, {}, {"validity": "not_needed"}, {"level": LEVELS[0]}, {"granted": {"from": "2023-01-01", "through": "2025-06-30"}},
                                 {"granted": {"from": "2025-02-15"}, "validity": "not_needed"}]))  # fmt: skip
    return {"fact": "honours", "op": "has_any", "value": names} | more


@st.composite
def classes(draw: st.DrawFn) -> Written:
    """Flags, choices, stages, industries and places."""
    fact = draw(st.sampled_from([*OPTIONS, "industry_code", "district"]))
    if fact == "industry_code":
        roots = draw(st.lists(st.sampled_from(INDUSTRIES), min_size=1, max_size=2, unique=True))
        return {
            "fact": fact,
            "op": "within_tree",
            "value": roots,
            "except": draw(st.sampled_from([[], ["C3011"], ["C301", "C35"]])),
        }
    if fact == "district":
        return {
            "fact": fact,
            "op": "within_region",
            "value": draw(st.lists(st.sampled_from(PLACES[:4]), min_size=1, max_size=2)),
        }
    if OPTIONS[fact] == ("true", "false"):
        return {"fact": fact, "op": "is", "value": draw(st.booleans())}
    if fact == "stage" and draw(st.booleans()):
        return {"fact": fact, "op": "stage_at_least", "value": draw(st.sampled_from(OPTIONS[fact]))}
    return {
        "fact": fact,
        "op": "one_of",
        "value": draw(st.lists(st.sampled_from(OPTIONS[fact]), min_size=1, max_size=3, unique=True)),
    }


def fact_conditions() -> st.SearchStrategy[Written]:
    """Any condition on facts, with what can change it."""
    tests = st.one_of(comparisons(), comparisons(), classes(), date_relations(), growths(), holdings())
    return st.builds(lambda test, change: test | {"can_change": change}, tests, CHANGES)


def trees(names: Sequence[str], depth: int = 3) -> st.SearchStrategy[object]:
    """Nested trees over condition names."""
    if depth == 0:
        return st.sampled_from(names)
    part = trees(names, depth - 1)
    parts = st.lists(part, min_size=1, max_size=3)
    return st.one_of(
        st.sampled_from(names),
        st.builds(lambda found: {"all": found}, st.lists(part, min_size=2, max_size=4)),
        st.builds(lambda found: {"any": found}, parts),
        st.builds(lambda found: {"not": found}, part),
        st.builds(lambda n, found: {"at_least": {"n": min(n, len(found)), "of": found}}, st.integers(1, 3), parts),
        st.builds(lambda when, then: {"if_applicable": {"when": when, "then": then}}, part, part),
        tables(part),
    )


@st.composite
def tables(draw: st.DrawFn, part: st.SearchStrategy[object]) -> Written:
    """Groups by a fact."""
    by, bounds = draw(ladders())
    return {"rows": {"by": by, "rows": [bound | {"then": draw(part)} for bound in bounds]}}


@st.composite
def measures(
    draw: st.DrawFn,
    *,
    people: bool = True,
    effective: bool = False,
    kinds: st.SearchStrategy[Written] | None = None,
    most: int = 6,
    depth: int = 3,
    tidy: bool = False,
) -> Measure:
    """A measure that compiles; `people`: with a judgement or a precondition here and there; `effective`: ends in doubt; `tidy`: uses all it defines."""
    written: dict[str, object] = {
        f"c{index}": condition
        for index, condition in enumerate(
            draw(st.lists(fact_conditions() if kinds is None else kinds, min_size=1, max_size=most))
        )
    }
    if people and draw(st.integers(0, 2)) == 0:
        written["judged"] = {"human": "创新性是否突出"}
    if people and draw(st.integers(0, 3)) == 0:
        written["given"] = {"assumed": "符合安全生产要求"}
    spans = [PLAIN_EFFECT, PLAIN_EFFECT, {"from": "2026-02", "through": "2026"}, {"from": "2020", "through": "unknown", "seen_in_force_on": ["2026-02-27"]},
             {"from": "2020", "through": "2026-02"}, {"from": "2027", "through": "open"}]  # fmt: skip
    span = draw(st.sampled_from(spans)) if effective else PLAIN_EFFECT
    tree = draw(trees(list(written), depth))
    kept = {name: condition for name, condition in written.items() if not tidy or f"'{name}'" in repr([tree])}
    return measure_of(kept, tree, span)


def measure_of(
    conditions: Mapping[str, object],
    tree: object,
    effective: Mapping[str, object] = PLAIN_EFFECT,
    id_: str = "random_measure",
) -> Measure:
    """The measure model with these conditions and this tree."""
    return Measure.model_validate(
        {"schema": "measure/1", "id": id_, "version": 1, "status": "active", "title": "随机措施", "topics": ["green"], "family": "奖补",
         "mode": "apply", "target": "enterprise", "document": {"id": "doc"}, "owner_unit": None, "verified": {"conditions": "page", "benefit": "none"},
         "effective": effective, "reviewed_on": "2026-01-01", "next_review_on": "2027-01-01", "conditions": conditions, "eligible_when": tree,
         "clauses": [{"article": f"{number}", "says": "条款", "by": [name]} for number, name in enumerate(conditions, start=1)],
         "changes": [{"version": 1, "date": "2026-01-01", "why": "起草"}]}
    )  # fmt: skip


DOCUMENT = PolicyDocument.model_validate(
    {"schema": "document/1", "id": "doc", "title": "随机文件", "number": None, "number_unseen": True, "issuers": None, "level": "city",
     "region": "320400", "seen": "recalled"}
)  # fmt: skip


def compiled(measure: Measure) -> Rule:
    """The rule that the loader would make of the measure."""
    compiler = RuleCompiler(vocabulary(), {}, {})
    for number, (name, written) in enumerate(measure.conditions.items(), start=1):
        compiler.add_condition(name, written, str(number), None)
    root = compiler.tree(measure.eligible_when)
    return Rule(
        measure=measure, level="city", package="RANDOM", document=DOCUMENT, validity=validity_of(measure.effective, None),
        conditions=dict(compiler.conditions), root=root, exclusions=(), gates=tuple(compiler.gates),
    )  # fmt: skip


def rulebook_of(rules: Sequence[Rule]) -> Rulebook:
    """A rulebook of random rules."""
    return Rulebook(vocabulary(), tuple(sorted(rules, key=lambda rule: rule.id)), {"doc": DOCUMENT}, {})


def profile(dice: random.Random, facts: Sequence[str] = FACTS, known: float = 0.8) -> dict[str, Cell]:
    """One random subject."""
    return {fact: dice.choice(pool(fact)) for fact in facts if dice.random() < known}


def profiles(seed: int, size: int, facts: Sequence[str] = FACTS) -> list[dict[str, Cell]]:
    """Random subjects, from nearly empty to nearly complete; the same seed gives the same."""
    dice = random.Random(seed)
    return [profile(dice, facts, dice.choice((0.3, 0.8, 1.0, 1.0))) for _ in range(size)]


def shown(cells: Mapping[str, Cell]) -> str:
    """A subject as one line, for a failing test."""
    return "; ".join(
        f"{fact}={cell.value if cell.value is not None else cell.cause}" for fact, cell in sorted(cells.items())
    )


ANY_DAY = st.sampled_from([date.fromisoformat(day) for day in DAYS])
SEEDS = st.integers(0, 2**32 - 1)
