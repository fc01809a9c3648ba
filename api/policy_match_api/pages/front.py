"""The front page: what this is, what awaits whom, and what each library holds, counted apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.access.permissions import Right
from policy_match.eligibility.decide import Verdict
from policy_match.entitlement.states import STATE_NAMES
from policy_match.store import cases
from policy_match.store.tables import Actor
from policy_match.workflows.add_account import ENTERPRISE
from policy_match.workflows.count_waiting import OWNER, TREASURY, Waiting, cases_of_each, tasks_of_each
from policy_match.workflows.disclose_cases import counts_by_state, disclosed_cases
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.seed_accounts import DemoAccount
from policy_match_api.pages.render import page
from policy_match_api.params import library_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Held:
    """What one library holds. Pairs are of a subject and a measure; `proved`: subjects with one eligible measure or more."""

    library: Library
    subjects: int
    kinds: tuple[tuple[str, int], ...]
    proved: int
    eligible: int
    open: int


@dataclass(frozen=True, slots=True)
class Awaits:
    """What awaits the reader, or whom in the demonstration: tasks by account, and cases by whose turn it is."""

    library: Library
    tasks: tuple[Waiting, ...]
    turns: dict[str, int]


@router.get("/")
def front(request: Request, state: Seen = Depends(seen)) -> Response:
    """Both libraries with their own figures; no figure covers both."""
    libraries = state.today()
    rulebook = libraries.rulebook
    rules = [rulebook.at(measure_id, libraries.as_of) for measure_id in rulebook.ids]
    in_force = Counter(str(rule.in_force(libraries.as_of)) for rule in rules)
    levels = Counter(rule.level for rule in rules)
    return page(
        request,
        "front.html",
        {
            "as_of": libraries.as_of,
            "held": [held_of(library) for library in libraries.every],
            "measures": len(rules),
            "in_force": in_force,
            "levels": levels,
            "documents": len({rule.document.id for rule in rules}),
            "cases": demo_cases(state),
            "awaits": awaits(request, state),
        },
    )


def awaits(request: Request, state: Seen) -> Awaits | None:
    """What awaits the reader; of who is not signed in, what awaits whom in the demonstration; None where there is none."""
    viewer = state.viewer
    demo = state.today().demo
    if not viewer.actor:
        accounts: tuple[DemoAccount, ...] = request.app.state.demo_accounts
        return None if demo is None or not accounts else _waiting(state, demo, [one.login for one in accounts])
    library = library_of(state.today(), viewer.library or REAL)
    return _waiting(state, library, [viewer.actor])


def _waiting(state: Seen, library: Library, people: Sequence[str]) -> Awaits:
    with state.archive.database.reading() as session:
        known = [session.get_one(Actor, one) for one in people]
        tasks = tasks_of_each(session, state.archive, library, known, state.now)
        sight = state.cases(session)
        seen_cases = [case for case in cases.every(session, library.name) if sight.sees(case)]
    turns, role = cases_of_each(seen_cases), state.viewer.role
    if state.viewer.actor:
        own = role if role in (ENTERPRISE, TREASURY) else OWNER if state.may("cases", Right.WRITE) is not None else ""
        turns = {who: count for who, count in turns.items() if who == own}
    return Awaits(library, tuple(one for one in tasks if one.count or state.viewer.actor), turns)


def demo_cases(state: Seen) -> tuple[tuple[str, int], ...]:
    """How many 免申即享 cases of the demonstration library are in each state, by name; nothing where it is closed."""
    if state.today().demo is None:
        return ()
    with state.archive.database.reading() as session:
        found = disclosed_cases(session, DEMO, state.cases(session), state.day)
    return tuple((STATE_NAMES[one], count) for one, count in counts_by_state(found))


def held_of(library: Library) -> Held:
    """The figures of one library."""
    kinds = Counter(subject.kind.value for subject in library.matching.subjects)
    verdicts = [
        [decision.verdicts[row] for decision in library.matching.decisions(row)]
        for row in range(len(library.matching.subjects))
    ]
    every = Counter(verdict for row in verdicts for verdict in row)
    return Held(
        library=library,
        subjects=len(library.matching.subjects),
        kinds=tuple((kind, kinds[kind]) for kind in ("project", "enterprise", "person") if kinds[kind]),
        proved=sum(Verdict.ELIGIBLE in row for row in verdicts),
        eligible=every[Verdict.ELIGIBLE],
        open=every[Verdict.UNKNOWN] + every[Verdict.NEEDS_HUMAN],
    )
