"""Plain Python: conditions of one subject first, then two generated expressions a measure, one for yes and one for perhaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

import numpy as np

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
    """Subjects as dicts; the functions are generated beforehand."""
    rows = [workload.row(subject) for subject in range(workload.subjects)]
    truths, deciders = _truths(workload), [_decider(normal(measure)) for measure in workload.measures]

    def run() -> Rows:
        found = []
        for row in rows:
            values = truths(row)
            found.append([decide(values) for decide in deciders])
        return found

    return contending("plain_python", workload.subjects, run, _verdicts)


def _truths(workload: Workload) -> Callable[[object], list[int]]:
    """A function that gives the truth of each condition for one subject: 2 true, 1 unknown, 0 false."""
    lines = ["def truths(d):", f" v = [0] * {len(workload.conditions)}"]
    for number in workload.used:
        condition = workload.conditions[number]
        missing = f"d[{fact_of(condition)!r}] is None"
        lines.append(f" v[{number}] = 1 if {missing} else (2 if {_test(condition)} else 0)")
    return cast("Callable[[object], list[int]]", _defined("\n".join([*lines, " return v"]), "truths"))


def _decider(tree: Normal) -> Callable[[list[int]], int]:
    perhaps, surely = _expression(tree, surely=False), _expression(tree, surely=True)
    source = f"def decide(v):\n if not {perhaps}: return 0\n return 2 if {surely} else 1"
    return cast("Callable[[list[int]], int]", _defined(source, "decide"))


def _defined(source: str, name: str) -> object:
    space: dict[str, object] = {}
    exec(source, space)  # noqa: S102
    return space[name]


def _test(condition: Condition) -> str:
    fact = f"d[{fact_of(condition)!r}]"
    if isinstance(condition, Under):
        return f"{fact}.startswith({condition.codes!r})"
    if isinstance(condition, Among):
        return f"{fact} in {{{', '.join(map(repr, condition.options))}}}"
    if isinstance(condition, Figure):
        return f"{fact} {'>=' if condition.at_least else '<'} {condition.threshold!r}"
    if isinstance(condition, Flag):
        return fact
    if isinstance(condition, Holds):
        return "(" + " or ".join(f"{TITLES[place]!r} in {fact}" for place in condition.titles) + ")"
    return f"{condition.first} <= {fact} < {condition.end}"


def _expression(tree: Normal, *, surely: bool) -> str:
    if isinstance(tree, Literal):
        yes, no = ("0", "2") if tree.negated else ("2", "0")
        return f"v[{tree.number}] == {yes}" if surely else f"v[{tree.number}] != {no}"
    every, parts = tree
    return "(" + (" and " if every else " or ").join(_expression(part, surely=surely) for part in parts) + ")"


def _verdicts(rows: Rows) -> VerdictMatrix:
    return np.array(rows, dtype=np.int8).T
