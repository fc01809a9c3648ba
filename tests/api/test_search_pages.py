"""The search page and the page of a document, as a browser without scripts gets them."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

import pytest
from starlette.testclient import TestClient
from test_pages import Page, read

from policy_match.workflows.narrow_search import TOPIC_GROUPS, topic_counts
from policy_match.workflows.open_libraries import Libraries
from policy_match.workflows.search_policies import rank_policies
from policy_match.workflows.show_measure import TOPIC_NAMES
from policy_match_api.state import Opened

ADDRESSES = [
    "/search", "/search?topic=land", "/search?topic=hydrogen", "/search?q=武进区买设备能补多少钱", "/search?q=今天天气怎么样",
    "/search?q=常政办发〔2025〕6号&kind=document", "/search?region=溧阳市&in_force=unknown", "/policies/czbf-2025-6",
]  # fmt: skip
ROW = re.compile(r'class="lead-cell"><a href="([^"]+)">')


def rows(text: str) -> list[str]:
    return ROW.findall(text)


def links_to(page: Page, start: str) -> list[str]:
    return [link for link in page.links if link.startswith(start)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_link_of_a_search_page_leads_somewhere(client: TestClient, address: str) -> None:
    _, page = read(client, address)

    for link in sorted({link for link in page.links if link.startswith("/")}):
        assert client.get(link).status_code == 200, link


def test_every_topic_stands_in_one_group() -> None:
    grouped = [topic for topics in TOPIC_GROUPS.values() for topic in topics]

    assert sorted(grouped) == sorted(TOPIC_NAMES)


def test_without_a_question_the_topics_are_to_choose_from_and_empty_ones_are_told(
    client: TestClient, libraries: Libraries
) -> None:
    text, page = read(client, "/search")

    counts = topic_counts(libraries.rulebook)
    assert sorted(links_to(page, "/search?topic=")) == sorted(
        f"/search?topic={topic}" for topic, n in counts.items() if n
    )
    assert text.count("暂无已录入的措施") == sum(not n for n in counts.values()) > 0
    assert rows(text) == []


@pytest.mark.parametrize("topic", ["land", "talent_award", "equipment_subsidy"])
def test_a_topic_alone_lists_its_measures_those_in_force_first(
    client: TestClient, libraries: Libraries, topic: str
) -> None:
    text, _ = read(client, f"/search?topic={topic}")

    book = libraries.rulebook
    wanted = {f"/measures/{id}" for id in book.ids if topic in book.versions(id)[-1].measure.topics}
    assert set(rows(text)) == wanted
    assert len(rows(text)) == len(wanted)
    words = re.findall(r'data-h="今日"><span class="chip [a-z]+">([^<]+)', text)
    assert words == sorted(words, key=["施行中", "待核实", "不在施行期"].index)
    assert topic == "land" or set(words) == {"施行中", "待核实", "不在施行期"}


def test_a_topic_without_any_measure_is_said_so(client: TestClient) -> None:
    text, _ = read(client, "/search?topic=hydrogen")

    assert "“氢能”暂无已录入的措施" in text


def test_a_sure_answer_lists_results_at_once_with_the_sum_that_ranks_them(client: TestClient) -> None:
    text, _ = read(client, "/search?q=贷款贴息")

    assert "没有把握" not in text
    assert len(rows(text)) == 20
    sums = re.findall(r"列在这里：(.+?) = ([\d.]+)<", unescape(text))
    assert len(sums) == 20
    for terms, total in sums:
        numbers = re.findall(r"(−?) ?(?:主题|字面|地区|已过施行期) ([\d.]+)", terms)
        assert round(sum(-float(n) if sign else float(n) for sign, n in numbers), 4) == float(total)


def test_an_unsure_answer_asks_for_the_topic_before_it_shows_what_is_nearest(client: TestClient) -> None:
    text, page = read(client, "/search?q=今天天气怎么样")

    assert text.index("没有把握") < text.index("最接近的结果") < text.index('class="lead-cell"')
    assert len(links_to(page, "/search?topic=")) > 25
    likely = links_to(page, "/search?q=%E4%BB%8A%E5%A4%A9%E5%A4%A9%E6%B0%94%E6%80%8E%E4%B9%88%E6%A0%B7&topic=")
    chosen, _ = read(client, likely[0])
    assert "没有把握" not in chosen


def test_a_place_in_the_question_is_shown_made_a_filter_or_taken_away(client: TestClient) -> None:
    text, page = read(client, "/search?q=武进区贷款贴息")

    assert "理解为 地区：武进区" in text
    assert "只看 适用地区" not in text
    only = next(link for link in page.links if "region=320412" in link)
    without = next(link for link in page.links if "ignore=region" in link)
    narrowed, _ = read(client, only)
    assert "只看 适用地区：武进区" in narrowed
    assert "只看在这里适用的" not in narrowed
    plain, _ = read(client, without)
    assert "理解为 地区" not in plain
    assert "地区 0" not in "".join(re.findall("列在这里：.*?<", plain))


def test_a_place_taken_away_ranks_as_if_it_had_not_been_said(client: TestClient, libraries: Libraries) -> None:
    state: Opened = client.app.state.opened  # type: ignore[attr-defined]
    ranking = rank_policies(state.index(), "溧阳市贷款贴息", libraries.rulebook, libraries.as_of)
    hits = ranking.answer(ranking.entries).hits
    scores = {hit.entry.id: hit.score - hit.parts["place"] for hit in hits}

    shown: list[str] = []
    for number in range(1, -(-len(hits) // 20) + 1):
        text, _ = read(client, f"/search?q=溧阳市贷款贴息&ignore=region&page={number}")
        shown += [address.split("/")[-1] for address in rows(text)]

    assert sorted(shown) == sorted(scores)
    # Scores are sums of rounded parts, and the order is that of the sums before.
    ranked = [scores[id] for id in shown]
    assert all(one >= other - 2e-4 for one, other in pairwise(ranked))
    assert shown != [entry.id for entry in ranking.entries]


def test_each_filter_in_use_can_be_taken_away_alone(client: TestClient) -> None:
    text, page = read(client, "/search?q=贷款&family=金融&mode=apply&in_force=true")

    for word in ("类别：金融", "兑现方式：需申报", "是否施行：施行中"):
        assert f"只看 {word}" in text
    assert "/search?q=%E8%B4%B7%E6%AC%BE&in_force=true&mode=apply" in [unescape(link) for link in page.links]


def test_the_pages_of_results_go_on_where_the_last_one_ended(client: TestClient) -> None:
    first, page = read(client, "/search?q=贷款贴息")
    second, _ = read(client, "/search?q=贷款贴息&page=2")

    assert any(link.endswith("page=2") for link in page.links)
    assert not set(rows(first)) & set(rows(second))


def test_a_question_too_long_stays_in_its_box_with_what_to_do(client: TestClient) -> None:
    answer = client.get("/search", params={"q": "贷" * 201})

    assert answer.status_code == 400
    assert "贷" * 201 in answer.text
    assert "不超过200个字" in answer.text


def test_the_longest_question_still_makes_a_small_page(client: TestClient) -> None:
    read(client, f"/search?q={'武进区今天天气怎么样' * 20}")


@pytest.mark.parametrize(
    "query", ["topic=money", "in_force=yes", "region=月球", "kind=law", "q=贷款&page=0", "q=贷款&page=x"]
)
def test_a_wrong_choice_is_told_with_what_is_allowed(client: TestClient, query: str) -> None:
    answer = client.get(f"/search?{query}")

    assert answer.status_code == 400
    assert "允许：" in answer.text


def test_a_page_beyond_the_last_is_not_found(client: TestClient) -> None:
    assert client.get("/search?q=贷款&page=999").status_code == 404


def test_markup_in_a_question_is_shown_as_text(client: TestClient) -> None:
    text, _ = read(client, "/search?q=<b>贷款</b>\"'")

    assert "<b>贷款" not in text


def test_the_page_of_a_document_shows_validity_clauses_measures_and_what_nobody_saw(client: TestClient) -> None:
    text, _ = read(client, "/policies/liyang-low-altitude-2024")

    for said in (
        "文号未见",
        "溧阳市人民政府办公室",
        "自2024-07-10起，终止日未见",
        "实缴注册资本5%",
        "零部件奖励的单家上限",
    ):
        assert said in text
    assert any(row.startswith("/measures/liyang_parts_approval_award") for row in rows(text))


def test_every_document_has_a_page_that_a_measure_of_it_links_to(client: TestClient, libraries: Libraries) -> None:
    book = libraries.rulebook
    for document in book.documents.values():
        text, _ = read(client, f"/policies/{document.id}")
        assert document.title in unescape(text)
    for id in book.ids:
        rule = book.at(id, libraries.as_of)
        _, page = read(client, f"/measures/{id}")
        assert f"/policies/{rule.document.id}" in page.links


def test_an_unknown_document_is_a_page_with_those_like_it(client: TestClient) -> None:
    answer = client.get("/policies/czbf-2025-7")

    assert answer.status_code == 404
    assert "czbf-2025-6" in answer.text


@pytest.mark.parametrize("path", ["/", "/projects", "/measures", "/policies/czbf-2025-6"])
def test_every_page_has_one_box_to_ask_from(client: TestClient, path: str) -> None:
    text, _ = read(client, path)

    assert text.count('action="/search"') == 1
