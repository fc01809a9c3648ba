"""Do a request that is sent again only once: `Idempotency-Key` (BI-77).

The change and its answer are one transaction, in which nobody else writes: of two requests with one key the second
finds the answer of the first. The answer is kept sealed for a week, for its sender alone. A request that was refused
changed nothing and is not kept: sent again it is judged again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

import orjson
from fastapi import Header, Request
from starlette.responses import Response

from policy_match.errors import Issue, PolicyMatchError, UsageError
from policy_match.store import kept_answers
from policy_match.store.database import Database
from policy_match.store.subscription_tables import KeptAnswer
from policy_match.workflows.open_archive import Archive

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEPT = timedelta(days=7)
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came. `key`: its own number, None without one; `path`: with the query."""

    key: str | None
    method: str
    path: str
    sha256: str


_TOLD = "自己编的请求编号：同一编号、同样内容再发一次，只办一次，回答同第一次；保留 7 天"


async def sent(request: Request, key: Annotated[str | None, Header(alias=HEADER, description=_TOLD)] = None) -> Sent:
    """A dependency: the request as it is told apart from others; UsageError IDEMP_KEY for a key that is none, or several."""
    _check_key(key, len(request.headers.getlist(HEADER)))
    query = f"?{request.url.query}" if request.url.query else ""
    body = hashlib.sha256(await request.body()).hexdigest()
    return Sent(key, request.method, request.url.path + query, body)


def write_once(
    archive: Archive, request: Sent, do: Callable[[Archive], Response], *, actor: str, now: datetime
) -> Response:
    """Do it and keep the answer, or give the answer that the actor got before, marked as a repetition.

    `do` takes the archive that it is given, not the one outside, and calls one workflow. Its errors are raised; what it
    had written by then, such as the note of a refusal, is kept. UsageError IDEMP_MISMATCH if the key was used for
    something else. Without a key it is simply done.
    """
    if request.key is None:
        return do(archive)
    refused: PolicyMatchError | None = None
    with archive.database.together() as whole:
        before = _before(whole, request, actor, now)
        if before is not None:
            return _again(archive, before, request)
        try:
            answer = do(replace(archive, database=whole))
        except PolicyMatchError as error:
            refused = error
        else:
            _keep(replace(archive, database=whole), answer, request, actor, now)
            return answer
    raise refused


def _check_key(key: str | None, count: int) -> None:
    if key is None:
        return
    if count > 1 or not 1 <= len(key) <= LONGEST or not (key.isascii() and key.isprintable()):
        what = "请求编号写了几个" if count > 1 else "请求编号不合格式"
        allowed = f"一个，1 至 {LONGEST} 个可见的 ASCII 字符"
        raise UsageError(Issue("IDEMP_KEY", what, HEADER, allowed, "每件事用一个新的编号，例如 UUID"))


def _before(whole: Database, request: Sent, actor: str, now: datetime) -> KeptAnswer | None:
    # Writing takes the turn: who asked first with this key has ended, and its answer is there to be read.
    with whole.writing() as session:
        return kept_answers.find(session, actor, request.key or "", now - KEPT)


def _again(archive: Archive, before: KeptAnswer, request: Sent) -> Response:
    if (before.method, before.path, before.body_sha256) != (request.method, request.path, request.sha256):
        what = f"请求编号“{before.key}”已用于另一件事"
        raise UsageError(Issue("IDEMP_MISMATCH", what, HEADER, "", "换一个请求编号再提交"))
    location, body = orjson.loads(archive.sealer.open(before.answer, _about(before.actor_id, before.key)))
    headers = {REPLAYED: "true"} | ({} if location is None else {"Location": location})
    return Response(body, before.status, headers, media_type="application/json")


def _keep(archive: Archive, answer: Response, request: Sent, actor: str, now: datetime) -> None:
    key, said = request.key or "", orjson.dumps([answer.headers.get("Location"), bytes(answer.body).decode()]).decode()
    row = KeptAnswer(
        actor_id=actor, key=key, method=request.method, path=request.path, body_sha256=request.sha256,
        status=answer.status_code, answer=archive.sealer.seal(said, _about(actor, key)), at=now,
    )  # fmt: skip
    with archive.database.writing() as session:
        kept_answers.keep(session, row, since=now - KEPT)


def _about(actor: str, key: str) -> str:
    return f"kept_answer/{actor}/{key}"
