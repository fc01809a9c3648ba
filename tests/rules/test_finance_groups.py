"""Finance measures stand in one of three groups: each one, in every version the same, and no other measure."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from bad_rules import MEASURE, folder_with, issues_of

from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.schema import FinanceGroup
from policy_match.facts.vocabulary import Vocabulary


def test_the_groups_are_the_three_that_the_notice_names_in_its_order() -> None:
    assert get_args(FinanceGroup) == ("融资服务保障", "综合金融支持", "降费让利")


def test_every_finance_measure_is_in_a_group_and_every_group_has_some(rulebook: Rulebook) -> None:
    grouped = {rule.id: rule.measure.finance_group for rule in rulebook.rules if rule.measure.finance_group}

    assert set(grouped) == {rule.id for rule in rulebook.rules if rule.measure.family == "金融"}
    assert set(grouped.values()) == set(get_args(FinanceGroup))


def test_what_a_measure_gives_agrees_with_its_group(rulebook: Rulebook) -> None:
    """Our reading in one line: what lowers the cost is 降费让利, and only that."""
    for rule in rulebook.rules:
        if rule.measure.finance_group is not None and rule.measure.benefit is not None:
            lowers = rule.measure.benefit.kind == "cash" or "贴息" in rule.measure.title
            assert lowers is (rule.measure.finance_group == "降费让利"), rule.measure.key


def test_versions_of_one_measure_stand_in_the_same_group(tmp_path: Path, vocabulary: Vocabulary) -> None:
    place = folder_with(tmp_path)
    first = place / MEASURE
    text = first.read_text("utf-8").replace("family: 奖补", "family: 金融\nfinance_group: 降费让利")
    first.write_text(text.replace('through: "2027-12-31"', "through: superseded"), "utf-8")
    newer = text.replace("version: 1", "version: 2").replace("降费让利", "综合金融支持")
    newer = newer.replace('from: "2025-01-01"', 'from: "2026-01-01"')
    first.with_name("invented_award.v2.yaml").write_text(newer, "utf-8")

    issues = issues_of(place, vocabulary)

    assert [issue.code for issue in issues] == ["VERSIONS"]
    assert "finance_group 与第 1 版不同（综合金融支持）" in issues[0].what
    assert issues[0].where.endswith("invented_award.v2.yaml:9")
    assert issues[0].allowed == "降费让利"
