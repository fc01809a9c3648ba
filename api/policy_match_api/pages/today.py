"""我的一天: what awaits whoever is signed in, one task a question or a decision, and the call sheet of the same questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from policy_match.dates import local_day
from policy_match.eligibility.decide import VERDICT_NAMES
from policy_match.errors import Issue, NotFound
from policy_match.facts.vocabulary import FactSpec
from policy_match.identifiers import DISTRICTS, region_name
from policy_match.ranking.order import COLUMNS, Column
from policy_match.store.actors import actor, names
from policy_match.units import format_money
from policy_match.workflows.find_reviews import Queue, Review, due_on, open_queue
from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_tasks import (
    KIND_NAMES,
    MOST_TASKS,
    Board,
    Grain,
    Task,
    TaskKind,
    board_of,
    calls_of,
    firm_of,
    kind_of,
)
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.open_reviews import wanted_reviews
from policy_match.workflows.review_rights import reader_of
from policy_match.workflows.write_entry import By
from policy_match_api.pages.projects import head_of
from policy_match_api.pages.render import page
from policy_match_api.params import count_of, flag_of, one_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
FILTERS = ("measure", "district", "kind", "firm", "mine", "library", "page")
GRAINS = {
    Grain.ONE: "",
    Grain.COLUMN: "同一企业同一类的决定合为一项",
    Grain.FIRM: "同一企业要了解的合为一项，要决定的合为一项",
}


@dataclass(frozen=True, slots=True)
class Day:
    """What the filters leave of the queue. `every`: all that awaits the reader, whatever the filters."""

    library: Library
    every: tuple[Review, ...]
    found: tuple[Review, ...]
    late: frozenset[str]
    board: Board
    people: dict[str, str]


@router.get("/today")
def today(request: Request, state: Seen = Depends(seen)) -> Response:
    """The tasks of the reader, the most pressing first."""
    state.require("reviews")
    given = {name: request.query_params.get(name) or None for name in FILTERS}
    day = _day(state, given)
    tasks = day.board.tasks
    pages = max(1, -(-len(tasks) // MOST_TASKS))
    number = count_of(given["page"], "page", 1, 1, 10**6)
    if number > pages:
        raise NotFound(Issue("NOT_FOUND", f"没有第 {number} 页，共 {pages} 页", "page", "", "回到第一页"))
    return page(
        request,
        "today.html",
        {
            **head_of(day.library),
            "given": given,
            "day": day,
            "tasks": tasks[(number - 1) * MOST_TASKS : number * MOST_TASKS],
            "grain": GRAINS[day.board.grain],
            "counts": columns_of(tasks),
            "kinds": Counter(task.kind for task in tasks),
            "kind_names": KIND_NAMES,
            "measures": sorted({(one.rule.id, one.rule.measure.title) for one in day.every}, key=lambda pair: pair[1]),
            "districts": [(code, region_name(code)) for code in DISTRICTS],
            "verdict_text": verdict_text,
            "up_to": up_to,
            "settles": settles,
            "vocabulary": day.library.matching.rulebook.vocabulary,
            "number": number,
            "pages": pages,
        },
    )


@router.get("/today/calls")
def calls(request: Request, state: Seen = Depends(seen)) -> Response:
    """The call sheet: a firm, and at most five facts to ask, each with what hangs on it."""
    state.require("reviews")
    given = {name: request.query_params.get(name) or None for name in FILTERS}
    day = _day(state, given)
    asked = calls_of(day.found, day.late)
    return page(
        request,
        "calls.html",
        {
            **head_of(day.library),
            "given": given,
            "calls": list(asked.items())[:MOST_TASKS],
            "total": len(asked),
            "up_to": up_to,
            "settles": settles,
            "registers_of": registers_of,
            "vocabulary": day.library.matching.rulebook.vocabulary,
        },
    )


def library_asked(state: Seen, written: str | None) -> str:
    """The library of a page about reviews: the one asked for, else the one that the account is for."""
    name = written or state.viewer.library or REAL
    state.require_library(name)
    return name


def own_queue(session: Session, state: Seen, library: Library) -> Queue:
    """The queue of a library, as it stands."""
    return open_queue(session, state.archive, library, state.now)


def late_ones(state: Seen, queue: Queue, found: Iterable[Review]) -> frozenset[str]:
    """Ids of the reviews that are past their last day."""
    ranking, archive = queue.ranking, state.archive
    days = {one.id: due_on(one, archive, ranking, None if one.since is None else local_day(one.since)) for one in found}
    return frozenset(name for name, due in days.items() if due is not None and due < state.day)


def columns_of(tasks: Sequence[Task]) -> list[tuple[Column, int, int]]:
    """Money, finance, services and people side by side: each with its tasks and its benefits."""
    benefits = Counter(one.column for task in tasks for one in task.benefits)
    touched = Counter(column for task in tasks for column in task.columns)
    return [(column, touched[column], benefits[column]) for column in COLUMNS]


def up_to(task: Task) -> str:
    """Up to how much hangs on a task, in words."""
    if task.high_fen is None:
        return "上限不明"
    return f"最高 {format_money(task.high_fen)}" if task.high_fen else "—"


def settles(task: Task) -> str:
    """What the answer to the first question of a task decides, in words."""
    more = len(task.benefits) - task.settled
    if not task.settled:
        return f"{more} 项，还要别的数据才能定"
    return f"单凭这一项可定 {task.settled} 项" + (f"，另 {more} 项还要别的" if more else "")


def verdict_text(review: Review) -> str:
    """The verdict as people read it."""
    return "差一点" if review.match.near else VERDICT_NAMES[review.match.verdict]


def registers_of(spec: FactSpec, named: dict[str, str]) -> str:
    """Where a fact may be looked up, in words; of a firm, where no register has it."""
    return "、".join(named.get(code, code) for code in spec.registers) or "询问企业"


def _day(state: Seen, given: dict[str, str | None]) -> Day:
    name = library_asked(state, given["library"])
    library = state.library(name)
    by = By(name, state.viewer.actor, state.now)
    measures = None if given["measure"] is None else (given["measure"],)
    wanted = wanted_reviews(state.archive, by, measures, given["district"], mine=flag_of(given["mine"], "mine"))
    kind = one_of(given["kind"], "kind", [one.value for one in TaskKind])
    with state.archive.database.reading() as session:
        queue = own_queue(session, state, library)
        every = tuple(queue.reviews(wanted, reader_of(state.archive, actor(session, by.actor, by.today))))
        people = names(session)
    found = tuple(one for one in every if _fits(one, kind, given["firm"]))
    late = late_ones(state, queue, found)
    return Day(library, every, found, late, board_of(found, late), people)


def _fits(review: Review, kind: str | None, firm: str | None) -> bool:
    return kind in (None, kind_of(review).value) and firm in (None, firm_of(review))
