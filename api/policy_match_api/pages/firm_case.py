"""免申即享 for the firm itself: where its case stands, what the sum rests on, yes or no, and an objection during the notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Right
from policy_match.errors import Conflict, Issue, NotFound, UsageError
from policy_match.store import cases
from policy_match.store.case_tables import Case
from policy_match.workflows.confirm_case import CONSENT_TEXT, Consent, confirm_case, decline_case
from policy_match.workflows.object_case import NewObjection, object_case
from policy_match.workflows.show_firm import paid_to
from policy_match.workflows.show_own_case import own_case, own_objections
from policy_match.workflows.write_entry import By
from policy_match_api.error_codes import status_of
from policy_match_api.pages.firm import ObjectionForm, Own, own_of, to_sign_in
from policy_match_api.pages.projects import head_of
from policy_match_api.pages.render import page
from policy_match_api.params import count_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
DONE = {
    "confirm": "已确认。等主管单位审批拨付，到账后写在本页。",
    "decline": "已放弃。改变主意的，在确认期内请主管单位重新发起。",
    "object": "已收到异议，办件暂停，主管单位会在期限内答复。",
}
# What to do on the page, where the hint of the workflow speaks of the command line.
HINTS = {
    "MSJX_SEEN": "金额或办理状态有变化，看过再提交；您写的还在下面",
    "MSJX_STATE": "看过现在的状态再办",
    "TEXT_MISSING": "写上再提交；您写的还在下面",
    "OBJECTION_LATE": "应享未享的，在政策页面提出",
}


class ConsentForm(BaseModel):
    """A firm says yes: who, to which account; `agree` is ticked."""

    model_config = ConfigDict(extra="forbid")

    version: str = Field(default="", max_length=9)
    person: str = Field(default="", max_length=200)
    holder: str = Field(default="", max_length=200)
    account: str = Field(default="", max_length=60)
    agree: str = Field(default="", max_length=3)


class DeclineForm(BaseModel):
    """A firm says no; the reason may be empty."""

    model_config = ConfigDict(extra="forbid")

    version: str = Field(default="", max_length=9)
    person: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=1000)


@router.get("/firm/case/{number}")
def show(request: Request, number: str, state: Seen = Depends(seen)) -> Response:
    """The case, and what the firm may do about it."""
    if not state.viewer.actor:
        return to_sign_in(request)
    return _page(request, state, number, {"said": DONE.get(request.query_params.get("done", ""), "")})


@router.post("/firm/case/{number}/confirm")
def confirm(
    request: Request, number: str, given: Annotated[ConsentForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Say yes to the sum that was shown, with the account; how the person was known is the session's to tell."""

    def do(by: By) -> None:
        if given.agree != "yes":
            raise UsageError(Issue("TEXT_MISSING", "没有勾选同意", "agree", "勾选", "看过金额和账户，勾选再提交"))
        proved = "本系统账号登录，已输动态口令" if state.viewer.is_strong else "本系统账号登录"
        consent = Consent(given.person, proved, given.holder, given.account)
        confirm_case(state.archive, number, consent, by, seen=_version(given.version))

    return _done(request, state, number, ("confirm", given), do)


@router.post("/firm/case/{number}/decline")
def decline(
    request: Request, number: str, given: Annotated[DeclineForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Say no."""

    def do(by: By) -> None:
        decline_case(state.archive, number, given.person, given.reason, by, seen=_version(given.version))

    return _done(request, state, number, ("decline", given), do)


@router.post("/firm/case/{number}/object")
def objection(
    request: Request, number: str, given: Annotated[ObjectionForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Object during the notice."""

    def do(by: By) -> None:
        object_case(state.archive, number, NewObjection(given.name, given.contact, given.says), by)

    return _done(request, state, number, ("object", given), do)


def _version(written: str) -> int:
    return count_of(written, "version", 0, 0, 10**9)


def _done(
    request: Request, state: Seen, number: str, asked: tuple[str, BaseModel], do: Callable[[By], None]
) -> Response:
    """Do it and come back with a word about it; what is refused comes back with all that was written."""
    own = own_of(state)
    what, given = asked
    _own_row(state, own, number)
    try:
        do(By(own.library.name, state.viewer.actor, state.now))
    except (Conflict, UsageError) as refusal:
        issue = refusal.issues[0]
        said = {"issue": issue, "hint": HINTS.get(issue.code, issue.hint), what: given}
        return _page(request, state, number, said, status_of(issue.code, refusal))
    return RedirectResponse(f"/firm/case/{number}?done={what}", 303)


def _own_row(state: Seen, own: Own, number: str) -> Case:
    """The case of a number if it is the firm's; NotFound MSJX_UNKNOWN for any other."""
    with state.archive.database.reading() as session:
        sight = state.cases(session)
        for case in cases.every(session, own.library.name):
            if case.number == number and sight.sees(case):
                return case
    what = f"您的企业没有编号为“{number[:40]}”的免申即享办件"
    raise NotFound(Issue("MSJX_UNKNOWN", what, "number", "", "从“我的企业”进入"))


def _page(request: Request, state: Seen, number: str, said: dict[str, object], status: int = 200) -> Response:
    state.require("cases", Right.READ)
    own = own_of(state)
    row = _own_row(state, own, number)
    with state.archive.database.reading() as session:
        found = own_case(session, cases.by_number(session, row.library, row.number), own.library)
        objections = own_objections(session, row.library, state.viewer.firm or "")
    context = {
        **head_of(own.library),
        "one": found,
        "objections": [one for one in objections if one.about == found.shown.number],
        "paid": [one for one in paid_to(own.library, own.subjects) if one.measure == found.shown.measure],
        "text": CONSENT_TEXT,
        "confirm": ConsentForm(holder=found.shown.name or ""),
        "decline": DeclineForm(),
        "object": ObjectionForm(),
        "issue": None,
        "hint": "",
        "said": "",
    }
    return page(request, "firm_case.html", {**context, **said}, status)
