"""Tell what became of every entry of the corpus, and how much of each measure has been seen (`rules coverage`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import orjson

from policy_match.authoring.clause_counts import clause_counts
from policy_match.authoring.completeness import Completeness, completeness, end_is_seen, wants
from policy_match.authoring.coverage import CorpusOnly, Coverage, Fate, PartsSeen, coverage_of
from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Issue, RuleError, UsageError
from policy_match.exchange.entries import load_entries
from policy_match.exchange.screen import write_lines
from policy_match.workflows.coverage_page import coverage_page, coverage_summary, grades_text
from policy_match.workflows.open_rules import open_rulebook

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain] | None"


def cover_entries(rules: Path, corpus: Path, *, form: str) -> None:
    """Print the coverage as a table for people, as one JSON object, or as the page docs/coverage.zh.md.

    RuleError, after printing, with every entry that is not accounted for and every id that does not exist.
    """
    if form not in ("table", "json", "markdown"):
        raise UsageError(Issue("FORMAT", f"不认识的格式“{form}”", "--format", "table、json、markdown"))
    found = open_coverage(rules, corpus)
    if form == "json":
        write_lines([orjson.dumps(coverage_data(found)) + b"\n"], None)
    else:
        text = coverage_page(found) if form == "markdown" else "\n".join(_table(found)) + "\n"
        write_lines([text.encode()], None)
    if found.faults:
        raise RuleError(*found.faults)


def open_coverage(rules: Path, corpus: Path) -> Coverage:
    """Read rules and entries and account for each entry."""
    return coverage_of(load_entries(corpus / "entries"), open_rulebook(rules, corpus).rules)


def coverage_data(found: Coverage) -> dict[str, Plain]:
    """Entries, measures (newest version of each), counts and faults, as JSON."""
    return {
        "entries": [_entry_data(fate) for fate in found.fates],
        "measures": [_measure_data(rule) for rule in found.newest],
        "summary": {
            "grades": _counts(found.grades()),
            "packages": {package.id: _counts(found.grades(rules)) for package, rules in found.by_package().items()},
            "parts": {package.id: _parts_data(seen) for package, seen in found.parts_seen().items()},
            "clauses": {state.name.lower(): count for state, count in clause_counts(found.rules).items()},
            "families": {name: _counts(found.grades(rules)) for name, rules in found.by_family().items()},
            "corpus_only": {kind.value: len(fates) for kind, fates in found.by_kind().items()},
            "topics_without": list(found.bare_topics()),
            "families_without": list(found.bare_families()),
        },
        "faults": [str(fault) for fault in found.faults],
    }


def _entry_data(fate: Fate) -> dict[str, Plain]:
    kept = fate.kept
    return {
        "id": fate.entry.id,
        "name": fate.entry.name,
        "measures": [{"id": rule.id, "version": rule.measure.version} for rule in fate.rules],
        "corpus_only": None if kept is None else {"kind": kept.kind.value, "reason": _reason(kept), "of": kept.of},
    }


def _measure_data(rule: Rule) -> dict[str, Plain]:
    return {
        "id": rule.id,
        "version": rule.measure.version,
        "title": rule.measure.title,
        "package": rule.package,
        "family": rule.measure.family,
        "grade": completeness(rule).value,
        "wants": [want.value for want in wants(rule)],
        "end_seen": end_is_seen(rule),
        "entries": list(rule.measure.data_ids),
    }


def _parts_data(seen: PartsSeen) -> dict[str, Plain]:
    return {"count": seen.parts.count, "seen": seen.seen, "without": [entry.name for entry in seen.without]}


def _table(found: Coverage) -> Iterator[str]:
    yield from (f"{fate.entry.id}  {fate.entry.name}  {_became(fate)}" for fate in found.fates)
    yield ""
    for rule in found.newest:
        missing = "、".join(wants(rule))
        yield f"{completeness(rule)} {rule.measure.key}  {rule.measure.title}" + (f"（{missing}）" if missing else "")
    yield ""
    for package, rules in found.by_package().items():
        yield f"文件包 {package.id} {package.title}：{grades_text(found.grades(rules))}"
    yield ""
    yield from (f"类别 {name}：{grades_text(found.grades(rules))}" for name, rules in found.by_family().items())
    yield ""
    yield from coverage_summary(found)


def _became(fate: Fate) -> str:
    if fate.rules:
        return "→ " + "、".join(rule.measure.key for rule in fate.rules)
    return "没有交代" if fate.kept is None else f"只作资料：{_reason(fate.kept)}"


def _reason(kept: CorpusOnly) -> str:
    return f"{kept.kind.said}：{kept.why}" + ("" if kept.of is None else f"（见 {kept.of}）")


def _counts(counts: Mapping[Completeness, int]) -> dict[str, Plain]:
    return {grade.value: count for grade, count in counts.items()}
