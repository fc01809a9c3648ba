"""GET /search: measures and documents for a question in anybody's words."""

from __future__ import annotations

from dataclasses import astuple

from fastapi import APIRouter, Depends

from policy_match.workflows.narrow_search import narrowed
from policy_match.workflows.search_policies import MOST_RESULTS, answer_data, rank_policies
from policy_match.workflows.show_match import Plain
from policy_match_api.answer import JsonAnswer
from policy_match_api.paging import page_of
from policy_match_api.params import count_of, day_of, sought_of
from policy_match_api.routes.answers import PROBLEM
from policy_match_api.routes.search_answers import UNCHANGED, SearchAnswer
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["查找"])
USUAL = 10


@router.get("/search", response_model=SearchAnswer, responses={304: UNCHANGED, 400: PROBLEM}, summary="查政策")
def search(
    q: str | None = None,
    limit: str | None = None,
    cursor: str | None = None,
    kind: str | None = None,
    topic: str | None = None,
    family: str | None = None,
    mode: str | None = None,
    region: str | None = None,
    in_force: str | None = None,
    as_of: str | None = None,
    state: Seen = Depends(seen),
) -> JsonAnswer:
    """Everything by nearness to the question; only the filters given narrow it, never what the question says by the way.

    `region` keeps what holds there, its own and what a broader place gives. `as_of` says what is in force and narrows nothing.
    """
    given = {"kind": kind, "topic": topic, "family": family, "mode": mode, "region": region, "in_force": in_force}
    sought, most = sought_of(given), count_of(limit, "limit", USUAL, 1, MOST_RESULTS)
    libraries = state.today()
    day, rulebook = day_of(as_of, libraries.as_of), libraries.rulebook
    ranking = rank_policies(state.service.index(), q or "", rulebook, day)
    found = narrowed(ranking.entries, sought, rulebook, day)
    asked = (ranking.query, day.isoformat(), *astuple(sought))
    shown = page_of([entry.id for entry in found], asked, cursor, most)
    answer = ranking.answer(found[shown.start : shown.stop])
    if not cursor:
        state.service.note(answer)
    head: dict[str, Plain] = {"as_of": day.isoformat(), "total": len(found)}
    return JsonAnswer({**head, **answer_data(answer, rulebook, day), "next_cursor": shown.cursor})
