"""Errors as answers: the one place that knows HTTP status codes.

The API answers problem+json (RFC 9457) with a Chinese and an English text; the pages
answer with a page. What went wrong inside is logged under the trace id, never shown.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path

from policy_match.access.viewer import Means
from policy_match.errors import Issue, PolicyMatchError
from policy_match.workflows.note_outside import OUTSIDE, note_outside
from policy_match.workflows.show_match import Plain
from policy_match_api.answer import JsonAnswer
from policy_match_api.bodies import BodyTooLarge
from policy_match_api.error_codes import english_of, status_of
from policy_match_api.limits import RateLimited
from policy_match_api.pages.render import page
from policy_match_api.seen import seen_before

_HTTP = {
    404: Issue("NOT_FOUND", "没有这个地址", "", "", "从首页或列表进入"),
    405: Issue("METHOD_NOT_ALLOWED", "这个地址不支持该请求方式", "", "", "用允许的方式再请求，各地址的方式见 /api"),
}
# What the framework finds wrong with a body, by its own names.
_BODY = {
    "json_invalid": Issue("JSON", "请求内容不是完整的 JSON", "", "", "检查是否被截断"),
    "extra_forbidden": Issue("KEY_UNKNOWN", "不认识的键“{}”", "{}", "", "删去或改名"),
    "missing": Issue("BODY_FORMAT", "缺少 {}", "{}", "", "补上后重新提交"),
}


def add_errors(app: FastAPI) -> None:
    """Answer the errors of the package and of the framework."""
    app.add_exception_handler(PolicyMatchError, _ours)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(RequestValidationError, _invalid)


def crash_answer(request: Request) -> Response:
    """The answer to a fault of ours."""
    return answer(request, Issue("INTERNAL", "服务出错，已记录", "", "", "请稍后再试；仍不行请把追踪号告诉管理员"), 500)


def answer(request: Request, issue: Issue, status: int) -> Response:
    """One fault as problem+json, or as a page outside the API."""
    trace = str(request.scope.get("state", {}).get("trace_id", ""))
    if not _wants_json(request):
        return page(
            request,
            "error.html",
            {"issue": issue, "status": status, "trace_id": trace, "word": allowed_word(status)},
            status,
        )
    hint = "；".join(
        part for part in (issue.hint, f"{allowed_word(status)}：{issue.allowed}" if issue.allowed else "") if part
    )
    body: dict[str, Plain] = {
        "type": "about:blank",
        "title": english_of(issue.code),
        "status": status,
        "code": issue.code,
        "message_zh": issue.what,
        "message_en": english_of(issue.code),
        "field": _field(issue.where),
        "hint_zh": hint or None,
        "allowed": [*issue.allowed.split("、")] if issue.allowed else [],
        "trace_id": trace,
    }
    return JsonAnswer(body, status, media_type="application/problem+json")


def _field(where: str) -> str | None:
    """An option of the command line as the parameter of that name; a header or a number as it is."""
    return (where[2:].replace("-", "_") if where.startswith("--") else where) or None


def allowed_word(status: int) -> str:
    """What the list beside an error is: values that are allowed, or names near to one that does not exist."""
    return "相近的有" if status == 404 else "允许"


def _wants_json(request: Request) -> bool:
    path = request.url.path
    return path.startswith("/api/") or path in ("/health", "/ready", "/metrics", "/openapi.json")


async def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, PolicyMatchError) or not error.issues:
        return crash_answer(request)
    issue = error.issues[0]
    view = seen_before(request)
    if view is not None and view.viewer.means is not Means.NONE and issue.code in OUTSIDE:
        about = " ".join((request.method, request.url.path))
        await run_in_threadpool(note_outside, view.archive, view.viewer.actor, about, error, view.now)
    found = answer(request, issue, status_of(issue.code, error))
    if found.status_code == 401:
        found.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RateLimited):
        found.headers["Retry-After"] = str(error.seconds)
    return found


async def _framework(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return crash_answer(request)
    issue = error.issue if isinstance(error, BodyTooLarge) else _HTTP.get(error.status_code)
    headers = dict(error.headers or {})
    if issue is None:
        issue = Issue("ERROR", "无法回答这个请求", "", "", "按 /api 的说明检查请求")
    if error.status_code == 405:
        methods = _methods(request, headers.get("Allow", ""))
        issue, headers["Allow"] = replace(issue, allowed="、".join(methods)), ", ".join(methods)
    found = answer(request, issue, error.status_code)
    for name, value in headers.items():
        found.headers[name] = value
    return found


def _methods(request: Request, told: str) -> list[str]:
    """What an address answers, over all its routes: the framework tells the methods of the first alone."""
    paths: dict[str, dict[str, object]] = request.app.openapi().get("paths", {})
    fitting = (item for path, item in paths.items() if compile_path(path)[0].match(request.url.path))
    return sorted({method.upper() for item in fitting for method in item}) or told.split(", ")


async def _invalid(request: Request, error: Exception) -> Response:
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": ("",), "type": ""}
    where = str(first["loc"][-1])[:40]
    if first["loc"][0] != "body":
        return answer(request, Issue("PARAM_VALUE", f"参数 {where} 的值不对", where, "", "查看 /openapi.json"), 400)
    told = _BODY.get(str(first["type"]), Issue("BODY_FORMAT", "{} 的值不对", "{}", "", "按 /api 的说明改正"))
    return answer(request, replace(told, what=told.what.format(where), where=told.where.format(where)), 400)
