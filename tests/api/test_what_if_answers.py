"""POST /ask and POST /bundle: the lines of the commands, for subjects that come with the question; nothing is kept."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from policy_match.workflows.ask import ask_file
from policy_match.workflows.bundle_subjects import bundle_file

ROOT = Path(__file__).resolve().parents[2]
FIRM = {
    "id": "E1", "kind": "enterprise", "enterprise": "E1",
    "facts": {"registered_region": "320412", "enterprise_size": "medium", "entity_type": "企业法人", "is_sme": True},
}  # fmt: skip
PROJECT = {
    "id": "P1", "enterprise": "E1", "facts": {"district": "320412", "stage": "开工", "total_investment": "12亿元"},
}  # fmt: skip
BODY = {"subjects": [FIRM, PROJECT], "as_of": "2026-03-10"}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same subjects as a file."""
    path = tmp_path_factory.mktemp("what_if") / "subjects.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in (FIRM, PROJECT)), "utf-8")
    return path


def lines(path: Path) -> list[object]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_ask_answers_as_the_command_does(client: TestClient, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "ask.jsonl"
    day = date(2026, 3, 10)
    ask_file(file, rules=ROOT / "rules", corpus=ROOT / "corpus", as_of=day, limit=5, out=out, form="jsonl")

    answer = client.post("/api/v1/ask", json=BODY).json()

    assert answer["subjects"] == lines(out) and answer["refused"] == []
    assert answer["note"] == "测算，不作为兑现依据" and answer["as_of"] == "2026-03-10"


def test_bundle_answers_as_the_command_does(client: TestClient, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle.jsonl"
    day = date(2026, 3, 10)
    bundle_file(file, rules=ROOT / "rules", corpus=ROOT / "corpus", as_of=day, paid=None, out=out, form="jsonl")

    answer = client.post("/api/v1/bundle", json=BODY).json()

    assert answer["subjects"] == lines(out) and len(answer["subjects"]) == 2
    assert answer["subjects"][0]["together_with"] == ["P1"]


@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/bundle"])
def test_what_cannot_be_read_comes_back_and_the_rest_is_answered(path: str, client: TestClient) -> None:
    body = {"subjects": [FIRM, {"id": "X", "facts": {"total_investment": 200}}, "nothing"]}

    answer = client.post(path, json=body)

    assert answer.status_code == 200
    assert [one["row"] for one in answer.json()["refused"]] == [2, 3] and len(answer.json()["subjects"]) == 1


@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/bundle"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"subjects": [FIRM] * 101}, "TOO_MANY_SUBJECTS"),
        ({"subjects": []}, "BODY_FORMAT"),
        ({"subjects": [FIRM], "measures": ["x"]}, "KEY_UNKNOWN"),
        ({"subjects": [FIRM], "as_of": "2026年"}, "DATE_FORMAT"),
        ([], "BODY_FORMAT"),
    ],
)
def test_a_body_that_asks_for_something_else_is_refused(path: str, body: object, code: str, client: TestClient) -> None:
    answer = client.post(path, json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
