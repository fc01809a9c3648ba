"""One HTTP request to the service of a channel, at the address that the installation sets: no redirects, no proxies."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2

from policy_match.push.delivery import Outcome, Taken

SECONDS = 5.0
_REFUSED = frozenset({400, 410, 413, 422})
"""Answers about the message itself, which stay the same however often it is sent; others are about us or the moment."""
_TURNED_AWAY = frozenset({429, 503})
_LONGEST = 65_536


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked: method, address, headers, body."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer; `status` None: there was none. `was_sent`: whether the request may have got through. `why`: in words."""

    status: int | None
    body: bytes = b""
    was_sent: bool = True
    why: str = ""


def called(call: Call) -> Answer:
    """The answer to a request, at most the first 64 KiB of it; never raises."""
    try:
        with (
            httpx2.Client(verify=ssl.create_default_context(), trust_env=False, timeout=SECONDS) as client,
            client.stream(call.method, call.url, content=call.body, headers=dict(call.headers)) as answer,
        ):
            return Answer(answer.status_code, _start_of(answer))
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        return Answer(None, was_sent=False, why=f"连不上对方（{type(error).__name__}）")
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, UnicodeError):
        return Answer(None, was_sent=False, why="渠道的地址不对")
    except httpx2.TimeoutException:
        return Answer(None, why=f"对方 {SECONDS:.0f} 秒内没有回答，不知道是否收到")
    except (httpx2.TransportError, OSError) as error:
        return Answer(None, why=f"连接中断（{type(error).__name__}），不知道是否收到")


def _start_of(answer: httpx2.Response) -> bytes:
    found = b""
    for piece in answer.iter_bytes(_LONGEST):
        found += piece
        if len(found) >= _LONGEST:
            break
    return found[:_LONGEST]


def outcome_of(answer: Answer) -> Outcome:
    """What the status of an answer to a sending means."""
    status = answer.status
    if status is None:
        return Outcome(Taken.PERHAPS if answer.was_sent else Taken.NOT_NOW, answer.why)
    if 200 <= status < 300:
        return Outcome(Taken.YES, "对方已收到", status)
    if status in _REFUSED:
        return Outcome(Taken.NEVER, f"对方不收这一条（{status}）", status)
    if status >= 500 and status not in _TURNED_AWAY:
        return Outcome(Taken.PERHAPS, f"对方出错（{status}），不知道是否收到", status)
    return Outcome(Taken.NOT_NOW, f"对方现在不收（{status}）", status)


def told_of(answer: Answer) -> Outcome:
    """What an answer to a question for one message means: 2xx it is there, 404 it is not, anything else says nothing."""
    if answer.status is not None and 200 <= answer.status < 300:
        return Outcome(Taken.YES, "问过对方：已经收到", answer.status)
    if answer.status == 404:
        return Outcome(Taken.NOT_NOW, "问过对方：没有收到", answer.status)
    why = answer.why or f"回答 {answer.status}"
    return Outcome(Taken.PERHAPS, f"问过对方，没有问到结果（{why}）", answer.status)


def address_of(url: str, client_msg_id: str) -> str:
    """Where a service is asked about one message: its own address with the id as one more part of the path."""
    path, mark, query = url.partition("?")
    return f"{path.rstrip('/')}/{client_msg_id}{mark}{query}"
