"""Indexes of the subjects that were merged into others or are phases of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the indexes; few rows are in them, so that they are made at once."""
    for column in ("survivor_id", "parent_id"):
        few = sa.text(f"{column} IS NOT NULL")
        op.create_index(op.f(f"ix_subjects_{column}"), "subjects", [column], postgresql_where=few, sqlite_where=few)
