"""The city's platform (政企通): each message is a webhook signed by Standard Webhooks, and the platform can be asked for one.

POST to the address with `{"type": "message", "timestamp", "data": {"client_msg_id", "account", "title", "body"}}`;
`webhook-id` is the client_msg_id, by which the platform shows a message once however often it comes. GET to the address with
`/client_msg_id` after it, signed with an empty body: 200 it is there, 404 it is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from policy_match.exchange.channels.carrier import Letter
from policy_match.exchange.channels.http_call import Call, address_of, called, outcome_of, told_of
from policy_match.exchange.webhook import event_body, signed
from policy_match.push.delivery import Outcome


@dataclass(frozen=True, slots=True)
class Gateway:
    """`url`: where messages go; `secret`: `whsec_…`, agreed with the platform."""

    url: str
    secret: str = field(repr=False)
    is_repeatable: bool = True

    def send(self, letter: Letter) -> Outcome:
        """Post it."""
        told = {"client_msg_id": letter.id, "account": letter.to, "title": letter.title, "body": letter.body}
        message = signed(letter.id, letter.at, event_body("message", letter.at, told), self.secret)
        return outcome_of(called(Call("POST", self.url, message.headers, message.body)))

    def ask(self, client_msg_id: str, at: datetime) -> Outcome:
        """Ask for it."""
        message = signed(client_msg_id, at, b"", self.secret)
        return told_of(called(Call("GET", address_of(self.url, client_msg_id), message.headers)))
