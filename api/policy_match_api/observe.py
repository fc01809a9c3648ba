"""What every request leaves for those who keep the service running: a line of the log and its count in the metrics."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from policy_match_api.metrics import Metrics

OTHER = "other"
REQUESTS = logging.getLogger("policy_match.requests")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


@dataclass(frozen=True, slots=True)
class Handled:
    """One request. `route`: the template of its address, `other` for none of ours; `status` None: nothing was sent.

    `client`: the network of the caller; `actor`: the id of who was signed in. Both None where not known.
    """

    method: str
    route: str
    status: int | None
    seconds: float
    trace_id: str | None
    actor: str | None
    client: str | None


class Observe:
    """The outermost layer: it sees what is sent in the end, also of crashes."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and note how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), None

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        self.metrics.begin()
        try:
            await self.app(scope, receive, noting)
        finally:
            handled = _handled(scope, status, time.perf_counter() - begun)
            self.metrics.end(handled.method, handled.route, handled.status, handled.seconds)
            _write(handled)


def _handled(scope: Scope, status: int | None, seconds: float) -> Handled:
    state = scope.get("state", {})
    actor, client = state.get("actor"), scope.get("client")
    return Handled(
        method=scope["method"] if scope["method"] in _METHODS else OTHER,
        route=route_of(scope),
        status=status,
        seconds=seconds,
        trace_id=state.get("trace_id"),
        actor=actor if isinstance(actor, str) else None,
        client=network_of(client[0] if client else None),
    )


def route_of(scope: Scope) -> str:
    """The template of the address that was asked for; `other` where the service has none."""
    if isinstance(scope.get("endpoint"), StaticFiles):
        return "/static"
    # FastAPI keeps the template with its prefixes here; scope["route"] alone has it without them.
    chosen = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    template = getattr(chosen, "path_format", None)
    if isinstance(template, str):
        return template
    return "/openapi.json" if scope["path"] == "/openapi.json" else OTHER


def network_of(client: str | None) -> str | None:
    """The network of an address: /24 of IPv4, /48 of IPv6; None for what is no address."""
    try:
        address = ip_address(client or "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), 48), strict=False))
    return str(IPv4Network((int(address), 24), strict=False))


def _write(handled: Handled) -> None:
    REQUESTS.info(
        "request",
        extra={
            "method": handled.method,
            "route": handled.route,
            "status": handled.status,
            "duration_ms": round(handled.seconds * 1000, 1),
            "trace_id": handled.trace_id,
            "actor": handled.actor,
            "client": handled.client,
        },
    )
