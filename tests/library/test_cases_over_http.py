"""A 免申即享 case from verification to approval over the API, by those who may and by those who may not (S-18, S-37)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msjx import ACCOUNT, HOLDER, URL, by, found, with_firm, with_lists, with_money
from pydantic import SecretStr
from rows import E2
from signed_in import Door
from sqlalchemy import select
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match.store.tables import Audit
from policy_match.workflows.move_cases import move_cases
from policy_match.workflows.open_archive import Archive
from policy_match_api.app import create_app


@pytest.fixture
def door(paying: Archive, paying_folders: tuple[Path, Path], tmp_path: Path) -> Iterator[Door]:
    """The service over one candidate, on the day on which it was found."""
    with_money(paying)
    with_firm(paying)
    found(paying)
    settings = Settings(
        now=by("x", "2025-06-03").now, database_url=paying.database.engine.url.render_as_string(hide_password=False),
        rules=paying_folders[0], corpus=paying_folders[1], cache=tmp_path,
        secret=SecretStr("an installation of tests, nowhere else 7"), lookups_per_minute=0, matches_per_minute=0,
    )  # fmt: skip
    made = Door.of(TestClient(create_app(settings, demo=False)))
    yield made
    made.archive.database.close()


def on(door: Door, day: str, hour: str = "10:00") -> None:
    """The clock of the service stands at an hour of a day."""
    opened = door.client.app.state.opened  # type: ignore[attr-defined]
    opened.settings = opened.settings.model_copy(update={"now": by("x", day, hour).now})


def step(client: TestClient, number: str, **body: str) -> tuple[int, dict[str, object]]:
    """Status and answer of one step."""
    answer = client.post(f"/api/v1/msjx/cases/{number}/steps", json=body)
    return answer.status_code, answer.json()


def test_a_case_is_taken_from_the_list_to_approval_by_those_who_may(door: Door) -> None:
    first, second = door.signed_in("science", strong=True), door.signed_in("science-2", strong=True)
    owner = door.with_key(door.add_actor("owner", "enterprise", region="320411", firm=E2), ["read", "write"])
    other = door.with_key(
        door.add_actor("other", "enterprise", region="320412", firm="91320412MAYYYY0160"), ["read", "write"]
    )
    (line,) = first.get("/api/v1/msjx/cases").json()["cases"]
    number = str(line["number"])
    address = f"/api/v1/msjx/cases/{number}"

    # Before the notice it is nobody's but the owner unit's, the firm's and the auditors'.
    for stranger in (door.client, other, door.signed_in("district-320481"), door.signed_in("commerce")):
        assert stranger.get(address).json()["code"] == "MSJX_UNKNOWN"
        assert stranger.get("/api/v1/msjx/cases").json()["cases"] == []
    for reader in (owner, door.signed_in("auditor"), door.signed_in("treasury"), door.signed_in("district-320411")):
        assert reader.get(address).json()["record"]["number"] == number

    assert step(first, number, do="verify")[0] == 200
    assert step(first, number, do="verify")[1]["code"] == "MSJX_SAME_PERSON"
    assert step(second, number, do="verify")[1]["state"] == "M1"
    notice = {"do": "publish", "url": URL, "on": "2025-06-03", "content_hash": "ab" * 32}
    assert step(owner, number, **notice)[0] == 403
    assert step(first, number, **notice)[1]["state"] == "M2"
    public = door.client.get(address).json()
    assert public["name"] == HOLDER and public["record"] is None

    on(door, "2025-06-11")
    move_cases(door.archive, by("science", "2025-06-11"))
    first = door.signed_in("science", strong=True)
    consent = {"do": "confirm", "person": "示范经办", "proved_by": "政企通实名", "holder": HOLDER, "account": ACCOUNT}
    assert step(other, number, **consent)[1]["code"] in ("MSJX_UNKNOWN", "CONSENT_AUTHORITY")
    assert step(first, number, **consent)[1]["code"] == "PERMISSION"
    on(door, "2025-06-13")
    first, approver = door.signed_in("science", strong=True), door.signed_in("science-3", strong=True)
    assert step(owner, number, **consent)[1]["state"] == "M4"

    with_lists(door.archive, "2025-06-13")
    lead = door.signed_in("development", strong=True)
    assert step(lead, number, do="approve")[0] in (403, 404)
    assert step(door.signed_in("science-3"), number, do="approve")[1]["code"] == "SECOND_FACTOR"
    assert step(door.with_key("science-3", ["read", "write"]), number, do="approve")[1]["code"] == "PERMISSION"
    assert step(first, number, do="approve")[1]["code"] == "MSJX_SAME_PERSON"
    assert step(approver, number, do="approve")[1]["state"] == "M5"
    shown = first.get(address).text
    assert ACCOUNT not in shown and ACCOUNT[-4:] in shown


def test_s37_the_overall_lead_does_not_approve_and_that_is_noted(door: Door) -> None:
    (line,) = door.signed_in("science").get("/api/v1/msjx/cases").json()["cases"]
    lead = door.signed_in("development", strong=True)

    status, told = step(lead, str(line["number"]), do="approve")

    assert status in (403, 404) and told["code"] in ("PERMISSION", "MSJX_UNKNOWN")
    with door.archive.database.reading() as session:
        rows = list(session.scalars(select(Audit).where(Audit.actor == "development", Audit.result == "forbidden")))
    assert len(rows) == 1 and str(line["number"]) in rows[0].object_id


def test_a_step_that_is_none_or_says_too_much_is_refused_with_what_is_allowed(door: Door) -> None:
    officer = door.signed_in("science", strong=True)
    (line,) = officer.get("/api/v1/msjx/cases").json()["cases"]
    number = str(line["number"])

    assert step(officer, number, do="pay")[0] == 400
    assert step(officer, number, do="verify", second="science-2")[1]["code"] == "KEY_UNKNOWN"
    assert step(officer, number, do="publish", url=URL, on="2025年", content_hash="ab" * 32)[1]["code"] == "DATE_FORMAT"
    assert step(officer, "GX-0000", do="verify")[1]["code"] == "MSJX_UNKNOWN"
    seen = officer.get(f"/api/v1/msjx/cases/{number}").headers["ETag"]
    address = f"/api/v1/msjx/cases/{number}/steps"
    assert officer.post(address, json={"do": "verify"}, headers={"If-Match": seen}).status_code == 200
    late = door.signed_in("science-2").post(address, json={"do": "verify"}, headers={"If-Match": seen})
    assert (late.status_code, late.json()["code"]) == (409, "MSJX_SEEN")
