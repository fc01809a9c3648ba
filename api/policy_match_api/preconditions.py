"""Which version of a record a change was made from: `If-Match` (BI-75).

A record's answer has the ETag `"<row version>-<hash>"`. Who changes it sends that tag back, or the version alone; the
workflow compares the version with the one that is there, in its own transaction (`seen`), and refuses an older one with
LC_STALE, 409, and what was done since.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header, Request

from policy_match.errors import Issue, UsageError

HEADER = "If-Match"
_TAG = re.compile(r'(?:W/)?"([0-9]{1,9})(?:-[0-9a-f]{32}(?:-[a-z]+)?)?"')
_TOLD = "读取这条记录时得到的 ETag；之后有人改过的，不办，回答 409 和改动"


def version_seen(
    request: Request, tag: Annotated[str | None, Header(alias=HEADER, description=_TOLD)] = None
) -> int | None:
    """A dependency: the row version that the sender saw; None where the request does not say (no header, or `*`).

    UsageError IF_MATCH for a header that names no version of a record, or several.
    """
    count = len(request.headers.getlist(HEADER))
    if tag is None or (tag == "*" and count == 1):
        return None
    found = _TAG.fullmatch(tag.strip())
    if found is None or count > 1:
        hint = "把读取这条记录时得到的 ETag 原样发回；没有读过的，不写这个请求头"
        raise UsageError(Issue("IF_MATCH", "If-Match 不是这条记录的版本", HEADER, '"<记录版本>" 或记录的 ETag', hint))
    return int(found[1])
