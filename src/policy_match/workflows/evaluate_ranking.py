"""Compare orders by what reviewers decided, and count what would be pushed by district and size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from policy_match.eligibility.decide import Verdict
from policy_match.exchange.ranking_labels import read_labels
from policy_match.facts.cells import Possible
from policy_match.facts.show import SIZE_NAMES
from policy_match.facts.table import FactTable
from policy_match.identifiers import DISTRICTS, region_name, region_path
from policy_match.ranking.bm25 import Bm25
from policy_match.ranking.compare import Comparison, Judged, compare
from policy_match.ranking.labels import Label, is_held_out
from policy_match.ranking.order import group_of
from policy_match.ranking.push import PROVED, Fate, fate_of
from policy_match.ranking.texts import text_of
from policy_match.ranking.weights import Ranking
from policy_match.text.searchable import searchables
from policy_match.workflows.match import Matching

UNKNOWN = "未知"


@dataclass(frozen=True, slots=True)
class Pushes:
    """What would happen to the proved matches of one group of subjects; `reached`: subjects with a push or a case."""

    group: str
    subjects: int
    reached: int
    fates: Mapping[Fate, int]

    @property
    def rate(self) -> float:
        """Share of the subjects that something would be pushed to."""
        return self.reached / self.subjects


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`labels` as read, `judged`: those that speak of the fit; `by_district`, `by_size`: each subject in one group."""

    ranking: Ranking
    subjects: int
    labels: tuple[Label, ...]
    judged: tuple[Judged, ...]
    comparison: Comparison
    by_district: tuple[Pushes, ...]
    by_size: tuple[Pushes, ...]


def evaluate_ranking(matching: Matching, ranking: Ranking, labels: Path | None) -> Evaluation:
    """Evaluate on the subjects of one load. UsageError for a fault of the labels."""
    read: tuple[Label, ...] = ()
    if labels is not None:
        ids = {subject.id for subject in matching.subjects}
        read = read_labels(labels, subjects=ids, measures=set(matching.rulebook.ids), as_of=matching.as_of)
    judged = tuple(_judged(matching, ranking, read))
    comparison = compare(judged, ranking.training)
    fates = [_fates(matching, ranking, row) for row in range(len(matching.subjects))]
    return Evaluation(
        ranking=ranking,
        subjects=len(matching.subjects),
        labels=read,
        judged=judged,
        comparison=comparison,
        by_district=_pushes(fates, matching.table, _district),
        by_size=_pushes(fates, matching.table, _size),
    )


def _judged(matching: Matching, ranking: Ranking, labels: Iterable[Label]) -> Iterable[Judged]:
    """The labels about the fit, each with what every order says of its pair."""
    rows = {subject.id: row for row, subject in enumerate(matching.subjects)}
    texts = {entry.id: entry.text for entry in searchables(matching.rulebook) if entry.kind == "measure"}
    bm25 = Bm25(texts)
    for label in labels:
        if not label.is_about_fit:
            continue
        row = rows[label.subject]
        match = matching.match(matching.decision(label.measure), row)
        text = text_of(matching.subjects[row], ranking.text.fewest)
        yield Judged(
            subject=label.subject,
            measure=label.measure,
            group=group_of(match.verdict, near=match.near is not None),
            score=match.score,
            bm25=None if text is None else bm25.score(text, label.measure),
            confirmed=label.answer == "confirm",
            held_out=is_held_out(label.measure, ranking.training.held_out),
        )


def _fates(matching: Matching, ranking: Ranking, row: int) -> Counter[Fate]:
    proved = (d.rule for d in matching.decisions(row) if d.verdicts[row] is Verdict.ELIGIBLE)
    return Counter(fate_of(rule, matching.score(rule, row, None), ranking.push) for rule in proved)


def _pushes(
    fates: Sequence[Counter[Fate]], table: FactTable, group: Callable[[FactTable, int], str]
) -> tuple[Pushes, ...]:
    """By group, the unknown one last."""
    members: dict[str, list[Counter[Fate]]] = {}
    for row, found in enumerate(fates):
        members.setdefault(group(table, row), []).append(found)
    order = sorted(members, key=lambda name: (name == UNKNOWN, name))
    return tuple(_group(name, members[name]) for name in order)


def _group(name: str, members: Sequence[Counter[Fate]]) -> Pushes:
    total: Counter[Fate] = sum(members, Counter())
    reached = sum(bool(fates[Fate.PUSHED] or fates[Fate.CASE]) for fates in members)
    return Pushes(name, len(members), reached, {fate: total[fate] for fate in PROVED})


def _district(table: FactTable, row: int) -> str:
    """The district of the project, else of the firm."""
    for fact in ("district", "registered_region"):
        code = _single(table, row, fact)
        if code is not None:
            return next((region_name(part) for part in region_path(code) if part in DISTRICTS), "市外或未到辖市区")
    return UNKNOWN


def _size(table: FactTable, row: int) -> str:
    size = _single(table, row, "enterprise_size")
    return UNKNOWN if size is None else SIZE_NAMES[size]


def _single(table: FactTable, row: int, fact: str) -> str | None:
    value = table.cell(row, fact).value
    return value.single if isinstance(value, Possible) else None
