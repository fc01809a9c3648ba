"""The shape of every JSON answer, as /openapi.json publishes it; amounts are whole 分, null is unknown.

The match line is made by the workflow (`show_match.match_data`); these models describe it and never make it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class Answer(BaseModel):
    """No key that is not described."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Problem(Answer):
    """An error (application/problem+json)."""

    type: str
    title: str
    status: int
    code: str
    message_zh: str
    message_en: str
    field: str | None
    hint_zh: str | None
    allowed: list[str]
    trace_id: str


class WindowAnswer(Answer):
    """When one may apply; `open` null: not seen."""

    open: bool | None
    from_: str | None = Field(alias="from")
    through: str | None


class AmountAnswer(Answer):
    """What the benefit comes to, 分; `high_fen` null: open."""

    kind: Literal["cash", "tax", "deduction", "facility", "service", "quota"]
    low_fen: int
    high_fen: int | None
    text: str
    verified: bool
    promise: Literal["exact", "ceiling"]
    per: Literal["once", "year"]


class GapAnswer(Answer):
    """How far a figure is from its threshold."""

    by: str
    relative: float | None
    can_change: str


class ReasonAnswer(Answer):
    """One condition of one verdict."""

    condition: str
    article: str | None
    truth: Literal["true", "false", "unknown", "not_applicable"]
    fact: str | None
    have: str | None
    need: str
    gap: GapAnswer | None
    source: str | None
    observed_on: str | None
    cause: str | None
    text: str


class RelevanceAnswer(Answer):
    """How near a measure is to the subject, as a sum of named parts."""

    total: float
    parts: dict[str, float]


class ScoreAnswer(Answer):
    """What orders the matches of one verdict, as a sum of named parts; `relevance` null: not known."""

    total: float
    parts: dict[str, float]
    relevance: RelevanceAnswer | None


class MatchLine(Answer):
    """One subject and one measure; `release`: hash of the rules that decided."""

    release: str
    subject: str
    beneficiary: str
    measure: str
    version: int
    verdict: Literal["eligible", "ineligible", "unknown", "not_in_force", "needs_human"]
    near_miss: bool
    not_yet: bool
    true_on: str | None
    excluded: bool
    window: WindowAnswer
    amount: AmountAnswer | None
    reasons: list[ReasonAnswer]
    assumed: list[str]
    missing: list[list[str]]
    route: Literal["no_application", "prefilled", "application", "ask", "human", "none"]
    score: ScoreAnswer


class Matches(Answer):
    """Every match of one subject; `demo` true: 示范数据."""

    library: Literal["real", "demo"]
    demo: bool
    as_of: str
    subject: str
    matches: list[MatchLine]


class ExplainAnswer(Answer):
    """One pair with every reason; `demo` true: 示范数据."""

    library: Literal["real", "demo"]
    demo: bool
    as_of: str
    match: MatchLine


class RefusedAnswer(Answer):
    """One subject of a what-if that could not be read; `row` counts from 1."""

    row: int
    column: str
    value: str
    code: str
    what: str
    allowed: str
    hint: str


class WhatIfAnswer(Answer):
    """The matches of a what-if; nothing of it is kept, and `note` says that nothing is promised."""

    note: str
    as_of: str
    subjects: int
    matches: list[MatchLine]
    refused: list[RefusedAnswer]


class SubjectLine(Answer):
    """One subject in the list; filter values are codes, `unknown` where nothing is known."""

    id: str
    name: str | None
    enterprise_name: str | None
    kind: Literal["project", "enterprise", "person"]
    district: str
    stage: str
    tier: str
    total_investment: str | None
    industry: str
    eligible: int | None
    unknown: int | None


class Subjects(Answer):
    """Subjects of one library; `total` counts what the filters left, before limit and offset."""

    library: Literal["real", "demo"]
    demo: bool
    as_of: str
    total: int
    projects: list[SubjectLine]


class FactAnswer(Answer):
    """One fact; `reading`: our reading of a public page; `set_aside`: why it is not used on this day."""

    label: str
    value: JsonValue
    text: str
    source: str
    reading: bool
    observed_on: str | None
    derived: bool
    set_aside: str | None


class QuestionAnswer(Answer):
    """What to find out; `decides`: measures that it alone would settle."""

    fact: str
    label: str
    from_: list[str] = Field(alias="from")
    decides: list[str]
    low_fen: int
    high_fen: int | None


class QuestionsAnswer(Answer):
    """What to find out first about one subject."""

    library: Literal["real", "demo"]
    demo: bool
    as_of: str
    subject: str
    questions: list[QuestionAnswer]


class FinanceOption(Answer):
    """The measure that stands first in its group."""

    measure: str
    version: int
    title: str
    verdict: Literal["eligible", "needs_human", "unknown"]
    amount: AmountAnswer | None
    score: ScoreAnswer


class FurtherAnswer(Answer):
    """How many more options of a group there are, by verdict."""

    eligible: int = 0
    needs_human: int = 0
    unknown: int = 0


class FinanceGroupAnswer(Answer):
    """One group of finance measures with one best option; `ruled_out`: members that are no option today."""

    group: str
    best: FinanceOption | None
    further: FurtherAnswer
    ruled_out: int


class FinanceAnswer(Answer):
    """The finance view: one best option per group; `groups` is empty for subjects without finance measures."""

    note: str
    groups: list[FinanceGroupAnswer]


class SubjectAnswer(SubjectLine):
    """One subject with its facts, what to ask first, and one best finance option per group; the last two are null for
    whoever may not see matches. `row_version`: of a project, to be sent back with a change (If-Match)."""

    library: Literal["real", "demo"]
    demo: bool
    as_of: str
    row_version: int | None
    facts: dict[str, FactAnswer]
    questions: list[QuestionAnswer] | None
    finance: FinanceAnswer | None


class EventAnswer(Answer):
    """One entry of the timeline in words; `recorded_on` null: seen at a source and not recorded."""

    id: str
    on: str
    what: str
    source: str
    recorded_on: str | None
    evidence: str
    reason: str


class EventsAnswer(Answer):
    """The timeline of a project; `row_version` goes back with a change (If-Match)."""

    library: Literal["real", "demo"]
    demo: bool
    as_of: str
    subject: str
    row_version: int | None
    events: list[EventAnswer]


class Health(Answer):
    """Whether the service answers, with what it holds; the libraries are counted apart."""

    status: Literal["ok"]
    as_of: str
    measures: int
    real_subjects: int
    demo_subjects: int | None


class Ready(Answer):
    """Whether the service can do its work. `free_mb`: room on the disk of the cache."""

    status: Literal["ready"]
    search_open: bool
    free_mb: int


PROBLEM = {"model": Problem, "content": {"application/problem+json": {}}}
