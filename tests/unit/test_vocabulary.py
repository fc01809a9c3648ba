"""The vocabulary file: strict to the last key, every fault with its line; the shipped one complete and stable."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from policy_match.errors import FactError
from policy_match.facts.vocabulary import FactType, Ladder, Vocabulary
from policy_match.facts.vocabulary_file import load_vocabulary
from policy_match.identifiers import IndustryTree

HEAD = "schema: facts/1\nregisters: {ENT: 档案库}\nfacts:\n"
GOOD = HEAD + (
    "  a: {type: money, label: 甲, subject: enterprise, from: [ENT]}\n"
    "  b: {type: money, label: 乙, subject: enterprise, from: [ENT]}\n"
)


def load(tmp_path: Path, text: str) -> Vocabulary:
    path = tmp_path / "facts.yaml"
    path.write_text(text, encoding="utf-8")
    return load_vocabulary(path, IndustryTree({}, {}))


def test_a_small_vocabulary_is_read(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        GOOD + "  c: {type: ratio, label: 丙, subject: enterprise, derive: {ratio: [a, b]}, can_be_given: false}\n",
    )

    assert loaded.order == ("c",)
    assert loaded["c"].inputs == ("a", "b")
    assert loaded.base_inputs("c") == ("a", "b")
    assert loaded.by_label["丙"] == "c"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("  c: {type: money, label: 丙, subject: enterprise, form: [ENT]}", "不认识的键“form”"),
        ("  c: {type: coin, label: 丙, subject: enterprise}", "类型“coin”不认识"),
        ("  c: {type: money, label: 丙, subject: firm}", "主体“firm”不认识"),
        ("  c: {type: money, label: 丙, subject: enterprise, from: [WECHAT]}", "数据来源“WECHAT”不认识"),
        ("  c: {type: money, label: 丙, subject: enterprise, from: ENT}", "这里应是词语列表"),
        ("  c: {type: money, label: 丙, subject: enterprise, fresh_days: '30'}", "fresh_days 应是正整数"),
        ("  c: {type: money, label: 丙, subject: enterprise, fresh_days: -1}", "fresh_days 应是正整数"),
        ("  c: {type: money, label: 丙, subject: enterprise, same_length: 1}", "same_length 应是 true 或 false"),
        ("  c: {type: money, label: 丙, subject: enterprise, note: 5}", "note 应是文字"),
        ("  c: {type: series, label: 丙, subject: enterprise, of: coins}", "类型“coins”不认识"),
        ("  c: {type: money, label: 甲, subject: enterprise}", "标签“甲”与 a 重复"),
        ("  c: {type: money, label: 丙, subject: enterprise, derive: {add: [a, b]}}", "动词“add”不认识"),
        ("  c: {type: money, label: 丙, subject: enterprise, derive: {ratio: [a]}}", "ratio 的参数个数不对"),
        ("  c: {type: money, label: 丙, subject: enterprise, derive: {last: [a, b]}}", "last 的参数个数不对"),
        ("  c: {type: money, label: 丙, subject: enterprise, derive: {sum: []}}", "sum 的参数个数不对"),
        ("  c: {type: money, label: 丙, subject: enterprise, derive: a}", "推导式应以动词开头"),
        ("  c: {type: money, label: 丙, subject: enterprise, derive: {sum: [a, z]}}", "未登记的事实“z”"),
        ("  c: {type: money, label: 丙, subject: enterprise, derive: {sum: [c, a]}}", "推导成环"),
        ("  c: {type: choice, label: 丙, subject: enterprise, ladder: {by: a, classes: [x, y], rows: {甲: {b: ['1元', '2元']}}}}", "界限个数应比档次少一个"),
        ("  c: {type: choice, label: 丙, subject: enterprise, ladder: {by: a, classes: [x, y, z], rows: {甲: {b: ['1元', '2元']}}}}", "界限应从高到低"),
        ("  c: {type: choice, label: 丙, subject: enterprise, ladder: {by: a, classes: [x, y], rows: {甲: {b: ['1']}}}}", "没有单位"),
        ("  c: {type: choice, label: 丙, subject: enterprise, ladder: {by: a, classes: [x, y], rows: {甲: {q: ['1元']}}}}", "未登记的事实“q”"),
        ("  c: {type: choice, label: 丙, subject: enterprise, lookup: {by: a, rows: [{in: [x], value: y}]}}", "不认识的键“in”"),
        ("  c: {type: money, label: 丙, subject: enterprise, any_of: {derive: a}}", "这里应是列表"),
        ("  c: 5", "键: 值"),
    ],
)  # fmt: skip
def test_every_fault_is_told_with_its_line(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(FactError) as error:
        load(tmp_path, GOOD + line + "\n")

    found = [issue for issue in error.value.issues if words in issue.what]
    assert found, [str(issue) for issue in error.value.issues]
    assert found[0].where.endswith(":6"), found[0].where


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FactError, match="不是事实词表"):
        load(tmp_path, "schema: measure/1\n")


def test_an_unknown_fact_is_told_with_its_neighbours(vocabulary: Vocabulary) -> None:
    with pytest.raises(FactError) as error:
        vocabulary["total_invesment"]

    assert error.value.issues[0].code == "FACT_UNKNOWN"
    assert "total_investment" in error.value.issues[0].allowed


def test_no_published_fact_is_renamed_or_retyped(vocabulary: Vocabulary) -> None:
    published = Path(__file__).parents[1] / "data" / "published_facts.csv"
    lists = {"list": (FactType.SERIES, FactType.PAIRS), "code": (FactType.INDUSTRY, FactType.REGION)}
    for row in csv.DictReader(published.read_text("utf-8").splitlines()):
        spec = vocabulary[row["name"]]
        assert (spec.label, spec.subject) == (row["label"], row["subject"])
        assert spec.type in lists.get(row["type"], (row["type"],)), spec.name


def test_every_size_class_has_a_row_and_every_row_its_bounds(vocabulary: Vocabulary) -> None:
    ladder = vocabulary["enterprise_size"].derive

    assert isinstance(ladder, Ladder)
    assert set(ladder.rows) == set(vocabulary["size_industry"].options)
    assert len(ladder.rows) == 16
