"""The best set as plain data (the bundle line of docs/bundle.zh.md) and as a table for people."""

from __future__ import annotations

from collections.abc import Iterator

from policy_match.benefits.options import NotTaken
from policy_match.units import format_money
from policy_match.workflows.choose_bundle import Bundle
from policy_match.workflows.show_match import Plain, amount_data

UNPROVED = "组合太多，没有证完：这一组合法、金额准确，但可能还有更好的"


def bundle_data(bundle: Bundle, subject_id: str) -> dict[str, Plain]:
    """The line of one subject: its part of the set of its firm. The lines of a firm add up to its whole."""
    part = bundle.of(subject_id)
    return {
        "subject": subject_id,
        "as_of": bundle.as_of.isoformat(),
        "chosen": [
            {
                "measure": taken.offer.rule.id,
                "amount": amount_data(taken.amount),
                "beneficiary": taken.offer.beneficiary,
            }
            for taken in part.chosen
        ],
        "low_fen": part.low_fen,
        "high_fen": part.high_fen,
        "not_taken": [not_taken_data(left) for left in part.not_taken],
        "free": [offer.rule.id for offer in part.free],
        "together_with": [subject.id for subject in bundle.subjects if subject.id != subject_id],
        "proved": bundle.proved,
    }


def not_taken_data(left: NotTaken) -> Plain:
    """One benefit that is not in the set, why, and what stands in its place."""
    return {"measure": left.offer.rule.id, "why": left.why, "instead": list(left.instead)}


def screen_lines(bundle: Bundle, subject_id: str) -> Iterator[str]:
    """The part of one subject as people read it."""
    part = bundle.of(subject_id)
    (subject,) = part.subjects
    yield f"{subject.id}  {subject.shown}  资金合计{total_text(part)}"
    for taken in part.chosen:
        yield f"  选 {taken.offer.rule.measure.title}（{taken.offer.rule.id}）  {taken.amount.text}"
    for left in part.not_taken:
        yield f"  不选 {left.offer.rule.measure.title}（{left.offer.rule.id}）  {left.why}"
    if part.free:
        titles = "、".join(offer.rule.measure.title for offer in part.free)
        yield f"  另可办理（没有金额可比）：{titles}"
    if not bundle.proved:
        yield f"  {UNPROVED}"


def total_text(bundle: Bundle) -> str:
    """The sum of cash as people read it."""
    low, high = sorted((bundle.low_fen, bundle.high_fen))
    return format_money(low) if low == high else f"{format_money(low)}至{format_money(high)}"
