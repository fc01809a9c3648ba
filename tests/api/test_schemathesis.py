"""The whole API answers as /openapi.json says: a short run of the campaign (benchmarks/api.py)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.api import Tried, run
from fastapi import FastAPI
from starlette.responses import JSONResponse

from policy_match.access.tokens import demo_key
from policy_match.settings import Settings
from policy_match_api.app import create_app

FEW = 1


@pytest.fixture(scope="module", params=["visitor", "demo-development"])
def tried(
    request: pytest.FixtureRequest, small_in: Callable[[Path], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Tried:
    """One run over an application of its own, by a visitor and by somebody who may write."""
    unlimited = {"lookups_per_minute": 0, "matches_per_minute": 0, "logins_per_minute": 0}
    settings = small_in(tmp_path_factory.mktemp("tried")).model_copy(update=unlimited)
    key = None if request.param == "visitor" else demo_key(request.param)
    # The holder of a key may ask everything; what a visitor may not ask is refused before any edge is looked at.
    return run(create_app(settings), FEW, key, edges=key is not None)


def test_no_answer_differs_from_the_description_and_none_is_a_fault_of_ours(tried: Tried) -> None:
    assert tried.failures == ()
    assert max(tried.statuses) < 500


def test_every_operation_was_tried_and_answered(tried: Tried, client_paths: set[str]) -> None:
    assert tried.operations == len(client_paths)
    assert tried.statuses[200] > len(client_paths) // 2


@pytest.fixture(scope="module")
def client_paths(settings: Settings) -> set[str]:
    """Path and method of every operation that is described."""
    paths = create_app(settings).openapi()["paths"]
    return {f"{method} {path}" for path, item in paths.items() for method in item}


def test_the_run_finds_an_answer_that_is_not_as_described() -> None:
    app = FastAPI()

    @app.get("/wrong")
    def wrong() -> str:
        return JSONResponse({"status": "not text"})  # type: ignore[return-value]

    assert [failure.partition("\n")[0] for failure in run(app, 1).failures] != []
