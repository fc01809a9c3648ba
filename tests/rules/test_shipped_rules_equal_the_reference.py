"""The shipped rules, too, come out as the reference evaluator reads their files."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from reference.judge import Judge

from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.explain import Explaining
from policy_match.eligibility.near_miss import near_miss
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.subjects import known_facts
from policy_match.facts.table import FactTable

LINES = (Path(__file__).parents[1] / "data" / "verdict_cases_dev.jsonl").read_text("utf-8").splitlines()
CASES = [json.loads(line) for line in LINES][::4]
DAYS = (date(2023, 12, 31), date(2025, 6, 30), date(2026, 4, 1))


def following(rule: Rule, rulebook: Rulebook) -> str | None:
    """The first day of the next version or of the document that replaces this one, as written."""
    later = [o for o in rulebook.rules if o.id == rule.id and o.measure.version > rule.measure.version]
    if later:
        return later[0].measure.effective.from_
    document = rulebook.documents.get(rule.document.replaced_by or "")
    return None if document is None else document.effective.from_ or document.issued_on


def test_every_shipped_measure_is_decided_and_explained_as_its_file_reads(rulebook: Rulebook) -> None:
    for as_of in DAYS:
        subjects = [subject_from_json({"id": c["id"], "facts": c["facts"]}, rulebook.vocabulary) for c in CASES]
        rows = [known_facts(subject, rulebook.vocabulary, as_of) for subject in subjects]
        deciding = Deciding(FactTable(rulebook.vocabulary, rows), as_of)
        explaining = Explaining(deciding)
        for rule in rulebook.rules:
            if rule.measure.status == "draft":
                continue  # a draft decides nothing
            judge = Judge(rule.measure, as_of, rulebook.definitions, following(rule, rulebook))
            for row, (cells, verdict) in enumerate(zip(rows, deciding.decide(rule).verdicts, strict=True)):
                where = f"{rule.measure.key} {as_of} {subjects[row].id}"
                expected = judge.verdict(cells)
                assert verdict == expected, where
                if verdict != "ineligible":
                    continue
                shown = [reason.condition for reason in explaining.reasons(rule, row, verdict)]
                assert shown == judge.shown(cells), where
                near = near_miss(explaining, rule, row)
                smallest = judge.near_misses(cells)
                assert (set(near.conditions) in smallest) if near is not None else not smallest, where
