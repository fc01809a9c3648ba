"""What was really paid stands beside the amount: on the page and in the JSON of a measure, and on the page of a match."""

from __future__ import annotations

from fastapi.testclient import TestClient

from policy_match_api.state import Libraries

EQUIPMENT = ("2.67亿元", "93.66亿元", "2.85%")


def test_the_page_of_a_measure_shows_it_after_the_ceiling_and_before_the_stacking(client: TestClient) -> None:
    text = client.get("/measures/cz_equipment_award").text

    shown = text[text.index('id="benefit"') :]
    assert shown.index("最高") < shown.index("实际兑现（上限不等于实得）") < shown.index("93.66亿元")
    assert all(part in shown for part in EQUIPMENT)


def test_a_measure_of_which_no_payment_was_seen_has_no_such_heading(client: TestClient) -> None:
    assert "实际兑现" not in client.get("/measures/cz_green_manufacturing_award").text


def test_every_payment_and_its_source_is_on_the_page(client: TestClient, libraries: Libraries) -> None:
    rules = [rule for rule in libraries.rulebook.rules if rule.measure.paid_history and rule.measure.status != "draft"]

    assert len(rules) > 10
    for rule in rules:
        text = client.get(f"/measures/{rule.id}?version={rule.measure.version}").text
        assert all(paid.says in text and paid.source in text for paid in rule.measure.paid_history), rule.measure.key


def test_the_page_of_a_match_shows_it_beside_the_amount(client: TestClient) -> None:
    text = client.get("/demo/D002/cz_equipment_award").text

    assert all(part in text for part in ("实际兑现", *EQUIPMENT))


def test_the_json_of_a_measure_holds_it(client: TestClient) -> None:
    held = client.get("/api/v1/measures/cz_equipment_award").json()

    assert [paid["year"] for paid in held["paid_history"]] == ["2023", "2023"]
    assert "2.85%" in held["paid_history"][0]["says"]
