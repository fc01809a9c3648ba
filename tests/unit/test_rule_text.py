"""What is written of a rule file is read back as it was."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from policy_match import release
from policy_match.authoring.rule_text import ORDERED, flow_text, in_order, rule_text
from policy_match.strict_yaml import Data, read_file, read_text

ROOT = Path(__file__).resolve().parents[2]


def test_every_shipped_measure_is_read_back_as_it_was() -> None:
    paths = sorted((ROOT / "rules" / "measures").rglob("*.yaml"))

    for path in paths:
        data = read_file(path).data
        again = read_text(rule_text(data), path.name)
        assert again.issues == [], path
        assert again.data == data, path
    assert len(paths) > 100


@pytest.mark.parametrize(
    "value",
    [
        "2024-05", "2024", "2024-08-16", "091", "1e8", "yes", "NULL", "~", "-5%", "12:30", "3000万元", "a: b", "#x",
        "一行\n两行", "", "@x", "C3562", "{a}", "- a", "一、甲：乙", Decimal("0.10"), 7, True, None, "\ufeff前", "a\tb", "* a", "! b",
    ],
)  # fmt: skip
def test_doubtful_values_are_read_back_as_they_were(value: Data) -> None:
    for text in (rule_text({"key": value, "on": [value]}), flow_text({"key": value, "on": [value]})):
        again = read_text(text, "x.yaml")

        assert again.issues == []
        assert again.data == {"key": value, "on": [value]}


def test_every_key_stands_on_a_line_of_its_own_so_that_a_fault_finds_its_field() -> None:
    text = rule_text({"conditions": {"a": {"fact": "x", "value": "5万元"}}, "clauses": [{"article": "1", "by": ["a"]}]})

    lines = read_text(text, "x.yaml").lines
    named = [path for path in lines if path and isinstance(path[-1], str)]
    starts = [lines[path] for path in named if path not in ((), ("clauses", 0))]
    assert len(set(starts)) == len(starts)


def test_what_a_release_keeps_is_put_back_into_the_order_of_the_schema() -> None:
    path = ROOT / "rules" / "measures" / "national" / "STANDARD" / "above_scale_industry.v1.yaml"
    data = read_file(path).data
    kept = read_text(release.canonical(data), "kept").data
    assert isinstance(data, dict) and isinstance(kept, dict)
    assert rule_text(kept) != rule_text(data)

    assert rule_text(in_order(kept)) == rule_text(data)
    assert ORDERED == release.ORDERED
