"""The JSON API: shapes, match lines, libraries kept apart, errors."""

from __future__ import annotations

from datetime import date

import orjson
import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from policy_match.workflows.open_libraries import Libraries, Library
from policy_match.workflows.show_match import match_data
from policy_match_api.routes import answers, measure_answers

CSP = "default-src 'self'"


def read(client: TestClient, path: str, shape: type[BaseModel], **params: str) -> dict[str, object]:
    answer = client.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-security-policy"].startswith(CSP)
    shape.model_validate_json(answer.content, strict=True)
    body: dict[str, object] = answer.json()
    return body


def refused(client: TestClient, path: str, status: int, code: str) -> answers.Problem:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-security-policy"].startswith(CSP)
    problem = answers.Problem.model_validate_json(answer.content, strict=True)
    assert problem.code == code
    assert problem.status == status
    assert problem.trace_id == answer.headers["x-trace-id"]
    assert problem.message_zh
    assert problem.message_en != "The request cannot be answered."
    return problem


def test_the_measures_are_those_of_the_rulebook_in_the_version_of_the_day(
    client: TestClient, libraries: Libraries
) -> None:
    body = measure_answers.Measures.model_validate(read(client, "/measures", measure_answers.Measures))

    assert [line.id for line in body.measures] == list(libraries.rulebook.ids)
    assert body.total == len(libraries.rulebook.ids)
    loan = next(line for line in body.measures if line.id == "js_mfg_loan_discount")
    assert (loan.version, loan.versions, loan.in_force) == (4, [1, 2, 3, 4], True)
    assert loan.to_check == ["金额待核实"]


def test_the_day_decides_the_version(client: TestClient) -> None:
    body = read(client, "/measures/js_mfg_loan_discount", measure_answers.MeasureAnswer, as_of="2024-05-01")

    assert body["version"] == 1


def test_every_version_of_every_measure_is_told_in_full(client: TestClient, libraries: Libraries) -> None:
    for rule in libraries.rulebook.rules:
        if rule.measure.status == "draft":
            continue  # proved, never offered
        body = measure_answers.MeasureAnswer.model_validate(
            read(client, f"/measures/{rule.id}", measure_answers.MeasureAnswer, version=str(rule.measure.version))
        )

        assert len(body.clauses) == len(rule.measure.clauses)
        assert {condition.name for condition in body.conditions} == set(rule.conditions)
        assert bool(body.benefit) == (
            rule.measure.benefit is not None and bool(rule.measure.benefit.form or body.benefit)
        )


def test_measures_can_be_filtered(client: TestClient) -> None:
    body = measure_answers.Measures.model_validate(
        read(client, "/measures", measure_answers.Measures, level="national", family="税收")
    )

    assert body.measures
    assert {(line.level, line.family) for line in body.measures} == {("national", "税收")}


def test_projects_are_of_one_library_and_the_real_one_unless_asked(
    client: TestClient, libraries: Libraries, demo: Library
) -> None:
    real = answers.Subjects.model_validate(read(client, "/projects", answers.Subjects))
    invented = answers.Subjects.model_validate(read(client, "/projects", answers.Subjects, library="demo"))

    assert (real.library, real.demo, real.total) == ("real", False, len(libraries.real.matching.subjects))
    assert (invented.library, invented.demo, invented.total) == ("demo", True, len(demo.matching.subjects))
    assert not {line.id for line in real.projects} & {line.id for line in invented.projects}


def test_projects_are_filtered_sorted_and_cut(client: TestClient) -> None:
    body = answers.Subjects.model_validate(
        read(client, "/projects", answers.Subjects, tier="T10", sort="investment", limit="3", offset="1")
    )

    assert body.total > 4
    assert len(body.projects) == 3
    assert {line.tier for line in body.projects} == {"T10"}


def test_every_project_tells_its_facts_with_source_and_reading(client: TestClient, libraries: Libraries) -> None:
    for subject in libraries.real.matching.subjects:
        body = answers.SubjectAnswer.model_validate(read(client, f"/projects/{subject.id}", answers.SubjectAnswer))

        assert body.demo is False
        given = {name for name, cell in subject.cells.items() if cell.value is not None}
        assert given <= set(body.facts)
        for name in given:
            assert body.facts[name].reading == (subject.cells[name].source == "READING")


def test_a_demonstration_subject_is_marked_wherever_it_is_found(client: TestClient) -> None:
    for path, shape in (("/projects/D001", answers.SubjectAnswer), ("/projects/D001/matches", answers.Matches)):
        body = read(client, path, shape)

        assert (body["library"], body["demo"]) == ("demo", True)


def test_the_match_lines_are_those_of_the_command_line(client: TestClient, libraries: Libraries, demo: Library) -> None:
    for library, subject_id in ((libraries.real, "P001"), (demo, "D002"), (demo, "D003"), (demo, "D006")):
        answer = client.get(f"/api/v1/projects/{subject_id}/matches")
        answers.Matches.model_validate_json(answer.content, strict=True)

        lines = library.matching.of(library.rows[subject_id])
        expected = [orjson.loads(orjson.dumps(match_data(match, libraries.as_of, library.release))) for match in lines]
        assert answer.json()["matches"] == expected


def test_verdicts_reasons_and_day_can_be_asked_for(client: TestClient) -> None:
    def matches(**params: str) -> list[answers.MatchLine]:
        body = read(client, "/projects/D003/matches", answers.Matches, **params)
        return answers.Matches.model_validate(body).matches

    some = matches(verdicts="eligible,ineligible")
    short, full = matches(verdicts="ineligible"), matches(verdicts="ineligible", all_reasons="true")
    later = matches(as_of="2031-01-01", verdicts="not_in_force")

    assert {line.verdict for line in some} == {"eligible", "ineligible"}
    assert sum(len(line.reasons) for line in short) < sum(len(line.reasons) for line in full)
    assert "small_low_profit" in {line.measure for line in later}


def test_what_is_stale_on_a_later_day_is_unknown_and_says_so(client: TestClient) -> None:
    body = answers.SubjectAnswer.model_validate(
        read(client, "/projects/D001", answers.SubjectAnswer, as_of="2026-04-10")
    )

    region = body.facts["registered_region"]
    assert (region.value, region.text, region.set_aside) == (None, "武进区", "数据已过期")


def test_health_counts_the_libraries_apart(client: TestClient, libraries: Libraries, demo: Library) -> None:
    body = answers.Health.model_validate_json(client.get("/health").content, strict=True)

    assert body.real_subjects == len(libraries.real.matching.subjects)
    assert body.demo_subjects == len(demo.matching.subjects)
    assert date.fromisoformat(body.as_of) == libraries.as_of


@pytest.mark.parametrize(
    ("path", "status", "code", "field", "allowed"),
    [
        ("/api/v1/measures?levels=national", 400, "PARAM_UNKNOWN", "levels", "level"),
        ("/api/v1/projects?page=2", 400, "PARAM_UNKNOWN", "page", "offset"),
        ("/api/v1/projects/P001?verdicts=eligible", 400, "PARAM_UNKNOWN", "verdicts", "as_of"),
        ("/api/v1/projects/P001/matches?verdict=eligible", 400, "PARAM_UNKNOWN", "verdict", "verdicts"),
        ("/health?x=1", 400, "PARAM_UNKNOWN", "x", None),
        ("/api/v1/projects?library=both", 400, "PARAM_VALUE", "library", "real"),
        ("/api/v1/projects?tier=10", 400, "PARAM_VALUE", "tier", None),
        ("/api/v1/projects?limit=0", 400, "PARAM_VALUE", "limit", "1至1000"),
        ("/api/v1/projects?limit=1001", 400, "PARAM_VALUE", "limit", "1至1000"),
        ("/api/v1/projects?offset=-1", 400, "PARAM_VALUE", "offset", None),
        ("/api/v1/measures?level=moon", 400, "PARAM_VALUE", "level", "national"),
        ("/api/v1/measures?as_of=2026-13-01", 400, "DATE_FORMAT", "as_of", "YYYY-MM-DD"),
        ("/api/v1/measures?as_of=2026-03", 400, "DATE_FORMAT", "as_of", "YYYY-MM-DD"),
        ("/api/v1/projects/P001/matches?verdicts=yes", 400, "VERDICT", "verdicts", "eligible"),
        ("/api/v1/projects/P001/matches?all_reasons=si", 400, "PARAM_VALUE", "all_reasons", "true"),
        ("/api/v1/measures/hightech_enterprize", 404, "MEASURE_UNKNOWN", "measure_id", "hightech_enterprise"),
        ("/api/v1/measures/hightech_enterprise?version=7", 404, "VERSION_UNKNOWN", "version", "1"),
        ("/api/v1/projects/P00l", 404, "SUBJECT_UNKNOWN", "project_id", "P001"),
        ("/api/v1/projects/D001?library=real", 404, "SUBJECT_UNKNOWN", "project_id", None),
        ("/api/v1/projects/P001?library=demo", 404, "SUBJECT_UNKNOWN", "project_id", None),
        ("/api/v1/nothing", 404, "NOT_FOUND", None, None),
        ("/api/v1/match", 405, "METHOD_NOT_ALLOWED", None, None),
    ],
)  # fmt: skip
def test_a_wrong_request_names_field_allowed_values_and_remedy(
    client: TestClient, path: str, status: int, code: str, field: str | None, allowed: str | None
) -> None:
    problem = refused(client, path, status, code)

    assert problem.field == field
    assert allowed is None or allowed in problem.allowed
    assert problem.hint_zh


def test_the_description_of_the_api_is_complete_and_names_no_other_host(client: TestClient) -> None:
    answer = client.get("/openapi.json")
    paths = answer.json()["paths"]

    assert set(paths) == {
        f"/api/v1{path}" for path in (
            "/measures", "/measures/{measure_id}", "/measures/{measure_id}/checklist", "/policies", "/policies/{policy_id}",
            "/search", "/match", "/ask", "/bundle", "/projects", "/projects/{project_id}", "/projects/{project_id}/events", "/projects/{project_id}/indicators", "/reports/growth",
            "/projects/{project_id}/facts", "/projects/{project_id}/matches", "/projects/{project_id}/matches/{measure_id}",
            "/projects/{project_id}/ask", "/projects/{project_id}/bundle", "/projects/{project_id}/roadmap", "/msjx/cases",
            "/msjx/cases/{number}", "/msjx/cases/{number}/steps", "/msjx/cases/{number}/proof", "/reviews",
            "/reviews/{review_id}/claim", "/reviews/{review_id}/decision", "/reports/stall", "/reports/targets",
            "/reports/watch", "/reports/recon", "/reports/map", "/reports/jobs", "/reports/month/{month}", "/reports/listing",
            "/reports/channels", "/pipelines/{kind}", "/pipelines/{kind}/{number}", "/evaluations", "/evaluations/{number}",
            "/reports/late", "/reports/board", "/reports/sources", "/reports/lookback", "/changes", "/subscriptions",
            "/subscriptions/{number}", "/subscriptions/{number}/trial", "/notifications", "/notifications/{number}",
            "/notifications/{number}/reply", "/notifications/{number}/dismiss", "/push/consents", "/push/receipts",
                "/roll", "/roll/subjects/{subject_id}", "/roll/measures/{measure_id}",
        )
    } | {"/health", "/ready"}  # fmt: skip
    assert "://" not in answer.text
    assert "application/problem+json" in answer.text
    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]


def test_a_crash_is_answered_without_what_went_wrong_inside(client: TestClient) -> None:
    state = client.app.state.opened  # type: ignore[attr-defined]
    client.app.state.opened = None  # type: ignore[attr-defined]
    try:
        answer = client.get("/health")
    finally:
        client.app.state.opened = state  # type: ignore[attr-defined]

    assert answer.status_code == 500
    problem = answers.Problem.model_validate_json(answer.content, strict=True)
    assert (problem.code, problem.trace_id) == ("INTERNAL", answer.headers["x-trace-id"])
    assert "NoneType" not in answer.text
    assert answer.headers["content-security-policy"].startswith(CSP)
