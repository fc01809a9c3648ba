"""Read the audit chain as a feed: what was done in a library after a row, and the subject that each thing belongs to.

The next writer waits until the last one has ended (store/audit.py), so numbers come up in their order: who has read up
to a row never misses one that appears later below it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store import subjects
from policy_match.store.audit import START
from policy_match.store.case_tables import Case, Objection
from policy_match.store.push_tables import Message
from policy_match.store.tables import Audit, Doubt, Subject

_Rows: TypeAlias = "tuple[int, str | None]"  # row id of the subject, id of the measure
NOTHING_DONE = ("forbidden", "refused", "same")
"""Results of audit rows that tell of no change."""


def after(session: Session, library: str, seq: int, kinds: Collection[str], limit: int) -> list[Audit]:
    """The changes of a library to objects of these kinds after a row, the oldest first."""
    asked = select(Audit).where(
        Audit.seq > seq, Audit.library == library, Audit.object_kind.in_(kinds), Audit.result.not_in(NOTHING_DONE)
    )
    return list(session.scalars(asked.order_by(Audit.seq).limit(limit)))


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the chain, and when it was written."""

    seq: int
    at: datetime


def last_act(session: Session, actor: str, before: datetime) -> Place | None:
    """The last row that an actor left before an instant; None: they never did anything."""
    asked = select(Audit.seq, Audit.at).where(Audit.actor == actor, Audit.at < before)
    row = session.execute(asked.order_by(Audit.seq.desc()).limit(1)).first()
    return None if row is None else Place(row.seq, row.at)


def newest(
    session: Session, library: str, kinds: Collection[str], *, seq: int, since: datetime, but: str, limit: int
) -> list[Audit]:
    """The changes after a row and an instant by everybody `but` one actor, the newest first."""
    asked = select(Audit).where(
        Audit.seq > seq, Audit.at > since, Audit.library == library, Audit.object_kind.in_(kinds), Audit.actor != but,
        Audit.result.not_in(NOTHING_DONE),
    )  # fmt: skip
    return list(session.scalars(asked.order_by(Audit.seq.desc()).limit(limit)))


def of_object(session: Session, library: str, kind: str, object_id: str, limit: int) -> list[Audit]:
    """The changes of one object, the newest first."""
    asked = select(Audit).where(
        Audit.library == library, Audit.object_kind == kind, Audit.object_id == object_id,
        Audit.result.not_in(NOTHING_DONE),
    )  # fmt: skip
    return list(session.scalars(asked.order_by(Audit.seq.desc()).limit(limit)))


def hash_at(session: Session, seq: int) -> str | None:
    """The hash of a row, that of the start before the first row; None where there is none."""
    return START if seq == 0 else session.scalars(select(Audit.row_hash).where(Audit.seq == seq)).first()


@dataclass(frozen=True, slots=True)
class Belonging:
    """What an object belongs to: the code of a subject and, of a case, an objection and a review, a measure."""

    subject: str
    measure: str | None = None


def belongings(session: Session, library: str, rows: Sequence[Audit]) -> dict[tuple[str, str], Belonging]:
    """What each object belongs to today, by kind and id; objects of no one subject are left out.

    A case is of its project or else of whom it pays, an objection of its case, a review of the subject of its match, and
    a merged project of what it went into.
    """
    found = _of_codes(session, library, rows) | _of_cases(session, library, rows)
    found |= _of_doubts(session, _numbers(rows, "doubt")) | _of_objections(session, _numbers(rows, "objection"))
    found |= _of_messages(session, _numbers(rows, "message"))
    there = subjects.by_ids(session, sorted({row for row, _ in found.values()}))
    return {
        one: Belonging(subjects.survivor(session, there[row]).code, measure) for one, (row, measure) in found.items()
    }


def _of_codes(session: Session, library: str, rows: Sequence[Audit]) -> dict[tuple[str, str], _Rows]:
    """Of projects, and of reviews, whose rows name subject and measure of the match."""
    codes: dict[tuple[str, str], tuple[str, str | None]] = {}
    for row in rows:
        if row.object_kind == "project":
            codes["project", row.object_id] = (row.object_id, None)
        elif row.object_kind == "review":
            told = orjson.loads(row.detail)
            codes["review", row.object_id] = (told["subject"], told["measure"])
    wanted = {code for code, _ in codes.values()}
    asked = select(Subject.code, Subject.id).where(Subject.library == library, Subject.code.in_(wanted))
    there = {row.code: row.id for row in session.execute(asked)}
    return {one: (there[code], measure) for one, (code, measure) in codes.items() if code in there}


def _of_cases(session: Session, library: str, rows: Sequence[Audit]) -> dict[tuple[str, str], _Rows]:
    numbers = {row.object_id for row in rows if row.object_kind == "case"}
    asked = select(Case).where(Case.library == library, Case.number.in_(numbers))
    return {
        ("case", case.number): (case.project_id or case.beneficiary_id, case.measure) for case in session.scalars(asked)
    }


def _of_doubts(session: Session, ids: Iterable[int]) -> dict[tuple[str, str], _Rows]:
    asked = select(Doubt.id, Doubt.subject_id).where(Doubt.id.in_(ids), Doubt.subject_id.is_not(None))
    return {("doubt", str(row.id)): (row.subject_id or 0, None) for row in session.execute(asked)}


def _of_objections(session: Session, ids: Iterable[int]) -> dict[tuple[str, str], _Rows]:
    asked = select(Objection, Case).join(Case, Case.id == Objection.case_id, isouter=True).where(Objection.id.in_(ids))
    found: dict[tuple[str, str], _Rows] = {}
    for row, case in session.execute(asked):
        subject = row.subject_id if case is None else case.project_id or case.beneficiary_id
        if subject is not None:
            found["objection", str(row.id)] = (subject, row.measure)
    return found


def _of_messages(session: Session, ids: Iterable[int]) -> dict[tuple[str, str], _Rows]:
    asked = select(Message.id, Message.subject_id, Message.measure).where(Message.id.in_(ids))
    return {
        ("message", str(row.id)): (row.subject_id, row.measure)
        for row in session.execute(asked.where(Message.subject_id.is_not(None)))
    }


def _numbers(rows: Sequence[Audit], kind: str) -> list[int]:
    """What is done to many messages at once has no number of one."""
    return sorted({int(row.object_id) for row in rows if row.object_kind == kind and row.object_id.isdigit()})
