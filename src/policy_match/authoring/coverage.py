"""What became of every entry of the corpus: measures, or corpus only with a reason.

An entry is carried out by the versions whose `data_ids` name it, and by those that
name an entry which `fills` it. Any other entry stands in the list of what stays
corpus only. An entry in neither place, or in both, is a fault, as is a name that
does not exist: no entry is lost without a word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

from policy_match.authoring.completeness import Completeness, completeness
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Family, Topic
from policy_match.errors import Issue


class Kind(StrEnum):
    """Why an entry is no measure; closed, in the order in which people read it."""

    WAITING = "waiting"
    FRAMEWORK = "framework"
    PROCESS = "process"
    FIGURES = "figures"
    PAST = "past"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    RECALLED_ONLY = "recalled_only"
    DOUBTFUL = "doubtful"
    HIDDEN = "hidden"
    NOT_FOR_FIRMS = "not_for_firms"

    @property
    def said(self) -> str:
        """The kind in words."""
        return _SAID[self]


_SAID = {
    Kind.WAITING: "可以编写，尚未编写",
    Kind.FRAMEWORK: "只有框架或名称，条款未见",
    Kind.PROCESS: "工作机制或办理流程，不是措施",
    Kind.FIGURES: "统计数据或目标，不是措施",
    Kind.PAST: "往年的做法，未见仍在执行",
    Kind.SUPERSEDED: "已被替代",
    Kind.DUPLICATE: "与另一条目相同",
    Kind.RECALLED_ONLY: "只凭记忆",
    Kind.DOUBTFUL: "所见存疑，不足以判断",
    Kind.HIDDEN: "数额要求不公开",
    Kind.NOT_FOR_FIRMS: "受益的不是企业、项目或人才本人",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the corpus. `fills`: the earlier entry that it completes; `where`: its file and line."""

    id: str
    name: str
    fills: str | None
    where: str


@dataclass(frozen=True, slots=True)
class CorpusOnly:
    """Why an entry is no measure. `of`: the entry that supersedes it or says the same."""

    id: str
    kind: Kind
    why: str
    of: str | None
    where: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one entry: the versions that carry it out, by id and version, or the reason why there is none."""

    entry: Entry
    rules: tuple[Rule, ...]
    kept: CorpusOnly | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Entries in their order; `newest`: of each measure, by id, the last version that decides, else its draft."""

    fates: tuple[Fate, ...]
    newest: tuple[Rule, ...]
    faults: tuple[Issue, ...]

    def grades(self, rules: Sequence[Rule] | None = None) -> dict[Completeness, int]:
        """How many of these measures (default all) have each grade."""
        found = [completeness(rule) for rule in (self.newest if rules is None else rules)]
        return {grade: found.count(grade) for grade in Completeness}

    def by_package(self) -> dict[str, list[Rule]]:
        """Newest versions by package, sorted by its name."""
        packages = sorted({rule.package for rule in self.newest})
        return {name: [rule for rule in self.newest if rule.package == name] for name in packages}

    def by_family(self) -> dict[str, list[Rule]]:
        """Newest versions by family, in the order of the closed list; a family without a measure has an empty list."""
        return {name: [rule for rule in self.newest if rule.measure.family == name] for name in get_args(Family)}

    def bare_topics(self) -> tuple[str, ...]:
        """Topics without a measure that decides."""
        taken = {topic for rule in self.newest if rule.measure.status != "draft" for topic in rule.measure.topics}
        return tuple(topic for topic in get_args(Topic) if topic not in taken)

    def by_kind(self) -> dict[Kind, list[Fate]]:
        """Entries without a measure by the kind of reason."""
        kept = [(fate.kept.kind, fate) for fate in self.fates if fate.kept is not None]
        return {kind: [fate for own, fate in kept if own is kind] for kind in Kind}


def coverage_of(entries: Sequence[Entry], kept: Sequence[CorpusOnly], rules: Sequence[Rule]) -> Coverage:
    """Account for every entry; what is not accounted for, or twice, or does not exist, is a fault."""
    named: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        for data_id in rule.measure.data_ids:
            named[data_id].append(rule)
    reasons = {reason.id: reason for reason in kept}
    fates = tuple(Fate(entry, _rules_of(entry, entries, named), reasons.get(entry.id)) for entry in entries)
    known = {entry.id for entry in entries}
    faults = (*_lost(fates), *_unknown_entries(known, entries, kept), *_unknown_data_ids(known, rules))
    return Coverage(fates, _newest(rules), faults)


def _rules_of(entry: Entry, entries: Sequence[Entry], named: Mapping[str, list[Rule]]) -> tuple[Rule, ...]:
    ids = [entry.id, *(other.id for other in entries if other.fills == entry.id)]
    found = {rule.measure.key: rule for data_id in ids for rule in named.get(data_id, ())}
    return tuple(sorted(found.values(), key=lambda rule: (rule.id, rule.measure.version)))


def _newest(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    by_id: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_id[rule.id].append(rule)
    return tuple(
        max(by_id[name], key=lambda rule: (rule.measure.status != "draft", rule.measure.version))
        for name in sorted(by_id)
    )


def _lost(fates: Sequence[Fate]) -> Iterator[Issue]:
    for fate in fates:
        if not fate.rules and fate.kept is None:
            hint = "在措施的 data_ids 中写上，或在 corpus_only.yaml 中写明原因"
            yield Issue("ENTRY", f"条目“{fate.entry.id}”没有交代", fate.entry.where, "", hint)
        elif fate.rules and fate.kept is not None:
            what = f"条目“{fate.entry.id}”已有措施 {fate.rules[0].id}，又列为只作资料"
            yield Issue("ENTRY", what, fate.kept.where, "", "删去 corpus_only.yaml 中的这一行")


def _unknown_entries(known: set[str], entries: Sequence[Entry], kept: Sequence[CorpusOnly]) -> Iterator[Issue]:
    pointers = [(entry.fills, entry.where) for entry in entries]
    pointers += [(name, reason.where) for reason in kept for name in (reason.id, reason.of)]
    for name, where in pointers:
        if name is not None and name not in known:
            yield _no_entry(name, where)


def _unknown_data_ids(known: set[str], rules: Sequence[Rule]) -> Iterator[Issue]:
    for rule in rules:
        for data_id in rule.measure.data_ids:
            if data_id not in known:
                yield _no_entry(data_id, f"measures/{rule.level}/{rule.package}/{rule.measure.key}.yaml")


def _no_entry(name: str, where: str) -> Issue:
    return Issue("ENTRY", f"没有编号为“{name}”的条目", where, "corpus/entries 中的编号", "改正编号")
