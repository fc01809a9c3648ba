"""Who signs together with whom: first and second persons of reviews, cases and releases, and how often each signs with anybody.

Two persons of whom one never signed with anybody else are marked from the third time on. It is a place to look, no finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from sqlalchemy.orm import Session

from policy_match.entitlement.states import Action
from policy_match.store import actors, cases, releases, reviews
from policy_match.store.case_tables import CaseStep
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows

Pair: TypeAlias = tuple[str, str]
OFTEN = 3
_HEADER = {
    "kind": "事项", "first": "一人", "second": "另一人", "together": "一起签", "first_all": "一人共签", "second_all": "另一人共签",
    "always": "总是同一对",
}  # fmt: skip


def signer_pairs(archive: Archive, library: str) -> Rows:
    """A row for each two persons and sort of act in a library: those who always sign together first, then by how often."""
    with archive.database.reading() as session:
        names = actors.names(session)
        kinds = {
            "改判": _of_reviews(session, library),
            "办件核验": _of_checks(session, library),
            "拨付审批": _of_approvals(session, library),
            "规则启用": _of_releases(session, library),
        }
        found = [row for kind, pairs in kinds.items() for row in _rows(kind, pairs, names)]
    found.sort(key=lambda row: (not row["always"], -int(str(row["together"])), str(row["first"]), str(row["second"])))
    return Rows("双人签字", _HEADER, found)


def _of_reviews(session: Session, library: str) -> Iterator[Pair]:
    for history in reviews.histories(session, library).values():
        for step in history.steps:
            if step.signs is not None:
                yield history.proposal(step).by, step.by


def _of_checks(session: Session, library: str) -> Iterator[Pair]:
    """The two who verified a case, once for each time that a second one did."""
    first: dict[int, str] = {}
    for step in cases.every_step(session, library):
        if step.action == Action.CHECK:
            first[step.case_id] = step.actor_id
        elif step.action == Action.VERIFY and step.case_id in first:
            yield first.pop(step.case_id), step.actor_id


def _of_approvals(session: Session, library: str) -> Iterator[Pair]:
    for step in cases.every_step(session, library):
        if step.action == Action.APPROVE and (second := _second_of(step)):
            yield step.actor_id, second


def _second_of(step: CaseStep) -> str:
    second = cases.body_of(step).get("second")
    return second if isinstance(second, str) else ""


def _of_releases(session: Session, library: str) -> Iterator[Pair]:
    for one in releases.activations(session, library):
        # Those of the real library count in the demonstration too, and were signed elsewhere.
        if one.is_demo == (library == DEMO) and not one.is_first and len(one.signed) > 1:
            yield one.signed[0].actor, one.signed[1].actor


def _rows(kind: str, pairs: Iterable[Pair], names: dict[str, str]) -> Iterator[Row]:
    together = Counter((min(pair), max(pair)) for pair in pairs)
    alone: Counter[str] = Counter()
    for pair, times in together.items():
        alone.update(dict.fromkeys(pair, times))
    for (one, other), times in together.items():
        yield {
            "kind": kind,
            "first": f"{names.get(one, one)}（{one}）",
            "second": f"{names.get(other, other)}（{other}）",
            "together": times,
            "first_all": alone[one],
            "second_all": alone[other],
            "always": times >= OFTEN and times == min(alone[one], alone[other]),
        }
