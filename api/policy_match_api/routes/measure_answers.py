"""The answers about measures; the vocabulary that all answers share is in `answers.py`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from policy_match_api.routes.answers import Answer, WindowAnswer


class DocumentAnswer(Answer):
    """The document a measure stands in; `number` null: 文号未见."""

    id: str
    title: str
    number: str | None
    issuers: list[str] | None
    official_url: str | None


class VerifiedAnswer(Answer):
    """How conditions and benefit were seen; only `page` counts as verified."""

    conditions: str
    benefit: str


class MeasureLine(Answer):
    """One measure in the list, in the version of the day; `in_force` null: perhaps."""

    id: str
    version: int
    title: str
    status: str
    family: str
    finance_group: str | None
    mode: str
    target: str
    level: str
    topics: list[str]
    document: DocumentAnswer
    owner_unit: str | None
    effective_text: str
    in_force: bool | None
    window: WindowAnswer
    verified: VerifiedAnswer
    to_check: list[str]
    versions: list[int]


class Measures(Answer):
    """The measures of the rulebook."""

    as_of: str
    total: int
    measures: list[MeasureLine]


class NeedAnswer(Answer):
    """What one row of a condition asks; `when` empty: always."""

    when: str
    need: str


class ConditionAnswer(Answer):
    """One named condition."""

    name: str
    kind: Literal["fact", "human", "assumed"]
    fact: str | None
    label: str
    needs: list[NeedAnswer]
    from_: list[str] = Field(alias="from")
    can_change: str


class ClauseAnswer(Answer):
    """One clause in our own words and what implements it."""

    article: str
    says: str
    conditions: list[str]
    parts: list[str]
    none: str | None


class BenefitAnswer(Answer):
    """One row of the benefit table."""

    when: str
    how: str
    depth: int


class ServiceAnswer(Answer):
    """One service of several; `unit` null: not written, `reading`: the unit is our reading."""

    name: str
    unit: str | None
    reading: bool
    unit_text: str
    note: str | None
    instrument: str | None
    brand: str | None
    only_sections: list[str]


class LogicAnswer(Answer):
    """How conditions combine: a word with parts, or one condition by name."""

    text: str
    condition: str | None
    parts: list[LogicAnswer]


class PaidAnswer(Answer):
    """What was really paid in a year, beside the ceiling."""

    year: str
    says: str
    source: str


class MeasureAnswer(MeasureLine):
    """One version of one measure in full."""

    clauses: list[ClauseAnswer]
    conditions: list[ConditionAnswer]
    logic: LogicAnswer
    benefit_kind: str | None
    benefit: list[BenefitAnswer]
    services: list[ServiceAnswer]
    paid_history: list[PaidAnswer]
    stacking: list[str]
    contact: str | None
    portal: str | None
    materials: list[str]
    reviewed_on: str
    next_review_on: str
