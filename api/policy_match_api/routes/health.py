"""GET /health: whether the service answers."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from policy_match_api.answer import JsonAnswer
from policy_match_api.params import only_known
from policy_match_api.routes.answers import PROBLEM, Health
from policy_match_api.state import Opened, opened

router = APIRouter(tags=["运行"], dependencies=[Depends(only_known)])


@router.get("/health", response_model=Health, responses={400: PROBLEM}, summary="是否正常")
def health(state: Opened = Depends(opened)) -> JsonAnswer:
    """What the service holds; the two libraries are counted apart."""
    libraries = state.today()
    demo = None if libraries.demo is None else len(libraries.demo.matching.subjects)
    return JsonAnswer(
        {
            "status": "ok",
            "as_of": libraries.as_of.isoformat(),
            "measures": len(libraries.rulebook.ids),
            "real_subjects": len(libraries.real.matching.subjects),
            "demo_subjects": demo,
        }
    )
