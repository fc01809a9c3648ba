"""A mail server on this machine: enough of RFC 5321 to take one mail a connection, and to fail where a test wants."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """`refuse`: the answer to a command instead of yes, by its first word (`.`: the end of the text); `hangs`: no answer then.

    `mails`: what was taken, as sender, recipient and text.
    """

    server: socketserver.ThreadingTCPServer
    refuse: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Its port."""
        return int(self.server.server_address[1])


@contextmanager
def mail_server(context: ssl.SSLContext | None = None, *, from_start: bool = False) -> Iterator[MailServer]:
    """A server that stands until the block ends. `context`: what it encrypts with, by STARTTLS or from the start."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if context is not None and from_start:
                self._encrypt()
            sender = recipient = ""
            self._say("220 here")
            while line := self.rfile.readline():
                said = line.decode().strip()
                word = said.split(" ")[0].upper()
                if word in found.refuse:
                    self._say(found.refuse[word])
                elif word == "EHLO":
                    self._say("250-here\r\n250-AUTH PLAIN" + ("\r\n250 STARTTLS" if context else "\r\n250 8BITMIME"))
                elif word == "STARTTLS":
                    self._say("220 go on")
                    self._encrypt()
                elif word == "AUTH":
                    found.signed_in.append(said)
                    self._say("235 yes")
                elif word == "MAIL":
                    sender = said
                    self._say("250 yes")
                elif word == "RCPT":
                    recipient = said
                    self._say("250 yes")
                elif word == "DATA":
                    self._say("354 go on")
                    text = b"".join(iter(self.rfile.readline, b".\r\n"))
                    if found.hangs:
                        return
                    if "." not in found.refuse:
                        found.mails.append((sender, recipient, text))
                    self._say(found.refuse.get(".", "250 taken"))
                elif word == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 yes")

        def finish(self) -> None:
            super().finish()
            self.connection.close()

        def _encrypt(self) -> None:
            assert context is not None
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

        def _say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")
            self.wfile.flush()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that gives up is no error of the test."""

    found = MailServer(Server(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        found.server.shutdown()
        thread.join()
        found.server.server_close()
