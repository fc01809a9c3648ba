"""Drafts of rules: the list, starting one from a page or a measure, handing it in, giving it up, taking its file along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Path, Request, UploadFile
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Reach, Right
from policy_match.errors import Forbidden, Issue, PolicyMatchError
from policy_match.store.actors import actor
from policy_match.workflows.activate_rules import ACTION
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.own_measure import is_own
from policy_match.workflows.read_draft import Draft, find_draft, find_drafts
from policy_match.workflows.save_draft import close_draft
from policy_match.workflows.start_draft import WAYS, Begun, copy_draft, start_from_document, start_from_measure
from policy_match.workflows.write_entry import By
from policy_match_api.error_codes import status_of
from policy_match_api.pages.render import page
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
RULES = "rules"
STATES = {"编写中": "open", "待批准": "near", "已批准": "yes", "已放弃": "off"}
Number = Annotated[int, Path(ge=1, le=10**9)]
Text = Annotated[str, Form(max_length=1000)]
DONE = {
    "closed": "已放弃。",
    "begun": "已起草，见下面的列表；每一份都要对照原文改。",
}


@router.get("/authoring")
def list_drafts(request: Request, state: Seen = Depends(seen)) -> Response:
    """The drafts of the library in which the reader works, and how to start one."""
    return _list(request, state, {})


@router.post("/authoring/from-document")
def from_document(
    request: Request,
    file: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form(max_length=900_000)] = "",
    state: Seen = Depends(seen),
) -> Response:
    """Drafts from an official page: a file, or its text pasted."""
    state.require(RULES, Right.WRITE)
    has_file = file is not None and bool(file.filename)
    name = file.filename if file is not None and file.filename else "粘贴的文字.txt"
    content = file.file.read() if file is not None and has_file else text.encode()
    try:
        begun = start_from_document(state.archive, name, content, by_of(state))
    except PolicyMatchError as refusal:
        return _list(request, state, {"text": text}, refusal)
    return _begun(begun)


@router.post("/authoring/from-measure")
def from_measure(request: Request, measure: Text = "", way: Text = "", state: Seen = Depends(seen)) -> Response:
    """A draft of the next version of a measure, or of a correction."""
    state.require(RULES, Right.WRITE)
    try:
        begun = start_from_measure(state.archive, measure.partition(" ")[0].strip(), way, by_of(state))
    except PolicyMatchError as refusal:
        return _list(request, state, {"measure": measure, "way": way}, refusal)
    return _begun(begun)


@router.post("/authoring/{number}/copy")
def copy(number: Number, state: Seen = Depends(seen)) -> Response:
    """Go on with the text of a draft that can no longer be written."""
    state.require(RULES, Right.WRITE)
    return _begun(copy_draft(state.archive, number, by_of(state)))


@router.post("/authoring/{number}/close")
def close(number: Number, state: Seen = Depends(seen)) -> Response:
    """Give a draft up."""
    state.require(RULES, Right.WRITE)
    close_draft(state.archive, number, by_of(state))
    return RedirectResponse("/authoring?done=closed", 303)


@router.get("/authoring/{number}/rule.yaml")
def take_file(number: Number, state: Seen = Depends(seen)) -> Response:
    """The rule file as it stands, for who goes on with it in a rule folder."""
    draft = draft_of(state, number)
    headers = {"Content-Disposition": f'attachment; filename="{draft.key}.yaml"'}
    return Response(draft.text, media_type="text/yaml; charset=utf-8", headers=headers)


def require_reader(state: Seen) -> None:
    """Refuse who sees no more of the rules than anybody: drafts are not published. Forbidden PERMISSION."""
    if state.may(RULES) in (None, Reach.PUBLIC):
        what = f"“{state.viewer.name}”不看规则草案"
        raise Forbidden(Issue("PERMISSION", what, RULES, "", "请先登录，或由起草规则的单位办理"))


def library_name(state: Seen) -> str:
    """The library in which a viewer writes rules: an account of the demonstration writes for that one alone."""
    return state.viewer.library or REAL


def library_of_drafts(state: Seen) -> Library:
    """The same as it stands today, as far as the viewer sees it."""
    return state.library(library_name(state))


def by_of(state: Seen) -> By:
    """Who asks."""
    return By(library_name(state), state.viewer.actor, state.now)


def draft_of(state: Seen, number: int) -> Draft:
    """One draft for a reader; NotFound."""
    require_reader(state)
    with state.archive.database.reading() as session:
        return find_draft(session, library_name(state), number)


def _begun(begun: Begun) -> Response:
    place = f"/authoring/{begun.numbers[0]}?done=begun" if len(begun.numbers) == 1 else "/authoring?done=begun"
    return RedirectResponse(place, 303)


def _list(request: Request, state: Seen, given: Mapping[str, str], refusal: PolicyMatchError | None = None) -> Response:
    require_reader(state)
    name = library_name(state)
    library = library_of_drafts(state)
    with state.archive.database.reading() as session:
        found = find_drafts(session, name)
        own = _own_measures(state, session, library) if state.may(RULES, Right.WRITE) else ()
    issue = None if refusal is None else refusal.issues[0]
    context = {
        "as_of": state.day,
        "mine": [one for one in found if one.author == state.viewer.actor],
        "others": [one for one in found if one.author != state.viewer.actor],
        "may_write": state.may(RULES, Right.WRITE) is not None,
        "own": own,
        "ways": WAYS,
        "given": {"text": "", "measure": "", "way": "next", **given},
        "issue": issue,
        "said": DONE.get(request.query_params.get("done", ""), ""),
        "styles": STATES,
        "minute": local_minute,
        "is_demo": name == DEMO,
    }
    return page(
        request, "authoring.html", context, 200 if refusal is None or issue is None else status_of(issue.code, refusal)
    )


def _own_measures(state: Seen, session: Session, library: Library) -> tuple[tuple[str, str], ...]:
    who = actor(session, state.viewer.actor, state.day)
    book = library.matching.rulebook
    rules = (book.versions(one)[-1] for one in book.ids)
    return tuple((rule.id, rule.measure.title) for rule in rules if is_own(state.archive, rule, who, ACTION))
