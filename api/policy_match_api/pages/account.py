"""Sign in and out, and one's own account: password, second factor, whose work one does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from policy_match.access.passwords import DEMO_PASSWORD
from policy_match.access.permissions import REACH_NAMES, RIGHT_NAMES
from policy_match.access.second_factor import DEMO_SECRET, code_at
from policy_match.errors import Forbidden, Issue, PolicyMatchError
from policy_match.identifiers import region_name
from policy_match.settings import LOCAL
from policy_match.store import actors, delegations
from policy_match.workflows.act_for import act_for
from policy_match.workflows.begin_session import NewSession
from policy_match.workflows.change_password import Change, change_password
from policy_match.workflows.confirm_second_factor import confirm_second_factor
from policy_match.workflows.enrol_second_factor import enrol_second_factor
from policy_match.workflows.open_elsewhere import Elsewhere
from policy_match.workflows.seed_accounts import DemoAccount
from policy_match.workflows.sign_in import Attempt, sign_in
from policy_match.workflows.sign_out import sign_out
from policy_match_api.limits import Limited
from policy_match_api.pages.render import link, page
from policy_match_api.seen import Seen, seen
from policy_match_api.who import COOKIE, require_same_site, signed_in, token_of

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=1000)]
HOME = "/"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What anybody may know of the accounts of the demonstration: the code is that of this half minute."""

    accounts: tuple[DemoAccount, ...]
    password: str
    code: str


@router.get("/login")
def show_login(request: Request, next: str = HOME, state: Seen = Depends(seen)) -> Response:
    """The form to sign in with."""
    return page(request, "login.html", login_context(request, state, next))


@router.post("/login", dependencies=[Depends(Limited("login"))])
def log_in(
    request: Request,
    login: Text = "",
    password: Text = "",
    code: Text = "",
    next: Text = HOME,
    state: Seen = Depends(seen),
) -> Response:
    """Begin a session; whoever is not let in sees the form again with what to do."""
    require_same_site(request)
    client = request.client.host if request.client else ""
    try:
        made = sign_in(state.archive, Attempt(login, password, code, client), state.now)
    except Forbidden as refusal:
        context = login_context(request, state, next) | {"login": login[:60], "issue": refusal.issues[0]}
        return page(request, "login.html", context, 403)
    return let_in(request, made, next)


def let_in(request: Request, made: NewSession, next: str) -> Response:
    """On with whoever has a session now: where it was wanted, or to the password that has to be changed first."""
    answer = RedirectResponse("/account" if made.must_change else local(next), 303)
    is_secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, made.token, path="/", httponly=True, samesite="lax", secure=is_secure)
    return answer


@router.post("/logout")
def log_out(request: Request, state: Seen = Depends(seen)) -> Response:
    """End the session."""
    require_same_site(request)
    sign_out(state.archive, token_of(request), state.now)
    answer = RedirectResponse(HOME, 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.get("/account")
def show_account(request: Request, state: Seen = Depends(seen)) -> Response:
    """The own account."""
    return _account(request, state)


@router.post("/account/code")
def give_code(request: Request, code: Text = "", state: Seen = Depends(seen)) -> Response:
    """Give a code of the second factor."""
    return _changed(request, state, lambda token: confirm_second_factor(state.archive, token, code, state.now))


@router.post("/account/password")
def new_password(request: Request, old: Text = "", new: Text = "", state: Seen = Depends(seen)) -> Response:
    """Change the password."""
    return _changed(request, state, lambda token: change_password(state.archive, token, Change(old, new), state.now))


@router.post("/account/acts-for")
def choose_giver(request: Request, giver: Text = "", state: Seen = Depends(seen)) -> Response:
    """Take up a delegation, or lay it down."""
    return _changed(request, state, lambda token: act_for(state.archive, token, giver or None, state.now))


@router.post("/account/second-factor")
def enrol(request: Request, password: Text = "", state: Seen = Depends(seen)) -> Response:
    """Show a new secret once, to be put into an authenticator."""
    require_same_site(request)
    try:
        address = enrol_second_factor(state.archive, token_of(request), password, state.now)
    except PolicyMatchError as refusal:
        return _account(request, state, refusal.issues[0])
    return _account(request, state, enrolment=address)


def local(address: str) -> str:
    """An address of this service; the front page for any other, to which nobody is sent from here."""
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_ours else HOME


def login_context(request: Request, state: Seen, next: str) -> dict[str, object]:
    """What the form to sign in shows before anything went wrong."""
    accounts: tuple[DemoAccount, ...] = request.app.state.demo_accounts
    demo = Demonstration(accounts, DEMO_PASSWORD, code_at(DEMO_SECRET, state.now)) if accounts else None
    elsewhere: Elsewhere | None = request.app.state.elsewhere
    service = None if elsewhere is None else elsewhere.name
    return {"next": local(next), "login": "", "issue": None, "demo": demo, "elsewhere": service}


def _changed(request: Request, state: Seen, do: Callable[[str], object]) -> Response:
    require_same_site(request)
    try:
        do(token_of(request))
    except PolicyMatchError as refusal:
        return _account(request, state, refusal.issues[0])
    return RedirectResponse("/account", 303)


def _account(request: Request, state: Seen, issue: Issue | None = None, *, enrolment: str = "") -> Response:
    mine = signed_in(request, state.service)
    if mine is None:
        return RedirectResponse(link("/login", next="/account"), 303)
    today = state.day
    with state.archive.database.reading() as session:
        names = actors.names(session)
        givers = {one.from_actor: names[one.from_actor] for one in delegations.in_force(session, mine.actor.id, today)}
    permissions = state.archive.permissions
    rights = [
        (
            row.name,
            "、".join(f"{RIGHT_NAMES[right]}（{REACH_NAMES[reach]}）" for right, reach in cell.reach.items()),
            cell.only,
        )
        for row in permissions.capabilities.values()
        if (cell := row.cells.get(mine.actor.role)) is not None
    ]
    context = {
        "mine": mine,
        "role": state.archive.table.roles[mine.actor.role].name,
        "area": region_name(mine.actor.region) if mine.actor.region else "",
        "givers": givers,
        "rights": rights,
        "issue": issue,
        "enrolment": enrolment,
        "ends_at": mine.ends_at.astimezone(LOCAL),
    }
    return page(request, "account.html", context, 200 if issue is None else 403)
