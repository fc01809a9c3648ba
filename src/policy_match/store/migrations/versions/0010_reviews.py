"""Decisions of caseworkers about matches, and who holds which match under review."""

from __future__ import annotations

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is described above."""
