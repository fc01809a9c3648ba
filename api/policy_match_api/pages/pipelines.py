"""The pipelines as pages: which there are, one as a list, one item with its log and the steps it may go to, and a form to open one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Right
from policy_match.errors import Forbidden, Issue, PolicyMatchError
from policy_match.lifecycle.events import Evidence
from policy_match.pipelines.kinds import Of, Type
from policy_match.pipelines.moves import lacking, next_steps
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.list_items import STATES, Listed, Narrowed, list_items, list_pipelines, narrowed, rows_of
from policy_match.workflows.move_item import ItemMove, move_item
from policy_match.workflows.open_item import NewItem, open_item
from policy_match.workflows.report_items import counts_text, quarter_text
from policy_match.workflows.show_item import show_item
from policy_match.workflows.write_entry import By
from policy_match_api.error_codes import status_of
from policy_match_api.pages.month_reports import library_of_reports
from policy_match_api.pages.projects import BASES
from policy_match_api.pages.render import page
from policy_match_api.pages.tables import part_of, reason_noted, workbook
from policy_match_api.params import date_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
PIPELINES, EXPORT = "pipelines", "export"
MOST = 40
DONE = {
    "opened": "已登记。", "same": "相同的已经登记过，没有新登记。", "moved": "已登记。", "again": "刚才已经登记过，没有重复。",
}  # fmt: skip
INPUTS = {Type.DAY: "date", Type.MONTH: "month"}
UNITS = {
    Type.MONEY: "带单位，如 6000元、5000万元", Type.UNITS: "几家用顿号隔开", Type.ENTERPRISE: "信用代码", Type.PROJECT: "项目编号或项目代码",
    Type.ITEM: "号",
}  # fmt: skip


class EntryForm(BaseModel):
    """What a form sends: names and values of fields side by side, kinds and numbers of documents likewise."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(default="", max_length=60)
    step: str = Field(default="", max_length=60)
    on: str = Field(default="", max_length=10)
    field: list[str] = Field(default_factory=list, max_length=MOST)
    value: list[str] = Field(default_factory=list, max_length=MOST)
    kind: list[str] = Field(default_factory=list, max_length=MOST)
    document: list[str] = Field(default_factory=list, max_length=MOST)
    reason: str = Field(default="", max_length=500)
    seen: int | None = None

    @property
    def said(self) -> dict[str, str]:
        """The fields that were filled in."""
        return {name: text for name, text in zip(self.field, self.value, strict=False) if text.strip()}

    @property
    def documents(self) -> dict[str, str]:
        """The numbers of documents that were filled in, by kind."""
        return {kind: text.strip() for kind, text in zip(self.kind, self.document, strict=False) if text.strip()}

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The same as evidence."""
        return tuple(Evidence(kind, text) for kind, text in self.documents.items())


@router.get("/pipelines")
def show_pipelines(request: Request, state: Seen = Depends(seen)) -> Response:
    """Every pipeline that the reader sees, by group, with counts."""
    state.require(PIPELINES)
    found = list_pipelines(state.archive, _by(state), state.day)
    groups: dict[str, list[Listed]] = {}
    for one in found:
        groups.setdefault(one.pipeline.group, []).append(one)
    return page(request, "pipelines.html", _frame(request, state) | {"groups": groups})


@router.get("/pipelines/{kind}.xlsx")
def take_items(request: Request, kind: str, state: Seen = Depends(seen)) -> Response:
    """The list as it is filtered, for Excel."""
    state.require(PIPELINES)
    listed = list_items(state.archive, kind, _by(state), state.day)
    state.require(EXPORT)
    rows = rows_of(listed, narrowed(listed, _filters(request)))
    reason_noted(request, state)
    return workbook(rows, f"{kind}-{state.day}")


@router.get("/pipelines/{kind}")
def show_items(request: Request, kind: str, state: Seen = Depends(seen)) -> Response:
    """One pipeline: its counts, and its items for whoever sees them."""
    state.require(PIPELINES)
    listed = list_items(state.archive, kind, _by(state), state.day)
    filters = _filters(request)
    rows = rows_of(listed, narrowed(listed, filters))
    context = {
        "listed": listed, "header": rows.header, "part": part_of(request, rows.rows), "given": filters, "states": STATES,
        "sees_export": state.may(EXPORT) is not None, "pipeline": listed.pipeline,
    }  # fmt: skip
    return page(request, "pipeline.html", _frame(request, state) | context)


@router.get("/pipelines/{kind}/new")
def show_opening(request: Request, kind: str, state: Seen = Depends(seen)) -> Response:
    """The form to open an item."""
    return _opening(request, state, kind, EntryForm(step=request.query_params.get("step", "")))


@router.post("/pipelines/{kind}/new")
def open_one(request: Request, kind: str, given: Annotated[EntryForm, Form()], state: Seen = Depends(seen)) -> Response:
    """Open an item; what was written stands on the form again where it is refused."""
    state.require(PIPELINES, Right.WRITE)
    try:
        on = date_of(given.on, "on") if given.on else state.day
        asked = NewItem(kind, given.subject, on, given.said, given.step, given.evidence, given.reason)
        opened = open_item(state.archive, asked, _by(state))
    except PolicyMatchError as refusal:
        return _opening(request, state, kind, given, refusal)
    done = "opened" if opened.is_new else "same"
    return RedirectResponse(f"/pipelines/{kind}/{opened.number}?done={done}", 303)


@router.get("/pipelines/{kind}/{number}")
def show_one(request: Request, kind: str, number: str, state: Seen = Depends(seen)) -> Response:
    """One item."""
    return _one(request, state, (kind, number), EntryForm())


@router.post("/pipelines/{kind}/{number}")
def move_one(
    request: Request, kind: str, number: str, given: Annotated[EntryForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Move an item, or tell more of it."""
    state.require(PIPELINES, Right.WRITE)
    try:
        on = date_of(given.on, "on") if given.on else state.day
        asked = ItemMove(kind, number, given.step, on, given.said, given.evidence, given.reason, given.seen)
        moved = move_item(state.archive, asked, _by(state))
    except PolicyMatchError as refusal:
        return _one(request, state, (kind, number), given, refusal)
    return RedirectResponse(f"/pipelines/{kind}/{number}?done={'moved' if moved.is_new else 'again'}", 303)


def _by(state: Seen) -> By:
    return By(library_of_reports(state), state.viewer.actor, state.now)


def _filters(request: Request) -> Narrowed:
    given = request.query_params
    return Narrowed(given.get("step", ""), given.get("state", ""), given.get("q", ""))


def _frame(request: Request, state: Seen) -> dict[str, object]:
    library = library_of_reports(state)
    return {
        "as_of": state.day, "is_demo": library == DEMO, "base": BASES[library], "issues": (), "counts_text": counts_text,
        "quarter_text": quarter_text, "said": DONE.get(request.query_params.get("done", ""), ""), "inputs": INPUTS,
        "hints": UNITS,
    }  # fmt: skip


def _opening(
    request: Request, state: Seen, kind: str, given: EntryForm, refusal: PolicyMatchError | None = None
) -> Response:
    state.require(PIPELINES)
    listed = list_items(state.archive, kind, _by(state), state.day)
    pipeline = listed.pipeline
    if not listed.may_write:
        what = f"“{state.viewer.name}”不办“{pipeline.name}”"
        raise Forbidden(Issue("PIPELINE_ROLE", what, "", "", "请由有权的单位办理"))
    step = given.step if given.step in pipeline.opens_at else pipeline.opens_at[0]
    context = {
        "pipeline": pipeline, "given": given, "step": step,
        "steps": next_steps(None, pipeline), "lacking": lacking({}, step, pipeline),
        "asks_subject": {Of.NONE: "", Of.PROJECT: "项目编号或项目代码", Of.ENTERPRISE: "企业的信用代码"}[pipeline.of],
    }  # fmt: skip
    return _told(request, state, "pipeline_new.html", context, refusal)


def _one(
    request: Request, state: Seen, which: tuple[str, str], given: EntryForm, refusal: PolicyMatchError | None = None
) -> Response:
    state.require(PIPELINES)
    shown = show_item(state.archive, *which, _by(state), as_of=state.day)
    context = {
        "shown": shown, "pipeline": shown.pipeline, "states": STATES, "given": given, "blank": EntryForm(),
    }  # fmt: skip
    return _told(request, state, "pipeline_item.html", context, refusal)


def _told(
    request: Request, state: Seen, template: str, context: Mapping[str, object], refusal: PolicyMatchError | None
) -> Response:
    frame = _frame(request, state)
    if refusal is None:
        return page(request, template, {**frame, **context})
    status = status_of(refusal.issues[0].code, refusal)
    return page(request, template, {**frame, **context, "issues": refusal.issues, "said": ""}, status)
