"""A message to another system, signed by Standard Webhooks (standardwebhooks.com): id, time and body under an HMAC.

No clock and no network: `exchange/post_webhook.py` sends it. docs/webhook-vectors.json holds messages with their
signatures for whoever writes the receiving end.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson
from standardwebhooks import Webhook, WebhookVerificationError

PREFIX, SECRET_BYTES = "whsec_", 32
TEST = "test"


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: the body and the headers that it goes with. The id stays the same when it is sent again."""

    id: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


def secret_of(random: bytes) -> str:
    """The secret of a subscription as it is shown: `whsec_` and its bytes in base64."""
    return PREFIX + base64.b64encode(random).decode()


def signed(message_id: str, at: datetime, body: bytes, secret: str) -> Message:
    """A body of UTF-8 with its three headers; `at`: when it is sent, whole seconds count."""
    moment = at.astimezone(UTC)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, moment, body.decode()),
    }
    return Message(message_id, body, headers)


def event_body(kind: str, at: datetime, told: Mapping[str, str | int | None]) -> bytes:
    """The body of an event: its type, when it happened, and what is told of it."""
    return orjson.dumps({"type": kind, "timestamp": at.astimezone(UTC).isoformat(), "data": dict(told)})


def is_signed(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Whether somebody who has the secret signed this body within the last five minutes; `headers`: by small letters."""
    try:
        Webhook(secret).verify(body, dict(headers))
    except (WebhookVerificationError, ValueError):
        return False
    return True
