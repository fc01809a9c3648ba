"""How the delivery of a message goes on: by the answer of its channel, by the tries so far, by what comes back later (§6.6).

No clock and no I/O. A state only ever gives way to one of a higher rank; what has not left the house, or perhaps not, has
the lowest, and moves among these as the tries go.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from policy_match.push.words import DeliveryState

RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
"""How long after the first, second, … try the next one follows; after the sixth none does."""
JITTER = 0.1

OPEN = (
    DeliveryState.PENDING,
    DeliveryState.HELD,
    DeliveryState.SENDING,
    DeliveryState.RETRY,
    DeliveryState.UNKNOWN,
)
"""What somebody still has to send, or to ask about."""
PERHAPS = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
"""What the channel may have taken: it is asked before anything is sent again."""
GONE = (*PERHAPS, DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.ACKED)
"""What counts against the caps: it reached somebody, or may have."""

_RISING = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.DELIVERED,
    DeliveryState.READ,
    DeliveryState.ACKED,
)
_OVER = (DeliveryState.SUPPRESSED, DeliveryState.EXPIRED, DeliveryState.CANCELLED, DeliveryState.RECALLED)
RANK = {
    **dict.fromkeys(OPEN, 0),
    **{state: rank for rank, state in enumerate(_RISING, start=1)},
    **dict.fromkeys(_OVER, len(_RISING) + 1),
}


class Taken(StrEnum):
    """What a channel says of a message: it has it; surely not, for now or for good; or perhaps."""

    YES = "yes"
    NOT_NOW = "not_now"
    NEVER = "never"
    PERHAPS = "perhaps"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sending or of asking. `text`: in words; `status`: the number of the answer, None without one.

    Of asking, NOT_NOW says that the channel does not have the message, PERHAPS that it cannot tell.
    """

    taken: Taken
    text: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What follows: the state, and how long until the next try; None: no further one."""

    state: DeliveryState
    wait: timedelta | None = None


def later(now: DeliveryState, told: DeliveryState) -> DeliveryState:
    """The state after news from the channel, which may come twice and in any order: never one of a lower rank."""
    return told if RANK[told] > RANK[now] else now


def wait_after(tries: int, dice: float) -> timedelta | None:
    """How long after so many tries (at least 1) the next follows, 10 % more or less; None: none. `dice`: from 0 to 1."""
    if tries > len(RETRY_AFTER):
        return None
    return RETRY_AFTER[tries - 1] * (1 - JITTER + 2 * JITTER * dice)


STATES = {
    Taken.YES: DeliveryState.SENT,
    Taken.NOT_NOW: DeliveryState.RETRY,
    Taken.NEVER: DeliveryState.FAILED,
    Taken.PERHAPS: DeliveryState.UNKNOWN,
}
"""The state that an answer stands for, while tries are left."""


def step_after(outcome: Outcome, tries: int, dice: float) -> Step:
    """What follows from the answer to the try of that number."""
    state = STATES[outcome.taken]
    if state not in OPEN:
        return Step(state)
    wait = wait_after(tries, dice)
    return Step(DeliveryState.FAILED) if wait is None else Step(state, wait)


def may_send_again(asked: Outcome, is_repeatable: bool) -> bool:
    """Whether a message that the channel may have is sent again. `is_repeatable`: the receiver knows it when it comes twice."""
    return asked.taken is Taken.NOT_NOW or (asked.taken is Taken.PERHAPS and is_repeatable)
