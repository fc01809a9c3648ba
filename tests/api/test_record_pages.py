"""What the page of a project tells of its record: the tier in words, steps as they stood on a day, where a merged one went."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from policy_match.settings import Settings
from policy_match.workflows.join_projects import merge_projects
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.set_milestone import Step, set_milestone
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "library"))

from signed_in import Door


@pytest.fixture(scope="module")
def settings(small_in: Callable[[Path], Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The shipped rules and projects with an archive of this file alone, which it writes to."""
    return small_in(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    """As the overall lead: what was recorded about a project is not for everybody."""
    visitor = TestClient(create_app(settings))
    door = Door.of(visitor)
    yield door.signed_in("development")
    door.archive.database.close()


@pytest.fixture(scope="module")
def archive(client: TestClient) -> Archive:
    held: Archive = client.app.state.opened.archive  # type: ignore[attr-defined]
    return held


def test_the_tier_is_told_in_words(client: TestClient) -> None:
    text = client.get("/projects/P001").text

    assert "10亿元（分档：10亿元以上）" in text
    assert "T10" not in text


def test_a_step_done_after_the_day_asked_for_is_not_shown_as_done(
    client: TestClient, archive: Archive, settings: Settings
) -> None:
    done = Step("P001", "环评批复", actual_on=date(2026, 3, 9))
    set_milestone(archive, done, By("real", "ecology", settings.instant()))

    rows = [
        client.get("/projects/P001", params={"as_of": on}).text.partition("环评批复<td")[2].partition("<tr>")[0]
        for on in ("2026-03-08", "2026-03-09")
    ]

    assert ["办结" in row for row in rows] == [False, True]
    assert ["2026-03-09" in row for row in rows] == [False, True]


def test_the_page_of_a_merged_project_leads_to_its_survivor_and_says_what_to_do(
    client: TestClient, archive: Archive, settings: Settings
) -> None:
    name = "project unmerge P003"
    merge_projects(archive, "real", "P003", "P002", reason="同一项目", by="data", now=settings.instant())

    merged = client.get("/projects/P003")
    survivor = client.get("/projects/P002").text

    assert merged.status_code == 200
    assert '<a href="/projects/P002">P002 ' in merged.text and name in merged.text
    assert "已并入" not in survivor
    before = client.get("/projects/P003", params={"as_of": "2026-03-09"})
    assert before.status_code == 200 and "已并入" not in before.text
    assert client.get("/projects/P9999").status_code == 404
