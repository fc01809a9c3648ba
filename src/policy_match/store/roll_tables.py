"""The tables of the roll (大批名单): the pairs that stand in the lists of the last large run, and what each run that was kept changed.

A row has neither the run nor a time, so that what stands as before is not written again. On PostgreSQL the pairs lie in
partitions by their subject.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from policy_match.store.tables import Base
from policy_match.store.types import Instant, RowId

# By code point on both databases, as a run orders them.
_SUBJECT, _MEASURE = (String(length).with_variant(String(length, collation="C"), "postgresql") for length in (200, 80))


class RollPair(Base):
    """One measure in a list of one subject. `verdict`: E what it surely may have, O what is still open (facts are missing, or
    people have to judge); `version` of the measure. `region`, `district`: where the subject is, None: not known. `rank`:
    minus how large it is by the fact of the run, its lower end, so that the largest comes first, HIGHEST where nobody knows;
    it orders and is not shown. `step`: the rank in few coarse steps, for the index."""

    __tablename__ = "roll_pairs"
    __table_args__ = (
        # One, of few distinct keys, so that it stays small: pairs that change touch few of its pages, which all go to the log.
        # Of a list of one district the rest is read over.
        Index("ix_roll_pairs_by_measure", "measure", "verdict", "step"),
        {"postgresql_partition_by": "HASH (subject)", "sqlite_with_rowid": False},
    )

    subject: Mapped[str] = mapped_column(_SUBJECT, primary_key=True)
    measure: Mapped[str] = mapped_column(_MEASURE, primary_key=True)
    verdict: Mapped[str] = mapped_column(String(1))
    version: Mapped[int] = mapped_column(Integer)
    region: Mapped[str | None] = mapped_column(String(10))
    district: Mapped[str | None] = mapped_column(String(10))
    rank: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[int] = mapped_column(SmallInteger)


class RollSubject(Base):
    """A subject of the roll. `digest`: of where it is, how large, and both its lists with the versions of the measures, so that
    a subject that stands as before is known without reading its pairs."""

    __tablename__ = "roll_subjects"

    subject: Mapped[str] = mapped_column(_SUBJECT, primary_key=True)
    digest: Mapped[int] = mapped_column(BigInteger)


class RollRun(Base):
    """A run that was kept; the last one tells what the pairs are of. Rows are only added.

    `release`, `as_of`, `facts`, `by`, `top`: what the run went by (run.json). `measures`: of each measure its title, and how
    many subjects surely may have it, lack facts, or wait for people: counts of all subjects, not of the lists.
    `new`, `changed`, `gone`: pairs against the run before.
    """

    __tablename__ = "roll_runs"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    release: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[date]
    facts: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(80))
    top: Mapped[int]
    subjects: Mapped[int] = mapped_column(BigInteger)
    pairs: Mapped[int] = mapped_column(BigInteger)
    new: Mapped[int] = mapped_column(BigInteger)
    changed: Mapped[int] = mapped_column(BigInteger)
    gone: Mapped[int] = mapped_column(BigInteger)
    measures: Mapped[dict[str, dict[str, str | int]]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
