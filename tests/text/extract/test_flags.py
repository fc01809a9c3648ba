"""Warnings: pages that are not what they seem, and pages that are."""

from __future__ import annotations

import pytest

from policy_match.exchange.official_html import read_html
from policy_match.facts.vocabulary import Vocabulary
from policy_match.text.extract.extraction import Extraction, extract
from policy_match.text.extract.page import Page

ISSUER = "常州市工业和信息化局"
NUMBER = "常工信规〔2031〕8号"
CLAUSES = ["第一条 对示例企业给予奖励10万元。", "第二条 本办法自2031年2月1日起施行，有效期三年。"]


def page(
    *, issuer: str = ISSUER, number: str = NUMBER, clauses: list[str] = CLAUSES, day: str = "2031年1月1日"
) -> Page:
    title = "常州市示例奖励办法"
    return Page((title, number, *clauses, issuer, day), titles=(title,))


def read(opened: Page, vocabulary: Vocabulary) -> Extraction:
    return extract(opened, vocabulary.taxonomies, vocabulary.industries)


def codes_of(opened: Page, vocabulary: Vocabulary) -> list[str]:
    return [one.code for one in read(opened, vocabulary).warnings]


def test_a_page_of_a_listed_body_with_its_own_number_has_no_warning(vocabulary: Vocabulary) -> None:
    assert codes_of(page(), vocabulary) == []


@pytest.mark.parametrize("issuer", ["苏州市工业和信息化局", "浙江省财政厅", "上海市人民政府办公厅"])
def test_a_body_from_elsewhere_is_foreign(issuer: str, vocabulary: Vocabulary) -> None:
    assert "foreign_issuer" in codes_of(page(issuer=issuer), vocabulary)


def test_a_number_of_another_body_is_foreign(vocabulary: Vocabulary) -> None:
    assert codes_of(page(number="常科发〔2031〕8号"), vocabulary) == ["foreign_issuer"]
    assert codes_of(page(number="锡工信规〔2031〕8号"), vocabulary) == ["foreign_issuer"]


def test_a_local_body_that_is_not_on_the_list_is_told_and_not_foreign(vocabulary: Vocabulary) -> None:
    assert codes_of(page(issuer="常州市商务局", number="常商发〔2031〕8号"), vocabulary) == [
        "series_unlisted",
        "issuer_unlisted",
    ]


def test_a_betting_name_in_the_header_is_foreign_and_the_signature_stays_the_issuer(vocabulary: Vocabulary) -> None:
    opened = Page(("发布机构：示例娱乐城", *page().lines), titles=page().titles)

    assert read(opened, vocabulary).head.issuers == (ISSUER,)
    assert codes_of(opened, vocabulary) == ["foreign_issuer"]


def test_cities_that_a_document_speaks_of_are_not_foreign(vocabulary: Vocabulary) -> None:
    clauses = ["第一条 高质量开展上海、深圳、苏州招商活动。", *CLAUSES[1:]]

    assert codes_of(page(clauses=clauses), vocabulary) == []


def test_a_scope_elsewhere_is_foreign(vocabulary: Vocabulary) -> None:
    clauses = ["第一条 在苏州市行政区域内注册的企业给予奖励10万元。", *CLAUSES[1:]]

    assert codes_of(page(clauses=clauses), vocabulary) == ["foreign_issuer"]


@pytest.mark.parametrize(
    "end",
    [
        ["第一条 甲。", "第二条 乙……"],
        ["第一条 甲。", "第二条 对符合条件的企业，给"],
        ["第一条 甲。", "第三条 自2031年2月1日起施行。"],
        ["第一条 甲。", "第二条 点击查看全文"],
    ],
)
def test_a_text_that_stops_early_or_leaves_a_number_out_is_truncated(end: list[str], vocabulary: Vocabulary) -> None:
    title = "常州市示例奖励办法"
    opened = Page(("发布机构：" + ISSUER + " 成文日期：2031年1月1日", title, NUMBER, *end), titles=(title,))

    assert codes_of(opened, vocabulary) == ["truncated"]


def test_a_numbered_line_that_stops_early_is_truncated_and_the_words_are_shown(vocabulary: Vocabulary) -> None:
    title = "常州市示例奖励办法"
    end = ["一、标准", "1.给予补助。", "2.对企业给予贴息，单户最"]
    opened = Page(("发布机构：" + ISSUER + " 成文日期：2031年1月1日", title, NUMBER, *end), titles=(title,))

    (flag,) = read(opened, vocabulary).warnings

    assert (flag.code, "单户最" in flag.message) == ("truncated", True)


def test_names_of_annexes_at_the_end_are_not_cut_off_text(vocabulary: Vocabulary) -> None:
    lines = page().lines
    opened = Page((*lines[:-2], "附件：1.申报表、承诺书", "2.汇总表、名单", *lines[-2:]), titles=page().titles)

    assert codes_of(opened, vocabulary) == []


def html(head: str = "", body: str = "") -> Page:
    lines = "".join(f"<p>{line}</p>" for line in page().lines[1:])
    return read_html(f"<html><head>{head}</head><body><h1>常州市示例奖励办法</h1>{body}{lines}</body></html>")


def test_words_of_other_cities_in_the_keywords_are_poison(vocabulary: Vocabulary) -> None:
    stuffed = '<meta name="keywords" content="苏州补贴代办,南京补贴代办,示例奖励办法">'
    fair = '<meta name="keywords" content="奖励,示例企业,办法">'

    assert codes_of(html(stuffed), vocabulary) == ["poisoned"]
    assert codes_of(html(fair), vocabulary) == []


@pytest.mark.parametrize(
    "style", ["display:none", "visibility: hidden", "font-size:0", "position:absolute;left:-9999px"]
)
def test_hidden_text_is_not_read_and_told(style: str, vocabulary: Vocabulary) -> None:
    opened = html(body=f'<div style="{style}">代办补贴 代办补贴 代办补贴 最高奖励9000万元</div>')

    assert codes_of(opened, vocabulary) == ["poisoned"]
    assert "9000万元" not in "".join(read(opened, vocabulary).body)


def test_a_hidden_menu_is_no_poison(vocabulary: Vocabulary) -> None:
    assert codes_of(html(body='<ul style="display:none"><li>首页</li><li>政务公开</li></ul>'), vocabulary) == []


def test_one_phrase_over_and_over_is_poison(vocabulary: Vocabulary) -> None:
    assert codes_of(html(body="<p>苏州代办补贴 苏州代办补贴 苏州代办补贴 苏州代办补贴</p>"), vocabulary) == ["poisoned"]


def test_what_is_unknown_stays_unknown_and_is_said(vocabulary: Vocabulary) -> None:
    extraction = read(Page(("随便写的一段话。",)), vocabulary)

    head = extraction.head
    assert (head.number, head.issuers, head.title, head.issued_on, extraction.through) == (None, (), None, None, None)
    assert {one.code for one in extraction.warnings} == {
        "truncated",
        "number_unseen",
        "issuer_unseen",
        "title_unseen",
        "date_unseen",
    }
