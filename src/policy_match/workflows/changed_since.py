"""What people did to the record of a project after the version that somebody saw: told to whoever is refused as too late (BI-75)."""

from __future__ import annotations

from datetime import datetime

import orjson
from sqlalchemy.orm import Session

from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import EventKind
from policy_match.settings import LOCAL
from policy_match.store import actors, changes
from policy_match.store.tables import Audit, Subject

_MOST = 5
_LOOKED_AT = 100


def changed_since(session: Session, table: LifecycleTable, subject: Subject, seen: int) -> str:
    """Who did what and when, the oldest first, in words; of more than five the last five. Empty if the chain tells nothing.

    Every change of a version names the version that it led to.
    """
    rows = changes.of_object(session, subject.library, "project", subject.code, _LOOKED_AT)
    newer = [row for row in rows if _version(row) > seen][:_MOST]
    names = actors.names(session)
    return "；".join(f"{names[row.actor]} {_time(row.at)} {_act(row, table)}" for row in reversed(newer))


def _version(row: Audit) -> int:
    version = orjson.loads(row.detail).get("row_version")
    return version if isinstance(version, int) else 0


def _time(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def _act(row: Audit, table: LifecycleTable) -> str:
    """The thing done, as the pages call it."""
    if row.action == "project.firm":
        return "更换项目单位"
    kind = EventKind(row.action.removeprefix("event.").upper())
    if kind is EventKind.POINT:
        point = str(orjson.loads(row.detail).get("point"))
        return "登记" + next((one.name for one in table.points if one.id == point), point)
    words = {EventKind.ENTER: "入库", EventKind.CORRECT: "更正记录", EventKind.WITHDRAW: "撤销记录"}
    return words.get(kind) or table.side_moves[kind].name
