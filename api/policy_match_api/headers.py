"""A trace id per request, the headers every answer carries, 304 for what the caller holds, and the last word on crashes.

Plain ASGI, so that answers can be streamed. Pages run no inline script and no inline style, so the
content policy allows nothing but files of this service.
"""

from __future__ import annotations

import logging
from uuid import uuid4

from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from policy_match_api.answer import is_unchanged, note_coding
from policy_match_api.errors import crash_answer

log = logging.getLogger("policy_match.service")
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Headers:
    """Adds the security headers and X-Trace-Id to everything that is sent, also to what the framework answers itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a crash is logged with its trace id and answered with 500, never shown."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace = uuid4().hex
        scope.setdefault("state", {})["trace_id"] = trace
        started = is_held = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started, is_held
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                headers["X-Trace-Id"] = trace
                # What somebody known was shown is not for the next one at the same machine.
                known = scope["state"].get("actor") is not None
                headers.setdefault("Cache-Control", "no-store" if known else "no-cache")
                is_held = _settle_tag(scope, message, headers)
            elif is_held:
                if message.get("more_body", False):
                    return
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            log.exception("request failed", extra={"trace_id": trace})
            if started:
                raise
            await crash_answer(Request(scope))(scope, receive, send_with_headers)


def _settle_tag(scope: Scope, message: Message, headers: MutableHeaders) -> bool:
    """Turn the start of an answer that the caller holds into 304; whether it was. Only what is read has a tag."""
    if scope["method"] not in ("GET", "HEAD"):
        del headers["ETag"]
        return False
    note_coding(headers)
    if message["status"] != 200 or not is_unchanged(RequestHeaders(scope=scope), headers):
        return False
    message["status"] = 304
    for name in ("Content-Length", "Content-Type", "Content-Encoding"):
        del headers[name]
    return True
