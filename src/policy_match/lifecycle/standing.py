"""How a project stands on a day: one row of every report.

The row is assembled outside (log and facts of the library); reports only count, add and
compare rows. A figure that is not known is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from policy_match.lifecycle.clocks import Light
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.tickets import Ticket
from policy_match.lifecycle.words import Side


@dataclass(frozen=True, slots=True)
class Money:
    """What was invested by a month's end, 分: in the month, since January, and planned for the year."""

    month_fen: int | None = None
    year_fen: int | None = None
    plan_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the works is built (实物量), in hundredths of a per cent, as told for a day."""

    built: int
    on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """One project on a day.

    `code`: 库内编号; `district`: code of the reporting unit (identifiers.DISTRICTS, or 320400 for 市本级), None if no
    fact tells it; `variant`: id of the table, None if the kind is not known; `investment_fen`: 总投资 as filed, else as
    agreed; `tier`: id of the table. `reached` holds recorded points; `observed_point` is one only seen on a public
    page, which passes no gate and is counted apart. `point`, `stage`, `lead` are ids of the table, by recorded points, or
    by the observed one where nothing is recorded. `planned`: planned days by point. `days`: in the interval, paused
    days taken out. `lacking`: what the record lacks to be complete, in words (待补).
    """

    code: str
    name: str
    firm: str | None
    district: str | None
    place: str | None
    variant: str | None
    industry: str | None
    tracks: tuple[str, ...]
    major_level: str | None
    investment_fen: int | None
    filed_fen: int | None
    agreed_fen: int | None
    tier: str | None
    usd_line: bool | None
    point: str | None
    stage: str | None
    lead: str
    side: Side
    is_active: bool
    entered_on: date | None
    reached: Mapping[str, date]
    observed_point: str | None = None
    planned: Mapping[str, date] = field(default_factory=dict)
    days: int | None = None
    money: Money = Money()
    milestones: tuple[Milestone, ...] = ()
    lights: tuple[Light, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    last_update: date | None = None
    last_visit: date | None = None
    agent: str | None = None
    lacking: tuple[str, ...] = ()
    progress: Progress | None = None

    def done(self, milestone: str) -> date | None:
        """The day a milestone was done; None if it was not or is not recorded."""
        return next((m.actual_on for m in self.milestones if m.kind == milestone and m.actual_on is not None), None)
