"""Services that take messages badly, each in a process of its own: late, wrongly, after all, or never (benchmarks/push.py).

What a service does with a message hangs on its id and on how often it came, so that a run can be repeated. From the third
time on it answers as it should. The platform shows an id once, however often it comes; the operator of SMS sends one each
time. Both can be asked for an id and say the truth, if they say anything.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection

import httpx2
import orjson

IN_TIME, TOO_LATE = 0.15, 0.9
"""Seconds after which a late answer comes: before and after a worker of a run gives up."""
FAULTY = 2


@dataclass(frozen=True, slots=True)
class Conduct:
    """What is done with one request: whether the message is taken, what is answered (None: nothing), after how long."""

    takes: bool
    status: int | None
    seconds: float = 0.0


_WELL = Conduct(True, 200)
_ILL = (
    (0.06, Conduct(True, 500)),
    (0.06, Conduct(False, 500)),
    (0.04, Conduct(False, 503)),
    (0.05, Conduct(True, 200, IN_TIME)),
    (0.02, Conduct(True, 200, TOO_LATE)),
    (0.02, Conduct(True, None)),
    (0.02, Conduct(False, None)),
)


def conduct_of(client_msg_id: str, time_: int) -> Conduct:
    """What is done with a message that comes for the so manyth time, from 1."""
    dice = random.Random(f"{client_msg_id}:{time_}").random()  # noqa: S311  # nothing secret
    for share, ill in _ILL:
        dice -= share
        if dice < 0 and time_ <= FAULTY:
            return ill
    return _WELL


def says_nothing(client_msg_id: str, time_: int, mute: float) -> bool:
    """Whether a question for a message is not answered: some never are, of SMS, and one in ten now and then."""
    never = random.Random(f"{client_msg_id}:mute").random() < mute  # noqa: S311
    return never or random.Random(f"{client_msg_id}:asked:{time_}").random() < 0.1  # noqa: S311


@dataclass(frozen=True, slots=True)
class Kept:
    """What a service has: how often each message was taken, how often each came, and the requests that are still at work."""

    taken: Counter[str]
    came: Counter[str]
    busy: int


@dataclass(frozen=True, slots=True)
class Office:
    """A running service."""

    url: str

    def kept(self) -> Kept:
        """What it has by now."""
        with httpx2.Client(trust_env=False, timeout=30) as client:
            told = client.get(f"{self.url}/state").json()
        return Kept(Counter(told["taken"]), Counter(told["came"]), told["busy"])

    def wait(self) -> None:
        """Until no request is at work any more."""
        while self.kept().busy:
            time.sleep(0.05)


@contextmanager
def office(id_header: str | None, mute: float) -> Iterator[Office]:
    """A service that stands until the block ends. `id_header`: where the id of a message stands; None: in its body."""
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, id_header, mute), daemon=True)
    process.start()
    try:
        yield Office(f"http://127.0.0.1:{ours.recv()}/messages")
    finally:
        process.kill()
        process.join()


class _State:
    def __init__(self) -> None:
        self.lock, self.busy = threading.Lock(), 0
        self.taken, self.came, self.asked = Counter[str](), Counter[str](), Counter[str]()


def _serve(connection: Connection, id_header: str | None, mute: float) -> None:
    state = _State()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            name = str(orjson.loads(body)["client_msg_id"]) if id_header is None else str(self.headers[id_header])
            with state.lock:
                state.busy += 1
                state.came[name] += 1
                conduct = conduct_of(name, state.came[name])
                state.taken[name] += conduct.takes
            time.sleep(conduct.seconds)
            try:
                if conduct.status is not None:
                    self._answer(conduct.status, b"{}")
            finally:
                with state.lock:
                    state.busy -= 1

        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            with state.lock:
                if name == "state":
                    said = orjson.dumps({"taken": state.taken, "came": state.came, "busy": state.busy})
                    return self._answer(200, said)
                state.asked[name] += 1
                if says_nothing(name, state.asked[name], mute):
                    return self._answer(501, b"{}")
                return self._answer(200 if state.taken[name] else 404, b"{}")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: object, client_address: object) -> None:
            """A worker that was killed has gone away: that is what the run is for."""

    server = Server(("127.0.0.1", 0), Handler)
    connection.send(server.server_port)
    server.serve_forever()
