"""Where a subject is counted: its district, tier, industry and size, and 未知 for what may be either."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.subjects import known_facts
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.group_subjects import groupings_of

LIFECYCLE = Path(__file__).resolve().parents[2] / "rules" / "lifecycle.yaml"


def group(vocabulary: Vocabulary, way: str, facts: dict[str, object], *, of_firm: bool = False) -> str:
    subject = subject_from_json({"id": "甲", "facts": facts}, vocabulary)  # type: ignore[dict-item]
    other = subject_from_json({"id": "乙", "facts": {}}, vocabulary)
    cells = [known_facts(one, vocabulary, date(2026, 3, 10)) for one in (other, subject)]
    found = groupings_of(FactTable(vocabulary, cells), load_lifecycle(LIFECYCLE))[way]
    assert found.names[found.places[0]] == "未知"
    return found.names[(found.of_firms if of_firm else found.places)[1]]


@pytest.mark.parametrize(
    ("way", "facts", "expected"),
    [
        ("district", {"district": "武进区", "registered_region": "320411"}, "武进区"),
        ("district", {"registered_region": "WJ-GX"}, "武进区"),
        ("district", {"registered_region": "320400"}, "常州市"),
        ("district", {"registered_region": "320500"}, "市外"),
        ("district", {"registered_region": "320405"}, "未知"),
        ("district", {"registered_region": "320000"}, "未知"),
        ("tier", {"total_investment": "9.9999亿元"}, "1亿—10亿元"),
        ("tier", {"total_investment": "10亿元"}, "10亿—30亿元"),
        ("tier", {"total_investment": "5000万元", "agreed_investment": "12亿元"}, "1亿元以下"),
        ("tier", {"agreed_investment": "100亿元"}, "100亿元以上"),
        ("tier", {"total_investment": {"low": "2亿元", "high": "9亿元"}}, "1亿—10亿元"),
        ("tier", {"total_investment": {"low": "2亿元", "high": "10亿元"}}, "未知"),
        ("tier", {"total_investment": {"low": "120亿元"}}, "100亿元以上"),
        ("tier", {"total_investment": {"high": "5000万元"}}, "未知"),
        ("industry", {"industry_code": "C3670"}, "C36 汽车制造业"),
        ("industry", {"industry_code": "C"}, "C 制造业"),
        ("size", {"enterprise_size": "medium"}, "中型"),
    ],
)
def test_a_subject_is_counted_where_all_its_values_lie(
    vocabulary: Vocabulary, way: str, facts: dict[str, object], expected: str
) -> None:
    assert group(vocabulary, way, facts) == expected


def test_what_is_given_to_a_firm_is_counted_where_the_firm_is_registered(vocabulary: Vocabulary) -> None:
    facts: dict[str, object] = {"district": "武进区", "registered_region": "320411"}

    assert group(vocabulary, "district", facts, of_firm=True) == "新北区"
