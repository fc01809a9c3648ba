"""Monthly figures of what goes on after completion."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "indicator_values",
        sa.Column("id", RowId, nullable=False),
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("batch_id", RowId, nullable=True),
        sa.Column("is_correction", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_indicator_values_actor_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_indicator_values_batch_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_indicator_values_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_values")),
    )
    op.create_index(
        op.f("ix_indicator_values_subject_id_code_month"),
        "indicator_values",
        ["subject_id", "code", "month"],
        unique=False,
    )
