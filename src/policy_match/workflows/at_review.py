"""Do one thing about one match under review: in one transaction, by whoever may, with its step and its audit row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Conflict, Issue, NotFound
from policy_match.facts.subjects import Subject
from policy_match.ranking.decisions import Choice, History, Pair, Step, find_pairs, review_id
from policy_match.settings import LOCAL
from policy_match.store import audit, reviews, subjects
from policy_match.store.actors import actor
from policy_match.store.audit import Plain
from policy_match.store.tables import Actor
from policy_match.store.tables import Subject as Row
from policy_match.workflows.answer_firm import answer_firm
from policy_match.workflows.assess_match import Assessed, assess
from policy_match.workflows.match import Matching
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_subject
from policy_match.workflows.review_rights import REVIEWS, decider_among, givers_of
from policy_match.workflows.write_entry import By, at_library_desk


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """A request at work on a match, as it is decided now. `row`: of its subject.

    `givers`: who handed their queue over to who asks; `right`: whose right it is, that of who asks or of one of them.
    """

    session: Session
    archive: Archive
    by: By
    who: Actor
    row: Row
    subject: Subject
    matching: Matching
    match: Assessed
    history: History
    right: Actor
    givers: tuple[Actor, ...] = ()

    @property
    def id(self) -> str:
        """What people call the match by."""
        return review_id(self.match.pair)

    def step(self, choice: Choice, who: Actor | None = None) -> Step:
        """The next step of the pair, without what is particular to a choice; by who asks unless another one is named."""
        return Step(
            number=self.history.row_version + 1,
            choice=choice,
            version=self.match.rule.measure.version,
            signature=self.match.signature,
            by=(who or self.who).id,
            at=self.by.now,
        )

    def write(self, step: Step, *, seen: int | None = None, detail: Mapping[str, Plain] | None = None) -> ReviewDesk:
        """Add the step and its row of the audit chain; the desk with the step in its history."""
        reviews.add(self.session, self.by.library, self.match.pair, step, seen=seen)
        told: dict[str, Plain] = {
            "subject": self.match.pair[0], "measure": self.match.pair[1], "version": step.version,
            "signature": step.signature, "row_version": step.number, "signs": step.signs, **(detail or {}),
        }  # fmt: skip
        if self.right.id != self.who.id:
            told["right_of"] = self.right.id
        who = actor(self.session, step.by, self.by.today)
        audit.record(
            self.session, who, f"review.{step.choice}", object_kind="review", object_id=self.id, at=self.by.now,
            library=self.by.library, reason="：".join(text for text in (step.reason, step.note) if text) or None,
            detail=told,
        )  # fmt: skip
        answer_firm(self.session, self.row, self.match.pair[1], who=who, step=step)
        return replace(self, history=History((*self.history.steps, step)))

    def require_seen(self, seen: int | None) -> None:
        """Refuse who saw an older state; Conflict REVIEW_SEEN."""
        now = self.history.row_version
        if seen is not None and seen != now:
            what = f"{self.id} 有了新的记录（您看到的是第 {seen} 版，现在是第 {now} 版）"
            raise Conflict(Issue("REVIEW_SEEN", what, "--seen", str(now), "重新打开看过再办"))

    def require_free(self, who: Actor) -> None:
        """Refuse who comes while another one holds the match, unless that one handed the queue over to them.

        Conflict REVIEW_CLAIMED with the holder and the time.
        """
        held = self.history.holder(self.by.now)
        if held is None or held.held_until is None or held.by in {who.id, *(one.id for one in self.givers)}:
            return
        name = actor(self.session, held.by, self.by.today).name
        what = f"{self.id} 由“{name}”（{held.by}）在 {local_minute(held.at)} 认领，到 {local_minute(held.held_until)}"
        raise Conflict(Issue("REVIEW_CLAIMED", what, "编号", "没有人认领的", "等他办完，或过了时间再认领"))


@contextmanager
def at_review(archive: Archive, written: str, by: By) -> Iterator[ReviewDesk]:
    """Begin a request about a match; what the block writes is kept if it ends well.

    `written`: its id, or `项目/措施`. NotFound REVIEW_UNKNOWN or ACTOR_UNKNOWN, Conflict REVIEW_AMBIGUOUS where an id is
    that of several pairs, Forbidden CARE_ROLE.
    """
    with at_library_desk(archive, REVIEWS, by, about=written) as (session, who):
        view = View(by.today)
        deciding = deciding_rulebook(session, archive.shelf, by.library, view)
        pair = _pair(session, by.library, deciding.rulebook, written)
        row = subjects.by_code(session, by.library, pair[0])
        own = replace(archive, vocabulary=deciding.rulebook.vocabulary)
        subject = None if row is None else read_subject(session, own, row, view)
        if row is None or subject is None:
            raise NotFound(
                Issue("REVIEW_UNKNOWN", f"{pair[0]} 已并入别的项目，不再匹配", written, "", "改用并入的项目")
            )
        matching = Matching(deciding.rulebook, [subject], by.today)
        decision = matching.decision(pair[1])
        if not matching.concerns(decision.rule, subject.kind):
            raise NotFound(Issue("REVIEW_UNKNOWN", f"{pair[1]} 不面向 {pair[0]} 这类主体", written, "", "核对编号"))
        givers = givers_of(session, who, by.today)
        right = decider_among(archive, decision.rule, subject, (who, *givers))
        match, history = assess(matching, decision, 0), reviews.history(session, by.library, pair)
        yield ReviewDesk(session, archive, by, who, row, subject, matching, match, history, right, givers)


def local_minute(at: datetime) -> str:
    """An instant to the minute, Changzhou time."""
    return at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def _pair(session: Session, library: str, rulebook: Rulebook, written: str) -> Pair:
    found = find_pairs(written, reviews.subject_codes(session, library), rulebook.ids)
    if len(found) == 1:
        return found[0]
    if found:
        every = "、".join(f"{subject}/{measure}" for subject, measure in sorted(found))
        raise Conflict(Issue("REVIEW_AMBIGUOUS", f"{written} 是几项匹配的编号", "编号", every, "改写成 项目/措施"))
    allowed = "review list 列出的编号，或 项目/措施"
    raise NotFound(Issue("REVIEW_UNKNOWN", f"没有匹配“{written[:60]}”", "编号", allowed, "用 review list 查编号"))
