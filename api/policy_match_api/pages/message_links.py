"""The links in messages: one leads its recipient to the message, the other asks with one button whether to unsubscribe."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from policy_match.workflows.unsubscribe import (
    READ_PATH,
    UNSUBSCRIBE_PATH,
    Offer,
    message_of_link,
    read_offer,
    unsubscribe,
)
from policy_match_api.pages.render import link, page
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)


@router.get(READ_PATH + "{token}")
def open_message(token: str, state: Seen = Depends(seen)) -> Response:
    """To the message, after signing in where nobody is; the link itself lets nobody in."""
    place = f"/messages/{message_of_link(state.archive, token, state.now)}"
    return RedirectResponse(place if state.viewer.actor else link("/login", next=place), 303)


@router.get(UNSUBSCRIBE_PATH + "{token}")
def ask(request: Request, token: str, state: Seen = Depends(seen)) -> Response:
    """One button; looking changes nothing, since scanners of mail follow every link."""
    return _page(request, token, read_offer(state.archive, token, state.now))


@router.post(UNSUBSCRIBE_PATH + "{token}")
def end(request: Request, token: str, state: Seen = Depends(seen)) -> Response:
    """End it at once. Whoever has the link may: a mail program asks from nowhere (RFC 8058)."""
    return _page(request, token, unsubscribe(state.archive, token, state.now))


def _page(request: Request, token: str, offer: Offer) -> Response:
    return page(request, "unsubscribe.html", {"offer": offer, "address": UNSUBSCRIBE_PATH + token})
