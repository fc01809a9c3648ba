"""Draft measures: they pass the check, name their places, and hold a condition or an amount only where it is surely written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from made_pages import MARKS

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.errors import RuleError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.text.extract.extraction import Extraction, extract
from policy_match.text.extract.page import Page
from policy_match.workflows.check_rules import check_rules
from policy_match.workflows.extract_files import Written, write_texts

ROOT = Path(__file__).resolve().parents[3]
TODAY = date(2031, 12, 1)
SHIPPED = Path("measures/national/STANDARD/above_scale_industry.v1.yaml")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A rule folder with one measure, and a corpus that may grow."""
    folder = tmp_path_factory.mktemp("drafts")
    rules, corpus = folder / "rules", Path(shutil.copytree(ROOT / "corpus", folder / "corpus"))
    (rules / SHIPPED).parent.mkdir(parents=True)
    shutil.copy(ROOT / "rules" / "facts.yaml", rules)
    shutil.copy(ROOT / "rules" / SHIPPED, rules / SHIPPED)
    return rules, corpus


def checked(many: list[Written], files: tuple[Path, Path]) -> list[Rule]:
    """The drafts of several documents, checked together in one folder."""
    rules, corpus = files
    shutil.rmtree(rules / "measures" / "city", ignore_errors=True)
    added = []
    for at, written in enumerate(many):
        for name, text in written.files.items():
            if name.startswith("measures/"):
                place = rules / "measures" / "city" / "DRAFTS" / Path(name).name.replace(".v1", f"_{at}.v1")
                text = re.sub(r"^id: (.+)$", rf"id: \1_{at}", text, count=1, flags=re.MULTILINE)
            elif name.startswith("documents/"):
                place = corpus / name
                added.append(place)
            else:
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
    try:
        return [rule for rule in check_rules(rules, corpus).rules if rule.measure.status == "draft"]
    finally:
        for place in added:
            place.unlink(missing_ok=True)


def drafted(lines: list[str], rulebook: Rulebook) -> list[dict[str, Any]]:
    """The measure files of a document with these clauses."""
    head = ("常州市示例奖励办法", "常工信规〔2031〕8号", "常州市工业和信息化局", "2031年1月1日")
    written = write_texts(read(Page((*head, *lines)), rulebook.vocabulary), "示例.txt", rulebook, TODAY)
    return [yaml.safe_load(text) for name, text in written.files.items() if name.startswith("measures/")]


def read(page: Page, vocabulary: Vocabulary) -> Extraction:
    return extract(page, vocabulary.taxonomies, vocabulary.industries)


def test_drafts_of_every_page_pass_the_check(
    read_marked: Callable[[Path], Extraction], rulebook: Rulebook, files: tuple[Path, Path]
) -> None:
    many = [write_texts(read_marked(path), "示例.html", rulebook, TODAY) for path in MARKS]

    rules = checked(many, files)

    assert len(rules) == sum(name.startswith("measures/") for written in many for name in written.files)
    assert len(rules) > 25


def test_a_draft_may_wait_for_its_boundaries_and_a_rule_may_not(
    read_marked: Callable[[Path], Extraction], rulebook: Rulebook, files: tuple[Path, Path]
) -> None:
    (path,) = [path for path in MARKS if path.name.startswith("green")]
    written = write_texts(read_marked(path), "示例.html", rulebook, TODAY)
    active = {name: text.replace("status: draft", "status: active") for name, text in written.files.items()}

    assert any("op: at_least" in text for name, text in written.files.items() if name.startswith("measures/"))
    checked([written], files)
    with pytest.raises(RuleError) as caught:
        checked([replace(written, files=active)], files)
    assert "BOUNDARY" in {issue.code for issue in caught.value.issues}


def test_every_condition_and_benefit_of_every_draft_names_its_place(
    read_marked: Callable[[Path], Extraction], rulebook: Rulebook
) -> None:
    for path in MARKS:
        extraction = read_marked(path)
        articles = {clause.article for clause in extraction.clauses}
        for name, text in write_texts(extraction, "示例.html", rulebook, TODAY).files.items():
            if not name.startswith("measures/"):
                continue
            measure = yaml.safe_load(text)
            parts = [*measure["conditions"].values(), *([measure["benefit"]] if "benefit" in measure else [])]
            assert {place for part in parts for place in part["place"].split("、")} <= articles


def test_a_foreign_page_gives_no_draft(read_marked: Callable[[Path], Extraction], rulebook: Rulebook) -> None:
    (path,) = [path for path in MARKS if path.name.startswith("foreign")]

    assert list(write_texts(read_marked(path), "示例.html", rulebook, TODAY).files) == ["document.yaml"]


def test_a_number_that_is_registered_takes_the_registered_document(
    read_marked: Callable[[Path], Extraction], rulebook: Rulebook
) -> None:
    (path,) = [path for path in MARKS if path.name.startswith("notice")]

    written = write_texts(read_marked(path), "notice.txt", rulebook, TODAY)

    assert (written.document_id, written.is_registered) == ("czbf-2024-37", True)
    assert not [name for name in written.files if name.startswith("documents/")]


def test_a_bound_whose_words_are_the_label_of_a_fact_is_a_condition(rulebook: Rulebook) -> None:
    (draft,) = drafted(["第一条 总投资不低于1亿元的项目，给予50万元奖励。"], rulebook)

    assert draft["conditions"]["total_investment"] == {
        "fact": "total_investment", "op": "at_least", "value": "1亿元", "place": "第一条",
    }  # fmt: skip
    assert draft["benefit"]["fixed"] == "50万元"


@pytest.mark.parametrize(
    "clause",
    [
        "第一条 累计总投资规模不低于1亿元的项目，给予50万元奖励。",
        "第一条 总投资不低于1亿元或设备投入不低于5000万元的项目，给予50万元奖励。",
        "第一条 总投资1亿元以上、5亿元以下的项目，给予50万元奖励。",
        "第一条 总投资1亿元以上的奖励50万元；总投资5亿元以上的奖励100万元。",
    ],
)
def test_a_bound_that_says_more_or_is_one_of_several_is_left_to_people(clause: str, rulebook: Rulebook) -> None:
    (draft,) = drafted([clause], rulebook)

    assert list(draft["conditions"]) == ["judged"]
    assert clause[4:] in draft["conditions"]["judged"]["human"]


def test_a_fact_that_two_clauses_bound_is_left_to_people(rulebook: Rulebook) -> None:
    lines = ["一、条件", "1、上年度营业收入不低于2000万元；", "2、注册三年的，应当上年度营业收入不低于3000万元。"]

    (draft,) = drafted([*lines, "二、奖励", "1、每户给予10万元奖励。"], rulebook)

    assert list(draft["conditions"]) == ["judged", "shared"]


def test_one_share_of_a_known_base_is_an_amount(rulebook: Rulebook) -> None:
    (draft,) = drafted(["第一条 按设备投入的8%给予补助，最高500万元。"], rulebook)

    benefit = draft["benefit"]
    assert {key: benefit[key] for key in ("of", "rate", "cap")} == {
        "of": "equipment_investment",
        "rate": "8%",
        "cap": "500万元",
    }


@pytest.mark.parametrize(
    "clause",
    [
        "第一条 按项目实际支出的8%给予补助。",
        "第一条 分别给予最高50万元、30万元奖励。",
        "第一条 每新增一人奖励1万元。",
        "第一条 给予100万美元奖励。",
        "第一条 按贷款给予1个百分点贴息。",
    ],
)
def test_an_amount_that_is_not_surely_one_stays_unseen(clause: str, rulebook: Rulebook) -> None:
    (draft,) = drafted([clause], rulebook)

    assert draft["verified"]["benefit"] == "unseen"
    assert set(draft["benefit"]) == {"kind", "says", "place"}


def test_conditions_of_a_head_without_benefits_are_asked_in_every_draft(rulebook: Rulebook) -> None:
    drafts = drafted(
        [
            "一、申报条件",
            "1、上年度营业收入不低于2000万元；",
            "2、信用良好的企业法人，应当无失信。",
            "二、奖励",
            "1、甲类奖励10万元；",
            "2、乙类奖励20万元。",
        ],
        rulebook,
    )

    assert [draft["document"]["article"] for draft in drafts] == ["二1", "二2"]
    for draft in drafts:
        assert draft["conditions"]["revenue_last"]["place"] == "一1"
        assert "一2" in draft["conditions"]["shared"]["place"]


LINES = st.lists(
    st.sampled_from(
        ["一、条件", "二、标准", "（一）", "第一条 ", "第二条 ", "1.", "附件1", "总投资不低于1亿元，", "设备投入超过5000万元", "资产负债率不高于70%", "给予50万元奖励。",
         "按设备投入的10%补助，", "最高500万元", "从业人员300人以下", "年龄不超过35周岁", "科技人员不少于10人。", "或", "本办法自2031年2月30日起施行", "有效期至2030年1月1日",
         "自2031年1月1日起施行，", "2031年1月1日", "常州市财政局", "常财工贸〔2031〕1号", "发布机构：", "废止日期：2020-01-01", "“'\"#: - {}[]", "\t", "　", "每年", "不予奖励"]
    ) | st.text(max_size=12),
    max_size=40,
)  # fmt: skip


@given(st.lists(LINES, min_size=6, max_size=6))
@settings(max_examples=15)
def test_drafts_of_any_text_pass_the_check(
    files: tuple[Path, Path], rulebook: Rulebook, texts: list[list[str]]
) -> None:
    pages = [
        Page(tuple(line for line in "".join(pieces).replace("。", "。\n").split("\n") if line.strip()))
        for pieces in texts
    ]

    written = [write_texts(read(page, rulebook.vocabulary), "示例.txt", rulebook, TODAY) for page in pages]

    checked(written, files)


@given(LINES)
@settings(max_examples=200)
def test_reading_any_text_never_fails_and_loses_nothing(rulebook: Rulebook, pieces: list[str]) -> None:
    lines = tuple(line for piece in pieces for line in piece.splitlines() if line.strip())

    extraction = read(Page(lines, titles=lines[:1], keywords=lines[1:3], hidden=lines[3:4]), rulebook.vocabulary)

    kept = [line for clause in extraction.clauses for line in clause.lines] + list(extraction.loose)
    assert sorted("".join(kept)) == sorted("".join(extraction.body))


@pytest.mark.parametrize(
    ("issuer", "number"), [("常州市财政局", "常州市财政局公告2031年第2号"), ("国家税务总局常州市税务局", None)]
)
def test_the_number_of_an_announcement_is_registered_where_its_body_is_on_the_list(
    issuer: str, number: str | None, files: tuple[Path, Path], rulebook: Rulebook
) -> None:
    lines = ("关于示例事项的公告", f"{issuer}公告2031年第2号", "一、给予50万元奖励。", issuer, "2031年1月1日")
    written = write_texts(read(Page(lines), rulebook.vocabulary), "示例.txt", rulebook, TODAY)

    checked([written], files)

    (record,) = [yaml.safe_load(text) for name, text in written.files.items() if name.startswith("documents/")]
    assert record["number"] == number


@pytest.mark.parametrize("signed", [(), ("常州市工业和信息化局", "2031年1月1日")])
def test_a_draft_whose_first_day_is_not_written_begins_before_its_last(
    signed: tuple[str, ...], files: tuple[Path, Path], rulebook: Rulebook
) -> None:
    lines = ("一、给予50万元奖励。", "二、本办法有效期至2030年1月1日。")
    written = write_texts(read(Page((*lines, *signed)), rulebook.vocabulary), "示例.txt", rulebook, TODAY)

    (rule,) = checked([written], files)

    assert (rule.measure.effective.from_, rule.measure.effective.through) == ("2030", "2030-01-01")
    assert "待填" in str(rule.measure.effective.note)


@pytest.mark.parametrize(
    ("text", "value"), [("年龄不超过35周岁", "35年"), ("年龄不超过35岁", "35年"), ("从业人员不少于300名", "300人")]
)
def test_a_count_is_written_in_the_unit_of_its_fact(
    files: tuple[Path, Path], rulebook: Rulebook, text: str, value: str
) -> None:
    written = write_texts(read(Page((f"（一）{text}",)), rulebook.vocabulary), "示例.txt", rulebook, TODAY)

    checked([written], files)
    assert any(f"value: {value}\n" in one for one in written.files.values())
