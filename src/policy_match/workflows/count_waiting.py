"""Count what awaits whom: tasks of those who review matches, and 免申即享 cases by whose turn it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.orm import Session

from policy_match.access.permissions import Right
from policy_match.dates import local_day
from policy_match.eligibility.rulebook import Rule
from policy_match.entitlement.states import State
from policy_match.facts.subjects import Subject
from policy_match.store.case_tables import Case
from policy_match.store.tables import Actor
from policy_match.workflows.add_account import ENTERPRISE
from policy_match.workflows.find_reviews import Review, Wanted, open_queue
from policy_match.workflows.list_tasks import count_tasks
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.review_rights import Reader, givers_of, reader_of

_Sight: TypeAlias = "tuple[frozenset[str], frozenset[str]]"
TREASURY, OWNER = "treasury", "主管单位"
_REVIEWS = "reviews"
_TURN = {
    State.CANDIDATE: OWNER, State.VERIFIED: OWNER, State.CONFIRMED: OWNER, State.ON_HOLD: OWNER, State.FAILED: OWNER,
    State.CONSENT: ENTERPRISE, State.APPROVED: TREASURY, State.PAYING: TREASURY,
}  # fmt: skip
"""Whose turn a case is in a state; a notice waits for its last day, and what is over for nobody."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much awaits somebody. `login`: of an account; empty for a kind of people."""

    who: str
    login: str
    count: int


def decides(archive: Archive, role: str) -> bool:
    """Whether a role decides matches."""
    cell = archive.permissions.capabilities[_REVIEWS].cells.get(role)
    return cell is not None and Right.WRITE in cell.reach


def tasks_of_each(
    session: Session, archive: Archive, library: Library, people: Iterable[Actor], now: datetime
) -> tuple[Waiting, ...]:
    """The tasks of each of them who decides matches, in their order; the library is as all of them see it together."""
    deciders = [one for one in people if decides(archive, one.role)]
    every = open_queue(session, archive, library, now).reviews(Wanted()) if deciders else []
    known = {one.rule.id: one.rule for one in every}, {one.subject.id: one.subject for one in every}
    counts: dict[_Sight, int] = {}  # many departments see the same
    found = []
    for one in deciders:
        sight = _sight(reader_of(archive, one, givers_of(session, one, local_day(now))), *known)
        if sight not in counts:
            counts[sight] = count_tasks([row for row in every if _is_in(row, sight)])
        found.append(Waiting(one.name, one.id, counts[sight]))
    return tuple(found)


def _sight(reader: Reader, rules: Mapping[str, Rule], subjects: Mapping[str, Subject]) -> _Sight:
    """The measures and the subjects that a reader sees, each asked about once."""
    return (
        frozenset(name for name, rule in rules.items() if reader.sees_measure(rule)),
        frozenset(name for name, subject in subjects.items() if reader.sees_subject(subject)),
    )


def _is_in(review: Review, sight: _Sight) -> bool:
    measures, subjects = sight
    return review.rule.id in measures and review.subject.id in subjects


def cases_of_each(cases: Sequence[Case]) -> dict[str, int]:
    """How many cases are whose turn: the owner unit's, the firm's (enterprise) or the treasury's."""
    turns = Counter(_TURN.get(State(case.state), "") for case in cases)
    return {who: turns[who] for who in (OWNER, ENTERPRISE, TREASURY) if turns[who]}
