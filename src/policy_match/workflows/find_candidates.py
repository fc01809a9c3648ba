"""Find who is owed money without asking: eligible by government data for a 免申即享 measure in force (`msjx run`).

Nothing is paid here. A candidate is opened once for each measure, beneficiary and period; why anybody is passed over is
counted, so that nobody has to guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from sqlalchemy.orm import Session

from policy_match.eligibility.decide import VERDICT_NAMES, Decision, Verdict
from policy_match.eligibility.rulebook import Rule
from policy_match.entitlement.checklist import FALLS_TO, checklist
from policy_match.entitlement.exclusion import hits
from policy_match.entitlement.period import facts_digest, period_of
from policy_match.entitlement.states import STATE_NAMES, State
from policy_match.errors import Issue, UsageError
from policy_match.facts.observations import Purpose
from policy_match.facts.subjects import Kind, Subject
from policy_match.store import audit, cases, exclusions, subjects
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.store.tables import Actor
from policy_match.store.tables import Subject as Row
from policy_match.workflows.at_case import HANDLES
from policy_match.workflows.match import Matching, beneficiary_of
from policy_match.workflows.match_file import unknown_measure
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import OpenRelease, deciding_rulebook
from policy_match.workflows.read_party import codes_of, ended_status
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_subjects
from policy_match.workflows.write_entry import By, at_library_desk, not_in_future

MODE = "msjx"
# Whoever left a case by such an end comes back only with other facts than those that ended it; a firm that declined or let the time pass is
# asked again by reopening its case.
_SAME_FACTS = frozenset({State.NOT_ELIGIBLE, State.UPHELD, State.SUPERSEDED, State.CANCELLED})
Places: TypeAlias = Mapping[tuple[int, str], Case]
_REOPENS = frozenset({State.DECLINED, State.EXPIRED})


@dataclass(frozen=True, slots=True)
class Hunt:
    """What is asked. `measures` None: all of the mode; `as_of`: the day by whose law is decided."""

    as_of: date
    measures: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one measure: numbers of cases opened, and why others were not, by how many. `barred`: not payable at all."""

    measure: str
    title: str
    version: int
    opened: tuple[str, ...] = ()
    passed: Mapping[str, int] = field(default_factory=dict)
    barred: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hunting:
    """All subjects of a library decided on a day for paying; `rows`: the row of each by its code."""

    session: Session
    archive: Archive
    by: By
    hunt: Hunt
    deciding: OpenRelease
    matching: Matching
    rows: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One subject that is eligible. `case`: as it would be opened, None where nobody can tell whose or for what period."""

    row: int
    subject: Subject
    case: Case | None


def find_candidates(archive: Archive, hunt: Hunt, by: By) -> tuple[Found, ...]:
    """Open the cases of a day, one transaction for all of them.

    UsageError for an unknown measure or one of another mode, or a day to come; Forbidden CARE_ROLE.
    """
    not_in_future(hunt.as_of, by.today, "--as-of")
    with at_library_desk(archive, HANDLES, by) as (session, who):
        hunting = begin(session, archive, hunt, by)
        return tuple(_of_measure(hunting, who, measure) for measure in _asked(hunting.deciding, hunt))


def begin(session: Session, archive: Archive, hunt: Hunt, by: By) -> Hunting:
    """Read the subjects and decide, by the release in force."""
    view = View.of(hunt.as_of, None, by.now, Purpose.PAYOUT)
    deciding = deciding_rulebook(session, archive.shelf, by.library, view)
    matching = Matching(deciding.rulebook, read_subjects(session, archive, by.library, view), hunt.as_of)
    rows = {row.code: row for kind in Kind for row in subjects.every(session, by.library, kind)}
    return Hunting(session, archive, by, hunt, deciding, matching, rows)


def eligible(hunting: Hunting, measure: str) -> Iterator[Candidate]:
    """Whoever is eligible, in the order of subjects; two projects of one firm may speak for one case."""
    decision = hunting.matching.decision(measure)
    for row, subject in enumerate(hunting.matching.subjects):
        if decision.verdicts[row] is Verdict.ELIGIBLE and hunting.matching.concerns(decision.rule, subject.kind):
            yield Candidate(row, subject, _candidate(hunting, decision.rule, row, subject))


def bars(rule: Rule, deciding: OpenRelease) -> tuple[str, ...]:
    """Why a measure may not be paid so at all, in words; nothing where it may."""
    answers = checklist(rule, deciding.rulebook.vocabulary)
    return tuple(f"{a.code} {a.why}（{FALLS_TO[a.falls_to]}）" for a in answers if a.holds is False)


def _asked(deciding: OpenRelease, hunt: Hunt) -> tuple[str, ...]:
    book = deciding.rulebook
    payable = tuple(one for one in book.ids if book.at(one, hunt.as_of).measure.mode == MODE)
    for measure in hunt.measures or ():
        if measure not in book.ids:
            raise unknown_measure(measure, book.ids, "措施")
        if measure not in payable:
            what = f"{book.at(measure, hunt.as_of).measure.title}不是免申即享"
            raise UsageError(Issue("MSJX_MODE", what, measure, "、".join(payable) or "没有", "改用列出的措施"))
    return tuple(dict.fromkeys(hunt.measures or payable))


def _of_measure(hunting: Hunting, who: Actor, measure: str) -> Found:
    decision = hunting.matching.decision(measure)
    rule = decision.rule
    head = (rule.id, rule.measure.title, rule.measure.version)
    barred = bars(rule, hunting.deciding)
    if barred:
        return Found(*head, barred=barred)
    taken = cases.places_taken(hunting.session, hunting.by.library, measure)
    ended = cases.ended(hunting.session, hunting.by.library, measure)
    opened, passed = [], _not_eligible(hunting, decision)
    for one in eligible(hunting, measure):
        facts = facts_digest(rule, hunting.matching.table, one.row)
        why = _passed_over(hunting, one, taken, ended, facts)
        if why or one.case is None:
            passed[why] += 1
            continue
        _open(hunting, who, one, rule, facts)
        taken[one.case.beneficiary_id, one.case.period] = one.case
        opened.append(one.case.number)
    return Found(*head, opened=tuple(opened), passed=dict(sorted(passed.items())))


def _not_eligible(hunting: Hunting, decision: Decision) -> Counter[str]:
    kinds = (subject.kind for subject in hunting.matching.subjects)
    pairs = zip(kinds, decision.verdicts, strict=True)
    concerned = (verdict for kind, verdict in pairs if hunting.matching.concerns(decision.rule, kind))
    return Counter(VERDICT_NAMES[verdict] for verdict in concerned if verdict is not Verdict.ELIGIBLE)


def _open(hunting: Hunting, who: Actor, one: Candidate, rule: Rule, facts: str) -> None:
    case = one.case
    if case is None:
        raise TypeError("a candidate without a case")
    case.number = cases.next_number(hunting.session, hunting.by.library, hunting.by.today.year)
    cases.open_case(hunting.session, case, who, hunting.by.now, _body(hunting, rule, one.subject, facts))
    audit.record(
        hunting.session, who, "msjx.find", object_kind="case", object_id=case.number, at=hunting.by.now,
        library=case.library, detail={"measure": case.measure, "version": case.version, "period": case.period},
    )  # fmt: skip


def _passed_over(hunting: Hunting, one: Candidate, taken: Places, ended: Places, facts: str) -> str:
    """Why an eligible subject gets no case of its own; empty where it does."""
    if one.case is None:
        return "受益单位或期间不明"
    place = (one.case.beneficiary_id, one.case.period)
    return _keeps_away(hunting, taken.get(place), ended.get(place), facts)


def _candidate(hunting: Hunting, rule: Rule, row: int, subject: Subject) -> Case | None:
    """The case as it would be opened, without number; None where nobody can tell whose it is or for what period."""
    kind, _, code = beneficiary_of(subject, rule).partition(":")
    beneficiary = hunting.rows.get(code)
    period = period_of(rule, hunting.matching.table, row, hunting.hunt.as_of)
    if beneficiary is None or beneficiary.kind != kind or period is None:
        return None
    project = hunting.rows[subject.id] if subject.kind is Kind.PROJECT else None
    return Case(
        library=hunting.by.library, measure=rule.id, version=rule.measure.version, beneficiary_id=beneficiary.id,
        project_id=None if project is None else project.id, period=period, as_of=hunting.hunt.as_of,
        release=hunting.deciding.release, opened_at=hunting.by.now,
    )  # fmt: skip


def _keeps_away(hunting: Hunting, open_: Case | None, last: Case | None, facts: str) -> str:
    """Why there is no new case beside an earlier one; empty where there may be."""
    if open_ is not None:
        return "已有办件"
    if last is None:
        return ""
    state = State(last.state)
    if state is State.EXCLUDED and _is_still_excluded(hunting, last):
        return "仍在排除名单上"
    if state in _REOPENS:
        return f"已有办件，{STATE_NAMES[state]}（可重新请企业确认）"
    told = [body["facts"] for step in cases.steps_of(hunting.session, last) if "facts" in (body := cases.body_of(step))]
    if state in _SAME_FACTS and told[-1] == facts:
        return f"事实没有变，上次{STATE_NAMES[state]}"
    return ""


def _is_still_excluded(hunting: Hunting, last: Case) -> bool:
    """Whether what ended the last case holds still: an entry of a list, or the end of the firm."""
    session, today = hunting.session, hunting.by.today
    row = subjects.by_ids(session, [last.beneficiary_id])[last.beneficiary_id]
    looked = exclusions.look(session, hunting.by.library, codes_of(session, row), hunting.by.now)
    listed = hits(looked.entries, last.measure, today, hunting.archive.terms)
    return bool(listed) or ended_status(session, hunting.archive, row, today) is not None


def _body(hunting: Hunting, rule: Rule, subject: Subject, facts: str) -> dict[str, Plain]:
    return {
        "measure": rule.id,
        "version": rule.measure.version,
        "subject": subject.id,
        "release": hunting.deciding.release,
        "as_of": hunting.hunt.as_of.isoformat(),
        "facts": facts,
    }


def told(found: Sequence[Found]) -> Iterator[str]:
    """What was found, in words, a line a measure."""
    for one in found:
        if one.barred:
            yield f"{one.measure} {one.title}：不能免申即享：{'；'.join(one.barred)}"
            continue
        passed = "；".join(f"{why} {count}" for why, count in one.passed.items())
        yield f"{one.measure} {one.title}：新列候选 {len(one.opened)} 件" + (f"；未列：{passed}" if passed else "")
