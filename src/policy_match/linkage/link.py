"""Say of each record which project of the library it is: link, review by a person, or apart.

Certain keys first: one row with the same project code is linked unless something contradicts it loudly. Without the
code a pair is linked if the name stands for it, the sum reaches LINK, no doubt stands against it, and no other row
comes near. Two records of one department never share a project unsaid. What a person decided before wins over all of
it. The answers do not depend on the order of rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from policy_match.linkage.blocking import Index
from policy_match.linkage.compare import compare
from policy_match.linkage.normalise import Profile, profile
from policy_match.linkage.records import Answer, Comparison, Decision, ProjectRecord
from policy_match.linkage.weights import LINK, MARGIN, REVIEW, Bar

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Remembered:
    """What persons decided: partners confirmed, pairs refused, and records known to have no partner."""

    confirmed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    refused: frozenset[tuple[str, str]] = frozenset()
    alone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Draft:
    """An answer before the other answers of its department are known."""

    record: Profile
    library_id: str | None
    decision: Decision
    best: Comparison | None
    notes: tuple[str, ...]
    is_certain: bool


def link(
    library: Sequence[ProjectRecord], others: Iterable[ProjectRecord], remembered: Remembered | None = None
) -> list[Answer]:
    """An answer for every other record, in its order.

    Ids are unique on each side. A confirmed partner that the library does not hold is left out of account.
    """
    past = remembered or Remembered()
    index = Index([profile(row) for row in library])
    drafts = [_draft(profile(other), index, past) for other in others]
    return [_answer(draft, sharing) for draft, sharing in _shared(drafts)]


def _draft(record: Profile, index: Index, past: Remembered) -> _Draft:
    confirmed = past.confirmed.get(record.id)
    row = index.by_id.get(confirmed) if confirmed is not None else None
    if row is not None:
        return _Draft(record, row.id, Decision.LINK, compare(row, record), ("人工确认",), is_certain=True)
    if record.id in past.alone:
        return _Draft(record, None, Decision.APART, None, ("人工确认库内没有",), is_certain=True)
    near = index.near(record)
    open_rows = [row for row in near if (record.id, row.id) not in past.refused]
    ranked = sorted((compare(row, record) for row in open_rows), key=lambda found: (-found.score, found.library_id))
    notes = ("已排除人工否定的项目",) if len(open_rows) < len(near) else ()
    if not ranked:
        return _Draft(record, None, Decision.APART, None, (*notes, "库内没有相近的项目"), is_certain=False)
    decision, why = _decide(ranked)
    kept = ranked[0].library_id if decision is not Decision.APART else None
    return _Draft(record, kept, decision, ranked[0], (*notes, *why), is_certain=ranked[0].by_code)


def _decide(ranked: Sequence[Comparison]) -> tuple[Decision, tuple[str, ...]]:
    """The decision on the best of the ranked rows, and what else is to be said."""
    best = ranked[0]
    same_code = [found.library_id for found in ranked if found.by_code]
    if len(same_code) > 1:
        return Decision.REVIEW, (f"库内有{len(same_code)}条同一项目代码（{_listed(same_code)}）",)
    if same_code and not best.by_code:
        return Decision.REVIEW, (f"项目代码与{same_code[0]}相同，其余更像{best.library_id}",)
    if best.by_code and best.bar < Bar.LOUD and best.score >= LINK:
        return Decision.LINK, ()
    if best.score < REVIEW and not best.by_code:
        return Decision.APART, (f"最近的是{best.library_id}",)
    rivals = [found.library_id for found in ranked[1:] if best.score - found.score < MARGIN]
    if rivals:
        return Decision.REVIEW, (f"相近的还有{_listed(rivals)}",)
    if best.score >= LINK and best.bar is Bar.NONE and best.is_borne_out:
        return Decision.LINK, ()
    return Decision.REVIEW, ()


def _shared(drafts: Sequence[_Draft]) -> Iterable[tuple[_Draft, list[_Draft]]]:
    """Each draft with the other records of its department that are linked to the same project, by id."""
    linked: dict[tuple[str, str | None], list[_Draft]] = defaultdict(list)
    for draft in sorted(drafts, key=lambda one: one.record.id):
        if draft.decision is Decision.LINK:
            linked[draft.record.source, draft.library_id].append(draft)
    for draft in drafts:
        together = linked[draft.record.source, draft.library_id] if draft.decision is Decision.LINK else []
        yield draft, [one for one in together if one is not draft]


def _answer(draft: _Draft, sharing: Sequence[_Draft]) -> Answer:
    """The answer; it says who shares the project. Records that contradict each other go to a person, keys apart."""
    notes, decision = draft.notes, draft.decision
    if sharing:
        notes = (*notes, f"同一来源的{_listed([one.record.id for one in sharing])}也对应{draft.library_id}")
        if not draft.is_certain and any(compare(one.record, draft.record).bar for one in sharing):
            notes, decision = (*notes, "两者互有矛盾"), Decision.REVIEW
    parts = [str(part) for part in draft.best.parts] if draft.best else []
    score = draft.best.score if draft.best else 0
    return Answer(draft.record.id, draft.library_id, decision, score, "；".join([*parts, *notes]))


def _listed(ids: Sequence[str]) -> str:
    return "、".join(ids[:_SHOWN]) + (f"等{len(ids)}条" if len(ids) > _SHOWN else "")
