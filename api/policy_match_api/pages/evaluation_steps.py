"""What is done on the pages of the evaluations: freeze a run, take its steps, appeal, put a figure in by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Right
from policy_match.errors import Issue, NotFound, PolicyMatchError, UsageError
from policy_match.schemes.words import Of
from policy_match.workflows.evaluate_stage import StageAsked, freeze_stage
from policy_match.workflows.evaluate_year import Asked, freeze_year
from policy_match.workflows.evaluation_progress import row_of
from policy_match.workflows.open_schemes import open_schemes
from policy_match.workflows.override_input import NewFigure, confirm_figure, propose_figure
from policy_match.workflows.step_evaluation import (
    appeal,
    decide_appeal,
    finish,
    open_service,
    propose_award,
    send_check,
    sign_award,
)
from policy_match.workflows.write_entry import By
from policy_match_api.pages.evaluations import library_of, list_page, project_page, run_page
from policy_match_api.routes.evaluations import seen_line, seen_yearly
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
EVALUATION = "evaluation"
Text = Annotated[str, Form(max_length=2000)]
_STEPS: Mapping[str, Callable[[Seen, int, By], object]] = {
    "send": lambda state, number, by: send_check(state.archive, number, by),
    "finish": lambda state, number, by: finish(state.archive, number, by),
    "award": lambda state, number, by: propose_award(state.archive, number, by),
}


@router.post("/evaluations/freeze")
def freeze(request: Request, scheme: Text = "", period: Text = "", state: Seen = Depends(seen)) -> Response:
    """Compute a run and freeze it. `scheme`: id and version, joined by a colon."""
    _require_act(state)
    try:
        number = _frozen(state, scheme, period.strip())
    except PolicyMatchError as refusal:
        return list_page(request, state, refusal)
    return RedirectResponse(f"/evaluations/{number}?done=frozen", 303)


@router.post("/evaluations/figures")
def put_figure(
    request: Request,
    project: Text = "",
    name: Text = "",
    year: Text = "",
    figure: Text = "",
    reason: Text = "",
    state: Seen = Depends(seen),
) -> Response:
    """Propose a figure by hand."""
    _require_act(state)
    try:
        asked = NewFigure(project.strip(), name, _year(year), figure, reason)
        propose_figure(state.archive, asked, _by(state))
    except PolicyMatchError as refusal:
        return list_page(request, state, refusal)
    return RedirectResponse("/evaluations?done=figure", 303)


@router.post("/evaluations/figures/{number}/confirm")
def agree(request: Request, number: int, state: Seen = Depends(seen)) -> Response:
    """Confirm a figure by hand, as the second person."""
    _require_act(state)
    try:
        confirm_figure(state.archive, number, _by(state))
    except PolicyMatchError as refusal:
        return list_page(request, state, refusal)
    return RedirectResponse("/evaluations?done=confirm", 303)


@router.post("/evaluations/{number}/sign")
def sign(request: Request, number: int, state: Seen = Depends(seen)) -> Response:
    """Approve the award proposal, as another person."""
    state.require(EVALUATION, Right.APPROVE)
    return _done(request, state, number, "sign", lambda by: sign_award(state.archive, number, by))


@router.post("/evaluations/{number}/decide")
def decide(
    request: Request,
    number: int,
    which: Annotated[int, Form()] = 0,
    outcome: Text = "",
    reason: Text = "",
    state: Seen = Depends(seen),
) -> Response:
    """Decide an appeal."""
    _require_act(state)
    asked = (which, outcome, reason)
    return _done(request, state, number, "decide", lambda by: decide_appeal(state.archive, number, asked, by))


@router.post("/evaluations/{number}/{code}/appeal")
def say_against(request: Request, number: int, code: str, text: Text = "", state: Seen = Depends(seen)) -> Response:
    """Appeal, as the firm of a project that is its own."""
    state.require(EVALUATION, Right.WRITE)
    return _about(request, state, (number, code), "appeal", lambda by: appeal(state.archive, number, code, text, by))


@router.post("/evaluations/{number}/{code}/service")
def serve(request: Request, number: int, code: str, state: Seen = Depends(seen)) -> Response:
    """Open a service ticket for a project for which the scheme proposes one."""
    _require_act(state)
    return _about(request, state, (number, code), "service", lambda by: open_service(state.archive, number, code, by))


@router.post("/evaluations/{number}/{step}")
def take_step(request: Request, number: int, step: str, state: Seen = Depends(seen)) -> Response:
    """Send a run to the firms, make it final, propose the awards."""
    _require_act(state)
    if step not in _STEPS:
        raise NotFound(Issue("NOT_FOUND", "没有这一步", "", "、".join(_STEPS), "从评价页办理"))
    return _done(request, state, number, step, lambda by: _STEPS[step](state, number, by))


def _frozen(state: Seen, scheme: str, period: str) -> int | None:
    name, _, version = scheme.partition(":")
    found = next((o for o in open_schemes(state.archive) if (o.id, str(o.version)) == (name, version)), None)
    if found is None:
        raise NotFound(Issue("SCHEME_UNKNOWN", f"没有评价方案“{scheme[:60]}”", "scheme", "", "从列表里选"))
    if found.of is Of.COHORT:
        return freeze_stage(state.archive, StageAsked(period, found.id, found.version), _by(state)).number
    return freeze_year(state.archive, Asked(_year(period), found.id, found.version), _by(state)).number


def _year(written: str) -> int:
    """A year; UsageError PERIOD_FORM."""
    text = written.strip()
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise UsageError(Issue("PERIOD_FORM", f"“{text[:20]}”不是年度", "", "四位年份，如 2025", "写四位年份"))
    return int(text)


def _by(state: Seen) -> By:
    return By(library_of(state), state.viewer.actor, state.now)


def _require_act(state: Seen) -> None:
    """Refuse who evaluates nothing; Forbidden PERMISSION, SECOND_FACTOR for who only approves."""
    is_writer = state.may(EVALUATION, Right.WRITE) is not None
    state.require(EVALUATION, Right.WRITE if is_writer else Right.APPROVE)


def _done(request: Request, state: Seen, number: int, step: str, do: Callable[[By], object]) -> Response:
    """Do it and show the run; a refusal is told on it. NotFound EVAL_RUN for a run that is not seen."""
    seen_line(state, library_of(state), number)
    try:
        do(_by(state))
    except PolicyMatchError as refusal:
        return run_page(request, state, number, refusal)
    return RedirectResponse(f"/evaluations/{number}?done={step}", 303)


def _about(request: Request, state: Seen, place: tuple[int, str], step: str, do: Callable[[By], object]) -> Response:
    """The same about one project of a run that is seen."""
    number, code = place
    row_of(seen_yearly(state, library_of(state), number).rows, code)
    try:
        do(_by(state))
    except PolicyMatchError as refusal:
        return project_page(request, state, number, code, refusal)
    return RedirectResponse(f"/evaluations/{number}/{code}?done={step}", 303)
