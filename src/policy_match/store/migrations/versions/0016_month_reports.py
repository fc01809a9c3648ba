"""Which district sent the report of which month, and what of it was refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import RowId

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "month_reports",
        sa.Column("id", RowId, nullable=False),
        sa.Column("batch_id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("refusals", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_month_reports_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_reports")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_month_reports_batch_id")),
    )
    op.create_index(op.f("ix_month_reports_library_month"), "month_reports", ["library", "month"], unique=False)
