"""How often one client may ask: a moving window of a minute, held in this process.

With several worker processes each counts for itself, so that a client may ask up to that many times as often.
A client is its API key where one was proved, else its address; of IPv6 the network, because a household holds a whole one.
Behind a proxy the address is that of the proxy, unless POLICY_MATCH_TRUSTED_PROXIES names it (app.py).
"""

from __future__ import annotations

import time
from ipaddress import AddressValueError, IPv6Address, IPv6Network
from math import ceil
from typing import Literal, TypeAlias

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from policy_match.access.viewer import Means, Viewer
from policy_match.errors import Issue, PolicyMatchError
from policy_match.settings import Settings

Kind: TypeAlias = Literal["lookup", "match", "login"]
NAMES: dict[Kind, str] = {"lookup": "查询", "match": "试算", "login": "登录"}


class RateLimited(PolicyMatchError):
    """A client asked too often; `seconds`: how long it should wait, at least 1."""

    def __init__(self, issue: Issue, seconds: int) -> None:
        super().__init__(issue)
        self.seconds = seconds


class Limits:
    """The windows of one process. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._most: dict[Kind, int] = {
            "lookup": settings.lookups_per_minute,
            "match": settings.matches_per_minute,
            "login": settings.logins_per_minute,
        }
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def count(self, kind: Kind, client: str) -> None:
        """Count one request of a client; RateLimited RATE_LIMIT once the minute is full. A limit of 0 is none."""
        most = self._most[kind]
        if most == 0:
            return
        window = RateLimitItemPerMinute(most)
        if self._windows.hit(window, kind, client):
            return
        free_at = self._windows.get_window_stats(window, kind, client).reset_time
        seconds = max(1, ceil(free_at - time.time()))
        what = f"{NAMES[kind]}过于频繁"
        hint = f"请在 {seconds} 秒后再试；程序调用请放慢，或改用批量接口"
        raise RateLimited(Issue("RATE_LIMIT", what, "", f"每分钟不超过 {most} 次", hint), seconds)


class Limited:
    """A dependency of a route: its requests count against one kind of limit."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    async def __call__(self, request: Request) -> None:
        """Count this request before anything is done for it."""
        limits = request.app.state.limits
        if not isinstance(limits, Limits):
            raise TypeError(type(limits).__name__)
        limits.count(self.kind, client_of(request))


def client_of(request: Request) -> str:
    """Who asks: the system whose API key was proved before this, else the address."""
    viewer = getattr(getattr(request.state, "seen", None), "viewer", None)
    if isinstance(viewer, Viewer) and viewer.means is Means.KEY:
        return f"key:{viewer.key}"
    host = request.client.host if request.client else "unknown"
    try:
        address = IPv6Address(host)
    except AddressValueError:
        return host
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False).network_address)
