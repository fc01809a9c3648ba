"""POST /match: what if; up to 1,000 subjects, answered as they are worked out, nothing kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import StreamingResponse

from policy_match.eligibility.decide import Verdict
from policy_match.errors import Issue, UsageError
from policy_match.exchange.jsonl import parse_json
from policy_match.exchange.refusals import Refusal, RowError
from policy_match.facts.read import Json
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.match_file import known_measures, known_verdicts
from policy_match.workflows.show_match import Plain, match_data
from policy_match.workflows.what_if import MOST_SUBJECTS, WhatIf, what_if
from policy_match_api.params import day_of
from policy_match_api.routes.answers import PROBLEM, WhatIfAnswer
from policy_match_api.state import Opened, opened

router = APIRouter(tags=["试算"])
LARGEST = 5 * 1024 * 1024
KEYS = ("subjects", "as_of", "measures", "verdicts", "all_reasons")
BODY = {
    "type": "object",
    "required": ["subjects"],
    "additionalProperties": False,
    "properties": {
        "subjects": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_SUBJECTS,
            "items": {"type": "object"},
            "description": '{"id": "…", "facts": {…}, "kind"?, "enterprise"?, "name"?, "enterprise_name"?}',
        },
        "as_of": {"type": ["string", "null"], "format": "date"},
        "measures": {"type": ["array", "null"], "items": {"type": "string"}},
        "verdicts": {"type": ["array", "null"], "items": {"enum": [verdict.value for verdict in Verdict]}},
        "all_reasons": {"type": "boolean"},
    },
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The body of a what-if, checked."""

    subjects: list[Json]
    as_of: str | None
    measures: tuple[str, ...] | None
    verdicts: tuple[str, ...] | None
    all_reasons: bool


async def body_of(request: Request) -> bytes:
    """The body, refused as soon as it is over the limit."""
    size = 0
    parts: list[bytes] = []
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            raise UsageError(
                Issue("BODY_TOO_LARGE", "请求内容过大", "", f"不超过 {LARGEST // 1024 // 1024} MB", "分批提交")
            )
        parts.append(part)
    return b"".join(parts)


def asked(body: bytes = Depends(body_of)) -> Asked:
    """Read the body strictly: UTF-8, one JSON object, known keys."""
    try:
        data = parse_json(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(Issue("BODY_ENCODING", "请求内容不是 UTF-8", "", "UTF-8", "转换编码后重新提交")) from None
    except RowError as error:
        raise UsageError(error.issue) from None
    if not isinstance(data, dict):
        raise _form("请求内容应是一个对象", "", '{"subjects": […]}')
    for key in data:
        if key not in KEYS:
            raise UsageError(Issue("KEY_UNKNOWN", f"不认识的键“{key[:40]}”", key[:40], "、".join(KEYS), "删去或改名"))
    subjects, as_of, every = data.get("subjects"), data.get("as_of"), data.get("all_reasons", False)
    if not isinstance(subjects, list) or not subjects:
        raise _form("subjects 应是不为空的列表", "subjects", '[{"id": "…", "facts": {…}}]')
    if len(subjects) > MOST_SUBJECTS:
        what = f"一次有 {len(subjects)} 个主体，过多"
        raise UsageError(Issue("TOO_MANY_SUBJECTS", what, "subjects", f"不超过 {MOST_SUBJECTS} 个", "分批提交"))
    if as_of is not None and not isinstance(as_of, str):
        raise _form("as_of 应是文字", "as_of", "YYYY-MM-DD")
    if not isinstance(every, bool):
        raise _form("all_reasons 应为 true 或 false", "all_reasons", "true、false")
    return Asked(subjects, as_of, _names(data, "measures"), _names(data, "verdicts"), every)


def _names(data: dict[str, Json], key: str) -> tuple[str, ...] | None:
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, list):
        raise _form(f"{key} 应是文字的列表", key, '["…"]')
    names = tuple(name for name in value if isinstance(name, str))
    if len(names) != len(value):
        raise _form(f"{key} 应是文字的列表", key, '["…"]')
    return names


def _form(what: str, field: str, allowed: str) -> UsageError:
    return UsageError(Issue("BODY_FORMAT", what, field, allowed, "改正后重新提交"))


@router.post(
    "/match",
    response_model=WhatIfAnswer,
    responses={400: PROBLEM, 413: PROBLEM},
    summary="试算：不保存任何内容",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}}},
)
def match(wanted: Asked = Depends(asked), state: Opened = Depends(opened)) -> StreamingResponse:
    """Match the subjects of the request; those that cannot be read come back in `refused`, the others are matched."""
    day = day_of(wanted.as_of, state.settings.today())
    release = state.release(day)
    ids = known_measures(wanted.measures, release.rulebook)
    verdicts = known_verdicts(wanted.verdicts)
    tried = what_if(wanted.subjects, release.rulebook, day, state.ordering)
    lines = partial(_lines, tried.matching, ids=ids, verdicts=verdicts, every=wanted.all_reasons)
    return StreamingResponse(_written(tried, lines, release.release), media_type="application/json")


def _lines(
    matching: Matching, row: int, *, ids: tuple[str, ...] | None, verdicts: frozenset[Verdict] | None, every: bool
) -> Iterator[Match]:
    return matching.of(row, ids, verdicts, all_reasons=every)


def _written(tried: WhatIf, lines: Callable[[int], Iterator[Match]], release: str) -> Iterator[bytes]:
    """The answer in pieces, a subject at a time: a thousand subjects never stand in memory as text."""
    matching = tried.matching
    head = orjson.dumps({"as_of": matching.as_of.isoformat(), "subjects": len(matching.subjects)})
    yield head[:-1] + b',"matches":['
    separator = b""
    for row in range(len(matching.subjects)):
        piece = b",".join(orjson.dumps(match_data(match, matching.as_of, release)) for match in lines(row))
        if piece:
            yield separator + piece
            separator = b","
    yield b'],"refused":' + orjson.dumps([refusal_data(refusal) for refusal in tried.loaded.refusals]) + b"}"


def refusal_data(refusal: Refusal) -> Plain:
    """One subject that was not read."""
    return {
        "row": refusal.row,
        "column": refusal.column,
        "value": refusal.value,
        "code": refusal.code,
        "what": refusal.what,
        "allowed": refusal.allowed,
        "hint": refusal.hint,
    }
