"""Decide several matches of one measure in the same way: every one is checked as if it were alone, those refused are told.

A preview checks the same and keeps nothing. Nobody claims them one by one: a decision is bound to what the preview
showed, and one that somebody else holds, or that changed since, is refused by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from policy_match.errors import Conflict, Issue, PolicyMatchError, UsageError
from policy_match.ranking.decisions import CHOICE_NAMES, Choice
from policy_match.workflows.at_review import ReviewDesk, at_review
from policy_match.workflows.decide_review import (
    NewDecision,
    check_words,
    named_choice,
    require_sense,
    tell_decided,
)
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By

MOST_TOGETHER = 60
TOGETHER = (Choice.CONFIRM, Choice.REJECT, Choice.DEFER, Choice.ESCALATE)
"""A fact that is wrong is another one each time, and an override takes a second person for every match."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One match as it was seen: row version and signature, which the preview showed; None before that."""

    review: str
    seen: int | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """What is asked: the measure that all of them are of, the matches, and the decision; its `review` is not used."""

    measure: str
    chosen: tuple[Chosen, ...]
    decision: NewDecision


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one match. `refused`: why it was not decided, None where it was, or would be."""

    chosen: Chosen
    refused: Issue | None


class _Undone(Exception):
    """Ends a preview, so that nothing of it is kept."""


def preview_together(archive: Archive, asked: Together, by: By) -> tuple[Outcome, ...]:
    """What would be decided and what refused; every one with the version and signature to decide it by.

    UsageError REVIEW_TOGETHER for a choice that is made one by one, none, or too many, and for words that do not belong
    to the choice.
    """
    choice = _checked(asked, by)
    return tuple(_tried(archive, asked, one, by, choice, keep=False) for one in asked.chosen)


def decide_together(archive: Archive, asked: Together, by: By) -> tuple[Outcome, ...]:
    """Decide them one after another, each in a transaction and with an audit row of its own; the same errors."""
    choice = _checked(asked, by)
    return tuple(_tried(archive, asked, one, by, choice, keep=True) for one in asked.chosen)


def _checked(asked: Together, by: By) -> Choice:
    choice = named_choice(asked.decision.choice)
    count = len(asked.chosen)
    if choice not in TOGETHER:
        allowed = "、".join(CHOICE_NAMES[one] for one in TOGETHER)
        what = f"“{CHOICE_NAMES[choice]}”不能成批"
        raise UsageError(Issue("REVIEW_TOGETHER", what, "decision", allowed, "打开各项，逐项决定"))
    if not 0 < count <= MOST_TOGETHER:
        what = "没有选中匹配" if not count else f"选了 {count} 项，一次最多 {MOST_TOGETHER} 项"
        raise UsageError(Issue("REVIEW_TOGETHER", what, "review", f"1 至 {MOST_TOGETHER} 项", "改正勾选"))
    check_words(choice, asked.decision, by.today)
    return choice


def _tried(archive: Archive, asked: Together, one: Chosen, by: By, choice: Choice, *, keep: bool) -> Outcome:
    found = one
    try:
        with at_review(archive, one.review, by) as desk:
            found = Chosen(one.review, desk.history.row_version, desk.match.signature)
            _decide(desk, asked, one, choice)
            if not keep:
                raise _Undone
    except _Undone:
        return Outcome(found, None)
    except PolicyMatchError as refusal:
        return Outcome(found, refusal.issues[0])
    return Outcome(found, None)


def _decide(desk: ReviewDesk, asked: Together, one: Chosen, choice: Choice) -> None:
    if desk.match.rule.id != asked.measure:
        what = f"{desk.id} 是另一项措施的：{desk.match.rule.measure.title}"
        raise UsageError(Issue("REVIEW_TOGETHER", what, "review", asked.measure, "一次只决定同一项措施的"))
    desk.require_seen(one.seen)
    desk.require_free(desk.who)
    if one.signature not in (None, desk.match.signature):
        what = f"{desk.id} 预览之后结论、金额或条件有变化"
        raise Conflict(Issue("REVIEW_CHANGED", what, "review", "没有变化的", "打开看过，单独决定"))
    require_sense(choice, desk)
    said = asked.decision
    step = replace(desk.step(choice), reason=said.reason, note=said.note.strip(), until=said.until)
    desk.write(step, seen=one.seen, detail={"together": len(asked.chosen)})
    tell_decided(desk, choice)
