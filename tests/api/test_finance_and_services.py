"""The finance view and the services of a measure: the same on the pages, in JSON and on the sheet."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from policy_match.eligibility.decide import Verdict
from policy_match.facts.subjects import Kind
from policy_match.workflows.choose_finance import choose_finance
from policy_match.workflows.open_libraries import Libraries, Library
from policy_match.workflows.show_benefit import services_of, unit_text
from policy_match.workflows.show_sheet import files_of, sheet_grids

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 3, 10)
READING = "每项措施归入哪一组是我们的理解"


def section(client: TestClient, path: str) -> str:
    text = unescape(client.get(path).text)
    start = text.index('<section class="card" aria-labelledby="finance">')
    return text[start : text.index("</section>", start)]


def test_every_project_page_shows_one_best_option_per_group(client: TestClient, libraries: Libraries) -> None:
    for library, base in ((libraries.real, "/projects"), (libraries.demo, "/demo")):
        assert library is not None
        for row, subject in list(enumerate(library.matching.subjects))[:40]:
            shown = section(client, f"{base}/{subject.id}")
            rows = shown.split("<tr>")[2:]

            assert "融资：每组一个首选" in shown
            assert READING in shown
            for choice, line in zip(choose_finance(library.matching.of(row)), rows, strict=True):
                assert choice.group in line
                measures = re.findall(rf'href="{base}/{subject.id}/(\w+)"', line)
                assert measures == ([] if choice.best is None else [choice.best.rule.id])
                for verdict, count in choice.further:
                    place = {Verdict.ELIGIBLE: "eligible", Verdict.NEEDS_HUMAN: "human", Verdict.UNKNOWN: "unknown"}
                    assert f'<a href="#{place[verdict]}">' in line
                    assert f"{count} 项" in line


def test_links_of_the_finance_view_lead_to_a_list_of_the_same_page(client: TestClient, demo: Library) -> None:
    for subject in demo.matching.subjects:
        if subject.kind is not Kind.PERSON:
            ids = set(re.findall(r' id="(\w+)"', client.get(f"/demo/{subject.id}").text))
            assert set(re.findall(r'href="#(\w+)"', section(client, f"/demo/{subject.id}"))) <= ids


def test_the_json_answer_names_the_same_options_as_the_page(client: TestClient, demo: Library) -> None:
    for row, subject in enumerate(demo.matching.subjects):
        finance = client.get(f"/api/v1/projects/{subject.id}", params={"library": "demo"}).json()["finance"]
        choices = choose_finance(demo.matching.of(row))

        assert READING in finance["note"]
        assert [group["group"] for group in finance["groups"]] == [choice.group for choice in choices]
        for group, choice in zip(finance["groups"], choices, strict=True):
            assert (group["best"] or {}).get("measure") == (choice.best and choice.best.rule.id)
            assert sum(group["further"].values()) == sum(count for _, count in choice.further)
            assert group["ruled_out"] == choice.ruled_out


def test_a_measure_page_says_that_the_group_is_our_reading(client: TestClient) -> None:
    assert "金融（降费让利，归组是我们的理解）" in client.get("/measures/js_mfg_loan_discount").text
    assert "归组" not in client.get("/measures/hightech_enterprise").text


@pytest.mark.parametrize("measure", ["cz_talent_services", "cz_major_project_jobs", "cz_project_financing"])
def test_services_with_their_units_stand_on_the_measure_page_in_json_and_on_the_sheet(
    client: TestClient, libraries: Libraries, measure: str
) -> None:
    rule = libraries.rulebook.at(measure, DAY)
    listed = [(s.name, unit_text(s, rule.measure), s.note or "") for s in services_of(rule.measure)]
    text = unescape(client.get(f"/measures/{measure}").text)
    answer = client.get(f"/api/v1/measures/{measure}").json()["services"]
    files = files_of(rule, libraries.rulebook, ROOT / "rules", ROOT / "corpus")
    grid = next(g for g in sheet_grids(rule, libraries.rulebook, DAY, files) if g.title == "各项服务")

    assert listed
    assert [(s["name"], s["unit_text"], s["note"] or "") for s in answer] == listed
    assert [s["reading"] for s in answer] == [unit.endswith("（单位是我们的理解）") for _, unit, _ in listed]
    assert [row[:3] for row in grid.rows] == listed
    for name, unit, note in listed:
        assert (
            f'<td class="lead-cell">{name}</td><td data-h="承办单位">{unit}</td><td data-h="说明">{note}</td>' in text
        )


def test_services_stand_on_the_page_of_a_match_and_of_the_project(client: TestClient, libraries: Libraries) -> None:
    match, project = (
        unescape(client.get(path).text) for path in ("/projects/P001/cz_project_financing", "/projects/P001")
    )

    assert "金融顾问团：承办单位没有写，请咨询市工信局" in match
    for service in services_of(libraries.rulebook.at("cz_project_financing", DAY).measure):
        assert service.name in project


def test_a_measure_without_listed_services_shows_no_empty_part(client: TestClient) -> None:
    assert 'id="services"' not in client.get("/measures/cz_land_tiered_supply").text
    assert client.get("/api/v1/measures/cz_land_tiered_supply").json()["services"] == []
