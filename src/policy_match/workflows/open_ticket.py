"""Open a problem ticket: what it is about, who is to solve it and who helps.

The unit that answers is the one named, else the one that the table gives for the cause; a cause that belongs
to whoever leads goes to the lead of the interval.
"""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.errors import Issue, UsageError
from policy_match.lifecycle.table import LEAD, LifecycleTable, TicketCause
from policy_match.lifecycle.tickets import About, Need, TicketEvent, TicketMove, check_ticket
from policy_match.store import tickets
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, Desk, at_desk, find_unit, said


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What is asked. `kind`: 现场办 or 会商办 by id or name, None: to be chosen later; units by id or name; `figures`: what
    proves it, for those alone who may see figures."""

    project: str
    cause: str
    text: str
    kind: str | None = None
    severity: str = ""
    lead: str | None = None
    units: tuple[str, ...] = ()
    figures: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """The number of the ticket and the unit that answers for it, by name."""

    number: str
    lead: str


def open_ticket(archive: Archive, asked: NewTicket, by: By) -> Opened:
    """Open it; UsageError for words the table does not know, NotFound UNIT_UNKNOWN, Conflict LC_SIDE, Forbidden CARE_ROLE."""
    with at_desk(archive, asked.project, by) as desk:
        return open_at(desk, asked)


def open_at(desk: Desk, asked: NewTicket, need: Need | None = None) -> Opened:
    """The same in a request that is at work; `need`: for a cause that is an element."""
    desk.require("ticket")
    return put_ticket(desk, asked, need)


def put_ticket(desk: Desk, asked: NewTicket, need: Need | None = None) -> Opened:
    """The same for whom the request itself entitles, such as a firm that answers a message about its project."""
    table, by = desk.archive.table, desk.by
    desk.require_living()
    cause = cause_of(asked.cause, table)
    text = said(asked.text, "问题或需求", "--text")
    about = About(cause.name, text, _severity(asked.severity, table), need, asked.figures)
    lead = find_unit(asked.lead, desk.archive) if asked.lead else desk.lead if cause.owner == LEAD else cause.owner
    units = tuple(find_unit(unit, desk.archive) for unit in asked.units)
    number = tickets.next_number(desk.session, by.library, by.today.year)
    event = TicketEvent(
        "",
        number,
        TicketMove.OPEN,
        by.now,
        desk.who.id,
        kind_of(asked.kind, table),
        about=about,
        lead=lead,
        units=units,
    )
    issues = check_ticket(event, None, table, desk.archive.calendar)
    if issues:
        raise UsageError(*issues)
    detail = {"ticket": number, "cause": cause.name, "lead": lead}
    desk.write(event, "ticket.open", on=by.today, detail=detail, key=tickets.opening_key(by.library, number))
    return Opened(number, table.unit_name(lead))


def cause_of(written: str, table: LifecycleTable) -> TicketCause:
    """A cause by its name; UsageError TICKET_CAUSE with those there are."""
    found = table.tickets.causes.get(written.strip())
    if found is None:
        causes = "、".join(table.tickets.causes)
        raise UsageError(Issue("TICKET_CAUSE", f"没有问题类别“{written[:20]}”", "--cause", causes, "改用其中一类"))
    return found


def kind_of(written: str | None, table: LifecycleTable) -> str | None:
    """A kind of ticket by id or name; what is neither stays as written, for the check to refuse."""
    if written is None:
        return None
    return next((kind.id for kind in table.tickets.kinds.values() if written.strip() in (kind.id, kind.name)), written)


def _severity(written: str, table: LifecycleTable) -> str:
    words = table.tickets.severities
    if written and written not in words:
        what = f"没有“{written[:20]}”这个紧急程度"
        raise UsageError(Issue("TICKET_SEVERITY", what, "--severity", "、".join(words), "改用其中一个"))
    return written or words[0]
