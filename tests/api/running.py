"""A service in a process of its own: started, asked, told to stop, killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

COMMAND = [str(Path(sys.executable).with_name("policy-match")), "serve", "--port", "0"]


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers at `address`; its standard error goes to the file `errors`."""

    process: subprocess.Popen[str]
    address: str
    errors: Path

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of an answer."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def connect(self) -> socket.socket:
        """A connection of our own, to send a request piece by piece."""
        return socket.create_connection(("127.0.0.1", int(urlsplit(self.address).port or 0)), timeout=60)

    def begin_post(self, path: str, body: bytes) -> tuple[socket.socket, bytes]:
        """A request that has begun and lacks the last byte of its body: the connection, and that byte."""
        connection = self.connect()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body[:-1])
        return connection, body[-1:]

    def tell(self, number: int) -> None:
        """Send a signal to the process that was started, not to its workers."""
        self.process.send_signal(number)

    def end(self, seconds: float = 30) -> int:
        """Exit code once it has ended; a signal is negative."""
        return self.process.wait(timeout=seconds)

    def logged(self) -> list[dict[str, object]]:
        """The lines of a JSON log."""
        return [json.loads(line) for line in self.errors.read_text("utf-8").splitlines()]


@contextmanager
def running(folder: Path, *arguments: str, demo: bool = False, **environment: str) -> Iterator[Running]:
    """A service of the real library alone, or with the demonstration, with a database and cache of its own in a folder;
    stopped at the end if it still runs."""
    which = () if demo else ("--no-demo",)
    own = {
        "POLICY_MATCH_DATABASE_URL": f"sqlite:///{folder / 'library.db'}",
        "POLICY_MATCH_CACHE": str(folder / "cache"),
    }
    errors = folder / "errors.txt"
    with errors.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [*COMMAND, *which, *arguments],
            env=os.environ | own | environment,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("服务已启动：http://127.0.0.1:"), errors.read_text("utf-8")
        yield Running(process, line.removeprefix("服务已启动：").partition("（")[0], errors)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
        process.stdout.close()
