"""A match in words for the firm itself: no scores, no other firms, amounts as 预计 or 最高 (domain specification §5.9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.explain import CAUSE_TEXT, Reason
from policy_match.facts.cells import Cause
from policy_match.units import format_money
from policy_match.workflows.match import Match
from policy_match.workflows.show_match import amount_text
from policy_match.workflows.show_measure import ask_text, window_text
from policy_match.workflows.show_project import Marking

LONGEST = 120
MOST_BASIS = 3
_PROMISED = ("最高", "不少于")


@dataclass(frozen=True, slots=True)
class Told:
    """The conditions of a match by what is known of them: what is proved, what nobody can tell yet, what stands in the way."""

    proved: tuple[Reason, ...]
    open: tuple[Reason, ...]
    against: tuple[Reason, ...]


def told(match: Match, marking: Marking) -> Told:
    """The reasons as they are marked; what is not needed or does not apply is left out."""
    groups: dict[str, list[Reason]] = {"yes": [], "open": [], "no": [], "off": []}
    for reason in match.reasons:
        groups[marking.mark(reason)[0]].append(reason)
    return Told(tuple(groups["yes"]), tuple(groups["open"]), tuple(groups["no"]))


def plain_amount(match: Match) -> str:
    """The amount as a firm may take it; empty where the measure has none or nothing can be said.

    What is not proved yet promises a ceiling and no more.
    """
    amount = match.amount
    if amount is None:
        return amount_text(match)
    text = amount.text
    if match.verdict is not Verdict.ELIGIBLE and amount.promise == "exact" and amount.high_fen:
        low, high = format_money(amount.low_fen), format_money(amount.high_fen)
        text = text.replace(low if low == high else f"{low}至{high}", f"最高{high}", 1)
    return text if any(word in text for word in _PROMISED) else f"预计{text}"


def sentence(match: Match, marking: Marking) -> str:
    """One sentence for the firm, at most 120 characters: what it may have, how much, and what that rests on.

    A basis that is too long for it is left out: it stands in the list below.
    """
    head, introduced = _head(match)
    basis = list(dict.fromkeys(_basis(match, told(match, marking))))[:MOST_BASIS]
    while basis:
        text = f"{head}。{introduced}{'；'.join(basis)}。"
        if len(text) <= LONGEST:
            return text
        basis.pop()
    return f"{head}。"[:LONGEST]


def to_do(match: Match, shown: Told) -> str:
    """What the firm has to do now, in words."""
    measure = match.rule.measure
    match match.verdict:
        case Verdict.ELIGIBLE if match.route.value == "no_application":
            return "不用申报：核验和公示以后会请您确认意愿和账户"
        case Verdict.ELIGIBLE if measure.benefit is None or measure.benefit.kind in ("tax", "deduction"):
            return f"按文件办理或自行享受，{ask_text(measure)}"
        case Verdict.ELIGIBLE:
            return f"向主管单位申报；{window_text(measure)}"
        case Verdict.UNKNOWN if any(reason.fact is not None for reason in shown.open):
            return "把下面“还不清楚”的告诉我们"
        case Verdict.UNKNOWN | Verdict.NEEDS_HUMAN:
            return f"等主管单位判断；{ask_text(measure)}"
        case _:
            return "不用做什么；数据不对的，请提数据更正"


def reason_text(reason: Reason) -> str:
    """One condition for the firm: what is known, and what it asks where that does not go without saying."""
    if reason.fact is None:
        return f"由主管单位判断：{reason.need}"
    if reason.have is None:
        return f"{CAUSE_TEXT[reason.cause or Cause.MISSING]}（要求{reason.need}）"
    return reason.have if reason.need == f"为“{reason.have}”" else f"{reason.have}（要求{reason.need}）"


def label_of(match: Match, reason: Reason) -> str:
    """What a condition is about; empty for one that people judge."""
    condition = match.rule.conditions.get(reason.condition)
    return "" if condition is None or reason.fact is None else condition.label


def _head(match: Match) -> tuple[str, str]:
    """What may be had, and how what it rests on is introduced."""
    name, title, amount = _quoted(match.subject.shown), _quoted(match.rule.measure.title), plain_amount(match)
    much = f"，{amount}" if amount else ""
    match match.verdict:
        case Verdict.ELIGIBLE:
            return f"您的{name}预计可享受{title}{much}", "依据："
        case Verdict.NEEDS_HUMAN:
            return f"您的{name}有望享受{title}{much}：能用数据判断的都满足", "余下"
        case Verdict.UNKNOWN:
            return f"您的{name}有可能享受{title}{much}", "还不清楚的："
        case Verdict.NOT_IN_FORCE:
            return f"{title}现在不在施行期", ""
        case _:
            return f"您的{name}现在不符合{title}", "原因："


def _basis(match: Match, shown: Told) -> Iterator[str]:
    """What the head rests on; of what is proved, figures first."""
    match match.verdict:
        case Verdict.NOT_IN_FORCE:
            return
        case Verdict.UNKNOWN:
            yield from (label_of(match, reason) for reason in shown.open if reason.fact is not None)
            if not shown.open:
                yield "政策现在是否仍有效"
        case Verdict.NEEDS_HUMAN:
            yield from (reason_text(reason) for reason in shown.open)
        case Verdict.ELIGIBLE:
            figures_first = sorted(shown.proved, key=lambda one: not any(sign.isdigit() for sign in one.need))
            yield from (_line(match, reason) for reason in figures_first)
        case _:
            yield from (_line(match, reason) for reason in shown.against)


def _line(match: Match, reason: Reason) -> str:
    label = label_of(match, reason)
    return f"{label}：{reason_text(reason)}" if label else reason_text(reason)


def _quoted(text: str) -> str:
    """In quotation marks; those within become single ones."""
    return f"“{text.replace('“', '‘').replace('”', '’')}”"
