"""Who gets what from the service: scope, rights, sensitive figures, keys, second factor (S-37 and domain §10.1)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from f import write_xlsx
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr
from servers import copied_database, emptied_database
from signed_in import Door
from sqlalchemy import select
from starlette.testclient import TestClient

from policy_match.secret import open_secret
from policy_match.settings import LOCAL, Settings
from policy_match.store.account_tables import Account
from policy_match.store.tables import Audit
from policy_match.workflows.enter_by_hand import Told, add_project, tell_facts
from policy_match.workflows.import_register import import_register
from policy_match.workflows.library_names import REAL
from policy_match.workflows.open_archive import open_archive
from policy_match_api.app import create_app

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2025, 3, 31, 10, 0, tzinfo=LOCAL)
E1 = "91320412MAYYYY0160"
EXACT = "3650万元"


def opened(address: str, folder: Path) -> Door:
    """The service over a database on the day of F."""
    settings = Settings(
        now=NOW, database_url=address, cache=folder, secret=SecretStr("an installation of tests, nowhere else 7"),
        lookups_per_minute=0, matches_per_minute=0,
    )  # fmt: skip
    return Door.of(TestClient(create_app(settings, demo=False)))


def filled(address: str, folder: Path) -> str:
    """The address of a database that now holds library F with a figure of a firm that is not for everybody."""
    secret = open_secret(Settings(secret=SecretStr("an installation of tests, nowhere else 7")))
    archive = open_archive(address, ROOT / "rules", ROOT / "corpus", folder, secret=secret)
    file = write_xlsx(folder / "f.xlsx")
    import_register(archive, REAL, "DISTRICT", file, by="importer", strict=True, may_shrink=False, now=NOW)
    archive.database.close()
    made = opened(address, folder)
    told = Told({"上年度营业收入": EXACT, "从业人员": "300人"}, source="SELF")
    tell_facts(made.archive, REAL, number_of(made, "示范项目P01"), told, "development", NOW)
    made.archive.database.close()
    return address


@pytest.fixture(scope="module")
def filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Library F on SQLite, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    filled(f"sqlite:///{folder / 'library.db'}", folder)
    return folder / "library.db"


@pytest.fixture(scope="module")
def filled_on_server(server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Library F on PostgreSQL, to be copied."""
    return filled(emptied_database(server, "filled"), tmp_path_factory.mktemp("filled"))


def address_of(request: pytest.FixtureRequest, folder: Path) -> str:
    """A database of the sort that the test asks for with library F in it."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("filled_file"), folder)
        return f"sqlite:///{folder / 'library.db'}"
    # One of its own for each scope: tests that only look still hold theirs while others write.
    return copied_database(request.getfixturevalue("filled_on_server"), f"rights_{request.scope}")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """For tests that only look."""
    folder = tmp_path_factory.mktemp("rights")
    made = opened(address_of(request, folder), folder)
    yield made
    made.archive.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    """For a test that writes."""
    made = opened(address_of(request, tmp_path), tmp_path)
    yield made
    made.archive.database.close()


def number_of(door: Door, name: str) -> str:
    """The library number of a project by its name, as the overall lead sees it."""
    found = door.signed_in("development").get("/api/v1/projects", params={"q": name, "kind": "project"}).json()
    (one,) = [line for line in found["projects"] if line["name"] == name]
    return str(one["id"])


def names(client: TestClient) -> set[str]:
    """Names of the projects that a client sees."""
    found = client.get("/api/v1/projects", params={"kind": "project"})
    return (
        {line["name"].removeprefix("示范项目") for line in found.json()["projects"]}
        if found.status_code == 200
        else set()
    )


def access_rows(door: Door) -> list[tuple[str, str, str]]:
    """Actor, action and result of the refusals noted so far."""
    with door.archive.database.reading() as session:
        rows = session.scalars(select(Audit).where(Audit.result == "forbidden").order_by(Audit.seq))
        return [(row.actor, row.action, row.result) for row in rows]


def test_each_role_sees_the_projects_of_its_scope_and_no_others(door: Door) -> None:
    every = {f"P{number:02d}" for number in range(1, 13)}
    owner = door.add_actor("owner-e1", "enterprise", region="320412", firm=E1)

    assert names(door.client) == set()
    for role in ("development", "commerce", "industry", "data", "labour", "treasury", "statistics", "auditor"):
        assert names(door.signed_in(role)) == every, role
    assert names(door.signed_in("admin")) == set()
    assert names(door.signed_in("district-320412")) == {"P01", "P08"}
    assert names(door.signed_in("park-320481")) == {"P05", "P10"}
    assert names(door.signed_in("agent-320402")) == {"P03", "P11"}
    assert names(door.signed_in(owner)) == {"P01", "P08"}


def test_s37_outside_ones_scope_there_is_nothing_and_each_try_is_noted(door: Door) -> None:
    first, second = number_of(door, "示范项目P01"), number_of(door, "示范项目P02")
    owner = door.with_key(door.add_actor("owner-e1", "enterprise", region="320412", firm=E1), ["read"])
    before = len(access_rows(door))

    liyang = door.signed_in("district-320481").get(f"/api/v1/projects/{first}")
    foreign = owner.get(f"/api/v1/projects/{second}/matches")
    advancing = door.signed_in("statistics", strong=True).post(
        f"/api/v1/projects/{first}/events", json={"kind": "point", "point": "竣工", "on": "2025-03-30"}
    )

    assert (liyang.status_code, liyang.json()["code"]) == (404, "SUBJECT_UNKNOWN")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "SUBJECT_UNKNOWN")
    assert owner.get(f"/api/v1/projects/{first}/matches").status_code == 200
    assert (advancing.status_code, advancing.json()["code"]) == (403, "PERMISSION")
    assert "示范项目P01" not in liyang.text and first not in str(liyang.json()["allowed"])
    rows = access_rows(door)[before:]
    assert [row[0] for row in rows] == ["district-320481", "owner-e1", "statistics"]


def test_every_address_of_a_project_is_as_if_it_were_not_there(door: Door) -> None:
    hidden = number_of(door, "示范项目P01")
    client = door.signed_in("district-320481", strong=True)
    every = list(iter_route_contexts(door.client.app.routes))  # type: ignore[attr-defined]
    routes = [(one.path, method) for one in every if "{project_id}" in (one.path or "") for method in one.methods or ()]

    assert len(routes) >= 16
    for template, method in routes:
        path = template.replace("{project_id}", hidden).replace("{measure_id}", "hightech_enterprise")
        answer = client.request(
            method,
            path,
            json={} if method == "POST" else None,
            params={"reason": "核对"} if path.endswith(".xlsx") else None,
        )
        # The demonstration is closed here; a body that says nothing is refused before or after, never answered.
        assert answer.status_code in (404, 400), (method, path, answer.status_code)
        if method == "GET":
            assert answer.status_code == 404, path
        assert "示范电池" not in answer.text and "示范项目P01" not in answer.text


def test_a_figure_is_exact_a_range_or_not_shown_by_role_on_every_address(door: Door) -> None:
    project = number_of(door, "示范项目P01")
    addresses = [
        f"/api/v1/projects/{project}", f"/api/v1/projects/{project}/matches?all_reasons=true",
        f"/api/v1/projects/{project}/matches/hightech_enterprise", f"/projects/{project}",
        f"/projects/{project}/hightech_enterprise", f"/projects/{project}/roadmap", f"/api/v1/projects/{project}/roadmap",
        f"/api/v1/projects/{project}/events",
    ]  # fmt: skip
    texts = {
        role: {path: door.signed_in(role).get(path).text for path in addresses}
        for role in ("industry", "development", "district-320412", "park-320412", "treasury")
    }
    shown = {role: door.signed_in(role).get(addresses[0]).json()["facts"]["revenue_last"] for role in texts}

    assert EXACT in texts["industry"][addresses[0]] and shown["industry"]["text"] == EXACT
    for role in ("development", "district-320412", "park-320412", "treasury"):
        for path, text in texts[role].items():
            assert EXACT not in text and "3650" not in text and "36500000" not in text, (role, path)
    assert shown["development"]["text"] == shown["district-320412"]["text"] == "2000万元至5000万元"
    assert shown["park-320412"]["text"] == shown["treasury"]["text"] == "不显示"
    assert shown["park-320412"]["value"] is None
    # What decides does not change with who looks.
    verdicts = {
        role: [(line["measure"], line["verdict"]) for line in door.signed_in(role).get(addresses[1]).json()["matches"]]
        for role in ("industry", "development", "district-320412", "park-320412")
    }
    assert len({str(found) for found in verdicts.values()}) == 1 and len(verdicts["industry"]) > 100


def test_whoever_sees_records_and_not_matches_gets_the_record_alone(door: Door) -> None:
    project = number_of(door, "示范项目P01")
    client = door.signed_in("treasury")

    found = client.get(f"/api/v1/projects/{project}").json()
    assert found["questions"] is None and found["finance"] is None and found["eligible"] is None
    assert client.get(f"/api/v1/projects/{project}/matches").status_code == 403
    page = client.get(f"/projects/{project}")
    assert page.status_code == 200 and "不看匹配结果" in page.text and "示范项目P01" in page.text
    assert ">符合<" not in client.get("/projects").text


def test_an_export_takes_a_fresh_code_and_a_reason_and_is_noted(door: Door) -> None:
    address = f"/projects/{number_of(door, '示范项目P01')}/matches.xlsx"

    weak = door.signed_in("development").get(address, params={"reason": "月度核对"})
    silent = door.signed_in("development", strong=True).get(address)
    good = door.signed_in("development", strong=True).get(address, params={"reason": "月度核对"})
    none = door.signed_in("park-320412", strong=True).get(address, params={"reason": "月度核对"})

    assert (weak.status_code, "SECOND_FACTOR" in weak.text) == (403, True)
    assert (silent.status_code, "TEXT_MISSING" in silent.text) == (400, True)
    assert good.status_code == 200 and good.content[:2] == b"PK"
    assert none.status_code == 403
    with door.archive.database.reading() as session:
        row = session.scalars(select(Audit).where(Audit.action == "access.export")).one()
    assert row.actor == "development" and "月度核对" in row.detail and row.terminal == "testclient" and row.trace_id


def test_a_key_does_what_its_scopes_say_in_its_library(fresh: Door) -> None:
    body = {"name": "示范新项目", "facts": {"district": "武进区"}, "source": "DISTRICT"}
    reader = fresh.with_key("district-320412", ["read"])
    writer = fresh.with_key("district-320412", ["write"])
    elsewhere = fresh.with_key("district-320412", ["read", "write"], "demo")

    assert names(reader) == {"P01", "P08"} and names(writer) == set() and names(elsewhere) == set()
    assert reader.post("/api/v1/projects", json=body).json()["code"] == "PERMISSION"
    assert elsewhere.post("/api/v1/projects", json=body).status_code == 404
    made = writer.post("/api/v1/projects", json=body)
    assert made.status_code == 201 and made.headers["Location"].endswith(made.json()["id"])
    assert "示范新项目" in names(reader)


def test_a_wrong_key_is_nobody_and_never_a_visitor(door: Door) -> None:
    for header in ("Bearer pmk_x_y", "Bearer ", "Basic eDp5", "Bearer pmk", "pmk_a_b"):
        answer = door.client.get("/api/v1/measures", headers={"Authorization": header})

        assert (answer.status_code, answer.json()["code"]) == (401, "KEY_INVALID"), header
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_change_that_another_site_asks_for_is_refused(door: Door) -> None:
    client = door.signed_in("development")
    project = number_of(door, "示范项目P01")

    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post(f"/api/v1/projects/{project}/facts", json={"facts": {"从业人员": "1人"}}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "CROSS_SITE")
        assert client.post("/logout", headers=headers).status_code == 403
    assert client.get("/account").status_code == 200


def test_a_session_ends_when_it_lay_unused_and_then_sees_what_a_visitor_sees(door: Door) -> None:
    client = door.signed_in("development")
    service = door.client.app.state.opened  # type: ignore[attr-defined]
    assert names(client) and client.get("/account").status_code == 200

    service.settings = service.settings.model_copy(update={"now": NOW + timedelta(minutes=31)})

    try:
        assert names(client) == set()
        again = client.get("/account", follow_redirects=False)
    finally:
        service.settings = service.settings.model_copy(update={"now": NOW})
    assert (again.status_code, again.headers["Location"]) == (303, "/login?next=%2Faccount")


def test_what_was_seen_may_have_changed_before_it_is_changed_again(fresh: Door) -> None:
    project = number_of(fresh, "示范项目P02")
    client = fresh.signed_in("development")
    address = f"/api/v1/projects/{project}/events"
    seen = client.get(f"/api/v1/projects/{project}")
    pause = {"kind": "pause", "on": "2025-03-28", "cause": "市场", "reason": "等订单", "expected_on": "2025-06-30"}

    first = fresh.signed_in("commerce").post(address, json=pause)
    late = client.post(address, json={"kind": "exit", "reason": "不投了"}, headers={"If-Match": seen.headers["ETag"]})

    assert first.status_code in (200, 400), first.text
    if first.status_code == 200:
        assert (late.status_code, late.json()["code"]) == (409, "LC_STALE")


def test_the_same_request_sent_twice_is_done_once(fresh: Door) -> None:
    client = fresh.with_key("district-320412", ["read", "write"])
    body = {"name": "示范新项目", "facts": {"district": "武进区"}, "source": "DISTRICT"}
    headers = {"Idempotency-Key": "a-1"}

    first = client.post("/api/v1/projects", json=body, headers=headers)
    again = client.post("/api/v1/projects", json=body, headers=headers)
    other = client.post("/api/v1/projects", json={**body, "name": "示范另一项目"}, headers=headers)

    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "IDEMP_MISMATCH")
    assert names(client) == {"P01", "P08", "示范新项目"}


def test_reports_are_for_those_who_answer_for_them(door: Door) -> None:
    for path, allowed, refused in (
        ("/api/v1/reports/stall", "development", "enterprise-320412"),
        ("/api/v1/reports/targets", "data", "admin"),
        ("/api/v1/reports/watch", "district-320412", "enterprise-320412"),
        ("/api/v1/reports/recon", "statistics", "enterprise-320412"),
        ("/api/v1/reports/month/2025-03", "treasury", "district-320412"),
    ):
        found = door.signed_in(allowed).get(path)

        assert found.status_code == 200, found.text
        assert found.json()["library"] == "real"
        assert door.signed_in(refused).get(path).json()["code"] == "PERMISSION"
        assert door.client.get(path).status_code == 403


def test_a_district_gets_the_reports_of_its_own_area(door: Door) -> None:
    client = door.signed_in("district-320412")

    own = client.get("/api/v1/reports/stall").json()
    assert own["district"] == "320412" and own["count"] == 2
    assert client.get("/api/v1/reports/stall", params={"district": "320481"}).json()["code"] == "PERMISSION"
    assert door.signed_in("development").get("/api/v1/reports/stall").json()["count"] == 12


def test_signed_in_answers_are_kept_nowhere(door: Door) -> None:
    assert door.signed_in("development").get("/projects").headers["Cache-Control"] == "no-store"
    assert door.client.get("/measures").headers["Cache-Control"] == "no-cache"


def test_an_account_of_the_demonstration_is_a_visitor_in_the_real_library(fresh: Door) -> None:
    client = fresh.signed_in("development")
    project = number_of(fresh, "示范项目P01")
    with fresh.archive.database.writing() as session:
        session.get_one(Account, "development").is_demo = True

    on_server = fresh.archive.database.engine.dialect.name == "postgresql"
    assert names(client) == set()
    assert client.get("/account", follow_redirects=False).status_code == (303 if on_server else 200)
    assert client.post(f"/api/v1/projects/{project}/facts", json={"facts": {"staff_total": "1人"}}).status_code in (
        403,
        404,
    )
    answer = client.post("/api/v1/projects", json={"name": "示范新项目", "facts": {"district": "武进区"}})
    assert answer.status_code == (403 if on_server else 404)


def test_what_only_public_pages_say_is_seen_by_anybody_on_any_day_until_something_else_is_told(fresh: Door) -> None:
    told = Told({"所在辖市区": "武进区"}, name="示范公开项目", source="PUBLIC")
    public = add_project(fresh.archive, REAL, told, "development", NOW).code
    page, before = f"/projects/{public}", {"as_of": "2025-03-30"}

    assert fresh.client.get(page).status_code == fresh.client.get(page, params=before).status_code
    seen = names(fresh.client)
    tell_facts(fresh.archive, REAL, public, Told({"总投资": "2亿元"}, source="DISTRICT"), "district-320412", NOW)

    assert "示范公开项目" not in names(fresh.client)
    assert seen <= {"示范公开项目"}
    assert "示范公开项目" in names(fresh.signed_in("district-320412"))
