"""What every channel does: send one letter, and say whether it has one that was sent before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from policy_match.push.delivery import Outcome


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it goes out. `id`: the same at every try, by which the receiver knows it when it comes again.

    `to`: the address on the channel, None for one that goes to a group. `short`: the text for SMS. `at`: when it is sent.
    """

    id: str
    to: str | None = field(repr=False)
    title: str
    body: str = field(repr=False)
    short: str = field(repr=False)
    at: datetime


class Carrier(Protocol):
    """One channel. Whatever goes wrong is an outcome, never an error; both calls end within 20 seconds."""

    @property
    def is_repeatable(self) -> bool:
        """Whether its receiver knows a letter that comes twice, and shows it once."""

    def send(self, letter: Letter) -> Outcome:
        """Send it once."""

    def ask(self, client_msg_id: str, at: datetime) -> Outcome:
        """Whether it has that letter: YES, NOT_NOW (it does not), NEVER (it refused it), or PERHAPS (it cannot tell)."""
