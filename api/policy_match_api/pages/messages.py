"""消息: one's own inbox, one message with why it came and what was done with it, and answers to it.

Everybody who is signed in has an inbox, and nobody sees another's. An answer changes no fact, verdict or case.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from policy_match.access.scope import FIRM
from policy_match.errors import PolicyMatchError
from policy_match.push.words import (
    CHANNEL_NAMES,
    DELIVERY_STATE_NAMES,
    REPLY_NAMES,
    TOPICS,
    Channel,
    Content,
    Reply,
)
from policy_match.ranking.labels import REASONS
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.decide_review import facts_asked
from policy_match.workflows.dismiss_message import dismiss_message
from policy_match.workflows.library_names import REAL
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.read_messages import Shown, read_message, read_messages
from policy_match.workflows.reply_message import Answer, reply_message
from policy_match_api.pages.firm import to_sign_in
from policy_match_api.pages.messages_frame import PLACE, own_by, shown
from policy_match_api.pages.projects import head_of
from policy_match_api.pages.render import link
from policy_match_api.params import count_of, one_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
Number = Annotated[int, Path(ge=1, lt=2**31)]


class ReplyForm(BaseModel):
    """An answer. `reason`: of what does not apply; `fact`: the one that is wrong."""

    model_config = ConfigDict(extra="forbid")

    reply: str = Field(default="", max_length=20)
    note: str = Field(default="", max_length=500)
    reason: str = Field(default="", max_length=20)
    fact: str = Field(default="", max_length=60)


class DismissForm(BaseModel):
    """Why it is taken off; `digest`: the digest that holds it, None: it stands by itself."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(default="", max_length=20)
    note: str = Field(default="", max_length=500)
    digest: int | None = Field(default=None, ge=1, lt=2**31)


@router.get(PLACE)
def inbox(request: Request, state: Seen = Depends(seen)) -> Response:
    """What has come: unread first, each part the newest first; reading the list marks nothing as read."""
    if not state.viewer.actor:
        return to_sign_in(request)
    by, asked = own_by(state), request.query_params
    topic = one_of(asked.get("topic") or None, "topic", TOPICS)
    show = one_of(asked.get("show") or None, "show", ("unread",))
    before = count_of(asked.get("before") or None, "before", 0, 1, 2**31 - 1) or None
    unread = read_messages(state.archive, by, before=before if show else None, unread=True, topic=topic)
    every = None if show else read_messages(state.archive, by, before=before, topic=topic)
    following = (unread if every is None else every).next_before
    context = {
        "unread": unread.messages if show or before is None else (),
        "more_unread": show is None and unread.next_before is not None,
        "read": () if every is None else [one for one in every.messages if one.message.read_at is not None],
        "given": {"topic": topic, "show": show},
        "topics": TOPICS,
        "following": following,
        "is_first": before is None,
    }
    return shown(request, state, "messages.html", context)


@router.get(PLACE + "/{number}")
def show_message(request: Request, number: Number, state: Seen = Depends(seen)) -> Response:
    """One of one's own messages, which is then read."""
    if not state.viewer.actor:
        return to_sign_in(request)
    return _message(request, state, number)


@router.post(PLACE + "/{number}/reply")
def reply(
    request: Request, number: Number, given: Annotated[ReplyForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Answer it; what is refused comes back with all that was written."""
    asked = Answer(given.reply, given.note, given.reason or None, given.fact or None)
    try:
        made = reply_message(state.archive, number, asked, own_by(state))
    except PolicyMatchError as refusal:
        return _message(request, state, number, refusal=refusal, given=given)
    return RedirectResponse(link(f"{PLACE}/{number}", done=made.reply.value), 303)


@router.post(PLACE + "/{number}/dismiss")
def dismiss(
    request: Request, number: Number, given: Annotated[DismissForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Take a message off the list, or one entry out of its digest."""
    try:
        dismiss_message(state.archive, number, own_by(state), reason=given.reason or None, note=given.note)
    except PolicyMatchError as refusal:
        written = ReplyForm(note=given.note, reason=given.reason)
        return _message(request, state, given.digest or number, refusal=refusal, given=written)
    place = PLACE if given.digest is None else f"{PLACE}/{given.digest}"
    return RedirectResponse(link(place, done="dismissed"), 303)


def _message(
    request: Request,
    state: Seen,
    number: int,
    *,
    refusal: PolicyMatchError | None = None,
    given: ReplyForm | None = None,
) -> Response:
    found = read_message(state.archive, number, own_by(state))
    library = state.library(state.viewer.library or REAL)
    context = {
        "one": found,
        "facts": _facts(library, found),
        "reasons": REASONS,
        "given": given or ReplyForm(),
        "is_digest": found.message.content == Content.DIGEST,
        "match_path": _match_path(state, library, found),
        "steps": _steps(found),
    }
    return shown(request, state, "message.html", context, refusal=refusal)


def _facts(library: Library, found: Shown) -> list[tuple[str, str]]:
    """What may be found wrong of the measure that a message is about: id and name; empty where it is about none."""
    book, measure = library.matching.rulebook, found.message.measure
    if found.subject is None or measure not in book.ids:
        return []
    rule = book.at(measure, library.matching.as_of)
    return [(fact, book.vocabulary[fact].label) for fact in facts_asked(rule, book.vocabulary)]


def _match_path(state: Seen, library: Library, found: Shown) -> str | None:
    """Where the match of a message is shown to whoever reads it; None where there is none."""
    if found.subject not in library.rows or found.message.measure not in library.matching.rulebook.ids:
        return None
    if state.viewer.role == FIRM:
        return f"/firm/match/{found.subject}/{found.message.measure}"
    return f"{head_of(library)['base']}/{found.subject}"


def _steps(found: Shown) -> list[tuple[str, str]]:
    """What happened to a message, in order: the minute and the words."""
    row = found.message
    steps = [(row.made_at, "生成")]
    for one in found.deliveries:
        state = DELIVERY_STATE_NAMES[next(word for word in DELIVERY_STATE_NAMES if word == one.state)]
        name = CHANNEL_NAMES[Channel(one.channel)]
        if one.sent_at is not None:
            steps.append((one.sent_at, f"{name}：已发出"))
        if one.sent_at is None or one.changed_at != one.sent_at:
            steps.append((one.changed_at, f"{name}：{state}"))
    if row.read_at is not None:
        steps.append((row.read_at, "您打开了它"))
    if row.replied_at is not None and row.reply is not None:
        steps.append((row.replied_at, f"您回应：{REPLY_NAMES[Reply(row.reply)]}"))
    return [(local_minute(at), words) for at, words in sorted(steps, key=lambda step: step[0])]
