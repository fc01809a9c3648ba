"""What a viewer may see of the 免申即享 cases, for the doors of the service.

A case that the viewer sees in full (workflows/see_cases.py) shows all its steps, accounts and contacts masked. Of any
other: what a public notice shows (name, measure, amount, period, address of the notice), while the notice runs and once
the money is paid; before and otherwise it is as if it were not there. A visitor sees the demonstration, which is invented,
in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import process
from sqlalchemy.orm import Session

from policy_match.eligibility.rulebook import Rulebook
from policy_match.entitlement.states import STATE_NAMES, Action, State
from policy_match.errors import Conflict, Forbidden, Issue, NotFound
from policy_match.facts.subjects import Kind
from policy_match.sealing import Sealer
from policy_match.store import cases, subjects
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case, CaseStep
from policy_match.units import format_money
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.prove_case import text_of
from policy_match.workflows.see_cases import CaseSight
from policy_match.workflows.show_case import case_data

_PUBLIC = (State.NOTICE, State.PAID)
_PROTECTED: dict[str, Plain] = {"name": "不公开", "contact": "不公开"}


@dataclass(frozen=True, slots=True)
class PublicNotice:
    """Where a case was published and its first and last day, both included."""

    url: str
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What a notice says of a case. `name` None: not recorded, or a natural person; `amount_fen` None: not settled yet."""

    number: str
    state: State
    measure: str
    title: str
    name: str | None
    period: str
    amount_fen: int | None
    notice: PublicNotice | None

    @property
    def amount_text(self) -> str:
        """The amount as people read it."""
        return "未定" if self.amount_fen is None else format_money(self.amount_fen)


def disclosed_cases(session: Session, library: str, sight: CaseSight, today: date) -> tuple[Case, ...]:
    """The cases of a library that may be seen today, in the order of their numbers."""
    found = cases.every(session, library, states=None if sight.reaches(library) else _PUBLIC)
    return tuple(case for case in found if sight.sees(case) or _is_public(case, today))


def _is_public(case: Case, today: date) -> bool:
    """Paid, or in a notice that has not ended: its last day counts to 24:00; nothing of the demonstration is published."""
    if case.library == DEMO or State(case.state) not in _PUBLIC:
        return False
    return State(case.state) is State.PAID or (case.notice_last is not None and today <= case.notice_last)


def disclosed_case(session: Session, libraries: Sequence[str], number: str, sight: CaseSight, today: date) -> Case:
    """The case of a number in the first of the libraries in which it may be seen.

    NotFound MSJX_UNKNOWN for any other, with the nearest numbers of those that may be seen.
    """
    every = [case for library in libraries for case in disclosed_cases(session, library, sight, today)]
    for case in every:
        if case.number == number:
            return case
    near = "、".join(
        match for match, _, _ in process.extract(number[:40], sorted({case.number for case in every}), limit=3)
    )
    what = f"没有编号为“{number[:40]}”的免申即享办件，或者不公开"
    raise NotFound(Issue("MSJX_UNKNOWN", what, "number", near, "公开的只有公示中和已拨付的；从列表进入"))


def counts_by_state(found: Sequence[Case]) -> tuple[tuple[State, int], ...]:
    """How many are in each state, in the order of the states; states of nobody are left out."""
    counts = Counter(case.state for case in found)
    return tuple((state, counts[state.value]) for state in State if counts[state.value])


def disclosures(session: Session, found: Sequence[Case], book: Rulebook) -> tuple[Disclosed, ...]:
    """What a notice says of each; the title is the id where the rulebook holds the measure no more."""
    rows = subjects.by_ids(session, [case.beneficiary_id for case in found])
    published = cases.last_steps(session, found, Action.PUBLISH)
    return tuple(
        Disclosed(
            number=case.number,
            state=State(case.state),
            measure=case.measure,
            title=_title(book, case),
            name=None if row.kind == Kind.PERSON.value else row.name,
            period=case.period,
            amount_fen=case.amount_fen,
            notice=_notice(case, published.get(case.id)),
        )
        for case, row in ((case, rows[case.beneficiary_id]) for case in found)
    )


def _title(book: Rulebook, case: Case) -> str:
    versions = [rule for rule in book.rules if rule.id == case.measure]
    own = [rule for rule in versions if rule.measure.version == case.version]
    return (own or versions)[-1].measure.title if versions else case.measure


def _notice(case: Case, step: CaseStep | None) -> PublicNotice | None:
    if step is None:
        return None
    return PublicNotice(str(cases.body_of(step)["url"]), case.notice_first, case.notice_last)


def disclosed_data(one: Disclosed) -> dict[str, Plain]:
    """One case as JSON data."""
    notice: Plain = None
    if one.notice is not None:
        first, last = one.notice.first, one.notice.last
        notice = {
            "url": one.notice.url,
            "first": None if first is None else first.isoformat(),
            "last": None if last is None else last.isoformat(),
        }
    return {
        "number": one.number,
        "state": one.state.value,
        "state_name": STATE_NAMES[one.state],
        "measure": one.measure,
        "title": one.title,
        "name": one.name,
        "period": one.period,
        "amount_fen": one.amount_fen,
        "amount": one.amount_text,
        "notice": notice,
    }


def full_record(session: Session, sealer: Sealer, case: Case, sight: CaseSight) -> dict[str, Plain] | None:
    """Everything about a case with all its steps (show_case); None for one that is not seen in full.

    Who objected is not for the firm (domain specification §4.7).
    """
    if not sight.sees(case):
        return None
    record = case_data(session, sealer, case.library, case.number)
    said = record["objections"]
    if sight.of_firm and isinstance(said, list):
        record["objections"] = [one | _PROTECTED for one in said if isinstance(one, dict)]
    return record


def disclosed_proof(archive: Archive, case: Case, sight: CaseSight) -> str:
    """The proof file of a case that is seen in full; Conflict PROOF_NONE before the verification.

    Forbidden PROOF_CLOSED for any other: a proof holds facts of the firm, the account and who confirmed, and nothing can
    be masked in it without breaking its hashes.
    """
    with archive.database.reading() as session:
        if not sight.sees(case):
            hint = "请主管单位经办人登录后下载，或用 msjx proof 导出"
            what = "证明里有企业数据、账号和确认人，不在网上公开"
            raise Forbidden(Issue("PROOF_CLOSED", what, "number", "有权办理的办件", hint))
        if case.proof_hash is None:
            hint = "已核验的办件页面上有“下载证明文件”"
            raise Conflict(Issue("PROOF_NONE", f"{case.number} 还没有核验通过，没有证明", "number", "", hint))
        return text_of(session, archive, case, case.proof_hash)
