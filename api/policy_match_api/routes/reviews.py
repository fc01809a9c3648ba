"""The queue of matches that people look at: GET /reviews, claims and decisions.

An override takes a second person, who sends the same decision again: nobody signs for another one over the API.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from policy_match.access.permissions import Right
from policy_match.store.actors import actor
from policy_match.store.audit import Plain
from policy_match.workflows.claim_review import claim_review
from policy_match.workflows.decide_review import NewDecision, decide_review
from policy_match.workflows.find_reviews import open_queue
from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_reviews import review_rows
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_reviews import wanted_reviews
from policy_match.workflows.review_rights import givers_of, reader_of
from policy_match.workflows.write_entry import By
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import count_of, date_of, flag_of, list_of
from policy_match_api.preconditions import version_seen
from policy_match_api.routes.answers import PROBLEM, Answer
from policy_match_api.routes.project_writes import REFUSALS, Written
from policy_match_api.seen import Seen, seen
from policy_match_api.write_once import Sent, sent, write_once

router = APIRouter(tags=["审核"])
MOST = 200


class ReviewLine(Answer):
    """One match to look at. `priority`, `relevance`: as text, 未知 where not known; `since`: the day it was recorded as
    waiting, null before that; `due`: the last day to decide in; `row_version` goes back with a decision (If-Match)."""

    id: str
    subject: str
    name: str
    measure: str
    title: str
    version: int
    verdict: str
    verdict_name: str
    near_miss: bool
    fate: str
    amount: str
    amount_low_fen: int | None
    amount_high_fen: int | None
    priority: str
    relevance: str
    why: list[str]
    why_codes: list[str]
    missing: str
    missing_facts: list[list[str]]
    since: str | None
    due: str | None
    late: bool
    held: str
    held_by: str | None
    held_until: str | None
    before: str
    waits_for_second: bool
    signature: str
    release: str
    row_version: int


class Reviews(Answer):
    """The queue as far as the reader sees it, the most urgent first."""

    library: Literal["real", "demo"]
    demo: bool
    as_of: str
    total: int
    reviews: list[ReviewLine]


class ClaimAnswer(Answer):
    """The claim: until when nobody else may decide."""

    id: str
    subject: str
    measure: str
    until: str
    row_version: int


class Decision(Written):
    """`reason`: of a rejection; `fact`: what is wrong, of correct_fact; `until`: YYYY-MM-DD, of defer."""

    decision: Literal[
        "confirm", "reject", "correct_fact", "defer", "escalate", "override_eligible", "override_ineligible"
    ]
    reason: str | None = None
    note: str = Field(default="", max_length=1000)
    fact: str | None = None
    until: str | None = None


class DecidedAnswer(Answer):
    """`counts` false: it waits for a second person; `doubt`: number of the question that was opened."""

    id: str
    decision: str
    counts: bool
    doubt: int | None
    row_version: int


@router.get(
    "/reviews", response_model=Reviews, responses={400: PROBLEM, 403: PROBLEM, 404: PROBLEM}, summary="待审匹配"
)
def list_reviews(
    library: str = REAL,
    measure: str | None = None,
    district: str | None = None,
    mine: str | None = None,
    limit: str | None = None,
    offset: str | None = None,
    state: Seen = Depends(seen),
) -> JsonAnswer:
    """The open ones: of the own area, of the own measures, or all, by role."""
    state.require("reviews")
    state.require_library(library)
    held = state.library(library)
    by = By(held.name, state.viewer.actor, state.now)
    wanted = wanted_reviews(state.archive, by, list_of(measure), district, mine=flag_of(mine, "mine"))
    first, most = count_of(offset, "offset", 0, 0, 10**6), count_of(limit, "limit", MOST, 1, MOST)
    with state.archive.database.reading() as session:
        who = actor(session, by.actor, by.today)
        reader = reader_of(state.archive, who, givers_of(session, who, by.today))
        queue = open_queue(session, state.archive, held, by.now)
        found = queue.reviews(wanted, reader)
        rows = review_rows(session, state.archive, queue, found[first : first + most])
    lines: list[Plain] = [{**row} for row in rows]
    head: dict[str, Plain] = {"library": held.name, "demo": held.is_demo, "as_of": held.matching.as_of.isoformat()}
    return JsonAnswer({**head, "total": len(found), "reviews": lines})


@router.post("/reviews/{review_id}/claim", response_model=ClaimAnswer, responses=REFUSALS, summary="认领一项待审匹配")
def claim(review_id: str, library: str = REAL, request: Sent = Depends(sent), state: Seen = Depends(seen)) -> Response:
    """Hold it for half an hour; claimed again it is held longer. Held by another one: 409 with who and until when."""
    state.require("reviews", Right.WRITE)
    by = _by(state, library)

    def do(archive: Archive) -> Response:
        held = claim_review(archive, review_id, by)
        subject, measure = held.match.pair
        until = held.until.isoformat()
        return JsonAnswer(
            {"id": held.id, "subject": subject, "measure": measure, "until": until, "row_version": held.row_version}
        )

    return write_once(state.archive, request, do, actor=by.actor, now=by.now)


@router.post(
    "/reviews/{review_id}/decision", response_model=DecidedAnswer, responses=REFUSALS, summary="决定一项待审匹配"
)
def decide(
    review_id: str,
    asked: Decision,
    library: str = REAL,
    version: int | None = Depends(version_seen),
    request: Sent = Depends(sent),
    state: Seen = Depends(seen),
) -> Response:
    """Decide what one holds. It changes the suggestion alone: no fact, no verdict, no 免申即享 case."""
    state.require("reviews", Right.WRITE)
    by = _by(state, library)
    until: date | None = None if asked.until is None else date_of(asked.until, "until")
    wanted = NewDecision(review_id, asked.decision, asked.reason, asked.note, asked.fact, until, None, version)

    def do(archive: Archive) -> Response:
        done = decide_review(archive, wanted, by)
        return JsonAnswer(
            {
                "id": done.id,
                "decision": done.step.choice.value,
                "counts": done.counts,
                "doubt": done.doubt,
                "row_version": done.row_version,
            }
        )

    return write_once(state.archive, request, do, actor=by.actor, now=by.now)


def _by(state: Seen, library: str) -> By:
    state.require_library(library)
    return By(library, state.viewer.actor, state.now)
