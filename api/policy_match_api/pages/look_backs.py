"""回头看: the samples, and one of them: what is recorded behind each conclusion, what was found, what a correction would change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Reach, Right
from policy_match.errors import Issue, PolicyMatchError, UsageError
from policy_match.exchange.reports import percent, write_report
from policy_match.lifecycle.events import Evidence
from policy_match.lifecycle.table import LEAD
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.choose_district import Area, district_name
from policy_match.workflows.confirm_finding import Confirmation, confirm_finding
from policy_match.workflows.draw_look_back import draw_look_back, look_back_rules
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.list_look_backs import list_look_backs
from policy_match.workflows.preview_corrections import preview_corrections
from policy_match.workflows.read_look_back import LookBackShown, one_of, read_look_back
from policy_match.workflows.record_finding import NewFinding, record_finding
from policy_match.workflows.report_look_back import (
    TITLE,
    districts_of,
    look_back_report,
    proposal_text,
    result_text,
    rule_text,
)
from policy_match.workflows.write_entry import By, said
from policy_match_api.error_codes import status_of
from policy_match_api.pages.month_reports import library_of_reports
from policy_match_api.pages.projects import BASES, XLSX
from policy_match_api.pages.render import link, page
from policy_match_api.pages.tables import attachment, reason_noted
from policy_match_api.params import count_of, date_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
LOOK_BACKS = "look_backs"
# As many forms as stay under 100 KB, and as many lines of the effect.
OF_A_PAGE, EFFECTS = 20, 40
DONE = {
    "drawn": "已抽样，种子和抽到的结论都留下了。",
    "found": "已登记核查结果；记录没有改动。",
    "corrected": "已更正；影响到的已封存月报不改，列入以后月报的“更正”。",
}


class SeedForm(BaseModel):
    """What the form of the draw sends."""

    model_config = ConfigDict(extra="forbid")

    seed: str = Field(default="", max_length=20)


class ConclusionForm(BaseModel):
    """Which conclusion is meant."""

    model_config = ConfigDict(extra="forbid")

    project: str = Field(default="", max_length=60)
    point: str = Field(default="", max_length=60)


class FindingForm(ConclusionForm):
    """What the form of a finding sends; `kind`, `number`: the evidence that was seen, empty where none."""

    result: str = Field(default="", max_length=40)
    visited_on: str = Field(default="", max_length=10)
    true_on: str = Field(default="", max_length=10)
    note: str = Field(default="", max_length=1000)
    kind: str = Field(default="", max_length=60)
    number: str = Field(default="", max_length=60)


@router.get("/look-backs")
def show_list(request: Request, state: Seen = Depends(seen)) -> Response:
    """The look-backs, and the draw."""
    return _list(request, state)


@router.post("/look-backs")
def draw(request: Request, given: Annotated[SeedForm, Form()], state: Seen = Depends(seen)) -> Response:
    """Draw a sample; what is refused is told above the form."""
    state.require(LOOK_BACKS, Right.WRITE)
    try:
        if not given.seed.strip().isdecimal():
            what = f"“{given.seed[:20]}”不是随机种子"
            raise UsageError(Issue("LOOK_BACK_SEED", what, "seed", "整数", "如抽样那天的日期 20250630"))
        number = draw_look_back(state.archive, int(given.seed), state.day, _by(state))
    except PolicyMatchError as refusal:
        return _list(request, state, refusal)
    return RedirectResponse(f"/look-backs/{number}?done=drawn", 303)


@router.get("/look-backs/{number}.xlsx")
def take(request: Request, number: int, state: Seen = Depends(seen)) -> Response:
    """One look-back for Excel."""
    area = _area(state)
    state.require("export")
    report = look_back_report(state.archive, library_of_reports(state), number, state.now, area)
    reason_noted(request, state)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "look-back.xlsx"
        write_report(report, "xlsx", path)
        return attachment(path.read_bytes(), f"{TITLE} {number}.xlsx", XLSX)


@router.get("/look-backs/{number}")
def show(request: Request, number: int, state: Seen = Depends(seen)) -> Response:
    """One look-back."""
    return _one(request, state, number)


@router.post("/look-backs/{number}/findings")
def find(request: Request, number: int, given: Annotated[FindingForm, Form()], state: Seen = Depends(seen)) -> Response:
    """Record what was found; what is refused comes back with all that was written."""

    def do(by: By) -> str:
        record_finding(state.archive, _finding(number, given), by)
        return "found"

    state.require(LOOK_BACKS, Right.WRITE)
    return _done(request, state, number, given, do)


@router.post("/look-backs/{number}/corrections")
def confirm(
    request: Request, number: int, given: Annotated[ConclusionForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Confirm a correction that somebody else asked for."""

    def do(by: By) -> str:
        confirm_finding(state.archive, Confirmation(number, given.project, given.point), by)
        return "corrected"

    state.require("correct", Right.WRITE)
    return _done(request, state, number, given, do)


def _finding(number: int, given: FindingForm) -> NewFinding:
    shown: tuple[Evidence, ...] = ()
    if given.kind.strip() or given.number.strip():
        shown = (Evidence(said(given.kind, "佐证的种类", "kind"), said(given.number, "佐证的文号", "number")),)
    return NewFinding(
        project=given.project,
        point=given.point,
        result=given.result,
        visited_on=date_of(given.visited_on, "visited_on"),
        true_on=date_of(given.true_on, "true_on") if given.true_on else None,
        note=given.note,
        evidence=shown,
        look_back=number,
    )


def _done(request: Request, state: Seen, number: int, given: ConclusionForm, do: Callable[[By], str]) -> Response:
    """Do something about a conclusion within the reader's reach, and come back to it."""
    shown = read_look_back(state.archive, library_of_reports(state), number, state.now, _area(state))
    drawn = one_of(shown, given.project, given.point)
    place = 1 + shown.drawn.index(drawn) // OF_A_PAGE
    try:
        done = do(_by(state))
    except PolicyMatchError as refusal:
        written = given if isinstance(given, FindingForm) else None
        return _one(request, state, number, written, refusal, at=place)
    return RedirectResponse(
        link(f"/look-backs/{number}", page=place, done=done) + f"#{drawn.project}-{drawn.point}", 303
    )


def _by(state: Seen) -> By:
    return By(library_of_reports(state), state.viewer.actor, state.now)


def _area(state: Seen) -> Area | None:
    """The area that the reader sees; None for who sees all."""
    return None if state.require(LOOK_BACKS) is Reach.ALL else Area(state.viewer.region)


def _frame(request: Request, state: Seen) -> dict[str, object]:
    library = library_of_reports(state)
    return {
        "as_of": state.day, "is_demo": library == DEMO, "base": BASES[library], "minute": local_minute, "issue": None,
        "said": DONE.get(request.query_params.get("done", ""), ""), "district_name": district_name,
    }  # fmt: skip


def _list(request: Request, state: Seen, refusal: PolicyMatchError | None = None) -> Response:
    area, rules = _area(state), look_back_rules(state.archive)
    context = _frame(request, state) | {
        "lines": list_look_backs(state.archive, library_of_reports(state), area),
        "is_all": area is None,
        "share": percent(rules.share),
        "at_least": rules.at_least,
        "may_draw": any(who.role == state.viewer.role for who in state.archive.table.may["look_back"]),
    }
    return _answered(request, "look_backs.html", context, refusal)


def _one(
    request: Request,
    state: Seen,
    number: int,
    given: FindingForm | None = None,
    refusal: PolicyMatchError | None = None,
    *,
    at: int | None = None,
) -> Response:
    shown = read_look_back(state.archive, library_of_reports(state), number, state.now, _area(state))
    pages = max(1, -(-len(shown.drawn) // OF_A_PAGE))
    wanted = at or count_of(request.query_params.get("page"), "page", 1, 1, pages)
    context = (
        _frame(request, state)
        | _words(state, shown)
        | {
            "drawn": shown.drawn[(wanted - 1) * OF_A_PAGE : wanted * OF_A_PAGE],
            "number": wanted,
            "pages": pages,
            "given": given,
        }
    )
    return _answered(request, "look_back.html", context, refusal)


def _words(state: Seen, shown: LookBackShown) -> dict[str, object]:
    effects = preview_corrections(state.archive, library_of_reports(state), shown.drawn, state.now)
    return {
        "one": shown,
        "rule": rule_text(shown),
        "districts": districts_of(shown.drawn),
        "effects": effects[:EFFECTS],
        "effects_total": len(effects),
        "results": look_back_rules(state.archive).results,
        "result_text": result_text,
        "proposal_text": proposal_text,
        "may_find": state.may(LOOK_BACKS, Right.WRITE) is not None,
        "may_confirm": state.viewer.role in _correctors(state),
        "sees_export": state.may("export") is not None,
    }


def _correctors(state: Seen) -> frozenset[str]:
    """The roles that correct records, whichever interval they lead."""
    table = state.archive.table
    leads = {interval.lead for interval in table.intervals.values()}
    return frozenset(one for who in table.corrections.who for one in (leads if who.role == LEAD else {who.role}))


def _answered(
    request: Request, template: str, context: dict[str, object], refusal: PolicyMatchError | None
) -> Response:
    if refusal is None:
        return page(request, template, context)
    issue = refusal.issues[0]
    return page(request, template, {**context, "issue": issue, "said": ""}, status_of(issue.code, refusal))
