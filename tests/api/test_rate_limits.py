"""How often and how much one client may ask: windows, bodies, depth, pages; and a what-if that leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from policy_match.access.viewer import Means, Viewer
from policy_match.settings import Settings
from policy_match.store.tables import Base
from policy_match_api.app import create_app
from policy_match_api.bodies import DEEPEST, LARGER, LARGEST
from policy_match_api.limits import RateLimited
from policy_match_api.routes.match import NOTE

PROFILE = {
    "id": "测算",
    "kind": "project",
    "facts": {"industry_code": "C3972", "total_investment": "80000万元", "registered_region": "320402"},
}


@pytest.fixture
def strict(small_in: Callable[[Path], Settings], tmp_path: Path) -> Iterator[TestClient]:
    """The service with the shipped limits and an archive of its own."""
    made = small_in(tmp_path).model_copy(update={"trusted_proxies": "10.0.0.1"})
    with TestClient(create_app(made), client=("203.0.113.7", 50000)) as client:
        yield client


def from_address(client: TestClient, address: str) -> TestClient:
    return TestClient(client.app, client=(address, 50000))


def engine_of(client: TestClient) -> Engine:
    engine: Engine = client.app.state.opened.archive.database.engine  # type: ignore[attr-defined]
    return engine


def rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


def test_s16_a_what_if_is_an_estimate_writes_nothing_and_the_sixty_first_in_a_minute_is_refused(
    strict: TestClient,
) -> None:
    before = rows(engine_of(strict))

    asked = {"subjects": [PROFILE], "measures": ["specialised_sme"]}
    answers = [strict.post("/api/v1/match", json=asked) for _ in range(61)]

    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert NOTE == "测算，不作为兑现依据"
    assert {answer.json()["note"] for answer in answers[:60]} == {NOTE}
    assert answers[0].json()["matches"]
    refused = answers[60]
    assert refused.json()["code"] == "RATE_LIMIT"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "60" in refused.json()["hint_zh"]
    assert refused.headers["content-type"] == "application/problem+json"
    assert rows(engine_of(strict)) == before
    assert sum(before.values()) > 0


def test_another_client_has_a_window_of_its_own_and_one_network_of_ipv6_is_one_client(strict: TestClient) -> None:
    limits = strict.app.state.limits  # type: ignore[attr-defined]
    for _ in range(600):
        limits.count("lookup", "2001:db8:1:2::")

    assert from_address(strict, "2001:db8:1:2::99").get("/api/v1/measures").status_code == 429
    assert from_address(strict, "2001:db8:1:3::99").get("/api/v1/measures").status_code == 200


def test_pages_count_as_look_up_while_files_and_probes_do_not(strict: TestClient) -> None:
    limits = strict.app.state.limits  # type: ignore[attr-defined]
    for _ in range(599):
        limits.count("lookup", "203.0.113.7")

    first, second = strict.get("/measures"), strict.get("/measures")

    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["content-type"].startswith("text/html")
    assert "请在" in second.text
    assert int(second.headers["Retry-After"]) >= 1
    assert strict.get("/static/app.css").status_code == 200
    assert strict.get("/health").status_code == 200


def test_a_forwarded_address_counts_only_when_a_trusted_proxy_says_it(strict: TestClient) -> None:
    limits = strict.app.state.limits  # type: ignore[attr-defined]
    for _ in range(600):
        limits.count("lookup", "198.51.100.1")
    said = {"X-Forwarded-For": "198.51.100.1"}

    assert from_address(strict, "10.0.0.1").get("/api/v1/measures", headers=said).status_code == 429
    assert from_address(strict, "10.0.0.2").get("/api/v1/measures", headers=said).status_code == 200


def test_a_log_in_may_be_tried_ten_times_a_minute_and_zero_means_no_limit(
    strict: TestClient, client: TestClient
) -> None:
    limits = strict.app.state.limits  # type: ignore[attr-defined]
    for _ in range(10):
        limits.count("login", "203.0.113.7")

    with pytest.raises(RateLimited, match="登录过于频繁"):
        limits.count("login", "203.0.113.7")
    unlimited = client.app.state.limits  # type: ignore[attr-defined]
    for _ in range(2000):
        unlimited.count("lookup", "203.0.113.7")


def test_a_system_with_a_key_is_counted_by_its_key_wherever_it_asks_from(
    strict: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = Viewer("S1", "系统", "enterprise", Means.KEY, key="key-7")
    monkeypatch.setattr("policy_match_api.seen.viewer_of", lambda request, service: system)
    limits = strict.app.state.limits  # type: ignore[attr-defined]
    for _ in range(600):
        limits.count("lookup", "key:key-7")

    assert from_address(strict, "203.0.113.8").get("/api/v1/measures").status_code == 429


def nested(depth: int) -> bytes:
    """A body that is `depth` deep, the outermost object counted."""
    return b'{"subjects": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_a_body_may_be_thirty_two_deep_and_no_deeper(client: TestClient) -> None:
    held = client.post("/api/v1/match", content=nested(DEEPEST))
    refused = client.post("/api/v1/match", content=nested(DEEPEST + 1))

    assert DEEPEST == 32
    assert (held.status_code, [line["code"] for line in held.json()["refused"]]) == (200, ["JSON"])
    assert (refused.status_code, refused.json()["code"]) == (400, "JSON_DEPTH")


@pytest.mark.parametrize("depth", [400, 900, 950, 1000, 5_000, 200_000])
@pytest.mark.parametrize("text", ["", "\\u4e2d"])
def test_no_depth_of_a_body_breaks_the_service(client: TestClient, depth: int, text: str) -> None:
    body = "[" * depth + f'"{text}"' + "]" * depth

    answer = client.post("/api/v1/match", content=body.encode())

    assert (answer.status_code, answer.json()["code"]) == (400, "JSON_DEPTH")


def test_every_body_is_limited_to_a_megabyte_but_that_of_the_what_if(client: TestClient) -> None:
    subject = json.dumps({"subjects": [{"id": "a", "facts": {}}]}).encode()
    most = LARGER["/api/v1/match"]

    at_most = client.post("/api/v1/match", content=subject + b" " * (most - len(subject)))
    over = client.post("/api/v1/match", content=subject + b" " * (most - len(subject) + 1))

    assert (LARGEST, most) == (1024 * 1024, 5 * 1024 * 1024)
    assert at_most.status_code == 200
    assert (over.status_code, over.json()["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("/api/v1/projects", {"limit": "1000000000"}, "PARAM_VALUE"),
        ("/api/v1/projects", {"limit": "00000000012"}, "PARAM_VALUE"),
        ("/api/v1/projects", {"offset": "99999999999999999999"}, "PARAM_VALUE"),
        ("/api/v1/projects", {"offset": "-1"}, "PARAM_VALUE"),
        ("/api/v1/projects", {"sort": "password"}, "PARAM_VALUE"),
        ("/api/v1/policies", {"limit": "101"}, "PARAM_VALUE"),
        ("/api/v1/search", {"q": "设备", "limit": "1000000000"}, "PARAM_VALUE"),
        ("/api/v1/search", {"q": "设备", "cursor": "10.0000000000000000"}, "CURSOR_INVALID"),
        ("/api/v1/msjx/cases", {"limit": "1000000000"}, "PARAM_VALUE"),
        ("/api/v1/measures", {"page": "1"}, "PARAM_UNKNOWN"),
    ],
)
def test_a_page_that_cannot_be_had_is_refused(client: TestClient, path: str, params: dict[str, str], code: str) -> None:
    answer = client.get(path, params=params)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_place_far_behind_the_last_line_is_an_empty_page(client: TestClient) -> None:
    answer = client.get("/api/v1/projects", params={"library": "demo", "offset": "1000000"})

    assert (answer.status_code, answer.json()["projects"]) == (200, [])


@pytest.mark.parametrize("method", ["BREW", "TRACE", "PUT", "DELETE", "PATCH"])
def test_a_method_that_an_address_does_not_know_is_told_with_those_it_does(client: TestClient, method: str) -> None:
    answer = client.request(method, "/api/v1/measures")

    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET"
    assert answer.json()["allowed"] == ["GET"]


def test_an_address_of_several_methods_names_them_all(client: TestClient) -> None:
    answer = client.delete("/api/v1/projects")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
    assert answer.json()["allowed"] == ["GET", "POST"]


def test_large_headers_are_nothing_to_the_service(client: TestClient) -> None:
    answer = client.get("/api/v1/measures", headers={"X-Long": "a" * 100_000, "If-None-Match": '"x",' * 20_000})

    assert answer.status_code == 200
