"""POST /match: what if, with good and bad subjects, and with bodies that are none."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from policy_match.workflows.open_libraries import Libraries
from policy_match_api.routes import answers

LOAN = {
    "registered_region": "320412", "industry_code": "C3562", "loan_purpose": "设备购置", "loan_kind": "项目贷款",
    "equipment_loan": "20000万元", "central_interest_subsidy": False, "provincial_or_national_specialised": False,
}  # fmt: skip


def asked(client: TestClient, **body: object) -> answers.WhatIfAnswer:
    answer = client.post("/api/v1/match", content=json.dumps(body, ensure_ascii=False).encode())
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answers.WhatIfAnswer.model_validate_json(answer.content, strict=True)


def refused(client: TestClient, body: bytes, status: int, code: str) -> answers.Problem:
    answer = client.post("/api/v1/match", content=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answers.Problem.model_validate_json(answer.content, strict=True)
    assert problem.code == code
    return problem


def test_a_subject_is_matched_with_every_measure_and_amount(client: TestClient, libraries: Libraries) -> None:
    body = asked(client, subjects=[{"id": "试算1", "facts": LOAN}], as_of="2026-06-15")

    rules = [libraries.rulebook.at(measure_id, libraries.as_of) for measure_id in libraries.rulebook.ids]
    assert [line.measure for line in body.matches] == [r.id for r in rules if r.measure.target != "person"]
    loan = next(line for line in body.matches if line.measure == "js_mfg_loan_discount")
    assert (loan.verdict, loan.version) == ("eligible", 4)
    assert loan.amount is not None
    assert (loan.amount.low_fen, loan.amount.high_fen) == (400_0000_00, 400_0000_00)


def test_measures_and_verdicts_narrow_the_answer(client: TestClient) -> None:
    body = asked(
        client,
        subjects=[{"id": "a", "facts": LOAN}, {"id": "b", "facts": {}}],
        measures=["js_mfg_loan_discount"],
        verdicts=["eligible"],
        as_of="2026-06-15",
    )

    assert [(line.subject, line.measure) for line in body.matches] == [("a", "js_mfg_loan_discount")]


def test_a_bad_subject_comes_back_with_row_column_code_and_hint_while_the_good_ones_are_matched(
    client: TestClient,
) -> None:
    subjects: list[object] = [
        {"id": "good", "facts": LOAN},
        {"id": "bare", "facts": {"equipment_loan": 20000}},
        {"id": "name", "facts": {"equipment_lone": "1万元"}},
        {"id": "good", "facts": {}},
        "not an object",
        {"facts": {}},
    ]

    body = asked(client, subjects=subjects, measures=["js_mfg_loan_discount"], as_of="2026-06-15")

    assert [line.subject for line in body.matches] == ["good"]
    assert body.subjects == 1
    assert [(refusal.row, refusal.column) for refusal in body.refused] == [
        (2, "equipment_loan"), (3, "equipment_lone"), (4, "id"), (5, ""), (6, "id"),
    ]  # fmt: skip
    assert all(refusal.code and refusal.what for refusal in body.refused)
    assert "equipment_loan" in body.refused[1].allowed


def test_a_project_reads_the_facts_of_its_enterprise_line(client: TestClient) -> None:
    loan = {name: value for name, value in LOAN.items() if "loan" in name}
    firm = {name: value for name, value in LOAN.items() if "loan" not in name}

    body = asked(
        client,
        subjects=[
            {"id": "P", "kind": "project", "enterprise": "E", "facts": loan},
            {"id": "E", "kind": "enterprise", "facts": firm},
        ],
        measures=["js_mfg_loan_discount"],
        as_of="2026-06-15",
    )

    assert [(line.subject, line.verdict) for line in body.matches] == [("P", "eligible"), ("E", "unknown")]


def test_an_empty_profile_is_eligible_for_nothing(client: TestClient) -> None:
    body = asked(client, subjects=[{"id": "leer", "facts": {}}])

    assert body.matches
    assert "eligible" not in {line.verdict for line in body.matches}


def test_a_thousand_subjects_are_answered_and_one_more_is_refused(client: TestClient) -> None:
    subjects = [{"id": f"S{number}", "facts": {"registered_region": "320412"}} for number in range(1001)]

    body = asked(client, subjects=subjects[:1000], verdicts=["eligible"])
    problem = refused(client, json.dumps({"subjects": subjects}).encode(), 400, "TOO_MANY_SUBJECTS")

    assert (body.subjects, body.refused) == (1000, [])
    assert problem.field == "subjects"


def test_nothing_of_a_what_if_is_kept(client: TestClient) -> None:
    asked(client, subjects=[{"id": "keep-me-not", "facts": LOAN}])

    assert client.get("/api/v1/projects/keep-me-not").status_code == 404
    assert client.get("/api/v1/projects", params={"q": "keep-me-not"}).json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (b"", "JSON", None),
        (b'{"subjects": [{"id": "a"', "JSON", None),
        (b"\xff\xfe\x00", "BODY_ENCODING", None),
        ('{"subjects": [{"id": "常州"}]}'.encode("gbk"), "BODY_ENCODING", None),
        (b"[]", "BODY_FORMAT", None),
        (b"{}", "BODY_FORMAT", "subjects"),
        (b'{"subjects": []}', "BODY_FORMAT", "subjects"),
        (b'{"subjects": {"id": "a"}}', "BODY_FORMAT", "subjects"),
        (b'{"subjects": [{"id": "a"}], "facts": {}}', "KEY_UNKNOWN", "facts"),
        (b'{"subjects": [{"id": "a"}], "as_of": 2026}', "BODY_FORMAT", "as_of"),
        (b'{"subjects": [{"id": "a"}], "as_of": "soon"}', "DATE_FORMAT", "as_of"),
        (b'{"subjects": [{"id": "a"}], "measures": "x"}', "BODY_FORMAT", "measures"),
        (b'{"subjects": [{"id": "a"}], "measures": [1]}', "BODY_FORMAT", "measures"),
        (b'{"subjects": [{"id": "a"}], "measures": ["hightech"]}', "MEASURE_UNKNOWN", "measures"),
        (b'{"subjects": [{"id": "a"}], "verdicts": ["maybe"]}', "VERDICT", "verdicts"),
        (b'{"subjects": [{"id": "a"}], "all_reasons": 1}', "BODY_FORMAT", "all_reasons"),
        (b'{"subjects": [{"id": "a"}], "subjects": [{"id": "b"}]}', "DUPLICATE_KEY", None),
        (b'{"subjects": [{"id": "a", "facts": {"innovation_score": NaN}}]}', "NUM_RANGE", None),
        (b"[" * 100_000, "JSON_DEPTH", None),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_as_a_whole(
    client: TestClient, body: bytes, code: str, field: str | None
) -> None:
    problem = refused(client, body, 400, code)

    assert problem.field == field


def test_a_body_over_five_megabytes_is_refused(client: TestClient) -> None:
    text = json.dumps({"subjects": [{"id": "a", "name": "x" * 5 * 1024 * 1024, "facts": {}}]})

    problem = refused(client, text.encode(), 413, "BODY_TOO_LARGE")

    assert problem.allowed == ["不超过 5 MB"]
    assert problem.hint_zh is not None


def test_an_unknown_query_parameter_is_refused_here_too(client: TestClient) -> None:
    answer = client.post("/api/v1/match?dry=1", json={"subjects": [{"id": "a"}]})

    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_UNKNOWN")
