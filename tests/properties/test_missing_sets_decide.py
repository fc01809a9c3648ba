"""Every missing set decides for some values of its facts, no proper subset does, and the smallest are shown first.

Tried by brute force: every combination of worthwhile values of the unknown facts of a small rule.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st
from reference.words import later
from reference.world import classes_under

from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.missing import Searching
from policy_match.eligibility.nodes import leaves_of
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Measure
from policy_match.facts.cells import Cell, Item, Items, Possible, Series
from policy_match.facts.table import FactTable
from policy_match.units import Band
from properties.random_rules import (
    COMPARISONS,
    SEEDS,
    classes,
    compiled,
    edges,
    growths,
    holdings,
    measures,
    pool,
    vocabulary,
)
from properties.vocabulary import (
    AS_OF,
    CAUSES,
    DAYS,
    HONOURS,
    KINDS,
    LEVELS,
    OPTIONS,
    SERIES,
    STEP,
    THRESHOLDS,
)

FIGURES = ("revenue_last", "debt_ratio", "registered_days", "tax_period")
CLASSES = ("C3011", "C3012", "C3021", "C3511", "C3562", "C3110", "F5111", "F5112", "A0111")
PERIODS = ("1年", "365天", "2年")


@st.composite
def one_fact_conditions(draw: st.DrawFn) -> dict[str, object]:
    """Conditions on few facts, so that they meet on the same one."""
    kind = draw(st.sampled_from(["figure", "figure", "age", "class", "class", "held", "growth"]))
    if kind == "figure":
        fact = draw(st.sampled_from([*FIGURES, "registered_on"]))
        op = draw(st.sampled_from(COMPARISONS))
        value = draw(st.sampled_from(THRESHOLDS[fact]))
        return {"fact": fact, "op": op, "value": [value, value] if op == "between" else value}
    if kind == "age":
        at = draw(st.sampled_from([{}, {"at": "2025-12-31"}]))
        return {"fact": "registered_on", "op": "age_at_least", "value": draw(st.sampled_from(PERIODS))} | at
    if kind == "growth":
        return draw(growths().filter(lambda growth: growth["fact"] == SERIES))
    return draw(holdings() if kind == "held" else classes())


def candidates(fact: str, now: Cell) -> list[Cell]:
    """Values worth giving to a fact, of those that are still possible."""
    if fact in KINDS:
        return [Cell(Band.exact(n)) for n in numbers(fact) if _inside(n, now.value)]
    if fact == "industry_code":
        open_ = now.value.options if isinstance(now.value, Possible) else set("ABCDEF")
        return [Cell(Possible.only(leaf)) for leaf in CLASSES if any(leaf.startswith(code) for code in open_)]
    if fact == "district":
        open_ = now.value.options if isinstance(now.value, Possible) else {"000000"}
        return [
            Cell(Possible.only(p)) for p in ("320412", "320481", "JK", "320402", "330106", "320102") if _under(p, open_)
        ]
    if fact in OPTIONS:
        open_ = now.value.options if isinstance(now.value, Possible) else OPTIONS[fact]
        return [Cell(Possible.only(option)) for option in OPTIONS[fact] if option in open_]
    if fact == SERIES:
        rates = [Fraction(n, 1000) for n in (-60, -50, -40, 0, 50, 100, 110, 125, 130)]
        return [Cell(Series((Band.exact(10**9), Band.exact(int(10**9 * (1 + rate)))))) for rate in rates]
    return [Cell(Items(tuple(chosen))) for n in (0, 1, 2) for chosen in combinations(item_grid(fact), n)]


def _under(place: str, open_: set[str] | frozenset[str]) -> bool:
    around = {"320412": ["320400", "320000"], "320481": ["320400", "320000"], "JK": ["320400", "320000"], "320402": ["320400", "320000"],
              "330106": ["330100", "330000"], "320102": ["320100", "320000"]}  # fmt: skip
    return bool({place, "000000", *around[place]} & open_)


def _inside(number: Fraction | int, value: object) -> bool:
    return not isinstance(value, Band) or (
        (value.low is None or value.low <= number) and (value.high is None or number <= value.high)
    )


def numbers(fact: str) -> list[Fraction | int]:
    """Thresholds, one step under and over, and the middle between steps; for dates also what the periods reach."""
    kind = KINDS[fact]
    if kind == "date":
        base = [AS_OF.toordinal(), date(2025, 12, 31).toordinal()]
        days = {later(day, "-" + period) for day in base for period in PERIODS}
        days |= {date.fromisoformat(day).toordinal() for day in DAYS} | set(base)
        return sorted({day + step for day in days for step in (-1, 0, 1)})
    steps = (-STEP[kind], -STEP[kind] / 2, 0, STEP[kind] / 2, STEP[kind])
    found = {edge + step for edge in edges()[fact] for step in steps}
    return sorted(n for n in found if kind not in ("money", "month") or n.denominator == 1)


def item_grid(fact: str) -> list[Item]:
    """Items of every name that is asked for: valid, expired, granted early or late, of either level."""
    if fact == "lists":
        return [Item("市重大项目库"), Item("上市后备")]
    spans = [("2022-06-01", "2026-12-31"), ("2024-03-01", "2026-12-31"), ("2025-12-01", "2026-12-31"),
             ("2024-03-01", "2025-12-31"), ("2022-06-01", "2025-12-31"), ("2025-12-01", "2026-01-31")]  # fmt: skip
    exact = [tuple(Band.exact(date.fromisoformat(day).toordinal()) for day in span) for span in spans]
    return [Item(name, start, end, level) for name in HONOURS for start, end in exact for level in LEVELS]


def unknown_facts(rule: Rule, cells: Mapping[str, Cell]) -> list[str]:
    """Facts of the rule that are not exactly known."""
    return [fact for fact in facts_of(rule) if fact not in cells or not settled(fact, cells[fact].value)]


def facts_of(rule: Rule) -> list[str]:
    return sorted({fact for leaf in leaves_of(rule.root) for fact in leaf.facts})


def settled(fact: str, value: object) -> bool:
    if isinstance(value, Band):
        return value.is_exact
    if isinstance(value, Possible):
        return (
            value.single is not None
            and (fact != "industry_code" or len(classes_under(value.single)) == 1)
            and value.single not in ("320400", "320000", "330000")
        )
    return value is not None


def brute_force(rule: Rule, cells: dict[str, Cell]) -> list[tuple[str, ...]]:
    """All sets that decide and of which no part does, smallest first, then by name."""
    unknown = unknown_facts(rule, cells)
    found: list[tuple[str, ...]] = []
    for size in range(1, len(unknown) + 1):
        for names in combinations(unknown, size):
            if any(set(other) <= set(names) for other in found):
                continue
            grid = product(*(candidates(name, cells.get(name, Cell(None))) for name in names))
            rows = [cells | dict(zip(names, values, strict=True)) for values in grid]
            if rows and "eligible" in Deciding(FactTable(vocabulary(), rows), AS_OF).decide(rule).verdicts:
                found.append(names)
    return found


def small_profile(dice: random.Random, facts: list[str]) -> dict[str, Cell]:
    """Mostly unknown or only partly known; lists are complete with their dates or missing."""
    cells: dict[str, Cell] = {}
    for fact in facts:
        if dice.random() < 0.5:
            cells[fact] = Cell(None, dice.choice(CAUSES))
        elif fact in ("honours", "lists") or fact == SERIES:
            cells[fact] = dice.choice(candidates(fact, Cell(None)))
        else:
            cells[fact] = dice.choice(pool(fact))
    return cells


@given(measure=measures(people=False, kinds=one_fact_conditions(), most=4, depth=2), seed=SEEDS)
def test_missing_sets_are_the_smallest_that_decide(measure: Measure, seed: int) -> None:
    rule, dice = compiled(measure), random.Random(seed)
    facts = facts_of(rule)
    rows = [small_profile(dice, facts) for _ in range(3)]
    deciding = Deciding(FactTable(vocabulary(), rows), AS_OF)
    searching, verdicts = Searching(deciding), deciding.decide(rule).verdicts

    for row, cells in enumerate(rows):
        if verdicts[row] == "unknown":
            assert list(searching.missing(rule, row)) == brute_force(rule, cells)[:3], f"{cells}"
