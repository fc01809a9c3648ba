"""Wrong tries and the lock that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from policy_match.access.terms import Terms


@dataclass(frozen=True, slots=True)
class Tries:
    """The instants of the wrong tries that still count, oldest first, and the instant until which nobody gets in."""

    wrong: tuple[datetime, ...] = ()
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Whether the lock still holds; at its very end it does not."""
        return self.locked_until is not None and now < self.locked_until

    def after_wrong(self, now: datetime, terms: Terms) -> Tries:
        """One more wrong try; what is `wrong_within` old counts no more. A try under a lock neither counts nor prolongs it."""
        if self.is_locked(now):
            return self
        wrong = (*(at for at in self.wrong if now - at < terms.wrong_within), now)
        if len(wrong) < terms.wrong_tries:
            return Tries(wrong)
        return Tries((), now + terms.locked_for)
