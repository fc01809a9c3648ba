"""Request bodies: how large they may be, and JSON read strictly.

Every route is under the limit, also one that leaves the reading to the framework; what asks for more stands in `LARGER`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from policy_match.errors import Issue, UsageError
from policy_match.exchange.jsonl import parse_json
from policy_match.exchange.refusals import RowError
from policy_match.facts.read import Json

MEGABYTE = 1024 * 1024
LARGEST = MEGABYTE
LARGER = {
    "/api/v1/match": 5 * MEGABYTE,
    "/authoring/from-document": 21 * MEGABYTE,  # a page of 20 MB with what a form adds to it
    "/audit/proof": 5 * MEGABYTE,
    "/reports/upload": 21 * MEGABYTE,  # a workbook of 20 MB with what a form adds to it
}
DEEPEST = 32


class BodyTooLarge(HTTPException):
    """The body is over the limit of its address, in bytes. An HTTPException, which the framework lets through while it reads."""

    def __init__(self, most: int) -> None:
        super().__init__(413)
        self.issue = Issue("BODY_TOO_LARGE", "请求内容过大", "", f"不超过 {most // MEGABYTE} MB", "分批提交")


class BodyLimit:
    """Counts what is received and raises BodyTooLarge as soon as it is over the limit; nothing larger stands in memory."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most, size = LARGER.get(scope["path"], LARGEST), 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > most:
                raise BodyTooLarge(most)
            return message

        await self.app(scope, counted, send)


async def json_body(request: Request) -> Json:
    """A dependency: the body as strict JSON.

    UsageError BODY_ENCODING, JSON, JSON_DEPTH, DUPLICATE_KEY or NUM_RANGE for a body that is none.
    """
    try:
        data = parse_json((await request.body()).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(Issue("BODY_ENCODING", "请求内容不是 UTF-8", "", "UTF-8", "转换编码后重新提交")) from None
    except RowError as error:
        raise UsageError(error.issue) from None
    check_depth(data)
    return data


def check_depth(data: Json) -> None:
    """UsageError JSON_DEPTH for lists and objects nested more than 32 deep; one list of plain values is 1 deep."""
    level = _nested([data])
    for _ in range(DEEPEST):
        level = _nested(child for node in level for child in (node.values() if isinstance(node, dict) else node))
    if level:
        raise UsageError(Issue("JSON_DEPTH", "嵌套太深", "", f"不超过 {DEEPEST} 层", "检查括号，或减少层数"))


def _nested(values: Iterable[Json]) -> list[list[Json] | dict[str, Json]]:
    return [value for value in values if isinstance(value, (list, dict))]


def json_object(data: Json, keys: Collection[str]) -> dict[str, Json]:
    """The body as an object with known keys; UsageError BODY_FORMAT or KEY_UNKNOWN."""
    if not isinstance(data, dict):
        what, allowed = "请求内容应是一个对象", "{" + "、".join(f'"{key}": …' for key in keys) + "}"
        raise UsageError(Issue("BODY_FORMAT", what, "", allowed, "改正后重新提交"))
    for key in data:
        if key not in keys:
            raise UsageError(Issue("KEY_UNKNOWN", f"不认识的键“{key[:40]}”", key[:40], "、".join(keys), "删去或改名"))
    return data
