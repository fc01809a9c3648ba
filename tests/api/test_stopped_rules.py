"""A stopped rule in the service: at once on the pages of measure and project, in JSON and in a what-if, until it is lifted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.settings import LOCAL, Settings
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.stop_rule import NewLift, NewStop, lift_rule, stop_rule
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app
from policy_match_api.state import Opened

M = "cz_joint_training"
REASON = "文件页面<b>改了</b>，先停用"
BANNER = "已停用：自2026-03-10起，市工信局经办1停用，原因：文件页面&lt;b&gt;改了&lt;/b&gt;，先停用"
NOW = datetime(2026, 3, 10, 9, tzinfo=LOCAL)


@pytest.fixture
def service(small_in: Callable[[Path], Settings], tmp_path: Path) -> TestClient:
    """A service of its own: what is stopped here is stopped nowhere else."""
    return TestClient(create_app(small_in(tmp_path)))


def state(service: TestClient) -> Opened:
    found = service.app.state.opened  # type: ignore[attr-defined]
    assert isinstance(found, Opened)
    return found


def stop(service: TestClient, rulebook: Rulebook, library: str = REAL) -> None:
    asked = NewStop(M, 1, REASON, None, "https://www.changzhou.gov.cn/1.html")
    stop_rule(state(service).archive, rulebook, asked, By(library, "industry", NOW))


def lift(service: TestClient, rulebook: Rulebook, library: str = REAL) -> None:
    lift_rule(state(service).archive, rulebook, NewLift(M, 1, "页面恢复"), By(library, "industry", NOW))


def eligible(service: TestClient) -> str:
    """A real project that is eligible for the measure before anything is stopped."""
    matching = state(service).today().real.matching
    return matching.subjects[matching.decision(M).verdicts.index(Verdict.ELIGIBLE)].id


def verdict(service: TestClient, project: str, as_of: str = "2026-03-10") -> str:
    answer = service.get(f"/api/v1/projects/{project}/matches?as_of={as_of}")
    assert answer.status_code == 200
    (line,) = (line for line in answer.json()["matches"] if line["measure"] == M)
    return str(line["verdict"])


def test_the_measure_page_shows_the_stop_at_once_and_keeps_it_in_its_history_when_it_is_lifted(
    service: TestClient, rulebook: Rulebook
) -> None:
    before = service.get(f"/measures/{M}").text
    stop(service, rulebook)
    during = service.get(f"/measures/{M}").text
    lift(service, rulebook)
    after = service.get(f"/measures/{M}").text

    assert "已停用" not in before and "停用和恢复" not in before
    assert f'<p class="note" role="note"><b>{BANNER}' in during
    assert '<span class="chip off">已停用</span>' in during and "未恢复" in during
    assert 'href="https://www.changzhou.gov.cn/1.html"' in during
    assert 'role="note"' not in after and "页面恢复" in after and "已恢复" in after


def test_a_project_that_was_eligible_is_unknown_on_the_day_of_the_stop_and_eligible_the_day_before(
    service: TestClient, rulebook: Rulebook
) -> None:
    project = eligible(service)
    stop(service, rulebook)

    assert (verdict(service, project), verdict(service, project, "2026-03-09")) == ("unknown", "eligible")
    for page in (f"/projects/{project}", f"/projects/{project}/{M}"):
        shown = service.get(page).text
        assert BANNER in shown
        assert "未停用" not in shown  # the stop is told above the conditions and is none of them
        assert BANNER not in service.get(f"{page}?as_of=2026-03-09").text
    assert service.get(f"/projects/{project}/matches.xlsx").status_code == 200

    lift(service, rulebook)

    assert verdict(service, project) == "eligible"


def test_the_measure_in_json_is_suspended_and_perhaps_in_force(service: TestClient, rulebook: Rulebook) -> None:
    stop(service, rulebook)

    measure = service.get(f"/api/v1/measures/{M}").json()

    assert (measure["status"], measure["in_force"]) == ("suspended", None)


def test_a_what_if_reads_the_stops_of_its_own_day(service: TestClient, rulebook: Rulebook) -> None:
    facts = {"total_investment": "5亿元"}

    def first_reason(as_of: str) -> str:
        body = {"subjects": [{"id": "P", "kind": "project", "facts": facts}], "as_of": as_of, "measures": [M]}
        (line,) = service.post("/api/v1/match", json=body).json()["matches"]
        return str(line["reasons"][0]["condition"])

    stop(service, rulebook)

    assert (first_reason("2026-03-10") == "_stop", first_reason("2026-03-09") == "_stop") == (True, False)


def test_a_stop_of_the_demonstration_shows_in_the_history_with_its_place_and_changes_nothing_real(
    service: TestClient, rulebook: Rulebook
) -> None:
    project = eligible(service)
    stop(service, rulebook, DEMO)

    page = service.get(f"/measures/{M}").text

    assert 'role="note"' not in page and "只在示范库（示范数据）" in page
    assert verdict(service, project) == "eligible"
