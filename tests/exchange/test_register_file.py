"""The files that say how a source is read: strict to the last name, every fault with its line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from register_files import NOW, write_csv

from policy_match.errors import RuleError
from policy_match.exchange.register_file import Register, evidence_kinds, load_register
from policy_match.exchange.registers import read_register
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable

HEAD = "schema: register/1\nsource: DISTRICT\nname: 示范\nkind: project\ncolumns:\n  项目名称: {is: name}\n"


def load(tmp_path: Path, text: str, vocabulary: Vocabulary, table: LifecycleTable) -> Register:
    path = tmp_path / "registers" / "DISTRICT.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load_register(path, vocabulary, table)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("  甲: {fact: total_invesment, unit: 万元}", "total_invesment"),
        ("  甲: {fact: total_investment}", "单位没有写或不对"),
        ("  甲: {fact: total_investment, unit: 亩}", "单位没有写或不对"),
        ("  甲: {fact: total_investment, unit: 万元, likely: ['1', '2']}", "没有单位"),
        ("  甲: {point: BEGUN}", "不认识的跟踪点“BEGUN”"),
        ("  甲: {planned: begun}", "不认识的里程碑“begun”"),
        ("  甲: {milestone: begun}", "不认识的里程碑“begun”"),
        ("  甲: {mark: begun}", "不认识的日期标记“begun”"),
        ("  甲: {evidence: 借条, of: 项目名称}", "不认识的佐证“借条”"),
        ("  甲: {evidence: 备案证, of: 项目名称}", "没有写是哪一列日期的佐证"),
        ("  甲: {evidence: 备案证}", "没有写是哪一列日期的佐证"),
        ("  甲: {is: name}", "有两列都是 name"),
        ("  甲: {is: name, fact: content}", "只有一项含义"),
        ("  甲: {also: [乙]}", "只有一项含义"),
        ("  甲: {is: extra, also: [项 目名称]}", "写了两次"),
        ("  甲: {is: person}", "is：值不在允许的范围内"),
        ("  甲: {fcat: content}", "fcat：不认识的键"),
        ("  甲: {key: PHONE}", "key：值不在允许的范围内"),
        ("  甲: {fact: year_investment, unit: 万元, holds: year}", "没有月份列"),
        ("  甲: {is: step}", "事项列和事项表应同时有"),
        ("steps: {备案: {point: APPROVED}}", "事项列和事项表应同时有"),
        ("  项目名称: {is: extra}", "键“项目名称”重复"),
    ],
)
def test_every_fault_is_told_with_its_line(
    tmp_path: Path, vocabulary: Vocabulary, lifecycle: LifecycleTable, line: str, words: str
) -> None:
    with pytest.raises(RuleError) as error:
        load(tmp_path, HEAD + line + "\n", vocabulary, lifecycle)

    found = [issue for issue in error.value.issues if words in issue.what]
    assert found, [str(issue) for issue in error.value.issues]
    assert found[0].where.startswith("rules/registers/DISTRICT.yaml:")
    assert found[0].where.endswith((":7", ":5")), found[0].where


@pytest.mark.parametrize("step", ["point: BEGUN", "milestone: begun", "mark: begun", "evidence: 借条"])
def test_a_step_names_only_what_the_lifecycle_has(
    tmp_path: Path, vocabulary: Vocabulary, lifecycle: LifecycleTable, step: str
) -> None:
    with pytest.raises(RuleError, match=step.split(": ")[1]):
        load(tmp_path, f"{HEAD}  事项: {{is: step}}\nsteps:\n  备案: {{{step}}}\n", vocabulary, lifecycle)


def test_a_file_is_named_by_its_source(tmp_path: Path, vocabulary: Vocabulary, lifecycle: LifecycleTable) -> None:
    with pytest.raises(RuleError, match="文件名与来源 GG 不符"):
        load(tmp_path, HEAD.replace("source: DISTRICT", "source: GG"), vocabulary, lifecycle)


def test_a_renamed_column_is_one_more_name_in_the_file(
    tmp_path: Path, vocabulary: Vocabulary, lifecycle: LifecycleTable
) -> None:
    path = tmp_path / "a.csv"
    write_csv(path, ["工程名称", "库内编号"], [["示范项目", "CZ-2025-00001"]])
    text = HEAD.replace("{is: name}", "{is: name, also: [工程名称]}") + "  库内编号: {is: code}\n"

    register = load(tmp_path, text, vocabulary, lifecycle)

    assert [row.name for row in read_register(path, register, vocabulary, at=NOW).rows] == ["示范项目"]


def test_the_six_sources_are_there_and_facts_of_the_fai_are_its_own(
    registers: Mapping[str, Register], vocabulary: Vocabulary
) -> None:
    assert set(registers) == {"DISTRICT", "GG", "TZXM", "FAI", "ENT", "ZQT"}
    of_fai = [column.spec for column in registers["FAI"].columns.values() if column.spec is not None]
    assert of_fai and all(spec.registers == ("FAI",) for spec in of_fai)
    others = [column.spec for name, one in registers.items() if name != "FAI" for column in one.columns.values()]
    assert not [spec.name for spec in others if spec is not None and spec.registers == ("FAI",)]


def test_every_evidence_of_the_lifecycle_has_a_column_or_a_step(
    registers: Mapping[str, Register], lifecycle: LifecycleTable
) -> None:
    columns = {column.evidence for register in registers.values() for column in register.columns.values()}
    steps = {step.evidence for register in registers.values() for step in register.steps.values()}
    parts = {"规划核实", "土地核验", "消防验收", "人防验收", "档案验收", "质量验收"}

    assert evidence_kinds(lifecycle) - columns - steps == parts
