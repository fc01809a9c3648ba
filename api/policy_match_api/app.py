"""The service: pages and JSON over both libraries of the archive, read-only.

FastAPI's own documentation pages load scripts from elsewhere and stay off; the
description of the API is /openapi.json.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from policy_match import __version__
from policy_match.settings import Settings
from policy_match.workflows.list_releases import folder_note
from policy_match.workflows.open_archive import open_archive
from policy_match.workflows.read_records import View
from policy_match.workflows.seed_libraries import seed_libraries
from policy_match_api.errors import add_errors
from policy_match_api.headers import Headers
from policy_match_api.pages import front
from policy_match_api.pages import measures as measure_pages
from policy_match_api.pages import msjx as msjx_pages
from policy_match_api.pages import policies as policy_pages
from policy_match_api.pages import projects as project_pages
from policy_match_api.pages import releases as release_pages
from policy_match_api.pages import roadmaps as roadmap_pages
from policy_match_api.pages import search as search_pages
from policy_match_api.pages import simulate as simulate_pages
from policy_match_api.pages.render import FOLDER
from policy_match_api.params import only_known
from policy_match_api.routes import bundles, health, match, measures, msjx, policies, projects, search
from policy_match_api.state import Opened


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
    )
    archive = open_archive(settings.database_url, settings.rules_dir, settings.corpus_dir, settings.cache)
    seeded = seed_libraries(archive, settings.corpus_dir, settings.instant(), demo=demo)
    note = folder_note(archive, View(settings.today()))
    app.state.notes = (*seeded, note) if note else seeded
    app.state.opened = Opened(archive, settings, demo=demo)
    app.state.opened.today()
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(only_known)])
    for routes in (search, policies, measures, projects, bundles, match, msjx):
        api.include_router(routes.router)
    app.include_router(api)
    for pages in (
        health,
        front,
        search_pages,
        policy_pages,
        roadmap_pages,
        project_pages,
        measure_pages,
        release_pages,
        simulate_pages,
        msjx_pages,
    ):
        app.include_router(pages.router)
    app.add_api_route("/favicon.ico", favicon, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    add_errors(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(Headers)
    return app


def favicon() -> FileResponse:
    """The icon, for browsers that ask without being told."""
    return FileResponse(FOLDER / "static" / "favicon.png", media_type="image/png")
