"""Cases of 免申即享 in the store: found, moved by steps that are chained, read back with their proof.

A step and the state that it leads to are written together, in the caller's transaction. A changed step breaks the chain
of its case at its number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import orjson
from rapidfuzz import process
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from policy_match.entitlement.states import PROMISED, TAKING_PLACE, Action, State, require_legal
from policy_match.errors import Issue, NotFound
from policy_match.store.audit import START, Break, Plain
from policy_match.store.case_tables import Case, CaseStep, Proof
from policy_match.store.tables import Actor


def by_number(session: Session, library: str, number: str) -> Case:
    """The case of a number; NotFound MSJX_UNKNOWN with the nearest numbers."""
    found = session.scalars(select(Case).where(Case.library == library, Case.number == number.strip())).first()
    if found is not None:
        return found
    known = list(session.scalars(select(Case.number).where(Case.library == library).order_by(Case.number)))
    near = "、".join(match for match, _, _ in process.extract(number[:40], known, limit=5)) or "还没有办件"
    raise NotFound(Issue("MSJX_UNKNOWN", f"没有免申即享办件“{number[:40]}”", "编号", near, "用 msjx list 查编号"))


def every(session: Session, library: str, *, states: Iterable[State] | None = None) -> list[Case]:
    """The cases of a library, in the order of their numbers."""
    asked = select(Case).where(Case.library == library).order_by(Case.number)
    if states is not None:
        asked = asked.where(Case.state.in_([state.value for state in states]))
    return list(session.scalars(asked))


def numbers(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The numbers of cases by their row ids."""
    return {row.id: row.number for row in session.execute(select(Case.id, Case.number).where(Case.id.in_(ids)))}


def newest(session: Session, library: str, measure: str, beneficiary_id: int) -> Case | None:
    """The case of a measure and beneficiary that was opened last; None where there is none."""
    asked = select(Case).where(Case.library == library, Case.measure == measure, Case.beneficiary_id == beneficiary_id)
    return session.scalars(asked.order_by(Case.id.desc()).limit(1)).first()


def places_taken(session: Session, library: str, measure: str) -> dict[tuple[int, str], Case]:
    """The cases of a measure that keep others away, by beneficiary and period."""
    asked = select(Case).where(Case.library == library, Case.measure == measure, Case.takes_place)
    return {(case.beneficiary_id, case.period): case for case in session.scalars(asked)}


def ended(session: Session, library: str, measure: str) -> dict[tuple[int, str], Case]:
    """The last case of a measure that ended without payment, by beneficiary and period."""
    asked = select(Case).where(Case.library == library, Case.measure == measure, ~Case.takes_place).order_by(Case.id)
    return {(case.beneficiary_id, case.period): case for case in session.scalars(asked)}


def promised_beside(session: Session, case: Case) -> list[Case]:
    """The other cases of its beneficiary that are approved and not paid yet, by number."""
    asked = select(Case).where(Case.beneficiary_id == case.beneficiary_id, Case.id != case.id)
    return list(session.scalars(asked.where(Case.state.in_(PROMISED)).order_by(Case.number)))


def promised_fen(session: Session, library: str, measure: str, besides: Case | None) -> int:
    """What is approved for cases of a measure and not paid yet, but for one case, 分."""
    asked = select(func.sum(Case.amount_fen)).where(Case.library == library, Case.measure == measure)
    asked = asked.where(Case.state.in_(PROMISED))
    return int(session.scalar(asked if besides is None else asked.where(Case.id != besides.id)) or 0)


def next_number(session: Session, library: str, year: int) -> str:
    """The number after the last one of the year: `MX-2025-000001`. Whoever asks has taken the turn."""
    prefix = f"MX-{year}-"
    asked = select(func.max(Case.number)).where(Case.library == library, Case.number.startswith(prefix))
    last = session.scalar(asked)
    return f"{prefix}{1 if last is None else int(last.removeprefix(prefix)) + 1:06d}"


def open_case(session: Session, case: Case, who: Actor, at: datetime, body: Mapping[str, Plain]) -> Case:
    """Add a case with its first step."""
    case.state, case.takes_place = State.CANDIDATE.value, True
    session.add(case)
    session.flush()
    _add(session, case, who, Action.FIND, at, None, body)
    return case


def move(
    session: Session, case: Case, who: Actor, action: Action, at: datetime, body: Mapping[str, Plain],
    *, to: State | None = None,
) -> CaseStep:  # fmt: skip
    """Write a step and what it makes of the state; Conflict MSJX_STATE where the state does not allow it.

    `to`: where the action leads when the move itself leaves it open; None there: the case stays.
    """
    start = State(case.state)
    target = require_legal(case.number, start, action).to or to or start
    if action is Action.HOLD or action is Action.OBJECT:
        case.held_from = start.value
    if start is State.ON_HOLD and target is not State.ON_HOLD:
        case.held_from = None
    case.state, case.takes_place = target.value, target in TAKING_PLACE
    case.row_version += 1
    return _add(session, case, who, action, at, start, body)


def require_open_to(case: Case, action: Action) -> None:
    """Refuse before anything is read what the state does not allow; Conflict MSJX_STATE."""
    require_legal(case.number, State(case.state), action)


def steps_of(session: Session, case: Case) -> list[CaseStep]:
    """The steps of a case in their order."""
    return list(session.scalars(select(CaseStep).where(CaseStep.case_id == case.id).order_by(CaseStep.seq)))


def every_step(session: Session, library: str) -> list[CaseStep]:
    """The steps of all cases of a library, case by case in their order."""
    asked = select(CaseStep).join(Case, Case.id == CaseStep.case_id).where(Case.library == library)
    return list(session.scalars(asked.order_by(CaseStep.case_id, CaseStep.seq)))


def last_step(session: Session, case: Case, action: Action) -> CaseStep | None:
    """The latest step of an action; None where there was none."""
    asked = select(CaseStep).where(CaseStep.case_id == case.id, CaseStep.action == action.value)
    return session.scalars(asked.order_by(CaseStep.seq.desc()).limit(1)).first()


def last_steps(session: Session, found: Sequence[Case], action: Action) -> dict[int, CaseStep]:
    """The latest step of an action of each case, by the id of the case; a case without one is left out."""
    ids = [case.id for case in found]
    asked = select(CaseStep).where(CaseStep.case_id.in_(ids), CaseStep.action == action.value)
    return {step.case_id: step for step in session.scalars(asked.order_by(CaseStep.seq))}


def body_of(step: CaseStep) -> dict[str, Plain]:
    """What a step rests on."""
    found: dict[str, Plain] = orjson.loads(step.body)
    return found


def keep_proof(session: Session, case: Case, proof_hash: str, body: str, at: datetime) -> None:
    """Keep a proof under its hash; the same proof is kept once."""
    if session.get(Proof, proof_hash) is None:
        session.add(Proof(hash=proof_hash, case_id=case.id, recorded_at=at, body=body))
        session.flush()


def proof_body(session: Session, proof_hash: str) -> str:
    """The kept text of a proof; NotFound PROOF_UNKNOWN."""
    found = session.get(Proof, proof_hash)
    if found is None:
        raise NotFound(Issue("PROOF_UNKNOWN", f"没有证明 {proof_hash[:12]}", "编号", "已核验的办件", "先核验"))
    return found.body


def first_break(steps: Sequence[CaseStep]) -> Break | None:
    """The first step of one case that is missing, changed or out of its order; None if the chain holds."""
    before = START
    for expected, step in enumerate(steps, start=1):
        if step.seq != expected:
            return Break(expected, f"缺第 {expected} 步")
        if step.prev_hash != before:
            return Break(expected, f"第 {expected} 步接不上前一步")
        if step.row_hash != hash_of(step):
            return Break(expected, f"第 {expected} 步的内容被改动")
        before = step.row_hash
    return None


def row_of(step: CaseStep) -> dict[str, Plain]:
    """What is hashed of a step, as JSON data: a stranger can hash it again (docs/verify.md)."""
    return {
        "case": step.case_id,
        "seq": step.seq,
        "at": step.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": step.actor_id,
        "action": step.action,
        "from": step.from_state,
        "to": step.to_state,
        "body": step.body,
        "prev_hash": step.prev_hash,
    }


def hash_of(step: CaseStep) -> str:
    """SHA-256 of everything that the step says and of the hash before it."""
    return hashlib.sha256(orjson.dumps(row_of(step), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _add(
    session: Session, case: Case, who: Actor, action: Action, at: datetime, start: State | None,
    body: Mapping[str, Plain],
) -> CaseStep:  # fmt: skip
    asked = select(CaseStep).where(CaseStep.case_id == case.id).order_by(CaseStep.seq.desc()).limit(1)
    last = session.scalars(asked).first()
    row = CaseStep(
        case_id=case.id,
        seq=1 if last is None else last.seq + 1,
        at=at.astimezone(UTC),
        actor_id=who.id,
        action=action.value,
        from_state=None if start is None else start.value,
        to_state=case.state,
        body=orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode(),
        prev_hash=START if last is None else last.row_hash,
    )
    row.row_hash = hash_of(row)
    session.add(row)
    session.flush()
    return row
