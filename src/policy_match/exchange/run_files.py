"""The files of a large run: what is kept of each part while it goes on, and what all parts make together.

A part is done when its second file is there: it is written last, and whole. The results have no time, path or part in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policy_match.exchange.refusals import REFUSAL_HEADER, Refusal
from policy_match.exchange.tables import whole, write_csv
from policy_match.facts.table import LOWEST

if TYPE_CHECKING:
    import pyarrow as pa

NOBODY = -1
MEASURES = ("措施", "名称", "版本", "符合", "待补数据", "待人工判断", "不符合", "不在施行期")
GROUP = 65_536
"""Rows of a group of subjects.parquet, however they were parted."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one part. Of the subjects that were taken: `rows` of the folder; `regions` where they are, None: not known;
    `weights` at least how much they have of the figure of the run, int64 (n_taken,), LOWEST: not known; how many measures are
    `counts`, int32 (n_taken, 3): eligible, unknown, for people to judge; and the places of the first of those that each surely may
    have and of those still open, int32 (n_taken, top), NOBODY where there are no more. Of each measure `totals`, int64
    (n_rules, 5) in the order of Verdict, and the rows and keys of its first subjects, int64 (n_rules, top), the greatest key
    first, of equal keys the earlier row."""

    ids: tuple[str, ...]
    rows: NDArray[np.int64]
    regions: tuple[str | None, ...]
    weights: NDArray[np.int64]
    counts: NDArray[np.int32]
    eligible: NDArray[np.int32]
    unsettled: NDArray[np.int32]
    totals: NDArray[np.int64]
    first_rows: NDArray[np.int64]
    first_keys: NDArray[np.int64]
    refusals: tuple[tuple[str, Refusal], ...]


def is_done(folder: Path, first: int) -> bool:
    """Whether what is kept of the part from that row is there."""
    return _subjects(folder, first).is_file()


def write_part(folder: Path, first: int, kept: Kept, measures: Sequence[str]) -> None:
    """Keep what was decided of the part from that row."""
    import pyarrow.parquet as pq

    refusals = np.array([(file, *map(str, astuple(one))) for file, one in kept.refusals], dtype=object)
    with whole(_numbers(folder, first)) as place, place.open("wb") as file:
        np.savez(
            file,
            totals=kept.totals,
            first_rows=kept.first_rows,
            first_keys=kept.first_keys,
            refusals=refusals.astype(str).reshape(len(kept.refusals), 1 + len(REFUSAL_HEADER)),
        )
    with whole(_subjects(folder, first)) as place:
        pq.write_table(_table(kept, measures), place)


def _numbers(folder: Path, first: int) -> Path:
    return folder / f"{first:012d}.npz"


def _read_numbers(folder: Path, first: int) -> dict[str, NDArray[Any]]:
    with np.load(_numbers(folder, first)) as found:
        return dict(found)


def _subjects(folder: Path, first: int) -> Path:
    return folder / f"{first:012d}.parquet"


def _table(kept: Kept, measures: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    names = pa.array(measures, pa.string())
    columns = {
        "id": pa.array(kept.ids, pa.string()),
        "row": pa.array(kept.rows),
        "region": pa.array(kept.regions, pa.string()),
        "weight": pa.array(kept.weights, mask=kept.weights == LOWEST),
        **{name: pa.array(kept.counts[:, place]) for place, name in enumerate(("eligible", "unknown", "needs_human"))},
        "first_eligible": _listed(kept.eligible, names),
        "first_open": _listed(kept.unsettled, names),
    }
    return pa.table(columns)


def _listed(places: NDArray[np.int32], names: pa.Array) -> pa.ListArray:
    import pyarrow as pa

    ends = np.concatenate([[0], (places != NOBODY).sum(axis=1).cumsum()]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), names.take(pa.array(places[places != NOBODY])))


def merge(parts: Path, firsts: Sequence[int], out: Path, measures: Sequence[tuple[str, str, str]]) -> tuple[int, int]:
    """Write subjects.parquet, measures.csv, first_subjects.csv and refused.csv from all parts; `measures`: id, title, version.

    How many subjects were taken, and how many faults were told.
    """
    numbers = [_read_numbers(parts, first) for first in firsts]
    totals = sum((one["totals"] for one in numbers), np.zeros((len(measures), 5), dtype=np.int64))
    write_csv(
        out / "measures.csv",
        MEASURES,
        ([*named, *map(str, row)] for named, row in zip(measures, totals.tolist(), strict=True)),
    )
    rows = _first_rows([one["first_keys"] for one in numbers], [one["first_rows"] for one in numbers])
    ids: dict[int, str] = {}
    taken = _write_subjects(parts, firsts, out / "subjects.parquet", np.unique(rows[rows != NOBODY]), ids)
    lines = (
        (measure, str(place), ids[row])
        for (measure, *_), found in zip(measures, rows.tolist(), strict=True)
        for place, row in enumerate(found, start=1)
        if row != NOBODY
    )
    write_csv(out / "first_subjects.csv", ("措施", "名次", "主体"), lines)
    refusals = [line for one in numbers for line in one["refusals"].tolist()]
    write_csv(out / "refused.csv", ("文件", *REFUSAL_HEADER), refusals)
    return taken, len(refusals)


def _first_rows(keys: Sequence[NDArray[np.int64]], rows: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The first subjects of each measure among those of all parts."""
    every_key, every_row = np.concatenate(keys, axis=1), np.concatenate(rows, axis=1)
    last = np.where(every_row == NOBODY, np.iinfo(np.int64).max, every_row)
    order = np.lexsort((last, -every_key, every_row == NOBODY), axis=1)[:, : keys[0].shape[1]]
    return np.take_along_axis(every_row, order, axis=1)


def _write_subjects(
    parts: Path, firsts: Sequence[int], path: Path, wanted: NDArray[np.int64], ids: dict[int, str]
) -> int:
    import pyarrow.parquet as pq

    taken = 0
    schema = pq.read_schema(_subjects(parts, firsts[0]))
    with whole(path) as place, pq.ParquetWriter(place, schema) as writer:
        for group in _groups(pq.read_table(_subjects(parts, first)) for first in firsts):
            taken += group.num_rows
            rows = group["row"].to_numpy()
            ids |= {int(rows[at]): group["id"][at].as_py() for at in np.flatnonzero(np.isin(rows, wanted)).tolist()}
            writer.write_table(group.combine_chunks(), row_group_size=GROUP)
    return taken


def _groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The rows of all tables, so many at a time; at least one group, even of no rows."""
    import pyarrow as pa

    held, is_first = None, True
    for table in tables:
        held = table if held is None else pa.concat_tables([held, table])
        while held.num_rows >= GROUP:
            yield held.slice(0, GROUP)
            held, is_first = held.slice(GROUP), False
    if held is not None and (held.num_rows or is_first):
        yield held
