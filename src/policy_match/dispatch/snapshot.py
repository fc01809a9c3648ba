"""A month as it was frozen: the rows of all projects, written as one canonical text and known by its hash.

The text leaves out what has its default, so that a row type that gains a field with a default
still gives the old text, and the old hash, for an old month. What a report shows beside the rows is
frozen with them: the hash of the month it is compared with, and the restatements of earlier months.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import orjson
from pydantic import TypeAdapter, ValidationError

from policy_match.dispatch.month import Month
from policy_match.errors import FactError, Issue
from policy_match.lifecycle.standing import Standing


@dataclass(frozen=True, slots=True)
class Restatement:
    """A figure of a closed month that comes out differently today.

    `was`, `now` and `difference` are worded as in the report; `projects`: whose rows differ; `causes`: ids of the events
    recorded about them since the closing, none where a late or amended fact is the cause.
    """

    month: str
    figure: str
    was: str
    now: str
    difference: str
    projects: tuple[str, ...]
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All projects on a day. `rows` by 库内编号; `closed_at`: the instant of closing, None for a preview of an open month.

    `config_hash`: of the rules in force; `before_hash`: of last month's snapshot, empty where there is none.
    """

    month: Month
    as_of: date
    closed_at: datetime | None
    config_hash: str
    rows: tuple[Standing, ...]
    before_hash: str = ""
    restatements: tuple[Restatement, ...] = ()

    @property
    def content_hash(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(to_text(self).encode()).hexdigest()


def sorted_rows(rows: Iterable[Standing]) -> tuple[Standing, ...]:
    """Rows by code, as a snapshot holds them."""
    return tuple(sorted(rows, key=lambda row: row.code))


def to_text(snapshot: Snapshot) -> str:
    """Canonical JSON: keys sorted, no blanks, defaults left out; `from_text` gives the same snapshot back."""
    plain = _adapter().dump_python(snapshot, mode="json", exclude_defaults=True)
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode()


def from_text(text: str) -> Snapshot:
    """The snapshot of a text; FactError SNAPSHOT_BROKEN for a text that `to_text` would not write."""
    try:
        snapshot = _adapter().validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise _broken(".".join(str(step) for step in first["loc"]), str(first["msg"])) from None
    if to_text(snapshot) != text:
        raise _broken("", "内容与规范写法不一致")
    return snapshot


@cache
def _adapter() -> TypeAdapter[Snapshot]:
    return TypeAdapter(Snapshot)


def _broken(where: str, why: str) -> FactError:
    hint = "不要手工改动封存的月报；从备份恢复"
    return FactError(Issue("SNAPSHOT_BROKEN", f"封存的月报读不出来（{why}）", where, "系统封存时写下的原文", hint))
