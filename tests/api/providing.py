"""A real OpenID provider on this machine, and a hand on what it answers: keys published beside its own, tokens put in place of its own."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import oidc_provider_mock
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

Told: TypeAlias = dict[str, object]
OURS = RSAKey.generate_key(2048, parameters={"kid": "ours"})


class Provider:
    """The provider. `forge`: makes the ID token from the claims of the real one; `published`: keys beside its own.

    `asked`: path and form of every request; `down`: paths that answer 503.
    """

    def __init__(self) -> None:
        self.issuer = ""
        self.forge: Callable[[Told], str] | None = None
        self.published: list[RSAKey] = []
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.down: set[str] = set()
        self._app = oidc_provider_mock.app()

    def __call__(self, environ: Told, start: Callable[..., object]) -> Iterable[bytes]:
        """Answer as the provider does, but for what is tampered with."""
        path = str(environ["PATH_INFO"])
        length = int(str(environ.get("CONTENT_LENGTH") or 0))
        body = environ["wsgi.input"].read(length)  # type: ignore[attr-defined]
        self.asked.append((path, parse_qs(body.decode())))
        if path in self.down:
            start("503 Service Unavailable", [])
            return [b""]
        answered, status, headers = run_wsgi_app(self._app, environ | {"wsgi.input": _Body(body)}, buffered=True)
        content = self._tampered(path, b"".join(answered))
        headers["Content-Length"] = str(len(content))
        start(status, list(headers))
        return [content]

    def _tampered(self, path: str, content: bytes) -> bytes:
        if path == "/jwks":
            told = json.loads(content)
            told["keys"] += [key.as_dict(private=False) for key in self.published]
            return json.dumps(told).encode()
        if path == "/oauth2/token" and self.forge is not None:
            told = json.loads(content)
            told["id_token"] = self.forge(claims_in(told["id_token"]))
            return json.dumps(told).encode()
        return content

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(one == path for one, _ in self.asked)

    def tamper(self, forge: Callable[[Told], str]) -> None:
        """Give other tokens from now on, and publish the key that tests sign them with."""
        self.forge, self.published = forge, [OURS]

    def know(self, subject: str, **claims: object) -> None:
        """Make a person known."""
        answer = httpx2.put(f"{self.issuer}/users/{quote(subject)}", json=claims)
        assert answer.status_code == 204


class _Body:
    """A body that can be read again."""

    def __init__(self, body: bytes) -> None:
        self._rest = body

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        end = len(self._rest) if size is None or size < 0 else size
        found, self._rest = self._rest[:end], self._rest[end:]
        return found

    def readline(self, size: int = -1) -> bytes:
        """The next line, which is all there is in a form."""
        return self.read(size)


@contextmanager
def providing() -> Iterator[Provider]:
    """A provider that answers."""
    made = Provider()
    server = make_server("localhost", 0, made, threaded=True)
    made.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def claims_in(token: str) -> Told:
    """What a token says, believed without looking at its signature."""
    part = token.split(".")[1]
    told: Told = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return told


def signed(claims: Told, key: RSAKey = OURS, **header: object) -> str:
    """A token signed with a key of the tests."""
    return jwt.encode({"alg": "RS256", "kid": key.kid, **header}, claims, key, algorithms=["RS256", "PS256"])


def begin(client: TestClient, next: str = "/account") -> str:
    """Where the service sends somebody who wants to sign in."""
    answer = client.get("/login/oidc", params={"next": next})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def agree(address: str, **form: str) -> str:
    """Path and query with which the provider sends somebody back."""
    answer = httpx2.post(address, data=form)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["location"])
    assert parts.netloc == "testserver"
    return f"{parts.path}?{parts.query}"


def sign_in(client: TestClient, subject: str, next: str = "/account") -> httpx2.Response:
    """The whole way there and back; what is answered at its end."""
    return client.get(agree(begin(client, next), sub=subject))
