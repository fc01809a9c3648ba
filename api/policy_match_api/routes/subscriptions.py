"""/subscriptions: have changes sent to an address of another system, signed; look after one's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from policy_match.access.permissions import Right
from policy_match.exchange.post_webhook import hosts_of
from policy_match.workflows.end_subscription import end_subscription
from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_subscriptions import Subscribed, Tried, list_subscriptions
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.show_match import Plain
from policy_match.workflows.subscribe import NewSubscription, subscribe
from policy_match.workflows.try_subscription import try_subscription
from policy_match.workflows.write_entry import By
from policy_match_api.answer import JsonAnswer
from policy_match_api.routes.answers import PROBLEM, Answer
from policy_match_api.seen import Seen, seen
from policy_match_api.write_once import Sent, sent, write_once

router = APIRouter(tags=["变更与订阅"])
REFUSALS: dict[int | str, dict[str, object]] = {400: PROBLEM, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM}
LibraryName = Literal["real", "demo"]
Number = Annotated[int, Path(description="订阅的编号", ge=1, lt=2**31)]


class Wanted(BaseModel):
    """An address and the kinds of changes that it is told of, as /changes names them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    library: LibraryName = "real"
    url: str = Field(max_length=500)
    kinds: list[str] = Field(max_length=100)


class TrialAnswer(Answer):
    """One test message. `status`: of the receiver's answer, null where there was none; `outcome`: what it means."""

    message_id: str
    at: str
    status: int | None
    outcome: str


class SubscriptionAnswer(Answer):
    """One subscription. `ended_at` null: it runs; `tried` null: never."""

    id: int
    library: LibraryName
    url: str
    kinds: list[str]
    created_at: str
    ended_at: str | None
    tried: TrialAnswer | None


class NewSubscriptionAnswer(SubscriptionAnswer):
    """With the secret that signs its messages (Standard Webhooks); it is shown this once."""

    secret: str


class SubscriptionsAnswer(Answer):
    """Your own, ended ones too, the oldest first."""

    library: LibraryName
    subscriptions: list[SubscriptionAnswer]


@router.get("/subscriptions", response_model=SubscriptionsAnswer, responses=REFUSALS, summary="自己的订阅")
def subscriptions(library: str = REAL, state: Seen = Depends(seen)) -> JsonAnswer:
    """Your subscriptions in a library, each with its last trial."""
    lines: list[Plain] = [_data(one) for one in list_subscriptions(state.archive, _by(library, Right.READ, state))]
    return JsonAnswer({"library": library, "subscriptions": lines})


@router.post(
    "/subscriptions", response_model=NewSubscriptionAnswer, status_code=201, responses=REFUSALS, summary="订阅变更"
)
def add(wanted: Wanted, request: Sent = Depends(sent), state: Seen = Depends(seen)) -> Response:
    """Register an address; only hosts that the installation lists are ever called."""
    by, asked = _by(wanted.library, Right.WRITE, state), NewSubscription(wanted.url, tuple(wanted.kinds))

    def do(archive: Archive) -> Response:
        made = subscribe(archive, asked, by, hosts_of(state.settings.webhook_hosts))
        return JsonAnswer({**_data(made.subscription), "secret": made.secret}, 201)

    return write_once(state.archive, request, do, actor=by.actor, now=by.now)


@router.post("/subscriptions/{number}/trial", response_model=TrialAnswer, responses=REFUSALS, summary="发一条测试消息")
def send_trial(number: Number, library: str = REAL, state: Seen = Depends(seen)) -> JsonAnswer:
    """Send a signed test message now and say what came of it; every call sends one."""
    # A receiver takes only what was signed a moment ago: for the key of tests, too, the clock of the service counts.
    by = replace(_by(library, Right.WRITE, state), now=state.service.settings.instant())
    return JsonAnswer(_tried(try_subscription(state.archive, number, by, hosts_of(state.settings.webhook_hosts))))


@router.delete("/subscriptions/{number}", response_model=SubscriptionAnswer, responses=REFUSALS, summary="退订")
def end(number: Number, library: str = REAL, request: Sent = Depends(sent), state: Seen = Depends(seen)) -> Response:
    """Nothing is sent from now on, and the secret is erased."""
    by = _by(library, Right.WRITE, state)
    return write_once(
        state.archive, request, lambda archive: JsonAnswer(_data(end_subscription(archive, number, by))),
        actor=by.actor, now=by.now,
    )  # fmt: skip


def _by(library: str, right: Right, state: Seen) -> By:
    state.require("push", right)
    state.require_library(library)
    return By(library, state.viewer.actor, state.now)


def _data(one: Subscribed) -> dict[str, Plain]:
    return {
        "id": one.id,
        "library": one.library,
        "url": one.url,
        "kinds": [*one.kinds],
        "created_at": one.created_at.isoformat(),
        "ended_at": None if one.ended_at is None else one.ended_at.isoformat(),
        "tried": None if one.tried is None else _tried(one.tried),
    }


def _tried(one: Tried) -> dict[str, Plain]:
    return {"message_id": one.message_id, "at": one.at.isoformat(), "status": one.status, "outcome": one.outcome}
