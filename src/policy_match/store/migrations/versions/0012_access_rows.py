"""Where an audit row came from, and an index by which the newest change is found however many reads were recorded since."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, which older rows leave empty since their hash does not name them, and create the index."""
    for name in ("terminal", "acts_for"):
        op.add_column("audit", sa.Column(name, sa.String(length=60), nullable=True))
    changes = sa.text("object_kind <> 'access'")
    op.create_index("ix_audit_changes", "audit", ["seq"], sqlite_where=changes, postgresql_where=changes)
