"""Who sends a request: the holder of an API key, somebody signed in, or a visitor.

A key comes as `Authorization: Bearer pmk_…`, a session as a cookie. A browser sends the cookie by itself, so that a
request that changes something must also come from a page of this service.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from fastapi import Request

from policy_match.access.viewer import ANYBODY, Means, Viewer
from policy_match.errors import Forbidden, Issue
from policy_match.store.tables import Actor
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.who_asks import SignedIn, key_of, session_of
from policy_match_api.state import Opened

COOKIE = "pm_session"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def viewer_of(request: Request, service: Opened) -> Viewer:
    """The viewer of a request.

    Forbidden KEY_INVALID for a key that is none or no longer one, CROSS_SITE for a change that another site asked for.
    A session that has ended, or whose one-time password has not been changed yet, is a visitor's.
    """
    written = request.headers.get("Authorization")
    if written is not None:
        return _of_key(written, request, service)
    found = signed_in(request, service)
    if found is None or found.must_change:
        return ANYBODY
    if request.method not in _SAFE:
        require_same_site(request)
    acts_for = "" if found.acts_for is None else found.acts_for.name
    # Whose password everybody may know is kept to the library that is invented.
    library = DEMO if found.is_demo else None
    viewer = _viewer(found.actor, Means.SESSION)
    return replace(viewer, acts_for=acts_for, is_strong=found.is_strong, library=library)


def signed_in(request: Request, service: Opened) -> SignedIn | None:
    """The session of the cookie; None without one that stands."""
    token = token_of(request)
    return session_of(service.archive, token, service.settings.instant()) if token else None


def token_of(request: Request) -> str:
    """The token of the session, "" without any."""
    return request.cookies.get(COOKIE, "")


def require_same_site(request: Request) -> None:
    """Refuse what a page of another site sends through somebody's browser; Forbidden CROSS_SITE."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("Host")
    if not is_ours or site not in ("same-origin", "none"):
        raise Forbidden(Issue("CROSS_SITE", "请求来自别的网站", "Origin", "", "请在本系统的页面上操作"))


def _of_key(written: str, request: Request, service: Opened) -> Viewer:
    scheme, _, key = written.partition(" ")
    found = key_of(service.archive, key.strip(), service.settings.instant()) if scheme.lower() == "bearer" else None
    if found is None:
        # Whoever guesses keys is as slow as whoever guesses passwords.
        request.app.state.limits.count("login", request.client.host if request.client else "unknown")
        hint = "核对密钥；过期或停用的，请系统管理员另发"
        raise Forbidden(Issue("KEY_INVALID", "密钥不对、已停用或已过期", "Authorization", "Bearer pmk_…", hint))
    return replace(
        _viewer(found.actor, Means.KEY),
        key=found.id,
        key_scopes=frozenset(found.scopes),
        library=found.library,
        fixed_now=found.fixed_now,
    )


def _viewer(actor: Actor, means: Means) -> Viewer:
    return Viewer(actor.id, actor.name, actor.role, means, region=actor.region, firm=actor.firm, unit=actor.unit)
