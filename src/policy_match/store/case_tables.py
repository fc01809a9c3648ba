"""The tables of 免申即享: cases with their chained steps and proofs, what excludes, what was paid, instructions and receipts.

Money is whole 分, days are local dates, instants are UTC. Steps, proofs, receipts and payments are only ever added.
Accounts, names and contacts of people stand in them as marks; the values are sealed in `sealed_values` (salted.py).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from policy_match.store.tables import Base
from policy_match.store.types import Instant, RowId

_TAKING = text("takes_place")


class Case(Base):
    """One 免申即享 case: a measure, a beneficiary and a period, whatever the version of the measure.

    `project_id`: the project through which it was found, None for the enterprise's own. `held_from`: the state to which
    a hold goes back. `takes_place`: whether it keeps any other case of its measure, beneficiary and period away.
    `amount_fen`, `proof_hash`: what the verification found. `first_by`: who verified first. It follows from the steps;
    tests hold the two equal.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("library", "number"),
        Index(
            "uq_cases_place", "library", "measure", "beneficiary_id", "period", unique=True,
            sqlite_where=_TAKING, postgresql_where=_TAKING,
        ),
        Index(None, "library", "state"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(30))
    measure: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    beneficiary_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    period: Mapped[str] = mapped_column(String(60))
    as_of: Mapped[date]
    release: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(2))
    held_from: Mapped[str | None] = mapped_column(String(2))
    takes_place: Mapped[bool]
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    proof_hash: Mapped[str | None] = mapped_column(String(64))
    first_by: Mapped[str | None] = mapped_column(ForeignKey("actors.id"))
    notice_ended: Mapped[bool] = mapped_column(default=False)
    notice_first: Mapped[date | None]
    notice_last: Mapped[date | None]
    consent_last: Mapped[date | None]
    consented: Mapped[bool] = mapped_column(default=False)
    reopened: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    row_version: Mapped[int] = mapped_column(default=1)


class CaseStep(Base):
    """One step of a case, chained: each row holds the hash of the step before it. `body`: JSON of what it rests on."""

    __tablename__ = "case_steps"
    __table_args__ = (UniqueConstraint("case_id", "seq"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(2))
    to_state: Mapped[str] = mapped_column(String(2))
    body: Mapped[str] = mapped_column(Text)
    prev_hash: Mapped[str] = mapped_column(String(64))
    row_hash: Mapped[str] = mapped_column(String(64), unique=True)


class Proof(Base):
    """What a verification rests on, as canonical JSON under its hash (entitlement/proof.py), without the texts of the release."""

    __tablename__ = "proofs"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    body: Mapped[str] = mapped_column(Text)


class SealedValue(Base):
    """A value that nobody reads without the secret, by its mark; `about`: what it belongs to, bound to it by the seal.

    The chained rows hold the mark alone: a value may be sealed anew or erased, and they still verify.
    """

    __tablename__ = "sealed_values"
    __table_args__ = (Index(None, "about"),)

    mark: Mapped[str] = mapped_column(String(80), primary_key=True)
    about: Mapped[str] = mapped_column(String(120))
    sealed: Mapped[str] = mapped_column(Text)


class Objection(Base):
    """Somebody objects to a case in its notice, or was left out (`case_id` None: `subject_id` and `measure` say of what)."""

    __tablename__ = "objections"
    __table_args__ = (Index(None, "library", "case_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    measure: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str] = mapped_column(String(120))
    says: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    due_on: Mapped[date]
    outcome: Mapped[str | None] = mapped_column(String(20))
    answer: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("actors.id"))


class Exclusion(Base):
    """An entry of an exclusion list, with the law it rests on; never deleted. `measures`: None, of all.

    `code`: the credit code (or 库内编号) of whom it names. `ended_on`: the first day on which it excludes no more.
    """

    __tablename__ = "exclusions"
    __table_args__ = (Index(None, "library", "code"), UniqueConstraint("library", "kind", "code", "record"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(30))
    record: Mapped[str] = mapped_column(String(120))
    issuer: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    since: Mapped[date]
    through: Mapped[date | None]
    ended_on: Mapped[date | None]
    measures: Mapped[list[str] | None] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(10))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))


class ExclusionCheck(Base):
    """When the exclusion lists of a source were last known to be complete: a list of nobody is also an answer."""

    __tablename__ = "exclusion_checks"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    checked_at: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str] = mapped_column(String(10))
    entries: Mapped[int]
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))


class Payment(Base):
    """Money paid to a beneficiary, here (`case_id`) or by another system's ledger; a refund is a negative sum."""

    __tablename__ = "payments"
    __table_args__ = (UniqueConstraint("library", "reference"), Index(None, "library", "beneficiary"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(120))
    measure: Mapped[str] = mapped_column(String(80))
    beneficiary: Mapped[str] = mapped_column(String(60))
    project: Mapped[str | None] = mapped_column(String(60))
    period: Mapped[str] = mapped_column(String(60))
    paid_on: Mapped[date]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(10))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class Budget(Base):
    """The money of a measure for a year, with the review that lets it be paid at all (公平竞争审查条例, in force 2024-08-01)."""

    __tablename__ = "budgets"
    __table_args__ = (
        UniqueConstraint("library", "measure", "year"),
        CheckConstraint("amount_fen >= 0", "amount"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    measure: Mapped[str] = mapped_column(String(80))
    year: Mapped[int]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    line: Mapped[str] = mapped_column(String(120))
    reviewed_on: Mapped[date]
    reviewer: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))


class PaymentBatch(Base):
    """One file of instructions to the treasury; its text never changes, so that exporting again gives the same file.

    `content`: the CSV with the marks of holder and account in the place of their values; `content_hash`: its SHA-256.
    """

    __tablename__ = "payment_batches"
    __table_args__ = (UniqueConstraint("library", "number"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(30))
    exported_at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    content: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))


class Instruction(Base):
    """One order to pay a case, in one batch; a new attempt after a failure is a new instruction."""

    __tablename__ = "instructions"
    __table_args__ = (UniqueConstraint("case_id", "attempt"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    attempt: Mapped[int]
    batch_id: Mapped[int] = mapped_column(ForeignKey("payment_batches.id"))
    amount_fen: Mapped[int] = mapped_column(BigInteger)


class Receipt(Base):
    """What the treasury answered; `taken` False: quarantined, with `why`. One voucher of one instruction is taken once."""

    __tablename__ = "receipts"
    __table_args__ = (
        Index(
            "uq_receipts_taken", "library", "instruction", "voucher", unique=True,
            sqlite_where=text("taken"), postgresql_where=text("taken"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    instruction: Mapped[str] = mapped_column(String(40))
    voucher: Mapped[str] = mapped_column(String(60))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    told_on: Mapped[date]
    paid: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    taken: Mapped[bool]
    why: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
