"""A firm says that a figure of its own is wrong or missing: a question for whoever may settle it, and no fact is touched.

What a register says stays in force until somebody who may enter it has looked: the word of a firm never takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.orm import Session

from policy_match.errors import Conflict, Forbidden, Issue, NotFound, UsageError
from policy_match.facts.read import read_text_cell
from policy_match.facts.vocabulary import FactSpec
from policy_match.store import audit, doubts, subjects
from policy_match.store.actors import actor
from policy_match.store.tables import Actor, Doubt, Subject
from policy_match.workflows.find_reviews import FACT_DISPUTED
from policy_match.workflows.note_refusals import noting_forbidden
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_party import codes_of
from policy_match.workflows.write_entry import By

# Questions of caseworkers have the id of a match for a key: theirs hold notes that are not for the firm.
_OF_FIRM = "firm:"
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Disputed:
    """What a firm says of one fact of a subject (库内编号): by id or name, how it should read, and why.

    Either `right` or `why` may be blank, not both.
    """

    subject: str
    fact: str
    right: str
    why: str


def dispute_fact(archive: Archive, asked: Disputed, by: By) -> Doubt:
    """Open the question, or give back the open one that says the same.

    UsageError TEXT_MISSING or TEXT_TOO_LONG; FactError for a fact there is not and a value that it cannot have; NotFound
    SUBJECT_UNKNOWN; Forbidden CARE_ROLE for whoever does not speak for the firm; Conflict REVIEW_ANSWERED where the same was
    answered before.
    """
    spec = archive.vocabulary.named(asked.fact.strip())
    what = _said(archive, spec, asked)
    about = f"{asked.subject[:40]} {spec.name}"
    with noting_forbidden(archive, "fact.dispute", about, by.actor, by.now), archive.database.writing() as session:
        audit.take_turn(session)
        who = actor(session, by.actor, by.today)
        row = _told_of(session, asked.subject, spec, by)
        _require_own(session, row, who)
        digest = sha256(what.encode()).hexdigest()[:16]
        key = doubts.key_of(f"{_OF_FIRM}{row.code}:{spec.name}:{digest}")
        before = doubts.find(session, by.library, FACT_DISPUTED, key)
        if before is not None:
            _require_open(before, spec)
            return before
        doubt = doubts.raise_doubt(
            session, by.library, FACT_DISPUTED, key, what=what, value=spec.name, at=by.now, subject=row
        )
        audit.record(
            session, who, "fact.dispute", object_kind="doubt", object_id=str(doubt.id), at=by.now, library=by.library,
            detail={"subject": row.code, "fact": spec.name},
        )  # fmt: skip
        return doubt


def disputes_of(session: Session, library: str, subject_ids: Sequence[int]) -> tuple[Doubt, ...]:
    """What firms said of their own facts, answered or not, the newest first."""
    found = doubts.of_subjects(session, library, FACT_DISPUTED, subject_ids)
    return tuple(one for one in reversed(found) if one.key.startswith(_OF_FIRM))


def _said(archive: Archive, spec: FactSpec, asked: Disputed) -> str:
    right, why = asked.right.strip(), asked.why.strip()
    if not right and not why:
        what = f"没有写{spec.label}应该是什么，也没有写哪里不对"
        raise UsageError(Issue("TEXT_MISSING", what, "right", "正确的数值或说明", "写上一样再提交"))
    if len(right) > LONGEST or len(why) > LONGEST:
        raise UsageError(Issue("TEXT_TOO_LONG", "写得太长", "why", f"各不超过 {LONGEST} 个字", "写短一些"))
    read_text_cell(spec, right, None, archive.vocabulary)
    told = f"企业提出{spec.label}应为“{right}”" if right else f"企业提出{spec.label}有误"
    return f"{told}：{why}" if why else told


def _told_of(session: Session, code: str, spec: FactSpec, by: By) -> Subject:
    """The row that the fact is about: the firm where a project only reads it from there."""
    row = subjects.by_code(session, by.library, code.strip())
    if row is None:
        what = f"没有“{code[:40]}”"
        raise NotFound(Issue("SUBJECT_UNKNOWN", what, "subject", "本企业和它的项目", "从“我的企业”进入"))
    if spec.subject == "enterprise" and row.enterprise_id is not None:
        return session.get_one(Subject, row.enterprise_id)
    return row


def _require_own(session: Session, row: Subject, who: Actor) -> None:
    firm = row if row.enterprise_id is None else session.get_one(Subject, row.enterprise_id)
    if who.firm is None or who.firm not in codes_of(session, firm):
        what = f"“{who.name}”不能替“{firm.name or firm.code}”提数据更正"
        raise Forbidden(Issue("CARE_ROLE", what, row.code, firm.name or firm.code, "请本企业的账号办理"))


def _require_open(before: Doubt, spec: FactSpec) -> None:
    if before.settled_at is not None:
        what = f"{spec.label}的这一说法已答复：{before.note or before.outcome}"
        raise Conflict(Issue("REVIEW_ANSWERED", what, spec.label, "", "有新的依据，写在说明里再提"))
