"""Read what a large run wrote: what it went by, the counts of its measures, and its lists as pairs, some at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from policy_match.errors import Issue, UsageError
from policy_match.exchange.run_files import MEASURES
from policy_match.facts.table import HIGHEST

if TYPE_CHECKING:
    import pyarrow as pa

LISTS = {"E": "first_eligible", "O": "first_open"}
"""By the letter of the roll, the column that has the measures."""
_COLUMNS = ("id", "region", "weight", *LISTS.values())


@dataclass(frozen=True, slots=True)
class RunResults:
    """What a run went by (run.json), how many subjects it took, and by the id of a measure its title, version and counts of
    subjects: `eligible`, `unknown`, `needs_human`."""

    folder: Path
    release: str
    as_of: date
    facts: str
    by: str
    top: int
    subjects: int
    measures: Mapping[str, Mapping[str, str | int]]


def open_run(folder: Path) -> RunResults:
    """What lies in the folder of a run that has ended; UsageError RUN_FOLDER for anything else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name in ("run.json", "subjects.parquet", "measures.csv"):
        if not (folder / name).is_file():
            raise _no_run(folder, f"没有 {name}")
    try:
        told = json.loads((folder / "run.json").read_text("utf-8"))
        metadata = pq.read_metadata(folder / "subjects.parquet")
        lacking = set(_COLUMNS) - set(metadata.schema.to_arrow_schema().names)
        if lacking:
            raise _no_run(folder, f"subjects.parquet 没有 {'、'.join(sorted(lacking))}")
        with (folder / "measures.csv").open(encoding="utf-8-sig", newline="") as file:
            read = csv.DictReader(file)
            if tuple(read.fieldnames or ()) != MEASURES:
                raise _no_run(folder, "measures.csv 的表头不对")
            rows = [*read]
        measures = {row[MEASURES[0]]: _counts(row) for row in rows}
        return RunResults(
            folder, told["release"], date.fromisoformat(told["as_of"]), told["facts"], told["by"], told["top"],
            metadata.num_rows, measures,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, pa.ArrowInvalid):
        raise _no_run(folder, "文件读不懂") from None


def _counts(row: Mapping[str, str]) -> dict[str, str | int]:
    title, version, eligible, unknown, human = (row[name] for name in MEASURES[1:6])
    counts = {"version": version, "eligible": eligible, "unknown": unknown, "needs_human": human}
    return {"title": title, **{name: int(text) for name, text in counts.items()}}


def _no_run(folder: Path, what: str) -> UsageError:
    hint = "先把 batch 做完，再写它的 --out；旧版本写的结果重新做一次"
    return UsageError(Issue("RUN_FOLDER", f"这里不是一次做完的判定：{what}", str(folder), "batch 的 --out", hint))


def digests_of(run: RunResults) -> Iterator[pa.RecordBatch]:
    """Every subject with a digest, int64, of all that `pairs_of` says of it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = pa.array([*run.measures], pa.string())
    keyed = pa.array([f"{name}@{one['version']}" for name, one in run.measures.items()], pa.string())
    for group in _groups(run):
        lists = [
            pc.binary_join(
                pa.ListArray.from_arrays(group[column].offsets, keyed.take(_places(run, group[column], names))), " "
            )
            for column in LISTS.values()
        ]
        where = [pc.fill_null(group["region"], ""), pc.fill_null(pc.cast(group["weight"], pa.string()), "")]
        texts = pc.binary_join_element_wise(*where, *lists, "\n")
        yield pa.record_batch({"subject": group["id"], "digest": pa.array(map(_digest, texts.to_pylist()), pa.int64())})


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def pairs_of(run: RunResults, subjects: Sequence[str], district_of: Callable[[str], str]) -> Iterator[pa.RecordBatch]:
    """Every line of both lists of these subjects: subject, measure, verdict, version, region, district, rank (the larger, the
    smaller; HIGHEST where it is not known).

    `district_of`: the district of a region.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    versions = pa.array([one["version"] for one in run.measures.values()], pa.int32())
    names, wanted = pa.array([*run.measures], pa.string()), pa.array(subjects, pa.string())
    for whole in _groups(run):
        group = whole.filter(pc.is_in(whole["id"], wanted))
        regions = group["region"].dictionary_encode()
        districts = pa.array([district_of(one) for one in regions.dictionary.to_pylist()], pa.string())
        ranks = pc.fill_null(pc.negate(group["weight"]), HIGHEST)
        for letter, column in LISTS.items():
            rows, measures = pc.list_parent_indices(group[column]), pc.list_flatten(group[column])
            yield pa.record_batch(
                {
                    "subject": group["id"].take(rows),
                    "measure": measures,
                    "verdict": pa.array([letter] * len(rows), pa.string()),
                    "version": versions.take(_places(run, group[column], names)),
                    "region": group["region"].take(rows),
                    "district": districts.take(regions.indices).take(rows),
                    "rank": ranks.take(rows),
                }
            )


def _groups(run: RunResults) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(run.folder / "subjects.parquet") as file:
        yield from file.iter_batches(columns=[*_COLUMNS])


def _places(run: RunResults, lists: pa.ListArray, names: pa.StringArray) -> pa.Int32Array:
    """Which measure each line names; UsageError RUN_FOLDER for one that is not counted."""
    import pyarrow.compute as pc

    found = pc.index_in(pc.list_flatten(lists), names)
    if found.null_count:
        raise _no_run(run.folder, "subjects.parquet 里有 measures.csv 没有的措施")
    return found
