"""The monthly dispatch: which reports came, the workbook to fill in and to hand in, the check, the closing, the report itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Reach, Right
from policy_match.dispatch.month import Month
from policy_match.errors import Forbidden, Issue, PolicyMatchError, UsageError
from policy_match.exchange.dispatch_html import body
from policy_match.exchange.refusals import write_refusals
from policy_match.exchange.reports import write_report
from policy_match.identifiers import DISTRICTS, region_name
from policy_match.store.actors import actor
from policy_match.store.tables import Actor
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.choose_district import district_name
from policy_match.workflows.close_month import close_month
from policy_match.workflows.follow_month import (
    DistrictLine,
    Received,
    closed_at,
    follow_month,
    list_months,
    received,
    unknown_report,
)
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.note_report import ReportOf
from policy_match.workflows.print_rows import Rows
from policy_match.workflows.receive_report import Workbook, brings_reports, give_template, receive_report
from policy_match.workflows.report_month import doubts_of, made, read_month
from policy_match.workflows.write_entry import By
from policy_match_api.error_codes import status_of
from policy_match_api.pages.projects import BASES, XLSX
from policy_match_api.pages.render import page
from policy_match_api.pages.tables import attachment, reason_noted, workbook
from policy_match_api.routes.reports import REPORTS, area_asked
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
MONTHS, SOURCES, EXPORT = "months", "sources", "export"
# As many as stay under 100 KB.
LISTED, OF_A_TABLE, OF_A_DISTRICT = 100, 40, 20
FILES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
}
DONE = {
    "taken": "已收下。",
    "same": "这份文件已经导入过，没有新内容。",
    "closed": "已封存，以后不再改动；查出的更正列在以后的月报里。",
}
_CHECK = {"kind": "类别", "district": "辖市区", "code": "编号", "name": "项目", "what": "要问的"}


@router.get("/reports")
def list_reports(request: Request, state: Seen = Depends(seen)) -> Response:
    """The months, and the reports that are made on any day."""
    is_all = state.require(MONTHS) is Reach.ALL
    lines = list_months(state.archive, library_of_reports(state), state.now)
    others = [(kind, report.title, report.about) for kind, report in REPORTS.items()]
    context = {
        "months": lines, "is_all": is_all, "own": _own(state), "districts": len(DISTRICTS), "others": others,
        "sees_export": state.may(EXPORT) is not None, "sees_evaluations": state.may("evaluation") is not None,
        "sees_look_backs": state.may("look_backs") is not None, "sees_sources": state.may("sources") is not None,
        "sees_roll": state.viewer.library in (None, REAL) and state.may("matches") in (Reach.ALL, Reach.OWN),
    }  # fmt: skip
    return page(request, "reports.html", _frame(request, state) | context)


@router.get("/reports/{kind}.xlsx")
def take_report(request: Request, kind: str, state: Seen = Depends(seen)) -> Response:
    """One of the other reports for Excel, of the city or of the reader's own area."""
    area, view = area_asked(state, library_of_reports(state), None, None)
    state.require(EXPORT)
    if kind not in REPORTS:
        raise unknown_report()
    report = REPORTS[kind].make(state, library_of_reports(state), view, area)
    reason_noted(request, state)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        write_report(report, "xlsx", path)
        return attachment(path.read_bytes(), f"{report.title} {state.day}.xlsx", XLSX)


@router.post("/reports/upload")
def hand_in(
    request: Request,
    month: Annotated[str, Form(max_length=7)] = "",
    district: Annotated[str, Form(max_length=6)] = "",
    file: Annotated[UploadFile | None, File()] = None,
    state: Seen = Depends(seen),
) -> Response:
    """Take in a workbook that was filled in; a fault of the whole file is told above the form, and nothing is kept."""
    state.require(MONTHS)
    state.require(SOURCES, Right.WRITE)
    Month.parse(month)
    try:
        if file is None or not file.filename:
            raise UsageError(Issue("FILE_MISSING", "没有选文件", "", ".xlsx、.csv", "选好填完的文件再交"))
        given = Workbook(file.filename, file.file.read())
        taken = receive_report(state.archive, ReportOf(month, district), given, _by(state))
    except UsageError as refusal:
        return _month(request, state, month, refusal)
    known = None if taken.report is None else received(state.archive, taken.report, _by(state))
    if known is None or (known.month, known.district) != (month, district):
        return RedirectResponse(f"/reports/{month}?done=same", 303)
    done = "same" if taken.is_known else "taken"
    return RedirectResponse(f"/reports/{month}/files/{known.number}?done={done}", 303)


@router.get("/reports/{month}")
def show_month(request: Request, month: str, state: Seen = Depends(seen)) -> Response:
    """What came of each district, and what is to be done."""
    return _month(request, state, month)


@router.get("/reports/{month}/template/{district}.xlsx")
def take_template(month: str, district: str, state: Seen = Depends(seen)) -> Response:
    """The workbook of a district. It holds what is known of its projects: whoever takes it away may export."""
    state.require(MONTHS)
    state.require(EXPORT)
    _require_brings(state)
    found = give_template(state.archive, ReportOf(month, district), _by(state))
    return attachment(found.content, found.name, XLSX)


@router.get("/reports/{month}/files/{number}")
def show_file(request: Request, month: str, number: int, state: Seen = Depends(seen)) -> Response:
    """What became of a file: its rows, and those that were refused."""
    found = _file(state, month, number)
    context = {"month": month, "one": found, "name": district_name(found.district)}
    return page(request, "report_file.html", _frame(request, state) | context)


@router.get("/reports/{month}/files/{number}/errors.csv")
def take_errors(month: str, number: int, state: Seen = Depends(seen)) -> Response:
    """The refused rows, each fault on a line."""
    found = _file(state, month, number)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "errors.csv"
        write_refusals(path, found.refusals)
        name = f"{Path(found.file).stem}.errors.csv"
        return attachment(path.read_bytes(), name, FILES["csv"])


@router.get("/reports/{month}/check")
def check(request: Request, month: str, state: Seen = Depends(seen)) -> Response:
    """What to ask before closing, and the closing."""
    _require_all(state)
    return _check(request, state, month)


@router.get("/reports/{month}/check.xlsx")
def take_check(request: Request, month: str, state: Seen = Depends(seen)) -> Response:
    """The same for Excel."""
    _require_all(state)
    state.require(EXPORT)
    _, found = doubts_of(state.archive, library_of_reports(state), month, state.now)
    reason_noted(request, state)
    rows = [
        {
            "kind": one.kind.value, "district": district_name(one.district), "code": one.code, "name": one.name,
            "what": one.what,
        }
        for one in found
    ]  # fmt: skip
    return workbook(Rows(f"{month} 封存前检查", _CHECK, rows), f"check-{month}")


@router.post("/reports/{month}/close")
def close(request: Request, month: str, state: Seen = Depends(seen)) -> Response:
    """Freeze the month."""
    state.require(MONTHS, Right.APPROVE)
    try:
        close_month(state.archive, library_of_reports(state), month, by=state.viewer.actor, now=state.now)
    except PolicyMatchError as refusal:
        return _check(request, state, month, refusal)
    return RedirectResponse(f"/reports/{month}/report?done=closed", 303)


@router.get("/reports/{month}/report")
def show_report(request: Request, month: str, state: Seen = Depends(seen)) -> Response:
    """The report: the frozen month, or a preview."""
    _require_all(state)
    dispatch = read_month(state.archive, library_of_reports(state), month, state.now)
    snapshot = dispatch.snapshot
    context = {
        "month": month,
        "closed_at": snapshot.closed_at,
        "hash": dispatch.content_hash,
        "body": body(dispatch, OF_A_TABLE),
        "sees_export": state.may(EXPORT) is not None,
    }
    return page(request, "report_month.html", _frame(request, state) | context)


@router.get("/reports/{month}/report.{form}")
def take_month(request: Request, month: str, form: str, state: Seen = Depends(seen)) -> Response:
    """The report as a file: docx is the 通报."""
    _require_all(state)
    state.require(EXPORT)
    if form not in FILES:
        raise unknown_report()
    library = library_of_reports(state)
    content = made(state.archive, library, read_month(state.archive, library, month, state.now), form)
    reason_noted(request, state)
    return attachment(content, f"{month} {'通报' if form == 'docx' else '月调度'}.{form}", FILES[form])


def library_of_reports(state: Seen) -> str:
    """The library in which a reader works: an account of the demonstration is for that one alone."""
    return state.viewer.library or REAL


def _by(state: Seen) -> By:
    return By(library_of_reports(state), state.viewer.actor, state.now)


def _own(state: Seen) -> str | None:
    """The district of who sees the own area alone; None for who sees all."""
    return None if state.require(MONTHS) is Reach.ALL else state.viewer.region or ""


def _who(state: Seen) -> Actor:
    with state.archive.database.reading() as session:
        return actor(session, state.viewer.actor, state.day)


def _require_all(state: Seen) -> None:
    """Refuse who sees the own area alone; Forbidden PERMISSION."""
    if state.require(MONTHS) is not Reach.ALL:
        what = f"“{state.viewer.name}”只看本地区的报表"
        raise Forbidden(Issue("PERMISSION", what, MONTHS, "", "全市的检查、封存和月报由市级部门看"))


def _require_brings(state: Seen) -> None:
    """Refuse who brings no reports; Forbidden PERMISSION."""
    if not brings_reports(_who(state), state.archive.table):
        what = f"“{state.viewer.name}”不报送区县报表"
        raise Forbidden(Issue("PERMISSION", what, SOURCES, "", "由辖市区和市发改委下载模板"))


def _file(state: Seen, month: str, number: int) -> Received:
    """A file of the month within the reader's reach; NotFound REPORT_UNKNOWN."""
    own = _own(state)
    found = received(state.archive, number, _by(state))
    if found.month != month or own not in (None, found.district):
        raise unknown_report()
    return found


def _frame(request: Request, state: Seen) -> dict[str, object]:
    """What every page of reports shows."""
    library = library_of_reports(state)
    return {
        "as_of": state.day,
        "most": LISTED,
        "is_demo": library == DEMO,
        "base": BASES[library],
        "minute": local_minute,
        "issue": None,
        "said": DONE.get(request.query_params.get("done", ""), ""),
    }


def _month(request: Request, state: Seen, month: str, refusal: PolicyMatchError | None = None) -> Response:
    own = _own(state)
    lines = follow_month(state.archive, library_of_reports(state), month, state.now)
    brings = state.may(SOURCES, Right.WRITE) is not None and brings_reports(_who(state), state.archive.table)
    context = {
        "month": month,
        "closed_at": closed_at(state.archive, library_of_reports(state), month),
        "own": own,
        "lines": [one for one in lines if _is_shown(one, own)],
        "places": [(code, region_name(code)) for code in DISTRICTS if own in (None, code)],
        "fillable": frozenset(DISTRICTS),
        "most_files": OF_A_DISTRICT,
        "brings": brings,
        "takes": brings and state.may(EXPORT) is not None,
    }
    return _told(request, state, "report_district.html", context, refusal)


def _is_shown(line: DistrictLine, own: str | None) -> bool:
    """Whether a line is for the reader; where nobody reports from is shown if projects lie there."""
    return (line.district in DISTRICTS or line.due > 0) if own is None else line.district == own


def _check(request: Request, state: Seen, month: str, refusal: PolicyMatchError | None = None) -> Response:
    library = library_of_reports(state)
    _, found = doubts_of(state.archive, library, month, state.now)
    context: dict[str, object] = {
        "month": month,
        "closed_at": closed_at(state.archive, library, month),
        "is_over": Month.parse(month).last < state.day,
        "counts": Counter(one.kind for one in found),
        "found": found[:LISTED],
        "total": len(found),
        "district_name": district_name,
        "may_close": state.may(MONTHS, Right.APPROVE) is not None,
        "sees_export": state.may(EXPORT) is not None,
    }
    return _told(request, state, "report_check.html", context, refusal)


def _told(
    request: Request, state: Seen, template: str, context: Mapping[str, object], refusal: PolicyMatchError | None
) -> Response:
    frame = _frame(request, state)
    if refusal is None:
        return page(request, template, {**frame, **context})
    issue = refusal.issues[0]
    return page(request, template, {**frame, **context, "issue": issue, "said": ""}, status_of(issue.code, refusal))
