"""The releases: which rules decide, what a proposal changes in verdicts and yuan, agreeing to it, going back to an earlier one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Reach, Right
from policy_match.eligibility.decide import VERDICT_NAMES
from policy_match.errors import Conflict, Issue, NotFound, PolicyMatchError
from policy_match.release import Activation
from policy_match.store import drafts
from policy_match.units import format_money
from policy_match.workflows.activate_rules import NewRelease, approve_release, propose_release, weigh_release
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.compare_releases import compare_texts
from policy_match.workflows.diff_rules import difference_data
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.list_releases import list_releases, states
from policy_match.workflows.read_records import View
from policy_match.workflows.show_match import Plain
from policy_match.workflows.write_entry import By
from policy_match_api.error_codes import status_of
from policy_match_api.pages.projects import BASES
from policy_match_api.pages.render import page
from policy_match_api.params import date_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
RULES = "rules"
Number = Annotated[int, Path(ge=1, le=10**9)]
DONE = {
    "proposed": "已提出，要另外两个人批准才算数。",
    "signed": "已签，还要一个人批准。",
    "approved": "两个人都已批准，到施行日起按它判定。",
}
NAMES = {verdict.value: name for verdict, name in VERDICT_NAMES.items()}


@router.get("/releases")
def show_releases(request: Request, state: Seen = Depends(seen)) -> Response:
    """Every activation with how it stands today, the newest first."""
    view = View(state.day)
    found = states(list_releases(state.archive, view), view)
    return page(request, "releases.html", {"as_of": view.as_of, "releases": found[::-1]})


@router.get("/releases/{number}")
def show_release(request: Request, number: Number, state: Seen = Depends(seen)) -> Response:
    """One of them: what it changes, by today's subjects while it waits, and what may be done about it."""
    return _page(request, state, number, {})


@router.post("/releases/{number}/approve")
def approve(request: Request, number: Number, state: Seen = Depends(seen)) -> Response:
    """Agree to a proposal; with the second person it counts."""
    state.require(RULES, Right.APPROVE)
    found, _ = _one(state, number)
    try:
        step = approve_release(state.archive, number, _by(state, DEMO if found.is_demo else REAL))
    except PolicyMatchError as refusal:
        return _page(request, state, number, {}, refusal)
    done = "signed" if step.activation.approved_at is None else "approved"
    return RedirectResponse(f"/releases/{number}?done={done}", 303)


@router.post("/releases/{number}/again")
def propose_again(
    request: Request,
    number: Number,
    reason: Annotated[str, Form(max_length=1000)] = "",
    since: Annotated[str, Form(max_length=10)] = "",
    state: Seen = Depends(seen),
) -> Response:
    """Propose the same rules once more: how an earlier release comes back, and another one is undone."""
    state.require(RULES, Right.WRITE)
    found, _ = _one(state, number)
    try:
        day = date_of(since, "施行日") if since else None
        asked = NewRelease(found.release, reason, day)
        # An account of the demonstration takes the rules of all into its own library alone.
        library = DEMO if found.is_demo else state.viewer.library or REAL
        step = propose_release(state.archive, state.archive.shelf.corpus, asked, _by(state, library))
    except PolicyMatchError as refusal:
        return _page(request, state, number, {"reason": reason, "since": since}, refusal)
    return RedirectResponse(f"/releases/{step.activation.id}?done=proposed", 303)


def _one(state: Seen, number: int) -> tuple[Activation, str]:
    """An activation and how it stands; NotFound RELEASE_UNKNOWN, and LIBRARY_CLOSED where the viewer's rights are of another library."""
    view = View(state.day)
    for one, word in states(list_releases(state.archive, view), view):
        if one.id == number:
            return one, word
    raise NotFound(Issue("RELEASE_UNKNOWN", f"没有第 {number} 号规则版本", "号", "", "从“规则版本”的列表进入"))


def _by(state: Seen, library: str) -> By:
    """Who asks, in a library in which their rights hold; NotFound LIBRARY_CLOSED in any other."""
    state.require_library(library)
    return By(library, state.viewer.actor, state.now)


def _page(
    request: Request, state: Seen, number: int, given: Mapping[str, str], refusal: PolicyMatchError | None = None
) -> Response:
    one, word = _one(state, number)
    waits = one.approved_at is None and not one.is_first
    is_own = not (state.viewer.library == DEMO and not one.is_demo)
    sees_all = is_own and state.may(RULES) not in (None, Reach.PUBLIC)
    difference, note = _difference(state, one) if waits and sees_all else (json.loads(one.difference), "")
    with state.archive.database.reading() as session:
        draft = drafts.of_activation(session, number) if sees_all else None
    issue = None if refusal is None else refusal.issues[0]
    view = View(max(one.since, state.day))
    context = {
        "as_of": state.day,
        "one": one,
        "state": word,
        "waits": waits,
        "difference": difference,
        "note": note,
        "sees_all": sees_all,
        "sees_pairs": sees_all and state.may("matches") is Reach.ALL,
        "texts": compare_texts(state.archive, one, view) if waits and sees_all else (),
        "draft": draft,
        "may_sign": waits and is_own and _may_sign(state, one),
        "may_propose": not waits and word != "施行中" and state.may(RULES, Right.WRITE) is not None,
        "known": frozenset(state.today().rulebook.ids),
        "names": NAMES,
        "cost": _cost,
        "amount": _amount,
        "base": BASES[DEMO if one.is_demo else REAL],
        "minute": local_minute,
        "given": {"reason": "", "since": "", **given},
        "issue": issue,
        "said": DONE.get(request.query_params.get("done", ""), "") if issue is None else "",
    }
    return page(
        request, "release.html", context, 200 if refusal is None or issue is None else status_of(issue.code, refusal)
    )


def _difference(state: Seen, one: Activation) -> tuple[dict[str, Plain], str]:
    """What it changes by today's subjects; the recorded difference, with a word, where it is what decides already."""
    library = DEMO if one.is_demo else REAL
    try:
        step = weigh_release(state.archive, one.id, By(library, state.viewer.actor, state.now))
    except Conflict as refusal:
        return json.loads(one.difference), refusal.issues[0].what
    return difference_data(step.change.found), ""


def _may_sign(state: Seen, one: Activation) -> bool:
    """Whether the reader may be one of the two: the finer conditions are the workflow's."""
    people = {one.drafter.actor, *(signed.actor for signed in one.signed)}
    return state.may(RULES, Right.APPROVE) is not None and state.viewer.actor not in people


def _cost(cost: Mapping[str, int | None] | None) -> str:
    """A recorded cost as people read it."""
    if cost is None:
        return "没有这项"
    low, high = cost["low_fen"] or 0, cost["known_high_fen"] or 0
    if cost["amount_unknown"]:
        return f"不少于{format_money(low)}，上限不能确定" if low else "不能确定"
    return format_money(low) if low == high else f"{format_money(low)}至{format_money(high)}"


def _amount(outcome: Mapping[str, object]) -> str:
    """A recorded verdict with its amount."""
    verdict, amount = outcome.get("verdict"), outcome.get("amount")
    text = NAMES.get(str(verdict), "不涉及")
    return f"{text}（{amount['text']}）" if isinstance(amount, dict) and amount.get("text") else text
