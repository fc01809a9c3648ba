"""成批决定: several matches of one measure decided in the same way, after a preview that says which ones are refused and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from policy_match.access.permissions import Right
from policy_match.errors import Issue, NotFound, UsageError
from policy_match.ranking.decisions import CHOICE_NAMES
from policy_match.ranking.labels import REASONS
from policy_match.store.actors import actor, names
from policy_match.workflows.decide_review import NewDecision
from policy_match.workflows.decide_together import (
    MOST_TOGETHER,
    TOGETHER,
    Chosen,
    Outcome,
    Together,
    decide_together,
    preview_together,
)
from policy_match.workflows.find_reviews import Review, Wanted
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.review_rights import givers_of, reader_of
from policy_match.workflows.write_entry import By
from policy_match_api.error_codes import status_of
from policy_match_api.pages.projects import head_of
from policy_match_api.pages.render import page
from policy_match_api.pages.today import library_asked, own_queue, verdict_text
from policy_match_api.params import count_of, date_of, flag_of, rule_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
CHOICES = [(one.value, CHOICE_NAMES[one]) for one in TOGETHER]
# As many as stay under 100 KB.
LISTED = 120
# What a refusal calls by the name of an option, by the name of the field.
FIELDS = {"--reason": "原因", "--until": "日期", "--note": "说明"}
# What every page of this sort shows, before anything was asked.
FIXED: Mapping[str, object] = {
    "most": MOST_TOGETHER,
    "listed": LISTED,
    "choices": CHOICES,
    "reject_reasons": REASONS,
    "verdict_text": verdict_text,
    "issue": None,
    "shown": (),
    "is_kept": False,
    "done": "",
}
DONE = {"confirm": "已确认", "reject": "已驳回", "defer": "已暂缓", "escalate": "已上报"}


class TogetherForm(BaseModel):
    """What the page sends. `review`: ids that are ticked; `bound`: id, row version and signature, as a preview showed them."""

    model_config = ConfigDict(extra="forbid")

    library: str = Field(default="", max_length=20)
    measure: str = Field(default="", max_length=80)
    decision: str = Field(default="confirm", max_length=40)
    reason: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=1000)
    until: str = Field(default="", max_length=10)
    review: list[str] = Field(default_factory=list, max_length=1000)
    bound: list[str] = Field(default_factory=list, max_length=1000)


@dataclass(frozen=True, slots=True)
class Shown:
    """A match with what a preview or a decision said of it."""

    review: Review
    outcome: Outcome

    @property
    def bound(self) -> str:
        """What the decision is bound to, as the form sends it back."""
        chosen = self.outcome.chosen
        return f"{chosen.review} {chosen.seen} {chosen.signature}"


@router.get("/today/together")
def choose(request: Request, state: Seen = Depends(seen)) -> Response:
    """The matches of one measure that wait, to be ticked."""
    given = TogetherForm(
        library=request.query_params.get("library", "")[:20], measure=request.query_params.get("measure", "")[:80]
    )
    return _page(request, state, given)


@router.post("/today/together/preview")
def preview(request: Request, given: Annotated[TogetherForm, Form()], state: Seen = Depends(seen)) -> Response:
    """What would be decided, what refused and why; nothing is kept."""
    return _asked(request, state, given, [Chosen(one) for one in given.review], is_kept=False)


@router.post("/today/together")
def decide(request: Request, given: Annotated[TogetherForm, Form()], state: Seen = Depends(seen)) -> Response:
    """Decide what the preview showed."""
    return _asked(request, state, given, [_bound(one) for one in given.bound], is_kept=True)


def _asked(
    request: Request, state: Seen, given: TogetherForm, chosen: Sequence[Chosen], *, is_kept: bool
) -> Response:  # fmt: skip
    state.require("reviews", Right.WRITE)
    by = By(library_asked(state, given.library or None), state.viewer.actor, state.now)
    waiting = {one.id: one for one in _waiting(state, state.library(by.library), given.measure)}
    try:
        until = date_of(given.until, "until") if given.until else None
        decision = NewDecision("", given.decision, given.reason or None, given.note, None, until)
        asked = Together(given.measure, tuple(chosen), decision)
        found = (decide_together if is_kept else preview_together)(state.archive, asked, by)
    except UsageError as refusal:
        issue = refusal.issues[0]
        return _page(request, state, given, {"issue": _in_words(issue)}, status=status_of(issue.code, refusal))
    shown = [Shown(waiting[one.chosen.review], one) for one in found if one.chosen.review in waiting]
    more = {"shown": shown, "is_kept": is_kept, "done": DONE.get(given.decision, "")}
    return _page(request, state, given, more)


def _page(
    request: Request, state: Seen, given: TogetherForm, more: Mapping[str, object] | None = None, *, status: int = 200
) -> Response:  # fmt: skip
    state.require("reviews", Right.WRITE)
    library = state.library(library_asked(state, given.library or None))
    rule = rule_of(library.matching.rulebook, given.measure, library.matching.as_of)
    with state.archive.database.reading() as session:
        people = names(session)
    context = {
        **head_of(library),
        **FIXED,
        "rule": rule,
        "title": shown_library(library.name),
        "given": given,
        "waiting": _waiting(state, library, rule.id),
        "all": flag_of(request.query_params.get("all"), "all"),
        "people": people,
        **(more or {}),
    }
    return page(request, "together.html", context, status)


def _waiting(state: Seen, library: Library, measure: str) -> list[Review]:
    """The matches of a measure that wait and that the reader sees, the most urgent first; none for no measure."""
    with state.archive.database.reading() as session:
        who = actor(session, state.viewer.actor, state.day)
        reader = reader_of(state.archive, who, givers_of(session, who, state.day))
        return own_queue(session, state, library).reviews(Wanted(measures=frozenset({measure})), reader)


def _in_words(issue: Issue) -> Issue:
    what, hint = issue.what, issue.hint
    for option, name in FIELDS.items():
        what, hint = what.replace(option, f"“{name}”"), hint.replace(option, f"“{name}”")
    return replace(issue, what=what, hint=hint)


def _bound(written: str) -> Chosen:
    """What a form sends back of one match; NotFound for what no preview wrote."""
    review, seen_version, signature, *more = (*written.split(" "), "", "")
    if any(more) or not signature:
        hint = "从“成批决定”重新预览"
        raise NotFound(Issue("REVIEW_UNKNOWN", "不是预览给出的匹配", "bound", "预览给出的", hint))
    return Chosen(review, count_of(seen_version, "bound", 0, 0, 10**9), signature)
