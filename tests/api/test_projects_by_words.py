"""Subjects are found by words through the API and the list page, each in its own library."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


def ids(client: TestClient, **asked: str) -> list[str]:
    answer = client.get("/api/v1/projects", params={"library": "demo", **asked})
    assert answer.status_code == 200
    found = answer.json()
    assert found["total"] == len(found["projects"])
    return [line["id"] for line in found["projects"]]


def test_words_find_firms_and_their_projects_and_narrow_the_other_filters(client: TestClient) -> None:
    assert ids(client, words="智造 装备") == ["D001", "D002"]
    assert ids(client, words="扩建 智造") == ["D002"]
    assert ids(client, words="智造 装备", kind="project") == ["D002"]
    assert ids(client, words="智造 装备", q="D001") == ["D001"]
    assert ids(client, words="智造 装备", library="real") == []


def test_words_of_what_a_project_builds_find_it_on_any_day(client: TestClient) -> None:
    assert "P001" in ids(client, library="real", words="湿法 制绒")
    assert "P001" in ids(client, library="real", words="湿法 制绒", as_of="2026-06-01")


@pytest.mark.parametrize("words", ["", "项目", '"*'])
def test_a_text_without_words_is_refused_and_says_what_to_do(client: TestClient, words: str) -> None:
    answer = client.get("/api/v1/projects", params={"words": words})

    assert answer.status_code == 400
    assert answer.json()["code"] == "WORDS"
    assert "没有可查的词" in answer.json()["message_zh"]


def test_the_box_of_the_list_page_finds_words_apart_and_still_parts_of_a_name(client: TestClient) -> None:
    for text, there in (("扩建 智造", ["D002"]), ("造装", ["D001", "D002"]), ("D00", ["D001", "D006"]), ('"*', [])):
        page = client.get("/demo", params={"q": text})
        assert page.status_code == 200
        assert all(f'href="/demo/{one}"' in page.text for one in there)
        assert ('href="/demo/D00' in page.text) == bool(there)
