"""GET /projects/{id}/bundle: the best set of benefits of a project or enterprise, together with its firm."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Depends

from policy_match.workflows.see_library import bundle_seen
from policy_match.workflows.show_bundle import bundle_data
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import day_of, found_in
from policy_match_api.routes.answers import PROBLEM, AmountAnswer, Answer
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["项目"])


class ChosenAnswer(Answer):
    """One benefit of the set; the amount is what limits leave of it."""

    measure: str
    amount: AmountAnswer
    beneficiary: str


class NotTakenAnswer(Answer):
    """One benefit that is not in the set, why, and the measures that stand in its place."""

    measure: str
    why: str
    instead: list[str]


class BundleLine(Answer):
    """The part of one subject in the best set of its firm; sums are of cash, in 分.

    `free`: measures without an amount that can be had beside the set; `together_with`: the other subjects of the firm,
    solved with this one; `proved` false: the search was too large, a better set may exist.
    """

    subject: str
    as_of: str
    chosen: list[ChosenAnswer]
    low_fen: int
    high_fen: int
    not_taken: list[NotTakenAnswer]
    free: list[str]
    together_with: list[str]
    proved: bool


class BundleAnswer(BundleLine):
    """The same of a subject of a library, by the release that decides there."""

    library: Literal["real", "demo"]
    demo: bool
    release: str


@router.get(
    "/projects/{project_id}/bundle",
    response_model=BundleAnswer,
    responses={400: PROBLEM, 404: PROBLEM},
    summary="依法能同时享受的最好一组待遇",
)
def show_bundle(
    project_id: str, as_of: str | None = None, library: str | None = None, state: Seen = Depends(seen)
) -> JsonAnswer:
    """The best legal set among what is proved eligible; an award of the firm counts once among its projects."""
    state.require("matches")
    held, row = found_in(state.on(day_of(as_of, state.day)), project_id, library)
    matching = held.matching
    data = bundle_data(bundle_seen(held, row), matching.subjects[row].id)
    return JsonAnswer({"library": held.name, "demo": held.is_demo, "release": held.release, **data})
