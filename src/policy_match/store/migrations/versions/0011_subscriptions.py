"""Subscriptions of other systems, and the answers to requests that may be sent twice."""

from __future__ import annotations

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is described above."""
