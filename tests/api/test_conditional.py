"""ETag, If-None-Match and If-Match: nothing is sent twice unchanged, and who changes a record says what was seen of it."""

from __future__ import annotations

import gzip
import hashlib

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from policy_match.errors import UsageError
from policy_match_api.answer import JsonAnswer
from policy_match_api.headers import Headers
from policy_match_api.preconditions import version_seen

PLAIN = {"Accept-Encoding": "identity"}


def small(_: Request) -> Response:
    return JsonAnswer({"id": "示范"}, row_version=7)


def large(_: Request) -> Response:
    return JsonAnswer({"id": "示范" * 1000})


def streamed(_: Request) -> Response:
    return StreamingResponse(iter([b"{", b"}"]), media_type="application/json")


def created(_: Request) -> Response:
    return JsonAnswer({}, 201)


def refused(_: Request) -> Response:
    return JsonAnswer({}, 404, media_type="application/problem+json")


@pytest.fixture(scope="module")
def service() -> TestClient:
    """Answers of every sort behind the layers of the service."""
    routes = [Route(f"/{each.__name__}", each, methods=["GET", "POST"]) for each in (small, large, streamed, created, refused)]  # fmt: skip
    app = Starlette(routes=routes)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(Headers)
    return TestClient(app)


def test_the_tag_is_the_hash_of_the_bytes_after_the_version_of_the_record(service: TestClient) -> None:
    answer = service.get("/small", headers=PLAIN)

    assert answer.headers["etag"] == f'"7-{hashlib.sha256(answer.content).hexdigest()[:32]}"'


def test_the_same_again_is_304_without_a_body_and_its_headers(service: TestClient) -> None:
    tag = service.get("/small").headers["etag"]

    same = service.get("/small", headers={"If-None-Match": tag})

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert {"content-type", "content-length", "content-encoding"}.isdisjoint(same.headers)
    assert same.headers["x-content-type-options"] == "nosniff"


def test_a_compressed_answer_has_a_tag_of_its_own_and_always_the_same_bytes(service: TestClient) -> None:
    plain = service.get("/large", headers=PLAIN)
    with service.stream("GET", "/large", headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    with service.stream("GET", "/large", headers={"Accept-Encoding": "gzip"}) as again:
        assert b"".join(again.iter_raw()) == raw
    held = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}

    assert gzip.decompress(raw) == plain.content
    assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
    assert service.get("/large", headers=held).status_code == 304
    assert service.get("/large", headers=held | PLAIN).status_code == 200


def test_what_is_streamed_created_or_refused_has_no_tag_and_is_always_sent(service: TestClient) -> None:
    for path, status in (("/streamed", 200), ("/created", 201), ("/refused", 404)):
        answer = service.get(path, headers={"If-None-Match": "*"})
        assert ("etag" in answer.headers, answer.status_code) == (False, status)
    assert service.get("/streamed").content == b"{}"


def test_a_change_is_answered_in_full_and_untagged(service: TestClient) -> None:
    tag = service.get("/small").headers["etag"]

    answer = service.post("/small", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.json(), "etag" in answer.headers) == (200, {"id": "示范"}, False)


def seen_by(*written: str) -> int | None:
    """The version that a request with these headers names."""
    request = Request({"type": "http", "headers": [(b"if-match", one.encode()) for one in written]})
    return version_seen(request, written[0] if written else None)


def test_the_version_seen_is_read_from_the_tag_or_given_alone(service: TestClient) -> None:
    tag = service.get("/small").headers["etag"]

    assert seen_by(tag) == 7
    assert seen_by(tag[:-1] + '-gzip"') == 7
    assert seen_by("W/" + tag) == 7
    assert seen_by('"12"') == 12
    assert (seen_by(), seen_by("*")) == (None, None)


@pytest.mark.parametrize(
    "written", [("7",), ('""',), ('"x"',), ('"7", "8"',), ('"7"', '"8"'), ('"7-"',), (f'"{"a" * 32}"',)]
)
def test_what_names_no_version_of_a_record_is_refused(written: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as wrong:
        seen_by(*written)

    assert wrong.value.issues[0].code == "IF_MATCH"
