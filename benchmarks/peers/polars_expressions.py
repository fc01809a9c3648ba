"""Polars, one thread: condition columns first, then one column a measure; nulls are its own three-valued logic."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_, or_

import numpy as np
import polars as pl

from benchmarks.contender import Contender, VerdictMatrix, contending
from benchmarks.peers.tables import arrow_table, title_bits
from benchmarks.workload import Among, Condition, Figure, Flag, Group, Holds, Negation, Tree, Under, Workload


def contender(workload: Workload) -> Contender:
    """Expressions are written beforehand. POLARS_MAX_THREADS=1 must be set before this module is imported."""
    frame = pl.from_arrow(arrow_table(workload))
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("a table becomes a frame")
    tests = [_test(workload.conditions[number]).alias(f"c{number}") for number in workload.used]
    trees = [_tree(measure).alias(f"m{number}") for number, measure in enumerate(workload.measures)]
    run: Callable[[], pl.DataFrame] = lambda: frame.select(tests).select(trees)  # noqa: E731
    return contending("polars", workload.subjects, run, _verdicts)


def _test(condition: Condition) -> pl.Expr:
    if isinstance(condition, Under):
        column = pl.col("industry_code")
        return reduce(or_, [column.str.starts_with(code) for code in condition.codes])
    if isinstance(condition, Among):
        return pl.col(condition.fact).is_in(condition.options)
    if isinstance(condition, Figure):
        threshold = pl.lit(condition.threshold, pl.Float32)
        column = pl.col(condition.fact)
        return column >= threshold if condition.at_least else column < threshold
    if isinstance(condition, Flag):
        return pl.col(condition.fact)
    if isinstance(condition, Holds):
        return (pl.col("honours") & pl.lit(title_bits(condition.titles), pl.Int64)) != 0
    return (pl.col("approved_on") >= condition.first) & (pl.col("approved_on") < condition.end)


def _tree(tree: Tree) -> pl.Expr:
    if isinstance(tree, Group):
        return reduce(and_ if tree.every else or_, [_tree(part) for part in tree.parts])
    return ~_tree(tree.part) if isinstance(tree, Negation) else pl.col(f"c{tree}")


def _verdicts(frame: pl.DataFrame) -> VerdictMatrix:
    columns = [frame[name].cast(pl.Int8) * 2 for name in frame.columns]
    return np.stack([column.fill_null(1).to_numpy() for column in columns])
