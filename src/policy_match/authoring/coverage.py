"""What became of every entry of the corpus: measures, or corpus only with a reason.

An entry is carried out by the versions whose `data_ids` name it, and by those that
name an entry which `fills` it. Any other entry stands in the list of what stays
corpus only. An entry in neither place, or in both, is a fault, as is a name that
does not exist: no entry is lost without a word.

A package is the folder of rules that carry out one document or one kind of support. Where
the document's own number of parts is known, so many of them have a measure: the 创新政策2.0
has 23 implementing rules, each an entry; of the 产业政策30条 no list of articles was seen.
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
    DEFINITION = "definition"
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
    Kind.DEFINITION: "共用的定义、代码和标准，不是措施",
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
class Parts:
    """How many parts a document has, what they are called, and the entry of each; no entries where nobody saw the list."""

    count: int
    unit: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """A folder of rules with its name in words."""

    id: str
    title: str
    parts: Parts | None
    where: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """What corpus/entries says: entries, why some are no measures, and packages, each in the order of its file."""

    entries: tuple[Entry, ...]
    kept: tuple[CorpusOnly, ...]
    packages: tuple[Package, ...]


@dataclass(frozen=True, slots=True)
class PartsSeen:
    """Of a document's parts, how many have a measure; `without`: the entries of the others as far as there are entries."""

    parts: Parts
    seen: int
    without: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Entries in their order; `newest`: of each measure, by id, the last version that decides, else its draft."""

    fates: tuple[Fate, ...]
    packages: tuple[Package, ...]
    rules: tuple[Rule, ...]
    newest: tuple[Rule, ...]
    faults: tuple[Issue, ...]

    def grades(self, rules: Sequence[Rule] | None = None) -> dict[Completeness, int]:
        """How many of these measures (default all) have each grade."""
        found = [completeness(rule) for rule in (self.newest if rules is None else rules)]
        return {grade: found.count(grade) for grade in Completeness}

    def by_package(self) -> dict[Package, list[Rule]]:
        """Newest versions by package, in the order of the packages; a package that only past versions stand in is empty."""
        return {package: [rule for rule in self.newest if rule.package == package.id] for package in self.packages}

    def parts_seen(self) -> dict[Package, PartsSeen]:
        """How far the documents with a known number of parts have been carried out.

        A part counts once a measure carries out its entry or the entry that says the same; where the parts have no
        entries each measure of the package counts as one part, past versions included.
        """
        return {package: self._parts_seen(package, package.parts) for package in self.packages if package.parts}

    def _parts_seen(self, package: Package, parts: Parts) -> PartsSeen:
        if not parts.entries:
            return PartsSeen(parts, len({rule.id for rule in self.rules if rule.package == package.id}), ())
        fates = {fate.entry.id: fate for fate in self.fates}
        own = [fates[name] for name in parts.entries if name in fates]
        same = {fate.entry.id: fates.get(fate.kept.of or "") for fate in own if fate.kept is not None}
        without = [fate.entry for fate in own if not fate.rules and not _has_rules(same[fate.entry.id])]
        return PartsSeen(parts, len(own) - len(without), tuple(without))

    def by_family(self) -> dict[str, list[Rule]]:
        """Newest versions by family, in the order of the closed list; a family without a measure has an empty list."""
        return {name: [rule for rule in self.newest if rule.measure.family == name] for name in get_args(Family)}

    def bare_topics(self) -> tuple[str, ...]:
        """Topics without a measure that decides."""
        taken = {topic for rule in self.newest if rule.measure.status != "draft" for topic in rule.measure.topics}
        return tuple(topic for topic in get_args(Topic) if topic not in taken)

    def bare_families(self) -> tuple[str, ...]:
        """Families without a measure that decides."""
        taken = {rule.measure.family for rule in self.newest if rule.measure.status != "draft"}
        return tuple(family for family in get_args(Family) if family not in taken)

    def by_kind(self) -> dict[Kind, list[Fate]]:
        """Entries without a measure by the kind of reason."""
        kept = [(fate.kept.kind, fate) for fate in self.fates if fate.kept is not None]
        return {kind: [fate for own, fate in kept if own is kind] for kind in Kind}


def coverage_of(corpus: Corpus, rules: Sequence[Rule]) -> Coverage:
    """Account for every entry; what is not accounted for, or twice, or does not exist, is a fault."""
    entries, kept = corpus.entries, corpus.kept
    named: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        for data_id in rule.measure.data_ids:
            named[data_id].append(rule)
    reasons = {reason.id: reason for reason in kept}
    fates = tuple(Fate(entry, _rules_of(entry, entries, named), reasons.get(entry.id)) for entry in entries)
    known = {entry.id for entry in entries}
    faults = (
        *_lost(fates),
        *_unknown_entries(known, corpus),
        *_unknown_data_ids(known, rules),
        *_unknown_packages(corpus.packages, rules),
    )
    return Coverage(fates, corpus.packages, tuple(rules), _newest(rules), faults)


def _has_rules(fate: Fate | None) -> bool:
    return fate is not None and bool(fate.rules)


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


def _unknown_entries(known: set[str], corpus: Corpus) -> Iterator[Issue]:
    pointers = [(entry.fills, entry.where) for entry in corpus.entries]
    pointers += [(name, reason.where) for reason in corpus.kept for name in (reason.id, reason.of)]
    pointers += [
        (name, package.where) for package in corpus.packages if package.parts for name in package.parts.entries
    ]
    for name, where in pointers:
        if name is not None and name not in known:
            yield _no_entry(name, where)


def _unknown_data_ids(known: set[str], rules: Sequence[Rule]) -> Iterator[Issue]:
    for rule in rules:
        for data_id in rule.measure.data_ids:
            if data_id not in known:
                yield _no_entry(data_id, f"measures/{rule.level}/{rule.package}/{rule.measure.key}.yaml")


def _unknown_packages(packages: Sequence[Package], rules: Sequence[Rule]) -> Iterator[Issue]:
    known = [package.id for package in packages]
    for rule in rules:
        if rule.package not in known:
            where = f"measures/{rule.level}/{rule.package}/{rule.measure.key}.yaml"
            hint = "在 corpus/entries/packages.yaml 中登记，或把文件移到所属的文件包"
            yield Issue("PACKAGE", f"没有名为“{rule.package}”的文件包", where, "、".join(known), hint)


def _no_entry(name: str, where: str) -> Issue:
    return Issue("ENTRY", f"没有编号为“{name}”的条目", where, "corpus/entries 中的编号", "改正编号")
