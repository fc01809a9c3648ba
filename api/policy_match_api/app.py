"""The service: pages and JSON over both libraries of the archive, each request as far as its viewer may see and act.

FastAPI's own documentation pages load scripts from elsewhere and stay off; the
description of the API is /openapi.json.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from policy_match import __version__
from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.store.database import stay_open
from policy_match.workflows.list_releases import folder_note
from policy_match.workflows.open_archive import Archive, open_archive
from policy_match.workflows.open_elsewhere import open_elsewhere, registration_of
from policy_match.workflows.read_records import View
from policy_match.workflows.seal_value import told_of_other_key
from policy_match.workflows.seed_accounts import seed_accounts
from policy_match.workflows.seed_contacts import seed_contacts
from policy_match.workflows.seed_libraries import seed_libraries
from policy_match.workflows.seed_messages import seed_messages
from policy_match_api.bodies import BodyLimit
from policy_match_api.describe import describe
from policy_match_api.errors import add_errors
from policy_match_api.headers import Headers
from policy_match_api.limits import Limited, Limits
from policy_match_api.metrics import Metrics
from policy_match_api.observe import Observe
from policy_match_api.outage import add_outage
from policy_match_api.pages import (
    account,
    admin,
    api_docs,
    audit,
    audit_proof,
    authoring,
    authoring_editor,
    authoring_sandbox,
    boards,
    checkup,
    evaluation_steps,
    evaluations,
    exports,
    firm,
    firm_case,
    front,
    growth,
    handover,
    look_backs,
    message_links,
    messages,
    messages_notice,
    messages_sent,
    messages_settings,
    month_reports,
    notices,
    oidc,
    roll,
    self_check,
    today,
    together,
    track_map,
    visit_card,
)
from policy_match_api.pages import measures as measure_pages
from policy_match_api.pages import msjx as msjx_pages
from policy_match_api.pages import pipelines as pipeline_pages
from policy_match_api.pages import policies as policy_pages
from policy_match_api.pages import projects as project_pages
from policy_match_api.pages import releases as release_pages
from policy_match_api.pages import reviews as review_pages
from policy_match_api.pages import roadmaps as roadmap_pages
from policy_match_api.pages import search as search_pages
from policy_match_api.pages import simulate as simulate_pages
from policy_match_api.pages.render import FOLDER
from policy_match_api.params import only_known
from policy_match_api.routes import (
    bundles,
    case_writes,
    changes,
    health,
    match,
    measures,
    msjx,
    notifications,
    pipelines,
    policies,
    project_writes,
    projects,
    reports,
    reviews,
    search,
    subscriptions,
    what_if,
)
from policy_match_api.routes import evaluations as evaluation_routes
from policy_match_api.routes import growth as growth_routes
from policy_match_api.routes import roll as roll_routes
from policy_match_api.routes.answers import PROBLEM
from policy_match_api.seen import seen
from policy_match_api.state import Opened

WRITER_WAITS = 10.0
AT_ONCE = 4
"""Requests that a process works on at once; those beyond wait in turn. Python computes for one at a time: with the usual 40
threads a service that falls behind spent as much again on passing between them, and with 8 it was a third slower than with 4."""
DEMO_ACCOUNTS = (
    "示范账号已开：密码人人知道，见 /login；只在本机自带的数据库里有，正式使用前另建账号（docs/accounts.zh.md）"
)


def create_app(settings: Settings, *, demo: bool = True) -> FastAPI:
    """Read libraries and the rules in force, decide every pair of today and set up the service; PolicyMatchError if it cannot.

    What people who start it should know is in `app.state.notes`.
    """
    app = FastAPI(
        title="惠企政策匹配",
        version=__version__,
        description="真实项目与真实措施逐条匹配。真实项目库与示范库（示范数据）分开，从不合计。",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_in_turn,
    )
    archive, app.state.notes = filled_archive(settings, demo=demo)
    app.state.elsewhere = open_elsewhere(settings, archive.table, open_secret(settings))
    stay_open(archive.database, wait_seconds=WRITER_WAITS)
    app.state.opened = Opened(archive, settings, demo=demo)
    app.state.opened.today()
    app.state.demo_accounts = seed_accounts(archive, settings.instant()) if demo else ()
    app.state.metrics = Metrics(archive.database)
    app.state.limits = Limits(settings)
    _add_addresses(app)
    describe(app)
    add_errors(app)
    add_outage(app)
    _add_layers(app, settings)
    return app


@asynccontextmanager
async def _in_turn(_app: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = AT_ONCE
    yield


def _add_addresses(app: FastAPI) -> None:
    """The JSON API, the pages, and the files that they load."""
    counted = [Depends(seen), Depends(Limited("lookup"))]
    api = APIRouter(prefix="/api/v1", dependencies=[*counted, Depends(only_known)], responses={429: PROBLEM})
    for routes in (
        search, policies, measures, projects, growth_routes, project_writes, bundles, match, what_if, msjx, case_writes, reviews, reports,
        evaluation_routes, roll_routes, changes, subscriptions, notifications, pipelines,
    ):  # fmt: skip
        api.include_router(routes.router)
    app.include_router(api)
    # Not counted: a probe that is refused would have a service stopped that is well.
    app.include_router(health.router)
    for pages in (
        front,
        account,
        message_links,
        messages_sent,
        messages_notice,
        messages_settings,
        messages,
        admin,
        audit_proof,
        audit,
        oidc,
        self_check,
        firm,
        firm_case,
        checkup,
        today,
        exports,
        month_reports,
        evaluation_steps,
        evaluations,
        look_backs,
        boards,
        track_map,
        growth,
        roll,
        pipeline_pages,
        handover,
        together,
        review_pages,
        visit_card,
        api_docs,
        search_pages,
        policy_pages,
        roadmap_pages,
        project_pages,
        measure_pages,
        release_pages,
        authoring,
        authoring_editor,
        authoring_sandbox,
        notices,
        simulate_pages,
        msjx_pages,
    ):
        app.include_router(pages.router, dependencies=counted)
    app.add_api_route("/favicon.ico", favicon, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")


def _add_layers(app: FastAPI, settings: Settings) -> None:
    """What every request passes through, the innermost first."""
    # In the loop that serves everybody: the usual 9 takes nearly twice as long for three per cent less.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(BodyLimit)
    app.add_middleware(Headers)
    app.add_middleware(Observe, metrics=app.state.metrics)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)


def filled_archive(settings: Settings, *, demo: bool) -> tuple[Archive, tuple[str, ...]]:
    """The archive at its newest schema with both libraries in it, and what people who start it should know."""
    secret = open_secret(settings)
    registration_of(settings)  # half of one is told before the libraries are filled, which takes minutes
    archive = open_archive(
        settings.database_url, settings.rules_dir, settings.corpus_dir, settings.cache, secret=secret
    )
    seeded = seed_libraries(archive, settings.corpus_dir, settings.instant(), demo=demo)
    if demo and seed_accounts(archive, settings.instant()):
        seeded = (*seeded, DEMO_ACCOUNTS)
        if seed_contacts(archive, settings.instant()):
            seed_messages(archive, settings.instant())
    noted = (folder_note(archive, View(settings.today())), told_of_other_key(archive.database, archive.sealer))
    return archive, (*seeded, *(note for note in noted if note))


def favicon() -> FileResponse:
    """The icon, for browsers that ask without being told."""
    return FileResponse(FOLDER / "static" / "favicon.png", media_type="image/png")
