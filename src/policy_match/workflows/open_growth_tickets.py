"""Open the tickets that findings of the growth library call for: one open ticket per project and cause, never two.

Queries open none: somebody is asked, that is all. What was ended by a person is not opened again by the same figures; new
ones do. Nothing is ever closed here. Domain specification 7.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policy_match.series.findings import Finding
from policy_match.series.months import due_on
from policy_match.series.words import LEVEL_NAMES, Level
from policy_match.workflows.choose_district import Area
from policy_match.workflows.follow_growth import OVER, Followed, Growth, follow_growth
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_ticket import NewTicket, open_at
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By, at_desk


@dataclass(frozen=True, slots=True)
class OpenedTicket:
    """A ticket that was opened."""

    number: str
    project: str
    cause: str
    lead: str
    text: str


def open_growth_tickets(archive: Archive, view: View, area: Area | None, by: By) -> list[OpenedTicket]:
    """Look at the library and open what is called for; Forbidden CARE_ROLE for who may open no tickets."""
    with archive.database.reading() as session:
        growth = follow_growth(session, archive, by.library, view, area)
    return [made for one, found in wanted(growth) if (made := _open(archive, growth, one, found, by)) is not None]


def wanted(growth: Growth) -> Iterator[tuple[Followed, tuple[Finding, ...]]]:
    """The findings that call for a ticket which is not open: of each project and cause, the worst first."""
    for one in growth.members:
        for cause in dict.fromkeys(found.cause for found in one.findings):
            own = tuple(found for found in one.findings if found.cause == cause and found.level >= Level.YELLOW)
            if own and one.open_ticket(cause) is None and not _is_settled(one, own, growth.rules.due_day):
                yield one, own


def _is_settled(one: Followed, findings: tuple[Finding, ...], due_day: int) -> bool:
    """Whether a person ended a ticket of the cause since the last of these figures came in, or failed to."""
    cause = findings[0].cause
    told = [one.told_on(found) or due_on(found.month, due_day) for found in findings]
    ended = [t.ended_on for t in one.record.tickets.values() if t.about is not None and t.about.cause == cause]
    last = max((day for day in ended if day is not None), default=None)
    return last is not None and max(told) <= last


def _open(
    archive: Archive, growth: Growth, one: Followed, findings: tuple[Finding, ...], by: By
) -> OpenedTicket | None:
    """Open it, unless somebody was faster."""
    cause, worst = findings[0].cause, findings[0].level
    text = "；".join(f"{found.title}（{LEVEL_NAMES[found.level]}）：{found.text}" for found in findings)
    figures = "；".join(dict.fromkeys(figure.text() for found in findings for figure in found.figures))
    with at_desk(archive, one.record.code, by) as desk:
        held = (t for t in desk.record.tickets.values() if t.about is not None and t.about.cause == cause)
        if any(ticket.state not in OVER for ticket in held):
            return None
        asked = NewTicket(one.record.code, cause, text, severity=growth.rules.severity[worst], figures=figures)
        opened = open_at(desk, asked)
    return OpenedTicket(opened.number, one.record.code, cause, opened.lead, text)
