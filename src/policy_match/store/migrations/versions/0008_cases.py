"""Cases of 免申即享: what they rest on, what excludes, what was paid, and what passes between us and the treasury."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "receipts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("instruction", sa.String(length=40), nullable=False),
        sa.Column("voucher", sa.String(length=60), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    op.create_index(
        "uq_receipts_taken", "receipts", ["library", "instruction", "voucher"], unique=True,
        sqlite_where=sa.text("taken"), postgresql_where=sa.text("taken"),
    )  # fmt: skip
    op.create_table(
        "budgets",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("measure", sa.String(length=80), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.String(length=120), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("reviewer", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_budgets_amount")),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_budgets_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgets")),
        sa.UniqueConstraint("library", "measure", "year", name=op.f("uq_budgets_library_measure_year")),
    )
    op.create_table(
        "exclusion_checks",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_exclusion_checks_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion_checks")),
    )
    op.create_table(
        "exclusions",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("record", sa.String(length=120), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("through", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("measures", sa.JSON(), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_exclusions_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusions")),
        sa.UniqueConstraint("library", "kind", "code", "record", name=op.f("uq_exclusions_library_kind_code_record")),
    )
    op.create_index(op.f("ix_exclusions_library_code"), "exclusions", ["library", "code"], unique=False)
    op.create_table(
        "payment_batches",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("exported_at", Instant(), nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_payment_batches_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_batches")),
        sa.UniqueConstraint("library", "number", name=op.f("uq_payment_batches_library_number")),
    )
    op.create_table(
        "cases",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("measure", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("beneficiary_id", RowId, nullable=False),
        sa.Column("project_id", RowId, nullable=True),
        sa.Column("period", sa.String(length=60), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("release", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("held_from", sa.String(length=2), nullable=True),
        sa.Column("takes_place", sa.Boolean(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("proof_hash", sa.String(length=64), nullable=True),
        sa.Column("first_by", sa.String(length=60), nullable=True),
        sa.Column("notice_ended", sa.Boolean(), nullable=False),
        sa.Column("notice_first", sa.Date(), nullable=True),
        sa.Column("notice_last", sa.Date(), nullable=True),
        sa.Column("consent_last", sa.Date(), nullable=True),
        sa.Column("consented", sa.Boolean(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["beneficiary_id"], ["subjects.id"], name=op.f("fk_cases_beneficiary_id")),
        sa.ForeignKeyConstraint(["first_by"], ["actors.id"], name=op.f("fk_cases_first_by")),
        sa.ForeignKeyConstraint(["project_id"], ["subjects.id"], name=op.f("fk_cases_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("library", "number", name=op.f("uq_cases_library_number")),
    )
    op.create_index(op.f("ix_cases_library_state"), "cases", ["library", "state"], unique=False)
    op.create_index(
        "uq_cases_place",
        "cases",
        ["library", "measure", "beneficiary_id", "period"],
        unique=True,
        sqlite_where=sa.text("takes_place"),
        postgresql_where=sa.text("takes_place"),
    )
    op.create_table(
        "case_steps",
        sa.Column("id", RowId, nullable=False),
        sa.Column("case_id", RowId, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=2), nullable=True),
        sa.Column("to_state", sa.String(length=2), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_case_steps_actor_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_steps_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_steps")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_case_steps_case_id_seq")),
        sa.UniqueConstraint("row_hash", name=op.f("uq_case_steps_row_hash")),
    )
    op.create_table(
        "instructions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("case_id", RowId, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("batch_id", RowId, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["payment_batches.id"], name=op.f("fk_instructions_batch_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_instructions_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructions")),
        sa.UniqueConstraint("case_id", "attempt", name=op.f("uq_instructions_case_id_attempt")),
    )
    op.create_table(
        "objections",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("case_id", RowId, nullable=True),
        sa.Column("subject_id", RowId, nullable=True),
        sa.Column("measure", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_objections_case_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["actors.id"], name=op.f("fk_objections_decided_by")),
        sa.ForeignKeyConstraint(["recorded_by"], ["actors.id"], name=op.f("fk_objections_recorded_by")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_objections_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    op.create_index(op.f("ix_objections_library_case_id"), "objections", ["library", "case_id"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("measure", sa.String(length=80), nullable=False),
        sa.Column("beneficiary", sa.String(length=60), nullable=False),
        sa.Column("project", sa.String(length=60), nullable=True),
        sa.Column("period", sa.String(length=60), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("case_id", RowId, nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_payments_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("library", "reference", name=op.f("uq_payments_library_reference")),
    )
    op.create_index(op.f("ix_payments_library_beneficiary"), "payments", ["library", "beneficiary"], unique=False)
    op.create_table(
        "proofs",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("case_id", RowId, nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_proofs_case_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_proofs")),
    )
