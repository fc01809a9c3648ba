"""BI-77: a request that is sent again under its key is done once, and answered as the first time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from rows import NOW, advance, audited, read, with_signed
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from policy_match.errors import Conflict, Forbidden, UsageError
from policy_match.store.subscription_tables import KeptAnswer
from policy_match.workflows.open_archive import Archive
from policy_match_api.answer import JsonAnswer
from policy_match_api.write_once import KEPT, REPLAYED, Sent, sent, write_once

P = "CZ-2025-00001"
ASKED = Sent("k-1", "POST", f"/api/v1/projects/{P}/events", "a" * 64)
Do = Callable[[Archive], Response]


def approve(by: str = "development") -> Do:
    """Record 备案 and answer with the version of the record."""

    def do(whole: Archive) -> Response:
        recorded = advance(whole, P, "APPROVED", "2024-09-25", by)
        answer = JsonAnswer({"row_version": recorded.row_version, "note": "已登记"}, 201)
        answer.headers["Location"] = f"/api/v1/projects/{P}"
        return answer

    return do


def send(archive: Archive, request: Sent, do: Do, *, actor: str = "development", now: datetime = NOW) -> Response:
    return write_once(archive, request, do, actor=actor, now=now)


def kept(archive: Archive) -> list[KeptAnswer]:
    with archive.database.reading() as session:
        return list(session.scalars(select(KeptAnswer).order_by(KeptAnswer.id)))


def points(archive: Archive) -> list[str | None]:
    return [event.point for event in read(archive, P).log]


def code(refused: pytest.ExceptionInfo[UsageError] | pytest.ExceptionInfo[Conflict]) -> str:
    return refused.value.issues[0].code


def test_a_request_sent_again_is_done_once_and_answered_as_the_first_time(archive: Archive) -> None:
    with_signed(archive)

    first, again = send(archive, ASKED, approve()), send(archive, ASKED, approve())

    assert points(archive).count("APPROVED") == 1
    assert (again.status_code, again.body) == (first.status_code, first.body) == (201, first.body)
    assert again.headers["content-type"] == "application/json"
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
    assert again.headers["location"] == first.headers["location"] == f"/api/v1/projects/{P}"


@pytest.mark.parametrize(
    "other",
    [{"sha256": "b" * 64}, {"path": "/api/v1/projects/CZ-2025-00002/events"}, {"method": "PUT"}],
    ids=["body", "address", "method"],
)
def test_another_request_under_the_same_key_is_refused_and_changes_nothing(
    archive: Archive, other: dict[str, str]
) -> None:
    with_signed(archive)
    send(archive, ASKED, approve())

    with pytest.raises(UsageError) as refused:
        send(archive, replace(ASKED, **other), lambda _: JsonAnswer({}))

    assert code(refused) == "IDEMP_MISMATCH"
    assert len(kept(archive)) == 1


def test_a_key_is_its_senders_own(archive: Archive) -> None:
    send(archive, ASKED, lambda _: JsonAnswer({"of": "one"}))

    other = send(archive, ASKED, lambda _: JsonAnswer({"of": "other"}), actor="commerce")

    assert other.body == b'{"of":"other"}'
    assert REPLAYED not in other.headers


def test_without_a_key_every_request_is_done_and_no_answer_is_kept(archive: Archive) -> None:
    done: list[Archive] = []

    for _ in range(2):
        send(archive, replace(ASKED, key=None), lambda own: done.append(own) or JsonAnswer({}))  # type: ignore[func-returns-value]

    assert done == [archive, archive]
    assert kept(archive) == []


def test_two_requests_at_once_do_the_work_once_and_get_the_same_answer(archive: Archive) -> None:
    with_signed(archive)
    barrier, answers = threading.Barrier(2), list[Response]()

    def act() -> None:
        barrier.wait()
        answers.append(send(archive, ASKED, approve()))

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert points(archive).count("APPROVED") == 1
    assert answers[0].body == answers[1].body
    assert sorted(answer.headers.get(REPLAYED, "") for answer in answers) == ["", "true"]


def test_a_refusal_keeps_its_audit_row_and_no_answer_and_is_judged_again(archive: Archive) -> None:
    with_signed(archive)

    with pytest.raises(Forbidden):
        send(archive, ASKED, approve(by="statistics"))

    assert [line.result for line in audited(archive, "event.refused")] == ["forbidden"]
    assert (kept(archive), points(archive).count("APPROVED")) == ([], 0)
    assert send(archive, ASKED, approve()).status_code == 201


def test_a_fault_of_the_program_leaves_neither_change_nor_answer(archive: Archive) -> None:
    with_signed(archive)

    def fail(whole: Archive) -> Response:
        approve()(whole)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        send(archive, ASKED, fail)

    assert (kept(archive), points(archive).count("APPROVED")) == ([], 0)


def test_change_and_answer_are_kept_together_or_not_at_all(archive: Archive) -> None:
    with_signed(archive)

    def unreadable(whole: Archive) -> Response:
        approve()(whole)
        return Response(b"\xff", 200)

    with pytest.raises(UnicodeDecodeError):
        send(archive, ASKED, unreadable)

    assert points(archive).count("APPROVED") == 0


def test_an_answer_is_kept_a_week_that_instant_included_and_then_dropped(archive: Archive) -> None:
    send(archive, ASKED, lambda _: JsonAnswer({"of": "first"}))
    moment = timedelta(microseconds=1)
    send(archive, replace(ASKED, key="k-2"), lambda _: JsonAnswer({}), now=NOW + KEPT)

    last = send(archive, ASKED, lambda _: JsonAnswer({"of": "second"}), now=NOW + KEPT)
    after = send(archive, ASKED, lambda _: JsonAnswer({"of": "third"}), now=NOW + KEPT + moment)

    assert (last.body, after.body) == (b'{"of":"first"}', b'{"of":"third"}')
    assert [row.at for row in kept(archive)] == [NOW + KEPT, NOW + KEPT + moment]


def test_what_is_kept_cannot_be_read_in_the_database(archive: Archive) -> None:
    send(archive, ASKED, lambda _: JsonAnswer({"secret": "whsec_示范"}))

    assert "whsec" not in kept(archive)[0].answer
    assert send(archive, ASKED, lambda _: JsonAnswer({})).body == '{"secret":"whsec_示范"}'.encode()


def received(*keys: str, query: bytes = b"") -> Sent:
    """The request as the dependency reads it from the server."""

    async def receive() -> dict[str, str | bytes | bool]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    headers = [(b"idempotency-key", key.encode("latin-1")) for key in keys]
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/projects", "query_string": query, "headers": headers,
        "server": ("127.0.0.1", 80), "scheme": "http",
    }  # fmt: skip
    # In a thread of its own: a browser test before this one may have left its loop running in ours.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(sent(Request(scope, receive), keys[0] if keys else None))).result()


def test_a_request_is_told_apart_by_its_method_address_query_and_body() -> None:
    read_off = received("k 1", query=b"library=demo")

    assert (read_off.key, read_off.method, read_off.path) == ("k 1", "POST", "/api/v1/projects?library=demo")
    assert read_off.sha256 == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert received().key is None


@pytest.mark.parametrize("keys", [("",), ("x" * 121,), ("编号".encode().decode("latin-1"),), ("a\tb",), ("a", "b")])
def test_a_key_that_is_none_is_refused(keys: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as refused:
        received(*keys)

    assert code(refused) == "IDEMP_KEY"
    assert received("x" * 120).key == "x" * 120


def test_library_is_part_of_the_address(archive: Archive) -> None:
    send(archive, replace(ASKED, path="/x?library=real"), lambda _: JsonAnswer({}))

    with pytest.raises(UsageError) as refused:
        send(archive, replace(ASKED, path="/x?library=demo"), lambda _: JsonAnswer({}))

    assert code(refused) == "IDEMP_MISMATCH"
