"""The shape of the roadmap answer; it is made by `show_roadmap.roadmap_data`, these models describe it."""

from __future__ import annotations

from typing import Literal

from policy_match_api.routes.answers import AmountAnswer, Answer, WindowAnswer

TurnName = Literal["opens", "closes", "changes", "stays"]


class PointEvidence(Answer):
    """One thing to be shown at a point: any one of the sets of kinds; `variants` empty: of every kind of project."""

    name: str
    any_of: list[list[str]]
    if_needed: bool
    variants: list[str]


class PointAnswer(Answer):
    """One column; `point` null: the present. `on`: the day it is judged on; `told_on`: the day told for it."""

    point: str | None
    name: str
    on: str
    dating: Literal["planned", "undated", "overdue", "reversed"] | None
    told_on: str | None
    text: str
    evidence: list[PointEvidence]
    keys: list[str]


class LimitAnswer(Answer):
    """A date condition; `since`, `through`: first and last day that meet it, null: none, or not to be told."""

    condition: str
    fact: str
    since: str | None
    through: str | None
    state: Literal["kept", "open", "spoiled"]
    text: str


class OutcomeAnswer(Answer):
    """One measure in one column; `in_force` null: only perhaps; `holds`: every condition is proved."""

    verdict: Literal["eligible", "ineligible", "unknown", "not_in_force", "needs_human"]
    version: int
    near_miss: bool
    true_on: str | None
    in_force: bool | None
    holds: bool
    amount: AmountAnswer | None
    window: WindowAnswer
    missing: list[list[str]]
    to_change: list[str]
    limits: list[LimitAnswer]
    why: list[str]


class MeasureAhead(Answer):
    """One measure over all columns; `turns`: from each column to the next; `turn`: the first that is not stays."""

    measure: str
    title: str
    turn: TurnName
    turns: list[TurnName]
    columns: list[OutcomeAnswer]


class RoadmapAnswer(Answer):
    """A project now and at every later point: an estimate (测算), no decision; `demo` true: 示范数据.

    `release`: hash of the rules that decided.
    """

    subject: str
    name: str | None
    library: Literal["real", "demo"]
    demo: bool
    release: str
    as_of: str
    reading: str
    notes: list[str]
    columns: list[PointAnswer]
    measures: list[MeasureAhead]
