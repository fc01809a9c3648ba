"""The service decides by the release in force, names it, and takes up another one as soon as it is approved."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from policy_match.settings import LOCAL, Settings
from policy_match.workflows.activate_rules import NewRelease, approve_release, propose_release
from policy_match.workflows.library_names import REAL
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app, filled_archive
from policy_match_api.state import Opened

ROOT = Path(__file__).resolve().parents[2]
M = "above_scale_industry"
PARTS = (
    "facts.yaml",
    "lifecycle.yaml",
    "entitlement.yaml",
    "permissions.yaml",
    "ranking.yaml",
    "calendar",
    "definitions",
)
NOW = datetime(2026, 3, 10, 9, tzinfo=LOCAL)


@pytest.fixture
def narrow(tmp_path: Path) -> Path:
    """A rule folder with one of the shipped measures."""
    rules = tmp_path / "narrow" / "rules"
    (rules / "measures" / "national" / "STANDARD").mkdir(parents=True)
    for part in PARTS:
        (rules / part).symlink_to(ROOT / "rules" / part)
    name = f"measures/national/STANDARD/{M}.v1.yaml"
    shutil.copy(ROOT / "rules" / name, rules / name)
    return rules


@pytest.fixture(scope="module")
def begun(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A database that was begun with the shipped rules, and its settings."""
    folder = tmp_path_factory.mktemp("begun")
    made = Settings(now=NOW, corpus=corpus, database_url=f"sqlite:///{folder / 'library.db'}", cache=folder)
    archive, notes = filled_archive(made, demo=False)
    archive.database.close()
    assert not any("规则目录" in note for note in notes)
    return made


@pytest.fixture
def own(begun: Settings, tmp_path: Path) -> Settings:
    """The same with a copy of the database."""
    shutil.copy(begun.cache / "library.db", tmp_path)
    return begun.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'library.db'}", "cache": tmp_path})


def state(service: TestClient) -> Opened:
    found = service.app.state.opened  # type: ignore[attr-defined]
    assert isinstance(found, Opened)
    return found


def put_in_force(service: TestClient, rules: Path) -> str:
    archive = state(service).archive
    step = propose_release(
        archive, archive.shelf.corpus, NewRelease(str(rules), "只留一项"), By(REAL, "development", NOW)
    )
    for actor in ("industry", "commerce"):
        approve_release(archive, step.activation.id, By(REAL, actor, NOW))
    return step.activation.release


def measures_of(service: TestClient) -> dict[str, str]:
    lines = service.get("/api/v1/projects/P001/matches").json()["matches"]
    return {line["measure"]: line["release"] for line in lines}


def test_a_folder_that_differs_is_told_when_the_service_starts_and_changes_no_verdict_until_it_is_approved(
    own: Settings, narrow: Path
) -> None:
    first = create_app(own, demo=False)
    before = measures_of(TestClient(first))
    again = create_app(own.model_copy(update={"rules": narrow}), demo=False)
    service = TestClient(again)

    assert not any("规则目录" in note for note in first.state.notes)
    (note,) = again.state.notes
    assert "规则目录" in note and "rules activate" in note
    assert measures_of(service) == before and len(before) > 100

    release = put_in_force(service, narrow)

    assert measures_of(service) == {M: release}
    assert release not in before.values()
    assert service.get("/health").json()["measures"] == 1
    body = {"subjects": [{"id": "E", "facts": {"main_revenue": "1亿元"}}]}
    assert {line["release"] for line in service.post("/api/v1/match", json=body).json()["matches"]} == {release}


def test_pages_name_the_release_and_the_list_tells_who_agreed(own: Settings, narrow: Path) -> None:
    service = TestClient(create_app(own, demo=False))
    first = state(service).today().real.release
    page = service.get("/projects/P001").text
    release = put_in_force(service, narrow)
    listed = service.get("/releases").text

    assert f'规则版本 <a href="/releases">{first[:12]}</a>' in page
    assert f'<a href="/releases">{release[:12]}</a>' in service.get(f"/projects/P001/{M}").text
    assert listed.index(release[:12]) < listed.index(first[:12])
    assert "市工信局经办1、市商务局经办1" in listed and "只留一项" in listed and "已被替代" in listed


def test_a_faulty_folder_does_not_stop_the_service_once_it_has_a_release(
    own: Settings, narrow: Path, tmp_path: Path
) -> None:
    path = narrow / "measures" / "national" / "STANDARD" / f"{M}.v1.yaml"
    path.write_text(path.read_text("utf-8").replace("status: active", "status: activ"), "utf-8")

    app = create_app(own.model_copy(update={"rules": narrow}), demo=False)

    (note,) = app.state.notes
    assert "1 处错误" in note and "rules check" in note
    assert TestClient(app).get("/health").json()["measures"] > 100
