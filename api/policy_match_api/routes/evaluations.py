"""GET /evaluations and /evaluations/{number}: frozen evaluations as far as the reader may see them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import JsonValue, RootModel
from starlette.responses import Response

from policy_match.exchange.reports import Report
from policy_match.facts.subjects import Kind
from policy_match.schemes.words import Of
from policy_match.store.audit import Plain
from policy_match.workflows.evaluate_stage import read_stage
from policy_match.workflows.evaluate_year import read_run
from policy_match.workflows.library_names import REAL
from policy_match.workflows.replay_evaluation import RunLine, list_runs
from policy_match.workflows.report_evaluation import SeenRun, evaluation_report
from policy_match.workflows.report_stage import stage_report
from policy_match.workflows.see_evaluation import Sight, evaluation_sight, no_run, see_groups, see_run
from policy_match.workflows.show_firm import own_subjects
from policy_match_api.answer import JsonAnswer
from policy_match_api.routes.answers import PROBLEM
from policy_match_api.routes.reports import ReportAnswer, report_answer
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["报告"])
REFUSALS: dict[int | str, dict[str, Any]] = {400: PROBLEM, 403: PROBLEM, 404: PROBLEM}


class RunsAnswer(RootModel[dict[str, JsonValue]]):
    """`runs`: number, scheme, version, of (project or cohort), period, made_at, hash, stage, due_on."""


@router.get("/evaluations", response_model=RunsAnswer, responses=REFUSALS, summary="评价列表")
def list_evaluations(library: str = REAL, state: Seen = Depends(seen)) -> Response:
    """The frozen evaluations, the newest first; a firm sees those that were sent to it."""
    state.require_library(library)
    runs: list[Plain] = [run_plain(one) for one in seen_runs(state, library)]
    return JsonAnswer({"library": library, "runs": runs})


@router.get("/evaluations/{number}", response_model=ReportAnswer, responses=REFUSALS, summary="一次评价")
def get_evaluation(number: int, library: str = REAL, state: Seen = Depends(seen)) -> Response:
    """One frozen evaluation, line by line: of the whole city, the reader's own district, or the reader's own projects."""
    state.require_library(library)
    return report_answer(run_report(state, library, number))


def sight_of(state: Seen, library: str) -> Sight:
    """How far the viewer sees; Forbidden PERMISSION."""
    held = state.library(library)
    own = own_subjects(held, state.viewer, state.archive.permissions)
    codes = [one.id for one in own if one.kind is Kind.PROJECT]
    return evaluation_sight(state.viewer, state.archive.permissions, codes)


def seen_runs(state: Seen, library: str) -> list[RunLine]:
    """The frozen evaluations that the viewer sees."""
    sight = sight_of(state, library)
    return [one for one in list_runs(state.archive, library) if sight.lists(one)]


def seen_line(state: Seen, library: str, number: int) -> RunLine:
    """One of them; NotFound EVAL_RUN."""
    found = next((one for one in seen_runs(state, library) if one.number == number), None)
    if found is None:
        raise no_run(number)
    return found


def seen_yearly(state: Seen, library: str, number: int) -> SeenRun:
    """A yearly run as the viewer sees it; NotFound EVAL_RUN."""
    seen_line(state, library, number)
    found = read_run(state.archive, library, number)
    return see_run(found, sight_of(state, library), state.archive.permissions, state.archive.vocabulary)


def run_report(state: Seen, library: str, number: int) -> Report:
    """The report of a run of either kind, as the viewer sees it; NotFound EVAL_RUN."""
    if seen_line(state, library, number).of is Of.COHORT:
        found = read_stage(state.archive, library, number)
        return stage_report(state.archive, found, see_groups(found, sight_of(state, library)))
    return evaluation_report(seen_yearly(state, library, number))


def run_plain(run: RunLine) -> Plain:
    """A run in the list, as data."""
    due_on = run.progress.due_on
    return {
        "number": run.number, "scheme": run.scheme, "version": run.version, "name": run.name, "of": run.of.value,
        "period": run.period, "made_at": run.made_at.isoformat(), "hash": run.content_hash,
        "stage": run.progress.stage.value, "due_on": None if due_on is None else due_on.isoformat(),
    }  # fmt: skip
