"""What changed in a library since a place in the audit chain: what was done to which object and when, never its values.

Whoever asks keeps the cursor of the last answer and asks again with it, also when there was nothing new. A cursor names
a row of this very chain: after a restore to an earlier state it is refused, so that nobody goes on as if nothing had
been lost.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.errors import Issue, UsageError
from policy_match.store import changes
from policy_match.store.tables import Audit
from policy_match.workflows.open_archive import Archive

KINDS = {
    "project": "项目", "case": "免申即享办件", "objection": "异议", "review": "匹配复核", "doubt": "待核实事项", "batch": "导入批次",
    "month": "月度封账", "library": "全库登记", "unit": "单位联络员", "release": "规则版本", "rule": "措施停用",
    "budget": "兑现预算", "exclusions": "排除名单", "payment_batch": "拨付批次", "payments": "已拨付台账", "receipts": "拨付回执",
    "message": "消息", "evaluation": "评价", "figure": "人工填报的评价数",
}  # fmt: skip
"""The kinds of objects that the feed tells of. Sign-in, accounts, keys and refusals are none of them, nor are pipelines,
each of which says itself who may know of it."""
MOST = 100
_LOOKED_AT = 2_000
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Change:
    """One thing done. `subject`: the code of the project or firm that the object belongs to; None: of the library.

    `measure`: under which a case, an objection or a review is; None of everything else.
    """

    seq: int
    at: datetime
    library: str
    kind: str
    id: str
    action: str
    subject: str | None
    measure: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """The oldest first. `cursor`: of what comes after, always given; `more`: whether asking again at once may give more."""

    changes: tuple[Change, ...]
    cursor: str
    more: bool


def list_changes(
    archive: Archive, library: str, cursor: str | None, sees: Callable[[Change], bool], *, limit: int = MOST
) -> Changes:
    """The changes after a cursor, from the first one without, that the asker may see.

    `limit`: 1 to 100. Of a long run that is hidden from the asker 2,000 rows are passed over at a time. UsageError
    CURSOR_INVALID for a cursor of another library or another chain.
    """
    with archive.database.snapshot() as session:
        start = _place(session, library, cursor)
        rows = changes.after(session, library, start, [*KINDS], _LOOKED_AT)
        found, last = list[Change](), start
        for change in changes_of(session, library, rows):
            if len(found) == limit:
                break
            last = change.seq
            if sees(change):
                found.append(change)
        more = bool(rows) and (rows[-1].seq > last or len(rows) == _LOOKED_AT)
        return Changes(tuple(found), cursor_of(session, library, last), more)


def cursor_of(session: Session, library: str, seq: int) -> str:
    """The cursor of what comes after a row of the chain."""
    mark = _mark(library, changes.hash_at(session, seq) or "")
    return base64.urlsafe_b64encode(f"{seq}.{mark}".encode()).decode().rstrip("=")


def changes_of(session: Session, library: str, rows: Sequence[Audit]) -> list[Change]:
    """What rows of the chain tell of, in their order."""
    belongings = changes.belongings(session, library, rows)
    found = []
    for row in rows:
        owner = belongings.get((row.object_kind, row.object_id))
        subject, measure = (None, None) if owner is None else (owner.subject, owner.measure)
        found.append(Change(row.seq, row.at, library, row.object_kind, row.object_id, row.action, subject, measure))
    return found


def _place(session: Session, library: str, cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        number, _, mark = (
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode().partition(".")
        )
    except (binascii.Error, ValueError):
        number, mark = "", ""
    if number.isascii() and number.isdigit() and len(number) < _DIGITS:
        there = changes.hash_at(session, int(number))
        if there is not None and mark == _mark(library, there):
            return int(number)
    hint = "用上一次回答中的 next_cursor；库恢复过备份的，去掉 cursor 从头取"
    raise UsageError(
        Issue("CURSOR_INVALID", "这个 cursor 不属于这个库的变更记录", "cursor", "上一次的 next_cursor", hint)
    )


def _mark(library: str, row_hash: str) -> str:
    return hashlib.sha256(f"{library} {row_hash}".encode()).hexdigest()[:_DIGITS]
