"""What the calendar does to cases, once a day (`msjx tick`): notices end, reminders fall due, windows close, measures are stopped.

Running it again on the same day changes nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from policy_match.entitlement.states import BEFORE_PAYING, STATE_NAMES, Action, State
from policy_match.lifecycle.events import Event, replay
from policy_match.lifecycle.words import LIVING
from policy_match.store import cases, log
from policy_match.store.case_tables import Case
from policy_match.store.tables import Actor
from policy_match.workflows.at_case import HANDLES, CaseDesk
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.publish_notice import end_notice
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By, at_library_desk


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that the day did to a case."""

    number: str
    what: str


def move_cases(archive: Archive, by: By) -> tuple[Moved, ...]:
    """Do what is due today to every open case of the library, in the order of their numbers."""
    with at_library_desk(archive, HANDLES, by) as (session, who):
        return tuple(_each(session, archive, who, by))


def _each(session: Session, archive: Archive, who: Actor, by: By) -> Iterator[Moved]:
    for case in cases.every(session, by.library, states=[*BEFORE_PAYING, State.ON_HOLD]):
        desk = _desk(session, archive, who, by, case)
        why = _withdrawn(desk)
        if why:
            desk.move(Action.CANCEL, {"why": why}, reason=why)
            yield Moved(case.number, f"撤销：{why}")
        elif desk.state is State.NOTICE and _is_over(case.notice_last, by.today):
            end_notice(desk)
            yield Moved(case.number, f"公示期满，{STATE_NAMES[desk.state]}")
        elif desk.state is State.CONSENT:
            yield from _asked(desk)


def _desk(session: Session, archive: Archive, who: Actor, by: By, case: Case) -> CaseDesk:
    deciding = deciding_rulebook(session, archive.shelf, by.library, View.of(case.as_of, None, by.now))
    return CaseDesk(session, archive, by, who, case, deciding, deciding.rulebook.at(case.measure, case.as_of))


def _asked(desk: CaseDesk) -> Iterator[Moved]:
    """A firm that has been asked: its window closes, or it is reminded, once for each reminder."""
    case, today = desk.case, desk.by.today
    if _is_over(case.consent_last, today):
        desk.move(Action.EXPIRE, {"last": str(case.consent_last)})
        yield Moved(case.number, "逾期未确认")
        return
    steps = cases.steps_of(desk.session, case)
    asked = max(place for place, step in enumerate(steps) if "reminders" in cases.body_of(step))
    reminders = cases.body_of(steps[asked])["reminders"]
    done = {cases.body_of(step).get("reminder") for step in steps[asked:]}
    for day in reminders if isinstance(reminders, list) else []:
        if str(day) <= today.isoformat() and day not in done:
            desk.move(Action.NOTE, {"reminder": day})
            yield Moved(case.number, f"提醒企业确认（{day}）")


def _withdrawn(desk: CaseDesk) -> str:
    """Why the case cannot go on whatever its facts: the measure was stopped, or its project has ended; empty otherwise."""
    if desk.rule.stop is not None:
        return f"措施停用：{desk.rule.stop.reason}"
    project = desk.project()
    if project is None:
        return ""
    events = log.entries(desk.session, Event, [project])[project.id]
    side = replay(events, desk.archive.table, desk.by.today, desk.by.now).side if events else None
    return "" if side is None or side in LIVING else f"项目{desk.archive.table.side_names[side]}"


def _is_over(last: date | None, today: date) -> bool:
    return last is not None and today > last
