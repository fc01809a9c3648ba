"""A 免申即享 case for the firm it is about: where it stands in plain words, what the sum rests on, what it may do now.

Who handled it, notes of officers and who objected are not for the firm (domain specification §4.7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import orjson
from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.rulebook import Rulebook
from policy_match.entitlement.states import MOVES, Action, State
from policy_match.facts.show import value_text
from policy_match.facts.stored import from_plain
from policy_match.store import cases, objections
from policy_match.store.case_tables import Case, Objection
from policy_match.units import format_money
from policy_match.workflows.disclose_cases import Disclosed, disclosures
from policy_match.workflows.object_case import OUTCOMES
from policy_match.workflows.open_libraries import Library

# What a firm is told of each state; {notice} and {consent} are the last days of the notice and of its answer.
_WORDS: Mapping[State, str] = {
    State.CANDIDATE: "已列为候选，主管单位正在核对数据。您不用做什么。",
    State.VERIFIED: "数据核验通过，准备公示。您不用做什么。",
    State.NOTICE: "正在公示，到 {notice} 止。公示期满会请您确认。",
    State.CONSENT: "等您确认，到 {consent} 24时止。不确认就不拨付，逾期要重新发起。",
    State.CONFIRMED: "您已确认，等主管单位审批拨付。",
    State.APPROVED: "已批准，等送财政拨付。",
    State.PAYING: "已送财政，等到账。",
    State.PAID: "已到账。",
    State.FAILED: "没有付成，主管单位核对账户以后会重新请您确认。",
    State.ON_HOLD: "有事项要核对，暂停办理；核对完会继续。",
    State.NOT_ELIGIBLE: "核对后不符合条件，不再办理。",
    State.EXCLUDED: "资格状态有变化，不再办理；请联系主管单位。",
    State.UPHELD: "有异议成立，不再办理；请联系主管单位。",
    State.DECLINED: "您已放弃。改变主意的，在 {consent} 以前请主管单位重新发起。",
    State.EXPIRED: "逾期没有确认，没有拨付；可以请主管单位重新发起一次。",
    State.SUPERSEDED: "同类政策就高不重复，已按金额更高的一项办理。",
    State.EXHAUSTED: "本年度额度用完，等下一年度。",
    State.CLAWED_BACK: "已到账，后来要求退回；请联系主管单位。",
    State.CANCELLED: "政策已停止，不再办理。",
}
_PROMISED = {State.APPROVED: "已批准", State.PAYING: "已批准", State.PAID: "已到账", State.CLAWED_BACK: "曾到账"}
_TOLD = frozenset(MOVES) - {Action.NOTE, Action.CHECK, Action.RELEASE, Action.REPAY}


@dataclass(frozen=True, slots=True)
class Basis:
    """One fact that the sum rests on. `source`: the register in words."""

    label: str
    text: str
    source: str
    observed_on: str


@dataclass(frozen=True, slots=True)
class OwnObjection:
    """What the firm objected; `about`: number of the case or id of the measure. `answer`: None while it waits."""

    number: int
    about: str
    says: str
    received_on: date
    due_on: date
    outcome: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class OwnCase:
    """One case. `shown`: what a notice says; `words`: where it stands; `steps`: day and what was done, the oldest first.

    `consent_last`: last day of the answer, None before it was asked for; `version`: to be sent back with an answer.
    """

    shown: Disclosed
    words: str
    amount: str
    consent_last: date | None
    version: int
    basis: tuple[Basis, ...]
    steps: tuple[tuple[date, str], ...]

    @property
    def waits(self) -> bool:
        """Whether the firm is to answer."""
        return self.shown.state is State.CONSENT

    @property
    def may_decline(self) -> bool:
        """Whether the firm may still say no."""
        return self.shown.state in MOVES[Action.DECLINE].starts

    @property
    def may_object(self) -> bool:
        """Whether anybody may object."""
        return self.shown.state is State.NOTICE


def own_cases(session: Session, found: Sequence[Case], library: Library) -> tuple[OwnCase, ...]:
    """Cases for their firm, in the order given, without what they rest on and their steps."""
    shown = disclosures(session, found, library.matching.rulebook)
    return tuple(_own(case, one, (), ()) for case, one in zip(found, shown, strict=True))


def own_case(session: Session, case: Case, library: Library) -> OwnCase:
    """One case for its firm, in full."""
    (shown,) = disclosures(session, (case,), library.matching.rulebook)
    return _own(case, shown, tuple(_basis(session, case, library.matching.rulebook)), tuple(_steps(session, case)))


def own_objections(session: Session, library: str, firm: str) -> tuple[OwnObjection, ...]:
    """What the accounts of a firm objected, the newest first."""
    found = objections.of_firm(session, library, firm)
    numbers = cases.numbers(session, [one.case_id for one in found if one.case_id is not None])
    return tuple(_objection(one, numbers.get(one.case_id or 0, one.measure)) for one in found)


def _own(case: Case, shown: Disclosed, basis: tuple[Basis, ...], steps: tuple[tuple[date, str], ...]) -> OwnCase:
    words = _WORDS[shown.state].format(notice=case.notice_last, consent=case.consent_last)
    return OwnCase(shown, words, _amount(shown), case.consent_last, case.row_version, basis, steps)


def _amount(shown: Disclosed) -> str:
    """Expected until it is approved, then as it is."""
    if shown.amount_fen is None:
        return "金额待核验"
    return f"{_PROMISED.get(shown.state, '预计')}{format_money(shown.amount_fen)}"


def _basis(session: Session, case: Case, book: Rulebook) -> Iterator[Basis]:
    if case.proof_hash is None:
        return
    vocabulary = book.vocabulary
    for name, fact in orjson.loads(cases.proof_body(session, case.proof_hash))["facts"].items():
        if name in vocabulary:
            spec = vocabulary[name]
            text = value_text(spec, from_plain(spec, fact["value"]), vocabulary)
            source = vocabulary.registers.get(str(fact["source"]), str(fact["source"]))
            yield Basis(spec.label, text, source, str(fact["observed_on"]))


def _steps(session: Session, case: Case) -> Iterator[tuple[date, str]]:
    for step in cases.steps_of(session, case):
        action = Action(step.action)
        if action in _TOLD:
            why = cases.body_of(step).get("reason") if action is Action.FAIL else None
            yield local_day(step.at), MOVES[action].name + (f"：{why}" if why else "")


def _objection(row: Objection, about: str) -> OwnObjection:
    outcome = "待答复" if row.outcome is None else OUTCOMES[row.outcome]
    return OwnObjection(row.id, about, row.says, local_day(row.received_at), row.due_on, outcome, row.answer)
