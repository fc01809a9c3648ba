"""The numbers of signing in: tries, locks, ends of sessions, codes and keys. Domain specification §10.3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Terms:
    """How often, how long. `wrong_tries` within `wrong_within` lock for `locked_for`.

    A session ends `session_for` after it began, or `idle_for` after it was last used (`idle_for_admin` for
    administrators). `strong_for`: how long a given code counts. `touch_every`: how far the noted last use may lag.
    `drift`: steps of 30 s by which a code may be early or late. `key_months`: the longest life of a key.
    """

    wrong_tries: int = 5
    wrong_within: timedelta = timedelta(minutes=15)
    locked_for: timedelta = timedelta(minutes=15)
    session_for: timedelta = timedelta(hours=12)
    idle_for: timedelta = timedelta(minutes=30)
    idle_for_admin: timedelta = timedelta(minutes=15)
    strong_for: timedelta = timedelta(minutes=15)
    touch_every: timedelta = timedelta(minutes=1)
    drift: int = 1
    key_months: int = 12

    def idle(self, role: str) -> timedelta:
        """How long a session of a role may lie unused."""
        return self.idle_for_admin if role == ADMIN else self.idle_for


TERMS = Terms()
