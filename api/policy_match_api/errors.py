"""Errors as answers: the one place that knows HTTP status codes.

The API answers problem+json (RFC 9457) with a Chinese and an English text; the pages
answer with a page. What went wrong inside is logged under the trace id, never shown.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from policy_match.errors import Issue, NotFound, PolicyMatchError
from policy_match.workflows.show_match import Plain
from policy_match_api.answer import JsonAnswer
from policy_match_api.pages.render import page

ENGLISH = {
    "PARAM_UNKNOWN": "Unknown query parameter.",
    "PARAM_VALUE": "The value of a parameter is not one of those allowed.",
    "DATE_FORMAT": "The date cannot be read; write YYYY-MM-DD.",
    "MEASURE_UNKNOWN": "There is no measure with this id.",
    "VERSION_UNKNOWN": "The measure has no such version.",
    "SUBJECT_KIND": "Only projects have this; the subject is none.",
    "SUBJECT_UNKNOWN": "There is no subject with this id in the library.",
    "LIBRARY_CLOSED": "The demonstration library is not open.",
    "VERDICT": "Unknown verdict.",
    "BODY_TOO_LARGE": "The request body is too large.",
    "BODY_ENCODING": "The request body is not UTF-8.",
    "BODY_FORMAT": "The request body has not the expected form.",
    "JSON": "The request body is not complete JSON.",
    "JSON_DEPTH": "The request body is nested too deeply.",
    "DUPLICATE_KEY": "A key is written twice.",
    "NUM_RANGE": "A number is not finite.",
    "KEY_UNKNOWN": "Unknown key in the request body.",
    "TOO_MANY_SUBJECTS": "Too many subjects in one request.",
    "QUERY_EMPTY": "There is no query.",
    "QUERY_LONG": "The query is too long.",
    "CURSOR_INVALID": "The cursor belongs to another question, other filters or another state of the index.",
    "REGION_UNKNOWN": "Unknown region.",
    "POLICY_UNKNOWN": "There is no document with this id.",
    "SEARCH_CLOSED": "Search is closed: the lexicon has a fault.",
    "MSJX_UNKNOWN": "There is no such case, or it is not public.",
    "MSJX_STATE_NAME": "There is no such state of a case.",
    "PROOF_CLOSED": "Proofs of real cases are not public.",
    "PROOF_NONE": "The case has not been verified yet and has no proof.",
    "NOT_FOUND": "There is nothing at this address.",
    "METHOD_NOT_ALLOWED": "This address does not answer this method.",
    "INTERNAL": "The service failed; the fault has been logged.",
}
STATUS = {"BODY_TOO_LARGE": 413, "METHOD_NOT_ALLOWED": 405, "NOT_FOUND": 404, "INTERNAL": 500, "SEARCH_CLOSED": 503,
          "PROOF_CLOSED": 403, "PROOF_NONE": 409}  # fmt: skip
_HTTP = {
    404: Issue("NOT_FOUND", "没有这个地址", "", "", "从首页或列表进入"),
    405: Issue("METHOD_NOT_ALLOWED", "这个地址不支持该请求方式", "", "", "本服务只读：页面用 GET，试算用 POST /api/v1/match"),
}  # fmt: skip


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
        "title": ENGLISH.get(issue.code, "The request cannot be answered."),
        "status": status,
        "code": issue.code,
        "message_zh": issue.what,
        "message_en": ENGLISH.get(issue.code, "The request cannot be answered."),
        "field": issue.where.lstrip("-").replace("-", "_") or None,
        "hint_zh": hint or None,
        "allowed": [*issue.allowed.split("、")] if issue.allowed else [],
        "trace_id": trace,
    }
    return JsonAnswer(body, status, media_type="application/problem+json")


def allowed_word(status: int) -> str:
    """What the list beside an error is: values that are allowed, or names near to one that does not exist."""
    return "相近的有" if status == 404 else "允许"


def _wants_json(request: Request) -> bool:
    path = request.url.path
    return path.startswith("/api") or path in ("/health", "/openapi.json")


async def _ours(request: Request, error: Exception) -> Response:
    issue = error.issues[0] if isinstance(error, PolicyMatchError) and error.issues else Issue("INTERNAL", "服务出错")
    return answer(request, issue, 404 if isinstance(error, NotFound) else STATUS.get(issue.code, 400))


async def _framework(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    found = answer(request, _HTTP.get(status, Issue("NOT_FOUND", "无法回答这个请求")), status)
    for name, value in ((error.headers or {}) if isinstance(error, HTTPException) else {}).items():
        found.headers[name] = value
    return found


async def _invalid(request: Request, error: Exception) -> Response:
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": ("",)}
    where = str(first["loc"][-1])
    return answer(request, Issue("PARAM_VALUE", f"参数 {where} 的值不对", where, "", "查看 /openapi.json"), 400)
