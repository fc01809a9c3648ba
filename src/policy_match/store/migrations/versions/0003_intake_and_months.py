"""Doubts for people, records that wait for their project, evidence shown, posts held, and closed months."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of intake, posts and months, tell phases whose money is part of
    their project's, and keep what a source says in columns of its own."""
    op.add_column("subjects", sa.Column("in_parent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("subjects", sa.Column("extra", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "doubts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("subject_id", RowId, nullable=True),
        sa.Column("batch_id", RowId, nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_by", sa.String(length=60), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_doubts_batch_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["actors.id"], name=op.f("fk_doubts_settled_by")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_doubts_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doubts")),
        sa.UniqueConstraint("library", "code", "key", name=op.f("uq_doubts_library_code_key")),
    )
    op.create_table(
        "waiting",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("record", sa.String(length=120), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("batch_id", RowId, nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("linked_at", Instant(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_waiting_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
    )
    op.create_index(op.f("ix_waiting_library_source"), "waiting", ["library", "source"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("log_id", RowId, nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_evidence_log_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_evidence_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_library_kind_number"), "evidence", ["library", "kind", "number"], unique=False)
    op.create_table(
        "posts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("subject_id", RowId, nullable=True),
        sa.Column("holder", sa.String(length=60), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_posts_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    op.create_index(op.f("ix_posts_library_kind"), "posts", ["library", "kind"], unique=False)
    op.create_table(
        "closed_months",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.Column("closed_by", sa.String(length=60), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by"], ["actors.id"], name=op.f("fk_closed_months_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_months")),
        sa.UniqueConstraint("library", "month", name=op.f("uq_closed_months_library_month")),
    )
