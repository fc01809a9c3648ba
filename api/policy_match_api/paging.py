"""Cursors: a place in a list, good for that list alone.

A cursor names its place and a digest of what was asked and of every id found, in order. Another question, other filters, or an
index or rulebook that would answer in another order make it invalid: no page ever repeats or skips a line in silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from policy_match.errors import Issue, UsageError


@dataclass(frozen=True, slots=True)
class Page:
    """The lines from `start` to before `stop`; `cursor` of the next page, None on the last one."""

    start: int
    stop: int
    cursor: str | None


def page_of(ids: Sequence[str], asked: Sequence[str | None], cursor: str | None, limit: int) -> Page:
    """The page of a list that a cursor names, the first one without; UsageError CURSOR_INVALID for one of another list."""
    digest = hashlib.sha256(orjson.dumps([list(asked), list(ids)])).hexdigest()[:16]
    start = 0 if not cursor else _place(cursor, digest, len(ids))
    stop = min(start + limit, len(ids))
    return Page(start, stop, f"{stop}.{digest}" if stop < len(ids) else None)


def _place(cursor: str, digest: str, length: int) -> int:
    place, _, held = cursor.partition(".")
    if held == digest and place.isascii() and place.isdigit() and len(place) < 9 and 0 < int(place) < length:
        return int(place)
    hint = "去掉 cursor 从第一页重新取；翻页时查询、筛选和日期都不要改"
    raise UsageError(Issue("CURSOR_INVALID", "这个 cursor 不属于这次查询", "cursor", "上一页的 next_cursor", hint))
