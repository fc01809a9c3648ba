"""/notifications: one's own messages, and answers to them; /push: what one agrees to, and what channels tell of messages.

Everybody who is signed in has an inbox; nobody sees another's. A key needs the scope `subscribe`.
"""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from policy_match.access.key_scopes import KeyScope
from policy_match.access.viewer import Means
from policy_match.errors import Forbidden, Issue, UsageError
from policy_match.exchange.webhook import is_signed
from policy_match.push.consent import CONSENT_TEXT, CONSENT_TEXTS
from policy_match.push.words import Channel
from policy_match.store.push_tables import Message
from policy_match.workflows.dismiss_message import dismiss_message
from policy_match.workflows.give_consent import Choice, Standing, frequencies, give_consent, standings
from policy_match.workflows.library_names import REAL
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_messages import MOST, Shown, read_message, read_messages
from policy_match.workflows.reply_message import Answer as Reply
from policy_match.workflows.reply_message import Replied, reply_message
from policy_match.workflows.show_match import Plain
from policy_match.workflows.take_receipt import Receipt, take_receipt
from policy_match.workflows.write_entry import By
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import count_of, flag_of
from policy_match_api.routes.answers import Answer
from policy_match_api.routes.project_writes import REFUSALS, Written
from policy_match_api.seen import Seen, seen
from policy_match_api.write_once import Sent, sent, write_once

router = APIRouter(tags=["消息"])
LibraryName = Literal["real", "demo"]
Number = Annotated[int, Path(description="消息的编号", ge=1, lt=2**31)]
_HOW = "接口"
_LARGEST = 2**31 - 1


class Replying(Written):
    """An answer: `reply` by code or name; `reason`: of not_for_us; `fact`: of wrong_facts, by id or name."""

    library: LibraryName = "real"
    reply: str = Field(max_length=20)
    note: str = Field(default="", max_length=500)
    reason: str | None = Field(default=None, max_length=20)
    fact: str | None = Field(default=None, max_length=60)


class Dismissing(Written):
    """Why it does not apply: one of the seven reasons of a rejection."""

    library: LibraryName = "real"
    reason: str = Field(max_length=20)
    note: str = Field(default="", max_length=500)


class Saying(Written):
    """What one says of a channel and a topic (`*`: all). Of the channel `*`, `state` is how often: daily, weekly or off."""

    channel: str = Field(max_length=20)
    topic: str = Field(max_length=20)
    state: str = Field(max_length=20)


class Sayings(Written):
    """All are recorded, or none."""

    library: LibraryName = "real"
    choices: list[Saying] = Field(min_length=1, max_length=200)


class TellingReceipt(Written):
    """`channel`: gateway or sms; `client_msg_id`: that of the message; `state`: sent, delivered, read or failed."""

    channel: Literal["gateway", "sms"]
    client_msg_id: str = Field(min_length=1, max_length=40)
    state: str = Field(max_length=12)
    text: str = Field(default="", max_length=1_000)


class ReceiptAnswer(Answer):
    """Where the delivery stands after it, which may be further on than what was told."""

    state: str


class ChannelAnswer(Answer):
    """How far a message is on one channel."""

    channel: str
    state: str
    at: str


class EntryAnswer(Answer):
    """One message, or one entry of a digest. `why`: why you get it; `thread`: the message that it updates or recalls.

    `subject` null: about no project or firm; `last_day` null: none is known; `dismissed`: you took it off your list.
    """

    id: int
    at: str
    title: str
    body: str
    why: str
    trigger: str
    content: str
    topic: str
    mandatory: bool
    state: str
    subject: str | None
    measure: str | None
    version: int | None
    last_day: str | None
    thread: int | None
    read_at: str | None
    reply: str | None
    reply_note: str | None
    replied_at: str | None
    dismissed: bool


class NotificationAnswer(EntryAnswer):
    """With its channels and, of a digest, its entries, the most valuable first."""

    channels: list[ChannelAnswer]
    entries: list[EntryAnswer]


class NotificationsAnswer(Answer):
    """Your messages, the newest first; `next_cursor` null: there are no more."""

    library: LibraryName
    notifications: list[NotificationAnswer]
    next_cursor: str | None


class RepliedAnswer(Answer):
    """What came of an answer. `ticket`, `doubt`: number of what was opened, null where nothing was."""

    id: int
    reply: str
    ticket: str | None
    doubt: int | None


class StandingAnswer(Answer):
    """How a channel and a topic stand. `said` null: nothing was said."""

    channel: str
    topic: str
    said: str | None
    allowed: bool


class FrequencyAnswer(Answer):
    """How often you want to be told of a topic: daily, weekly or off; daily where nothing was said."""

    topic: str
    frequency: str


class ConsentsAnswer(Answer):
    """`text`: what is agreed to, in its version; `frequencies`: how often, by topic."""

    library: LibraryName
    text_version: int
    text: str
    consents: list[StandingAnswer]
    frequencies: list[FrequencyAnswer]


@router.get("/notifications", response_model=NotificationsAnswer, responses=REFUSALS, summary="自己的消息")
def notifications(
    library: str = REAL,
    unread: str | None = None,
    cursor: str | None = None,
    limit: str | None = None,
    state: Seen = Depends(seen),
) -> JsonAnswer:
    """What has come to you, the newest first; reading the list marks nothing as read."""
    by = _by(library, state)
    before = count_of(cursor, "cursor", 0, 1, _LARGEST) if cursor else None
    page = read_messages(
        state.archive,
        by,
        before=before,
        limit=count_of(limit, "limit", MOST, 1, MOST),
        unread=flag_of(unread, "unread"),
    )
    lines: list[Plain] = [_data(one) for one in page.messages]
    following = None if page.next_before is None else str(page.next_before)
    return JsonAnswer({"library": library, "notifications": lines, "next_cursor": following})


@router.get("/notifications/{number}", response_model=NotificationAnswer, responses=REFUSALS, summary="一条消息")
def notification(number: Number, library: str = REAL, state: Seen = Depends(seen)) -> JsonAnswer:
    """One of your messages in full; it counts as read from now on."""
    return JsonAnswer(_data(read_message(state.archive, number, _by(library, state))))


@router.post("/notifications/{number}/reply", response_model=RepliedAnswer, responses=REFUSALS, summary="回应一条消息")
def reply(number: Number, asked: Replying, request: Sent = Depends(sent), state: Seen = Depends(seen)) -> Response:
    """已知悉, 有意申请, 需要帮助 (a ticket), 不适用 (the match is looked at again), 数据更正 (a question about the fact)."""
    by, answer = _by(asked.library, state), Reply(asked.reply, asked.note, asked.reason, asked.fact)

    def do(archive: Archive) -> Response:
        return JsonAnswer(_replied(reply_message(archive, number, answer, by)))

    return write_once(state.archive, request, do, actor=by.actor, now=by.now)


@router.post(
    "/notifications/{number}/dismiss", response_model=RepliedAnswer, responses=REFUSALS, summary="去掉一条消息"
)
def dismiss(number: Number, asked: Dismissing, request: Sent = Depends(sent), state: Seen = Depends(seen)) -> Response:
    """Take it off your list, with a reason that reaches whoever reviews the match."""
    by = _by(asked.library, state)

    def do(archive: Archive) -> Response:
        return JsonAnswer(_replied(dismiss_message(archive, number, by, reason=asked.reason, note=asked.note)))

    return write_once(state.archive, request, do, actor=by.actor, now=by.now)


@router.get("/push/consents", response_model=ConsentsAnswer, responses=REFUSALS, summary="自己的订阅设置")
def consents(library: str = REAL, state: Seen = Depends(seen)) -> JsonAnswer:
    """What you said of each channel and topic, and whether you would be told on it."""
    by = _by(library, state)
    return JsonAnswer(_consents(state.archive, by, standings(state.archive, by)))


@router.put("/push/consents", response_model=ConsentsAnswer, responses=REFUSALS, summary="改自己的订阅设置")
def say(asked: Sayings, request: Sent = Depends(sent), state: Seen = Depends(seen)) -> Response:
    """Say anew what you agree to and how often; what already stands adds nothing. Neither eligibility nor a case changes.

    What has to be told, and what is corrected, comes whatever was said.
    """
    by = _by(asked.library, state)
    choices = [Choice(one.channel, one.topic, one.state, _HOW) for one in asked.choices]

    def do(archive: Archive) -> Response:
        return JsonAnswer(_consents(archive, by, give_consent(archive, choices, by)))

    return write_once(state.archive, request, do, actor=by.actor, now=by.now)


@router.post(
    "/push/receipts",
    response_model=ReceiptAnswer,
    responses=REFUSALS,
    summary="渠道的回执",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": TellingReceipt.model_json_schema()}},
        }
    },
)
async def receipts(request: Request, state: Seen = Depends(seen)) -> JsonAnswer:
    """What a channel tells of a message later: sent, delivered, read or failed. It may come twice and in any order.

    Signed by Standard Webhooks: the platform with the secret of its messages, an SMS gateway with the bytes of its key.
    """
    body = await request.body()
    told = _receipt(body)
    channel = Channel(told.channel)
    if not _is_signed(channel, body, request, state):
        hint = "按 Standard Webhooks 用约定的密钥签名，五分钟内送到"
        raise Forbidden(Issue("RECEIPT_SIGNATURE", "回执的签名不对或已过时", "webhook-signature", "", hint))
    receipt = Receipt(channel, told.client_msg_id, told.state, told.text)
    now = state.service.settings.instant()
    return JsonAnswer({"state": (await run_in_threadpool(take_receipt, state.archive, receipt, now)).value})


def _receipt(body: bytes) -> TellingReceipt:
    try:
        return TellingReceipt.model_validate_json(body)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        allowed = "channel、client_msg_id、state、text"
        raise UsageError(Issue("BODY_FORMAT", "回执的内容格式不对", where, allowed, "按接口说明改正")) from None


def _is_signed(channel: Channel, body: bytes, request: Request, state: Seen) -> bool:
    settings = state.service.settings
    agreed = settings.gateway_secret if channel is Channel.GATEWAY else settings.sms_key
    if agreed is None:
        return False
    secret = agreed.get_secret_value()
    if channel is Channel.SMS:
        secret = base64.b64encode(secret.encode()).decode()
    return is_signed(body, request.headers, secret)


def _by(library: str, state: Seen) -> By:
    """Who asks for what is his own; Forbidden PERMISSION for a visitor, and for a key without the scope."""
    viewer = state.viewer
    may = viewer.means is Means.SESSION or (viewer.means is Means.KEY and KeyScope.SUBSCRIBE in viewer.key_scopes)
    if not may:
        hint = "请先登录" if viewer.means is Means.NONE else "用有“订阅”用途的密钥"
        raise Forbidden(Issue("PERMISSION", f"“{viewer.name}”没有自己的消息", "push", "", hint))
    state.require_library(library)
    return By(library, viewer.actor, state.now)


def _data(one: Shown) -> dict[str, Plain]:
    channels: list[Plain] = [
        {"channel": row.channel, "state": row.state, "at": row.changed_at.isoformat()} for row in one.deliveries
    ]
    entries: list[Plain] = [_entry(entry.message, entry.subject) for entry in one.entries]
    return {**_entry(one.message, one.subject), "channels": channels, "entries": entries}


def _entry(row: Message, subject: str | None) -> dict[str, Plain]:
    return {
        "id": row.id,
        "at": row.made_at.isoformat(),
        "title": row.title,
        "body": row.body,
        "why": row.why,
        "trigger": row.trigger,
        "content": row.content,
        "topic": row.topic,
        "mandatory": row.mandatory,
        "state": row.state,
        "subject": subject,
        "measure": row.measure,
        "version": row.version,
        "last_day": None if row.last_day is None else row.last_day.isoformat(),
        "thread": row.thread_id,
        "read_at": None if row.read_at is None else row.read_at.isoformat(),
        "reply": row.reply,
        "reply_note": row.reply_note,
        "replied_at": None if row.replied_at is None else row.replied_at.isoformat(),
        "dismissed": row.withheld == "dismissed",
    }


def _replied(made: Replied) -> dict[str, Plain]:
    return {"id": made.message, "reply": made.reply.value, "ticket": made.ticket, "doubt": made.doubt}


def _consents(archive: Archive, by: By, found: tuple[Standing, ...]) -> dict[str, Plain]:
    lines: list[Plain] = [
        {"channel": one.channel.value, "topic": one.topic, "said": one.said, "allowed": one.allowed} for one in found
    ]
    often: list[Plain] = [{"topic": topic, "frequency": one.value} for topic, one in frequencies(archive, by).items()]
    head: dict[str, Plain] = {"library": by.library, "text_version": CONSENT_TEXT, "text": CONSENT_TEXTS[CONSENT_TEXT]}
    return {**head, "consents": lines, "frequencies": often}
