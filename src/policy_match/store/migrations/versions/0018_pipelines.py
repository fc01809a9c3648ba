"""What runs through named steps beside the lifecycle."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "pipeline_items",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("subject_id", RowId, nullable=True),
        sa.Column("mark", sa.String(length=64), nullable=True),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_pipeline_items_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline_items")),
        sa.UniqueConstraint("library", "number", name=op.f("uq_pipeline_items_library_number")),
        sa.UniqueConstraint("library", "pipeline", "mark", name=op.f("uq_pipeline_items_library_pipeline_mark")),
    )
    op.create_index(op.f("ix_pipeline_items_library_pipeline"), "pipeline_items", ["library", "pipeline"], unique=False)
    op.create_index(op.f("ix_pipeline_items_subject_id"), "pipeline_items", ["subject_id"], unique=False)
    op.create_table(
        "pipeline_entries",
        sa.Column("id", RowId, nullable=False),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_pipeline_entries_actor_id")),
        sa.ForeignKeyConstraint(["item_id"], ["pipeline_items.id"], name=op.f("fk_pipeline_entries_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline_entries")),
    )
    op.create_index(op.f("ix_pipeline_entries_item_id"), "pipeline_entries", ["item_id"], unique=False)
