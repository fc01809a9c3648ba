"""GET /roll, /roll/subjects/{id} and /roll/measures/{id}: the lists of the last large run that was kept."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from policy_match.workflows.library_names import REAL
from policy_match.workflows.read_roll import (
    MOST,
    USUAL,
    VERDICT_IDS,
    MeasureCounts,
    RunShown,
    Sight,
    Wanted,
    list_measures,
    list_runs,
    roll_of_measure,
    roll_of_subject,
    sight_of,
)
from policy_match.workflows.show_match import Plain
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import count_of, one_of
from policy_match_api.routes.answers import PROBLEM
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["名单"])
_REFUSALS: dict[int | str, dict[str, Any]] = {400: PROBLEM, 401: PROBLEM, 403: PROBLEM, 404: PROBLEM}
_IDS = {letter: name for name, letter in VERDICT_IDS.items()}


class RollRunAnswer(BaseModel):
    """A run that was kept. `release`: hash of its rules; `top`: how many measures each list of a subject has at most."""

    number: int
    as_of: str
    release: str
    subjects: int
    pairs: int
    top: int
    new: int
    changed: int
    gone: int


class RollMeasureAnswer(BaseModel):
    """A measure with the number of subjects that may have it, lack facts, or wait for people."""

    id: str
    title: str
    version: int
    eligible: int
    unknown: int
    needs_human: int


class RollAnswer(BaseModel):
    """The last run and the counts of its measures; `run` null and no measure where none was kept."""

    run: RollRunAnswer | None
    measures: list[RollMeasureAnswer]


class RollLine(BaseModel):
    """A measure in the lists of a subject."""

    measure: str
    title: str
    version: int
    verdict: Literal["eligible", "open"]


class SubjectRollAnswer(BaseModel):
    """The measures of a subject, those that it surely may have first."""

    run: RollRunAnswer
    subject: str
    lines: list[RollLine]


class ListedAnswer(BaseModel):
    """A subject and where it is, null where that is not known."""

    id: str
    region: str | None


class MeasureRollAnswer(BaseModel):
    """A page of the subjects of a measure, the largest first."""

    run: RollRunAnswer
    measure: RollMeasureAnswer
    verdict: Literal["eligible", "open"]
    district: str | None
    subjects: list[ListedAnswer]
    next_cursor: str | None


def sight_in(state: Seen) -> Sight:
    """How far the viewer sees the roll, which is of real subjects; Forbidden, NotFound LIBRARY_CLOSED."""
    state.require_library(REAL)
    return sight_of(state.viewer, state.require("matches"))


@router.get("/roll", response_model=RollAnswer, responses=_REFUSALS, summary="最近一次大批匹配，各措施几个主体")
def roll(state: Seen = Depends(seen)) -> JsonAnswer:
    """The last run that was kept, with its measures by id."""
    sight_in(state)
    runs = list_runs(state.archive, 1)
    if not runs:
        return JsonAnswer({"run": None, "measures": []})
    return JsonAnswer({"run": _run(runs[0]), "measures": [_counts(one) for one in list_measures(state.archive)]})


@router.get(
    "/roll/subjects/{subject_id:path}",
    response_model=SubjectRollAnswer,
    responses=_REFUSALS,
    summary="一个主体在名单里的措施",
)
def subject(subject_id: str, state: Seen = Depends(seen)) -> JsonAnswer:
    """As of the day of the run: why a pair stands so is asked of POST /match."""
    found = roll_of_subject(state.archive, subject_id, sight_in(state))
    lines: list[Plain] = [
        {
            "measure": line.measure.id, "title": line.measure.title, "version": line.version,
            "verdict": _IDS[line.verdict],
        }
        for line in found.lines
    ]  # fmt: skip
    return JsonAnswer({"run": _run(found.run), "subject": found.subject, "lines": lines})


@router.get(
    "/roll/measures/{measure_id}",
    response_model=MeasureRollAnswer,
    responses=_REFUSALS,
    summary="一项措施在名单里的主体",
)
def measure(
    measure_id: str,
    verdict: str | None = None,
    district: str | None = None,
    limit: str | None = None,
    cursor: str | None = None,
    state: Seen = Depends(seen),
) -> JsonAnswer:
    """The largest first; a subject is here if the measure is in its own list, which has at most `top` measures."""
    letter = VERDICT_IDS[one_of(verdict, "verdict", VERDICT_IDS) or "eligible"]
    wanted = Wanted(measure_id, letter, district or None, cursor or None, count_of(limit, "limit", USUAL, 1, MOST))
    found = roll_of_measure(state.archive, wanted, sight_in(state))
    subjects: list[Plain] = [{"id": one.id, "region": one.region} for one in found.subjects]
    return JsonAnswer(
        {
            "run": _run(found.run), "measure": _counts(found.measure), "verdict": _IDS[found.verdict],
            "district": found.district, "subjects": subjects, "next_cursor": found.cursor,
        }
    )  # fmt: skip


def _run(one: RunShown) -> Plain:
    return {
        "number": one.number, "as_of": one.as_of.isoformat(), "release": one.release, "subjects": one.subjects,
        "pairs": one.pairs, "top": one.top, "new": one.new, "changed": one.changed, "gone": one.gone,
    }  # fmt: skip


def _counts(one: MeasureCounts) -> Plain:
    return {
        "id": one.id, "title": one.title, "version": one.version, "eligible": one.eligible, "unknown": one.unknown,
        "needs_human": one.needs_human,
    }  # fmt: skip
