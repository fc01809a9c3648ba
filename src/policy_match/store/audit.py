"""The audit chain: who did what to which object, each row holding the hash of the row before it.

A row is written in the transaction of the change that it tells of. A changed row breaks the chain
at its number; a chain rewritten with fresh hashes, or cut short, no longer agrees with heads that
were kept outside the database. Domain specification §10.4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

import orjson
from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.orm import Session

from policy_match.store.account_tables import Account
from policy_match.store.tables import CHANGES, Actor, Audit

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain] | None"
START = "0" * 64
_LOCK = 7_120_411  # any number, but the same for all who write the chain
_CHUNK = 5_000
ACCESS = "access"
DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: its trace id, the terminal, and the colleague whose work is done by a delegation."""

    trace_id: str
    terminal: str
    acts_for: str


# Set by the door of a service for each request, so that every row that it leaves says where it came from; a command has none.
ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)


@dataclass(frozen=True, slots=True)
class Head:
    """Number and hash of a row, as kept outside the database; `at`: when it was written."""

    seq: int
    row_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain no longer holds: the first row that is wrong, and what is wrong with it in words."""

    seq: int
    what: str


def record(
    session: Session,
    actor: Actor,
    action: str,
    *,
    object_kind: str,
    object_id: str,
    at: datetime,
    library: str | None = None,
    result: str = "done",
    reason: str | None = None,
    detail: Mapping[str, Plain] | None = None,
) -> Audit:
    """Add a row to the chain, in the caller's transaction; the next writer waits until that has ended.

    `library`: the one that the object is of; None for what is of no library, such as an account.
    """
    row = Audit(
        at=at.astimezone(UTC),
        actor=actor.id,
        role=actor.role,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        library=library,
        result=result,
        reason=reason,
        detail=_text(detail or {}),
    )
    _chain(session, [row])
    return row


def record_each(
    session: Session,
    actor: Actor,
    action: str,
    objects: Iterable[tuple[str, Mapping[str, Plain]]],
    *,
    object_kind: str,
    at: datetime,
    library: str,
) -> None:
    """Add a row for each object, given by its id and the detail, as `record` does one by one."""
    rows = [
        Audit(
            at=at.astimezone(UTC),
            actor=actor.id,
            role=actor.role,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            library=library,
            result="done",
            detail=_text(detail),
        )
        for object_id, detail in objects
    ]
    _chain(session, rows)


def _text(detail: Mapping[str, Plain]) -> str:
    return orjson.dumps(detail, option=orjson.OPT_SORT_KEYS).decode()


def _chain(session: Session, rows: Sequence[Audit]) -> None:
    """Add rows to the end of the chain, to which nobody else adds until the transaction has ended."""
    take_turn(session)
    last = session.scalars(select(Audit).order_by(Audit.seq.desc()).limit(1)).first()
    origin = ORIGIN.get()
    for row in rows:
        if origin is not None:
            row.trace_id, row.terminal, row.acts_for = origin.trace_id, origin.terminal, origin.acts_for or None
        row.seq, row.prev_hash = (1, START) if last is None else (last.seq + 1, last.row_hash)
        row.row_hash = hash_of(row)
        last = row
    session.add_all(rows)
    session.flush()


def take_turn(session: Session) -> None:
    """Wait until every other writer has ended: what is read from here on stays true until this transaction ends.

    Whoever checks a balance or counts up a number takes the turn first. SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def hash_of(row: Audit) -> str:
    """SHA-256 of everything that the row says and of the hash before it."""
    said = [
        row.seq,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.actor,
        row.role,
        row.action,
        row.object_kind,
        row.object_id,
        row.result,
        row.reason,
        row.trace_id,
        row.detail,
        row.prev_hash,
    ]
    # Rows written before these were noted have none of them, and keep their hash.
    noted = [row.library, row.terminal, row.acts_for]
    said += noted if any(noted) else []
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def head(session: Session) -> Head | None:
    """The newest row; None while nothing was done."""
    # These columns alone: a database of any revision of the schema has them (back_up.py).
    row = session.execute(select(Audit.seq, Audit.row_hash, Audit.at).order_by(Audit.seq.desc()).limit(1)).first()
    return None if row is None else Head(row.seq, row.row_hash, row.at)


def last_change(session: Session) -> int:
    """The number of the newest row that tells of a change, 0 without any: signing in, reads, refusals, messages and
    what people say of a match are none."""
    asked = select(Audit.seq).where(text(CHANGES)).order_by(Audit.seq.desc()).limit(1)
    return session.scalars(asked).first() or 0


def has_changed_since(session: Session, seq: int, actor: str) -> bool:
    """Whether an actor changed anything after a row of the chain."""
    asked = select(Audit.seq).where(Audit.seq > seq, Audit.actor == actor, text(CHANGES)).limit(1)
    return session.scalars(asked).first() is not None


def first_break(session: Session, kept: Iterable[Head] = ()) -> Break | None:
    """The first row that is missing, changed or not the one that a kept head names; None if the chain holds."""
    heads = {head.seq: head for head in kept}
    expected, before, sure = 1, START, 0
    # Closed at once when a break is found: a cursor left open keeps its place on the server.
    with session.scalars(select(Audit).order_by(Audit.seq).execution_options(yield_per=_CHUNK)) as rows:
        for row in rows:
            found = _wrong_with(row, expected, before)
            if found is not None:
                return found
            kept_head = heads.get(row.seq)
            if kept_head is not None and kept_head.row_hash != row.row_hash:
                return Break(sure + 1, f"第 {sure + 1} 至 {row.seq} 行中有改写：第 {row.seq} 行与库外留存的不同")
            sure = row.seq if kept_head is not None else sure
            expected, before = row.seq + 1, row.row_hash
    last = max(heads, default=0)
    return Break(expected, f"第 {expected} 行起被截去：库外留存到第 {last} 行") if last >= expected else None


def break_in_last(session: Session, most: int) -> Break | None:
    """The first row that is missing or changed among the newest `most`, which must follow the row before them."""
    newest = select(Audit).order_by(Audit.seq.desc()).limit(most + 1)
    rows = [*session.scalars(newest)][::-1]
    expected, before = 1, START
    if len(rows) > most:
        expected, before = rows[0].seq + 1, rows[0].row_hash
        rows = rows[1:]
    for row in rows:
        found = _wrong_with(row, expected, before)
        if found is not None:
            return found
        expected, before = row.seq + 1, row.row_hash
    return None


def _wrong_with(row: Audit, expected: int, before: str) -> Break | None:
    if row.seq != expected:
        return Break(expected, f"缺第 {expected} 行")
    if row.prev_hash != before:
        return Break(row.seq, f"第 {row.seq} 行接不上前一行")
    if row.row_hash != hash_of(row):
        return Break(row.seq, f"第 {row.seq} 行的内容被改动")
    return None


@dataclass(frozen=True, slots=True)
class Sought:
    """Which rows are asked for; None: all. `actor`: id; `action` and `about`: how it begins; `until`: an instant not included.

    `library`: rows of one library. `demo_alone`: of the demonstration library, and what its own accounts did.
    """

    actor: str | None = None
    action: str | None = None
    about: str | None = None
    result: str | None = None
    library: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    demo_alone: bool = False


def found(session: Session, sought: Sought, first: int, most: int) -> Sequence[Audit]:
    """At most `most` of the rows that are asked for, newest first, without the `first` ones."""
    asked = select(Audit).where(*_conditions(sought)).order_by(Audit.seq.desc())
    return session.scalars(asked.offset(first).limit(most)).all()


def count(session: Session, sought: Sought) -> int:
    """How many rows are asked for."""
    return session.scalar(select(func.count()).select_from(Audit).where(*_conditions(sought))) or 0


def newest_of_each(session: Session, action: str) -> dict[str, datetime]:
    """When everybody last did something of an action, by actor."""
    asked = select(Audit.actor, func.max(Audit.seq)).where(Audit.action == action).group_by(Audit.actor)
    rows = asked.subquery()
    return {
        row.actor: row.at for row in session.execute(select(Audit.actor, Audit.at).join(rows, Audit.seq == rows.c[1]))
    }


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if sought.actor is not None:
        conditions.append(Audit.actor == sought.actor)
    if sought.action is not None:
        conditions.append(Audit.action.startswith(sought.action, autoescape=True))
    if sought.about is not None:
        conditions.append(Audit.object_id.startswith(sought.about, autoescape=True))
    if sought.result is not None:
        conditions.append(Audit.result == sought.result)
    if sought.library is not None:
        conditions.append(Audit.library == sought.library)
    if sought.since is not None:
        conditions.append(Audit.at >= sought.since)
    if sought.until is not None:
        conditions.append(Audit.at < sought.until)
    if sought.demo_alone:
        own = select(Account.actor_id).where(Account.is_demo)
        conditions.append(or_(Audit.library == DEMO, and_(Audit.library.is_(None), Audit.actor.in_(own))))
    return conditions
