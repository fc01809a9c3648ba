"""Move a ticket on: triage, start, wait, go on, escalate, resolve, confirm, close, reopen, reject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.errors import Conflict, Issue, NotFound, UsageError
from policy_match.lifecycle.tickets import (
    MOVE_NAMES,
    STATE_NAMES,
    Action,
    Minutes,
    Ticket,
    TicketEvent,
    TicketMove,
    check_ticket,
    replay_ticket,
)
from policy_match.store import log, tickets
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_ticket import kind_of
from policy_match.workflows.write_entry import By, Desk, at_desk, find_unit

_CONFLICTS = frozenset({"TICKET_STATE", "TICKET_REOPEN", "TICKET_UNCONFIRMED"})


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the minutes say that a unit does by a day, as written; the day may be missing and is then refused."""

    unit: str
    what: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Move:
    """What is asked. `units`: of the minutes with `minutes`, else those that help; `kind`, `lead`: with TRIAGE."""

    ticket: str
    move: TicketMove
    kind: str | None = None
    note: str = ""
    lead: str | None = None
    units: tuple[str, ...] = ()
    minutes: str | None = None
    actions: tuple[Agreed, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """The ticket after the move, and its state in words."""

    ticket: Ticket
    state: str


def read_move(written: str) -> TicketMove:
    """A move by its word in English or Chinese; UsageError TICKET_MOVE with those there are, OPEN left out."""
    moves = {move: name for move, name in MOVE_NAMES.items() if move is not TicketMove.OPEN}
    text = written.strip().upper().replace("-", "_")
    found = next((move for move, name in moves.items() if text in (move.value, name)), None)
    if found is None:
        allowed = "、".join(f"{move.value.lower()} {name}" for move, name in moves.items())
        raise UsageError(Issue("TICKET_MOVE", f"没有“{written[:20]}”这一步", "步骤", allowed, "改用其中一个"))
    return found


def move_ticket(archive: Archive, asked: Move, by: By) -> Moved:
    """Record the move; NotFound TICKET_UNKNOWN, Conflict TICKET_STATE, UsageError TICKET_MINUTES and the like, Forbidden CARE_ROLE."""
    with at_desk(archive, _project(archive, by.library, asked.ticket), by) as desk:
        ticket = desk.record.tickets[asked.ticket]
        _require(desk, asked.move, ticket)
        event = _event(desk, asked)
        issues = check_ticket(event, ticket, archive.table, archive.calendar)
        if issues:
            codes = {issue.code for issue in issues}
            raise Conflict(*issues) if codes & _CONFLICTS else UsageError(*issues)
        action = f"ticket.{asked.move.value.lower()}"
        detail = {"ticket": asked.ticket, "kind": event.kind, "minutes": asked.minutes}
        desk.write(event, action, on=by.today, detail=detail, reason=asked.note)
        own = [
            e
            for e in log.entries(desk.session, TicketEvent, [desk.project])[desk.project.id]
            if e.ticket == asked.ticket
        ]
        after = replay_ticket(own, archive.table, by.today, archive.calendar) or ticket
        return Moved(after, STATE_NAMES[after.state])


def _project(archive: Archive, library: str, number: str) -> str:
    with archive.database.reading() as session:
        found = tickets.project_of(session, library, number)
        if found is None:
            what = f"没有问题单“{number[:20]}”"
            raise NotFound(Issue("TICKET_UNKNOWN", what, "", "如 T-2025-00001", "用 ticket list 查看"))
        return found.code


def _require(desk: Desk, move: TicketMove, ticket: Ticket) -> None:
    """Confirming is for the firm or the agent, reopening for whoever may open, the rest for those who handle it."""
    if move is TicketMove.CONFIRM:
        desk.require("confirm")
    elif move is TicketMove.REOPEN:
        desk.require("ticket")
    else:
        desk.require("handle", also=(ticket.lead, *ticket.units))


def _event(desk: Desk, asked: Move) -> TicketEvent:
    archive = desk.archive
    units = tuple(find_unit(unit, archive) for unit in asked.units)
    actions = tuple(Action(find_unit(one.unit, archive), one.what, one.due_on) for one in asked.actions)
    return TicketEvent(
        "",
        asked.ticket,
        asked.move,
        desk.by.now,
        desk.who.id,
        kind=kind_of(asked.kind, archive.table),
        note=asked.note.strip(),
        minutes=None if asked.minutes is None else Minutes(asked.minutes, units, actions),
        evidence=asked.evidence,
        lead=find_unit(asked.lead, archive) if asked.lead else "",
        units=units if asked.minutes is None else (),
    )
