"""POST /ask and POST /bundle: what to find out first, and the best legal set, of subjects that come with the question.

Nothing is kept, and nothing is promised.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends

from policy_match.exchange.refusals import Refusal
from policy_match.facts.read import Json
from policy_match.workflows.ask import asking_of, questions_data
from policy_match.workflows.bundle_subjects import bundles_of
from policy_match.workflows.show_bundle import bundle_data
from policy_match.workflows.show_match import Plain
from policy_match.workflows.what_if import WhatIf, what_if
from policy_match_api.answer import JsonAnswer
from policy_match_api.bodies import json_body
from policy_match_api.limits import Limited
from policy_match_api.params import day_of
from policy_match_api.routes.answers import PROBLEM, Answer, QuestionAnswer, RefusedAnswer
from policy_match_api.routes.bundles import BundleLine
from policy_match_api.routes.match import EXAMPLE, NOTE, SUBJECTS, Asked, read_asked, refusal_data
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["试算"])
KEYS = ("subjects", "as_of")
# Every subject of a firm is solved with the others, and asked about over every open measure.
MOST = 100
_BODY = {
    "type": "object",
    "required": ["subjects"],
    "additionalProperties": False,
    "properties": {
        "subjects": SUBJECTS | {"maxItems": MOST},
        "as_of": {"type": ["string", "null"], "description": "YYYY-MM-DD；不写为今天"},
    },
}
_EXTRA = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _BODY, "example": {"subjects": EXAMPLE["subjects"]}}},
    }
}


class AskedAnswer(Answer):
    """The questions of one subject, first things first."""

    id: str
    questions: list[QuestionAnswer]


class AskAnswer(Answer):
    """What to find out about each subject."""

    note: str
    as_of: str
    subjects: list[AskedAnswer]
    refused: list[RefusedAnswer]


class BundlesAnswer(Answer):
    """The best set of each subject; nothing paid before is known, so nothing is taken off."""

    note: str
    as_of: str
    subjects: list[BundleLine]
    refused: list[RefusedAnswer]


def asked(body: Json = Depends(json_body)) -> Asked:
    """The body: subjects and a day."""
    return read_asked(body, KEYS, MOST)


@router.post(
    "/ask",
    response_model=AskAnswer,
    responses={400: PROBLEM, 413: PROBLEM},
    summary="先了解什么：不保存任何内容",
    dependencies=[Depends(Limited("match"))],
    openapi_extra=_EXTRA,
)
def ask(wanted: Asked = Depends(asked), state: Seen = Depends(seen)) -> JsonAnswer:
    """For each subject the facts to find out first, and what each would decide, by the yuan that hang on it."""
    tried = _tried(wanted, state)
    asking, matching = asking_of(tried.matching), tried.matching
    found = (asking.questions(row, matching.decisions(row), 5) for row in range(len(matching.subjects)))
    lines: list[Plain] = [
        questions_data(subject, questions) for subject, questions in zip(matching.subjects, found, strict=True)
    ]
    return _answer(tried, lines)


@router.post(
    "/bundle",
    response_model=BundlesAnswer,
    responses={400: PROBLEM, 413: PROBLEM},
    summary="能同时享受的最好一组：不保存任何内容",
    dependencies=[Depends(Limited("match"))],
    openapi_extra=_EXTRA,
)
def bundle(wanted: Asked = Depends(asked), state: Seen = Depends(seen)) -> JsonAnswer:
    """For each subject its part of the best legal set of its firm, among what is proved eligible."""
    tried = _tried(wanted, state)
    return _answer(tried, [bundle_data(found, name) for name, found in bundles_of(tried.matching, ())])


def _tried(wanted: Asked, state: Seen) -> WhatIf:
    day = day_of(wanted.as_of, state.day)
    return what_if(wanted.subjects, state.service.release(day).rulebook, day)


def _answer(tried: WhatIf, lines: list[Plain]) -> JsonAnswer:
    refusals: tuple[Refusal, ...] = tried.loaded.refusals
    refused: list[Plain] = [refusal_data(refusal) for refusal in refusals]
    day = tried.matching.as_of.isoformat()
    return JsonAnswer({"note": NOTE, "as_of": day, "subjects": lines, "refused": refused})
