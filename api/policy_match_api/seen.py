"""What one request sees: who looks, and both libraries as far as they may.

Routes take `Depends(seen)` and nothing else of the service's state, so that what is outside the viewer's scope is not
there for them: it is answered with 404, as an id that nobody has.
"""

from __future__ import annotations

from datetime import date, datetime

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from policy_match.access.permissions import Reach, Right
from policy_match.access.viewer import Means, Viewer
from policy_match.dates import local_day
from policy_match.errors import Issue, NotFound
from policy_match.facts.veil import Veil
from policy_match.settings import Settings
from policy_match.store.audit import ORIGIN, Origin
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Libraries, Library
from policy_match.workflows.see_cases import CaseSight, case_sight
from policy_match.workflows.see_library import scope_in, veil_of
from policy_match_api.params import found_in, library_of
from policy_match_api.state import Opened, opened
from policy_match_api.who import viewer_of


class Seen:
    """The service through the eyes of one viewer."""

    def __init__(self, service: Opened, viewer: Viewer) -> None:
        self.service, self.viewer = service, viewer

    @property
    def archive(self) -> Archive:
        """The archive, for workflows that ask who acts or are given what may be seen."""
        return self.service.archive

    @property
    def settings(self) -> Settings:
        """The settings of the service; its clock stands still for the key of tests."""
        fixed = self.viewer.fixed_now
        return self.service.settings if fixed is None else self.service.settings.model_copy(update={"now": fixed})

    @property
    def now(self) -> datetime:
        """The instant of the request, UTC."""
        return self.settings.instant()

    @property
    def day(self) -> date:
        """Today in Asia/Shanghai."""
        return local_day(self.now)

    def today(self) -> Libraries:
        """Both libraries today."""
        return self.on(self.day)

    def on(self, day: date) -> Libraries:
        """Both libraries on a day, with the subjects that the viewer may see."""
        return self.service.seen_on(day, self.viewer)

    def last(self) -> Libraries:
        """Both libraries today as they were decided last: without what was recorded a moment ago."""
        return self.service.last_seen_on(self.day, self.viewer)

    def library_to_write(self, project_id: str, name: str | None) -> Library:
        """The library of a project that is to be changed; NotFound. A writer waits for no reading of the whole library."""
        try:
            return found_in(self.last(), project_id, name)[0]
        except NotFound:
            # It may have been entered a moment ago.
            return found_in(self.today(), project_id, name)[0]

    def may(self, capability: str, right: Right = Right.READ) -> Reach | None:
        """How far a right of the viewer goes; None: not at all."""
        return self.archive.permissions.reach(self.viewer, capability, right)

    def library(self, name: str, day: date | None = None) -> Library:
        """One library on a day, today without one, as far as the viewer sees it; UsageError PARAM_VALUE, NotFound LIBRARY_CLOSED.

        A key is told of the library that is not its own: it would see an empty one, and take it for the answer.
        """
        found = library_of(self.today() if day is None else self.on(day), name)
        if self.viewer.means is Means.KEY:
            self._refuse_other(name)
        return found

    def veil(self, library: str) -> Veil:
        """What lies over the sensitive figures of a library for the viewer."""
        return veil_of(scope_in(library, self.viewer, self.archive.permissions), self.archive.permissions)

    def cases(self, session: Session) -> CaseSight:
        """Which cases the viewer sees in full."""
        return case_sight(session, self.archive, self.viewer, self.today())

    def require_library(self, name: str) -> None:
        """Refuse a library that is closed, or that is not the one in which the viewer's rights hold; NotFound LIBRARY_CLOSED."""
        library_of(self.last(), name)
        self._refuse_other(name)

    def require(self, capability: str, right: Right = Right.READ) -> Reach:
        """The same; Forbidden without it, noted where the viewer is known."""
        return self.archive.permissions.require(self.viewer, capability, right)

    def _refuse_other(self, name: str) -> None:
        if self.viewer.library not in (None, name):
            allowed = self.viewer.library or ""
            raise NotFound(
                Issue("LIBRARY_CLOSED", "这个账号或密钥不用于这个项目库", "library", allowed, "改用允许的项目库")
            )


async def seen(request: Request) -> Seen:
    """A dependency: the view of a request, worked out once; what it leaves in the audit chain says where it came from."""
    found = seen_before(request)
    if found is not None:
        return found
    service = opened(request)
    viewer = await run_in_threadpool(viewer_of, request, service)
    terminal = request.client.host if request.client else ""
    ORIGIN.set(Origin(trace_of(request), terminal, viewer.acts_for))
    made = Seen(service, viewer)
    request.state.seen = made
    if viewer.actor:
        request.state.actor = viewer.actor
    return made


def seen_before(request: Request) -> Seen | None:
    """The view of a request if it was worked out: an error may come before."""
    found = getattr(request.state, "seen", None)
    return found if isinstance(found, Seen) else None


def trace_of(request: Request) -> str:
    """The trace id of a request."""
    return str(request.scope.get("state", {}).get("trace_id", ""))
