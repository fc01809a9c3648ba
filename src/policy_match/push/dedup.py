"""Whether the same was said before: a key of what is told to whom about what, the same for 90 days (§6.3).

The database holds one message that counts for a key. A period of keys lasts 90 days; what was told less than 90 days ago
has the key of this period or of the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from policy_match.push.words import Content

QUIET = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says. `about`: code of the subject; `measure`: id, empty where it is about none.

    `said`: verdict with amount (`said_of`), or what else tells two messages apart; `last_day`: of the window, None: none is known.
    """

    recipient: str
    about: str
    measure: str
    content: Content
    said: str
    last_day: date | None = None


def said_of(verdict: str, low_fen: int | None, high_fen: int | None) -> str:
    """A verdict with its amount, 分: another amount is something else to tell."""
    return f"{verdict}:{'' if low_fen is None else low_fen}-{'' if high_fen is None else high_fen}"


def dedup_key(told: Told, on: date) -> str:
    """SHA-256 of what is said and of the period that a day lies in."""
    window = "" if told.last_day is None else told.last_day.isoformat()
    parts = (told.recipient, told.about, told.measure, told.content.value, told.said, window, str(_period(on)))
    return sha256("\x1f".join(parts).encode()).hexdigest()


def keys_within(told: Told, on: date) -> tuple[str, str]:
    """The keys under which the same may have been said in the last 90 days: of this period and of the one before."""
    return dedup_key(told, on), dedup_key(told, on - QUIET)


def is_quiet(made_on: date, on: date) -> bool:
    """Whether something that was said on a day is not yet to be said again; on the 90th day after it is."""
    return on - made_on < QUIET


def _period(on: date) -> int:
    return on.toordinal() // QUIET.days
