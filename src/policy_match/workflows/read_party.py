"""Read one beneficiary as a payment sees it: facts that may be used for paying, with the observations behind each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from policy_match.facts.assemble import Assembled, assemble, assembled
from policy_match.facts.cells import Possible
from policy_match.facts.observations import Purpose
from policy_match.facts.subjects import Kind, Subject
from policy_match.store import facts as stored_facts
from policy_match.store import subjects
from policy_match.store.tables import Subject as Row
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View, read_records

STATUS, ENDED = "status", frozenset({"吊销", "注销"})


@dataclass(frozen=True, slots=True)
class Party:
    """A beneficiary with the project that speaks for it, if any. `seen`: what was chosen, fact by fact, and what contradicts it."""

    beneficiary: Row
    project: Row | None
    subject: Subject
    seen: Mapping[str, Assembled]


def read_party(session: Session, archive: Archive, beneficiary: Row, project: Row | None, view: View) -> Party:
    """The facts of a project and its firm, or of a firm alone, for paying, whatever purpose the view names."""
    paying = replace(view, purpose=Purpose.PAYOUT)
    if project is not None:
        seen: Mapping[str, Assembled] = read_records(session, archive, [project], paying)[0].facts
    else:
        known = stored_facts.known(session, [beneficiary.id], archive.vocabulary, known_at=paying.known_at)
        seen = assembled(known[beneficiary.id], archive.vocabulary, paying.as_of, Purpose.PAYOUT)
    spoken = project or beneficiary
    subject = Subject(
        id=spoken.code,
        kind=Kind(spoken.kind),
        cells={fact: found.cell for fact, found in seen.items()},
        name=spoken.name,
        enterprise=beneficiary.code if beneficiary.kind == Kind.ENTERPRISE else None,
        enterprise_name=beneficiary.name if beneficiary.kind == Kind.ENTERPRISE else None,
    )
    return Party(beneficiary, project, subject, seen)


def ended_status(session: Session, archive: Archive, row: Row, today: date) -> str | None:
    """The registered status of a firm that has ended, by what is known today, however old; None where nothing says so."""
    known = stored_facts.known(session, [row.id], archive.vocabulary)[row.id]
    cell = assemble(archive.vocabulary[STATUS], known.get(STATUS, ()), archive.vocabulary, today, Purpose.PAYOUT).cell
    value = cell.last_seen if cell.value is None else cell.value
    said = value.single if isinstance(value, Possible) else None
    return said if said in ENDED else None


def codes_of(session: Session, row: Row) -> list[str]:
    """By what an exclusion list may name a subject: its credit codes, earlier ones too, and its code in the library."""
    keys = subjects.keys_of(session, [row.id])[row.id]
    return sorted({row.code, *(key.value for key in keys if key.kind == subjects.CREDIT_CODE)})
