"""People who ask in the same instant, each on a connection of their own; what the client computes meanwhile is next to nothing."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from urllib.parse import urlsplit

from benchmarks.load_client import PATIENCE, Answered, Request


def ask_at_once(address: str, requests: Sequence[Request]) -> list[Answered]:
    """Open a connection for every request, a look-up that needs no key, and send it, one right after the other; TimeoutError.

    What an answer took counts from the first request of all to its last byte. `late` is when its request had been sent.
    """
    where = urlsplit(address)
    written = [_written(one, where.netloc) for one in requests]
    with ExitStack() as opened, selectors.DefaultSelector() as waiting:
        connections, sent, begun = list[socket.socket](), list[float](), time.monotonic()
        for place, text in enumerate(written):
            # The kernel makes the connection, whatever the service does just now.
            one = opened.enter_context(socket.create_connection((where.hostname or "", where.port or 80), PATIENCE))
            one.sendall(text)
            sent.append(time.monotonic() - begun)
            waiting.register(one, selectors.EVENT_READ, place)
            connections.append(one)
        found, ended = [bytearray() for _ in requests], dict[int, float]()
        while len(ended) < len(requests):
            if not (ready := waiting.select(PATIENCE)):
                raise TimeoutError(f"{len(requests) - len(ended)} answers within {PATIENCE:.0f} s")
            for key, _ in ready:
                if text := connections[key.data].recv(1 << 20):
                    found[key.data] += text
                else:
                    ended[key.data] = time.monotonic() - begun
                    waiting.unregister(key.fileobj)
    return [
        Answered(one.at, one.kind, ended[place], sent[place], len(found[place]), _fault(bytes(found[place]), one))
        for place, one in enumerate(requests)
    ]


def _written(one: Request, host: str) -> bytes:
    # The service closes when it has answered: the end of an answer needs no reading of it.
    head = (f"GET {one.path} HTTP/1.1", f"Host: {host}", "Accept: application/json", "Connection: close")
    return "\r\n".join((*head, "", "")).encode("ascii")


def _fault(answer: bytes, asked: Request) -> str:
    """What is wrong with an answer, "" for a whole one of the right status."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *fields = head.lower().split(b"\r\n")
    if first.split(b" ")[1:2] != [str(asked.status).encode()]:
        return first.decode("latin-1") or "nothing"
    return "" if f"content-length: {len(body)}".encode() in fields else "cut off"
