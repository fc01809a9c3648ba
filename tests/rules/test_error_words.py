"""What an author is told to do about the slips that people make most: the very words to write."""

from __future__ import annotations

from pathlib import Path

import pytest
from bad_rules import BAD, SHIPPED, folder_with, issues_of

from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.open_rules import open_vocabulary


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    """The shipped facts and lists of names."""
    return open_vocabulary(SHIPPED, SHIPPED.parent / "corpus")


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("operator_unknown", ["at_least 不少于", "has_any 具有其中一项称号"]),
        ("case_verdict", ["eligible 符合", "not_in_force 不在施行期"]),
        ("rate_number", ['写成 "10%"']),
        ("rate_bare", ["%"]),
        ("fixed_bare", ["万元"]),
        ("definition_unused", ["在 eligible_when 中也写上 not_excluded"]),
        ("condition_unused", ["在 eligible_when 中也写上"]),
        ("choose_by_honours", ["金额不能按“荣誉与资质”分行", "has_any 条件", "choose: {when: [{condition: 条件名"]),
        ("choose_row_operator", ["has_any 是运算词，只写在 conditions 的 op 后面"]),
        ("stacking_alone", ["只有这一项措施", "unwritten"]),
        ("effective_before_document", ["文件自 2025-01-01 起施行", "invented-2025-1"]),
        ("case_amount_ineligible", ["不符合的用例没有待遇"]),
        ("placeholder", ["“待填：措施名称”还没有填", "status: draft"]),
        ("fact_unknown", ["意思相同才改用", "登记", "docs/rule-authoring.zh.md"]),
        ("yaml_wide_comma", ["用了全角逗号"]),
        ("yaml_indent", ["或上一行缩进不齐"]),
    ],
)
def test_the_error_says_what_to_write(file: str, told: list[str], tmp_path: Path, words: Vocabulary) -> None:
    issue = issues_of(folder_with(tmp_path, [BAD / f"{file}.yaml"]), words)[0]

    assert [part for part in told if part not in str(issue)] == []
