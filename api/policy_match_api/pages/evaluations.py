"""The evaluations: the frozen runs, one run with its ranking, one project's computation line by line, and all as Excel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.access.permissions import Right
from policy_match.errors import PolicyMatchError
from policy_match.exchange.reports import write_report
from policy_match.schemes.wording import two
from policy_match.schemes.words import Of
from policy_match.schemes.yearly import Row, Standing
from policy_match.store import subjects
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.choose_district import district_name
from policy_match.workflows.evaluate_stage import read_stage
from policy_match.workflows.evaluation_progress import Stage, award_rows, row_of, service_rows
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.open_schemes import open_schemes
from policy_match.workflows.override_input import list_figures
from policy_match.workflows.replay_evaluation import RunLine
from policy_match.workflows.report_evaluation import (
    STANDINGS,
    SeenRun,
    group_name,
    line_cells,
    ranking,
    sum_of,
    taken_cells,
)
from policy_match.workflows.report_stage import AXES, group_label, line_text
from policy_match.workflows.see_evaluation import see_groups
from policy_match_api.error_codes import status_of
from policy_match_api.pages.projects import BASES, PAGE_SIZE, XLSX
from policy_match_api.pages.render import page
from policy_match_api.pages.tables import attachment, number_of, pages_of, reason_noted
from policy_match_api.routes.evaluations import run_report, seen_line, seen_runs, seen_yearly, sight_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
LISTED = 60
DONE = {
    "frozen": "已封存。",
    "send": "已送企业核对。",
    "appeal": "申诉已收到，评价单位会逐条答复。",
    "decide": "申诉已处理。",
    "finish": "已定稿。",
    "award": "表彰建议已提出，待另一个人批准。",
    "sign": "表彰建议已批准。",
    "service": "问题单已登记。",
    "figure": "人工改数已提出，待另一个人确认。",
    "confirm": "人工改数已确认，以后的评价用它。",
}


@router.get("/evaluations")
def list_evaluations(request: Request, state: Seen = Depends(seen)) -> Response:
    """The frozen runs, and the figures put in by hand."""
    return list_page(request, state)


@router.get("/evaluations/{number}.xlsx")
def take_run(request: Request, number: int, state: Seen = Depends(seen)) -> Response:
    """A run for Excel, as far as the viewer sees it."""
    report = run_report(state, library_of(state), number)
    state.require("export")
    reason_noted(request, state)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "evaluation.xlsx"
        write_report(report, "xlsx", path)
        return attachment(path.read_bytes(), f"{report.title}.xlsx", XLSX)


@router.get("/evaluations/{number}")
def show_run(request: Request, number: int, state: Seen = Depends(seen)) -> Response:
    """One run: ranking, who is not graded and why, what is to be done."""
    return run_page(request, state, number)


@router.get("/evaluations/{number}/{code}")
def show_project(request: Request, number: int, code: str, state: Seen = Depends(seen)) -> Response:
    """One project in a run, line by line."""
    return project_page(request, state, number, code)


def library_of(state: Seen) -> str:
    """The library in which a viewer works."""
    return state.viewer.library or REAL


def may_evaluate(state: Seen) -> bool:
    """Whether the viewer freezes runs and takes their steps."""
    return state.may("evaluation", Right.APPROVE) is not None or _writes(state)


def _writes(state: Seen) -> bool:
    return state.may("evaluation", Right.WRITE) is not None and state.viewer.role != "enterprise"


def list_page(request: Request, state: Seen, refusal: PolicyMatchError | None = None) -> Response:
    """The list, with a refusal above it."""
    sight = sight_of(state, library_of(state))
    acts = may_evaluate(state)
    figures = list_figures(state.archive, library_of(state))[:LISTED] if acts else ()
    with state.archive.database.reading() as session:
        rows = subjects.by_ids(session, [one.subject_id for one in figures])
    context: dict[str, object] = {
        "runs": seen_runs(state, library_of(state)),
        "is_cohort": Of.COHORT,
        "acts": acts,
        "of_firm": sight.codes is not None,
        "schemes": [one for one in open_schemes(state.archive) if one.of is not Of.JOBS] if acts else [],
        "inputs": _input_names(state) if acts else {},
        "figures": figures,
        "projects": {number: row.code for number, row in rows.items()},
        "last_year": state.day.year - 1,
    }
    return _told(request, state, "evaluations.html", context, refusal)


def _input_names(state: Seen) -> dict[str, str]:
    """The names of the inputs of all yearly schemes, by id."""
    yearly = (one for one in open_schemes(state.archive) if one.of is Of.PROJECT)
    return {one.id: one.name for scheme in yearly for one in scheme.inputs.values()}


def run_page(request: Request, state: Seen, number: int, refusal: PolicyMatchError | None = None) -> Response:
    """One run, with a refusal above it; NotFound EVAL_RUN."""
    line = seen_line(state, library_of(state), number)
    if line.of is Of.COHORT:
        return _stage_page(request, state, line)
    found = seen_yearly(state, library_of(state), number)
    placed = [row for row in ranking(found.rows) if _is_chosen(request, row)]
    first = (number_of(request, len(placed)) - 1) * PAGE_SIZE
    context = {
        **_run_context(state, line),
        "found": found.evaluated,
        "shown": placed[first : first + PAGE_SIZE],
        "graded": len(placed),
        "number": number_of(request, len(placed)),
        "pages": pages_of(len(placed)),
        "districts": sorted({row.district or "" for row in found.rows}),
        "district": request.query_params.get("district", ""),
        "not_graded": [row for row in found.rows if row.standing is Standing.NOT_GRADED],
        "out": sum(row.standing is Standing.OUT for row in found.rows),
        "awards": [row for row in award_rows(found.evaluated) if row in found.rows and _is_told(state, line)],
        "services": [row for row in service_rows(found.evaluated) if row in found.rows],
        "appeals": _appeals(state, line, found),
    }
    return _told(request, state, "evaluation.html", context, refusal)


def _is_chosen(request: Request, row: Row) -> bool:
    return request.query_params.get("district", "") in ("", row.district or "")


def _is_told(state: Seen, line: RunLine) -> bool:
    """Whether the proposal is shown: a firm hears of it once it is approved."""
    return state.viewer.role != "enterprise" or line.progress.stage is Stage.SIGNED


def _appeals(state: Seen, line: RunLine, found: SeenRun) -> list[tuple[object, str]]:
    """The appeals about projects that are seen, with their codes."""
    with state.archive.database.reading() as session:
        rows = subjects.by_ids(session, [one.subject_id for one in line.progress.appeals])
    seen_codes = {row.code for row in found.rows}
    pairs = [(one, rows[one.subject_id].code) for one in line.progress.appeals]
    return [(one, code) for one, code in pairs if code in seen_codes]


def project_page(
    request: Request, state: Seen, number: int, code: str, refusal: PolicyMatchError | None = None
) -> Response:
    """One project in a run; NotFound EVAL_RUN, or EVAL_PROJECT outside what is seen."""
    line = seen_line(state, library_of(state), number)
    found = seen_yearly(state, library_of(state), number)
    row = row_of(found.rows, code)
    context = {
        **_run_context(state, line),
        "found": found.evaluated,
        "row": row,
        "standing": STANDINGS[row.standing],
        "lines": [line_cells(one) for one in row.lines],
        "taken": [cells[2:] for cells in taken_cells(found, row)],
        "appeals": [one for one, of in _appeals(state, line, found) if of == code],
        "may_appeal": state.viewer.role == "enterprise",
        "serves": row.grade in found.evaluated.scheme.year_terms.service,
    }
    return _told(request, state, "evaluation_project.html", context, refusal)


def _stage_page(request: Request, state: Seen, line: RunLine) -> Response:
    found = read_stage(state.archive, library_of(state), line.number)
    groups = see_groups(found, sight_of(state, library_of(state)))
    pairs = [(group, [*zip(group.lines, found.scheme.indices, strict=True)]) for group in groups]
    context = {
        **_run_context(state, line),
        "found": found,
        "point": state.archive.table.name(found.by),
        "groups": [
            (AXES[one.axis], group_label(one), one, [line_text(*pair) for pair in lines]) for one, lines in pairs
        ],
    }
    return _told(request, state, "evaluation_stage.html", context, None)


def _run_context(state: Seen, line: RunLine) -> dict[str, object]:
    return {
        "line": line,
        "acts": may_evaluate(state),
        "may_sign": state.may("evaluation", Right.APPROVE) is not None,
        "sees_export": state.may("export") is not None,
        "group_name": group_name,
        "district_name": district_name,
        "sum_of": sum_of,
        "two": two,
    }


def _told(
    request: Request, state: Seen, template: str, context: Mapping[str, object], refusal: PolicyMatchError | None
) -> Response:
    library = library_of(state)
    frame: dict[str, object] = {
        "as_of": state.day, "is_demo": library == DEMO, "base": BASES[library], "minute": local_minute, "most": LISTED,
        "issue": None, "needs_code": may_evaluate(state) and not _writes(state) and not state.viewer.is_strong,
        "said": DONE.get(request.query_params.get("done", ""), ""),
    }  # fmt: skip
    if refusal is None:
        return page(request, template, {**frame, **context})
    issue = refusal.issues[0]
    return page(request, template, {**frame, **context, "issue": issue, "said": ""}, status_of(issue.code, refusal))
