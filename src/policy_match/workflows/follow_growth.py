"""The growth library on a day: who is in it, what was told of it, what is wrong, and which tickets are open about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from policy_match.lifecycle.tickets import Ticket, TicketState
from policy_match.lifecycle.words import Side
from policy_match.series.findings import Finding, Findings
from policy_match.series.growth import Membership, membership
from policy_match.series.lives import Lives, column, ground_of
from policy_match.series.months import number_of
from policy_match.series.rules import IndicatorRules
from policy_match.workflows.choose_district import Area
from policy_match.workflows.list_standings import list_records, reporting_unit
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_indicators import open_indicators
from policy_match.workflows.read_indicators import Cell, read_indicators
from policy_match.workflows.read_records import Record, View

OVER = (TicketState.CLOSED, TicketState.REJECTED)


@dataclass(frozen=True, slots=True)
class Followed:
    """One project that is or was in the library. `row`: its place on the ground; `cells`: its figures by code and month."""

    record: Record
    place: Membership
    row: int
    findings: tuple[Finding, ...]
    cells: Mapping[tuple[str, int], Cell]

    @property
    def last_month(self) -> int | None:
        """The number of the last month of which anything was told."""
        return max((month for _, month in self.cells), default=None)

    def open_ticket(self, cause: str) -> tuple[str, Ticket] | None:
        """The number and state of the open ticket of a cause."""
        own = ((n, one) for n, one in self.record.tickets.items() if one.about is not None)
        return next(((n, t) for n, t in own if t.about and t.about.cause == cause and t.state not in OVER), None)

    def told_on(self, finding: Finding) -> date | None:
        """The day on which the last of the figures came in that a finding rests on."""
        return max((self.cells[key].received_on for key in finding.rests_on if key in self.cells), default=None)


@dataclass(frozen=True, slots=True)
class Growth:
    """The library. `members`: those that are followed, by code; `left`: those that are out of it."""

    rules: IndicatorRules
    view: View
    members: tuple[Followed, ...]
    left: tuple[Followed, ...]
    judged: Findings

    def plan(self, one: Followed, code: str, month: int) -> int | None:
        """What was to be expected of a project from January to a month; None where it has no plan."""
        found = self.judged.ground.plans.get(code)
        place = month - self.judged.ground.block.first
        if found is None or not 0 <= place < self.judged.ground.months or not found.known[one.row, place]:
            return None
        return int(found.values[one.row, place])

    def may_close(self, one: Followed, cause: str) -> bool:
        """Whether what was found under a cause has not been found again for so many months that closing is suggested."""
        return self.judged.good_months(cause, one.row) >= self.rules.good_months


def follow_growth(session: Session, archive: Archive, library: str, view: View, area: Area | None) -> Growth:
    """Every project of a library, or of a part of it, that ever entered the growth library by the day."""
    records = [r for r in list_records(session, archive, library, view) if area is None or _lies_in(r, area)]
    return growth_of(session, archive, records, view)


def growth_of(session: Session, archive: Archive, records: Iterable[Record], view: View) -> Growth:
    """The same of some projects that were read."""
    rules = open_indicators(archive)
    places = [(r, membership(r.state, r.milestones, rules.exits, archive.table, view.as_of)) for r in records]
    found = [(record, place) for record, place in places if place is not None]
    told = read_indicators(session, [record.id for record, _ in found], rules, archive.vocabulary, view)
    block = told.block([record.id for record, _ in found])
    judged = Findings.on(ground_of(block, rules, _lives(found, rules), view.as_of), rules.detectors)
    followed = [
        Followed(record, place, row, judged.of(row) if _is_watched(record, place) else (), told.cells(record.id))
        for row, (record, place) in enumerate(found)
    ]
    inside = tuple(one for one in followed if one.place.is_in)
    return Growth(rules, view, inside, tuple(one for one in followed if not one.place.is_in), judged)


def _lies_in(record: Record, area: Area) -> bool:
    return reporting_unit(record.choice("district")) == area.district


def _is_watched(record: Record, place: Membership) -> bool:
    """A project that is paused stays in the library, and nothing is expected of it."""
    return place.is_in and record.state.side is Side.ACTIVE


def _lives(found: Sequence[tuple[Record, Membership]], rules: IndicatorRules) -> Lives:
    starts = {code: [r.state.on(plan.start) for r, _ in found] for code, plan in rules.plans.items()}
    return Lives(
        entered=np.array([number_of(place.entered_on) for _, place in found], np.int64),
        started={code: column(None if on is None else number_of(on) for on in days) for code, days in starts.items()},
        full_year={code: column(r.whole(plan.full_year) for r, _ in found) for code, plan in rules.plans.items()},
    )
