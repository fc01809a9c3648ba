"""发通知: a department tells firms something of its own: named by filters, seen first with its number of people, then sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Right
from policy_match.errors import Forbidden, Issue, PolicyMatchError
from policy_match.store.actors import actor
from policy_match.workflows.list_projects import Wanted, listing_of
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.own_measure import is_own
from policy_match.workflows.push_rights import PUSH
from policy_match.workflows.review_rights import REVIEWS
from policy_match.workflows.send_notice import NewNotice, Preview, preview_notice, send_notice
from policy_match.workflows.write_entry import By
from policy_match_api.pages.messages_frame import NOTICE, SENT, may_write_notices, office_by, shown
from policy_match_api.pages.render import link
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)


class NoticeForm(BaseModel):
    """What is to be sent, and to whom. `people`: to how many, typed by whoever saw the preview."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(default="", max_length=200)
    text: str = Field(default="", max_length=4000)
    sender: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=500)
    district: str = Field(default="", max_length=40)
    industry: str = Field(default="", max_length=40)
    stage: str = Field(default="", max_length=40)
    measure: str = Field(default="", max_length=80)
    people: str = Field(default="", max_length=10)

    @property
    def notice(self) -> NewNotice:
        """The notice that it asks for; line ends of forms are those of texts."""
        wanted = Wanted(self.district or None, self.stage or None, industry=self.industry or None)
        text = self.text.replace("\r\n", "\n")
        return NewNotice(self.title, text, self.sender, self.reason, wanted, self.measure or None)


@router.get(NOTICE)
def write(request: Request, state: Seen = Depends(seen)) -> Response:
    """The form."""
    _writer(state)
    return _form(request, state, NoticeForm())


@router.post(NOTICE)
def preview(request: Request, given: Annotated[NoticeForm, Form()], state: Seen = Depends(seen)) -> Response:
    """To how many it would go, and the words; nothing is written, so the answer is the page itself."""
    by = _writer(state)
    try:
        return _form(request, state, given, found=preview_notice(state.archive, given.notice, by))
    except PolicyMatchError as refusal:
        return _form(request, state, given, refusal=refusal)


@router.post(NOTICE + "/send")
def send(request: Request, given: Annotated[NoticeForm, Form()], state: Seen = Depends(seen)) -> Response:
    """Send it to as many as were typed; what is refused comes back with the preview as it is now."""
    by = _writer(state)
    try:
        people = int(given.people) if given.people.strip().isdecimal() else 0
        send_notice(state.archive, given.notice, people, by)
    except PolicyMatchError as refusal:
        return _refused(request, state, given, refusal)
    return RedirectResponse(link(SENT, content="notice", done="notice"), 303)


def _writer(state: Seen) -> By:
    by = office_by(state, Right.WRITE)
    if not may_write_notices(state):
        what = f"“{state.viewer.name}”不给企业发通知"
        raise Forbidden(Issue("NOTICE_ROLE", what, PUSH, "市级部门、辖市区", "请业务部门发送"))
    return by


def _refused(request: Request, state: Seen, given: NoticeForm, refusal: PolicyMatchError) -> Response:
    try:
        again = preview_notice(state.archive, given.notice, _writer(state))
    except PolicyMatchError:
        return _form(request, state, given, refusal=refusal)
    return _form(request, state, given, found=again, refusal=refusal)


def _form(
    request: Request,
    state: Seen,
    given: NoticeForm,
    *,
    found: Preview | None = None,
    refusal: PolicyMatchError | None = None,
) -> Response:
    by = _writer(state)
    library = state.library(by.library)
    with state.archive.database.reading() as session:
        measures = _measures(session, state, library, by)
    options = listing_of(library).options
    choices = [
        (name, word, options[name]) for name, word in (("district", "辖区"), ("industry", "行业"), ("stage", "阶段"))
    ]
    context = {"given": given, "preview": found, "choices": choices, "measures": measures}
    return shown(request, state, "messages_notice.html", context, refusal=refusal)


def _measures(session: Session, state: Seen, library: Library, by: By) -> list[tuple[str, str]]:
    """The measures whose firms the viewer may write to: id and title, by title."""
    who, book = actor(session, by.actor, by.today), library.matching.rulebook
    rules = [book.at(one, library.matching.as_of) for one in book.ids]
    own = [(rule.id, rule.measure.title) for rule in rules if is_own(state.archive, rule, who, REVIEWS)]
    return sorted(own, key=lambda pair: (pair[1], pair[0]))
