"""The engine itself: rules written as measures and compiled as always, facts as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.contender import Contender, VerdictMatrix, contending
from benchmarks.workload import (
    DAY,
    FIGURES,
    FLAGS,
    HELD,
    INDUSTRY,
    RATIO,
    REGION,
    TITLES,
    Among,
    Column,
    Condition,
    Figure,
    Flag,
    Group,
    Holds,
    Negation,
    Tree,
    Under,
    Workload,
    leaves_of,
)
from policy_match.eligibility.decide import Batch, Verdict, Verdicts
from policy_match.eligibility.documents import PolicyDocument
from policy_match.eligibility.nodes import Node
from policy_match.eligibility.rulebook import Rule, RuleCompiler
from policy_match.eligibility.schema import Measure
from policy_match.eligibility.validity import validity_of
from policy_match.eligibility.wired import Listing, WiredBatch
from policy_match.facts import table as columns
from policy_match.facts.cells import Item, Possible
from policy_match.facts.domains import Domain
from policy_match.facts.planes import unpack
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.workflows.open_rules import open_vocabulary

AS_OF = date(2026, 1, 1)
ROOT = Path(__file__).resolve().parents[1]
UNITS = {"total_investment": "万元", "equipment_investment": "万元", "revenue_last": "万元", RATIO: "%"} | {
    "insured_staff": "人",
    "unemployment_ins_months": "个月",
}
IN_FEN = 10**6


def shipped_vocabulary() -> Vocabulary:
    """The vocabulary that the product ships."""
    return open_vocabulary(ROOT / "rules", ROOT / "corpus")


def industry_classes(vocabulary: Vocabulary) -> tuple[str, ...]:
    """The finest classes of GB/T 4754-2017, in code order."""
    tree = vocabulary.industries
    return tuple(sorted(code for code in tree.names if tree.leaves(code) == {code}))


def compiled_rules(workload: Workload, vocabulary: Vocabulary) -> tuple[Rule, ...]:
    """The measures of the workload as rules; equal conditions are one node, as in a rulebook."""
    document = PolicyDocument.model_validate(
        {"schema": "document/1", "id": "bench", "title": "基准", "number": None, "number_unseen": True}
        | {"issuers": None, "level": "city", "region": "320400", "seen": "recalled"}
    )
    shared: dict[Node, Node] = {}
    return tuple(_rule(number, workload, vocabulary, document, shared) for number in range(len(workload.measures)))


def _rule(
    number: int, workload: Workload, vocabulary: Vocabulary, document: PolicyDocument, shared: dict[Node, Node]
) -> Rule:
    measure = _measure(number, workload)
    compiler = RuleCompiler(vocabulary, {}, shared)
    for name, condition in measure.conditions.items():
        compiler.add_condition(name, condition, "1", None)
    root = compiler.tree(measure.eligible_when)
    return Rule(
        measure=measure,
        level="city",
        package="BENCH",
        document=document,
        validity=validity_of(measure.effective, None),
        conditions=dict(compiler.conditions),
        root=compiler.keep(root),
        exclusions=(),
        gates=(),
    )


def _measure(number: int, workload: Workload) -> Measure:
    tree = workload.measures[number]
    conditions = {f"c{leaf}": _written(workload.conditions[leaf]) for leaf in leaves_of(tree)}
    return Measure.model_validate(
        {
            "schema": "measure/1",
            "id": f"bench{number:06d}",
            "version": 1,
            "status": "active",
            "title": f"基准措施{number}",
            "topics": ["green"],
            "family": "奖补",
            "mode": "apply",
            "target": "enterprise",
            "document": {"id": "bench"},
            "owner_unit": None,
            "verified": {"conditions": "recalled", "benefit": "none"},
            "effective": {"from": "2020-01-01", "through": "open"},
            "reviewed_on": "2026-01-01",
            "next_review_on": "2027-01-01",
            "clauses": [{"article": "1", "says": "基准", "by": list(conditions)}],
            "conditions": conditions,
            "eligible_when": _names(tree),
            "changes": [{"version": 1, "date": "2026-01-01", "why": "基准"}],
        }
    )


def _names(tree: Tree) -> object:
    if isinstance(tree, Group):
        return {"all" if tree.every else "any": [_names(part) for part in tree.parts]}
    return {"not": _names(tree.part)} if isinstance(tree, Negation) else f"c{tree}"


def _written(condition: Condition) -> Mapping[str, object]:
    """The condition as a rule file has it."""
    if isinstance(condition, Under):
        return {"fact": INDUSTRY, "op": "within_tree", "value": list(condition.codes)}
    if isinstance(condition, Among):
        op = "within_region" if condition.fact == REGION else "one_of"
        return {"fact": condition.fact, "op": op, "value": list(condition.options)}
    if isinstance(condition, Figure):
        op = "at_least" if condition.at_least else "less_than"
        return {"fact": condition.fact, "op": op, "value": f"{condition.threshold:.12g}{UNITS[condition.fact]}"}
    if isinstance(condition, Flag):
        return {"fact": condition.fact, "op": "is", "value": True}
    if isinstance(condition, Holds):
        names = [TITLES[place] for place in condition.titles]
        return {"fact": HELD, "op": "has_any", "value": names, "validity": "not_needed"}
    days = [date.fromordinal(day).isoformat() for day in (condition.first, condition.end - 1)]
    return {"fact": DAY, "op": "between", "value": days}


def fact_columns(workload: Workload) -> dict[columns.ColumnKey, columns.Column]:
    """The facts of the workload as the engine's columns."""
    found: dict[columns.ColumnKey, columns.Column] = {}
    for name, column in workload.facts.items():
        if name in FIGURES or name == DAY:
            found[name] = _range(name, column)
        elif name == HELD:
            found[name] = _set(column)
        else:
            options = ("false", "true") if name in FLAGS else workload.options(name)
            found[name] = _codes(options, column)
    return found


def _range(name: str, column: Column) -> columns.RangeColumn:
    scale = _scale(name)
    figures = np.round(column.values.astype(np.float64), 1)
    keys = np.round(figures * scale).astype(np.int64) * 2
    low = np.where(column.missing, columns.LOWEST, keys)
    high = np.where(column.missing, columns.HIGHEST, keys)
    return columns.RangeColumn(low, high, ~column.missing, True)


def _scale(name: str) -> int:
    """Steps of the engine's grid in one unit of the workload."""
    if name in (DAY,):
        return columns.SCALE[FactType.DATE]
    if UNITS[name] == "万元":
        return IN_FEN * columns.SCALE[FactType.MONEY]
    if name == RATIO:
        return int(Fraction(columns.SCALE[FactType.RATIO], 100))
    return columns.SCALE[FactType.COUNT]


def _codes(options: tuple[str, ...], column: Column) -> columns.CodeColumn:
    domain = Domain.of(Possible.only(option) for option in options)
    places = np.array([domain.singles[option] for option in options], dtype=np.int32)
    ids = np.where(column.missing, 0, places[column.values.astype(np.int64)]).astype(np.int32)
    return columns.CodeColumn(ids, domain)


def _set(column: Column) -> columns.SetColumn:
    entries: dict[str, columns.ItemRows] = {}
    held: NDArray[np.uint64] = column.values.astype(np.uint64)
    for place, title in enumerate(TITLES):
        rows = np.flatnonzero((held >> np.uint64(place) & np.uint64(1)).astype(bool) & ~column.missing)
        entries[title] = columns.ItemRows(rows, (Item(title),) * len(rows))
    return columns.SetColumn(~column.missing, entries)


def fact_table(workload: Workload, vocabulary: Vocabulary) -> FactTable:
    """The subjects of the workload as a fact table."""
    return FactTable(vocabulary, columns=fact_columns(workload), size=workload.subjects)


def contender(batch: Batch, table: FactTable) -> Contender:
    """The engine's batch: verdict planes of all measures, with NumPy alone."""
    return contending("policy_match, NumPy alone", table.size, lambda: batch.decide(table), matrix)


def compiled_contender(made: WiredBatch, table: FactTable) -> Contender:
    """The same with the compiled loops; the program for these columns is made beforehand."""
    return contending("policy_match", table.size, lambda: made.decide(table), matrix)


def listing(made: WiredBatch, table: FactTable) -> Contender:
    """The same, and every eligible and every unknown pair listed, one list after the other in the same place."""

    def run() -> int:
        return sum(len(rows) for _, rows in _lists(made.decide(table)))

    def checked() -> VerdictMatrix:
        found = np.zeros((len(made.batch.rules), table.size), dtype=np.int8)
        for (place, value), rows in _lists(made.decide(table)):
            found[place, rows] = value
        return found

    return Contender("policy_match with lists", table.size, run, checked)


def _lists(verdicts: Verdicts) -> Iterator[tuple[tuple[int, int], NDArray[np.int32]]]:
    """Place of the measure, 2 for eligible and 1 for unknown; and the rows of the subjects."""
    listing = Listing(verdicts.size)
    for place in range(len(verdicts.rules)):
        for value, verdict in ((2, Verdict.ELIGIBLE), (1, Verdict.UNKNOWN)):
            yield (place, value), listing.of(verdicts.plane(place, verdict))


def matrix(verdicts: Verdicts) -> VerdictMatrix:
    """The verdicts as contenders are compared by."""
    eligible, refused = (
        np.array([unpack(plane, verdicts.size) for plane in planes], dtype=np.int8)
        for planes in (verdicts.eligible, verdicts.refused)
    )
    return np.asarray(1 + eligible - refused, dtype=np.int8)
