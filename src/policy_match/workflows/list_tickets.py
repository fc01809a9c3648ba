"""List tickets with their clocks: the overdue ones first, then by the day they fall due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from policy_match.lifecycle.tickets import STATE_NAMES, Ticket, TicketEvent, TicketState, replay_ticket
from policy_match.store import log, subjects
from policy_match.workflows.add_need import amount_text
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows, print_rows
from policy_match.workflows.read_records import View, find_project

OVER = (TicketState.CLOSED, TicketState.REJECTED)
_HEADER = {
    "id": "编号", "project": "项目", "cause": "类别", "severity": "程度", "kind": "办理方式", "state": "状态", "lead": "主办",
    "units": "协办", "opened_on": "登记", "due_on": "期限", "overdue": "超期", "level": "层级", "need": "需求", "text": "内容", "figures": "数字",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """One ticket on a day: its number, project and state of things."""

    number: str
    project: str
    ticket: Ticket


def list_tickets(
    archive: Archive, library: str, view: View, *, project: str | None = None, every: bool = False
) -> list[Listed]:
    """The tickets of a library or of one project on a day, by what was known at the instant; `every`: those that are over too."""
    with archive.database.reading() as session:
        rows = subjects.every(session, library, "project")
        rows = rows if project is None else [find_project(session, library, project)]
        told = log.entries(session, TicketEvent, rows, known_at=view.known_at)
        found = [one for row in rows for one in _tickets(row.code, told[row.id], archive, view.as_of)]
    wanted = [one for one in found if every or one.ticket.state not in OVER]
    return sorted(wanted, key=lambda one: (not one.ticket.is_overdue, one.ticket.due_on or date.max, one.number))


def _tickets(code: str, events: list[TicketEvent], archive: Archive, as_of: date) -> Iterator[Listed]:
    for number in dict.fromkeys(event.ticket for event in events):
        own = [event for event in events if event.ticket == number]
        ticket = replay_ticket(own, archive.table, as_of, archive.calendar)
        if ticket is not None:
            yield Listed(number, code, ticket)


def print_tickets(archive: Archive, library: str, view: View, *, project: str | None, every: bool, form: str) -> None:
    """The list in a form."""
    found = list_tickets(archive, library, view, project=project, every=every)
    print_rows(Rows("问题单", _HEADER, tuple(_row(one, archive) for one in found)), form=form)


def _row(one: Listed, archive: Archive) -> Row:
    table, ticket, about = archive.table, one.ticket, one.ticket.about
    need = None if about is None else about.need
    element = None if about is None else table.tickets.causes.get(about.cause)
    amount = None if need is None or need.amount is None or element is None else amount_text(need.amount, element)
    return {
        "id": one.number,
        "project": one.project,
        "cause": None if about is None else about.cause,
        "severity": None if about is None else about.severity,
        "kind": "未分办" if ticket.kind is None else table.tickets.kinds[ticket.kind].name,
        "state": STATE_NAMES[ticket.state],
        "lead": table.unit_name(ticket.lead) or None,
        "units": [table.unit_name(unit) for unit in ticket.units],
        "opened_on": ticket.opened_on.isoformat(),
        "due_on": None if ticket.due_on is None else ticket.due_on.isoformat(),
        "overdue": ticket.is_overdue,
        "level": table.tickets.levels[ticket.level],
        "age_days": ticket.age_days,
        "need": amount,
        "need_by": None if need is None or need.by is None else need.by.isoformat(),
        "closed_unconfirmed": ticket.closed_unconfirmed,
        "text": None if about is None else about.text,
        "figures": None if about is None else about.figures or None,
    }
