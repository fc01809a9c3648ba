"""A database that is locked, full, read-only or gone: 503 with the time to come back after; what was under way left nothing behind."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.responses import Response

from policy_match.errors import Issue
from policy_match.store.availability import Outage, outage_of
from policy_match_api.errors import answer

RETRY_SECONDS = 10
log = logging.getLogger("policy_match.service")
OUTAGE_WORDS = {
    Outage.GONE: "连不上数据库",
    Outage.BUSY: "数据库正忙，别的写入还没有结束",
    Outage.READ_ONLY: "数据库现在只读",
    Outage.FULL: "磁盘已满",
    Outage.OTHER_SCHEMA: "数据库的表结构与程序不一致",
}


def add_outage(app: FastAPI) -> None:
    """Answer the errors of the database and of a full disk."""
    for kind in (DBAPIError, NoConnectionFree, OSError):
        app.add_exception_handler(kind, _from_error)


def unavailable(request: Request, outage: Outage) -> Response:
    """The answer while the database cannot be used; why is logged under the trace id."""
    trace = request.scope.get("state", {}).get("trace_id")
    log.error("store unavailable", extra={"outage": outage.value, "trace_id": trace})
    hint = f"什么都没有写入，{RETRY_SECONDS} 秒后再试；一直这样请告诉管理员"
    return come_back(request, Issue("STORE_UNAVAILABLE", OUTAGE_WORDS[outage], "", "", hint))


def come_back(request: Request, issue: Issue) -> Response:
    """503 with Retry-After."""
    found = answer(request, issue, 503)
    found.headers["Retry-After"] = str(RETRY_SECONDS)
    return found


async def _from_error(request: Request, error: Exception) -> Response:
    outage = outage_of(error)
    if outage is None:
        raise error
    return unavailable(request, outage)
