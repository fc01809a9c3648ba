"""What a register, a department or a page said of one fact of one subject, and what it may be used for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from policy_match.dates import local_day
from policy_match.facts.cells import Value


class Purpose(StrEnum):
    """What a reader wants a fact for; a register may forbid some of them."""

    STATISTICS = "statistics"
    SERVICE = "service"
    REVIEW = "review"
    PAYOUT = "payout"
    EVALUATION = "evaluation"


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one fact as one source gave it.

    `observed_on`: the day it was true by the source, local; None: the source does not say. `valid_from`,
    `valid_through`: the days for which it holds, both included; None: without that end. `received_at`: the
    instant it was recorded here, UTC. `confidence`: percent. `authorised_by`: the consent or agreement that
    allows its use, where one is needed. `record`: the source's own number of the record.
    """

    fact: str
    value: Value
    source: str
    observed_on: date | None
    received_at: datetime
    valid_from: date | None = None
    valid_through: date | None = None
    confidence: int = 100
    authorised_by: str | None = None
    record: str | None = None


def received(observation: Observation, at: datetime) -> Observation:
    """The observation as recorded at another instant, e.g. when a person let it in; it keeps the day that it speaks of."""
    day = observation.observed_on or local_day(observation.received_at)
    return replace(observation, observed_on=day, received_at=at)
