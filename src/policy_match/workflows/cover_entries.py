"""Tell what became of every entry of the corpus, and how much of each measure has been seen (`rules coverage`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import orjson

from policy_match.authoring.completeness import Completeness, Want, completeness, end_is_seen, wants
from policy_match.authoring.coverage import CorpusOnly, Coverage, Fate, Kind, coverage_of
from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Issue, RuleError, UsageError
from policy_match.exchange.entries import load_entries
from policy_match.exchange.screen import write_lines
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.show_measure import TOPIC_NAMES

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
    entries, kept = load_entries(corpus / "entries")
    return coverage_of(entries, kept, open_rulebook(rules, corpus).rules)


def coverage_data(found: Coverage) -> dict[str, Plain]:
    """Entries, measures (newest version of each), counts and faults, as JSON."""
    return {
        "entries": [_entry_data(fate) for fate in found.fates],
        "measures": [_measure_data(rule) for rule in found.newest],
        "summary": {
            "grades": _counts(found.grades()),
            "packages": {name: _counts(found.grades(rules)) for name, rules in found.by_package().items()},
            "families": {name: _counts(found.grades(rules)) for name, rules in found.by_family().items()},
            "corpus_only": {kind.value: len(fates) for kind, fates in found.by_kind().items()},
            "topics_without": list(found.bare_topics()),
            "families_without": list(_bare_families(found)),
        },
        "faults": [str(fault) for fault in found.faults],
    }


def coverage_page(found: Coverage) -> str:
    """The page docs/coverage.zh.md: counts by package, family and grade, and why entries are no measures."""
    rows = {name: found.grades(rules) for name, rules in found.by_package().items()}
    families = {name: found.grades(rules) for name, rules in found.by_family().items()}
    kinds = [f"| {kind.said} | {len(fates)} |" for kind, fates in found.by_kind().items()]
    waiting = [
        f"- {fate.entry.id} {fate.entry.name}：{fate.kept.why}" for fate in found.by_kind()[Kind.WAITING] if fate.kept
    ]
    lines = [
        "# 覆盖情况",
        "",
        "本页由 `policy-match rules coverage --format markdown` 生成，改动规则或条目后重新生成。",
        "",
        "A：文件、条件、待遇和有效期都见过（截止日未见的，至少见到一天仍在施行）。",
        "B：条件已写成规则，另有一项以上未见或只凭记忆。C：草案，不作判断。",
        "每项措施按最新的版本计。",
        "",
        *_summary(found),
        "",
        "## 按文件包",
        "",
        *_grade_table("文件包", rows),
        "",
        "## 按类别",
        "",
        *_grade_table("类别", families),
        "",
        "## 没有写成措施的条目",
        "",
        "| 原因 | 条目 |",
        "|---|---:|",
        *kinds,
        "",
        "可以编写、尚未编写的：",
        "",
        *waiting,
    ]
    return "\n".join(lines) + "\n"


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


def _table(found: Coverage) -> Iterator[str]:
    yield from (f"{fate.entry.id}  {fate.entry.name}  {_became(fate)}" for fate in found.fates)
    yield ""
    for rule in found.newest:
        missing = "、".join(wants(rule))
        yield f"{completeness(rule)} {rule.measure.key}  {rule.measure.title}" + (f"（{missing}）" if missing else "")
    yield ""
    for what, groups in (("文件包", found.by_package()), ("类别", found.by_family())):
        yield from (f"{what} {name}：{_grades_text(found.grades(rules))}" for name, rules in groups.items())
        yield ""
    yield from _summary(found)


def _became(fate: Fate) -> str:
    if fate.rules:
        return "→ " + "、".join(rule.measure.key for rule in fate.rules)
    return "没有交代" if fate.kept is None else f"只作资料：{_reason(fate.kept)}"


def _reason(kept: CorpusOnly) -> str:
    return f"{kept.kind.said}：{kept.why}" + ("" if kept.of is None else f"（见 {kept.of}）")


def _summary(found: Coverage) -> tuple[str, ...]:
    used = sum(bool(fate.rules) for fate in found.fates)
    unseen_end = sum(completeness(rule) is Completeness.A and not end_is_seen(rule) for rule in found.newest)
    topics = "、".join(TOPIC_NAMES[topic] for topic in found.bare_topics())
    recalled = sum(Want.CONDITIONS in wants(rule) for rule in found.newest)
    return (
        f"共 {len(found.newest)} 项措施：{_grades_text(found.grades())}。",
        f"A 中 {unseen_end} 项截止日未见；条件凭记忆的 {recalled} 项。",
        f"条目 {len(found.fates)} 条：{used} 条有措施，{sum(map(len, found.by_kind().values()))} 条只作资料。",
        f"没有措施的主题：{topics or '无'}；没有措施的类别：{'、'.join(_bare_families(found)) or '无'}。",
    )


def _bare_families(found: Coverage) -> tuple[str, ...]:
    return tuple(name for name, rules in found.by_family().items() if all(r.measure.status == "draft" for r in rules))


def _grades_text(counts: Mapping[Completeness, int]) -> str:
    return "，".join(f"{grade} {count}" for grade, count in counts.items())


def _counts(counts: Mapping[Completeness, int]) -> dict[str, Plain]:
    return {grade.value: count for grade, count in counts.items()}


def _grade_table(first: str, rows: Mapping[str, Mapping[Completeness, int]]) -> Sequence[str]:
    return [
        f"| {first} | 措施 | A | B | C |",
        "|---|---:|---:|---:|---:|",
        *(f"| {name} | {sum(c.values())} | {' | '.join(str(n) for n in c.values())} |" for name, c in rows.items()),
    ]
