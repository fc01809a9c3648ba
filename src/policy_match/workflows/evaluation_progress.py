"""Where a frozen evaluation stands by what was done with it, and the rows that its scheme proposes for something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from policy_match.errors import Issue, NotFound
from policy_match.schemes.yearly import Row
from policy_match.store.evaluation_tables import EvaluationStep
from policy_match.workflows.evaluate_year import Evaluated

UPHELD, KEPT = "改正", "维持"
OUTCOMES = (KEPT, UPHELD)


class Do(StrEnum):
    """The kinds of step."""

    CHECK = "check"
    APPEAL = "appeal"
    DECIDE = "decide"
    FINAL = "final"
    PROPOSE = "propose"
    SIGN = "sign"
    SERVICE = "service"


class Stage(StrEnum):
    """Where a run stands, in words."""

    DRAFT = "草稿"
    CHECK = "企业核对中"
    FINAL = "已定稿"
    PROPOSED = "已提出表彰建议"
    SIGNED = "表彰建议已批准"


@dataclass(frozen=True, slots=True)
class Appeal:
    """What was said against a result, and what was decided: `outcome` None while it is open."""

    number: int
    subject_id: int
    at: datetime
    text: str
    outcome: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands. `due_on`: last day of the firms' check; `proposed_by`: id of who proposed the awards."""

    stage: Stage
    due_on: date | None
    appeals: tuple[Appeal, ...]
    proposed_by: str | None
    steps: tuple[EvaluationStep, ...]

    @property
    def open_appeals(self) -> tuple[Appeal, ...]:
        """Appeals that are not decided."""
        return tuple(one for one in self.appeals if one.outcome is None)

    @property
    def is_upheld(self) -> bool:
        """Whether an appeal was upheld, so that another run has to be made."""
        return any(one.outcome == UPHELD for one in self.appeals)


def progress_of(steps: Sequence[EvaluationStep]) -> Progress:
    """Where a run stands by its steps, in time."""
    kinds = {step.kind: step for step in steps}
    order = ((Do.SIGN, Stage.SIGNED), (Do.PROPOSE, Stage.PROPOSED), (Do.FINAL, Stage.FINAL), (Do.CHECK, Stage.CHECK))
    stage = next((stage for kind, stage in order if kind in kinds), Stage.DRAFT)
    sent, proposal = kinds.get(Do.CHECK), kinds.get(Do.PROPOSE)
    return Progress(
        stage,
        None if sent is None else sent.due_on,
        tuple(_appeals(steps)),
        None if proposal is None else proposal.actor_id,
        tuple(steps),
    )


def _appeals(steps: Iterable[EvaluationStep]) -> Iterable[Appeal]:
    decided = {step.said["appeal"]: step for step in steps if step.kind == Do.DECIDE}
    for step in steps:
        if step.kind == Do.APPEAL and step.subject_id is not None:
            answer = decided.get(str(step.id))
            outcome, why = (None, "") if answer is None else (answer.said["outcome"], answer.said["why"])
            yield Appeal(step.id, step.subject_id, step.at, step.said["text"], outcome, why)


def award_rows(evaluated: Evaluated) -> tuple[Row, ...]:
    """The rows whose grade is proposed for an award."""
    return tuple(row for row in evaluated.results.rows if row.grade in evaluated.scheme.year_terms.award)


def service_rows(evaluated: Evaluated) -> tuple[Row, ...]:
    """The rows whose grade is proposed for a visit."""
    return tuple(row for row in evaluated.results.rows if row.grade in evaluated.scheme.year_terms.service)


def row_of(rows: Iterable[Row], code: str) -> Row:
    """The row of a project; NotFound EVAL_PROJECT."""
    found = next((row for row in rows if row.code == code), None)
    if found is None:
        raise NotFound(Issue("EVAL_PROJECT", f"这次评价里没有项目“{code[:40]}”", "", "", "看这次评价的项目列表"))
    return found
