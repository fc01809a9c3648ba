"""发出的消息: what offices see of messages: why each was sent, what waits for a person, the queue, and what came of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Right
from policy_match.errors import PolicyMatchError
from policy_match.push.words import CONTENT_NAMES, MESSAGE_STATE_NAMES
from policy_match.workflows.count_push import WEEKS, count_push
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.list_held import held_rows
from policy_match.workflows.list_queue import queue_rows
from policy_match.workflows.print_rows import Row
from policy_match.workflows.push_rights import LINKS_SYSTEMS
from policy_match.workflows.release_held import Decision, Outcome, decide_held
from policy_match.workflows.retry_delivery import retry_delivery
from policy_match.workflows.show_message import NEWEST, explain_message, message_rows
from policy_match_api.pages.messages_frame import FIGURES, HELD, QUEUE, SENT, office_by, shown
from policy_match_api.pages.render import link
from policy_match_api.pages.tables import part_of
from policy_match_api.params import count_of, flag_of, one_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
Number = Annotated[int, Path(ge=1, lt=2**31)]
MOST_WEEKS = 104
# What was done to a message, by its actions in the audit chain.
STEPS = {
    "message.make": "生成", "message.hold": "留下等人放行", "message.send": "交发送", "message.stop": "不再发", "message.cancel": "取消",
    "message.again": "改用别的渠道再发", "message.seen": "回应：已知悉", "message.interested": "回应：有意申请",
    "message.help": "回应：需要帮助", "message.not_for_us": "回应：不适用", "message.wrong_facts": "回应：数据更正",
}  # fmt: skip


class HeldForm(BaseModel):
    """What is decided. `seen`: how many messages the page showed."""

    model_config = ConfigDict(extra="forbid")

    target: str = Field(default="", max_length=120)
    seen: int = Field(default=0, ge=0)
    reason: str = Field(default="", max_length=500)
    outcome: Outcome


class RetryForm(BaseModel):
    """`again`: "yes" where the receiver was asked and has not got it."""

    model_config = ConfigDict(extra="forbid")

    again: str = Field(default="", max_length=3)


@router.get(SENT)
def list_sent(request: Request, state: Seen = Depends(seen)) -> Response:
    """The newest messages of the viewer's reach, by state and kind, and by words of title, recipient, subject or measure."""
    by, asked = office_by(state), request.query_params
    given = {
        "state": one_of(asked.get("state") or None, "state", [one.value for one in MESSAGE_STATE_NAMES]),
        "content": one_of(asked.get("content") or None, "content", [one.value for one in CONTENT_NAMES]),
        "q": asked.get("q", "").strip()[:60],
    }
    rows = [row for row in message_rows(state.archive, by).rows if _fits(row, given)]
    context = {"given": given, "part": part_of(request, rows), "newest": NEWEST, "place": SENT}
    return shown(request, state, "messages_sent.html", context)


@router.get(HELD)
def list_held(request: Request, state: Seen = Depends(seen)) -> Response:
    """What waits for a person."""
    return _held(request, state)


@router.post(HELD)
def decide(request: Request, given: Annotated[HeldForm, Form()], state: Seen = Depends(seen)) -> Response:
    """Let it go, or stop it."""
    by = office_by(state)
    try:
        decide_held(state.archive, given.target, Decision(given.outcome, given.seen, given.reason), by)
    except PolicyMatchError as refusal:
        return _held(request, state, refusal, given)
    return RedirectResponse(link(HELD, done=given.outcome.value), 303)


@router.get(QUEUE)
def list_queue(request: Request, state: Seen = Depends(seen)) -> Response:
    """What waits to be sent and what failed."""
    return _queue(request, state)


@router.post(QUEUE + "/{number}/retry")
def retry(
    request: Request, number: Number, given: Annotated[RetryForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Put one that failed back into the queue."""
    try:
        retry_delivery(state.archive, number, office_by(state), again=given.again == "yes")
    except PolicyMatchError as refusal:
        return _queue(request, state, refusal)
    return RedirectResponse(link(QUEUE, done="retry"), 303)


@router.get(FIGURES)
def figures(request: Request, state: Seen = Depends(seen)) -> Response:
    """What messages came to, by week and measure."""
    weeks = count_of(request.query_params.get("weeks") or None, "weeks", WEEKS, 1, MOST_WEEKS)
    found = count_push(state.archive, office_by(state), weeks=weeks)
    keys = [*found.header][2:]
    book = state.library(office_by(state).library).matching.rulebook
    context = {
        "found": found,
        "weeks": weeks,
        "keys": keys,
        "totals": {key: sum(int(str(row[key])) for row in found.rows) for key in keys},
        "titles": {one: book.at(one, state.day).measure.title for one in book.ids},
        "part": part_of(request, found.rows),
        "place": FIGURES,
    }
    return shown(request, state, "messages_figures.html", context)


@router.get(SENT + "/{number}")
def show_sent(request: Request, number: Number, state: Seen = Depends(seen)) -> Response:
    """One message with why it was sent, every try on every channel, and what was done with it."""
    found = explain_message(state.archive, number, office_by(state))
    return shown(request, state, "message_sent.html", {"found": found, "steps": STEPS})


def _fits(row: Row, given: dict[str, str | None]) -> bool:
    words = " ".join(str(row[key] or "") for key in ("id", "title", "recipient_name", "subject", "measure"))
    is_kind = given["state"] in (None, row["state"]) and given["content"] in (None, row["content"])
    return is_kind and (given["q"] or "") in words


def _held(
    request: Request, state: Seen, refusal: PolicyMatchError | None = None, given: HeldForm | None = None
) -> Response:
    rows = held_rows(state.archive, office_by(state)).rows
    may_decide = state.may("reviews", Right.WRITE) is not None
    context = {"rows": rows, "given": given, "may_decide": may_decide}
    return shown(request, state, "messages_held.html", context, refusal=refusal)


def _queue(request: Request, state: Seen, refusal: PolicyMatchError | None = None) -> Response:
    failed = flag_of(request.query_params.get("failed") or None, "failed")
    rows = queue_rows(state.archive, office_by(state), failed_only=failed).rows
    context = {
        "failed": failed,
        "part": part_of(request, rows),
        "place": QUEUE,
        "may_retry": state.viewer.role == LINKS_SYSTEMS and state.viewer.library != DEMO,
    }
    return shown(request, state, "messages_queue.html", context, refusal=refusal)
