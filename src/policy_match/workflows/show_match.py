"""Matches as plain data (the match line of docs/formats.zh.md) and as a flat table for Excel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import VERDICT_NAMES, Verdict
from policy_match.eligibility.explain import Reason
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema_benefit import has_unseen
from policy_match.eligibility.windows import window_of
from policy_match.ranking.score import Score
from policy_match.workflows.match import Match
from policy_match.workflows.show_measure import AMOUNT_TO_CHECK

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"

ROUTE_NAMES = {
    "no_application": "免申即享",
    "prefilled": "预填申领",
    "application": "申报",
    "ask": "先补数据",
    "human": "人工判断",
    "none": "—",
}
PART_NAMES = {
    "value": "金额",
    "urgency": "缓急",
    "certainty": "把握",
    "text": "文字",
    "industry": "行业",
    "stage": "阶段",
    "size": "规模",
    "region": "地区",
}
TABLE_HEADER = (
    "项目或企业",
    "名称",
    "措施编号",
    "措施",
    "版本",
    "结论",
    "差一点",
    "金额",
    "理由",
    "前提",
    "需要了解",
    "途径",
    "文号",
    "主管单位",
)


def match_data(match: Match, as_of: date, release: str | None = None) -> dict[str, Plain]:
    """The match line of one pair; on a store it names the release that decided."""
    near = match.near
    named: dict[str, Plain] = {} if release is None else {"release": release}
    return named | {
        "subject": match.subject.id,
        "beneficiary": match.beneficiary,
        "measure": match.rule.id,
        "version": match.rule.measure.version,
        "verdict": match.verdict.value,
        "near_miss": near is not None,
        "not_yet": near is not None and near.not_yet,
        "true_on": near.true_on.isoformat() if near is not None and near.true_on is not None else None,
        "excluded": match.excluded,
        "window": window_data(match.rule, as_of),
        "amount": amount_data(match.amount),
        "reasons": [reason_data(reason) for reason in match.reasons],
        "assumed": list(match.assumed),
        "missing": [list(names) for names in match.missing],
        "route": match.route.value,
        "score": score_data(match.score),
    }


def score_data(score: Score) -> dict[str, Plain]:
    """Priority and relevance with what each part adds to them; `relevance` null where it is not known."""
    relevance: Plain = None
    if score.relevance is not None:
        relevance = {"total": score.relevance.total, "parts": dict(score.relevance.parts)}
    return {"total": score.total, "parts": dict(score.parts), "relevance": relevance}


def score_text(score: Score) -> str:
    """Priority and relevance as sums that people can add up; empty where nothing was scored."""
    if not score.parts:
        return ""
    near = score.relevance
    relevance = "相关度未知（文字和行业都不知道或不限）" if near is None else f"相关度 {_sum(near.total, near.parts)}"
    return f"优先级 {_sum(score.total, score.parts)}；{relevance}"


def _sum(total: float, parts: Mapping[str, float]) -> str:
    return f"{total:.4f} = " + " + ".join(f"{PART_NAMES[name]} {part:.4f}" for name, part in parts.items())


def amount_data(amount: Amount | None) -> Plain:
    """The amount, or null where nothing is computed."""
    if amount is None:
        return None
    return {
        "kind": amount.kind,
        "low_fen": amount.low_fen,
        "high_fen": amount.high_fen,
        "text": amount.text,
        "verified": amount.verified,
        "promise": amount.promise,
        "per": amount.per,
    }


def amount_text(match: Match) -> str:
    """The amount as people read it: 金额待核实 where its row was not seen, empty where nothing is computed."""
    if match.amount is not None:
        return match.amount.text
    is_open = match.verdict not in (Verdict.INELIGIBLE, Verdict.NOT_IN_FORCE)
    return AMOUNT_TO_CHECK if is_open and has_unseen(match.rule.measure.benefit) else ""


def reason_data(reason: Reason) -> Plain:
    """One reason; `gap.relative` is rounded to six places for the reader, the comparison was exact."""
    gap: Plain = None
    if reason.gap is not None:
        relative = None if reason.gap.relative is None else round(float(reason.gap.relative), 6)
        gap = {"by": reason.gap.by, "relative": relative, "can_change": reason.gap.can_change}
    return {
        "condition": reason.condition,
        "article": reason.article,
        "truth": reason.truth.value,
        "fact": reason.fact,
        "have": reason.have,
        "need": reason.need,
        "gap": gap,
        "source": reason.source,
        "observed_on": reason.observed_on.isoformat() if reason.observed_on else None,
        "cause": reason.cause.value if reason.cause else None,
        "text": reason.text,
    }


def window_data(rule: Rule, as_of: date) -> dict[str, Plain]:
    """Application window: `open` null where no window was seen; a yearly window gives the present or next one."""
    window = window_of(rule.measure, as_of)
    if window is None:
        return {"open": None, "from": None, "through": None}
    first, last = window
    return {"open": first <= as_of <= last, "from": first.isoformat(), "through": last.isoformat()}


def table_row(match: Match) -> tuple[str, ...]:
    """One line of the table for people; see TABLE_HEADER."""
    measure = match.rule.measure
    near = "" if match.near is None else f"到{match.near.true_on}即满足" if match.near.true_on else "是"
    labels = match.rule.conditions
    named: Mapping[str, str] = {c.fact: c.label for c in labels.values() if c.fact is not None}
    return (
        match.subject.id,
        match.subject.shown,
        measure.id,
        measure.title,
        str(measure.version),
        VERDICT_NAMES[match.verdict],
        near,
        amount_text(match),
        "\n".join(f"{_MARKS[reason.truth]} {reason.text}" for reason in match.reasons),
        "；".join(match.assumed),
        " 或 ".join("、".join(named.get(name, name) for name in names) for names in match.missing),
        ROUTE_NAMES[match.route],
        match.rule.document.shown_number,
        measure.owner_unit or "未见",
    )


_MARKS = {"true": "✔", "false": "✘", "unknown": "？", "not_applicable": "—"}
