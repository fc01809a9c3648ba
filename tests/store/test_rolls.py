"""The roll: whatever is put in its place stands, only what differs is written, and lists come in order, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zlib import crc32

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from policy_match.facts.table import HIGHEST
from policy_match.store import rolls
from policy_match.store.database import Database
from policy_match.store.roll_tables import RollPair
from policy_match.store.rolls import Place, Replaced

Line = tuple[str, str, str, int, str | None, str | None, int]
COLUMNS = ("subject", "measure", "verdict", "version", "region", "district", "rank")
TYPES = (pa.string(), pa.string(), pa.string(), pa.int32(), pa.string(), pa.string(), pa.int64())
FIRST: list[Line] = [
    ("甲", "m1", "E", 1, "320412", "320412", -500),
    ("甲", "m2", "O", 1, "320412", "320412", -500),
    ("乙", "m1", "E", 1, None, None, HIGHEST),
    ("丙", "m1", "E", 1, "WJ-GX", "320412", -900),
    ("丁", "m1", "E", 1, "320481", "320481", -500),
]


def batch_of(lines: Sequence[Line]) -> pa.RecordBatch:
    columns = zip(*lines, strict=True) if lines else [()] * len(COLUMNS)
    return pa.record_batch([pa.array(one, kind) for one, kind in zip(columns, TYPES, strict=True)], names=[*COLUMNS])


def digests(lines: Sequence[Line]) -> pa.RecordBatch:
    """Each subject with a digest of all its lines."""
    said: dict[str, list[Line]] = {}
    for line in sorted(lines, key=str):
        said.setdefault(line[0], []).append(line)
    hashes = [crc32(str(one).encode()) for one in said.values()]
    return pa.record_batch([pa.array([*said], pa.string()), pa.array(hashes, pa.int64())], names=["subject", "digest"])


def put(database: Database, *batches: Sequence[Line], asked: list[str] | None = None) -> Replaced:
    """Let these lines stand, in parts; `asked` hears for which subjects pairs are asked for."""

    def pairs_of(subjects: Sequence[str]) -> Iterable[pa.RecordBatch]:
        if asked is not None:
            asked.extend(subjects)
        return [batch_of([line for line in one if line[0] in subjects]) for one in batches]

    with database.claiming() as session:
        return rolls.replace(session, [digests([line for one in batches for line in one])], pairs_of)


def standing(database: Database) -> set[Line]:
    with database.reading() as session:
        return {tuple(getattr(row, name) for name in COLUMNS) for row in session.query(RollPair)}  # type: ignore[misc]


def test_a_first_run_is_kept_whole_in_whatever_parts_it_comes(database: Database) -> None:
    assert put(database, FIRST[:2], [], FIRST[2:]) == Replaced(5, new=5, changed=0, gone=0)

    assert standing(database) == {*FIRST}


def test_the_same_again_writes_nothing(database: Database) -> None:
    put(database, FIRST)
    versions = rows_written(database)

    asked: list[str] = []
    assert put(database, FIRST, asked=asked) == Replaced(5, 0, 0, 0)

    assert asked == []
    assert rows_written(database) == versions


def rows_written(database: Database) -> object:
    """What becomes another one when a row is written; SQLite counts for a connection alone, so that there only rows are told."""
    if database.engine.dialect.name == "sqlite":
        return standing(database)
    with database.engine.connect() as connection:
        return connection.execute(text("SELECT subject, measure, xmin::text FROM roll_pairs ORDER BY 1, 2")).fetchall()


def test_each_difference_counts_as_what_it_is(database: Database) -> None:
    put(database, FIRST)
    other: list[Line] = [
        ("甲", "m1", "O", 1, "320412", "320412", -500),  # another verdict
        ("甲", "m2", "O", 2, "320412", "320412", -500),  # another version
        ("乙", "m1", "E", 1, "320412", "320412", HIGHEST),  # a region that was not known
        ("丁", "m1", "E", 1, "320481", "320481", -501),  # larger
        ("戊", "m1", "E", 1, None, None, 0),  # new; 丙 is gone
    ]

    asked: list[str] = []
    assert put(database, other, asked=asked) == Replaced(5, new=1, changed=4, gone=1)

    assert asked == sorted({line[0] for line in other})

    assert standing(database) == {*other}


def test_an_empty_run_takes_everything_away(database: Database) -> None:
    put(database, FIRST)

    assert put(database) == Replaced(0, 0, 0, gone=5)

    assert standing(database) == set()


def test_what_fails_leaves_the_roll_as_it_was(database: Database) -> None:
    put(database, FIRST)

    more: Line = ("己", "m1", "E", 1, None, None, 1)

    def failing(_subjects: Sequence[str]) -> Iterable[pa.RecordBatch]:
        yield batch_of([more])
        raise RuntimeError

    with pytest.raises(RuntimeError), database.claiming() as session:
        rolls.replace(session, [digests([more])], failing)

    assert standing(database) == {*FIRST}
    assert put(database, FIRST) == Replaced(5, 0, 0, 0)


def test_the_largest_come_first_of_equals_by_id_and_the_unknown_last_in_any_pages(database: Database) -> None:
    put(database, FIRST)

    for size in (1, 2, 3, 9):
        found, after = list[str](), None
        with database.reading() as session:
            while page := rolls.of_measure(session, "m1", "E", district=None, region=None, after=after, most=size):
                found += [row.subject for row in page]
                after = Place(page[-1].step, page[-1].rank, page[-1].subject)
        assert found == ["丙", *sorted(("甲", "丁")), "乙"], size


def test_lists_are_of_the_area_that_is_asked_for(database: Database) -> None:
    put(database, FIRST)

    def of(district: str | None, region: str | None = None, verdict: str = "E", measure: str = "m1") -> list[str]:
        with database.reading() as session:
            found = rolls.of_measure(session, measure, verdict, district=district, region=region, after=None, most=9)
            return [row.subject for row in found]

    assert of("320412") == ["丙", "甲"]
    assert of("320412", "WJ-GX") == ["丙"]
    assert of("320481") == ["丁"]
    assert of("320412", verdict="O") == []
    assert of("320412", verdict="O", measure="m2") == ["甲"]


def test_the_pairs_of_a_subject_come_by_what_it_surely_may_have(database: Database) -> None:
    put(database, [("甲", "m3", "O", 1, None, None, 1), ("甲", "m9", "E", 1, None, None, 1), *FIRST[2:]])

    with database.reading() as session:
        assert [row.measure for row in rolls.of_subject(session, "甲")] == ["m9", "m3"]
        assert rolls.of_subject(session, "无") == []


LINES = st.dictionaries(
    st.tuples(st.sampled_from("甲乙丙丁"), st.sampled_from(["m1", "m2"])),
    st.tuples(st.sampled_from("EO"), st.integers(1, 2), st.sampled_from([None, "320412"]), st.integers(0, 2)),
).map(lambda said: [(*key, v, n, area, area, w) for key, (v, n, area, w) in said.items()])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(LINES, min_size=1, max_size=4))
def test_any_runs_one_after_the_other_leave_the_last_and_tell_what_became_of_each(
    database: Database, runs: list[list[Line]]
) -> None:
    before = standing(database)
    for lines in runs:
        told = put(database, lines)

        keys, old = {one[:2] for one in lines}, {one[:2] for one in before}
        assert standing(database) == {*lines}
        assert (told.pairs, told.new, told.gone) == (len(lines), len(keys - old), len(old - keys))
        assert told.changed == len({one[:2] for one in {*lines} - before} & old)
        before = {*lines}


def test_steps_never_fall_where_ranks_rise_and_the_unknown_come_last() -> None:
    ranks = sorted({-(2**62) + 1, *(-(2**n) + more for n in range(62) for more in (-1, 0, 1)), 0, 1, 10**12, HIGHEST})

    steps = rolls.steps_of(pa.array(ranks, pa.int64())).to_pylist()

    assert steps == sorted(steps)
    assert steps[-1] > steps[-2]
    assert steps[0] >= 0
    assert len(set(steps)) > 60
