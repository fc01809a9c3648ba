"""The best set of benefits on the page of a project and in the API: the same set, small, with reasons."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from policy_match.workflows.choose_bundle import bundled, household_of
from policy_match.workflows.open_libraries import Library
from policy_match_api.routes.bundles import BundleAnswer


def answered(client: TestClient, subject: str, **params: str) -> BundleAnswer:
    answer = client.get(f"/api/v1/projects/{subject}/bundle", params=params)
    assert answer.status_code == 200, answer.text
    return BundleAnswer.model_validate_json(answer.content, strict=True)


def test_every_subject_of_the_demonstration_has_its_set(client: TestClient, demo: Library) -> None:
    found = [answered(client, subject.id, library="demo") for subject in demo.matching.subjects]

    assert any(body.chosen for body in found)
    for body, row in zip(found, range(len(found)), strict=True):
        whole = bundled(demo.matching, household_of(demo.matching.subjects, row), demo.paid)
        part = whole.of(body.subject)
        assert [one.measure for one in body.chosen] == [taken.offer.rule.id for taken in part.chosen]
        assert (body.low_fen, body.high_fen) == (part.low_fen, part.high_fen)
        cash = [one.amount.high_fen or 0 for one in body.chosen if one.amount.kind == "cash"]
        assert body.high_fen == sum(cash)
        assert body.proved


def test_the_page_shows_the_set_and_why_the_others_are_left_out(client: TestClient, demo: Library) -> None:
    for subject in demo.matching.subjects:
        body = answered(client, subject.id, library="demo")
        page = client.get(f"/demo/{subject.id}").text
        assert ("能同时享受的最好一组" in page) is bool(body.chosen or body.not_taken)
        for left in body.not_taken:
            assert left.why in page
        for one in body.chosen:
            assert f"/demo/{subject.id}/{one.measure}" in page
            assert one.amount.text in page


@pytest.mark.parametrize(
    ("path", "status"), [("/api/v1/projects/nobody/bundle", 404), ("/api/v1/projects/x/bundle?v=1", 400)]
)
def test_an_unknown_subject_or_parameter_is_refused(path: str, status: int, client: TestClient) -> None:
    assert client.get(path).status_code == status
