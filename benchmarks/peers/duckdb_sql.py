"""DuckDB, one thread: a table of condition columns, then one column a measure; SQL is three-valued by itself."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.contender import Contender, VerdictMatrix, contending
from benchmarks.peers.tables import arrow_table, title_bits
from benchmarks.workload import Among, Condition, Figure, Flag, Group, Holds, Negation, Tree, Under, Workload


def contender(workload: Workload) -> Contender:
    """The facts are loaded and the queries written beforehand; the verdicts come back as an Arrow table."""
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    connection.register("given", arrow_table(workload))
    connection.execute("create table facts as select * from given")
    tests = ", ".join(f"{_test(workload.conditions[number])} as c{number}" for number in workload.used)
    trees = ", ".join(f"{_tree(measure)} as m{number}" for number, measure in enumerate(workload.measures))

    def run() -> pa.Table:
        connection.execute(f"create or replace temp table tests as select {tests} from facts")  # noqa: S608
        return connection.sql(f"select {trees} from tests").to_arrow_table()  # noqa: S608

    return contending("duckdb", workload.subjects, run, _verdicts)


def _test(condition: Condition) -> str:
    if isinstance(condition, Under):
        return "(" + " or ".join(f"starts_with(industry_code, '{code}')" for code in condition.codes) + ")"
    if isinstance(condition, Among):
        return f"({condition.fact} in ({', '.join(repr(option) for option in condition.options)}))"
    if isinstance(condition, Figure):
        return f"({condition.fact} {'>=' if condition.at_least else '<'} cast({condition.threshold!r} as float))"
    if isinstance(condition, Flag):
        return condition.fact
    if isinstance(condition, Holds):
        return f"((honours & {title_bits(condition.titles)}) <> 0)"
    return f"(approved_on >= {condition.first} and approved_on < {condition.end})"


def _tree(tree: Tree) -> str:
    if isinstance(tree, Group):
        return "(" + (" and " if tree.every else " or ").join(_tree(part) for part in tree.parts) + ")"
    return f"(not {_tree(tree.part)})" if isinstance(tree, Negation) else f"c{tree}"


def _verdicts(table: pa.Table) -> VerdictMatrix:
    columns = [pc.fill_null(pc.cast(column, pa.int8()), -1).to_numpy() for column in table.columns]
    return np.stack([np.where(column < 0, 1, 2 * column) for column in columns]).astype(np.int8)
