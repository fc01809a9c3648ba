"""GET /policies and /policies/{id}: the documents that measures stand in."""

from __future__ import annotations

from dataclasses import astuple

from fastapi import APIRouter, Depends

from policy_match.eligibility.rulebook import Rulebook
from policy_match.workflows.list_policies import Asked, list_policies, packages_of, policy_data
from policy_match.workflows.narrow_search import FORCES
from policy_match.workflows.search_policies import checked_query
from policy_match.workflows.show_match import Plain
from policy_match.workflows.show_measure import LEVEL_NAMES
from policy_match_api.answer import JsonAnswer
from policy_match_api.paging import page_of
from policy_match_api.params import count_of, day_of, document_of, one_of, place_of
from policy_match_api.routes.answers import PROBLEM
from policy_match_api.routes.search_answers import UNCHANGED, DatedPolicy, Policies
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["文件"])
USUAL, MOST = 20, 100


@router.get("/policies", response_model=Policies, responses={304: UNCHANGED, 400: PROBLEM}, summary="文件目录")
def policies(
    q: str | None = None,
    package: str | None = None,
    level: str | None = None,
    region: str | None = None,
    in_force: str | None = None,
    as_of: str | None = None,
    limit: str | None = None,
    cursor: str | None = None,
    state: Seen = Depends(seen),
) -> JsonAnswer:
    """The documents by id; `q` is looked for in title and number, `region` keeps what holds there."""
    libraries = state.today()
    day, rulebook = day_of(as_of, libraries.as_of), libraries.rulebook
    asked = Asked(
        package=one_of(package, "package", _packages(rulebook)),
        level=one_of(level, "level", LEVEL_NAMES),
        region=place_of(region),
        in_force=one_of(in_force, "in_force", FORCES),
        text=checked_query(q, "q") if q and q.strip() else None,
    )
    found = list_policies(rulebook, asked, day)
    named = (day.isoformat(), *astuple(asked))
    shown = page_of([document.id for document in found], named, cursor, count_of(limit, "limit", USUAL, 1, MOST))
    lines: list[Plain] = [policy_data(document, rulebook, day) for document in found[shown.start : shown.stop]]
    head: dict[str, Plain] = {"as_of": day.isoformat(), "total": len(found)}
    return JsonAnswer({**head, "policies": lines, "next_cursor": shown.cursor})


@router.get(
    "/policies/{policy_id}",
    response_model=DatedPolicy,
    responses={304: UNCHANGED, 400: PROBLEM, 404: PROBLEM},
    summary="一份文件",
)
def policy(policy_id: str, as_of: str | None = None, state: Seen = Depends(seen)) -> JsonAnswer:
    """One document: number, issuers, validity, clauses in our words, what nobody saw, and its measures."""
    libraries = state.today()
    day = day_of(as_of, libraries.as_of)
    document = document_of(libraries.rulebook, policy_id)
    return JsonAnswer({"as_of": day.isoformat(), **policy_data(document, libraries.rulebook, day)})


def _packages(rulebook: Rulebook) -> list[str]:
    return sorted({package for each in rulebook.documents.values() for package in packages_of(each, rulebook)})
