"""/changes and /subscriptions as viewers of different roles get them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.testclient import TestClient

from policy_match.access.key_scopes import KeyScope
from policy_match.access.viewer import ANYBODY, Means, Viewer
from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.workflows.list_changes import KINDS, Change
from policy_match.workflows.open_archive import open_archive
from policy_match.workflows.open_libraries import Libraries, Library
from policy_match.workflows.see_changes import BELONGS_TO, sees_change
from policy_match.workflows.seed_libraries import seed_libraries
from policy_match_api.errors import add_errors
from policy_match_api.headers import Headers
from policy_match_api.params import only_known
from policy_match_api.routes import changes, subscriptions
from policy_match_api.seen import Seen, seen
from policy_match_api.state import Opened

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "exchange"))

from receiving import receiving

DATA = Viewer("data", "市数据局经办1", "data", Means.SESSION)
COMMERCE = Viewer("commerce", "市商务局经办1", "commerce", Means.SESSION)
As = Callable[[Viewer], TestClient]


@pytest.fixture(scope="module")
def service(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A service of its own, which may call this machine."""
    path = tmp_path_factory.mktemp("changes") / "library.db"
    own = settings.model_copy(update={"database_url": f"sqlite:///{path}", "webhook_hosts": "127.0.0.1"})
    archive = open_archive(own.database_url, own.rules_dir, own.corpus_dir, own.cache, secret=open_secret(own))
    seed_libraries(archive, own.corpus_dir, own.instant())
    return Opened(archive, own, demo=True)


@pytest.fixture(scope="module")
def libraries(service: Opened) -> Libraries:
    """What it holds."""
    return service.today()


@pytest.fixture(scope="module")
def demo(libraries: Libraries) -> Library:
    """The demonstration library."""
    assert libraries.demo is not None
    return libraries.demo


@pytest.fixture
def as_viewer(service: Opened) -> As:
    """Both routes for one viewer."""

    def made(viewer: Viewer) -> TestClient:
        app, api = FastAPI(), APIRouter(prefix="/api/v1", dependencies=[Depends(only_known)])
        for routes in (changes, subscriptions):
            api.include_router(routes.router)
        app.include_router(api)
        app.add_middleware(Headers)
        add_errors(app)
        app.dependency_overrides[seen] = lambda: Seen(service, viewer)
        return TestClient(app)

    return made


def test_who_reads_the_sources_is_told_of_the_first_import_and_gets_a_cursor_for_more(as_viewer: As) -> None:
    first = as_viewer(DATA).get("/api/v1/changes?library=demo").json()
    body = changes.ChangesAnswer.model_validate(first)

    assert (body.library, body.demo, body.more) == ("demo", True, False)
    assert [(line.kind, line.action, line.library, line.subject) for line in body.changes] == [
        ("batch", "seed", "demo", None)
    ]
    again = as_viewer(DATA).get("/api/v1/changes", params={"library": "demo", "cursor": body.next_cursor}).json()
    assert (again["changes"], again["next_cursor"]) == ([], body.next_cursor)


def test_a_visitor_is_told_of_no_import_and_still_gets_a_cursor(as_viewer: As) -> None:
    body = as_viewer(ANYBODY).get("/api/v1/changes").json()

    assert body["changes"] == []
    assert body["next_cursor"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("cursor=abc", "CURSOR_INVALID"),
        ("limit=0", "PARAM_VALUE"),
        ("limit=101", "PARAM_VALUE"),
        ("library=x", "PARAM_VALUE"),
        ("since=1", "PARAM_UNKNOWN"),
    ],
)
def test_a_wrong_question_is_told(as_viewer: As, query: str, code: str) -> None:
    answer = as_viewer(DATA).get(f"/api/v1/changes?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_key_is_told_of_its_library_alone(as_viewer: As) -> None:
    key = replace(DATA, means=Means.KEY, key_scopes=frozenset({KeyScope.READ}), library="demo")

    assert as_viewer(key).get("/api/v1/changes?library=demo").status_code == 200
    assert as_viewer(key).get("/api/v1/changes?library=real").json()["code"] == "LIBRARY_CLOSED"


def test_a_subscription_is_made_tried_listed_and_ended(as_viewer: As) -> None:
    client = as_viewer(DATA)
    with receiving() as receiver:
        made = client.post("/api/v1/subscriptions", json={"library": "demo", "url": receiver.url, "kinds": ["project"]})
        number = made.json()["id"]
        tried = client.post(f"/api/v1/subscriptions/{number}/trial?library=demo").json()

    listed = client.get("/api/v1/subscriptions?library=demo").json()
    ended = client.delete(f"/api/v1/subscriptions/{number}?library=demo")
    gone = client.delete(f"/api/v1/subscriptions/{number}?library=demo")

    assert made.status_code == 201
    assert subscriptions.NewSubscriptionAnswer.model_validate(made.json()).secret.startswith("whsec_")
    assert (tried["status"], len(receiver.got)) == (204, 1)
    assert subscriptions.SubscriptionsAnswer.model_validate(listed).subscriptions[-1].tried is not None
    assert "whsec" not in str(listed)
    assert (ended.status_code, ended.json()["ended_at"] is not None) == (200, True)
    assert (gone.status_code, gone.json()["code"]) == (404, "SUBSCRIPTION_UNKNOWN")


def test_a_subscription_asked_for_twice_under_one_key_is_one_and_shows_its_secret_again(as_viewer: As) -> None:
    client, body = as_viewer(DATA), {"library": "demo", "url": "http://127.0.0.1/twice", "kinds": ["case"]}

    first = client.post("/api/v1/subscriptions", json=body, headers={"Idempotency-Key": "twice-1"})
    again = client.post("/api/v1/subscriptions", json=body, headers={"Idempotency-Key": "twice-1"})
    other = client.post("/api/v1/subscriptions", json=body | {"kinds": []}, headers={"Idempotency-Key": "twice-1"})

    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (201, first.content, "true")
    assert (other.status_code, other.json()["code"]) == (422, "IDEMP_MISMATCH")


@pytest.mark.parametrize(
    ("viewer", "status"),
    [
        (ANYBODY, 403),
        (Viewer("development", "市发改委经办1", "development", Means.SESSION), 403),
        (replace(COMMERCE, means=Means.KEY, key_scopes=frozenset({KeyScope.READ, KeyScope.WRITE})), 403),
        (replace(COMMERCE, means=Means.KEY, key_scopes=frozenset({KeyScope.SUBSCRIBE})), 201),
    ],
    ids=["visitor", "reader", "key without the scope", "key with the scope"],
)
def test_only_who_may_subscribe_does(as_viewer: As, viewer: Viewer, status: int) -> None:
    body = {"library": "demo", "url": f"http://127.0.0.1/{viewer.role}", "kinds": ["case"]}

    assert as_viewer(viewer).post("/api/v1/subscriptions", json=body).status_code == status


# who is told of what


def change(kind: str, subject: str | None, measure: str | None = None) -> Change:
    return Change(1, datetime(2026, 3, 1, tzinfo=UTC), "demo", kind, "1", "test", subject, measure)


@pytest.fixture
def told(service: Opened, libraries: Libraries) -> Callable[[Change, Viewer, str], bool]:
    """Whether a viewer is told of a change in a library."""

    def ask(one: Change, viewer: Viewer, library: str = "demo") -> bool:
        view = service.seen_on(libraries.as_of, viewer)
        held: Library | None = view.demo if library == "demo" else view.real
        assert held is not None
        return sees_change(one, held, viewer, service.archive)

    return ask


def test_every_kind_belongs_to_a_row_of_the_permissions(service: Opened) -> None:
    assert BELONGS_TO.keys() == KINDS.keys()
    assert set(BELONGS_TO.values()) <= service.archive.permissions.capabilities.keys()


def test_of_a_subject_who_sees_it_is_told_and_of_the_library_who_reads_everything(
    told: Callable[..., bool], demo: Library, libraries: Libraries
) -> None:
    there, real = next(iter(demo.rows)), next(iter(libraries.real.rows))
    district = Viewer("district-320412", "武进", "district", Means.SESSION, region="320412")

    assert told(change("project", there), ANYBODY)
    assert not told(change("project", "nobody"), ANYBODY)
    assert not told(change("project", real), ANYBODY, "real")
    assert told(change("project", real), DATA, "real")
    assert (told(change("batch", None), DATA), told(change("library", None), district)) == (True, False)
    assert not told(change("doubt", there), ANYBODY)


def test_a_district_is_told_of_its_area_alone(told: Callable[..., bool], service: Opened, libraries: Libraries) -> None:
    district = Viewer("district-320412", "武进", "district", Means.SESSION, region="320412")
    own = service.seen_on(libraries.as_of, district).demo
    assert own is not None and libraries.demo is not None
    outside = next(code for code in libraries.demo.rows if code not in own.rows)

    assert all(told(change("project", code), district) for code in own.rows)
    assert not told(change("case", outside, "tech_sme"), district)


def test_a_city_unit_is_told_of_cases_under_its_own_measures_alone(
    told: Callable[..., bool], demo: Library, libraries: Libraries, service: Opened
) -> None:
    there, day, book = next(iter(demo.rows)), libraries.as_of, libraries.rulebook
    industry = Viewer("industry", "市工信局经办1", "industry", Means.SESSION)
    names = {one: book.at(one, day).measure.owner_unit or "" for one in book.ids if book.at(one, day).level == "city"}
    own = next(one for one, owner in names.items() if "市工信局" in owner)
    other = next(one for one, owner in names.items() if owner == "市科技局")

    assert told(change("case", there, own), industry)
    assert not told(change("case", there, other), industry)
    assert not told(change("review", there, other), industry)
    assert not told(change("case", there, "gone"), industry)
    assert told(change("project", there), industry)
