"""Which version of a record a change was made from: `If-Match` (BI-75).

A record's answer has the ETag `"<row version>-<hash>"`. Who changes it sends that tag back, or the version alone; the
workflow compares the version with the one that is there, in its own transaction (`seen`), and refuses an older one with
LC_STALE, 409, and what was done since.
"""

from __future__ import annotations

import re

from fastapi import Request

from policy_match.errors import Issue, UsageError

HEADER = "If-Match"
_TAG = re.compile(r'(?:W/)?"([0-9]{1,9})(?:-[0-9a-f]{32}(?:-[a-z]+)?)?"')


def version_seen(request: Request) -> int | None:
    """The row version that the sender saw; None where the request does not say (no header, or `*`).

    UsageError IF_MATCH for a header that names no version of a record, or several.
    """
    written = request.headers.getlist(HEADER)
    if not written or written == ["*"]:
        return None
    found = _TAG.fullmatch(written[0].strip())
    if found is None or len(written) > 1:
        hint = "把读取这条记录时得到的 ETag 原样发回；没有读过的，不写这个请求头"
        raise UsageError(Issue("IF_MATCH", "If-Match 不是这条记录的版本", HEADER, '"<记录版本>" 或记录的 ETag', hint))
    return int(found[1])
