"""A decision about a match answers the firm that said it does not apply: its question is settled with the decision."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from policy_match.push.words import Asked
from policy_match.ranking.decisions import CHOICE_NAMES, Choice, Step
from policy_match.store import audit, doubts
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.settle_doubt import ACCEPTED, REFUSED

_OUTCOMES: Mapping[Choice, str] = {
    Choice.REJECT: ACCEPTED, Choice.OVERRIDE_INELIGIBLE: ACCEPTED, Choice.CONFIRM: REFUSED,
    Choice.OVERRIDE_ELIGIBLE: REFUSED,
}  # fmt: skip


def answer_firm(session: Session, subject: Subject, measure: str, *, who: Actor, step: Step) -> None:
    """Settle what the firm of a subject said about a measure; a step that decides nothing leaves it open."""
    outcome = _OUTCOMES.get(step.choice)
    if outcome is None:
        return
    for one in doubts.still_open(session, subject.library, [subject.id]):
        if one.code == Asked.NOT_FOR_US and one.value == measure:
            note = f"匹配审核：{CHOICE_NAMES[step.choice]}"
            doubts.settle(session, one, outcome, by=who.id, at=step.at, note=note)
            audit.record(
                session, who, "doubt.settle", object_kind="doubt", object_id=str(one.id), at=step.at, result=outcome,
                library=subject.library, reason=note, detail={"code": one.code, "key": one.key},
            )  # fmt: skip
