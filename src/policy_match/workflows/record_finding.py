"""Record what was found at one conclusion of a look-back: the visit, the evidence seen, and whether the record is right.

A finding against the record opens a ticket and asks for a correction; the record itself stays as it is until a second
person confirms (confirm_finding.py). A finding that turned out wrong is followed by another one: the last one holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from policy_match.dispatch.look_back import LookBackRules, Proposal, Result
from policy_match.errors import Conflict, Issue, UsageError
from policy_match.lifecycle.events import Event, Evidence
from policy_match.lifecycle.visits import Visit
from policy_match.lifecycle.words import LIVING
from policy_match.store import audit, look_backs
from policy_match.store.look_back_tables import LookBack, LookBackFinding
from policy_match.workflows.draw_look_back import look_back_rules
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_ticket import NewTicket, put_ticket
from policy_match.workflows.read_look_back import drawn_of, look_back_row
from policy_match.workflows.write_entry import By, Desk, at_desk, not_in_future, said


@dataclass(frozen=True, slots=True)
class NewFinding:
    """What is told. `look_back` None: the newest one; `point`, `result`: id or name; `true_on`: the day that was found,
    with a wrong date alone; `evidence`: what was seen on the visit."""

    project: str
    point: str
    result: str
    visited_on: date
    true_on: date | None = None
    note: str = ""
    evidence: tuple[Evidence, ...] = ()
    look_back: int | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """What was recorded: the look-back, the result by name, the ticket that was opened, the correction that is asked for."""

    look_back: int
    result: str
    ticket: str | None
    proposal: Proposal | None


def record_finding(archive: Archive, asked: NewFinding, by: By) -> Noted:
    """Record it; UsageError LOOK_BACK_RESULT, LOOK_BACK_DAY, NotFound LOOK_BACK_UNKNOWN, LOOK_BACK_DRAWN, Conflict LC_STALE
    for a record withdrawn since, Forbidden CARE_ROLE."""
    rules = look_back_rules(archive)
    result = _result(asked.result, rules)
    not_in_future(asked.visited_on, by.today, "--visited-on")
    with at_desk(archive, asked.project, by) as desk:
        desk.require("look_back_finding")
        row = look_back_row(desk.session, by.library, asked.look_back)
        event = _event(desk, drawn_of(row, desk.project.code, asked.point, archive.table))
        _check_days(asked, result, event, row, by)
        ticket = _ticket(desk, row, event, asked, result) if result.differs else None
        _visit(desk, asked)
        _keep(desk, row, event, asked, result, ticket)
        return Noted(row.id, result.name, ticket, result.proposes)


def _result(written: str, rules: LookBackRules) -> Result:
    found = rules.result(written)
    if found is None:
        allowed = "、".join(one.name for one in rules.results)
        raise UsageError(Issue("LOOK_BACK_RESULT", f"没有核查结果“{written[:20]}”", "--result", allowed, "选其中一个"))
    return found


def _event(desk: Desk, one: Mapping[str, str]) -> Event:
    found = desk.record.state.event(one["event"])
    if found is None:
        what = "这条记录已被撤销，不再核查"
        raise Conflict(Issue("LC_STALE", what, desk.project.code, "当前有效的记录", "刷新后再看"))
    return found


def _check_days(asked: NewFinding, result: Result, event: Event, row: LookBack, by: By) -> None:
    wants = result.proposes is Proposal.CORRECT
    if asked.visited_on < row.as_of:
        what = f"走访日期 {asked.visited_on} 早于抽样那天"
        raise UsageError(Issue("LOOK_BACK_DAY", what, "--visited-on", f"{row.as_of} 至 {by.today}", "填核查时的走访"))
    if wants != (asked.true_on is not None):
        what = f"“{result.name}”{'要写查实的日期' if wants else '不写查实的日期'}"
        raise UsageError(Issue("LOOK_BACK_DAY", what, "--true-on", "日期不符才写", "补上或去掉"))
    if asked.true_on is not None:
        not_in_future(asked.true_on, by.today, "--true-on")
        if asked.true_on == event.effective_on:
            what = f"查实的日期与记录的相同（{event.effective_on}）"
            raise UsageError(Issue("LOOK_BACK_DAY", what, "--true-on", "与记录不同的日期", "相同的，结果选属实"))


def _ticket(desk: Desk, row: LookBack, event: Event, asked: NewFinding, result: Result) -> str | None:
    """The ticket of the conclusion: the one that an earlier finding opened, else a new one; None for a project that is
    out of the library, of which none is opened."""
    note = said(asked.note, "查到的情况", "--note")
    before = look_backs.findings(desk.session, row.id).get(event.id)
    if before is not None and before.ticket is not None:
        return before.ticket
    if desk.record.state.side not in LIVING:
        return None
    point = desk.archive.table.name(event.point or "")
    day = "" if asked.true_on is None else f"，查实为 {asked.true_on}"
    text = f"回头看第 {row.id} 号：{point} {event.effective_on} {result.name}{day}。{note}"
    cause = look_back_rules(desk.archive).cause
    return put_ticket(desk, NewTicket(desk.project.code, cause, text)).number


def _visit(desk: Desk, asked: NewFinding) -> None:
    """The visit as one of the project, unless one of that day is there already."""
    is_known = any(visit.on == asked.visited_on for visit in desk.record.visits)
    if desk.record.state.side in LIVING and not is_known:
        visit = Visit(desk.project.code, asked.visited_on, desk.by.now, (desk.who.name,), asked.note.strip())
        desk.write(visit, "visit.add", on=asked.visited_on, detail={"visitors": [desk.who.name], "late": False})


def _keep(desk: Desk, row: LookBack, event: Event, asked: NewFinding, result: Result, ticket: str | None) -> None:
    finding = LookBackFinding(
        look_back_id=row.id, subject_id=desk.project.id, event=event.id, result=result.id, true_on=asked.true_on,
        visited_on=asked.visited_on, note=asked.note.strip(),
        evidence=[{"kind": piece.kind, "id": piece.id} for piece in asked.evidence],
        proposal=result.proposes, ticket=ticket, at=desk.by.now, actor_id=desk.who.id,
    )  # fmt: skip
    look_backs.add(desk.session, finding)
    audit.record(
        desk.session, desk.who, "look_back.find", object_kind="project", object_id=desk.project.code, at=desk.by.now,
        library=desk.by.library, reason=finding.note or None,
        detail={"look_back": row.id, "event": event.id, "result": result.id, "ticket": ticket,
                "true_on": None if asked.true_on is None else asked.true_on.isoformat()},
    )  # fmt: skip
