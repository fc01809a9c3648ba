"""Problem tickets: events in, state, clock and level out.

A ticket is solved on the spot by one unit or by consultation of several; turned from one to the other it keeps
its age. Days on which the firm is waited for do not count. Past its due day a ticket climbs one level, then one
more each time the table says, and never falls back. A consultation ends with minutes that name the units and
dated actions. Closed without a confirmation it is counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from policy_match.dates import local_day
from policy_match.errors import Issue
from policy_match.lifecycle.table import LifecycleTable, TicketKind
from policy_match.working_days import WorkingDays


class TicketState(StrEnum):
    """How far a ticket is."""

    NEW = "NEW"
    TRIAGED = "TRIAGED"
    IN_PROGRESS = "IN_PROGRESS"
    WAITING = "WAITING_ENTERPRISE"
    RESOLVED = "RESOLVED"
    CONFIRMED = "CONFIRMED"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"


class TicketMove(StrEnum):
    """What is done with a ticket. TRIAGE chooses the kind, also later; CONFIRM is by the firm or the agent."""

    OPEN = "OPEN"
    TRIAGE = "TRIAGE"
    START = "START"
    WAIT = "WAIT"
    GO_ON = "GO_ON"
    ESCALATE = "ESCALATE"
    RESOLVE = "RESOLVE"
    CONFIRM = "CONFIRM"
    CLOSE = "CLOSE"
    REOPEN = "REOPEN"
    REJECT = "REJECT"


_S, _M = TicketState, TicketMove
_RUNNING = (_S.NEW, _S.TRIAGED, _S.IN_PROGRESS)
_OPEN = (*_RUNNING, _S.WAITING)
# From which states a move starts, and where it leads; None: the state stays.
_MOVES: dict[TicketMove, tuple[tuple[TicketState, ...], TicketState | None]] = {
    _M.TRIAGE: ((_S.TRIAGED, _S.IN_PROGRESS, _S.WAITING), None),
    _M.START: ((_S.TRIAGED,), _S.IN_PROGRESS),
    _M.WAIT: ((_S.TRIAGED, _S.IN_PROGRESS), _S.WAITING),
    _M.GO_ON: ((_S.WAITING,), _S.IN_PROGRESS),
    _M.ESCALATE: (_OPEN, None),
    _M.RESOLVE: ((_S.TRIAGED, _S.IN_PROGRESS), _S.RESOLVED),
    _M.CONFIRM: ((_S.RESOLVED,), _S.CONFIRMED),
    _M.CLOSE: ((_S.RESOLVED, _S.CONFIRMED), _S.CLOSED),
    _M.REOPEN: ((_S.RESOLVED, _S.CONFIRMED, _S.CLOSED), _S.IN_PROGRESS),
    _M.REJECT: ((_S.NEW, _S.TRIAGED), _S.REJECTED),
}
STATE_NAMES = {
    _S.NEW: "新建", _S.TRIAGED: "已分办", _S.IN_PROGRESS: "办理中", _S.WAITING: "待企业", _S.RESOLVED: "已解决",
    _S.CONFIRMED: "已确认", _S.CLOSED: "已办结", _S.REJECTED: "不属问题",
}  # fmt: skip
MOVE_NAMES = {
    _M.OPEN: "登记", _M.TRIAGE: "分办", _M.START: "开始办理", _M.WAIT: "转待企业", _M.GO_ON: "继续办理", _M.ESCALATE: "上报",
    _M.RESOLVE: "解决", _M.CONFIRM: "确认", _M.CLOSE: "办结", _M.REOPEN: "重办", _M.REJECT: "退回",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Action:
    """What a unit has to do by a day."""

    unit: str
    what: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes of a consultation."""

    id: str
    units: tuple[str, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """What a project needs of an element (the cause of its ticket): how much, in the unit of the table, and by when.

    Money is 分, land ㎡. None: not said.
    """

    amount: Fraction | None = None
    by: date | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What a ticket is about, said when it is opened. `cause`, `severity`: words of the table; `figures`: what proves it,
    shown to those alone who may see figures of a firm."""

    cause: str
    text: str
    severity: str = ""
    need: Need | None = None
    figures: str = ""


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One entry of a ticket's log. `kind`: with OPEN and TRIAGE; `note`: reason or remark; `level`, `about`: with OPEN.

    `lead` and `units`: who is to solve it and who helps, ids of roles or names of other units; with OPEN and TRIAGE,
    where empty they stay as they were.
    """

    id: str
    ticket: str
    move: TicketMove
    at: datetime
    actor: str
    kind: str | None = None
    note: str = ""
    minutes: Minutes | None = None
    evidence: tuple[str, ...] = ()
    level: int = 0
    about: About | None = None
    lead: str = ""
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Days on which the firm is waited for, the last one not included."""

    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket on a day. `due_on` None while the kind is open, the firm is waited for, or nothing runs any more.

    `clock_from`: the day the term counts from (the opening, or the last reopening); `level`: place in the table's levels.
    """

    state: TicketState
    kind: str | None
    opened_on: date
    clock_from: date
    due_on: date | None
    level: int
    age_days: int
    is_overdue: bool
    waits: tuple[Wait, ...] = ()
    resolved_on: date | None = None
    ended_on: date | None = None
    closed_unconfirmed: bool = False
    evidence: tuple[str, ...] = ()
    about: About | None = None
    lead: str = ""
    units: tuple[str, ...] = ()


def replay_ticket(
    events: Iterable[TicketEvent], table: LifecycleTable, as_of: date, calendar: WorkingDays
) -> Ticket | None:
    """The ticket on a day, from its events in any order; None before it was opened. Moves that do not fit change nothing."""
    ticket: Ticket | None = None
    last = date.min
    for event in sorted(events, key=lambda e: (e.at, e.id)):
        day = local_day(event.at)
        if day > as_of:
            break
        if ticket is None and event.move is _M.OPEN:
            ticket, last = _opened(event, day), day
        elif ticket is not None and _fits(event, ticket):
            ticket, last = _moved(_climbed(ticket, last, day, table, calendar), event, day, table), day
    if ticket is None:
        return None
    ticket = _climbed(ticket, last, as_of, table, calendar)
    due = _due(ticket, table, calendar)
    end = ticket.ended_on or as_of
    return replace(
        ticket, due_on=due, age_days=(end - ticket.opened_on).days, is_overdue=due is not None and as_of > due
    )


def check_ticket(
    event: TicketEvent, ticket: Ticket | None, table: LifecycleTable, calendar: WorkingDays
) -> tuple[Issue, ...]:
    """What is wrong with a move that would follow: TICKET_STATE, or what it lacks; nothing: it may be recorded."""
    if event.move is _M.OPEN:
        if ticket is not None:
            return (_refused("TICKET_STATE", event, "问题单已登记"),)
        return () if event.kind is None else _kind(event, table)
    if ticket is None or not _fits(event, ticket):
        now = "未登记" if ticket is None else STATE_NAMES[ticket.state]
        return (_refused("TICKET_STATE", event, f"问题单“{now}”，不能“{MOVE_NAMES[event.move]}”"),)
    if event.move is _M.TRIAGE:
        return _kind(event, table)
    if event.move is _M.REJECT and not event.note.strip():
        return (_refused("TICKET_REASON", event, "请填写退回原因"),)
    if event.move is _M.RESOLVE:
        return _minutes(event, table.tickets.kinds.get(ticket.kind or ""))
    if event.move is _M.CLOSE:
        return _closing(event, ticket, table, calendar)
    if event.move is _M.REOPEN:
        last = table.tickets.reopen_within.after(ticket.ended_on or ticket.opened_on, calendar)
        if ticket.ended_on is not None and local_day(event.at) > last:
            return (
                _refused("TICKET_REOPEN", event, "已过可重办的期限", f"{last} 以前", "新登记一张问题单，并注明原单"),
            )
    return ()


def _kind(event: TicketEvent, table: LifecycleTable) -> tuple[Issue, ...]:
    if event.kind in table.tickets.kinds:
        return ()
    kinds = "、".join(f"{kind.id} {kind.name}" for kind in table.tickets.kinds.values())
    return (_refused("TICKET_KIND", event, "请选择办理方式", kinds),)


def _refused(code: str, event: TicketEvent, what: str, allowed: str = "", hint: str = "") -> Issue:
    return Issue(code, what, event.ticket, allowed, hint)


def _minutes(event: TicketEvent, kind: TicketKind | None) -> tuple[Issue, ...]:
    if kind is None or not kind.units:
        return ()
    minutes = event.minutes
    enough = minutes is not None and len(set(minutes.units)) >= kind.units and minutes.actions
    if enough and minutes is not None and all(action.due_on is not None for action in minutes.actions):
        return ()
    what = f"{kind.name}须有会议纪要，写明{kind.units}家以上单位和各事项的完成日期"
    return (_refused("TICKET_MINUTES", event, what, "", "补上纪要再提交"),)


def _closing(event: TicketEvent, ticket: Ticket, table: LifecycleTable, calendar: WorkingDays) -> tuple[Issue, ...]:
    found = []
    if not (event.evidence or ticket.evidence):
        found.append(_refused("TICKET_EVIDENCE", event, "办结须有佐证", "照片、回执或会议纪要"))
    if ticket.state is _S.RESOLVED and ticket.resolved_on is not None:
        last = table.tickets.unconfirmed_after.after(ticket.resolved_on, calendar)
        if local_day(event.at) <= last:
            found.append(_refused("TICKET_UNCONFIRMED", event, "企业或帮办人员尚未确认", f"确认后，或 {last} 之后"))
        elif not event.note.strip():
            found.append(_refused("TICKET_REASON", event, "未经确认办结须写说明"))
    return tuple(found)


def _fits(event: TicketEvent, ticket: Ticket) -> bool:
    if event.move is _M.OPEN:
        return False
    return ticket.state in _MOVES[event.move][0] or (event.move is _M.TRIAGE and ticket.state is _S.NEW)


def _opened(event: TicketEvent, day: date) -> Ticket:
    state = _S.NEW if event.kind is None else _S.TRIAGED
    return Ticket(
        state=state,
        kind=event.kind,
        opened_on=day,
        clock_from=day,
        due_on=None,
        level=event.level,
        age_days=0,
        is_overdue=False,
        evidence=event.evidence,
        about=event.about,
        lead=event.lead,
        units=event.units,
    )


def _moved(ticket: Ticket, event: TicketEvent, day: date, table: LifecycleTable) -> Ticket:
    """The ticket after a move that fits."""
    shown = (*event.evidence, *((event.minutes.id,) if event.minutes else ()))
    state = _S.TRIAGED if ticket.state is _S.NEW and event.move is _M.TRIAGE else _MOVES[event.move][1] or ticket.state
    moved = replace(ticket, state=state, evidence=(*ticket.evidence, *shown))
    match event.move:
        case _M.TRIAGE:
            return replace(moved, kind=event.kind, lead=event.lead or ticket.lead, units=event.units or ticket.units)
        case _M.WAIT:
            return replace(moved, waits=(*ticket.waits, Wait(day, None)))
        case _M.GO_ON:
            return replace(moved, waits=(*ticket.waits[:-1], replace(ticket.waits[-1], until=day)))
        case _M.ESCALATE:
            return replace(moved, level=_capped(ticket.level + 1, table))
        case _M.RESOLVE:
            return replace(moved, resolved_on=day)
        case _M.CLOSE:
            return replace(moved, ended_on=day, closed_unconfirmed=ticket.state is _S.RESOLVED)
        case _M.REJECT:
            return replace(moved, ended_on=day)
        case _M.REOPEN:
            return replace(moved, clock_from=day, waits=(), resolved_on=None, ended_on=None, closed_unconfirmed=False)
        case _:
            return moved


def _capped(level: int, table: LifecycleTable) -> int:
    return min(level, len(table.tickets.levels) - 1)


def _due(ticket: Ticket, table: LifecycleTable, calendar: WorkingDays) -> date | None:
    """The last day of the term, days of waiting left out."""
    if ticket.kind is None or ticket.state not in _RUNNING:
        return None
    term = table.tickets.kinds[ticket.kind].due
    waited = {
        wait.since + timedelta(days=place)
        for wait in ticket.waits
        if wait.until is not None
        for place in range((wait.until - wait.since).days)
    }
    day, left = ticket.clock_from, term.working
    while left:
        day = calendar.next_working_day(day)
        left -= day not in waited
    return day


def _climbed(ticket: Ticket, after: date, until: date, table: LifecycleTable, calendar: WorkingDays) -> Ticket:
    """The level with the steps that fall due after a day and up to another, at most to the highest."""
    due, rules = _due(ticket, table, calendar), table.tickets
    if due is None:
        return ticket
    step, level = rules.first.after(due, calendar), ticket.level
    while step <= until and level < len(rules.levels) - 1:
        level += step > after
        step = rules.again.after(step, calendar)
    return replace(ticket, level=level)
