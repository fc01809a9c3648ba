"""A service that takes messages, on this machine: it keeps each by its id, can be asked for one, and fails as a test wants."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson


@dataclass(frozen=True)
class Request:
    """One request as it came in; headers in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, object]:
        """The JSON of the body."""
        found: dict[str, object] = orjson.loads(self.body)
        return found


@dataclass
class Office:
    """`status`, `answer`: what a POST is answered after so many `seconds`; None drops the connection. `known`: what a GET finds;
    `asked_status`: what every GET is answered instead."""

    server: ThreadingHTTPServer
    status: int | None = 200
    answer: bytes = b"{}"
    seconds: float = 0
    asked_status: int | None = None
    known: set[str] = field(default_factory=set)
    got: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server.server_port}/messages"


@contextmanager
def office() -> Iterator[Office]:
    """A service that stands until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._keep(self.rfile.read(int(self.headers["content-length"])))
            time.sleep(found.seconds)
            if found.status is None:
                self.close_connection = True
                return
            self._answer(found.status, found.answer)

        def do_GET(self) -> None:
            self._keep(b"")
            is_there = self.path.partition("?")[0].rpartition("/")[2] in found.known
            self._answer(found.asked_status or (200 if is_there else 404), b"{}")

        def _keep(self, body: bytes) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.got.append(Request(self.command, self.path, headers, body))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    found = Office(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        found.server.shutdown()
        thread.join()
        found.server.server_close()
