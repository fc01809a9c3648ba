"""Which rules are due: reasons, days that just count, units and order."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Effective, MonthDays, Window
from policy_match.eligibility.validity import validity_of
from policy_match.errors import UsageError
from policy_match.workflows.list_due_rules import DueRule, due_rules, list_due

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 3, 1)
QUIET = {
    "apply_window": "unseen",
    "next_review_on": "2030-01-01",
    "effective": Effective(from_="2020-01-01", through="open"),
    "owner_unit": "示范局",
}


def version(rulebook: Rulebook, **head: object) -> Rule:
    """A shipped rule with nothing due, but for what is said of its head."""
    rule = rulebook.at("above_scale_industry", DAY)
    measure = rule.measure.model_copy(update=QUIET | head)
    return replace(rule, measure=measure, validity=validity_of(measure.effective, None))


def due(rulebook: Rulebook, *versions: Rule, within: int = 60) -> tuple[DueRule, ...]:
    return due_rules(replace(rulebook, rules=versions), DAY, within)


def reasons(rulebook: Rulebook, **head: object) -> list[tuple[str, str]]:
    found = due(rulebook, version(rulebook, **head))
    return [(reason.why.value, reason.day.isoformat()) for one in found for reason in one.reasons]


def test_a_rule_that_needs_nothing_is_not_due(rulebook: Rulebook) -> None:
    assert due(rulebook, version(rulebook)) == ()


@pytest.mark.parametrize(
    ("day", "is_due"), [("2026-04-30", True), ("2026-05-01", False), ("2026-03-01", True), ("2020-05-01", True)]
)
def test_a_review_on_the_last_of_the_days_or_past_is_due(day: str, is_due: bool, rulebook: Rulebook) -> None:
    assert reasons(rulebook, next_review_on=day) == ([("review", day)] if is_due else [])


@pytest.mark.parametrize(
    ("through", "expected"),
    [
        ("2026-04-30", [("end", "2026-04-30")]),
        ("2026-05-01", []),
        ("2026-03-01", [("end", "2026-03-01")]),
        ("2026-02-28", []),
        ("2026-04", [("end", "2026-04-01")]),
        ("open", []),
    ],
)
def test_an_end_in_sight_is_due_and_one_that_is_past_is_over(
    through: str, expected: list[tuple[str, str]], rulebook: Rulebook
) -> None:
    assert reasons(rulebook, effective=Effective(from_="2020-01-01", through=through)) == expected


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window(from_="2026-01-01", through="2026-04-30"), [("window", "2026-04-30")]),
        (Window(from_="2026-01-01", through="2026-05-01"), []),
        (Window(from_="2026-01-01", through="2026-02-28"), []),
        (MonthDays(yearly=Window(from_="11-01", through="03-15")), [("window", "2026-03-15")]),
    ],
)
def test_the_end_of_an_application_window_is_due_unless_it_is_past(
    window: Window | MonthDays, expected: list[tuple[str, str]], rulebook: Rulebook
) -> None:
    assert reasons(rulebook, apply_window=window) == expected


@pytest.mark.parametrize(
    ("through", "seen", "is_due"),
    [
        ("unknown", ["2025-12-31"], False),
        ("unknown", ["2025-12-30"], True),
        ("unknown", ["2025-06-01", "2026-02-01"], False),
        ("open", ["2021-01-01"], False),
    ],
)
def test_a_measure_without_a_known_end_wants_to_be_seen_again(
    through: str, seen: list[str], is_due: bool, rulebook: Rulebook
) -> None:
    effective = Effective(from_="2020-01-01", through=through, seen_in_force_on=seen)

    assert reasons(rulebook, effective=effective) == ([("unseen", seen[-1])] if is_due else [])


@pytest.mark.parametrize("status", ["draft", "repealed"])
def test_drafts_and_repealed_versions_are_nobodys_work(status: str, rulebook: Rulebook) -> None:
    assert reasons(rulebook, status=status, next_review_on="2026-03-01") == []


def test_units_come_by_name_with_the_unseen_one_last_and_rules_by_day_then_id(rulebook: Rulebook) -> None:
    heads = [
        ("aaa", None, "2026-03-01"),
        ("bbb", "甲局", "2026-03-03"),
        ("ddd", "甲局", "2026-03-02"),
        ("ccc", "甲局", "2026-03-02"),
    ]
    versions = [version(rulebook, id=i, owner_unit=unit, next_review_on=day) for i, unit, day in heads]

    assert [one.rule.id for one in due(rulebook, *versions)] == ["ccc", "ddd", "bbb", "aaa"]


def test_json_has_a_line_a_version_and_the_table_names_every_unit(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    given = {"as_of": date(2026, 11, 25), "within": 60}

    list_due(ROOT / "rules", ROOT / "corpus", form="json", **given)  # type: ignore[arg-type]
    lines = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    list_due(ROOT / "rules", ROOT / "corpus", form="table", **given)  # type: ignore[arg-type]
    table = capsysbinary.readouterr().out.decode().splitlines()

    assert lines != []
    assert {tuple(line) for line in lines} == {("owner_unit", "id", "version", "title", "day", "reasons")}
    assert all(line["day"] == min(reason["day"] for reason in line["reasons"]) for line in lines)
    units = [line for line in table[:-1] if not line.startswith(" ")]
    assert units == list(dict.fromkeys(line["owner_unit"] or "主管单位未见" for line in lines))
    assert table[-1] == f"2026-11-25 起 60 天内应处理 {len(lines)} 个版本"


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UsageError, match="table、json"):
        list_due(ROOT / "rules", ROOT / "corpus", as_of=DAY, within=60, form="xlsx")
