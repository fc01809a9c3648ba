"""Examine a case anew: what is known now, by the law of its day, for the purpose of paying.

What is found is only told here; the workflows that verify, approve and audit decide what becomes of the case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.benefits.ledger import Paid
from policy_match.dates import local_day
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule
from policy_match.entitlement import proof
from policy_match.entitlement.checklist import Answer, checklist
from policy_match.entitlement.evidence import Gap, Held, gaps
from policy_match.entitlement.exclusion import hits, warnings
from policy_match.entitlement.paid_before import InItsPlace, Payee, cuts, in_its_place, pooled
from policy_match.entitlement.period import facts_digest, period_of
from policy_match.entitlement.proof import CaseHead, Cut, ExclusionSeen, ExclusionsSeen, Proving
from policy_match.facts.stored import Plain
from policy_match.facts.subjects import Kind
from policy_match.store import cases, exclusions, payments, subjects
from policy_match.store.case_tables import Payment
from policy_match.workflows.at_case import CaseDesk
from policy_match.workflows.match import Matching
from policy_match.workflows.read_party import Party, codes_of, ended_status, read_party
from policy_match.workflows.read_release import read_texts


@dataclass(frozen=True, slots=True)
class Examined:
    """What a case comes to today. `facts`: their digest; `gone`: 吊销 or 注销, where the firm is that. `pay_fen` None: no sure amount. `body`: the proof, only where nothing is missing."""

    rule: Rule
    party: Party
    verdict: Verdict
    period: str | None
    facts: str
    barred: tuple[Answer, ...]
    gaps: tuple[Gap, ...]
    looked: ExclusionsSeen
    excluded: tuple[ExclusionSeen, ...]
    warned: tuple[ExclusionSeen, ...]
    gone: str | None
    cuts: tuple[Cut, ...]
    in_place: InItsPlace | None
    pay_fen: int | None
    body: Mapping[str, Plain] | None


def examine(desk: CaseDesk, on: date | None = None) -> Examined:
    """Read, decide, look into the exclusion lists and the ledger. `on`: the day on which an exclusion counts, today if None."""
    day = on or desk.by.today
    case, rule, now = desk.case, desk.rule, desk.by.now
    party = read_party(desk.session, desk.archive, desk.beneficiary(), desk.project(), desk.view)
    matching = Matching(desk.deciding.rulebook, [party.subject], case.as_of)
    held = Held(matching.table, 0, case.as_of, party.seen)
    looked = exclusions.look(desk.session, case.library, codes_of(desk.session, party.beneficiary), now)
    payee = payee_of(desk, party)
    rows = payments.beside(desk.session, case.library, payee.beneficiary, pooled(rule), case.id, known_at=now)
    rows += promised(desk, payee)
    open_ = gaps(rule, matching.table, 0, case.as_of, seen=party.seen)
    left = cuts(rule, payee, [payments.paid(row) for row in rows])
    barred = tuple(answer for answer in checklist(rule, desk.deciding.rulebook.vocabulary) if answer.holds is False)
    verdict = matching.decision(case.measure).verdicts[0]
    body = None
    if not open_ and not barred and verdict is Verdict.ELIGIBLE:
        release = read_texts(desk.session, desk.archive.shelf, desk.deciding.release)
        head = _head(desk, party)
        body = proof.body(Proving(head, release, desk.deciding.rulebook, rule, held, now, looked, left))
    return Examined(
        rule=rule,
        party=party,
        verdict=verdict,
        period=period_of(rule, matching.table, 0, case.as_of),
        facts=facts_digest(rule, matching.table, 0),
        barred=barred,
        gaps=open_,
        looked=looked,
        excluded=hits(looked.entries, case.measure, day, desk.archive.terms),
        warned=warnings(looked.entries, case.measure, day, desk.archive.terms),
        gone=ended_status(desk.session, desk.archive, party.beneficiary, day),
        cuts=left,
        in_place=_in_place(desk, payee, rows),
        pay_fen=None if body is None else _pay(body),
        body=body,
    )


def payee_of(desk: CaseDesk, party: Party) -> Payee:
    """Who would be paid by the case, as the ledger names them."""
    kind = Kind(party.beneficiary.kind)
    project = None if party.project is None else party.project.code
    return Payee(f"{kind}:{party.beneficiary.code}", project, desk.case.period, desk.by.today.year)


def promised(desk: CaseDesk, payee: Payee) -> list[Payment]:
    """What is approved for the same beneficiary and not in the ledger yet, as if it were paid today.

    Otherwise two cases that were approved together would each have the whole of a cap that they share.
    """
    found = cases.promised_beside(desk.session, desk.case)
    projects = subjects.by_ids(desk.session, [one.project_id for one in found if one.project_id is not None])
    return [
        Payment(
            library=one.library, reference=one.number, measure=one.measure, beneficiary=payee.beneficiary,
            project=None if one.project_id is None else projects[one.project_id].code, period=one.period,
            paid_on=desk.by.today, amount_fen=one.amount_fen or 0, source="", case_id=one.id, recorded_at=desk.by.now,
        )
        for one in found
    ]  # fmt: skip


def _in_place(desk: CaseDesk, payee: Payee, rows: Sequence[Payment]) -> InItsPlace | None:
    periods = {row.reference: row.period for row in rows}

    def period(paid: Paid) -> str:
        return periods[paid.reference or ""]

    return in_its_place(desk.rule, desk.deciding.rulebook, payee, [payments.paid(row) for row in rows], period)


def _head(desk: CaseDesk, party: Party) -> CaseHead:
    case, beneficiary = desk.case, party.beneficiary
    project = None if party.project is None else party.project.code
    return CaseHead(
        case.number, case.library, beneficiary.code, beneficiary.name or beneficiary.code, project, case.period
    )


def _pay(body: Mapping[str, Plain]) -> int | None:
    decision = body["decision"]
    found = decision["pay_fen"] if isinstance(decision, dict) else None
    return found if isinstance(found, int) else None


def days_since(looked: ExclusionsSeen, source: str, today: date) -> int | None:
    """How many days ago a source was last complete; None if it never was."""
    at = looked.complete_at.get(source)
    return None if at is None else (today - local_day(at)).days
