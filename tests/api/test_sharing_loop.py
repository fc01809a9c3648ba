"""Workers on one socket: who wakes first leaves the others their share of what waits."""

from __future__ import annotations

import asyncio
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial

from policy_match_api.serve import SharingLoop

WAITING, MAY_WAIT = 12, 300


class Taken(asyncio.Protocol):
    """Notes the connections that a loop took."""

    def __init__(self, own: list[asyncio.BaseTransport]) -> None:
        self._own = own

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._own.append(transport)


def test_two_loops_on_one_socket_take_turns_and_as_many_may_wait_as_was_said() -> None:
    # In a thread of its own: the browser of other tests keeps a loop running in this one.
    with ThreadPoolExecutor(1) as alone:
        counts, may_wait = alone.submit(taken_by_two).result()

    assert sum(counts) == WAITING
    assert min(counts) >= WAITING // 3
    assert may_wait == MAY_WAIT


def taken_by_two() -> tuple[list[int], int]:
    """How many of the connections each of two loops took, and how many may wait on their socket."""
    taken: list[list[asyncio.BaseTransport]] = [[], []]
    with ExitStack() as opened:
        listening = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=MAY_WAIT))
        loops = [opened.enter_context(closing(SharingLoop())) for _ in taken]
        for loop, own in zip(loops, taken, strict=True):
            serving = loop.create_server(partial(Taken, own), sock=listening.dup(), backlog=MAY_WAIT, ssl=None)
            opened.callback(loop.run_until_complete(serving).close)
        for _ in range(WAITING):
            opened.enter_context(socket.create_connection(listening.getsockname()))
        for _ in range(2 * WAITING):
            turn(loops)
        counts = [len(own) for own in taken]
        for transport in (*taken[0], *taken[1]):
            transport.close()
        turn(loops)
        return counts, most_waiting(listening)


def turn(loops: list[SharingLoop]) -> None:
    """Let each loop do once what is to be done."""
    for loop in loops:
        loop.run_until_complete(asyncio.sleep(0))


def most_waiting(listening: socket.socket) -> int:
    """How many connections the kernel lets wait on a socket: its tcpi_sacked, the sixth number after eight bytes."""
    return int(struct.unpack_from("8B6I", listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104))[-1])
