"""The self-check without a log-in: what each answer proves, and that nothing of it is kept."""

from __future__ import annotations

import re

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select
from starlette.testclient import TestClient

from policy_match.store.tables import Base
from policy_match.workflows.open_archive import Archive


def asked(page: LexborHTMLParser) -> str:
    """The fact that the page asks for next."""
    found = page.css_first("input[name=asked]")
    assert found is not None
    return str(found.attributes["value"])


def fields(page: LexborHTMLParser) -> dict[str, list[str]]:
    """The hidden fields of the question's form: the answers so far."""
    found: dict[str, list[str]] = {}
    for one in page.css(".ask input[type=hidden]"):
        found.setdefault(str(one.attributes["name"]), []).append(str(one.attributes["value"]))
    return found


def answered(client: TestClient, page: LexborHTMLParser, **more: object) -> LexborHTMLParser:
    """The page after one more answer."""
    answer = client.post("/check", data=fields(page) | more)
    assert answer.status_code == 200
    return LexborHTMLParser(answer.text)


def rows(archive: Archive) -> dict[str, int]:
    """How many rows each table has."""
    with archive.database.reading() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


@pytest.fixture
def first(client: TestClient) -> LexborHTMLParser:
    return LexborHTMLParser(client.get("/check").text)


def test_the_first_page_asks_and_says_that_nothing_is_kept(first: LexborHTMLParser, client: TestClient) -> None:
    assert asked(first) == "registered_region"
    assert "什么都不保存" in first.text() and "不作为兑现依据" in first.text()
    assert first.css("script") == [] and first.css_first("[style]") is None
    assert client.get("/check").headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_an_answer_narrows_what_is_possible_and_nothing_of_it_is_kept(
    first: LexborHTMLParser, client: TestClient
) -> None:
    archive: Archive = client.app.state.opened.archive  # type: ignore[attr-defined]
    before = rows(archive)

    page = answered(client, first, **{"f.registered_region": "320412"})

    assert rows(archive) == before
    assert "武进区" in page.css_first("aside").text()
    assert page.css_first("#out") is not None and "溧阳" in page.css_first("#out").text()
    assert asked(page) != "registered_region"
    assert fields(page)["f.registered_region"] == ["320412"]


def test_the_owner_of_a_small_firm_sees_a_sum_or_an_honest_ceiling_within_five_questions(
    first: LexborHTMLParser, client: TestClient
) -> None:
    page, known = first, {"registered_region": "320412", "is_sme": "是", "entity_type": "企业法人", "blacklisted": "否"}

    for _ in range(5):
        said = page.css_first("#sum + p").text()
        assert re.search(r"最高|资金合计 \d|没有证明", said)
        fact = asked(page)
        page = answered(client, page, **({f"f.{fact}": known[fact]} if fact in known else {"skip": "yes"}))

    assert re.search(r"最高 \d+万元|资金合计 \d", page.css_first("#sum + p").text())


def test_what_nobody_knows_is_passed_over_and_not_asked_again(first: LexborHTMLParser, client: TestClient) -> None:
    page, seen = first, set()
    for _ in range(6):
        assert asked(page) not in seen
        seen.add(asked(page))
        page = answered(client, page, skip="yes")
        assert set(fields(page)["passed"]) == seen


def test_an_answer_that_cannot_be_read_is_told_and_counts_as_none(client: TestClient) -> None:
    answer = client.post("/check", data={"f.revenue_last": "很多", "f.registered_region": "320412"})
    page = LexborHTMLParser(answer.text)

    told = page.css_first("aside [role=alert]")
    assert told is not None and "很多" in page.css_first("aside").text()
    without = client.post("/check", data={"f.registered_region": "320412"}).text
    assert LexborHTMLParser(without).css_first("#sum + p").text() == page.css_first("#sum + p").text()


def test_several_ticks_make_a_list_and_none_of_them_makes_an_empty_one(client: TestClient) -> None:
    two = client.post("/check", data={"f.honours": ["专精特新中小企业", "国家绿色工厂"]})
    none = client.post("/check", data={"f.honours": "无"})

    assert "专精特新中小企业、国家绿色工厂" in LexborHTMLParser(two.text).css_first("aside").text()
    assert "荣誉与资质：无" in LexborHTMLParser(none.text).css_first("aside").text()
    out = LexborHTMLParser(none.text).css_first("#out").text()
    assert "绿色" in out and "绿色" not in LexborHTMLParser(two.text).css_first("#out").text().split("逐条理由")[0]


def test_an_answer_may_be_taken_back(client: TestClient) -> None:
    page = LexborHTMLParser(
        client.post("/check", data={"f.registered_region": "320412", "drop": "registered_region"}).text
    )

    assert asked(page) == "registered_region" and "还没有" in page.css_first("aside").text()


def test_a_project_beside_the_firm_brings_the_measures_for_projects(client: TestClient) -> None:
    alone = LexborHTMLParser(client.post("/check", data={"f.district": "320412"}).text)
    both = LexborHTMLParser(client.post("/check", data={"f.district": "320412", "project": "yes"}).text)

    def measures(page: LexborHTMLParser) -> int:
        return sum(int(one.text()) for one in page.css(".summary b"))

    assert measures(both) > measures(alone)


@pytest.mark.parametrize(
    "data",
    [
        {"f.no_such_fact": "1"},
        {"f.name": "<script>alert(1)</script>", "f.revenue_last": "<img src=x onerror=alert(1)>"},
        {"f.revenue_last": "9" * 100_000},
        {"asked": "revenue_last", "skip": "yes", "drop": "../../etc", "passed": "\u202e"},
        {f"f.fact{number}": "1" for number in range(500)},
    ],
)
def test_whatever_is_sent_is_text_and_breaks_nothing(data: dict[str, str], client: TestClient) -> None:
    answer = client.post("/check", data=data)

    assert answer.status_code == 200
    assert "<script>" not in answer.text and "<img" not in answer.text
