"""Look back at what was paid and at who was shut out: each decided again at its own law date by what is known now.

A register that was corrected, a rule whose fault was mended, an entry that was struck from a list: all of them show here
in yuan. Nothing is changed; who was paid too much or left out is for people to settle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.decide import VERDICT_NAMES, Verdict
from policy_match.entitlement.states import Action, State
from policy_match.store import cases, subjects
from policy_match.store.case_tables import Case
from policy_match.store.tables import Actor
from policy_match.units import format_money
from policy_match.workflows.at_case import HANDLES, CaseDesk
from policy_match.workflows.examine_case import Examined, examine
from policy_match.workflows.find_candidates import Hunt, bars, begin, eligible
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.print_rows import FILES, Row, Rows, print_rows
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By, at_library_desk

UNCHANGED, LOST, MORE, LESS, LEFT_OUT, UNSURE = "unchanged", "would_not", "more", "less", "left_out", "unsure"
OUTCOMES = {
    UNCHANGED: "不变", LOST: "现在看不应兑付", MORE: "现在看应多付", LESS: "现在看应少付", LEFT_OUT: "应享未享",
    UNSURE: "现在证据不足",
}  # fmt: skip
_LOOKED_AT = (State.PAYING, State.PAID, State.CLAWED_BACK)
_HEADER = {
    "case": "编号", "measure": "措施", "beneficiary": "受益单位", "period": "期间", "as_of": "判定日", "outcome_name": "结果",
    "was": "当时", "now": "现在", "difference": "相差", "why": "说明",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rechecked:
    """One line. 分; `now_fen` None: no sure amount now. `case` None: nobody had opened one."""

    case: str | None
    measure: str
    beneficiary: str
    period: str
    as_of: str
    outcome: str
    was_fen: int
    now_fen: int | None
    why: str = ""


def recheck_cases(archive: Archive, by: By) -> tuple[Rechecked, ...]:
    """Every case that was paid or is being paid, every exclusion, and everybody who was eligible on a law date without a case.

    By number, then those without a case by law date, measure and code. Forbidden CARE_ROLE.
    """
    with at_library_desk(archive, HANDLES, by) as (session, who):
        return _rechecked(session, archive, who, by)


def look_back(archive: Archive, by: By) -> Rows:
    """The same as a list, for an auditor, who may read everything and handles nothing."""
    with archive.database.reading() as session:
        found = _rechecked(session, archive, session.get_one(Actor, by.actor), by)
    return Rows(_title(found), _HEADER, tuple(_row(one) for one in found))


def _rechecked(session: Session, archive: Archive, who: Actor, by: By) -> tuple[Rechecked, ...]:
    paid = [_paid(_desk(session, archive, who, by, one)) for one in cases.every(session, by.library, states=_LOOKED_AT)]
    shut = [
        one
        for case in cases.every(session, by.library, states=[State.EXCLUDED])
        if (one := _shut_out(_desk(session, archive, who, by, case)))
    ]
    return (*paid, *shut, *_overlooked(session, archive, by))


def print_rechecked(archive: Archive, by: By, *, form: str | None, out: Path | None = None) -> None:
    """A line each, and the sums in yuan; UsageError for an unknown format."""
    found = recheck_cases(archive, by)
    print_rows(Rows(_title(found), _HEADER, tuple(_row(one) for one in found)), form=form, out=out, forms=FILES)


def _desk(session: Session, archive: Archive, who: Actor, by: By, case: Case) -> CaseDesk:
    deciding = deciding_rulebook(session, archive.shelf, by.library, View.of(case.as_of, None, by.now))
    return CaseDesk(session, archive, by, who, case, deciding, deciding.rulebook.at(case.measure, case.as_of))


def _paid(desk: CaseDesk) -> Rechecked:
    """A paid case as it would be decided now; an exclusion counts if it held on the day of the approval."""
    step = cases.last_step(desk.session, desk.case, Action.APPROVE)
    found = examine(desk, None if step is None else local_day(step.at))
    was = desk.case.amount_fen or 0
    now = 0 if _is_lost(found) else found.pay_fen
    return _line(desk, _outcome(was, now), was, now, _why(found))


def _outcome(was: int, now: int | None) -> str:
    if now is None:
        return UNSURE
    if now == 0 and was:
        return LOST
    return UNCHANGED if now == was else MORE if now > was else LESS


def _is_lost(found: Examined) -> bool:
    return bool(found.excluded) or found.gone is not None or found.verdict in (Verdict.INELIGIBLE, Verdict.NOT_IN_FORCE)


def _shut_out(desk: CaseDesk) -> Rechecked | None:
    """An exclusion that no list bears out any more for its own day; None where it still does."""
    step = cases.last_step(desk.session, desk.case, Action.EXCLUDE)
    found = examine(desk, None if step is None else local_day(step.at))
    if _is_lost(found):
        return _line(desk, UNCHANGED, 0, 0, _why(found))
    outcome = LEFT_OUT if found.pay_fen else UNSURE
    return _line(desk, outcome, 0, found.pay_fen, "当时的排除现在没有依据" if found.pay_fen else _why(found))


def _overlooked(session: Session, archive: Archive, by: By) -> Iterator[Rechecked]:
    """Who was eligible, by what is known now, on a law date on which others had cases, and has none."""
    every = cases.every(session, by.library)
    for as_of in sorted({case.as_of for case in every}):
        hunting = begin(session, archive, Hunt(as_of), by)
        for measure in sorted({case.measure for case in every if case.as_of == as_of}):
            rule = hunting.matching.decision(measure).rule
            if bars(rule, hunting.deciding):
                continue
            had = {(case.beneficiary_id, case.period) for case in every if case.measure == measure}
            for one in eligible(hunting, measure):
                if one.case is None or (one.case.beneficiary_id, one.case.period) in had:
                    continue
                had.add((one.case.beneficiary_id, one.case.period))
                amount = hunting.matching.computing(rule).amount(one.row)
                sure = amount is not None and amount.low_fen == amount.high_fen
                code = subjects.by_ids(session, [one.case.beneficiary_id])[one.case.beneficiary_id].code
                now = amount.low_fen if amount is not None and sure else None
                yield Rechecked(
                    None,
                    measure,
                    code,
                    one.case.period,
                    as_of.isoformat(),
                    LEFT_OUT,
                    0,
                    now,
                    "没有列为候选，重新运行 msjx run",
                )


def _line(desk: CaseDesk, outcome: str, was: int, now: int | None, why: str) -> Rechecked:
    case = desk.case
    code = desk.beneficiary().code
    return Rechecked(case.number, case.measure, code, case.period, case.as_of.isoformat(), outcome, was, now, why)


def _why(found: Examined) -> str:
    if found.excluded:
        return "；".join(f"{one.issuer}：{one.record}（依据{one.basis}）" for one in found.excluded)
    if found.gone is not None:
        return f"企业已{found.gone}"
    if found.verdict is not Verdict.ELIGIBLE:
        return f"现在的结论：{VERDICT_NAMES[found.verdict]}"
    return "；".join(gap.text for gap in found.gaps)


def _title(found: tuple[Rechecked, ...]) -> str:
    parts = []
    for outcome, name in OUTCOMES.items():
        of = [one for one in found if one.outcome == outcome]
        if of:
            known = [one.now_fen - one.was_fen for one in of if one.now_fen is not None]
            parts.append(f"{name} {len(of)} 件" + (f"（{format_money(sum(known))}）" if any(known) else ""))
    return "回头看：" + ("；".join(parts) or "没有已兑付或排除的办件")


def _row(one: Rechecked) -> Row:
    difference = None if one.now_fen is None else one.now_fen - one.was_fen
    return {
        "case": one.case,
        "measure": one.measure,
        "beneficiary": one.beneficiary,
        "period": one.period,
        "as_of": one.as_of,
        "outcome": one.outcome,
        "outcome_name": OUTCOMES[one.outcome],
        "was_fen": one.was_fen,
        "now_fen": one.now_fen,
        "was": format_money(one.was_fen),
        "now": "未定" if one.now_fen is None else format_money(one.now_fen),
        "difference_fen": difference,
        "difference": "未定" if difference is None else format_money(difference),
        "why": one.why,
    }
