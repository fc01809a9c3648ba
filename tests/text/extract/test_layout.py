"""Where on a page the document stands: headings over several lines, footers, and lines that only look like one."""

from __future__ import annotations

import pytest

from policy_match.exchange.official_html import read_html
from policy_match.facts.vocabulary import Vocabulary
from policy_match.text.extract.extraction import Extraction, extract
from policy_match.text.extract.page import Page

CLAUSES = ("一、对示例企业给予奖励10万元。", "二、本公告自2031年3月1日起施行。")
SIGNED = ("常州市财政局", "2031年2月25日")


def read(page: Page, vocabulary: Vocabulary) -> Extraction:
    return extract(page, vocabulary.taxonomies, vocabulary.industries)


def test_a_heading_broken_into_lines_is_the_title_and_the_document_begins_there(vocabulary: Vocabulary) -> None:
    body = "".join(f"<p>{line}</p>" for line in (*CLAUSES, *SIGNED))
    page = read_html(
        "<h1>常州市财政局<br>关于示例事项的公告</h1><p>常州市财政局公告2031年第2号</p>"
        f"<p>发布日期：2031-02-28</p><div>{body}</div>"
    )

    head = read(page, vocabulary).head

    assert (head.title, head.number) == ("常州市财政局关于示例事项的公告", "常州市财政局公告2031年第2号")


def test_bodies_straight_above_the_subject_belong_to_the_title(vocabulary: Vocabulary) -> None:
    above = read(
        Page(("常州市财政局", "关于示例事项的通知", "常财工贸〔2031〕8号", *CLAUSES, *SIGNED)), vocabulary
    ).head
    letter = read(
        Page(("常州市财政局", "常财工贸〔2031〕8号", "关于示例事项的通知", *CLAUSES, *SIGNED)), vocabulary
    ).head

    assert (above.title, letter.title) == ("常州市财政局关于示例事项的通知", "关于示例事项的通知")


@pytest.mark.parametrize("last", ["通    知", "通　知", "通知"])
def test_letters_of_a_title_set_apart_belong_together(last: str, vocabulary: Vocabulary) -> None:
    page = Page(("常财工贸〔2031〕8号", "关于示例奖励事项的", last, "各有关单位：", *CLAUSES, *SIGNED))

    assert read(page, vocabulary).head.title == "关于示例奖励事项的通知"


@pytest.mark.parametrize(
    "line",
    [
        "承办单位应当在5日内告知申请人。",
        "主办单位可以获得补助20万元。",
        "相关信息应当公开。",
        "收藏机构每年补助5万元。",
        "打印设备投入10万元以上的，给予补助。",
        "分享到户的收益不低于20%。",
        "联系我们服务专员的企业，3日内答复。",
        "责任编辑人员不少于3人。",
    ],
)
def test_a_sentence_that_begins_like_a_footer_is_text(line: str, vocabulary: Vocabulary) -> None:
    extraction = read(Page(("关于示例事项的通知", CLAUSES[0], line, CLAUSES[1], *SIGNED)), vocabulary)

    assert line in extraction.body
    assert [clause.article for clause in extraction.clauses] == ["一", "二"]


@pytest.mark.parametrize(
    "line",
    ["主办单位：常州市财政局", "主办：常州市财政局", "相关文件：关于示例的通知", "相关链接", "分享到：微信 微博", "【打印】【关闭】", "打印本页 关闭窗口", "上一篇：没有了", "责任编辑：示例",
     "版权所有 常州市财政局", "联系我们 | 网站地图"],
)  # fmt: skip
def test_a_footer_ends_the_document(line: str, vocabulary: Vocabulary) -> None:
    extraction = read(Page(("关于示例事项的通知", *CLAUSES, *SIGNED, line, "关于别的事项的通知")), vocabulary)

    assert extraction.body[-1] == SIGNED[-1]
