"""The public notices of 免申即享: who is to get what, until when anybody may object, and how."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.eligibility.rulebook import Rulebook
from policy_match.entitlement.states import State
from policy_match.store import cases
from policy_match.workflows.disclose_cases import Disclosed, disclosures
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.show_measure import ask_text
from policy_match_api.pages.projects import PAGE_SIZE
from policy_match_api.pages.render import page
from policy_match_api.pages.tables import number_of, pages_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One case in its notice. `left`: days that are left, 0 on the last one; `unit`, `contact`: where an objection goes."""

    case: Disclosed
    left: int
    unit: str
    contact: str


@dataclass(frozen=True, slots=True)
class Board:
    """The notices of one library, those that end first before the others."""

    library: Library
    lines: tuple[Line, ...]
    total: int


@router.get("/notices")
def show(request: Request, state: Seen = Depends(seen)) -> Response:
    """What anybody may read, whoever asks: the notices that run today. The demonstration's are invented, and marked so."""
    libraries, today = state.today(), state.day
    boards = []
    with state.archive.database.reading() as session:
        for library in libraries.every:
            running = [
                case
                for case in cases.every(session, library.name, states=(State.NOTICE,))
                if case.notice_first is not None and case.notice_last is not None and today <= case.notice_last
            ]
            running.sort(key=lambda case: (case.notice_last, case.number))
            first = (number_of(request, len(running)) - 1) * PAGE_SIZE if not library.is_demo else 0
            told = disclosures(session, running[first : first + PAGE_SIZE], library.matching.rulebook)
            boards.append(
                Board(library, tuple(_line(one, library.matching.rulebook, state) for one in told), len(running))
            )
    context = {
        "as_of": today,
        "answer_days": state.archive.terms.objection_days,
        "boards": boards,
        "pages": pages_of(boards[0].total),
        "number": number_of(request, boards[0].total),
    }
    return page(request, "notices.html", context)


def _line(one: Disclosed, book: Rulebook, state: Seen) -> Line:
    last = None if one.notice is None else one.notice.last
    left = 0 if last is None else (last - state.day).days
    if one.measure not in book.ids:
        return Line(one, left, "", "")
    measure = book.at(one.measure, state.day).measure
    return Line(one, left, measure.owner_unit or "", measure.how_to.contact or ask_text(measure))
