"""The pages of 免申即享 cases, read-only: in full what the viewer may see so, else what a public notice shows.

The demonstration library stands apart and is marked 示范数据 (workflows/disclose_cases.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from policy_match.entitlement.states import STATE_NAMES, State
from policy_match.store.case_tables import Case
from policy_match.workflows.disclose_cases import (
    Disclosed,
    counts_by_state,
    disclosed_case,
    disclosed_cases,
    disclosures,
    full_record,
)
from policy_match.workflows.list_cases import named_state
from policy_match.workflows.object_case import OUTCOMES
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.show_case import minute, told
from policy_match_api.pages.projects import BASES, PAGE_SIZE
from policy_match_api.pages.render import page
from policy_match_api.params import count_of, library_of, one_of
from policy_match_api.routes.msjx import chosen, measures_of, sought_in
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
NAMES = {state.value: name for state, name in STATE_NAMES.items()}
_WELL = {State.PAID}
_STOPPED = {State.ON_HOLD, State.FAILED, State.CLAWED_BACK}
STYLES = {
    state.value: "yes"
    if state in _WELL
    else "near"
    if state in _STOPPED
    else "off"
    if state.value[0] == "X"
    else "open"
    for state in State
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """The cases of one library on the page: how many in each state, and the lines of the page that is asked for."""

    library: Library
    every: int
    states: tuple[tuple[State, int], ...]
    total: int
    lines: tuple[Disclosed, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form asks for; None: all. `state` is a code, `page` counts from 1."""

    library: str | None
    state: str | None
    measure: str | None
    page: int


@router.get("/msjx")
def list_cases(request: Request, served: Seen = Depends(seen)) -> Response:
    """Both libraries apart, or the one that is asked for; filtered by state and measure."""
    wanted = _wanted(request)
    libraries, today = served.today(), served.day
    asked = libraries.every if wanted.library is None else (library_of(libraries, wanted.library),)
    with served.archive.database.reading() as session:
        sight = served.cases(session)
        every = [(library, disclosed_cases(session, library.name, sight, today)) for library in asked]
        known = sorted({one for library, cases in every for one in measures_of(cases, library)})
        one_of(wanted.measure, "measure", known)
        shelves = [_shelf(session, library, cases, wanted) for library, cases in every]
    book = libraries.rulebook
    titles = {one: book.at(one, libraries.as_of).measure.title if one in book.ids else one for one in known}
    context = {"as_of": today, "shelves": shelves, "given": wanted, "titles": titles}
    context["sees_export"] = served.viewer.actor and served.may("export") is not None
    return page(request, "cases.html", {**context, "names": NAMES, "styles": STYLES})


def cases_asked(request: Request, served: Seen) -> list[tuple[Library, str, Disclosed]]:
    """Every case that the filters of the address leave, with its library and the name of its state."""
    wanted, libraries = _wanted(request), served.today()
    asked = libraries.every if wanted.library is None else (library_of(libraries, wanted.library),)
    with served.archive.database.reading() as session:
        sight = served.cases(session)
        return [
            (library, STATE_NAMES[one.state], one)
            for library in asked
            for one in disclosures(
                session,
                chosen(disclosed_cases(session, library.name, sight, served.day), wanted.state, wanted.measure),
                library.matching.rulebook,
            )
        ]


def _wanted(request: Request) -> Wanted:
    given = {name: request.query_params.get(name) or None for name in ("library", "state", "measure", "page")}
    state = None if given["state"] is None else named_state(given["state"]).value
    return Wanted(given["library"], state, given["measure"], count_of(given["page"], "page", 1, 1, 10**6))


def _shelf(session: Session, library: Library, every: tuple[Case, ...], wanted: Wanted) -> Shelf:
    found = chosen(every, wanted.state, wanted.measure)
    first = (wanted.page - 1) * PAGE_SIZE
    return Shelf(
        library=library,
        every=len(every),
        states=counts_by_state(every),
        total=len(found),
        lines=disclosures(session, found[first : first + PAGE_SIZE], library.matching.rulebook),
        pages=max(1, -(-len(found) // PAGE_SIZE)),
    )


@router.get("/msjx/{number}")
def show_case(request: Request, number: str, served: Seen = Depends(seen)) -> Response:
    """One case; `?library=` where both libraries have one of the number."""
    name = request.query_params.get("library") or None
    today = served.day
    with served.archive.database.reading() as session:
        sight = served.cases(session)
        case = disclosed_case(session, sought_in(served, name), number, sight, today)
        library = library_of(served.today(), case.library)
        (one,) = disclosures(session, (case,), library.matching.rulebook)
        record = full_record(session, served.archive.sealer, case, sight)
    head = {"library": library, "base": BASES[library.name], "as_of": today}
    shown = {"one": one, "record": record, "names": NAMES, "styles": STYLES, "outcomes": OUTCOMES}
    return page(request, "case.html", {**head, **shown, "told": told, "minute": minute})
