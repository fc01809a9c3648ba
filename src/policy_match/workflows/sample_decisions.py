"""Draw decided cases and reviews to be looked at again, so that anybody who knows the seed draws the same ones.

Drawn are those whose SHA-256 of `seed|sort|id` comes first: no more than that is needed to check the draw, and a later
decision never changes the order of the earlier ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.orm import Session

from policy_match.entitlement.states import STATE_NAMES, State
from policy_match.ranking.decisions import CHOICE_NAMES, Choice
from policy_match.store import actors, cases, reviews, subjects
from policy_match.units import format_money
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows

CASE, REVIEW = "办件", "审核"
_HEADER = {
    "sort": "种类", "id": "编号", "subject": "项目或企业", "measure": "措施", "decision": "结论", "by": "经办人", "at": "时间",
    "drawn": "抽样值",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn: the seed, and how many of each sort."""

    seed: str
    size: int


def sample_rows(archive: Archive, library: str, draw: Draw) -> Rows:
    """Cases of a library that are no candidates any more, and decisions on matches; each sort in the order of the draw."""
    with archive.database.reading() as session:
        names = actors.names(session)
        found = [
            *_drawn(CASE, _cases(session, library, names), draw),
            *_drawn(REVIEW, _reviews(session, library, names), draw),
        ]
    return Rows("抽样", _HEADER, found)


def _drawn(sort: str, every: Iterable[Row], draw: Draw) -> list[Row]:
    marked: list[Row] = [{**row, "sort": sort, "drawn": _mark(draw.seed, sort, str(row["id"]))} for row in every]
    return sorted(marked, key=lambda row: str(row["drawn"]))[: draw.size]


def _mark(seed: str, sort: str, one: str) -> str:
    return sha256(f"{seed}|{sort}|{one}".encode()).hexdigest()[:16]


def _cases(session: Session, library: str, names: dict[str, str]) -> Iterator[Row]:
    decided = [case for case in cases.every(session, library) if case.state != State.CANDIDATE]
    rows = subjects.by_ids(session, [case.beneficiary_id for case in decided])
    last = {step.case_id: step for step in cases.every_step(session, library)}
    for case in decided:
        amount = "" if case.amount_fen is None else f"，{format_money(case.amount_fen)}"
        yield {
            "id": case.number,
            "subject": rows[case.beneficiary_id].code,
            "measure": case.measure,
            "decision": f"{STATE_NAMES[State(case.state)]}{amount}",
            "by": names.get(last[case.id].actor_id, last[case.id].actor_id),
            "at": local_minute(last[case.id].at),
        }


def _reviews(session: Session, library: str, names: dict[str, str]) -> Iterator[Row]:
    for (subject, measure), history in reviews.histories(session, library).items():
        for step in history.steps:
            if step.choice is not Choice.CLAIM:
                yield {
                    "id": f"{subject}/{measure}#{step.number}",
                    "subject": subject,
                    "measure": measure,
                    "decision": CHOICE_NAMES[step.choice] + ("（第二人签字）" if step.signs is not None else ""),
                    "by": names.get(step.by, step.by),
                    "at": local_minute(step.at),
                }
