"""The page that describes the API, and the document it is made from."""

from __future__ import annotations

import json
import shlex
from itertools import pairwise
from typing import Any

import jsonschema_rs
import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from policy_match_api.describe import operations
from policy_match_api.pages.api_docs import Operation, described


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def described_operations(document: dict[str, Any]) -> list[Operation]:
    return list(described(document, "http://testserver"))


@pytest.fixture(scope="module")
def shown(client: TestClient) -> LexborHTMLParser:
    answer = client.get("/api")
    assert answer.status_code == 200
    return LexborHTMLParser(answer.text)


def test_every_operation_stands_on_the_page_with_a_call_and_is_reached_from_the_list(
    shown: LexborHTMLParser, described_operations: list[Operation]
) -> None:
    ids = [one.id for one in described_operations]

    assert len(ids) > 10
    assert sorted(str(node.attributes["id"]) for node in shown.css("section.operation")) == sorted(ids)
    assert {f"#{each}" for each in ids} <= {node.attributes["href"] for node in shown.css("aside a")}
    assert all(node.css_first("pre").text().startswith("curl ") for node in shown.css("section.operation"))


def test_every_operation_and_every_parameter_is_explained_in_chinese(described_operations: list[Operation]) -> None:
    texts = [(one.path, one.summary) for one in described_operations]
    texts += [(f"{one.path} {each.name}", each.text) for one in described_operations for each in one.parameters]

    lacking = [place for place, text in texts if not any("\u4e00" <= sign <= "\u9fff" for sign in text)]
    assert lacking == [], "say what they mean in api/policy_match_api/describe.py"


def test_the_page_runs_no_script_and_loads_nothing_from_elsewhere(client: TestClient, shown: LexborHTMLParser) -> None:
    assert shown.css("script, iframe, [style], [onclick]") == []
    addresses = [node.attributes.get("src") or node.attributes.get("href") for node in shown.css("[src], link[href]")]
    assert addresses
    assert all(str(address).startswith("/") for address in addresses)
    assert "default-src 'self'" in client.get("/api").headers["Content-Security-Policy"]


def test_examples_keep_their_lines_and_scroll_by_keyboard(shown: LexborHTMLParser) -> None:
    examples = [node for node in shown.css("pre") if '",' in node.text()]

    assert len(examples) > 10
    assert all("\n " in node.text() for node in examples)
    assert all(node.attributes["tabindex"] == "0" and node.attributes["aria-label"] for node in shown.css("pre"))


def test_every_page_leads_to_it(client: TestClient) -> None:
    for address in ("/", "/measures", "/gone"):
        assert LexborHTMLParser(client.get(address).text).css("footer a[href='/api']"), address


def test_every_example_answer_fits_the_declared_shape(document: dict[str, Any]) -> None:
    tried = 0
    by_id = {one.id: one for one in described(document, "http://testserver")}
    for _, _, operation in operations(document):
        responses: dict[str, Any] = operation["responses"]  # type: ignore[assignment]
        made = next(responses[code] for code in ("200", "201") if code in responses)
        schema = made.get("content", {}).get("application/json", {}).get("schema")
        answer = str(by_id[str(operation["operationId"])].answer.unescape())
        if schema and answer:
            whole = {**schema, "components": document["components"]}
            jsonschema_rs.validator_for(whole).validate(json.loads(answer))
            tried += 1
    assert tried > 10


def test_every_example_call_without_a_log_in_is_answered(
    client: TestClient, described_operations: list[Operation]
) -> None:
    statuses = {}
    for one in described_operations:
        if one.by_right or "…" in str(one.curl):
            continue
        words = shlex.split(str(one.curl.unescape()).replace("\\\n", " "))
        address = next(word for word in words if word.startswith("http"))
        params = [word.partition("=")[::2] for last, word in pairwise(words) if last == "--data-urlencode"]
        body = words[words.index("-d") + 1].encode() if "-d" in words else None
        answer = client.request(
            one.method, address.removeprefix("http://testserver"), params=dict(params), content=body
        )
        statuses[f"{one.method} {one.path}"] = answer.status_code

    assert len(statuses) > 8
    assert {place: status for place, status in statuses.items() if status != 200} == {}


def test_errors_are_declared_as_they_are_answered(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        responses: dict[str, Any] = operation["responses"]  # type: ignore[assignment]
        problems = {code: answer["content"] for code, answer in responses.items() if code >= "400"}
        assert all([*content] == ["application/problem+json"] for content in problems.values()), path
        assert "400" in problems
        assert ("429" in problems) == path.startswith("/api/v1"), path
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert {"Problem", "SearchAnswer", "WhatIfAnswer"} <= document["components"]["schemas"].keys()
