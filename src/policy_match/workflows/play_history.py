"""Play the scripted history of the demonstration library through the same workflows that people use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import TypeAlias

from policy_match.dates import local_day
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.demo_history import History, Step
from policy_match.lifecycle.events import Evidence
from policy_match.lifecycle.words import EventKind
from policy_match.workflows.add_update import add_update
from policy_match.workflows.add_visit import NewVisit, add_visit
from policy_match.workflows.advance_project import Advance, advance_project
from policy_match.workflows.close_month import close_month
from policy_match.workflows.correct_event import Correction, correct_event
from policy_match.workflows.draw_look_back import draw_look_back
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match.workflows.evaluate_year import Asked, freeze_year
from policy_match.workflows.move_aside import Aside, move_aside
from policy_match.workflows.name_agent import Agent, name_agent
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_item import NewItem, open_item
from policy_match.workflows.open_ticket import NewTicket, open_ticket
from policy_match.workflows.override_input import NewFigure, confirm_figure, propose_figure
from policy_match.workflows.play_cases import play_case_step, verify_texts
from policy_match.workflows.play_figures import open_called_for, tell_figures
from policy_match.workflows.record_finding import NewFinding, record_finding
from policy_match.workflows.set_milestone import Step as Milestone
from policy_match.workflows.set_milestone import set_milestone
from policy_match.workflows.step_evaluation import send_check
from policy_match.workflows.stop_rule import NewLift, NewStop, lift_rule, stop_rule
from policy_match.workflows.write_entry import By

_LOCAL = timezone(timedelta(hours=8))
_Doing: TypeAlias = Callable[[Archive, str, Step, datetime], None]


def play_history(
    archive: Archive, rulebook: Rulebook, corpus: Path, library: str, history: History, today: datetime
) -> None:
    """Do every step in its turn, each at ten in the morning of its day; a step that is refused stops the play with its error."""
    do: dict[str, _Doing] = {
        **_DO,
        "stop_rule": partial(_stop, rulebook),
        "lift_rule": partial(_lift, rulebook),
        "verify_texts": partial(_verify_texts, corpus),
        "indicators": partial(_indicators, corpus),
    }
    for step in history.single_steps:
        do[step.do](archive, library, step, at_ten(today, step.day))


def at_ten(today: datetime, day: int) -> datetime:
    """Ten in the morning, Asia/Shanghai, so many days from today; UTC."""
    return datetime.combine(local_day(today) + timedelta(days=day), time(10), _LOCAL).astimezone(UTC)


def _day(step: Step, offset: int, now: datetime) -> date:
    return local_day(now) + timedelta(days=offset - step.day)


def _on(step: Step, now: datetime) -> date:
    return _day(step, step.day if step.on is None else step.on, now)


def _evidence(step: Step) -> tuple[Evidence, ...]:
    pairs = (piece.partition("=") for piece in step.evidence)
    return tuple(Evidence(kind, number) for kind, _, number in pairs)


def _agent(archive: Archive, library: str, step: Step, now: datetime) -> None:
    asked = Agent(step.project or "", step.name or "", step.unit or "", _on(step, now))
    name_agent(archive, asked, By(library, step.by, now))


def _tell(archive: Archive, library: str, step: Step, now: datetime) -> None:
    told = Told(step.facts, project_code=step.project_code, source=step.source, record=step.record)
    tell_facts(archive, library, step.project or "", told, step.by, now)


def _advance(archive: Archive, library: str, step: Step, now: datetime) -> None:
    asked = Advance(step.project or "", (step.point or "",), (_on(step, now),), _evidence(step))
    advance_project(archive, library, asked, by=step.by, now=now, second=step.second)


def _aside(archive: Archive, library: str, step: Step, now: datetime) -> None:
    kind = EventKind.PAUSE if step.do == "pause" else EventKind.RESUME
    until = None if step.expected is None else _day(step, step.expected, now)
    asked = Aside(step.project or "", kind, _on(step, now), _evidence(step), step.cause, step.reason, until)
    move_aside(archive, library, asked, by=step.by, now=now)


def _correct(archive: Archive, library: str, step: Step, now: datetime) -> None:
    asked = Correction(step.project or "", step.what or "", _on(step, now), step.reason, _evidence(step))
    correct_event(archive, library, asked, by=step.by, second=step.second or "", now=now)


def _close(archive: Archive, library: str, step: Step, now: datetime) -> None:
    last = local_day(now).replace(day=1) - timedelta(days=1)
    close_month(archive, library, f"{last:%Y-%m}", by=step.by, now=now)


def _update(archive: Archive, library: str, step: Step, now: datetime) -> None:
    add_update(archive, step.project or "", step.text or "", _on(step, now), By(library, step.by, now))


def _visit(archive: Archive, library: str, step: Step, now: datetime) -> None:
    visit = NewVisit(step.project or "", _on(step, now), (step.by,), step.text or "")
    add_visit(archive, visit, By(library, step.by, now))


def _ticket(archive: Archive, library: str, step: Step, now: datetime) -> None:
    asked = NewTicket(step.project or "", step.cause, step.text or "", step.what)
    open_ticket(archive, asked, By(library, step.by, now))


def _milestone(archive: Archive, library: str, step: Step, now: datetime) -> None:
    done = Milestone(step.project or "", step.what or "", actual_on=_on(step, now))
    set_milestone(archive, done, By(library, step.by, now))


def _figure(archive: Archive, library: str, step: Step, now: datetime) -> None:
    """A figure of the year before, put in by one person and confirmed by another."""
    year = local_day(now).year - 1
    asked = NewFigure(step.project or "", step.what or "", year, step.text or "", step.reason)
    number = propose_figure(archive, asked, By(library, step.by, now))
    confirm_figure(archive, number, By(library, step.second or "", now))


def _evaluate(archive: Archive, library: str, step: Step, now: datetime) -> None:
    """The evaluation of the year before, frozen and sent to the firms."""
    by = By(library, step.by, now)
    number = freeze_year(archive, Asked(local_day(now).year - 1), by).number
    send_check(archive, number or 0, by)


def _look_back(archive: Archive, library: str, step: Step, now: datetime) -> None:
    draw_look_back(archive, int(step.text or ""), local_day(now), By(library, step.by, now))


def _recheck(archive: Archive, library: str, step: Step, now: datetime) -> None:
    """What was found at one conclusion of the look-back, on a visit that day; `on`: the true day."""
    found, visited = _on(step, now), local_day(now)
    asked = NewFinding(step.project or "", step.point or "", step.what or "", visited, found, step.text or "")
    record_finding(archive, asked, By(library, step.by, now))


def _stop(rulebook: Rulebook, archive: Archive, library: str, step: Step, now: datetime) -> None:
    asked = NewStop(step.measure or "", step.version, step.reason, _on(step, now))
    stop_rule(archive, rulebook, asked, By(library, step.by, now))


def _lift(rulebook: Rulebook, archive: Archive, library: str, step: Step, now: datetime) -> None:
    asked = NewLift(step.measure or "", step.version, step.reason)
    lift_rule(archive, rulebook, asked, By(library, step.by, now))


def _open_item(archive: Archive, library: str, step: Step, now: datetime) -> None:
    said = step.facts | {name: _day(step, day, now).isoformat() for name, day in step.days.items()}
    evidence = _evidence(step)
    asked = NewItem(step.pipeline or "", step.project or "", _on(step, now), said, step.point or "", evidence)
    open_item(archive, asked, By(library, step.by, now))


def _verify_texts(corpus: Path, archive: Archive, library: str, step: Step, now: datetime) -> None:
    verify_texts(archive, corpus, step, By(library, step.by, now))


def _indicators(corpus: Path, archive: Archive, library: str, step: Step, now: datetime) -> None:
    tell_figures(archive, corpus, By(library, step.by, now))


def _growth(archive: Archive, library: str, step: Step, now: datetime) -> None:
    open_called_for(archive, By(library, step.by, now))


_DO: Mapping[str, _Doing] = {
    "growth": _growth,
    "agent": _agent,
    "tell": _tell,
    "advance": _advance,
    "pause": _aside,
    "resume": _aside,
    "correct": _correct,
    "close": _close,
    "update": _update,
    "visit": _visit,
    "ticket": _ticket,
    "milestone": _milestone,
    "case": play_case_step,
    "open_item": _open_item,
    "figure": _figure,
    "evaluate": _evaluate,
    "look_back": _look_back,
    "recheck": _recheck,
}
