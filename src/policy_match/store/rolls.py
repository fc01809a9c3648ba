"""The roll in the store: put another run in its place by what differs alone, and read it by subject or by measure."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import Session

from policy_match.store.bulk import copy_csv
from policy_match.store.roll_tables import RollPair, RollRun

if TYPE_CHECKING:
    import pyarrow as pa

_PAIRS = RollPair.metadata.tables[RollPair.__tablename__]
_SAID = ("verdict", "version", "region", "district", "rank")
_OWN = MetaData()
_STAGE, _DIFFERING = (
    Table(name, _OWN, *(Column(one.name, one.type) for one in _PAIRS.columns), *more, prefixes=["TEMPORARY"])
    for name, more in (("roll_stage", ()), ("roll_differing", (Column("is_new", Boolean),)))
)


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

    rank: int
    subject: str


def replace(session: Session, batches: Iterable[pa.RecordBatch]) -> Replaced:
    """Let these pairs stand and no others; those that stand so already are not written.

    `batches`: with the columns of `RollPair`, each pair once. Readers see the roll as it was until the transaction ends;
    another who replaces it waits.
    """
    connection = session.connection()
    on_server = connection.dialect.name == "postgresql"
    if on_server:
        connection.execute(text("LOCK TABLE roll_pairs IN SHARE ROW EXCLUSIVE MODE"))
        # Both sides of a comparison are to stay in memory.
        connection.execute(text("SET LOCAL work_mem = '256MB'"))
    _OWN.create_all(connection, checkfirst=False)
    pairs = sum(_stage(connection, batch) for batch in batches)
    _analysed(connection, _STAGE)
    found = _put_in_place(connection, pairs)
    _OWN.drop_all(connection, checkfirst=False)
    return found


def _analysed(connection: Connection, table: Table) -> None:
    """Nobody else counts the rows of a table that only this transaction has."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {table.name}"))


def _stage(connection: Connection, batch: pa.RecordBatch) -> int:
    if connection.dialect.name == "postgresql":
        import pyarrow.csv as text_of

        lines = io.BytesIO()
        text_of.write_csv(batch, lines, text_of.WriteOptions(include_header=False))
        copy_csv(connection, _STAGE, batch.schema.names, lines.getbuffer())
    elif batch.num_rows:
        connection.execute(insert(_STAGE), batch.to_pylist())
    return int(batch.num_rows)


def _put_in_place(connection: Connection, pairs: int) -> Replaced:
    """The whole roll is compared once, and a second time only where pairs are gone."""
    old, new, differing = _PAIRS.c, _STAGE.c, _DIFFERING.c
    names = [column.name for column in old]
    same = and_(old.subject == new.subject, old.measure == new.measure)
    differs = or_(*(old[name].is_distinct_from(new[name]) for name in _SAID))
    rows = select(*new, old.subject.is_(None)).select_from(_STAGE.outerjoin(_PAIRS, same)).where(differs)
    connection.execute(insert(_DIFFERING).from_select([*names, "is_new"], rows))
    _analysed(connection, _DIFFERING)
    added = connection.execute(select(func.count()).where(differing.is_new)).scalar_one()
    changed = connection.execute(select(func.count()).where(~differing.is_new)).scalar_one()
    gone = connection.execute(select(func.count()).select_from(_PAIRS)).scalar_one() - (pairs - added)
    if gone:
        connection.execute(delete(_PAIRS).where(~exists().where(same)))
    if changed:
        key = and_(differing.subject == old.subject, differing.measure == old.measure, ~differing.is_new)
        connection.execute(delete(_PAIRS).where(exists().where(key)))
    if added or changed:
        connection.execute(insert(_PAIRS).from_select(names, select(*(differing[name] for name in names))))
    return Replaced(pairs, added, changed, gone)


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
        asked = asked.where(tuple_(row.rank, row.subject) > (after.rank, after.subject))
    return list(session.scalars(asked.order_by(row.rank, row.subject).limit(most)))
