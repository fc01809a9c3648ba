"""How long one subject waits: verdicts with the status of every condition, Chinese reasons, one fact changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.ours import AS_OF, UNITS
from benchmarks.workload import DAY, FLAGS, Workload
from policy_match.eligibility.decide import Batch, Deciding, Verdict
from policy_match.eligibility.explain import Explaining
from policy_match.eligibility.nodes import leaves_of
from policy_match.eligibility.rulebook import Rule
from policy_match.facts.cells import Cell, Item, Items, Possible, Value
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import Vocabulary
from policy_match.units import Band, parse_count, parse_money, parse_ratio

SUBJECTS = 100
SHOWN = 20
CHANGED = "total_investment"


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds, as the keys of var/bench.json name them."""

    statuses_p50: float
    statuses_p99: float
    explanation_p99: float
    one_fact_p99: float


def measured(workload: Workload, rules: Sequence[Rule], vocabulary: Vocabulary) -> Latency:
    """Time single subjects against all rules; the rules are compiled beforehand."""
    profiles = [_cells(workload, subject) for subject in range(min(SUBJECTS, workload.subjects))]
    batch = Batch(rules, AS_OF)
    reading = Batch([rule for rule in rules if CHANGED in _facts(rule)], AS_OF)

    def statuses(cells: Mapping[str, Cell]) -> None:
        deciding = Deciding(FactTable(vocabulary, [cells]), AS_OF)
        batch.decide_within(deciding.evaluation)
        for rule in rules:
            for condition in rule.conditions.values():
                deciding.truths(condition.node)

    def explanation(cells: Mapping[str, Cell]) -> None:
        deciding = Deciding(FactTable(vocabulary, [cells]), AS_OF)
        verdicts = batch.decide_within(deciding.evaluation)
        found = [(verdict, rule) for verdict in _OPEN for rule, rows in verdicts.listed(verdict) if len(rows)]
        explaining = Explaining(deciding)
        for verdict, rule in found[:SHOWN]:
            explaining.reasons(rule, 0, verdict)

    def one_fact(cells: Mapping[str, Cell]) -> None:
        changed = {**cells, CHANGED: Cell(Band.exact(parse_money("1亿元")))}
        reading.decide(FactTable(vocabulary, [changed]))

    shown, explained, changed = (_times(one, profiles) for one in (statuses, explanation, one_fact))
    return Latency(
        statuses_p50=_percentile(shown, 50),
        statuses_p99=_percentile(shown, 99),
        explanation_p99=_percentile(explained, 99),
        one_fact_p99=_percentile(changed, 99),
    )


_OPEN = (Verdict.ELIGIBLE, Verdict.UNKNOWN)


def _facts(rule: Rule) -> frozenset[str]:
    return frozenset(fact for leaf in leaves_of(rule.root) for fact in leaf.facts)


def _times(once: Callable[[Mapping[str, Cell]], None], profiles: Sequence[Mapping[str, Cell]]) -> list[float]:
    """Milliseconds of each subject; the first is done once before, unmeasured."""
    once(profiles[0])
    found = []
    for cells in profiles:
        start = time.perf_counter()
        once(cells)
        found.append((time.perf_counter() - start) * 1000)
    return found


def _percentile(times: list[float], percent: int) -> float:
    return round(float(np.percentile(times, percent)), 3)


def _cells(workload: Workload, subject: int) -> dict[str, Cell]:
    """One subject of the workload as the engine reads subjects; what is missing is left out."""
    given = workload.row(subject)
    return {name: Cell(_value(name, value)) for name, value in given.items() if value is not None}


def _value(name: str, value: str | float | bool | list[str]) -> Value:
    if isinstance(value, list):
        return Items(tuple(Item(title) for title in value))
    if isinstance(value, str):
        return Possible.only(value)
    if name in FLAGS:
        return Possible.only("true" if value else "false")
    if name == DAY:
        return Band.exact(int(value))
    unit = UNITS[name]
    parse = {"万元": parse_money, "%": parse_ratio}.get(unit)
    text = f"{value:.1f}{unit}"
    return Band.exact(parse(text) if parse is not None else parse_count(text, unit))
