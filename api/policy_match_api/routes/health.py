"""GET /health: whether the service answers; GET /ready: whether it can do its work; GET /metrics: figures for Prometheus."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from policy_match.errors import Issue, PolicyMatchError
from policy_match.store.availability import reading_outage, writing_outage
from policy_match_api.answer import JsonAnswer
from policy_match_api.outage import OUTAGE_WORDS, come_back, unavailable
from policy_match_api.params import only_known
from policy_match_api.routes.answers import PROBLEM, Health, Ready
from policy_match_api.state import Opened, opened

LEAST_FREE = 100 * 1024 * 1024
router = APIRouter(tags=["运行"], dependencies=[Depends(only_known)])


@router.get("/health", response_model=Health, responses={400: PROBLEM, 503: PROBLEM}, summary="是否正常")
def health(request: Request, state: Opened = Depends(opened)) -> Response:
    """What the service holds, the two libraries counted apart; 503 while the database cannot be read."""
    outage = reading_outage(state.archive.database)
    if outage is not None:
        return unavailable(request, outage)
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


@router.get("/ready", response_model=Ready, responses={400: PROBLEM, 503: PROBLEM}, summary="能否办理")
def ready(request: Request, state: Opened = Depends(opened)) -> Response:
    """Whether everything that requests need is there: the database to read and write, its newest schema, rules, room on the disk.

    503 says what is missing. While the search index is not open, everything but search is answered: that is told, and no fault.
    """
    faults = tuple(_faults(state))
    if faults:
        hint = "按运行手册“变红了怎么办”处理"
        return come_back(request, Issue("NOT_READY", f"服务现在不能办理：{'；'.join(faults)}", "", "", hint))
    return JsonAnswer(
        {"status": "ready", "search_open": state.search_is_open, "free_mb": free(state.settings.cache) // 2**20}
    )


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, state: Opened = Depends(opened)) -> Response:
    """The figures as text; 404 where they are not given."""
    setting = state.settings.metrics
    # Whoever comes through a proxy may come from anywhere.
    if setting == "off" or (setting == "auto" and "x-forwarded-for" in request.headers):
        raise HTTPException(404)
    return Response(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def free(folder: Path) -> int:
    """Bytes free on the disk of a folder, or of the nearest one above that exists."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free


def _faults(state: Opened) -> Iterator[str]:
    database = state.archive.database
    outage = reading_outage(database) or writing_outage(database)
    if outage is not None:
        yield OUTAGE_WORDS[outage]
        return
    try:
        state.release(state.settings.today())
    except PolicyMatchError as error:
        yield f"规则没有载入（{error.issues[0].what}）"
    if (left := free(state.settings.cache)) < LEAST_FREE:
        yield f"缓存目录所在磁盘只剩 {left // 2**20} MB"
