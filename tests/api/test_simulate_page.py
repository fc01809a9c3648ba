"""The page that moves one figure: a form that works as an address, a chart and a table, and nothing stored."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from policy_match.workflows.move_figure import figures_of
from policy_match.workflows.open_libraries import Libraries, Library
from policy_match.workflows.weigh_rules import Weighing
from policy_match_api.pages.chart import Point, chart_of

PATH = "/measures/hightech_enterprise/simulate"


def test_the_written_value_stands_in_the_table_with_todays_numbers(client: TestClient, demo: Library) -> None:
    rule = demo.matching.rulebook.at("hightech_enterprise", demo.matching.as_of)
    tally = Weighing(demo.matching, demo.matching).tally(None, rule)

    text = client.get(
        PATH, params={"figure": "conditions.hitech_revenue.value", "from": "50%", "to": "70%", "steps": 3}
    ).text

    invented = text[text.index('id="of-demo"') :]
    row = re.search(
        r'<b>60%</b> <span class="chip yes">现行</span></td><td class="num" data-h="符合">(\d+)</td>', invented
    )
    assert row is not None and int(row[1]) == tally.eligible
    assert ">测算</span>" in text and "什么都不保存" in text
    assert text.count("<svg") == 2 and "<script" not in text and "style=" not in text


def test_a_measure_that_pays_has_a_chart_of_money_for_each_library(client: TestClient) -> None:
    text = client.get("/measures/js_mfg_loan_discount/simulate").text

    assert text.count("需资金</title>") == 2 and text.count("受益主体数</title>") == 2
    assert 'href="/measures/js_mfg_loan_discount"' in text


def test_a_measure_without_a_figure_says_so(client: TestClient, libraries: Libraries) -> None:
    rulebook = libraries.rulebook
    without = next(
        one for one in rulebook.ids if not figures_of(rulebook.at(one, libraries.as_of), rulebook.vocabulary)
    )

    assert "没有可以单独移动的数" in client.get(f"/measures/{without}/simulate").text


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"figure": "benefit.price"}, "没有“benefit.price”这个数"),
        ({"steps": "1000"}, "steps 应为2至40的整数"),
        ({"figure": "conditions.hitech_revenue.value", "from": "许多"}, "“许多”"),
    ],
)
def test_a_wrong_parameter_is_refused(client: TestClient, params: dict[str, str], words: str) -> None:
    answer = client.get(PATH, params=params)

    assert answer.status_code == 400
    assert words in answer.text


def test_the_measure_page_leads_to_it(client: TestClient) -> None:
    assert f'href="{PATH}"' in client.get("/measures/hightech_enterprise").text


def test_a_chart_shows_no_high_line_area_where_an_end_is_not_known() -> None:
    chart = chart_of("需资金", [Point(1, "1", 5, None, False), Point(2, "2", 10, 30, True)], str)

    assert (chart.area, chart.low.count(","), chart.high.count(",")) == ("", 2, 1)
    assert [mark.text for mark in chart.upward] == ["0", "10", "20", "30", "40"]


def test_one_single_value_is_drawn_in_the_middle() -> None:
    chart = chart_of("受益主体数", [Point(7, "7", 0, 0, True)], str)

    assert chart.written == chart.across[0].at
    assert chart.left < float(chart.written) < chart.right
