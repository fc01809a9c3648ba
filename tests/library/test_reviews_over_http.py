"""The queue of matches over the API: who sees it, claims, decisions that come too late, a second person (S-24, BI-76)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from reviewing import by, with_project
from signed_in import Door
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match.workflows.open_archive import Archive
from policy_match_api.app import create_app


@pytest.fixture
def door(reviewing: Archive, reviewing_folders: tuple[Path, Path], tmp_path: Path) -> Iterator[Door]:
    """The service over one project with one match to look at."""
    with_project(reviewing)
    settings = Settings(
        now=by("x").now, database_url=reviewing.database.engine.url.render_as_string(hide_password=False),
        rules=reviewing_folders[0], corpus=reviewing_folders[1], cache=tmp_path,
        secret=SecretStr("an installation of tests, nowhere else 7"), lookups_per_minute=0, matches_per_minute=0,
    )  # fmt: skip
    made = Door.of(TestClient(create_app(settings, demo=False)))
    yield made
    made.archive.database.close()


def test_a_match_is_claimed_by_one_and_an_override_counts_when_another_one_signs(door: Door) -> None:
    first, second = door.signed_in("district-320412"), door.signed_in("district-320412-2")
    (line,) = first.get("/api/v1/reviews").json()["reviews"]
    address = f"/api/v1/reviews/{line['id']}"
    override = {"decision": "override_ineligible", "note": "企业说明不做这个项目了"}

    held = first.post(f"{address}/claim").json()
    busy = second.post(f"{address}/claim")
    assert (busy.status_code, "武进区" in busy.json()["message_zh"]) == (409, True)
    assert second.post(f"{address}/decision", json=override).status_code == 409

    stale = first.post(f"{address}/decision", json=override, headers={"If-Match": f'"{held["row_version"] - 1}"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "REVIEW_SEEN")
    alone = first.post(f"{address}/decision", json=override).json()
    assert alone["counts"] is False
    (waiting,) = second.get("/api/v1/reviews").json()["reviews"]
    assert waiting["waits_for_second"] is True
    assert first.post(f"{address}/decision", json=override).status_code == 409
    both = second.post(f"{address}/decision", json=override)
    assert both.status_code == 200 and both.json()["counts"] is True
    assert first.get("/api/v1/reviews").json()["total"] == 0


def test_the_queue_is_of_the_own_area_of_the_own_measures_or_of_those_who_read_all(door: Door) -> None:
    def total(client: TestClient) -> object:
        return client.get("/api/v1/reviews").json().get("total", "none")

    for role in ("district-320412", "industry", "development", "auditor"):
        assert total(door.signed_in(role)) == 1, role
    for role in ("district-320411", "science"):
        assert total(door.signed_in(role)) == 0, role
    for client in (door.client, door.signed_in("treasury"), door.signed_in("park-320412"), door.signed_in("admin")):
        assert total(client) == "none"
    auditor = door.signed_in("auditor")
    (line,) = auditor.get("/api/v1/reviews").json()["reviews"]
    assert auditor.post(f"/api/v1/reviews/{line['id']}/claim").json()["code"] == "PERMISSION"
    assert door.signed_in("district-320411").post(f"/api/v1/reviews/{line['id']}/claim").status_code in (403, 404)
