"""SMS through an HTTP gateway of the installation, which passes them on to the operators.

POST to the address with `{"client_msg_id", "phone", "text"}`; GET to the address with `/client_msg_id` after it: 200 it was
taken, 404 it was not. Both with `Authorization: Bearer` and the key. What may have been taken is never sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import orjson

from policy_match.exchange.channels.carrier import Letter
from policy_match.exchange.channels.http_call import Call, address_of, called, outcome_of, told_of
from policy_match.push.delivery import Outcome


@dataclass(frozen=True, slots=True)
class Sms:
    """`url`: where messages go; `key`: what we are known by there, empty for none."""

    url: str
    key: str = field(repr=False)
    is_repeatable: bool = False

    def send(self, letter: Letter) -> Outcome:
        """Post it."""
        body = orjson.dumps({"client_msg_id": letter.id, "phone": letter.to, "text": letter.short})
        headers = {**self._headers(), "content-type": "application/json"}
        return outcome_of(called(Call("POST", self.url, headers, body)))

    def ask(self, client_msg_id: str, at: datetime) -> Outcome:
        """Ask for it."""
        return told_of(called(Call("GET", address_of(self.url, client_msg_id), self._headers())))

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"} if self.key else {}
