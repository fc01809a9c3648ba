"""Accounts, sessions, keys, delegations and identities from elsewhere."""

from __future__ import annotations

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is described above."""
