"""政策体检: one printed page of what a firm may have: from the self-check, which keeps nothing, or of the firm signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from policy_match.eligibility.ask import Question
from policy_match.facts.subjects import Kind
from policy_match.units import format_money
from policy_match.workflows.ask import questions
from policy_match.workflows.check_oneself import MOST_ANSWERS, check_oneself
from policy_match.workflows.choose_bundle import Bundle
from policy_match.workflows.match import Match
from policy_match.workflows.show_bundle import total_text
from policy_match.workflows.show_firm import Closing, by_measure, show_firm
from policy_match.workflows.tell_match import plain_amount
from policy_match_api.limits import Limited
from policy_match_api.pages.firm import GROUPS, own_of, to_sign_in
from policy_match_api.pages.render import page
from policy_match_api.pages.self_check import answers_of, form_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
# As many lines as stand on one sheet of A4: proved, left to people, possible; refusals are counted alone.
MOST = {"proved": 11, "human": 4, "possible": 9, "out": 0}
MOST_TOLD = 14


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the page. `told`: what it rests on, label and value; `groups`: id, title, and the benefits, best first."""

    name: str
    day: date
    release: str
    is_demo: bool
    sum_text: str
    told: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str, Sequence[Sequence[Match]]], ...]
    asked: tuple[Question, ...]
    closing: tuple[Closing, ...] = ()
    paid_fen: int | None = None


@router.get("/firm/checkup")
def of_firm(request: Request, state: Seen = Depends(seen)) -> Response:
    """The page of the firm signed in, by what the registers say."""
    if not state.viewer.actor:
        return to_sign_in(request)
    own = own_of(state)
    shown, matching = show_firm(own.library, own.subjects), own.library.matching
    firm = next((one for one in own.subjects if one.kind is Kind.ENTERPRISE), None)
    sheet = Sheet(
        name=state.viewer.name if firm is None else firm.shown,
        day=matching.as_of,
        release=own.library.release,
        is_demo=own.library.is_demo,
        sum_text=_sum(shown.bundle, shown.may_reach_fen),
        told=(("项目", "、".join(one.shown for one in shown.projects) or "没有"),),
        groups=tuple((name, title, shown.matches[verdict]) for verdict, name, title, _ in GROUPS),
        asked=tuple(one.question for one in shown.asked),
        closing=shown.closing[:3],
        paid_fen=sum(one.amount_fen for one in shown.paid),
    )
    return _page(request, sheet)


@router.post("/check/report", dependencies=[Depends(Limited("match"))])
def of_answers(request: Request, form: FormData = Depends(form_of), state: Seen = Depends(seen)) -> Response:
    """The page of the answers of a self-check, which travel with the request and are kept nowhere."""
    release = state.service.release(state.day)
    passed = frozenset(str(value) for value in form.getlist("passed")[:MOST_ANSWERS])
    found = check_oneself(
        release.rulebook, answers_of(form), passed, state.day, state.service.ordering,
        with_project=form.get("project") == "yes",
    )  # fmt: skip
    sheet = Sheet(
        name="企业自测",
        day=state.day,
        release=release.release,
        is_demo=False,
        sum_text=_sum(found.bundle, found.may_reach_fen),
        told=tuple((one.label, one.shown) for one in found.answers if one.issue is None)[:MOST_TOLD],
        groups=tuple(
            (name, title, by_measure(matches))
            for (_, name, title, _), matches in zip(
                GROUPS, (found.proved, found.human, found.possible, found.out), strict=True
            )
        ),
        asked=questions(found.matching, 0),
    )
    return _page(request, sheet)


def _sum(bundle: Bundle | None, may_reach_fen: int) -> str:
    """What is proved together, or an honest most of a single one."""
    if bundle is not None and bundle.chosen:
        return f"已证明、能同时拿的资金合计 {total_text(bundle)}"
    most = f"；余下的单项最高 {format_money(may_reach_fen)}" if may_reach_fen else ""
    return f"还没有证明能拿到的资金{most}"


def _page(request: Request, sheet: Sheet) -> Response:
    return page(request, "firm_checkup.html", {"sheet": sheet, "most": MOST, "plain_amount": plain_amount})
