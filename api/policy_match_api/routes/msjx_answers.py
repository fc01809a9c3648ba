"""The answers about 免申即享 cases and the ten questions; made by `disclose_cases` and `show_checklist`, described here."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from policy_match_api.routes.answers import Answer


class NoticeAnswer(Answer):
    """Where a case was published; first and last day, both included."""

    url: str
    first: str | None
    last: str | None


class CaseLine(Answer):
    """What a notice says of a case: `name` null: not recorded, or a natural person; `amount_fen` null: not settled yet."""

    number: str
    state: str
    state_name: str
    measure: str
    title: str
    name: str | None
    period: str
    amount_fen: int | None
    amount: str
    notice: NoticeAnswer | None


class StateCount(Answer):
    """How many cases are in one state."""

    state: str
    name: str
    count: int


class Cases(Answer):
    """Cases of one library, by number; `states` counts all that may be seen, `total` what the filters left."""

    library: Literal["real", "demo"]
    demo: bool
    as_of: str
    states: list[StateCount]
    total: int
    cases: list[CaseLine]


class StepAnswer(Answer):
    """One step of a case, chained by `row_hash`; `body`: what it rests on, account numbers masked."""

    seq: int
    at: str
    actor: str
    by: str
    action: str
    action_name: str
    from_: str | None = Field(alias="from")
    to: str
    body: dict[str, JsonValue]
    row_hash: str


class ObjectionAnswer(Answer):
    """One objection, the contact masked; `outcome` null: not answered yet."""

    id: int
    name: str
    contact: str
    says: str
    received_at: str
    due_on: str
    outcome: str | None
    answer: str | None


class CaseRecord(Answer):
    """All that officers see of a case; `next`: what may be done now; `chain`: whether the steps are as they were written."""

    number: str
    state: str
    state_name: str
    measure: str
    version: int
    beneficiary: str
    name: str | None
    period: str
    amount_fen: int | None
    amount: str
    as_of: str
    release: str
    due: str | None
    row_version: int
    project: str | None
    proof: str | None
    chain: str
    next: list[str]
    steps: list[StepAnswer]
    objections: list[ObjectionAnswer]


class CaseAnswer(CaseLine):
    """One case; `record` null in the real library: not public."""

    library: Literal["real", "demo"]
    demo: bool
    record: CaseRecord | None


class QuestionOfTen(Answer):
    """One of the ten questions; `holds` null: asked again before each payment; `falls_to`: what the measure is where it fails."""

    code: str
    question: str
    holds: bool | None
    why: str
    falls_to: Literal["apply", "jsjx", "blocked", "lint"]


class Checklist(Answer):
    """Whether a measure may be paid without application, from its rule alone."""

    measure: str
    version: int
    mode: str
    answers: list[QuestionOfTen]
    conclusion: str
