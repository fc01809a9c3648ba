"""Sign in through a service elsewhere, such as 政企通: the way there, and the way back.

What holds the two together is kept in a cookie of ours for ten minutes: signed, for these two addresses alone, and used
once. Signing out ends the session here and not the one at the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.responses import RedirectResponse, Response

from policy_match.errors import Forbidden, Issue, NotFound, PolicyMatchError
from policy_match.exchange.oidc import Trip
from policy_match.workflows.open_elsewhere import Elsewhere
from policy_match.workflows.sign_in_elsewhere import Arrival, sign_in_elsewhere
from policy_match_api.error_codes import status_of
from policy_match_api.limits import Limited
from policy_match_api.pages.account import HOME, let_in, local, login_context
from policy_match_api.pages.render import page
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False, prefix="/login/oidc", dependencies=[Depends(Limited("login"))])
COOKIE, PATH, LASTS = "pm_oidc", "/login/oidc", timedelta(minutes=10)
_ALGORITHM = "HS256"
_LONGEST_NEXT = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """What the cookie holds: the trip, and where somebody wanted to go."""

    trip: Trip
    next: str


@router.get("")
def leave(request: Request, next: str = HOME, state: Seen = Depends(seen)) -> Response:
    """Send somebody to the service."""
    way, trip = _way(request), Trip.begun()
    try:
        address = way.provider.address(trip, _callback(request), state.now)
    except PolicyMatchError as fault:
        return _refused(request, state, fault, next)
    answer = RedirectResponse(address, 303)
    wanted = next if len(next.encode("utf-8", "replace")) <= _LONGEST_NEXT else HOME
    answer.set_cookie(
        COOKIE, _sealed(Kept(trip, local(wanted)), way.key, state.now), path=PATH, httponly=True, samesite="lax",
        secure=request.url.scheme == "https", max_age=int(LASTS.total_seconds()),
    )  # fmt: skip
    return answer


@router.get("/callback", name="oidc_callback")
def come_back(
    request: Request, code: str = "", state: str = "", error: str = "", view: Seen = Depends(seen)
) -> Response:
    """Begin a session for whoever the service vouches for; the cookie is gone after this, whatever came of it."""
    way, kept = _way(request), None
    try:
        kept = _opened(request.cookies.get(COOKIE, ""), state, way.key, view.now)
        if error or not code:
            raise _cancelled(way.name)
        client = request.client.host if request.client else ""
        made = sign_in_elsewhere(view.archive, way, Arrival(code, kept.trip, _callback(request), client), view.now)
        answer = let_in(request, made, kept.next)
    except PolicyMatchError as fault:
        answer = _refused(request, view, fault, HOME if kept is None else kept.next)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


def _way(request: Request) -> Elsewhere:
    way: Elsewhere | None = request.app.state.elsewhere
    if way is None:
        raise NotFound(Issue("OIDC_OFF", "没有开通从别处登录", "", "", "用登录名和密码登录"))
    return way


def _callback(request: Request) -> str:
    return str(request.url_for("oidc_callback"))


def _refused(request: Request, state: Seen, fault: PolicyMatchError, next: str) -> Response:
    issue = fault.issues[0]
    return page(
        request, "login.html", login_context(request, state, next) | {"issue": issue}, status_of(issue.code, fault)
    )


def _cancelled(name: str) -> Forbidden:
    hint = f"请重新登录；一直如此的，请{name}的管理员核对您在那里的权限"
    return Forbidden(Issue("OIDC_REFUSED", f"{name}没有同意这次登录，或您取消了登录", "登录", "", hint))


def _sealed(kept: Kept, key: bytes, now: datetime) -> str:
    trip = kept.trip
    told = {
        "state": trip.state, "nonce": trip.nonce, "verifier": trip.verifier, "next": kept.next,
        "exp": int((now + LASTS).timestamp()),
    }  # fmt: skip
    return jwt.encode({"alg": _ALGORITHM}, told, OctKey.import_key(key), algorithms=[_ALGORITHM])


def _opened(cookie: str, state: str, key: bytes, now: datetime) -> Kept:
    """What a cookie of ours holds for the sign-in that has this state; Forbidden OIDC_STATE for any other."""
    try:
        told = jwt.decode(cookie, OctKey.import_key(key), algorithms=[_ALGORITHM]).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), exp={"essential": True}, state={"essential": True, "value": state}
        ).validate(told)
    except (JoseError, ValueError) as error:
        hint = "请从登录页重新开始，10 分钟内完成；要允许浏览器使用 Cookie，不要同时开几个登录页"
        raise Forbidden(Issue("OIDC_STATE", "这次登录对不上，或已过期、已用过", "登录", "", hint)) from error
    return Kept(Trip(told["state"], told["nonce"], told["verifier"]), told["next"])
