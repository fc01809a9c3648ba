"""The workload as an Arrow table: codes as text, titles as bits of a whole number, gaps as nulls."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from benchmarks.workload import HELD, INDUSTRY, REGION, STAGE, Workload


def arrow_table(workload: Workload) -> pa.Table:
    """One column a fact."""
    found = {}
    for name, column in workload.facts.items():
        values = column.values
        if name in (INDUSTRY, REGION, STAGE):
            values = np.array(workload.options(name), dtype=object)[values]
        elif name == HELD:
            values = values.astype(np.int64)
        found[name] = pa.array(values, mask=column.missing)
    return pa.table(found)


def title_bits(titles: tuple[int, ...]) -> int:
    """The bits of some titles."""
    return sum(1 << place for place in titles)
