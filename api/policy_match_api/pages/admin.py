"""The pages of administration: accounts, keys and delegations. Administrators act here, auditors look; nothing here is business.

Every page takes a fresh code. Who sends a form after the code has run out finds it as it was, with a field for a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from policy_match.access.key_scopes import NAMES as SCOPE_NAMES
from policy_match.access.permissions import Right
from policy_match.errors import Issue, NotFound, PolicyMatchError
from policy_match.identifiers import DISTRICTS, region_name
from policy_match.workflows.add_account import JOB, NewAccount, Person, add_account
from policy_match.workflows.close_account import close_account
from policy_match.workflows.confirm_second_factor import confirm_second_factor
from policy_match.workflows.delegate import NewDelegation, delegate
from policy_match.workflows.end_delegation import end_delegation
from policy_match.workflows.issue_key import NewKey, issue_key
from policy_match.workflows.library_names import REAL, TITLES
from policy_match.workflows.link_identity import link_identity, unlink_identities
from policy_match.workflows.list_access import account_rows, delegation_rows, key_rows, known_people
from policy_match.workflows.print_rows import Row, Rows
from policy_match.workflows.reset_password import reset_password
from policy_match.workflows.revoke_key import revoke_key
from policy_match.workflows.unlock_account import unlock_account
from policy_match.workflows.write_entry import By
from policy_match_api.error_codes import status_of
from policy_match_api.pages.render import page
from policy_match_api.pages.tables import part_of, reason_noted, workbook
from policy_match_api.params import date_of, one_of
from policy_match_api.seen import Seen, seen
from policy_match_api.who import require_same_site, token_of

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=1000)]
USERS = "users"
TABLES = {"accounts": account_rows, "keys": key_rows, "delegations": delegation_rows}
PLACES = {"accounts": "/admin", "keys": "/admin/keys", "delegations": "/admin/delegations"}
DONE = {
    "closed": "账号已停用，登录和密钥已失效。",
    "unlocked": "已解锁。",
    "unlocked_none": "没有锁定；输错次数已清零。",
    "linked": "已关联。",
    "unlinked": "关联已解除，正在用的登录已失效。",
    "revoked": "密钥已吊销。",
    "made": "代理已登记。",
    "ended": "代理已结束。",
}
# Every field of every form, as it is before anybody wrote into it.
_BLANK: dict[str, object] = dict.fromkeys(
    (
        "login", "actor", "name", "role", "region", "firm", "unit", "through", "scopes", "library", "giver", "taker",
        "since", "reason", "close_reason", "unlink_reason", "second_factor", "subject",
    ),
    "",
)  # fmt: skip
# The workflows speak to the command line; these are the same things on the page.
_WORDS = {
    "--since、--through": "首日、末日", "--actor": "经办人编号", "--name": "姓名或用处", "--role": "角色", "--unit": "单位",
    "--region": "辖市区", "--firm": "信用代码", "--through": "末日", "--since": "首日", "--scopes": "用途", "--library": "项目库",
    "--reason": "原因", "--subject": "编号", "--issuer": "登录服务", "--to": "代理人", "--by": "经办人",
    "account list": "账号列表", "account password": "“我的账号”页", "account unlink": "解除关联", "key list": "密钥列表",
    "delegate list": "代理列表", "delegate end": "代理列表",
}  # fmt: skip


@router.get("/admin")
def list_accounts(request: Request, state: Seen = Depends(seen)) -> Response:
    """The accounts, filtered by words, role and state."""
    return _list(request, state, "accounts")


@router.get("/admin/keys")
def list_keys(request: Request, state: Seen = Depends(seen)) -> Response:
    """The keys of programs."""
    return _list(request, state, "keys")


@router.get("/admin/delegations")
def list_delegations(request: Request, state: Seen = Depends(seen)) -> Response:
    """Who acts for whom."""
    return _list(request, state, "delegations")


@router.get("/admin/{table}.xlsx")
def export_table(request: Request, table: str, state: Seen = Depends(seen)) -> Response:
    """One of the three lists as it is filtered, for Excel; noted with its reason."""
    state.require(USERS)
    one_of(table, "table", TABLES)
    reason_noted(request, state)
    return workbook(_chosen(request, TABLES[table](state.archive, _by(state))), f"{table}-{state.day}")


@router.get("/admin/new-account")
def show_new_account(request: Request, state: Seen = Depends(seen)) -> Response:
    """The form for a new account."""
    return _form(request, state, "admin_new_account.html", {})


@router.get("/admin/new-key")
def show_new_key(request: Request, state: Seen = Depends(seen)) -> Response:
    """The form for a new key."""
    return _form(request, state, "admin_new_key.html", {})


@router.get("/admin/new-delegation")
def show_new_delegation(request: Request, state: Seen = Depends(seen)) -> Response:
    """The form for a new delegation."""
    return _form(request, state, "admin_new_delegation.html", {})


@router.post("/admin/new-account")
def new_account(
    request: Request,
    login: Text = "",
    actor: Text = "",
    name: Text = "",
    role: Text = "",
    region: Text = "",
    firm: Text = "",
    unit: Text = "",
    through: Text = "",
    code: Text = "",
    state: Seen = Depends(seen),
) -> Response:
    """Open an account; the one-time password stands on the answer and nowhere else."""
    _require_writer(request, state)
    given: dict[str, object] = {"login": login, "actor": actor, "name": name, "role": role, "region": region, "firm": firm, "unit": unit,
             "through": through}  # fmt: skip

    def do() -> Response:
        person = None
        if any((name, role, region, firm, unit, through)):
            last = _day(through, "末日")
            person = Person(name, role, unit or None, region or None, firm or None, last)
        once = add_account(state.archive, NewAccount(login, actor.strip(), person), _by(state))
        return _secret(request, "账号已开立", login, "一次性密码", once)

    return _done(
        request, state, code, do, lambda refusal: _form(request, state, "admin_new_account.html", given, refusal)
    )


@router.post("/admin/new-key")
def new_key(
    request: Request,
    actor: Text = "",
    name: Text = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    library: Text = REAL,
    through: Text = "",
    code: Text = "",
    state: Seen = Depends(seen),
) -> Response:
    """Issue a key; it stands on the answer and nowhere else."""
    _require_writer(request, state)
    wanted = tuple(scopes or ())
    given: dict[str, object] = {"actor": actor, "name": name, "scopes": wanted, "library": library, "through": through}

    def do() -> Response:
        ends_on = date_of(through, "末日")
        key = issue_key(state.archive, NewKey(actor.strip(), name, wanted, library, ends_on), _by(state))
        return _secret(request, "密钥已签发", name, "密钥", key)

    return _done(request, state, code, do, lambda refusal: _form(request, state, "admin_new_key.html", given, refusal))


@router.post("/admin/new-delegation")
def new_delegation(
    request: Request,
    giver: Text = "",
    taker: Text = "",
    since: Text = "",
    through: Text = "",
    reason: Text = "",
    code: Text = "",
    state: Seen = Depends(seen),
) -> Response:
    """Record that somebody acts for somebody else."""
    _require_writer(request, state)
    given: dict[str, object] = {"giver": giver, "taker": taker, "since": since, "through": through, "reason": reason}

    def do() -> Response:
        first = _day(since, "首日") or state.day
        asked = NewDelegation(giver.strip(), taker.strip(), first, date_of(through, "末日"), reason)
        delegate(state.archive, asked, _by(state))
        return RedirectResponse("/admin/delegations?done=made", 303)

    return _done(
        request, state, code, do, lambda refusal: _form(request, state, "admin_new_delegation.html", given, refusal)
    )


@router.get("/admin/accounts/{login}")
def show_account(request: Request, login: str, state: Seen = Depends(seen)) -> Response:
    """One account, and what can be done about it."""
    return _one(request, state, "accounts", login)


@router.get("/admin/keys/{key_id}")
def show_key(request: Request, key_id: str, state: Seen = Depends(seen)) -> Response:
    """One key, and what can be done about it."""
    return _one(request, state, "keys", key_id)


@router.get("/admin/delegations/{number}")
def show_delegation(request: Request, number: str, state: Seen = Depends(seen)) -> Response:
    """One delegation, and what can be done about it."""
    return _one(request, state, "delegations", number)


@router.post("/admin/accounts/{login}/close")
def close(request: Request, login: str, reason: Text = "", code: Text = "", state: Seen = Depends(seen)) -> Response:
    """Close an account for good."""

    def do() -> Response:
        close_account(state.archive, login, reason, _by(state))
        return _back("accounts", login, "closed")

    return _about(request, state, ("accounts", login), code, do, {"close_reason": reason})


@router.post("/admin/accounts/{login}/unlock")
def unlock(request: Request, login: str, code: Text = "", state: Seen = Depends(seen)) -> Response:
    """End a lock before its time."""

    def do() -> Response:
        was_locked = unlock_account(state.archive, login, _by(state))
        return _back("accounts", login, "unlocked" if was_locked else "unlocked_none")

    return _about(request, state, ("accounts", login), code, do, {})


@router.post("/admin/accounts/{login}/reset")
def reset(
    request: Request, login: str, second_factor: Text = "", code: Text = "", state: Seen = Depends(seen)
) -> Response:
    """Give a one-time password, and take the second factor off where that is asked for."""

    def do() -> Response:
        off = second_factor == "off"
        once = reset_password(state.archive, login, _by(state), second_factor=off)
        what = "密码已重置，动态口令已清除" if off else "密码已重置"
        return _secret(request, what, login, "一次性密码", once)

    return _about(request, state, ("accounts", login), code, do, {"second_factor": second_factor})


@router.post("/admin/accounts/{login}/link")
def link_account(
    request: Request, login: str, subject: Text = "", code: Text = "", state: Seen = Depends(seen)
) -> Response:
    """Link an account to who its holder is at the service that signs people in."""

    def do() -> Response:
        link_identity(state.archive, login, state.settings.oidc_issuer, subject, _by(state))
        return _back("accounts", login, "linked")

    return _about(request, state, ("accounts", login), code, do, {"subject": subject})


@router.post("/admin/accounts/{login}/unlink")
def unlink_account(
    request: Request, login: str, reason: Text = "", code: Text = "", state: Seen = Depends(seen)
) -> Response:
    """Take back all links of an account."""

    def do() -> Response:
        unlink_identities(state.archive, login, reason, _by(state))
        return _back("accounts", login, "unlinked")

    return _about(request, state, ("accounts", login), code, do, {"unlink_reason": reason})


@router.post("/admin/keys/{key_id}/revoke")
def revoke(request: Request, key_id: str, reason: Text = "", code: Text = "", state: Seen = Depends(seen)) -> Response:
    """Revoke a key."""

    def do() -> Response:
        revoke_key(state.archive, key_id, reason, _by(state))
        return _back("keys", key_id, "revoked")

    return _about(request, state, ("keys", key_id), code, do, {"reason": reason})


@router.post("/admin/delegations/{number}/end")
def end(request: Request, number: int, code: Text = "", state: Seen = Depends(seen)) -> Response:
    """End a delegation before its last day."""

    def do() -> Response:
        end_delegation(state.archive, number, _by(state))
        return _back("delegations", str(number), "ended")

    return _about(request, state, ("delegations", str(number)), code, do, {})


def in_words(text: str) -> str:
    """What a workflow says, with the names that things have on the page."""
    for option, word in _WORDS.items():
        text = text.replace(option, word)
    return text


def _list(request: Request, state: Seen, table: str) -> Response:
    refused = _code_first(request, state)
    if refused is not None:
        return refused
    rows = _chosen(request, TABLES[table](state.archive, _by(state)))
    return page(
        request,
        f"admin_{table}.html",
        {
            **_head(request, state, table),
            "part": part_of(request, rows.rows),
            "given": {name: request.query_params.get(name) or "" for name in ("q", "role", "state")},
            "states": [(one, one) for one in _STATES[table]],
        },
    )


_STATES = {
    "accounts": ("正常", "待改密码", "锁定中", "不在岗", "已停用", "示范"),
    "keys": ("有效", "已到期", "已吊销"),
    "delegations": ("生效", "未到", "已结束"),
}


def _chosen(request: Request, rows: Rows) -> Rows:
    """The rows that the address asks for: `q` anywhere in what is shown, `role` and `state` as they are."""
    given = request.query_params
    words, role, standing = given.get("q", "").strip().casefold(), given.get("role"), given.get("state")
    found = [
        row
        for row in rows.rows
        if (not words or any(words in str(row[key] or "").casefold() for key in rows.header))
        and (not role or row.get("role") == role)
        and (not standing or row["state"] == standing)
    ]
    return replace(rows, rows=found)


def _form(
    request: Request, state: Seen, template: str, given: dict[str, object], refusal: PolicyMatchError | None = None
) -> Response:
    """A form for something new, with what was written into it before."""
    if refusal is None:
        refused = _code_first(request, state)
        if refused is not None:
            return refused
        state.require(USERS, Right.WRITE)
    people = known_people(state.archive, _by(state)) if state.viewer.is_strong else ()
    shown = {
        "given": _BLANK | given,
        "people": people,
        "scopes": {scope.value: name for scope, name in SCOPE_NAMES.items()},
        "libraries": TITLES,
        "districts": {code: region_name(code) for code in DISTRICTS},
        "today": state.day,
    }
    return page(request, template, {**_head(request, state, "", refusal), **shown}, _status(refusal))


def _one(
    request: Request,
    state: Seen,
    table: str,
    name: str,
    *,
    refusal: PolicyMatchError | None = None,
    given: dict[str, object] | None = None,
) -> Response:
    """One row of a list with its forms; what it says takes a fresh code, the forms alone come back without."""
    if refusal is None:
        refused = _code_first(request, state)
        if refused is not None:
            return refused
    head = _head(request, state, table, refusal)
    row = _row(state, table, name) if state.viewer.is_strong else None
    shown = {"row": row, "name": name, "given": _BLANK | (given or {}), "elsewhere": state.settings.oidc_issuer}
    return page(request, f"admin_one_{table}.html", {**head, **shown}, _status(refusal))


def _row(state: Seen, table: str, name: str) -> Row:
    key = "login" if table == "accounts" else "id"
    for row in TABLES[table](state.archive, _by(state)).rows:
        if str(row[key]) == name:
            return row
    raise NotFound(Issue("NOT_FOUND", f"没有“{name[:40]}”", "", "", "从列表进入"))


def _head(request: Request, state: Seen, table: str, refusal: PolicyMatchError | None = None) -> dict[str, object]:
    roles = {role.id: role.name for role in state.archive.table.roles.values() if role.id != JOB}
    return {
        "table": table,
        "issue": None if refusal is None else refusal.issues[0],
        "in_words": in_words,
        "done": DONE.get(request.query_params.get("done", ""), ""),
        "may_write": state.may(USERS, Right.WRITE) is not None,
        "is_strong": state.viewer.is_strong,
        "roles": roles,
        "places": PLACES,
    }


def _status(refusal: PolicyMatchError | None) -> int:
    """The status of a form: that of what was wrong in it, where it comes back."""
    return 200 if refusal is None else status_of(refusal.issues[0].code, refusal)


def _code_first(request: Request, state: Seen) -> Response | None:
    """The page that asks for a fresh code; None for whoever has given one. Forbidden PERMISSION for everybody else."""
    if state.may(USERS) is None:
        state.require(USERS)
    if state.viewer.is_strong:
        return None
    return page(request, "need_code.html", {"what": "账号、密钥和代理"}, 403)


def _require_writer(request: Request, state: Seen) -> None:
    """Refuse who is no administrator, with or without a code; Forbidden PERMISSION, CROSS_SITE."""
    require_same_site(request)
    if state.may(USERS, Right.WRITE) is None:
        state.require(USERS, Right.WRITE)


def _about(
    request: Request,
    state: Seen,
    about: tuple[str, str],
    code: str,
    do: Callable[[], Response],
    given: dict[str, object],
) -> Response:
    """Do something about one row; what is refused comes back on its page."""
    _require_writer(request, state)
    return _done(request, state, code, do, lambda refusal: _one(request, state, *about, refusal=refusal, given=given))


def _done(
    request: Request, state: Seen, code: str, do: Callable[[], Response], again: Callable[[PolicyMatchError], Response]
) -> Response:
    """Do it after a fresh code, given before or with the form; show the form `again` with what was refused."""
    try:
        if not state.viewer.is_strong and code.strip():
            confirm_second_factor(state.archive, token_of(request), code, state.now)
        else:
            state.require(USERS, Right.WRITE)
        return do()
    except PolicyMatchError as refusal:
        return again(refusal)


def _secret(request: Request, what: str, of: str, kind: str, secret: str) -> Response:
    return page(request, "admin_secret.html", {"what": what, "of": of, "kind": kind, "secret": secret})


def _back(table: str, name: str, done: str) -> Response:
    return RedirectResponse(f"/admin/{table}/{quote(name, safe='')}?done={done}", 303)


def _day(written: str, name: str) -> date | None:
    return date_of(written, name) if written.strip() else None


def _by(state: Seen) -> By:
    return By(REAL, state.viewer.actor, state.now)
