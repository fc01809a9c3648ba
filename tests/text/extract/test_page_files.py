"""Files that hold no page: each is refused in Chinese with what, where, what is allowed and what to do; others are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from made_pages import docx_of, pdf_of

from policy_match.errors import UsageError
from policy_match.exchange import official_page
from policy_match.exchange.official_html import read_html
from policy_match.exchange.official_page import read_page

LOCKED = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
    b"3 0 obj\n<</Filter/Standard/V 1/R 2/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">/P -4>>\nendobj\n"
    b"trailer\n<</Size 4/Root 1 0 R/Encrypt 3 0 R/ID[<31><31>]>>\n%%EOF"
)


def write(folder: Path, name: str, raw: bytes) -> Path:
    place = folder / name
    place.write_bytes(raw)
    return place


@pytest.mark.parametrize(
    ("name", "raw", "code", "words"),
    [
        ("空.html", b"", "DOCUMENT_EMPTY", "文件是空的"),
        ("空白.txt", b" \n\t\r\n", "DOCUMENT_EMPTY", "文件是空的"),
        ("没有字.html", b"<html><body><script>var a=1</script></body></html>", "DOCUMENT_EMPTY", "没有文字"),
        ("扫描.pdf", pdf_of([]), "DOCUMENT_SCAN", "扫描件"),
        ("密码.pdf", LOCKED, "DOCUMENT_PASSWORD", "密码"),
        ("坏.pdf", b"%PDF-1.4\nnothing", "DOCUMENT_KIND", "损坏"),
        ("旧.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 100, "DOCUMENT_KIND", "另存为 .docx"),
        ("改名.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 100, "DOCUMENT_KIND", "旧版 Word"),
        ("表.docx", b"PK\x03\x04" + b"\0" * 100, "DOCUMENT_KIND", "损坏"),
        ("图.html", b"\x89PNG\r\n" + b"\0" * 100, "DOCUMENT_KIND", "图片"),
        ("网页.pdf", b"<html><body>text</body></html>", "DOCUMENT_KIND", "网页"),
        ("程序.exe", b"MZ", "DOCUMENT_KIND", ".exe"),
        ("乱码.txt", b"\xff\x81\x00\xff\xfe\xfd\xfc" * 40, "FILE_BINARY", "不是文本"),
    ],
)
def test_what_is_no_page_is_refused_with_what_to_do(
    name: str, raw: bytes, code: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        read_page(write(tmp_path, name, raw))

    (issue,) = caught.value.issues
    assert issue.code == code
    assert words in str(issue)
    assert name in issue.where
    assert issue.hint


def test_a_document_whose_parts_are_damaged_is_refused(tmp_path: Path) -> None:
    raw = bytearray(docx_of(["常州市示例办法"] * 50))
    for at in range(100, len(raw) - 4000, 97):
        raw[at] ^= 0xFF

    with pytest.raises(UsageError, match="损坏"):
        read_page(write(tmp_path, "损坏.docx", bytes(raw)))


def test_a_folder_and_a_missing_file_are_told(tmp_path: Path) -> None:
    for place, words in ((tmp_path, "文件夹"), (tmp_path / "没有.html", "没有这个文件")):
        with pytest.raises(UsageError, match=words):
            read_page(place)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official_page, "MAX_BYTES", 10)
    with pytest.raises(UsageError, match="MB"):
        read_page(write(tmp_path, "大.txt", b"a" * 11))
    monkeypatch.setattr(official_page, "MAX_BYTES", 10**6)
    monkeypatch.setattr(official_page, "MAX_LINES", 3)
    assert len(read_page(write(tmp_path, "三行.txt", b"a\nb\nc\n")).lines) == 3
    with pytest.raises(UsageError, match="4 行"):
        read_page(write(tmp_path, "四行.txt", b"a\nb\nc\nd\n"))
    monkeypatch.setattr(official_page, "MAX_LETTERS", 5)
    with pytest.raises(UsageError, match="6 字"):
        read_page(write(tmp_path, "六字.txt", b"abcdef"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_read_in_every_usual_encoding(encoding: str, tmp_path: Path) -> None:
    place = write(tmp_path, "页.txt", "常州市示例办法\r\n第一条　甲".encode(encoding))

    assert read_page(place).lines == ("常州市示例办法", "第一条　甲")


def test_a_page_saved_as_text_under_another_name_is_still_a_page(tmp_path: Path) -> None:
    place = write(tmp_path, "页.txt", "<!DOCTYPE html><html><body><p>第一条 甲</p></body></html>".encode())

    assert read_page(place).lines == ("第一条 甲",)


def test_blocks_break_a_line_and_spans_do_not() -> None:
    page = read_html(
        "<div><span>总投资</span><b>1亿元</b>以上</div><div>甲<br>乙</div><table><tr><td>丙</td><td>丁</td></tr></table>"
    )

    assert page.lines == ("总投资1亿元以上", "甲", "乙", "丙\t丁")


def test_a_page_that_nests_without_end_is_read() -> None:
    assert read_html("<div>" * 5000 + "甲").lines[-1:] == ("甲",)


def test_word_numbers_its_paragraphs_as_it_prints_them(tmp_path: Path) -> None:
    lines = ["题目", "一：甲", "二：乙", "二：丙", "一：丁", "二：戊", "|列|上限", "|一|5万元", "尾"]

    page = read_page(write(tmp_path, "自动.docx", docx_of(lines)))

    assert page.lines == ("题目", "一、甲", "（一）乙", "（二）丙", "二、丁", "（一）戊", "列\t上限", "一\t5万元", "尾")


def test_lines_that_paper_broke_are_joined_and_page_numbers_left_out(tmp_path: Path) -> None:
    long = "　　" + "字" * 70 + "。"
    page = read_page(write(tmp_path, "折行.pdf", pdf_of(["常州市示例办法", long, *(["第一条 甲乙丙丁。"] * 20)])))

    assert page.lines[:2] == ("常州市示例办法", long.strip())
    assert len(page.lines) == 22


def test_word_keeps_insertions_and_leaves_out_deletions_and_hidden_words(tmp_path: Path) -> None:
    document = Document()
    paragraph = document.add_paragraph("补助")
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    paragraph._p.append(parse_xml(f"<w:ins {space}><w:r><w:t>50万元</w:t></w:r></w:ins>"))
    paragraph._p.append(parse_xml(f"<w:del {space}><w:r><w:delText>40万元</w:delText></w:r></w:del>"))
    paragraph.add_run("代办").font.hidden = True
    document.save(str(tmp_path / "修订.docx"))

    page = read_page(tmp_path / "修订.docx")

    assert (page.lines, page.hidden) == (("补助50万元",), ("代办",))


def test_preformatted_text_keeps_its_lines() -> None:
    assert read_html("<pre>一、甲\n二、乙</pre>").lines == ("一、甲", "二、乙")


def test_two_columns_are_read_one_after_the_other_and_what_heads_every_page_is_left_out(tmp_path: Path) -> None:
    clauses = [f"　　{number}、对符合条件的示例企业给予一次性奖励{number}万元。" for number in "一二三四五六七八九"]
    lines = ["% 示例文件汇编", "关于示例奖励的通知", *clauses, *clauses, *clauses]
    page = read_page(write(tmp_path, "两栏.pdf", pdf_of(lines)))

    assert page.lines[:10] == ("关于示例奖励的通知", *(clause.strip() for clause in clauses))
    assert len(page.lines) == 28


def test_columns_with_a_rule_between_them_are_a_table_and_keep_their_rows(tmp_path: Path) -> None:
    rows = ["示例企业年度营业收入合计达到标准", "且研发投入占比达到规定要求的企业"] * 9
    cells = ["按照营业收入的百分之一给予奖励，", "并优先推荐申报省级示例项目和资金"] * 9
    path = write(tmp_path, "有线.pdf", pdf_of(["%| 汇编", *rows, *cells]))

    assert rows[0] + " " + cells[0] in "".join(read_page(path).lines)
    assert rows[0] + rows[1] in "".join(read_page(write(tmp_path, "无线.pdf", pdf_of(["% 汇编", *rows, *cells]))).lines)


def test_a_line_that_is_printed_on_one_page_only_is_kept(tmp_path: Path) -> None:
    page = read_page(
        write(tmp_path, "两页.pdf", pdf_of(["关于示例奖励的通知", *(f"{at}.甲。" for at in range(1, 30))]))
    )

    assert page.lines[0] == "关于示例奖励的通知"
    assert len(page.lines) == 30


def test_a_table_on_paper_is_no_second_column(tmp_path: Path) -> None:
    rows = [f"档次{number}　　　　　　　　奖励{number}万元" for number in "一二三四五六"]

    (text,) = read_page(write(tmp_path, "表.pdf", pdf_of(rows))).lines
    assert text.startswith("档次一 奖励一万元档次二 奖励二万元")


def test_the_number_of_the_document_is_a_line_of_its_own_however_long_it_is(tmp_path: Path) -> None:
    lines = ["关于示例事项的通知", "常财工贸〔2031〕929号", "各辖市、区财政局："]

    assert read_page(write(tmp_path, "文号.pdf", pdf_of(lines))).lines == tuple(lines)


def test_the_head_of_a_table_that_every_page_after_the_first_repeats_is_kept(tmp_path: Path) -> None:
    rows = ["关于示例奖励的通知", *(f"{at}.甲。" for at in range(1, 54))]
    rows[18] = rows[36] = "序号、单位、金额"

    page = read_page(write(tmp_path, "表头.pdf", pdf_of(rows)))

    assert "".join(page.lines).count("序号、单位、金额") == 2


def test_a_running_head_set_apart_from_the_text_is_left_out_though_the_first_page_has_none(tmp_path: Path) -> None:
    rows = ["关于示例奖励的通知", *(f"{at}.甲。" for at in range(1, 54))]
    rows[18:20] = rows[36:38] = ["示例文件汇编", ""]

    assert "示例文件汇编" not in "".join(read_page(write(tmp_path, "页眉.pdf", pdf_of(rows))).lines)
