"""我的一天: what changed since the last visit, what awaits whoever is signed in, one task a question or a decision, and the
call sheet of the same questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from policy_match.access.permissions import Right
from policy_match.access.viewer import Means
from policy_match.dates import local_day
from policy_match.eligibility.decide import VERDICT_NAMES
from policy_match.errors import Issue, NotFound
from policy_match.facts.vocabulary import FactSpec
from policy_match.identifiers import DISTRICTS, region_name
from policy_match.ranking.order import COLUMNS, Column
from policy_match.store.actors import actor, names
from policy_match.store.tables import Actor
from policy_match.units import format_money
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.find_reviews import Queue, Review, due_on, open_queue
from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_contacts import HOLDS, contact_rows
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
from policy_match.workflows.print_rows import Row
from policy_match.workflows.push_rights import PUSH
from policy_match.workflows.review_rights import givers_of, reader_of
from policy_match.workflows.tell_changes import News, tell_changes
from policy_match.workflows.write_entry import By
from policy_match_api.pages.projects import head_of
from policy_match_api.pages.render import page
from policy_match_api.params import count_of, flag_of, one_of
from policy_match_api.seen import Seen, seen
from policy_match_api.who import signed_in

router = APIRouter(include_in_schema=False)
FILTERS = ("measure", "district", "kind", "firm", "mine", "library", "page")
GRAINS = {
    Grain.ONE: "",
    Grain.COLUMN: "同一企业同一类的决定合为一项",
    Grain.FIRM: "同一企业要了解的合为一项，要决定的合为一项",
}


# As many as stay under 100 KB with five questions each.
FIRMS = 40
# How many lines of what changed stand open.
NEWS = 5


@dataclass(frozen=True, slots=True)
class Day:
    """What the filters leave of the queue. `every`: all that awaits the reader, whatever the filters; `givers`: who
    handed their queue over to them."""

    library: Library
    every: tuple[Review, ...]
    found: tuple[Review, ...]
    late: frozenset[str]
    board: Board
    people: dict[str, str]
    givers: tuple[Actor, ...] = ()


@router.get("/today")
def today(request: Request, state: Seen = Depends(seen)) -> Response:
    """The tasks of the reader, the most pressing first."""
    given, day = asked_day(request, state)
    tasks = day.board.tasks
    number, pages = page_of(given, len(tasks), MOST_TASKS)
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
            "news": news_of(request, state, day.library),
            "open_news": NEWS,
            "minute": local_minute,
            "may_decide": state.may("reviews", Right.WRITE) is not None,
        },
    )


@router.get("/today/calls")
def calls(request: Request, state: Seen = Depends(seen)) -> Response:
    """The call sheet: a firm, and at most five facts to ask, each with what hangs on it."""
    given, day = asked_day(request, state)
    asked = [*calls_of(day.found, day.late).items()]
    number, pages = page_of(given, len(asked), FIRMS)
    shown = asked[(number - 1) * FIRMS : number * FIRMS]
    return page(
        request,
        "calls.html",
        {
            **head_of(day.library),
            "given": given,
            "calls": shown,
            "contacts": contacts_of(state, day.library, {firm for firm, _ in shown}),
            "first": (number - 1) * FIRMS,
            "total": len(asked),
            "number": number,
            "pages": pages,
            "up_to": up_to,
            "settles": settles,
            "registers_of": registers_of,
            "vocabulary": day.library.matching.rulebook.vocabulary,
        },
    )


def contacts_of(state: Seen, library: Library, firms: Collection[str]) -> dict[str, list[Row]]:
    """Who speaks for firms today, as far as the viewer may see contacts; a firm without one is not there."""
    found: dict[str, list[Row]] = {}
    if state.may(PUSH) is None:
        return found
    for row in contact_rows(state.archive, None, By(library.name, state.viewer.actor, state.now)).rows:
        if row["firm"] in firms and row["state"] == HOLDS:
            found.setdefault(str(row["firm"]), []).append(row)
    return found


def asked_day(request: Request, state: Seen) -> tuple[dict[str, str | None], Day]:
    """The filters of the address, and what they leave of the day."""
    state.require("reviews")
    given = {name: request.query_params.get(name) or None for name in FILTERS}
    return given, _day(state, given)


def page_of(given: dict[str, str | None], total: int, size: int) -> tuple[int, int]:
    """The page that is asked for, and how many there are; NotFound past the last one."""
    pages = max(1, -(-total // size))
    number = count_of(given["page"], "page", 1, 1, 10**6)
    if number > pages:
        raise NotFound(Issue("NOT_FOUND", f"没有第 {number} 页，共 {pages} 页", "page", "", "回到第一页"))
    return number, pages


def news_of(request: Request, state: Seen, library: Library) -> News | None:
    """What changed since the last visit; None where nobody is signed in, such as for a program."""
    mine = signed_in(request, state.service) if state.viewer.means is Means.SESSION else None
    return None if mine is None else tell_changes(state.archive, library, state.viewer, mine.began_at)


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
    today, last = state.day, dict[date, date | None]()
    late = set()
    for one in found:
        since = None if one.since is None else local_day(one.since)
        if since is not None and since not in last:
            last[since] = due_on(one, state.archive, queue.ranking, since)
        due = None if since is None else last[since]
        if due is not None and due < today:
            late.add(one.id)
    return frozenset(late)


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


def registers_of(spec: FactSpec, named: Mapping[str, str]) -> str:
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
        who = actor(session, by.actor, by.today)
        givers = givers_of(session, who, by.today)
        every = tuple(queue.reviews(wanted, reader_of(state.archive, who, givers)))
        people = names(session)
    found = tuple(one for one in every if _fits(one, kind, given["firm"]))
    late = late_ones(state, queue, found)
    return Day(library, every, found, late, board_of(found, late), people, givers)


def _fits(review: Review, kind: str | None, firm: str | None) -> bool:
    return kind in (None, kind_of(review).value) and firm in (None, firm_of(review))
