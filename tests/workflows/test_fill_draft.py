"""A form fills a draft: what was not touched stays as it was, what was written is written as the rule language wants it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from policy_match.facts.vocabulary import Vocabulary
from policy_match.strict_yaml import read_file
from policy_match.workflows.draft_fields import Object, fields_of, part, parts
from policy_match.workflows.fill_draft import add_cases, add_clause, add_condition, drop, filled
from policy_match.workflows.open_rules import open_vocabulary

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return open_vocabulary(ROOT / "rules", ROOT / "corpus")


def measure() -> Object:
    return {
        "schema": "measure/1",
        "title": "设备补助",
        "topics": ["equipment_subsidy"],
        "owner_unit": None,
        "document": {"id": "x", "article": "一"},
        "clauses": [{"article": "一", "says": "设备投入500万元以上", "by": ["equipment", "benefit"]}],
        "conditions": {
            "equipment": {"fact": "equipment_investment", "op": "at_least", "value": "500万元", "place": "一"}
        },
        "eligible_when": {"all": ["equipment"]},
        "benefit": {
            "kind": "cash",
            "rate": "8%",
            "of": "equipment_investment",
            "rounding": {"to": "1元", "mode": "floor"},
        },
        "stacking": {"once": "project"},
    }


def as_shown(data: Object, vocabulary: Vocabulary) -> dict[str, str]:
    fields = fields_of(data, vocabulary)
    return {name: field.value for name, field in fields.items()} | {
        f"unit:{n}": f.unit for n, f in fields.items() if f.units
    }


def after(vocabulary: Vocabulary, changed: Mapping[str, str], data: Object | None = None) -> Object:
    before = data or measure()
    made = filled(before, {**as_shown(before, vocabulary), **changed}, vocabulary)
    assert made.faults == {}
    return made.measure


def test_a_form_sent_back_untouched_changes_no_shipped_measure(vocabulary: Vocabulary) -> None:
    paths = sorted((ROOT / "rules" / "measures").rglob("*.yaml"))

    for path in paths:
        data = read_file(path).data
        assert isinstance(data, dict)
        sent = {name: text.replace("\n", "\r\n") for name, text in as_shown(data, vocabulary).items()}
        made = filled(data, sent, vocabulary)
        assert made.faults == {}, path
        assert made.measure == data, path
    assert len(paths) > 100


@pytest.mark.parametrize(
    ("fact", "op", "value", "unit", "written"),
    [
        ("设备投入", "at_least", "600", "万元", "600万元"),
        ("设备投入", "at_least", "0.5亿元", "万元", "0.5亿元"),
        ("设备投入", "between", "500、800", "万元", ["500万元", "800万元"]),
        ("above_scale_industry", "is", "是", "", True),
        ("所在辖市区", "within_region", "武进区", "", "320412"),
        ("industry_code", "within_tree", "C35，C36", "", ["C35", "C36"]),
        ("没有这个事实", "is", "甲", "", "甲"),
    ],
)
def test_a_value_is_written_as_its_fact_and_operator_want_it(
    vocabulary: Vocabulary, fact: str, op: str, value: str, unit: str, written: object
) -> None:
    own = "conditions/equipment/"
    changed = {f"{own}fact": fact, f"{own}op": op, f"{own}value": value, f"unit:{own}value": unit}

    condition = part(after(vocabulary, changed), "conditions", "equipment")

    assert condition["value"] == written
    assert condition["op"] == op
    assert condition["fact"] == vocabulary.by_label.get(fact, fact)
    assert condition["place"] == "一"


def test_an_operator_that_takes_a_list_makes_one_of_the_value_that_stands(vocabulary: Vocabulary) -> None:
    made = after(vocabulary, {"conditions/equipment/op": "between"})

    assert part(made, "conditions", "equipment")["value"] == ["500万元"]


def test_an_empty_field_leaves_its_key_out_or_null(vocabulary: Vocabulary) -> None:
    data = measure() | {"owner_unit": "市工信局", "grants": "称号"}

    made = after(vocabulary, {"owner_unit": "", "grants": " ", "document/article": ""}, data)

    assert made["owner_unit"] is None
    assert "grants" not in made
    assert made["document"] == {"id": "x"}


def test_rest_is_replaced_as_a_whole_and_refuses_keys_of_other_fields(vocabulary: Vocabulary) -> None:
    made = after(vocabulary, {"rest": "use: [not_excluded]"})
    assert made["use"] == ["not_excluded"] and "stacking" not in made

    refused = filled(measure(), {"rest": "title: x"}, vocabulary)
    assert "title" in refused.faults["rest"].what
    assert refused.measure == measure()


def test_a_part_that_is_no_yaml_is_told_by_its_field(vocabulary: Vocabulary) -> None:
    made = filled(measure(), {"eligible_when": "{all: [a", "title": "新名称"}, vocabulary)

    assert list(made.faults) == ["eligible_when"]
    assert made.measure["title"] == "新名称"
    assert made.measure["eligible_when"] == {"all": ["equipment"]}


def test_boundaries_are_written_by_side_and_vanish_with_the_last_one(vocabulary: Vocabulary) -> None:
    made = after(vocabulary, {"boundaries/equipment/at": "eligible", "boundaries/equipment/under": "ineligible"})
    assert made["boundaries"] == {"equipment": {"at": "eligible", "under": "ineligible"}}

    gone = after(vocabulary, {"boundaries/equipment/at": "", "boundaries/equipment/under": ""}, made)
    assert "boundaries" not in gone


def test_a_condition_comes_and_goes_with_all_that_names_it(vocabulary: Vocabulary) -> None:
    one = add_condition(measure(), {"fact": "district", "op": "within_region"}, "district", 0)
    two = add_condition(one, {"human": "待填"}, "district", None)

    assert list(part(two, "conditions")) == ["equipment", "district", "district_2"]
    assert two["eligible_when"] == {"all": ["equipment", "district", "district_2"]}
    assert part(two, "clauses", 0)["by"] == ["equipment", "benefit", "district"]
    assert drop(drop(two, ("conditions", "district_2")), ("conditions", "district")) == measure()


def test_a_condition_is_joined_to_a_tree_that_is_no_list(vocabulary: Vocabulary) -> None:
    data = measure() | {"eligible_when": {"any": ["equipment"]}}

    made = add_condition(data, {"human": "x"}, "judged", None)

    assert made["eligible_when"] == {"all": [{"any": ["equipment"]}, "judged"]}


def test_clauses_and_cases_are_added_at_the_end_and_dropped_by_place(vocabulary: Vocabulary) -> None:
    made = add_cases(add_clause(measure()), [{"name": "一"}, {"name": "二"}])

    assert len(parts(made, "clauses")) == 2
    assert drop(made, ("cases", 0))["cases"] == [{"name": "二"}]
    assert "cases" not in drop(drop(made, ("cases", 0)), ("cases", 0))
    assert drop(made, ("clauses", 1))["clauses"] == measure()["clauses"]


def test_topics_keep_the_order_of_their_author_while_the_same_ones_are_ticked(vocabulary: Vocabulary) -> None:
    data = measure() | {"topics": ["tax_deduction", "rd_subsidy"]}

    assert after(vocabulary, {"topics": "rd_subsidy、tax_deduction"}, data)["topics"] == ["tax_deduction", "rd_subsidy"]
    assert after(vocabulary, {"topics": "rd_subsidy"}, data)["topics"] == ["rd_subsidy"]
