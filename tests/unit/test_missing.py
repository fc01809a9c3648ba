"""What to find out: sets on two dates, on derived facts, and with judgements by people beside them."""

from __future__ import annotations

from datetime import date

from properties.random_rules import compiled, measure_of

from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.missing import Searching
from policy_match.facts.derive import derive_all
from policy_match.facts.read import Json, read_cell
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import Vocabulary

AS_OF = date(2026, 2, 28)
WINDOW: dict[str, object] = {"fact": "completed_on", "op": "within", "of": "signed_on", "from": "0天", "to": "12个月"}


def missing(
    conditions: dict[str, dict[str, object]], facts: dict[str, Json], vocabulary: Vocabulary, tree: object = None
) -> tuple[tuple[str, ...], ...]:
    cells = {name: read_cell(vocabulary[name], value, vocabulary) for name, value in facts.items()}
    table = FactTable(vocabulary, [derive_all(cells, vocabulary, AS_OF)])
    rule = compiled(measure_of(conditions, tree or {"all": list(conditions)}))
    return Searching(Deciding(table, AS_OF)).missing(rule, 0)


def test_of_two_dates_the_one_that_is_not_known_is_asked_for(vocabulary: Vocabulary) -> None:
    assert missing({"w": WINDOW}, {"signed_on": "2025-03-01"}, vocabulary) == (("completed_on",),)
    assert missing({"w": WINDOW}, {"completed_on": "2025-03-01"}, vocabulary) == (("signed_on",),)
    assert missing({"w": WINDOW}, {}, vocabulary) == (("completed_on", "signed_on"),)


def test_a_date_known_to_the_month_is_asked_for_only_where_its_day_decides(vocabulary: Vocabulary) -> None:
    by_month = missing({"w": WINDOW}, {"signed_on": "2025年3月"}, vocabulary)
    at_the_edge = missing({"w": WINDOW}, {"signed_on": "2025年3月", "completed_on": "2025-03-15"}, vocabulary)

    assert by_month == (("completed_on",),)
    assert at_the_edge == (("signed_on",),)


def test_limits_that_exclude_each_other_are_no_way(vocabulary: Vocabulary) -> None:
    old: dict[str, object] = {"fact": "registered_on", "op": "age_at_least", "value": "3年"}
    young: dict[str, object] = {"fact": "registered_on", "op": "age_at_least", "value": "2年"}
    valid: dict[str, object] = {"fact": "hnte_valid", "op": "is", "value": True}
    tree = {"any": [{"all": ["old", {"not": "young"}]}, {"all": ["valid", "old"]}]}

    found = missing({"old": old, "young": young, "valid": valid}, {}, vocabulary, tree)

    assert found == (("hnte_valid", "registered_on"),)


def test_a_derived_fact_that_nobody_can_give_is_asked_for_by_its_open_parts(vocabulary: Vocabulary) -> None:
    share: dict[str, object] = {"fact": "sci_staff_share", "op": "at_least", "value": "10%"}
    (parts,) = {vocabulary.base_inputs("sci_staff_share")}
    known = next(part for part in parts if vocabulary[part].type == "count")

    assert missing({"s": share}, {}, vocabulary) == (tuple(sorted(parts)),)
    assert missing({"s": share}, {known: "20人"}, vocabulary) == (tuple(sorted(set(parts) - {known})),)


def test_judgements_by_people_are_left_aside(vocabulary: Vocabulary) -> None:
    valid: dict[str, object] = {"fact": "hnte_valid", "op": "is", "value": True}

    assert missing({"valid": valid, "judged": {"human": "技术是否先进"}}, {}, vocabulary) == (("hnte_valid",),)
