"""The answers of search and of documents; the vocabulary that all answers share is in `answers.py`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from policy_match_api.routes.answers import Answer

UNCHANGED = {"description": "If-None-Match 所带的 ETag 仍是现在的内容"}


class Hit(Answer):
    """One result; `in_force` null: perhaps. `parts`: what the score is the sum of."""

    id: str
    kind: Literal["measure", "document"]
    title: str
    topics: list[str]
    score: float
    parts: dict[str, float]
    in_force: bool | None
    number: str | None
    region: str


class SearchAnswer(Answer):
    """The answer to a question: one page of it. `understood`: what the question says of place, money, step and degree.

    Not `confident`: let the reader choose from `topics`. `total` counts what the filters left.
    """

    as_of: str
    query: str
    confident: bool
    confidence: float
    topics: list[str]
    understood: dict[str, str]
    total: int
    results: list[Hit]
    next_cursor: str | None


class SpanAnswer(Answer):
    """Validity as seen; `through`: a day, open or unknown."""

    from_: str | None = Field(alias="from")
    through: str
    note: str | None


class PolicyClause(Answer):
    """One article in our own words."""

    article: str
    says: str


class PolicyMeasure(Answer):
    """A measure in its newest version that stands in the document."""

    id: str
    version: int
    title: str
    topics: list[str]
    in_force: bool | None


class PolicyAnswer(Answer):
    """One document; `number` null: 文号未见, `issuers` null: nobody saw them, `in_force` null: perhaps."""

    id: str
    title: str
    number: str | None
    issuers: list[str] | None
    level: str
    region: str
    region_name: str
    packages: list[str]
    issued_on: str | None
    effective: SpanAnswer
    in_force: bool | None
    replaces: list[str]
    replaced_by: str | None
    official_url: str | None
    seen: Literal["page", "copy", "recalled"]
    clauses: list[PolicyClause]
    unseen: list[str]
    notes: list[str]
    measures: list[PolicyMeasure]


class DatedPolicy(PolicyAnswer):
    """One document on a day."""

    as_of: str


class Policies(Answer):
    """Documents by id: one page; `total` counts what the filters left."""

    as_of: str
    total: int
    policies: list[PolicyAnswer]
    next_cursor: str | None
