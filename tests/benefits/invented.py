"""Invented measures for the tests of combination: one condition each, a benefit, and how it combines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rules.bad_rules import folder_with

from policy_match.authoring.load import load_rulebook
from policy_match.benefits.ledger import Paid
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.subjects import joined
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.choose_bundle import Bundle, bundled, households
from policy_match.workflows.match import Matching

DAY = date(2025, 3, 31)
WAN = 1_000_000
TEXT = """schema: measure/1
id: {id}
version: 1
status: active
title: 示范{id}
topics: [equipment_subsidy]
family: 奖补
mode: apply
target: {target}
document: {{id: invented-2025-1}}
owner_unit: 示例局
verified: {{conditions: page, benefit: page}}
effective: {{from: "2025-01-01", through: "2027-12-31"}}
reviewed_on: "2026-01-10"
next_review_on: "2027-01-10"
clauses:
  - {{article: "一", says: 本市的，按条款给予, by: [in_city, benefit, stacking]}}
conditions:
  in_city: {{fact: {place}, op: within_region, value: "320400"}}
eligible_when: {{all: [in_city]}}
benefit: {{{benefit}}}
stacking: {{{stacking}}}
cases:
  - {{name: 甲, as_of: "2025-03-31", facts: {{{place}: "320412"}}, expect: {{verdict: eligible}}}}
changes: [{{version: 1, date: "2026-01-10", why: 首次录入}}]
"""
ROUNDED = ', rounding: {to: "1元", mode: floor}'
FREE = "free: 可以同享"


@dataclass(frozen=True)
class Given:
    """What a measure of the test gives and how it combines."""

    benefit: str
    stacking: str = FREE
    target: str = "enterprise"


def fixed(wan: int, stacking: str = FREE, target: str = "enterprise", caps: str = "") -> Given:
    """So many 万元 of cash; `caps`: the entries of the list of limits."""
    return Given(f'kind: cash, fixed: "{wan}万元"{ROUNDED}' + (f", caps: [{caps}]" if caps else ""), stacking, target)


def book(place: Path, vocabulary: Vocabulary, measures: Mapping[str, Given]) -> Rulebook:
    """A rulebook of invented measures."""
    folder = folder_with(place)
    files = folder / "rules" / "measures" / "city" / "INVENTED"
    (files / "invented_award.v1.yaml").unlink()
    for name, given in measures.items():
        where = "district" if given.target == "project" else "registered_region"
        text = TEXT.format(id=name, target=given.target, benefit=given.benefit, stacking=given.stacking, place=where)
        (files / f"{name}.v1.yaml").write_text(text, encoding="utf-8")
    return load_rulebook(folder / "rules", folder / "corpus" / "documents", vocabulary)


def firm(name: str = "E1", **facts: object) -> dict[str, object]:
    """A line of an enterprise of the city."""
    return {"id": name, "kind": "enterprise", "facts": {"registered_region": "320412"} | facts}


def project(name: str, enterprise: str | None = "E1", **facts: object) -> dict[str, object]:
    """A line of a project of the city."""
    line: dict[str, object] = {"id": name, "kind": "project", "facts": {"district": "320412"} | facts}
    return line if enterprise is None else line | {"enterprise": enterprise}


def best(rulebook: Rulebook, *lines: dict[str, object], paid: tuple[Paid, ...] = (), day: date = DAY) -> Bundle:
    """The bundle of lines that belong to one firm."""
    subjects = joined([subject_from_json(line, rulebook.vocabulary) for line in lines], rulebook.vocabulary)  # type: ignore[arg-type]
    matching = Matching(rulebook, subjects, day)
    (rows,) = households(subjects)
    return bundled(matching, rows, paid)


def chosen(bundle: Bundle) -> list[tuple[str, int]]:
    """(measure, high 分) of what is taken."""
    return [(taken.offer.rule.id, taken.high_fen) for taken in bundle.chosen]


def whys(bundle: Bundle) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Why each measure is not taken, and what stands in its place."""
    return {left.offer.rule.id: (left.why, left.instead) for left in bundle.not_taken}


def paid(measure: str, wan: int, on: str = "2025-02-01", project: str | None = None, to: str = "enterprise:E1") -> Paid:
    """One payment."""
    return Paid(measure, to, project, date.fromisoformat(on), wan * WAN, None)
