"""A day on which a rule was seen in force stands in an entry, in the register of its document, or is marked as a reading."""

from __future__ import annotations

import calendar
import re
from datetime import date
from pathlib import Path

import pytest

from policy_match.eligibility.rulebook import Rule, Rulebook

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
ENTRY = re.compile(r"\b[A-Z]+(?:-[A-Z0-9]+)+\b")
READING, RUNNING = "我们的理解", re.compile(r"status_as_of_2026_11: (in_force|annual)$", re.MULTILINE)
LAST_REVIEW = date(2026, 11, 24)


@pytest.fixture(scope="module")
def entries() -> dict[str, str]:
    texts = (path.read_text("utf-8") for path in sorted((CORPUS / "entries").glob("measures_*.yaml")))
    return {block.split("\n", 1)[0]: block for text in texts for block in text.split("- id: ")[1:]}


def holds(text: str, day: date) -> bool:
    """Whether a text writes the day; the ends of a month it writes, and the last day of a year, count as held."""
    year, month = f"{day.year}", rf"{day.year}(?:-{day.month:02}|年{day.month}月)"
    forms = [rf"{day:%Y-%m-%d}\b", rf"(?:{day.year}年)?{day.month}月{day.day}日", rf"(?<!\d){day:%m-%d}\b"]
    if day.day in (1, calendar.monthrange(day.year, day.month)[1]):
        forms.append(month)
    if (day.month, day.day) == (12, 31):
        forms.append(year)
    return year in text and any(re.search(form, text) for form in forms)


def sources(rule: Rule, entries: dict[str, str]) -> str:
    """The entries that a version and the register of its document name, and the register itself."""
    register = (CORPUS / "documents" / f"{rule.document.id}.yaml").read_text("utf-8")
    named = dict.fromkeys([*rule.measure.data_ids, *ENTRY.findall(register)])
    return "\n".join([register, *(entries[name] for name in named if name in entries)])


def found_nowhere(rule: Rule, entries: dict[str, str]) -> list[str]:
    """The days of a version without a source."""
    effective, text = rule.measure.effective, sources(rule, entries)
    if READING in (effective.note or ""):
        return []
    days = [date.fromisoformat(day) for day in effective.seen_in_force_on]
    running = [LAST_REVIEW] if RUNNING.search(text) else []
    return [day.isoformat() for day in days if day not in running and not holds(text, day)]


def test_no_rule_was_seen_in_force_on_a_day_that_has_no_source(rulebook: Rulebook, entries: dict[str, str]) -> None:
    assert sum(bool(rule.measure.effective.seen_in_force_on) for rule in rulebook.rules) >= 40
    assert {rule.measure.key: days for rule in rulebook.rules if (days := found_nowhere(rule, entries))} == {}


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("issued: '2023-11-30'", True),
        ("2023年11月30日公示", True),
        ("issued: '2023'; 11-25/11-30", True),
        ("issued: '2023-11'", True),
        ("issued: '2022-11-30'", False),
        ("issued: '2023-12'", False),
        ("issued: '2023'", False),
    ],
)
def test_a_text_holds_a_day_only_if_it_writes_it_or_ends_with_it(text: str, held: bool) -> None:
    assert holds(text, date(2023, 11, 30)) is held
