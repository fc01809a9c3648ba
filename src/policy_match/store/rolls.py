"""The roll in the store: put another run in its place by what differs alone, and read it by subject or by measure."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from policy_match.facts.table import HIGHEST
from policy_match.store.bulk import copy_csv
from policy_match.store.roll_tables import RollPair, RollRun, RollSubject

if TYPE_CHECKING:
    import pyarrow as pa

_PAIRS, _SUBJECTS = (row.metadata.tables[row.__tablename__] for row in (RollPair, RollSubject))
_SAID = ("verdict", "version", "region", "district", "rank")
_STEPS = 62
_OWN = MetaData()


def _own(name: str, like: Table, *more: Column[bool]) -> Table:
    """A table of one transaction with the columns of another."""
    return Table(name, _OWN, *(Column(one.name, one.type) for one in like.columns), *more, prefixes=["TEMPORARY"])


_COMING = _own("roll_coming", _SUBJECTS)
_TOUCHED = _own("roll_touched", _SUBJECTS, Column("is_gone", Boolean))
_STAGE = _own("roll_stage", _PAIRS)
_DIFFERING = _own("roll_differing", _PAIRS, Column("is_new", Boolean))


@dataclass(frozen=True, slots=True)
class Replaced:
    """How many pairs there are now, and of these new and changed ones; `gone`: those that are no more."""

    pairs: int
    new: int
    changed: int
    gone: int


@dataclass(frozen=True, slots=True)
class Place:
    """The last line of a page of a measure's list: the next page begins after it."""

    step: int
    rank: int
    subject: str


def replace(
    session: Session, subjects: Iterable[pa.RecordBatch], pairs_of: Callable[[Sequence[str]], Iterable[pa.RecordBatch]]
) -> Replaced:
    """Let these subjects and their pairs stand and no others; what stands so already is not written.

    `subjects`: each once, with its digest; `pairs_of`: the pairs of some of them, each once, with the columns of `RollPair`; it is
    asked for those alone whose digest is another one than before. Readers see the roll as it was until the transaction ends;
    another who replaces it waits.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE roll_subjects IN SHARE ROW EXCLUSIVE MODE"))
        # Both sides of a comparison are to stay in memory.
        connection.execute(text("SET LOCAL work_mem = '256MB'"))
    _OWN.create_all(connection, checkfirst=False)
    for batch in subjects:
        _stage(connection, _COMING, batch)
    _analysed(connection, _COMING)
    changed = _find_touched(connection)
    for batch in pairs_of(changed) if changed else ():
        _stage(connection, _STAGE, batch.append_column("step", steps_of(batch["rank"])))
    found = _put_in_place(connection)
    _OWN.drop_all(connection, checkfirst=False)
    return found


def steps_of(ranks: pa.Int64Array) -> pa.Int16Array:
    """Each rank in coarse steps, one for a doubling of the size: never falling where ranks rise, the unknown ones last."""
    import pyarrow as pa

    found = ranks.to_numpy()
    sizes = np.maximum(-found, 1).astype(np.float64)
    steps = np.where(found < 0, _STEPS - np.floor(np.log2(sizes)), _STEPS + 1)
    return pa.array(np.where(found == HIGHEST, _STEPS + 2, steps).astype(np.int16))


def _analysed(connection: Connection, table: Table) -> None:
    """Nobody else counts the rows of a table that only this transaction has."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {table.name}"))


def _stage(connection: Connection, table: Table, batch: pa.RecordBatch) -> None:
    if connection.dialect.name == "postgresql":
        import pyarrow.csv as text_of

        lines = io.BytesIO()
        text_of.write_csv(batch, lines, text_of.WriteOptions(include_header=False))
        copy_csv(connection, table, batch.schema.names, lines.getbuffer())
    elif batch.num_rows:
        connection.execute(insert(table), batch.to_pylist())


def _find_touched(connection: Connection) -> list[str]:
    """Note the subjects that are new, other than before, or gone; those that are not gone are given back, in order."""
    there, coming, touched = _SUBJECTS.c, _COMING.c, _TOUCHED.c
    same = there.subject == coming.subject
    differs = there.digest.is_distinct_from(coming.digest)
    names = ["subject", "digest", "is_gone"]
    other = select(coming.subject, coming.digest, literal(False)).select_from(_COMING.outerjoin(_SUBJECTS, same))
    gone = select(there.subject, there.digest, literal(True)).select_from(_SUBJECTS.outerjoin(_COMING, same))
    connection.execute(insert(_TOUCHED).from_select(names, other.where(differs)))
    connection.execute(insert(_TOUCHED).from_select(names, gone.where(coming.subject.is_(None))))
    _analysed(connection, _TOUCHED)
    return list(connection.scalars(select(touched.subject).where(~touched.is_gone).order_by(touched.subject)))


def _put_in_place(connection: Connection) -> Replaced:
    """Write what differs of the subjects that were touched."""
    old, new, differing, touched = _PAIRS.c, _STAGE.c, _DIFFERING.c, _TOUCHED.c
    names = [column.name for column in old]
    _analysed(connection, _STAGE)
    same = and_(old.subject == new.subject, old.measure == new.measure)
    differs = or_(*(old[name].is_distinct_from(new[name]) for name in _SAID))
    rows = select(*new, old.subject.is_(None)).select_from(_STAGE.outerjoin(_PAIRS, same)).where(differs)
    connection.execute(insert(_DIFFERING).from_select([*names, "is_new"], rows))
    _analysed(connection, _DIFFERING)
    is_touched, key = (
        old.subject.in_(select(touched.subject)),
        and_(differing.subject == old.subject, differing.measure == old.measure),
    )
    gone = connection.execute(delete(_PAIRS).where(is_touched, ~exists().where(same))).rowcount
    changed = connection.execute(delete(_PAIRS).where(exists().where(key))).rowcount
    # The pairs of a subject are to lie together, so that those of one that changes are on few pages.
    in_order = select(*(differing[name] for name in names)).order_by(differing.subject, differing.measure)
    connection.execute(insert(_PAIRS).from_select(names, in_order))
    _note_subjects(connection)
    added = connection.execute(select(func.count()).where(differing.is_new)).scalar_one()
    pairs = connection.execute(select(func.count()).select_from(_PAIRS)).scalar_one()
    return Replaced(pairs, added, changed, gone)


def _note_subjects(connection: Connection) -> None:
    """What the digests are now; one that was there is written in its place."""
    there, touched = _SUBJECTS.c, _TOUCHED.c
    same = there.subject == touched.subject
    connection.execute(delete(_SUBJECTS).where(exists().where(same, touched.is_gone)))
    connection.execute(update(_SUBJECTS).values(digest=touched.digest).where(same))
    new = (
        select(touched.subject, touched.digest).where(~touched.is_gone, ~exists().where(same)).order_by(touched.subject)
    )
    connection.execute(insert(_SUBJECTS).from_select(["subject", "digest"], new))


def last_run(session: Session) -> RollRun | None:
    """The run that the roll is of; None: none was kept."""
    return session.scalars(select(RollRun).order_by(RollRun.id.desc()).limit(1)).first()


def runs(session: Session, most: int) -> list[RollRun]:
    """The runs that were kept, the newest first."""
    return list(session.scalars(select(RollRun).order_by(RollRun.id.desc()).limit(most)))


def of_subject(session: Session, subject: str) -> list[RollPair]:
    """The pairs of one subject, what it surely may have first, then by measure."""
    asked = select(RollPair).where(RollPair.subject == subject).order_by(RollPair.verdict, RollPair.measure)
    return list(session.scalars(asked))


def of_measure(
    session: Session, measure: str, verdict: str, *, district: str | None, region: str | None, after: Place | None, most: int
) -> list[RollPair]:  # fmt: skip
    """The subjects of one measure, the largest first, of an area if one is named; those after a place.

    `region`: inside the district, None: all of it.
    """
    row = RollPair
    asked = select(row).where(row.measure == measure, row.verdict == verdict)
    if district is not None:
        asked = asked.where(row.district == district)
    if region is not None:
        asked = asked.where(row.region == region)
    if after is not None:
        place = (after.step, after.rank, after.subject)
        asked = asked.where(row.step >= after.step, tuple_(row.step, row.rank, row.subject) > place)
    return list(session.scalars(asked.order_by(row.step, row.rank, row.subject).limit(most)))
