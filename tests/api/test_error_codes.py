"""Every code that a request may meet has an English text and a status, and stands in the document with what to do."""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from scripts import write_error_codes as scan
from starlette.testclient import TestClient

from policy_match.errors import Conflict, FactError, Forbidden, Issue, NotFound, PolicyMatchError, RuleError, UsageError
from policy_match_api.bodies import BodyLimit
from policy_match_api.error_codes import CODES, ROWS, english_of, status_of
from policy_match_api.errors import add_errors


@pytest.fixture(scope="module")
def raised() -> tuple[scan.Raised, ...]:
    return scan.every()


def test_every_code_that_a_request_may_meet_has_a_row() -> None:
    assert scan.lacking() == {}, "add the code to api/policy_match_api/error_codes.py"


def test_every_row_is_of_a_code_that_is_given_somewhere(raised: tuple[scan.Raised, ...]) -> None:
    assert ROWS.keys() - {one.code for one in raised} == set()


def test_the_scan_sees_codes_given_directly_by_a_function_and_by_a_method(raised: tuple[scan.Raised, ...]) -> None:
    found = {(one.code, one.path, one.status) for one in raised}

    assert ("SUBJECT_UNKNOWN", "api/policy_match_api/params.py", 404) in found
    assert ("UNIT_MISSING", "src/policy_match/units.py", 400) in found
    assert ("YAML_KEY", "src/policy_match/strict_yaml.py", None) in found
    assert ("MONTH_CLOSED", "src/policy_match/workflows/close_month.py", 409) in found


def test_the_document_is_what_the_script_writes() -> None:
    assert scan.TARGET.read_text("utf-8") == scan.document(), "run scripts/write_error_codes.py"


def test_no_code_has_two_rows_and_every_text_is_one_english_sentence() -> None:
    counts = Counter(row.code for rows in CODES.values() for row in rows)

    assert [code for code, count in counts.items() if count > 1] == []
    assert [row.code for row in ROWS.values() if not re.fullmatch(r"[A-Z][ -~]+\.", row.english)] == []
    assert {row.status for row in ROWS.values() if row.status} <= {
        status.value for status in HTTPStatus if status >= 400
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), 404), (Forbidden(), 403), (Conflict(), 409), (UsageError(), 400), (FactError(), 400),
        (RuleError(), 400), (PolicyMatchError(), 400),
    ],
)  # fmt: skip
def test_the_class_of_an_error_says_the_status_unless_its_row_does(error: PolicyMatchError, status: int) -> None:
    assert status_of("PARAM_VALUE", error) == status
    assert status_of("NO_SUCH_CODE", error) == status
    assert status_of("SEARCH_CLOSED", error) == 503
    assert english_of("NO_SUCH_CODE") == "The request cannot be answered."


class Asked(BaseModel):
    """A body that the framework reads."""

    model_config = ConfigDict(extra="forbid")

    name: str


@pytest.fixture(scope="module")
def small() -> TestClient:
    """An application of two routes with our errors and limits."""
    app = FastAPI()
    add_errors(app)
    app.add_middleware(BodyLimit)

    @app.post("/api/v1/things")
    def take(asked: Asked) -> str:
        return asked.name

    @app.get("/api/v1/refused")
    def refuse() -> None:
        raise Conflict(Issue("MONTH_CLOSED", "已封存", "--month", "以后的月份", "更正会列入以后的月报"))

    return TestClient(app)


def test_an_error_of_the_package_is_a_problem_in_both_languages_with_field_and_hint(small: TestClient) -> None:
    answer = small.get("/api/v1/refused")

    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": "The month has been closed and is not changed any more.",
        "status": 409,
        "code": "MONTH_CLOSED",
        "message_zh": "已封存",
        "message_en": "The month has been closed and is not changed any more.",
        "field": "month",
        "hint_zh": "更正会列入以后的月报；允许：以后的月份",
        "allowed": ["以后的月份"],
        "trace_id": "",
    }


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (b'{"name": "a"}', 200, None, None),
        (b'{"name": 1}', 400, "BODY_FORMAT", "name"),
        (b"{}", 400, "BODY_FORMAT", "name"),
        (b'{"name": "a", "{x}": 1}', 400, "KEY_UNKNOWN", "{x}"),
        (b'{"name": ', 400, "JSON", None),
        (b'{"name": "' + b"a" * 1024 * 1024 + b'"}', 413, "BODY_TOO_LARGE", None),
    ],
)
def test_a_body_that_the_framework_reads_is_refused_like_any_other(
    small: TestClient, body: bytes, status: int, code: str | None, field: str | None
) -> None:
    answer = small.post("/api/v1/things", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == status
    if code is not None:
        problem = answer.json()
        assert problem["code"] == code
        assert problem["message_zh"]
        assert field is None or problem["field"] == field
