"""Subjects, keys, facts, batches, actors and the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "actors",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("firm", sa.String(length=60), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_through", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actors")),
    )
    op.create_table(
        "audit",
        sa.Column("seq", RowId, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_kind", sa.String(length=30), nullable=False),
        sa.Column("object_id", sa.String(length=120), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("trace_id", sa.String(length=60), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("row_hash", name=op.f("uq_audit_row_hash")),
    )
    op.create_table(
        "batches",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_batches_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("library", "source", "file_sha256", name=op.f("uq_batches_library_source_file_sha256")),
    )
    op.create_table(
        "subjects",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("enterprise_id", RowId, nullable=True),
        sa.Column("survivor_id", RowId, nullable=True),
        sa.Column("parent_id", RowId, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("held_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["enterprise_id"], ["subjects.id"], name=op.f("fk_subjects_enterprise_id")),
        sa.ForeignKeyConstraint(["held_by"], ["actors.id"], name=op.f("fk_subjects_held_by")),
        sa.ForeignKeyConstraint(["parent_id"], ["subjects.id"], name=op.f("fk_subjects_parent_id")),
        sa.ForeignKeyConstraint(["survivor_id"], ["subjects.id"], name=op.f("fk_subjects_survivor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subjects")),
        sa.UniqueConstraint("library", "code", name=op.f("uq_subjects_library_code")),
    )
    op.create_index(op.f("ix_subjects_enterprise_id"), "subjects", ["enterprise_id"], unique=False)
    op.create_table(
        "current_facts",
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("observations", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_current_facts_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_current_facts")),
    )
    op.create_table(
        "facts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("fact", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("record", sa.String(length=120), nullable=True),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_through", sa.Date(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("authorised_by", sa.String(length=120), nullable=True),
        sa.Column("batch_id", RowId, nullable=True),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("row_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("confidence BETWEEN 0 AND 100", name=op.f("ck_facts_confidence")),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_facts_actor_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_facts_batch_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_facts_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
        sa.UniqueConstraint("row_hash", name=op.f("uq_facts_row_hash")),
    )
    op.create_index(op.f("ix_facts_subject_id_fact"), "facts", ["subject_id", "fact"], unique=False)
    op.create_table(
        "keys",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_through", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_keys_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
    )
    op.create_index(op.f("ix_keys_library_kind_value"), "keys", ["library", "kind", "value"], unique=False)
    op.create_index(op.f("ix_keys_subject_id"), "keys", ["subject_id"], unique=False)
    op.create_index(
        "uq_keys_exclusive",
        "keys",
        ["library", "kind", "value"],
        unique=True,
        sqlite_where=sa.text("exclusive AND valid_through IS NULL"),
        postgresql_where=sa.text("exclusive AND valid_through IS NULL"),
    )
