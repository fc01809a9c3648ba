"""What was corrected after money had been paid: facts that the proof rests on, days of the project, money asked back.

Only what was told anew with another value counts: the same value told once more is no correction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import orjson
from sqlalchemy.orm import Session

from policy_match.entitlement.states import MOVES, Action
from policy_match.facts.observations import Observation
from policy_match.lifecycle.events import Event
from policy_match.lifecycle.words import CORRECTIONS
from policy_match.store import actors, cases, facts, log, subjects
from policy_match.store.case_tables import Case, CaseStep
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows

_HEADER = {
    "case": "办件", "paid_at": "拨付登记", "at": "更正", "sort": "更正了什么", "what": "内容", "by": "来源或经办人",
}  # fmt: skip
_BACK = (Action.CLAW_BACK.value, Action.REPAY.value)


def correction_rows(archive: Archive, library: str, now: datetime) -> Rows:
    """A row for each correction after the payment of a case of a library, newest first."""
    with archive.database.reading() as session:
        every = {case.id: case for case in cases.every(session, library)}
        steps: dict[int, list[CaseStep]] = {}
        for step in cases.every_step(session, library):
            steps.setdefault(step.case_id, []).append(step)
        paid = [(every[one], own, at) for one, own in steps.items() if (at := _paid_at(own)) is not None]
        found = [
            *_facts(session, archive, [(case, at) for case, _, at in paid], now),
            *_events(session, [(case, at) for case, _, at in paid]),
            *(row for case, own, at in paid for row in _money(session, case, own, at)),
        ]
    found.sort(key=lambda row: (str(row["at"]), str(row["case"])), reverse=True)
    return Rows("拨付后的更正", _HEADER, found)


def _paid_at(steps: Sequence[CaseStep]) -> datetime | None:
    """When the last payment of a case was noted."""
    return next((step.at for step in reversed(steps) if step.action == Action.PAY), None)


def _facts(session: Session, archive: Archive, paid: Sequence[tuple[Case, datetime]], now: datetime) -> Iterator[Row]:
    ids = sorted({one for case, _ in paid for one in _subjects_of(case)})
    known = facts.known(session, ids, archive.vocabulary, known_at=now)
    for case, at in paid:
        rests_on = _proved(session, case)
        for subject_id in _subjects_of(case):
            for fact in sorted(rests_on & known[subject_id].keys()):
                for one in _told_otherwise(known[subject_id][fact], at):
                    label = archive.vocabulary[fact].label
                    yield _row(case, at, one.received_at, sort="依据的事实", what=label, by=one.source)


def _subjects_of(case: Case) -> tuple[int, ...]:
    return tuple(one for one in (case.beneficiary_id, case.project_id) if one is not None)


def _proved(session: Session, case: Case) -> frozenset[str]:
    """The facts that the proof of a case rests on."""
    if case.proof_hash is None:
        return frozenset()
    body: Mapping[str, Mapping[str, object]] = orjson.loads(cases.proof_body(session, case.proof_hash))
    return frozenset(body["facts"])


def _told_otherwise(told: Sequence[Observation], at: datetime) -> Iterator[Observation]:
    """What came after an instant and is not what was told last before; nothing where nothing was told before."""
    before = [one for one in told if one.received_at <= at]
    if before:
        value = max(before, key=lambda one: one.received_at).value
        yield from (one for one in told if one.received_at > at and one.value != value)


def _events(session: Session, paid: Sequence[tuple[Case, datetime]]) -> Iterator[Row]:
    """Days of the project that were corrected, or withdrawn."""
    projects = subjects.by_ids(session, sorted({case.project_id for case, _ in paid if case.project_id is not None}))
    told, names = log.entries(session, Event, [*projects.values()]), actors.names(session)
    for case, at in paid:
        for event in told.get(case.project_id or 0, ()):
            if event.kind in CORRECTIONS and event.recorded_at > at:
                by = names.get(event.actor, event.actor)
                yield _row(case, at, event.recorded_at, sort="项目的节点", what=event.reason, by=by)


def _money(session: Session, case: Case, steps: Sequence[CaseStep], at: datetime) -> Iterator[Row]:
    """Decisions to ask money back, what came back, and what was written off."""
    names = actors.names(session)
    for step in steps:
        if step.action in _BACK and step.at > at:
            why = str(cases.body_of(step).get("reason") or "")
            by = names.get(step.actor_id, step.actor_id)
            yield _row(case, at, step.at, sort=MOVES[Action(step.action)].name, what=why, by=by)


def _row(case: Case, paid_at: datetime, at: datetime, *, sort: str, what: str, by: str) -> Row:
    return {
        "case": case.number,
        "paid_at": local_minute(paid_at),
        "at": local_minute(at),
        "sort": sort,
        "what": what,
        "by": by,
    }
