"""POST /match: what if; up to 1,000 subjects, answered as they are worked out, nothing kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial

import orjson
from fastapi import APIRouter, Depends
from starlette.responses import StreamingResponse

from policy_match.eligibility.decide import Verdict
from policy_match.errors import Issue, UsageError
from policy_match.exchange.refusals import Refusal
from policy_match.facts.read import Json
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.match_file import known_measures, known_verdicts
from policy_match.workflows.show_match import Plain, match_data
from policy_match.workflows.what_if import MOST_SUBJECTS, WhatIf, what_if
from policy_match_api.bodies import json_body, json_object
from policy_match_api.limits import Limited
from policy_match_api.params import day_of
from policy_match_api.routes.answers import PROBLEM, WhatIfAnswer
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["试算"])
NOTE = "测算，不作为兑现依据"
KEYS = ("subjects", "as_of", "measures", "verdicts", "all_reasons")
SUBJECTS: dict[str, object] = {
    "type": "array",
    "minItems": 1,
    "maxItems": MOST_SUBJECTS,
    # Whatever cannot be read comes back in `refused`, beside the answers for the others: no type is asked for.
    "items": {},
    "description": "每个主体一个对象：id 和 facts 必有，kind、enterprise、name、enterprise_name 可有",
}
BODY = {
    "type": "object",
    "required": ["subjects"],
    "additionalProperties": False,
    "properties": {
        "subjects": SUBJECTS,
        "as_of": {"type": ["string", "null"], "description": "YYYY-MM-DD；不写为今天"},
        "measures": {"type": ["array", "null"], "items": {"type": "string"}},
        "verdicts": {"type": ["array", "null"], "items": {"enum": [verdict.value for verdict in Verdict]}},
        "all_reasons": {"type": "boolean"},
    },
}
EXAMPLE = {
    "subjects": [
        {
            "id": "拟签约项目",
            "facts": {"industry_code": "C3972", "total_investment": "8亿元", "registered_region": "320402"},
        }
    ],
    "verdicts": ["eligible", "unknown"],
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The body of a what-if, checked."""

    subjects: list[Json]
    as_of: str | None
    measures: tuple[str, ...] | None
    verdicts: tuple[str, ...] | None
    all_reasons: bool


def asked(body: Json = Depends(json_body)) -> Asked:
    """The body of a what-if."""
    return read_asked(body, KEYS, MOST_SUBJECTS)


def read_asked(body: Json, keys: Collection[str], most: int) -> Asked:
    """Read a body strictly: one JSON object, known keys, at most so many subjects."""
    data = json_object(body, keys)
    subjects, as_of, every = data.get("subjects"), data.get("as_of"), data.get("all_reasons", False)
    if not isinstance(subjects, list) or not subjects:
        raise _form("subjects 应是不为空的列表", "subjects", '[{"id": "…", "facts": {…}}]')
    if len(subjects) > most:
        what = f"一次有 {len(subjects)} 个主体，过多"
        raise UsageError(Issue("TOO_MANY_SUBJECTS", what, "subjects", f"不超过 {most} 个", "分批提交"))
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
    dependencies=[Depends(Limited("match"))],
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": BODY, "example": EXAMPLE}}}
    },
)
def match(wanted: Asked = Depends(asked), state: Seen = Depends(seen)) -> StreamingResponse:
    """Match the subjects of the request; those that cannot be read come back in `refused`, the others are matched."""
    day = day_of(wanted.as_of, state.day)
    release = state.service.release(day)
    ids = known_measures(wanted.measures, release.rulebook)
    verdicts = known_verdicts(wanted.verdicts)
    batch = state.service.batch(release.rulebook, day)
    tried = what_if(wanted.subjects, release.rulebook, day, state.service.ordering, batch=batch)
    lines = partial(_lines, tried.matching, ids=ids, verdicts=verdicts, every=wanted.all_reasons)
    return StreamingResponse(_written(tried, lines, release.release), media_type="application/json")


def _lines(
    matching: Matching, row: int, *, ids: tuple[str, ...] | None, verdicts: frozenset[Verdict] | None, every: bool
) -> Iterator[Match]:
    return matching.of(row, ids, verdicts, all_reasons=every)


def _written(tried: WhatIf, lines: Callable[[int], Iterator[Match]], release: str) -> Iterator[bytes]:
    """The answer in pieces, a subject at a time: a thousand subjects never stand in memory as text."""
    matching = tried.matching
    head = orjson.dumps({"note": NOTE, "as_of": matching.as_of.isoformat(), "subjects": len(matching.subjects)})
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
