"""Who is to be watched after completion: the growth library, firms about to be above scale, evidence for the 固投库.

A watch tells and never decides: nothing here makes a firm 规上. An unknown figure is an unknown row, never 0. The
limits are data (`rules/watch.yaml`), each with the letter of its source. Domain specification 7.3 and 7.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.dates import Period, add_period
from policy_match.facts.veil import HIDDEN_TEXT
from policy_match.lifecycle.events import State
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import Colour
from policy_match.units import Band, format_band, format_money, format_ratio

GROWTH_LIBRARY = "growth_library"


@dataclass(frozen=True, slots=True)
class AboveScale:
    """The limits of the watch for 入规. `sections`: letters of GB/T 4754; `flag`, `revenue`: names of facts.

    `line_fen`: the revenue itself is enough; `near`: the share of the line from which on it is told early;
    `seen_within`: how old a figure may be; `apply_by`: day of the month after the figure's; `others`: when firms apply
    that are not new. `sources`: letter by name of the limit.
    """

    sections: frozenset[str]
    flag: str
    revenue: tuple[str, ...]
    line_fen: int
    near: Fraction
    seen_within: Period
    apply_by: int
    others: str
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to show for an entry in the 固投库: any of the kinds. Empty `variants`: of all projects."""

    name: str
    any_of: frozenset[str]
    variants: frozenset[str]


@dataclass(frozen=True, slots=True)
class WatchRules:
    """What `rules/watch.yaml` holds."""

    above_scale: AboveScale
    pieces: tuple[Piece, ...]
    pieces_source: str
    pieces_note: str


@dataclass(frozen=True, slots=True)
class GrowthEntry:
    """Since when a project is in the growth library, and the event that opened it."""

    entered_on: date
    event: str


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise as the watch sees it; None is unknown.

    `is_industrial`: by its industry; `revenue`: 分, with the day of the figure in `seen_on`; `shown`: what the reader may see
    of it, the range that it lies in or None for nothing; `is_new_built`: whether a newly attracted project of the firm went
    into production in the year asked about.
    """

    code: str
    name: str | None
    is_industrial: bool | None
    is_above_scale: bool | None
    revenue: Band | None
    shown: Band | None
    seen_on: date | None
    is_new_built: bool | None


@dataclass(frozen=True, slots=True)
class ScaleRow:
    """What is said of a firm: RED it should apply, YELLOW it is near, UNKNOWN something is missing.

    `due_on`: the last day to apply; None where there is none, or it cannot be told. `lacking`: what is not known.
    """

    firm: Firm
    colour: Colour
    due_on: date | None
    reason: str
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of evidence, and whether a record of the project already shows it."""

    name: str
    is_there: bool


def growth_entry(state: State, table: LifecycleTable) -> GrowthEntry | None:
    """The entry that the first point opens which the table says opens it; None before that point."""
    opened = (reached for reached in state.reached if GROWTH_LIBRARY in table.point(reached.point).opens)
    first = next(opened, None)
    return None if first is None else GrowthEntry(first.on, first.event)


def is_in_sections(codes: Iterable[str], sections: frozenset[str]) -> bool | None:
    """Whether every possible industry code lies in the sections; None where some do and some do not, or none is known."""
    answers = {code[:1] in sections for code in codes}
    return answers.pop() if len(answers) == 1 else None


def scale_row(firm: Firm, rules: AboveScale, as_of: date) -> ScaleRow | None:
    """The row of one firm; None for one that is above scale, not industrial, or surely far below the line."""
    if firm.is_above_scale or firm.is_industrial is False:
        return None
    revenue = _recent(firm, rules, as_of)
    near_fen = rules.line_fen * rules.near
    if revenue is not None and revenue.high is not None and revenue.high < near_fen:
        return None
    sure = revenue is not None and revenue.low is not None
    lacking = [] if firm.is_industrial is not None else ["行业代码"]
    lacking += [] if firm.is_above_scale is not None else ["是否规模以上"]
    lacking += [] if sure else [_what_of(firm)]
    if lacking or revenue is None or revenue.low is None:
        return ScaleRow(firm, Colour.UNKNOWN, None, f"{'、'.join(lacking)}未知，无法判断", tuple(lacking))
    said = f"近12个月收入{shown_revenue(firm)}"
    if revenue.low >= rules.line_fen:
        return _must_apply(firm, rules, as_of, said)
    if revenue.low >= near_fen and revenue.high is not None and revenue.high < rules.line_fen:
        line = format_money(rules.line_fen)
        near = f"接近{line}"
        if firm.shown == revenue:  # else the share of the line would tell the figure
            near = f"达到{line}的{format_ratio(Fraction(revenue.low) / rules.line_fen)}"
        return ScaleRow(firm, Colour.YELLOW, None, f"{said}，{near}")
    return ScaleRow(firm, Colour.UNKNOWN, None, f"{said}，跨越界限，无法判断", ("收入的确数",))


def shown_revenue(firm: Firm) -> str:
    """The revenue in words, as far as it may be seen."""
    if firm.revenue is None:
        return "未知"
    return HIDDEN_TEXT if firm.shown is None else format_band(firm.shown, format_money)


def _must_apply(firm: Firm, rules: AboveScale, as_of: date, said: str) -> ScaleRow:
    reason = f"应申报：{said}，达到{format_money(rules.line_fen)}"
    if firm.is_new_built is None:
        return ScaleRow(firm, Colour.RED, None, f"{reason}；是否当年新建投产未知，申报期限待定", ("项目类型",))
    if not firm.is_new_built:
        return ScaleRow(firm, Colour.RED, None, f"{reason}；{rules.others}")
    due = _due(firm, rules, as_of)
    late = "，已过期" if due < as_of else ""
    return ScaleRow(firm, Colour.RED, due, f"{reason}；当年新建投产，{due} 前申报{late}")


def _due(firm: Firm, rules: AboveScale, as_of: date) -> date:
    """The day in the month after that of the figure; of a figure without a day, after the month of `as_of`."""
    month = firm.seen_on or as_of
    following = add_period(month.replace(day=1), Period(1, 0))
    return following.replace(day=rules.apply_by)


def _recent(firm: Firm, rules: AboveScale, as_of: date) -> Band | None:
    """The revenue, if its figure is new enough; one without a day is taken as it is."""
    if firm.seen_on is not None and add_period(firm.seen_on, rules.seen_within) < as_of:
        return None
    return firm.revenue


def _what_of(firm: Firm) -> str:
    return (
        "近12个月收入"
        if firm.revenue is None or firm.seen_on is None
        else f"近12个月收入（只有 {firm.seen_on} 的数据）"
    )


def entry_evidence(state: State, variant: str | None, rules: WatchRules) -> tuple[Shown, ...]:
    """What an entry in the 固投库 needs of a project, and which of it its records show; an unknown kind needs everything."""
    there = {piece.kind for event in state.history for piece in event.evidence}
    asked = (piece for piece in rules.pieces if not piece.variants or variant is None or variant in piece.variants)
    return tuple(Shown(piece.name, bool(piece.any_of & there)) for piece in asked)
