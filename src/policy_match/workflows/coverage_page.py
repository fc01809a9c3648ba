"""The coverage as Markdown: the page docs/coverage.zh.md and the part of it that README carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policy_match.authoring.clause_counts import clause_line
from policy_match.authoring.completeness import Completeness, Want, completeness, end_is_seen, wants
from policy_match.authoring.coverage import Coverage, Kind, Package
from policy_match.workflows.show_measure import TOPIC_NAMES

_SAID = (
    "A：文件、条件、待遇和有效期都见过（截止日未见的，至少见到一天仍在施行）。",
    "B：条件已写成规则，另有一项以上未见或只凭记忆。C：草案，不作判断。",
    "每项措施按最新的版本计。",
)


def coverage_page(found: Coverage) -> str:
    """The page docs/coverage.zh.md: the tables, the parts of documents that are unseen, and why entries are no measures."""
    kinds = [f"| {kind.said} | {len(fates)} |" for kind, fates in found.by_kind().items()]
    waiting = [
        f"- {fate.entry.id} {fate.entry.name}：{fate.kept.why}" for fate in found.by_kind()[Kind.WAITING] if fate.kept
    ]
    lines = [
        "# 覆盖情况",
        "",
        "本页由 `policy-match rules coverage --format markdown` 生成，改动规则或条目后运行 `make coverage`。",
        "",
        coverage_tables(found),
        "",
        "## 没有写成措施的条目",
        "",
        "| 原因 | 条目 |",
        "|---|---:|",
        *kinds,
        *(("", "可以编写、尚未编写的：", "", *waiting) if waiting else ()),
    ]
    return "\n".join(lines) + "\n"


def coverage_tables(found: Coverage) -> str:
    """Counts by package, family and grade, and what of the documents nobody has seen; README carries this text."""
    packages = {_package_name(package, found): found.grades(rules) for package, rules in found.by_package().items()}
    families = {name: found.grades(rules) for name, rules in found.by_family().items()}
    lines = [
        *_SAID,
        "",
        *coverage_summary(found),
        "",
        *_grade_table("文件包", packages),
        "",
        *_unseen_parts(found),
        "",
        *_grade_table("类别", families),
    ]
    return "\n".join(lines)


def coverage_summary(found: Coverage) -> tuple[str, ...]:
    """Measures by grade, what of them is unseen, entries, clauses, and topics and families that are bare: a line each."""
    used = sum(bool(fate.rules) for fate in found.fates)
    unseen_end = sum(completeness(rule) is Completeness.A and not end_is_seen(rule) for rule in found.newest)
    topics = "、".join(TOPIC_NAMES[topic] for topic in found.bare_topics())
    recalled = sum(Want.CONDITIONS in wants(rule) for rule in found.newest)
    return (
        f"共 {len(found.newest)} 项措施：{grades_text(found.grades())}。",
        f"A 中 {unseen_end} 项截止日未见；条件凭记忆的 {recalled} 项。",
        f"条目 {len(found.fates)} 条：{used} 条有措施，{sum(map(len, found.by_kind().values()))} 条只作资料。",
        clause_line(found.rules),
        f"没有措施的主题：{topics or '无'}；没有措施的类别：{'、'.join(found.bare_families()) or '无'}。",
    )


def grades_text(counts: Mapping[Completeness, int]) -> str:
    """A 90，B 20，C 1."""
    return "，".join(f"{grade} {count}" for grade, count in counts.items())


def _package_name(package: Package, found: Coverage) -> str:
    seen = found.parts_seen().get(package)
    return f"{package.id} {package.title}" + (f"：{seen.seen} / {seen.parts.count} {seen.parts.unit}" if seen else "")


def _unseen_parts(found: Coverage) -> Iterator[str]:
    for package, seen in found.parts_seen().items():
        left = seen.parts.count - seen.seen
        if seen.without:
            names = "、".join(entry.name for entry in seen.without)
            yield f"{package.id} 只见名称、没有写成措施的 {left} {seen.parts.unit}：{names}。"
        elif left > 0:
            yield f"{package.id} 的条文没有见到全文：见到的措施一项计一条，其余 {left} {seen.parts.unit}的名称和内容未见。"


def _grade_table(first: str, rows: Mapping[str, Mapping[Completeness, int]]) -> Sequence[str]:
    return [
        f"| {first} | 措施 | A | B | C |",
        "|---|---:|---:|---:|---:|",
        *(f"| {name} | {sum(c.values())} | {' | '.join(str(n) for n in c.values())} |" for name, c in rows.items()),
    ]
