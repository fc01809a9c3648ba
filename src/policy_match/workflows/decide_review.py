"""Decide a match under review: confirm, reject, ask for a fact, put off, pass up, or judge otherwise with a second person.

A decision changes what is suggested and nothing else: no fact is edited, no verdict changed, and an override never makes
a 免申即享 case, which goes by the facts alone. It is about the match as it was when it was claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from policy_match.eligibility.decide import VERDICT_NAMES, Verdict
from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Conflict, Issue, UsageError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.ranking.decisions import CHOICE_NAMES, OVERRIDES, Choice, Pair, Step
from policy_match.ranking.labels import REASONS
from policy_match.store import doubts
from policy_match.store.actors import actor
from policy_match.store.audit import Plain
from policy_match.store.tables import Actor
from policy_match.workflows.announce_changes import tell_confirmed
from policy_match.workflows.at_review import ReviewDesk, at_review
from policy_match.workflows.find_reviews import FACT_DISPUTED
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.review_rights import REVIEWS, require_decider
from policy_match.workflows.write_entry import By, said

OTHER = REASONS[-1]


@dataclass(frozen=True, slots=True)
class NewDecision:
    """What is asked. `review`: id of the match, or `项目/措施`; `choice`: by code or Chinese name.

    `reason`: of a rejection, one of seven; `fact`: the one that is wrong, by id or name, of CORRECT_FACT; `until`: of a
    deferral; `second`: who signs an override at once; `seen`: the row version that the asker saw.
    """

    review: str
    choice: str
    reason: str | None = None
    note: str = ""
    fact: str | None = None
    until: date | None = None
    second: str | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was recorded. `counts`: False for an override that still needs its second person; `doubt`: number of the question opened."""

    id: str
    pair: Pair
    step: Step
    counts: bool
    row_version: int
    doubt: int | None = None


def decide_review(archive: Archive, asked: NewDecision, by: By) -> Reviewed:
    """Record a decision, or sign the override of somebody else by asking for the same one.

    UsageError for words that do not belong to the choice; NotFound REVIEW_UNKNOWN; Conflict REVIEW_SEEN, REVIEW_CLAIMED,
    REVIEW_UNCLAIMED, REVIEW_CHANGED, REVIEW_NOTHING, REVIEW_SAME_PERSON; Forbidden CARE_ROLE.
    """
    choice = named_choice(asked.choice)
    check_words(choice, asked, by.today)
    with at_review(archive, asked.review, by) as desk:
        desk.require_seen(asked.seen)
        desk.require_free(desk.who)
        first = desk.history.unsigned(desk.match.signature)
        if first is not None and first.choice is choice and asked.second is None:
            return _sign(desk, first, desk.who, asked)
        _require_claim(desk)
        require_sense(choice, desk)
        step = replace(desk.step(choice), reason=asked.reason, note=asked.note.strip(), until=asked.until)
        detail: dict[str, Plain] = {}
        if choice is Choice.CORRECT_FACT:
            step, detail = _ask_for_fact(desk, step, asked.fact or "")
        desk = desk.write(step, seen=asked.seen, detail=detail)
        tell_decided(desk, choice)
        if choice in OVERRIDES and asked.second is not None:
            return _sign(desk, step, _second(desk, asked.second), replace(asked, seen=None))
        return _reviewed(desk, step)


def tell_decided(desk: ReviewDesk, choice: Choice) -> None:
    """The firm hears of a match that was just confirmed, in the same transaction; of another decision it hears nothing."""
    if choice is Choice.CONFIRM:
        match = desk.matching.match(desk.matching.decision(desk.match.pair[1]), 0)
        tell_confirmed(desk.session, desk.archive, desk.by.library, desk.row, match, desk.by.now)


def named_choice(written: str) -> Choice:
    """A decision by its code or Chinese name; UsageError REVIEW_CHOICE."""
    text = written.strip()
    for choice, name in CHOICE_NAMES.items():
        if choice is not Choice.CLAIM and (text.lower() == choice.value or text == name):
            return choice
    allowed = "、".join(f"{choice.value} {name}" for choice, name in CHOICE_NAMES.items() if choice is not Choice.CLAIM)
    raise UsageError(Issue("REVIEW_CHOICE", f"没有决定“{text[:20]}”", "--decision", allowed, "用代码或名称"))


def check_words(choice: Choice, asked: NewDecision, today: date) -> None:
    """What a choice needs must be there, and nothing else; UsageError for what is not so."""
    if choice is Choice.REJECT and asked.reason not in REASONS:
        what = "驳回要写原因" if not asked.reason else f"没有原因“{asked.reason[:20]}”"
        raise UsageError(Issue("REVIEW_REASON", what, "--reason", "、".join(REASONS), "选一个"))
    if choice in OVERRIDES or (choice is Choice.REJECT and asked.reason == OTHER) or choice is Choice.CORRECT_FACT:
        said(asked.note, "说明", "--note")
    if choice is Choice.CORRECT_FACT and not (asked.fact or "").strip():
        raise UsageError(Issue("REVIEW_FACT", "没有写哪项数据有误", "--fact", "事实名称，如 总投资", "写上再提交"))
    if choice is Choice.DEFER and (asked.until is None or asked.until <= today):
        raise UsageError(Issue("REVIEW_UNTIL", "暂缓要写到哪天再看", "--until", f"{today} 以后", "写上再提交"))
    given: Mapping[str, tuple[object, bool]] = {
        "--reason": (asked.reason, choice is Choice.REJECT),
        "--fact": (asked.fact, choice is Choice.CORRECT_FACT),
        "--until": (asked.until, choice is Choice.DEFER),
        "--second": (asked.second, choice in OVERRIDES),
    }
    for option, (value, belongs) in given.items():
        if value is not None and not belongs:
            what = f"“{CHOICE_NAMES[choice]}”不用 {option}"
            raise UsageError(Issue("REVIEW_WORDS", what, option, "", "去掉这一项，补充的话写在 --note"))


def _require_claim(desk: ReviewDesk) -> None:
    """A decision is about what was seen when the match was claimed; Conflict where it is not held, or has changed since."""
    held = desk.history.holder(desk.by.now)
    if held is None:
        hint = f"先运行 review claim {desk.id}"
        raise Conflict(Issue("REVIEW_UNCLAIMED", f"{desk.id} 还没有认领，或认领已过时间", "编号", "认领中的", hint))
    if held.signature != desk.match.signature:
        what = f"{desk.id} 认领之后结论、金额或条件有变化"
        raise Conflict(Issue("REVIEW_CHANGED", what, "编号", "没有变化的", "重新认领，看过再办"))


def require_sense(choice: Choice, desk: ReviewDesk) -> None:
    """Refuse to confirm what suggests nothing, and to override a verdict by itself; Conflict REVIEW_NOTHING."""
    rule, verdict = desk.match.rule, desk.match.verdict
    suggests = verdict in (Verdict.ELIGIBLE, Verdict.UNKNOWN, Verdict.NEEDS_HUMAN) or desk.match.near
    told = VERDICT_NAMES[verdict]
    why, hint = "", "改用别的决定"
    if verdict is Verdict.NOT_IN_FORCE:
        why = "措施不在施行期，没有可审的"
    elif choice is Choice.CONFIRM and not suggests:
        why, hint = f"结论是“{told}”，没有可确认的建议", "要改判用 override_eligible，须第二人签字"
    elif choice is Choice.CONFIRM and rule.measure.mode == "msjx" and verdict is Verdict.ELIGIBLE:
        why, hint = "免申即享的措施不经审核推送", "由 msjx run 列为候选"
    elif choice in OVERRIDES and _SAME[choice] is verdict:
        why = f"结论本来就是“{told}”"
    if why:
        raise Conflict(Issue("REVIEW_NOTHING", f"{desk.id} {why}", "--decision", "", hint))


_SAME = {Choice.OVERRIDE_ELIGIBLE: Verdict.ELIGIBLE, Choice.OVERRIDE_INELIGIBLE: Verdict.INELIGIBLE}


def _ask_for_fact(desk: ReviewDesk, step: Step, written: str) -> tuple[Step, dict[str, Plain]]:
    """Open a question about a fact that the measure asks for: whoever may settle it does, the fact itself is not touched."""
    fact = _named_fact(desk, written.strip())
    label = desk.matching.rulebook.vocabulary[fact].label
    key = doubts.key_of(f"{desk.id}:{fact}:{desk.match.signature[:16]}")
    before = doubts.find(desk.session, desk.by.library, FACT_DISPUTED, key)
    if before is not None and before.settled_at is not None:
        what = f"“{label}”问过，第 {before.id} 条已答复：{before.note or before.outcome}"
        raise Conflict(Issue("REVIEW_ANSWERED", what, "--fact", "别的事实", "按答复办理，或改用别的决定"))
    doubt = doubts.raise_doubt(
        desk.session, desk.by.library, FACT_DISPUTED, key, what=f"{label}可能有误：{step.note}", value=fact,
        at=desk.by.now, subject=desk.row,
    )  # fmt: skip
    return replace(step, doubt=doubt.id), {"fact": fact, "doubt": doubt.id}


def facts_asked(rule: Rule, vocabulary: Vocabulary) -> list[str]:
    """The facts that a measure asks for, and those that they are derived from: what may be found wrong."""
    asked = {c.fact for c in rule.conditions.values() if c.fact}
    return sorted(asked.union(*(vocabulary.base_inputs(fact) for fact in asked)))


def _named_fact(desk: ReviewDesk, written: str) -> str:
    vocabulary = desk.matching.rulebook.vocabulary
    facts = facts_asked(desk.match.rule, vocabulary)
    for fact in facts:
        if written in (fact, vocabulary[fact].label):
            return fact
    names = "、".join(vocabulary[fact].label for fact in facts)
    raise UsageError(Issue("REVIEW_FACT", f"这项措施不看“{written[:20]}”", "--fact", names, "改用列出的"))


def _second(desk: ReviewDesk, written: str) -> Actor:
    who = actor(desk.session, written, desk.by.today)
    allowed = [one.role for one in desk.archive.table.may[REVIEWS]]
    if who.role not in allowed:
        names = "、".join(desk.archive.table.unit_name(role) for role in allowed)
        raise Conflict(Issue("REVIEW_SECOND", f"“{who.name}”不审核匹配", "--second", names, "换一位"))
    require_decider(desk.archive, desk.match.rule, desk.subject, who)
    return who


def _sign(desk: ReviewDesk, first: Step, who: Actor, asked: NewDecision) -> Reviewed:
    """The second person signs; the first cannot."""
    if first.by == who.id:
        what = f"{desk.id} 的“{CHOICE_NAMES[first.choice]}”是“{who.name}”提的，要另一个人签字才算数"
        raise Conflict(Issue("REVIEW_SAME_PERSON", what, "--by", "另一位经办人", "请另一位经办人办理"))
    step = replace(desk.step(first.choice, who), note=asked.note.strip(), signs=first.number)
    return _reviewed(desk.write(step, seen=asked.seen), step)


def _reviewed(desk: ReviewDesk, step: Step) -> Reviewed:
    counts = desk.history.standing(step.signature) is step
    return Reviewed(desk.id, desk.match.pair, step, counts, desk.history.row_version, step.doubt)
