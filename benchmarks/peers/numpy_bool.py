"""NumPy: one boolean column a condition, surely true and surely false, shared by the measures."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.contender import Contender, VerdictMatrix, contending
from benchmarks.workload import Among, Condition, Figure, Flag, Holds, Tree, Under, Workload, fact_of
from benchmarks.workload import Group as Parts

Flags: TypeAlias = NDArray[np.bool_]
Pair: TypeAlias = tuple[Flags, Flags]


def contender(workload: Workload) -> Contender:
    """Whole columns at a time; what is known is worked out beforehand."""
    known = {name: ~column.missing for name, column in workload.facts.items()}

    def run() -> list[Pair]:
        truths: dict[int, Pair] = {}
        for number in workload.used:
            condition = workload.conditions[number]
            fact = fact_of(condition)
            true = _test(condition, workload) & known[fact]
            truths[number] = true, known[fact] & ~true
        return [_decided(measure, truths) for measure in workload.measures]

    return contending("numpy_bool", workload.subjects, run, _verdicts)


def _test(condition: Condition, workload: Workload) -> Flags:
    """Whether a test holds; codes are looked up in a table of answers, one for each place."""
    values = workload.facts[fact_of(condition)].values
    if isinstance(condition, Under):
        table = np.array([code.startswith(condition.codes) for code in workload.classes])
        return np.asarray(table[values])
    if isinstance(condition, Among):
        return np.asarray(np.isin(workload.options(condition.fact), condition.options)[values])
    if isinstance(condition, Figure):
        threshold = np.float32(condition.threshold)
        return np.asarray(values >= threshold if condition.at_least else values < threshold)
    if isinstance(condition, Flag):
        return np.asarray(values)
    if isinstance(condition, Holds):
        return np.asarray(
            (values.astype(np.uint64, copy=False) & np.uint64(sum(1 << place for place in condition.titles))) != 0
        )
    days = values.astype(np.int32, copy=False)
    return np.asarray((days >= condition.first) & (days < condition.end))


def _decided(tree: Tree, truths: dict[int, Pair]) -> Pair:
    if isinstance(tree, int):
        return truths[tree]
    if not isinstance(tree, Parts):
        true, false = _decided(tree.part, truths)
        return false, true
    parts = [_decided(part, truths) for part in tree.parts]
    for_true, for_false = (np.logical_and, np.logical_or) if tree.every else (np.logical_or, np.logical_and)
    if len(parts) == 1:
        return parts[0]
    true, false = for_true(parts[0][0], parts[1][0]), for_false(parts[0][1], parts[1][1])
    for part in parts[2:]:
        for_true(true, part[0], out=true)
        for_false(false, part[1], out=false)
    return true, false


def _verdicts(pairs: list[Pair]) -> VerdictMatrix:
    return np.stack([1 + true.astype(np.int8) - false.astype(np.int8) for true, false in pairs])
