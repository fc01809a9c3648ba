"""ZEN engine: two compiled expressions a measure, one for yes and one for perhaps."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import zen

from benchmarks.contender import Contender, VerdictMatrix, contending
from benchmarks.workload import (
    TITLES,
    Among,
    Condition,
    Figure,
    Flag,
    Holds,
    Literal,
    Normal,
    Under,
    Workload,
    fact_of,
    normal,
)

Rows: TypeAlias = list[list[int]]


def contender(workload: Workload) -> Contender:
    """Subjects as dicts; the expressions are compiled beforehand."""
    rows = [workload.row(subject) for subject in range(workload.subjects)]
    trees = [normal(measure) for measure in workload.measures]
    pairs = [
        tuple(zen.compile_expression(_expression(tree, workload, surely=surely)) for surely in (False, True))
        for tree in trees
    ]

    def run() -> Rows:
        return [
            [0 if not perhaps.evaluate(row) else 2 if surely.evaluate(row) else 1 for perhaps, surely in pairs]
            for row in rows
        ]

    return contending("zen", workload.subjects, run, _verdicts)


def _test(condition: Condition) -> str:
    fact = fact_of(condition)
    if isinstance(condition, Under):
        return "(" + " or ".join(f"startsWith({fact}, '{code}')" for code in condition.codes) + ")"
    if isinstance(condition, Among):
        return f"({fact} in [{', '.join(repr(option) for option in condition.options)}])"
    if isinstance(condition, Figure):
        return f"({fact} {'>=' if condition.at_least else '<'} {condition.threshold!r})"
    if isinstance(condition, Flag):
        return f"({fact} == true)"
    if isinstance(condition, Holds):
        return f"some({fact}, # in [{', '.join(repr(TITLES[place]) for place in condition.titles)}])"
    return f"({fact} >= {condition.first} and {fact} < {condition.end})"


def _expression(tree: Normal, workload: Workload, *, surely: bool) -> str:
    if isinstance(tree, Literal):
        condition = workload.conditions[tree.number]
        test = f"not({_test(condition)})" if tree.negated else _test(condition)
        fact = fact_of(condition)
        return f"({fact} != null and {test})" if surely else f"({fact} == null or {test})"
    every, parts = tree
    return "(" + (" and " if every else " or ").join(_expression(p, workload, surely=surely) for p in parts) + ")"


def _verdicts(rows: Rows) -> VerdictMatrix:
    return np.array(rows, dtype=np.int8).T
