"""The description of the API as pages, a subject each, made from the OpenAPI document: no script, nothing from elsewhere.

An example answer has the shape that the document declares; its values are made up and stand for no project or firm.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from shlex import quote as in_shell

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup, escape
from starlette.responses import Response

from policy_match.errors import Issue, NotFound
from policy_match.settings import Settings
from policy_match_api.bodies import DEEPEST as DEEPEST_BODY
from policy_match_api.bodies import LARGER, LARGEST, MEGABYTE
from policy_match_api.describe import TAGS, Json, json_object, json_objects, operations
from policy_match_api.error_codes import english_of
from policy_match_api.pages.render import page
from policy_match_api.state import Opened, opened

router = APIRouter(include_in_schema=False)
DEEPEST = 6
# Letters of what stands on one line of an example.
# Values that make an example readable, by the name of the field.
SAMPLES: Mapping[str, Json] = {
    "id": "specialised_sme", "measure": "specialised_sme", "subject": "P001", "title": "名称", "name": "名称",
    "label": "名称", "as_of": "2026-03-10", "from": "2026-01-01", "through": "2026-12-31", "number": "示例〔2026〕1号",
    "low_fen": 100000000, "high_fen": 200000000, "text": "文字说明", "article": "第三条", "release": "9f2c…",
    "observed_on": "2026-02-28", "version": 1, "total": 1, "note": "测算，不作为兑现依据", "open": True, "confident": True,
    "beneficiary": "enterprise:E001", "district": "320412", "code": "C3562", "query": "买设备能补多少钱",
}  # fmt: skip
WRONG: Json = {
    "status": 400, "code": "PARAM_UNKNOWN", "message_zh": "不认识的参数“page”", "message_en": english_of("PARAM_UNKNOWN"),
    "field": "page", "hint_zh": "删去或改名；允许：limit、offset", "allowed": ["limit", "offset"], "trace_id": "5d1f…",
    "type": "about:blank", "title": english_of("PARAM_UNKNOWN"),
}  # fmt: skip
STATUSES = {
    "200": "成功", "201": "已建立", "202": "已收下", "204": "成功，没有内容", "304": "与 If-None-Match 所带的相同，没有内容",
    "400": "请求有误", "401": "没有登录或密钥无效", "403": "无权办理", "404": "没有，或不在您能看的范围",
    "409": "与已有记录冲突", "412": "已被别人改过", "413": "内容过大", "422": "同一请求编号用于不同内容",
    "429": "过于频繁，按 Retry-After 等待", "503": "暂时不能用，按 Retry-After 等待",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as the table shows it."""

    name: str
    place: str
    text: str
    example: str
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One address and method. `by_right`: not everybody may; `curl`: a call; `answer`: an example, empty where there is none."""

    id: str
    tag: str
    method: str
    path: str
    summary: str
    by_right: bool
    parameters: tuple[Parameter, ...]
    curl: Markup
    answer: Markup
    statuses: tuple[str, ...]


@router.get("/api")
def show_api(request: Request, state: Opened = Depends(opened)) -> Response:
    """What every caller should know, and every operation by subject."""
    return _shown(request, state, ())


@router.get("/api/{subject}")
def show_subject(subject: str, request: Request, state: Opened = Depends(opened)) -> Response:
    """The operations of one subject in full; 404 for a subject that there is not."""
    return _shown(request, state, (subject,))


def _shown(request: Request, state: Opened, subjects: tuple[str, ...]) -> Response:
    document: dict[str, Json] = request.app.openapi()
    found = sorted(described(document, str(request.base_url).rstrip("/")), key=lambda one: _order(one.tag))
    groups = {tag: tuple(group) for tag, group in groupby(found, key=lambda one: one.tag)}
    for subject in subjects:
        if subject not in groups:
            raise NotFound(
                Issue("NOT_FOUND", f"接口没有“{subject[:20]}”这一类", "", "、".join(groups), "从接口目录进入")
            )
    context = {
        "groups": groups,
        "shown": {subject: groups[subject] for subject in subjects},
        "tags": TAGS,
        "statuses": STATUSES,
        "limits": tuple(_limits(state.settings)),
        "problem": _lines(_json(WRONG)),
    }
    return page(request, "api.html", context)


def _limits(settings: Settings) -> Iterator[str]:
    """What every caller should know, a sentence each."""
    counts = (("查询", settings.lookups_per_minute), ("试算", settings.matches_per_minute))
    if told := "，".join(f"{name} {count} 次" for name, count in counts if count):
        yield f"每个客户端每分钟最多{told}；超过时回 429，按 Retry-After 的秒数等待。"
    what_if = LARGER["/api/v1/match"] // MEGABYTE
    yield f"请求内容不超过 {LARGEST // MEGABYTE} MB（试算 {what_if} MB），嵌套不超过 {DEEPEST_BODY} 层。"
    yield "不认识的参数和键一律退回，不会悄悄忽略。"
    yield "真实项目库（real）与示范库（demo，示范数据）分开，从不合计。"


def _order(tag: str) -> int:
    return list(TAGS).index(tag) if tag in TAGS else len(TAGS)


def described(document: Mapping[str, Json], base: str) -> Iterator[Operation]:
    """The operations of an OpenAPI document; `base`: the address of the service for the examples."""
    schemas = json_object(json_object(document.get("components")).get("schemas"))
    for method, path, operation in operations(document):
        parameters = tuple(_parameter(one) for one in json_objects(operation.get("parameters")))
        body = _example(json_object(operation.get("requestBody")), schemas)
        responses = json_object(operation.get("responses"))
        made = next((json_object(responses[code]) for code in ("200", "201", "202") if code in responses), {})
        by_right = "403" in responses
        yield Operation(
            id=str(operation["operationId"]),
            tag=str((operation.get("tags") or ["其他"])[0]),  # type: ignore[index]
            method=method.upper(),
            path=path,
            summary=str(operation.get("summary", "")),
            by_right=by_right,
            parameters=parameters,
            curl=_lines(_curl(method.upper(), base + path, parameters, body, by_right=by_right)),
            answer=_lines(_example(made, schemas)),
            statuses=tuple(sorted(responses)),
        )


def _parameter(one: Mapping[str, Json]) -> Parameter:
    place = {"path": "地址中", "query": "参数", "header": "请求头", "cookie": "Cookie"}[str(one["in"])]
    example = "" if one.get("example") is None else str(one["example"])
    return Parameter(str(one["name"]), place, str(one.get("description", "")), example, bool(one.get("required")))


def _curl(method: str, address: str, parameters: tuple[Parameter, ...], body: str, *, by_right: bool) -> str:
    """A call with what must be given and the first of what may be."""
    asked = [one for one in parameters if one.place == "参数" and one.example]
    for one in parameters:
        if one.place == "地址中":
            address = address.replace(f"{{{one.name}}}", one.example or "…")
    parts = ["curl"] + (["-G"] if asked and method == "GET" else []) + ([f"-X {method}"] if method != "GET" else [])
    parts.append(in_shell(address))
    parts += [
        f"--data-urlencode {in_shell(f'{one.name}={one.example}')}" for one in asked if one.required or one is asked[0]
    ]
    parts += ["-H 'Authorization: Bearer pmk_…'"] if by_right else []
    parts += ["-H 'Content-Type: application/json'", f"-d {in_shell(body)}"] if body else []
    return " \\\n  ".join([" ".join(parts[:-1]), parts[-1]]) if len(parts) > 2 else " ".join(parts)


def _lines(text: str) -> Markup:
    """Text of an element, whose line ends survive the trimming of pages; quotes may stand there as they are, which saves much."""
    plain = escape(text).replace("&#34;", Markup('"')).replace("&#39;", Markup("'"))
    return plain.replace("\n", Markup("&#10;"))


def _example(message: Mapping[str, Json], schemas: Mapping[str, Json]) -> str:
    """The example of a request or answer as JSON text; made from its schema where none is written."""
    content = json_object(json_object(message.get("content")).get("application/json"))
    if not content:
        return ""
    value = content["example"] if "example" in content else sample(json_object(content.get("schema")), schemas)
    return _json(value)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def sample(schema: Mapping[str, Json], schemas: Mapping[str, Json], name: str = "", depth: int = 0) -> Json:
    """A value that fits a schema: of several forms the first, of lists one element, nothing below a depth."""
    if "$ref" in schema:
        return sample(json_object(schemas[str(schema["$ref"]).rpartition("/")[2]]), schemas, name, depth)
    for key in ("anyOf", "oneOf", "allOf"):
        if forms := json_objects(schema.get(key)):
            unknown = {"type": "null"} in forms and forms[0].get("type") == "string" and name not in SAMPLES
            return None if unknown else sample(forms[0], schemas, name, depth)
    if "const" in schema:
        return schema["const"]
    if isinstance(choices := schema.get("enum"), list):
        return choices[0]
    return _of_type(schema, schemas, name, depth)


def _of_type(schema: Mapping[str, Json], schemas: Mapping[str, Json], name: str, depth: int) -> Json:
    kind, known = schema.get("type"), SAMPLES.get(name)
    if kind == "object":
        fields = json_object(schema.get("properties")).items()
        return {key: sample(json_object(value), schemas, key, depth + 1) for key, value in fields}
    if kind == "array":
        one = json_object(schema.get("items"))
        return [sample(one, schemas, name.removesuffix("s"), depth + 1)] if depth < DEEPEST else []
    if kind in ("integer", "number"):
        return known if isinstance(known, int) else 1
    if kind == "boolean":
        return known is True
    return (known if isinstance(known, str) else "…") if kind == "string" else None
